"""Keys of resources and the paths under which the API server has them."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from studio_operator.api.common import GROUP, VERSION
from studio_operator.api.kinds import KINDS

PLURALS = {kind.name: kind.plural for kind in KINDS}

LEASES = "/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
EVENTS = "/apis/events.k8s.io/v1/namespaces/{namespace}/events"
# Its uid is the cluster's id: Kubernetes itself has none (kubernetes/kubernetes #44954).
KUBE_SYSTEM = "/api/v1/namespaces/kube-system"


class Key(NamedTuple):
    """What a resource is known by in its cluster."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


def collection_path(kind: str, namespace: str | None = None) -> str:
    """The path of all resources of a kind, in one namespace or in all."""
    scope = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
    return f"/apis/{GROUP}/{VERSION}{scope}/{PLURALS[kind]}"


def resource_path(key: Key) -> str:
    """The path of one resource."""
    return f"{collection_path(key.kind, key.namespace)}/{quote(key.name, safe='')}"
