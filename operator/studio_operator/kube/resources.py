"""Keys of resources and the paths under which the API server has them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from studio_operator.api.common import API_VERSION
from studio_operator.kinds.registry import KINDS, REFERENCES

PLURALS = {kind.name: kind.plural for kind in KINDS}
# Of each kind that is read or written, Kubernetes' own two among them.
_COLLECTIONS = {kind: (API_VERSION, plural) for kind, plural in PLURALS.items()} | {
    "Event": ("events.k8s.io/v1", "events"),
    "Lease": ("coordination.k8s.io/v1", "leases"),
}
OF_THE_CLUSTER = frozenset(kind.name for kind in KINDS if not kind.is_namespaced)
# Where Events are of what is in no namespace, as Kubernetes' own are.
NAMESPACE_OF_EVENTS = "default"
# Its uid is the cluster's id: Kubernetes itself has none (kubernetes/kubernetes #44954).
KUBE_SYSTEM = "/api/v1/namespaces/kube-system"


class Key(NamedTuple):
    """What a resource is known by in its cluster; its namespace is empty where it is in none."""

    kind: str
    namespace: str
    name: str

    @property
    def path(self) -> str:
        """Namespace and name, as people write them."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @property
    def namespace_of_events(self) -> str:
        """Where its Events are."""
        return self.namespace or NAMESPACE_OF_EVENTS

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"


def key_in(kind: str, namespace: str, name: str) -> Key:
    """The key of a resource, for who works in that namespace."""
    return Key(kind, "" if kind in OF_THE_CLUSTER else namespace, name)


def key_of(resource: Mapping[str, Any], kind: str | None = None) -> Key:
    """The key of a resource's body; an item of a list may not tell its kind.

    Its parts are the same objects for all who have them.
    """
    metadata = resource["metadata"]
    parts = (kind or resource["kind"], metadata.get("namespace") or "", metadata["name"])
    return Key(*map(sys.intern, parts))


def references_of(key: Key, spec: Mapping[str, Any]) -> tuple[Key, ...]:
    """What the spec of a resource refers to, the nearest first."""
    named = REFERENCES.named_by(key.kind, key.namespace, spec)
    return tuple(key_in(*one) for one in named)


def plural_of(kind: str) -> str:
    """What the API server calls the resources of a kind."""
    return _COLLECTIONS[kind][1]


def collection_path(kind: str, namespace: str | None = None) -> str:
    """The path of all resources of a kind, in one namespace or in all."""
    api_version, plural = _COLLECTIONS[kind]
    is_in_one = namespace and kind not in OF_THE_CLUSTER
    scope = f"/namespaces/{quote(namespace or '', safe='')}" if is_in_one else ""
    return f"/apis/{api_version}{scope}/{plural}"


def resource_path(key: Key) -> str:
    """The path of one resource."""
    return f"{collection_path(key.kind, key.namespace)}/{quote(key.name, safe='')}"
