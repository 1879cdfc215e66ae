"""The requests the operator makes to the API server, each in a thread of a small pool."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from kubernetes.client import Configuration
from kubernetes.config import ConfigException, load_incluster_config, load_kube_config

from studio_operator import tracing
from studio_operator.api.common import API_VERSION
from studio_operator.kube.resources import KUBE_SYSTEM, Key, collection_path, resource_path
from studio_operator.kube.transport import APPLY_PATCH, JSON, MERGE_PATCH, ApiError, Transport

FIELD_MANAGER = "studio-operator"
# Only metadata: a hundredth of what whole resources take.
METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_NO_QUERY: Mapping[str, str] = {}

T = TypeVar("T")
R = TypeVar("R")
Observer = Callable[[str, str, int], None]
Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ResourceList(Generic[T]):
    """A complete list of one kind, what was made of each resource, and the version it shows."""

    items: Sequence[T]
    resource_version: str


def load_configuration() -> Configuration:
    """The connection of the pod's service account, else of the kubeconfig, as kopf looks for it.

    Raises ConfigException when there is neither.
    """
    configuration = Configuration()
    try:
        load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
    except ConfigException:
        load_kube_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
    return configuration


class KubeClient:
    """Requests to one API server. `observe` is told of each: verb, kind and HTTP status."""

    def __init__(
        self,
        configuration: Configuration,
        *,
        threads: int,
        timeout_seconds: float,
        page_size: int,
        observe: Observer = lambda _verb, _kind, _status: None,
    ) -> None:
        configuration.connection_pool_maxsize = threads
        self._transport = Transport(
            configuration, agent=FIELD_MANAGER, timeout=timeout_seconds, page_size=page_size
        )
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="kubernetes")
        self._observe = observe

    @property
    def server(self) -> str:
        """The API server's address."""
        return self._transport.server

    async def close(self) -> None:
        """Give up what is under way and close all connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._transport.close()

    async def kube_system_uid(self) -> str:
        """The uid of the kube-system namespace."""
        namespace = await self._call("get", "Namespace", KUBE_SYSTEM)
        return str(namespace["metadata"]["uid"])

    async def list_resources(
        self, kind: str, namespace: str | None, take: Callable[[Raw], T]
    ) -> ResourceList[T]:
        """What `take` makes of each resource of a kind, as the cluster has them now.

        It is called in a thread, with one resource at a time: no two of them are held at once.
        """
        return await self._list(kind, namespace, JSON, take)

    async def list_metadata(
        self, kind: str, namespace: str | None, take: Callable[[Raw], T]
    ) -> ResourceList[T]:
        """The same of the metadata of each resource of a kind."""
        return await self._list(kind, namespace, METADATA_ONLY, take)

    async def patch_status(self, key: Key, resource_version: str, status: Mapping[str, Any]) -> Raw:
        """Make `status` the whole of what we say on a resource's status; the resource after it.

        Server-side apply: members left out that were ours are removed. The version makes the API
        server refuse (409) what was planned from an older spec, or for a resource that has been
        re-created under the name meanwhile; it does not look at a uid given here.
        """
        body = {
            "apiVersion": API_VERSION,
            "kind": key.kind,
            "metadata": {
                "name": key.name,
                **({"namespace": key.namespace} if key.namespace else {}),
                "resourceVersion": resource_version,
            },
            "status": status,
        }
        path = f"{resource_path(key)}/status"
        force = {"force": "true"}
        return await self._call("apply_status", key.kind, path, body, APPLY_PATCH, query=force)

    async def read_finalizers(self, key: Key) -> tuple[str, ...]:
        """The finalizers that a resource has now; none where it is gone.

        By a list of one, since the operator's role may list and not get.
        """
        path = collection_path(key.kind, key.namespace)
        one = {"fieldSelector": f"metadata.name={key.name}"}
        page = await self._call("list", key.kind, path, accept=METADATA_ONLY, query=one)
        found = [tuple(item["metadata"].get("finalizers", ())) for item in page["items"] or ()]
        return found[0] if found else ()

    async def set_finalizers(
        self, key: Key, uid: str, resource_version: str, finalizers: Sequence[str]
    ) -> Raw:
        """Replace the finalizers of exactly that version of a resource (409 when outdated)."""
        metadata = {
            "uid": uid,
            "resourceVersion": resource_version,
            "finalizers": list(finalizers),
        }
        body = {"metadata": metadata}
        return await self._call("patch", key.kind, resource_path(key), body, MERGE_PATCH)

    async def create_event(self, namespace: str, event: Mapping[str, Any]) -> Raw:
        """Post an event of events.k8s.io/v1."""
        return await self._call("create", "Event", collection_path("Event", namespace), event)

    async def get_lease(self, namespace: str, name: str) -> Raw:
        """A lease of coordination.k8s.io/v1."""
        return await self._call("get", "Lease", resource_path(Key("Lease", namespace, name)))

    async def create_lease(self, namespace: str, lease: Mapping[str, Any]) -> Raw:
        """Create a lease (409 when it exists)."""
        return await self._call("create", "Lease", collection_path("Lease", namespace), lease)

    async def replace_lease(self, namespace: str, lease: Mapping[str, Any]) -> Raw:
        """Replace a lease as it was read (409 when somebody else was faster)."""
        key = Key("Lease", namespace, lease["metadata"]["name"])
        return await self._call("update", "Lease", resource_path(key), lease)

    async def _list(
        self, kind: str, namespace: str | None, accept: str, take: Callable[[Raw], T]
    ) -> ResourceList[T]:
        pages = self._transport.pages(collection_path(kind, namespace), take, accept=accept)
        items: list[T] = []
        while True:
            page = await self._perform("list", kind, partial(next, pages))
            items += page.items
            if page.is_last:
                return ResourceList(items, page.resource_version)

    async def _call(
        self,
        verb: str,
        kind: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        content_type: str = JSON,
        *,
        accept: str = JSON,
        query: Mapping[str, str] = _NO_QUERY,
    ) -> Raw:
        """One request. Raises ApiError."""
        call = partial(self._transport.call, accept=accept, query=query)
        send = partial(call, _METHODS[verb], path, body, content_type)
        return await self._perform(verb, kind, send)

    async def _perform(self, verb: str, kind: str, send: Callable[[], R]) -> R:
        loop = asyncio.get_running_loop()
        with tracing.call(f"{verb} {kind}", {"http.request.method": _METHODS[verb]}) as span:
            try:
                answer = await loop.run_in_executor(self._threads, send)
            except ApiError as error:
                self._observe(verb, kind, error.status)
                span.set("http.response.status_code", error.status)
                span.fail(error.reason or "Refused", error.message)
                raise
            span.set("http.response.status_code", 200)
        self._observe(verb, kind, 200)
        return answer


_METHODS = {
    "get": "GET",
    "list": "GET",
    "create": "POST",
    "update": "PUT",
    "patch": "PATCH",
    "apply_status": "PATCH",
}
