"""Specs that the API server takes: what it would refuse is left out, and named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from studio_operator.kinds.registry import BY_NAME
from studio_operator.kube.resources import Key
from studio_operator.plugin.admission.api_server import (
    Objection,
    find_broken_rules,
    find_objections,
)
from studio_operator.plugin.export.parts import Exported, Omission
from studio_operator.plugin.planning.objects import document

# botocore and the CRDs: keys of these groups belong to AWS and to the operator.
RESERVED = ("aws:", "sagemaker:", "studio-operator.dev/")
# AWS's limit on tags of one resource, the ownership tag among them; AWS's own (aws:) don't count
# (Tag naming limits and requirements, in the guide on tagging AWS resources).
TAGS_IN_AWS = 50


def fit(key: Key, thing: str, spec: Mapping[str, Any]) -> Exported | Omission:
    """The resource, less what its schema refuses; an Omission when nothing sound is left."""
    remaining = dict(spec)
    omissions: list[Omission] = []
    while True:
        objections = find_objections(document(key, remaining))
        if not objections:
            model = BY_NAME[key.kind].spec
            return Exported(key, model.model_validate(remaining).dump(), tuple(omissions))
        objection = objections[0]
        path = _present_path(remaining, objection.field) or _way_out(key, remaining, objection)
        if not path:
            return Omission(thing, objection.field, objection.message)
        omissions.append(Omission(thing, ".".join(("spec", *path)), objection.message))
        remaining = _without(remaining, path)


def _way_out(key: Key, spec: Mapping[str, Any], objection: Objection) -> tuple[str, ...]:
    """The one setting without which a rule over several fields is kept; empty for none."""
    for name in spec:
        if name in _NEEDED or name in BY_NAME[key.kind].spec.fixed:
            continue
        left = find_objections(document(key, _without(spec, (name,))))
        if objection not in left:
            return (name,)
    return ()


# Without these a resource would be applied in another way; without what AWS fixes at creation it
# would stand for another thing.
_NEEDED = frozenset({"adopt", "resizePolicy", "drift"})


def _present_path(spec: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """The path below spec of what has to go: lists go whole, and a missing part takes its parent.

    Empty when that is the spec itself: something that every resource needs is missing or wrong.
    """
    value: Any = spec
    path: list[str] = []
    for step in re.sub(r"\[\d*\]", "", field).split(".")[1:]:
        if not isinstance(value, Mapping) or step not in value:
            break
        path.append(step)
        value = value[step]
    return tuple(path)


def _without(members: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """The members without the one at the path, and without what is empty then."""
    name, *rest = path
    remaining = dict(members)
    inner = _without(members[name], tuple(rest)) if rest else None
    if inner:
        remaining[name] = inner
    else:
        del remaining[name]
    return remaining


def count_tags(tags: Mapping[str, str]) -> int:
    """How many of the tags count for AWS's limit."""
    return sum(not name.lower().startswith("aws:") for name in tags)


def choose_tags(
    key: Key, thing: str, tags: Mapping[str, str]
) -> tuple[dict[str, str], list[Omission]]:
    """The tags for spec.tags, and those that can't be there (AWS's own are passed over)."""
    chosen: dict[str, str] = {}
    omissions: list[Omission] = []
    for name in sorted(tags):
        if name.lower().startswith(RESERVED):
            continue
        objections = _objections_to_tags(key, {**chosen, name: tags[name]})
        if objections:
            omissions.append(Omission(thing, f"tag {name}", objections[0].message))
        else:
            chosen[name] = tags[name]
    return chosen, omissions


def _objections_to_tags(key: Key, tags: Mapping[str, str]) -> list[Objection]:
    """What the API server would say of a resource's tags, whatever else the resource lacks."""
    resource = document(key, {"tags": tags})
    found = (*find_objections(resource), *find_broken_rules(resource))
    return [one for one in found if one.field.startswith("spec.tags")]
