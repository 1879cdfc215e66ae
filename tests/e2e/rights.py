"""Rights in Kubernetes: those that the chart's roles grant, and those that were made use of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from sandbox.audit import AuditEvent
from tests.chart.helm import Manifest, of_kind

ANY = "*"


@dataclass(frozen=True, order=True)
class Right:
    """One verb on one resource, in a namespace or in any, for one name or for any."""

    namespace: str
    group: str
    resource: str
    verb: str
    name: str = ANY

    def covers(self, event: AuditEvent) -> bool:
        """Whether the request is one that this allows."""
        subresource = f"/{event.subresource}" if event.subresource else ""
        return (
            (event.group, f"{event.resource}{subresource}", event.verb)
            == (self.group, self.resource, self.verb)
            and self.namespace in {ANY, event.namespace}
            and self.name in {ANY, event.name}
        )


def granted(manifests: Sequence[Manifest], user: str) -> frozenset[Right]:
    """What the roles among these allow the user who is bound to them, one right at a time."""
    return frozenset(
        right
        for kind in ("Role", "ClusterRole")
        for role in of_kind(manifests, kind)
        if any(_binds(one, role, user) for one in of_kind(manifests, f"{kind}Binding"))
        for right in _rights_of(role)
    )


def unused(rights: Iterable[Right], events: Sequence[AuditEvent]) -> list[Right]:
    """Rights that none of these requests needed."""
    return sorted(right for right in rights if not any(right.covers(event) for event in events))


def missing(rights: Iterable[Right], events: Sequence[AuditEvent]) -> list[AuditEvent]:
    """Requests that none of these rights allows."""
    known = list(rights)
    return [event for event in events if not any(right.covers(event) for right in known)]


def _binds(binding: Manifest, role: Manifest, user: str) -> bool:
    bound = (binding["roleRef"]["kind"], binding["roleRef"]["name"])
    subjects = {
        f"system:serviceaccount:{one['namespace']}:{one['name']}"
        for one in binding["subjects"]
        if one["kind"] == "ServiceAccount"
    }
    return (
        bound == (role["kind"], role["metadata"]["name"])
        and binding["metadata"].get("namespace") == role["metadata"].get("namespace")
        and user in subjects
    )


def _rights_of(role: Manifest) -> Iterator[Right]:
    namespace = role["metadata"].get("namespace", ANY)
    rule: dict[str, Any]
    for rule in role["rules"]:
        names = rule.get("resourceNames", [ANY])
        for parts in product(rule["apiGroups"], rule["resources"], rule["verbs"], names):
            assert ANY not in parts[:3], f"{role['metadata']['name']} grants by a wildcard"
            yield Right(namespace, *parts)
