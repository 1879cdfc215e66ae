"""One accepted and one refused value for each rule, and how resources are made of them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.unit.api.schema_rules import Rule

ROLE = "arn:aws:iam::123456789012:role/studio"

WINDOW = {"days": "Mon-Fri", "from": "08:00", "to": "19:00"}

# An ordinary resource of each kind, to which a case adds its value.
BASES: dict[str, dict[str, Any]] = {
    "StudioTenant": {"spec": {"namespaces": {"names": ["churn"]}}},
    "StudioDomain": {
        "spec": {
            "vpcId": "vpc-0a1b2c3d",
            "subnetIds": ["subnet-0a1b2c3d"],
            "defaultUserSettings": {"executionRole": ROLE},
            "defaultSpaceSettings": {"executionRole": ROLE},
        }
    },
    "UserProfile": {"spec": {"domainRef": {"name": "research"}}},
    "Space": {
        "spec": {
            "domainRef": {"name": "research"},
            "ownerRef": {"name": "alice"},
            "app": "JupyterLab",
            "storage": {"sizeGiB": 20},
            "schedule": {"timezone": "Europe/Berlin", "windows": [WINDOW]},
            "resizePolicy": "Window",
            "resizeWindow": {**WINDOW, "timezone": "Europe/Berlin"},
        },
        "status": {"effective": {"by": "Spec", "trigger": "Running ml.t3.medium"}},
    },
}


@dataclass(frozen=True, slots=True)
class Case:
    """Values that a rule accepts and refuses.

    `path` is that of a rule or the end of it, so that one case serves a field wherever it occurs.
    `rule` is the rule's name. A value replaces what the ordinary resource has at the path; members
    of an object are merged into it, and None removes. `beside` are members that go next to the
    value. With `before` the values are tried as changes of a resource that has that value; without
    it, as new resources. `kind` limits the case to a kind.
    """

    path: str
    rule: str
    accepted: Any
    refused: Any
    before: Any = None
    beside: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""

    def fits(self, rule: Rule) -> bool:
        """Whether this case is about that rule."""
        ends_there = rule.path == self.path or (
            bool(self.path) and rule.path.endswith(f".{self.path}")
        )
        return self.rule == rule.name and self.kind in ("", rule.kind) and ends_there


def patch_at(path: str, value: Any, beside: Mapping[str, Any]) -> dict[str, Any]:
    """A merge patch that sets the value at a rule's path, and its neighbours beside it.

    The value of a map goes under the key `example`, the item of a list is the only one.
    """
    if not path:
        return dict(value)
    *parents, last = path.split(".")
    patch = {**beside, **_set_member(last, value)}
    for parent in reversed(parents):
        patch = _set_member(parent, patch)
    return patch


def _set_member(segment: str, value: Any) -> dict[str, Any]:
    if segment.endswith("[]"):
        item = merge({}, value) if isinstance(value, dict) else value
        return {segment.removesuffix("[]"): [item]}
    if segment.endswith("{}"):
        return {segment.removesuffix("{}"): {"example": value}}
    return {segment: value}


def merge(target: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """The target with a JSON merge patch (RFC 7396) applied."""
    merged = copy.deepcopy(dict(target))
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            inner = merged.get(key)
            merged[key] = merge(inner if isinstance(inner, dict) else {}, value)
        else:
            merged[key] = copy.deepcopy(value)
    return merged


def resource(kind: str, patch: Mapping[str, Any]) -> dict[str, Any]:
    """The ordinary resource of the kind with a merge patch applied."""
    return merge(BASES[kind], patch)
