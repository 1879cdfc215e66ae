"""What the API server would say to a resource: schema, CEL rules, and what may not change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import ValidationError

from studio_operator.api.common import API_VERSION, NAMESPACE_NAME, RESOURCE_NAME
from studio_operator.api.problems import NOT_AT_ADMISSION, find_problems
from studio_operator.api.schema import VALIDATIONS, Schema
from studio_operator.kinds.crd import resource_schema
from studio_operator.kinds.managed_kind import ManagedKind
from studio_operator.kinds.registry import BY_NAME
from studio_operator.plugin.admission.cel import UnsupportedRuleError, compile_rule

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a resource is refused: the field, as in YAML, and the reason in words."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


def find_objections(new: Raw, old: Raw | None = None) -> tuple[Objection, ...]:
    """Why the API server would refuse `new`, which takes the place of `old` if there is one.

    `new` and `old` are whole resources; `status` of the old one counts, since one rule reads it.
    """
    kind = BY_NAME[new["kind"]]
    found = [*_version(new), *_unknown_members(new, _schema(kind.name)), *_invalid(new, kind)]
    if found:  # rules take a sound resource for granted, as they do in the API server
        return tuple(found)
    return find_broken_rules(new, old)


def find_broken_rules(new: Raw, old: Raw | None = None) -> tuple[Objection, ...]:
    """The CEL rules that a resource of a sound schema breaks."""
    status = {"status": old["status"]} if old and old.get("status") else {}
    return tuple(_broken_rules({**new, **status}, old, _schema(new["kind"]), ""))


@cache
def _schema(kind: str) -> Schema:
    return resource_schema(BY_NAME[kind])


def _version(new: Raw) -> Iterator[Objection]:
    if new.get("apiVersion") != API_VERSION:
        yield Objection("apiVersion", f"{new.get('apiVersion')!r} is not known: {API_VERSION}")


def _unknown_members(value: Any, schema: Schema, path: str = "") -> Iterator[Objection]:
    """`kubectl apply` refuses members that the schema lacks; metadata is Kubernetes' own."""
    members = schema.get("properties")
    if not isinstance(value, Mapping) or members is None:
        if isinstance(value, list):
            for item in value:
                yield from _unknown_members(item, schema.get("items", {}), f"{path}[]")
        return
    for name, inner in value.items():
        where = f"{path}.{name}".lstrip(".")
        if where in {"metadata", "status"}:
            continue
        if name not in members:
            yield Objection(where, "no such field")
        else:
            yield from _unknown_members(inner, members[name], where)


def _invalid(new: Raw, kind: ManagedKind) -> Iterator[Objection]:
    """Wrong names, types and values. JSON, since only there a number in quotes is no number."""
    name = str((new.get("metadata") or {}).get("name") or "")
    if not re.fullmatch(RESOURCE_NAME, name):
        yield Objection(
            "metadata.name", f"{name!r} is no name: lower case letters, digits, - and ."
        )
    namespace = str((new.get("metadata") or {}).get("namespace") or "")
    if namespace and not re.fullmatch(NAMESPACE_NAME, namespace):
        yield Objection(
            "metadata.namespace", f"{namespace!r} is no name: lower case letters, digits and -"
        )
    try:
        kind.spec.model_validate_json(json.dumps(new.get("spec"), default=str), strict=True)
    except ValidationError as error:
        for problem in find_problems(error, new.get("spec")):
            if problem.type not in NOT_AT_ADMISSION:
                yield Objection(f"spec.{problem.path}".rstrip("."), problem.words)


def _broken_rules(new: Any, old: Any, schema: Schema, path: str) -> Iterator[Objection]:
    for rule in schema.get(VALIDATIONS, ()):
        if not _holds(rule["rule"], new, old):
            yield Objection(path.lstrip("."), rule["message"])
    for name, inner in schema.get("properties", {}).items():
        if isinstance(new, Mapping) and name in new:
            before = old.get(name) if isinstance(old, Mapping) else None
            yield from _broken_rules(new[name], before, inner, f"{path}.{name}")
    if isinstance(new, list):
        for item in new:  # what an element was before can't be told, nor can the API server
            yield from _broken_rules(item, None, schema.get("items", {}), f"{path}[]")


def _holds(rule: str, new: Any, old: Any) -> bool:
    """Whether a rule is kept. One about `oldSelf` is not asked where there was nothing before."""
    if "oldSelf" in rule and old is None:
        return True
    try:
        return bool(compile_rule(rule)({"self": new, "oldSelf": old}))
    except UnsupportedRuleError:
        return True  # left to the API server
