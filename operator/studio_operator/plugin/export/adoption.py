"""The resource that takes a thing over, and what stands against that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from studio_operator.api.common import OWNER_TAG
from studio_operator.kube.resources import Key
from studio_operator.plan.observed import STABLE
from studio_operator.plan.ownership import RELEASED, OwnerMark
from studio_operator.plugin.export.estate import Described
from studio_operator.plugin.export.fitting import TAGS_IN_AWS, choose_tags, count_tags, fit
from studio_operator.plugin.export.parts import Exported, Omission


def owner_of(thing: Described) -> OwnerMark | None:
    """The resource that has a thing in AWS; None for what nobody has, or has let go of."""
    value = thing.tags.get(OWNER_TAG)
    mark = OwnerMark.parse(value) if value else None
    return mark if mark is not None and mark.uid != RELEASED else None


def refuse(thing: Described, title: str, kind: str, namespace: str) -> Omission | None:
    """Nothing is made of what another resource has, or let go, or of what is not at rest."""
    value = thing.tags.get(OWNER_TAG)
    mark = OwnerMark.parse(value) if value else None
    if value and mark is None:
        return Omission(title, "", f"its tag {OWNER_TAG} is {value}: it belongs to others")
    if mark is not None and mark.uid != RELEASED:
        return Omission(title, "", f"{mark.resource} of cluster {mark.cluster} has it already")
    if mark is not None and mark.namespace != namespace:
        return Omission(
            title,
            "",
            f"{kind} {mark.resource} has let it go: it alone may take it back, unless its tag "
            f"{OWNER_TAG} is removed",
        )
    if thing.status not in STABLE:
        return Omission(title, "", f"it is {thing.status}: export again when it is InService")
    count = count_tags(thing.tags)
    if value is None and count >= TAGS_IN_AWS:
        return Omission(
            title,
            "",
            f"it has {count} tags, AWS takes no more, and the ownership tag needs a place: "
            "remove one",
        )
    return None


def finish(
    key: Key,
    thing: str,
    described: Described,
    members: Mapping[str, Any],
    omissions: Iterable[Omission],
) -> Exported | Omission:
    """The resource with its tags, less what the API server would refuse, and what is left out."""
    tags, untold = choose_tags(key, thing, described.tags)
    fitted = fit(key, thing, {**members, "tags": tags} if tags else members)
    if isinstance(fitted, Omission):
        return fitted
    return replace(fitted, omissions=(*omissions, *untold, *fitted.omissions))
