"""The requests the operator makes to the API server, as raw JSON through a small thread pool.

The `kubernetes` library gives the connection, its TLS and its credentials; its model classes are
left aside: they cost several times the request itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from kubernetes.client import ApiClient, ApiException, Configuration
from kubernetes.config import ConfigException, load_incluster_config, load_kube_config
from urllib3.exceptions import HTTPError

from studio_operator import tracing
from studio_operator.api.common import API_VERSION
from studio_operator.kube.resources import (
    EVENTS,
    KUBE_SYSTEM,
    LEASES,
    Key,
    collection_path,
    resource_path,
)

FIELD_MANAGER = "studio-operator"
JSON = "application/json"
APPLY_PATCH = "application/apply-patch+yaml"  # JSON is YAML too
MERGE_PATCH = "application/merge-patch+json"
# Only metadata: a hundredth of what whole resources take.
METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
NO_ANSWER = 0

Observer = Callable[[str, str, int], None]
Raw = dict[str, Any]


class ApiError(Exception):
    """The API server refused a request, or did not answer it (`status` is 0 then)."""

    def __init__(self, status: int, reason: str, message: str, retry_after: float = 0.0) -> None:
        super().__init__(f"{status} {reason}: {message}" if status else message)
        self.status = status
        self.reason = reason
        self.message = message
        self.retry_after = retry_after

    @property
    def is_gone(self) -> bool:
        """Whether the resource does not exist."""
        return self.status == 404

    @property
    def is_conflict(self) -> bool:
        """Whether the resource is not the one, or not in the state, that the request assumed."""
        return self.status == 409

    @property
    def is_transient(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status in {NO_ANSWER, 408, 429} or self.status >= 500


@dataclass(frozen=True, slots=True)
class Listing:
    """A complete list of one kind and the version of the cluster's data it shows."""

    items: Sequence[Raw]
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
        self._api = ApiClient(configuration)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="kubernetes")
        self._timeout = timeout_seconds
        self._page_size = page_size
        self._observe = observe

    @property
    def server(self) -> str:
        """The API server's address."""
        return str(self._api.configuration.host)

    async def close(self) -> None:
        """Give up what is under way and close all connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._api.rest_client.close()

    async def cluster_id(self) -> str:
        """The uid of the kube-system namespace."""
        namespace = await self._call("get", "Namespace", KUBE_SYSTEM)
        return str(namespace["metadata"]["uid"])

    async def list_resources(self, kind: str, namespace: str | None = None) -> Listing:
        """All resources of a kind, without managedFields, as the cluster has them now."""
        return await self._list(kind, namespace, JSON)

    async def list_metadata(self, kind: str, namespace: str | None = None) -> Listing:
        """The metadata of all resources of a kind."""
        return await self._list(kind, namespace, METADATA_ONLY)

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
                "namespace": key.namespace,
                "resourceVersion": resource_version,
            },
            "status": status,
        }
        path = f"{resource_path(key)}/status?fieldManager={FIELD_MANAGER}&force=true"
        return await self._call("apply_status", key.kind, path, body, APPLY_PATCH)

    async def set_finalizers(
        self, key: Key, uid: str, resource_version: str, finalizers: Sequence[str]
    ) -> Raw:
        """Replace the finalizers of exactly that version of a resource (409 when outdated)."""
        metadata = {
            "uid": uid,
            "resourceVersion": resource_version,
            "finalizers": list(finalizers),
        }
        path = f"{resource_path(key)}?fieldManager={FIELD_MANAGER}"
        return await self._call("patch", key.kind, path, {"metadata": metadata}, MERGE_PATCH)

    async def create_event(self, namespace: str, event: Mapping[str, Any]) -> Raw:
        """Post an event of events.k8s.io/v1."""
        path = f"{EVENTS.format(namespace=namespace)}?fieldManager={FIELD_MANAGER}"
        return await self._call("create", "Event", path, event)

    async def get_lease(self, namespace: str, name: str) -> Raw:
        """A lease of coordination.k8s.io/v1."""
        return await self._call("get", "Lease", f"{LEASES.format(namespace=namespace)}/{name}")

    async def create_lease(self, namespace: str, lease: Mapping[str, Any]) -> Raw:
        """Create a lease (409 when it exists)."""
        return await self._call("create", "Lease", LEASES.format(namespace=namespace), lease)

    async def replace_lease(self, namespace: str, lease: Mapping[str, Any]) -> Raw:
        """Replace a lease as it was read (409 when somebody else was faster)."""
        path = f"{LEASES.format(namespace=namespace)}/{lease['metadata']['name']}"
        return await self._call("update", "Lease", path, lease)

    async def _list(self, kind: str, namespace: str | None, accept: str) -> Listing:
        path = collection_path(kind, namespace)
        items: list[Raw] = []
        token = ""
        while True:
            query = f"?limit={self._page_size}" + (f"&continue={token}" if token else "")
            page = await self._call("list", kind, path + query, accept=accept)
            for item in page["items"] or ():  # null where a list of metadata is empty
                item["metadata"].pop("managedFields", None)
                items.append(item)
            token = page["metadata"].get("continue", "")
            if not token:
                return Listing(items, page["metadata"]["resourceVersion"])

    async def _call(
        self,
        verb: str,
        kind: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        content_type: str = JSON,
        accept: str = JSON,
    ) -> Raw:
        """One request. Raises ApiError."""
        loop = asyncio.get_running_loop()
        send = partial(self._send, _METHODS[verb], path, body, content_type, accept)
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

    def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        content_type: str,
        accept: str,
    ) -> Raw:
        """The request itself, in a thread."""
        headers = {"Accept": accept, "User-Agent": FIELD_MANAGER}
        if body is not None:
            headers["Content-Type"] = content_type
        for setting in self._api.configuration.auth_settings().values():
            headers[setting["key"]] = setting["value"]
        url = self._api.configuration.host + path
        data = None if body is None else json.dumps(body, separators=(",", ":"))
        try:
            # Sent as text: the library would parse the content type and serialise once more.
            response = self._api.rest_client.pool_manager.request(
                method, url, headers=headers, body=data, timeout=self._timeout, retries=False
            )
        except (HTTPError, ApiException, OSError) as error:
            raise ApiError(NO_ANSWER, "NoAnswer", f"{self.server} does not answer: {error}") from (
                error
            )
        if response.status >= 300:
            raise _refusal(response.status, response.data, response.headers.get("Retry-After"))
        answer: Raw = json.loads(response.data)
        return answer


_METHODS = {
    "get": "GET",
    "list": "GET",
    "create": "POST",
    "update": "PUT",
    "patch": "PATCH",
    "apply_status": "PATCH",
}


def _refusal(status: int, body: bytes, retry_after: str | None) -> ApiError:
    try:
        said = json.loads(body)
        reason, message = said.get("reason", ""), said.get("message", "")
    except (ValueError, AttributeError):  # a proxy's page
        reason, message = "", body[:200].decode(errors="replace")
    pause = float(retry_after) if retry_after and retry_after.isdigit() else 0.0
    return ApiError(status, reason, message, pause)
