"""Requests of a person to the API server: our kinds and their Events, in raw JSON.

Every refusal becomes an error of `plugin.errors` whose message says what to do.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from kubernetes.client import ApiClient, ApiException, Configuration
from kubernetes.config import (
    ConfigException,
    list_kube_config_contexts,
    load_incluster_config,
    load_kube_config,
)
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError
from yaml import YAMLError

from studio_operator.api.common import GROUP
from studio_operator.kube.resources import EVENTS, PLURALS, Key, collection_path, resource_path
from studio_operator.plugin.errors import NotFoundError, PluginError, RefusedError
from studio_operator.plugin.names import suggest
from studio_operator.plugin.options import Connection

Raw = dict[str, Any]
ALL_EVENTS = "/apis/events.k8s.io/v1/events"
POD_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
FIELD_MANAGER = "kubectl-studio"
MERGE_PATCH = "application/merge-patch+json"
JSON = "application/json"
PAGE_SIZE = 500
# A person waits: a server that says nothing for this long is told as such. In seconds.
TIMEOUT = 30.0
# How long a watch may bring no news before its caller gets a turn. In seconds.
TICK_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Change:
    """A resource as it is now, or as it was when it went."""

    resource: Raw
    gone: bool = False


class Cluster:
    """One API server, as the person of the kubeconfig sees it. `namespace` is the one in use."""

    def __init__(self, client: ApiClient, namespace: str) -> None:
        self._client = client
        self.namespace = namespace

    @property
    def server(self) -> str:
        """The API server's address."""
        return str(self._client.configuration.host)

    def get(self, kind: str, name: str, namespace: str | None = None) -> Raw:
        """One resource. Raises NotFoundError, which suggests names that are alike."""
        key = Key(kind, namespace or self.namespace, name)
        found = self.find(kind, name, namespace)
        if found is None:
            raise self._not_found(key)
        return found

    def find(self, kind: str, name: str, namespace: str | None = None) -> Raw | None:
        """One resource, or None."""
        key = Key(kind, namespace or self.namespace, name)
        try:
            return self._call("GET", resource_path(key), what=f"get {_plural(key)}")
        except _AbsentError as error:
            if error.is_resource:
                return None
            raise self._kind_missing() from error

    def list_all(
        self,
        kind: str,
        *,
        all_namespaces: bool = False,
        labels: str = "",
        namespace: str | None = None,
    ) -> list[Raw]:
        """All resources of a kind in one namespace or in all; `labels` is a selector."""
        scope = None if all_namespaces else namespace or self.namespace
        items, _ = self._list(collection_path(kind, scope), kind, {"labelSelector": labels})
        return items

    def follow(
        self,
        kind: str,
        namespace: str | None,
        *,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> Iterator[Sequence[Change]]:
        """All resources of a kind, then those that change, until the time is over.

        Yields at least every `TICK_SECONDS`, an empty sequence when nothing changed.
        """
        deadline = clock() + seconds
        path = collection_path(kind, namespace)
        version = ""
        while clock() < deadline:
            if not version:
                items, version = self._list(path, kind, {})
                yield [Change(item) for item in items]
            tick = max(1, min(TICK_SECONDS, math.ceil(deadline - clock())))
            for change in self._watch(path, kind, version, tick):
                if change is None:
                    version = ""  # the server does not remember it any more: list again
                    break
                version = change.resource["metadata"]["resourceVersion"]
                yield [change]
            yield []

    def _watch(self, path: str, kind: str, version: str, seconds: int) -> Iterator[Change | None]:
        """What changes within so many seconds; None when the version is too old to go on from."""
        given = {"watch": "1", "resourceVersion": version, "timeoutSeconds": str(seconds)}
        response = self._send("GET", f"{path}?{urlencode(given)}", what=f"watch {PLURALS[kind]}")
        try:
            for line in response:
                event = json.loads(line)
                if event["type"] == "ERROR":
                    yield None
                    return
                yield Change(event["object"], gone=event["type"] == "DELETED")
        except HTTPError as error:
            raise self._no_answer(error) from error
        finally:
            response.close()

    def annotate(self, key: Key, annotations: Mapping[str, str]) -> Raw:
        """Set annotations and nothing else; the resource after it."""
        body = {"metadata": {"annotations": dict(annotations)}}
        path = f"{resource_path(key)}?fieldManager={FIELD_MANAGER}"
        try:
            return self._call("PATCH", path, body, MERGE_PATCH, what=f"patch {_plural(key)}")
        except _AbsentError as error:
            raise (self._not_found(key) if error.is_resource else self._kind_missing()) from error

    def events(self, namespace: str | None, **about: str) -> list[Raw]:
        """Events (events.k8s.io/v1) of one namespace or all, oldest first.

        `about` are field selectors with _ for the dot, such as regarding_uid or reason.
        """
        selector = ",".join(f"{name.replace('_', '.')}={value}" for name, value in about.items())
        path = EVENTS.format(namespace=namespace) if namespace else ALL_EVENTS
        found, _ = self._list(path, "events", {"fieldSelector": selector})
        return sorted(found, key=_event_time)

    def _list(self, path: str, kind: str, query: Mapping[str, str]) -> tuple[list[Raw], str]:
        """All items, and the version of the cluster's data that they show."""
        items: list[Raw] = []
        token = ""
        while True:
            asked = {**query, "limit": str(PAGE_SIZE), "continue": token}
            given = urlencode({name: value for name, value in asked.items() if value})
            what = f"list {PLURALS.get(kind, kind)}"
            try:
                page = self._call("GET", f"{path}?{given}", what=what)
            except _AbsentError as error:
                raise self._kind_missing() from error
            items += page["items"]
            token = page["metadata"].get("continue", "")
            if not token:
                return items, page["metadata"]["resourceVersion"]

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        content_type: str = JSON,
        *,
        what: str,
    ) -> Raw:
        """One request and its answer; `what` names verb and resource for messages."""
        response = self._send(method, path, body, content_type, what=what)
        try:
            answer: Raw = json.loads(response.data)
        except HTTPError as error:
            raise self._no_answer(error) from error
        return answer

    def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        content_type: str = JSON,
        *,
        what: str,
    ) -> BaseHTTPResponse:
        """One request that the server has taken; its answer is not read yet."""
        headers = {"Accept": JSON, "User-Agent": FIELD_MANAGER}
        if body is not None:
            headers["Content-Type"] = content_type
        try:
            for setting in self._client.configuration.auth_settings().values():
                headers[setting["key"]] = setting["value"]
            response: BaseHTTPResponse = self._client.rest_client.pool_manager.request(
                method,
                self.server + path,
                headers=headers,
                body=None if body is None else json.dumps(body),
                timeout=TIMEOUT,
                retries=False,
                preload_content=False,
            )
            if response.status >= 300:
                raise self._explain(response.status, response.data, what)
        except (HTTPError, ApiException, OSError) as error:
            raise self._no_answer(error) from error
        return response

    def _explain(self, status: int, body: bytes, what: str) -> Exception:
        message, details = _read_refusal(body)
        if status == 404:
            return _AbsentError(message, is_resource="name" in details)
        if status == 403:
            return RefusedError(
                f"you may not {what}: {message}. "
                "Ask for a role that grants this verb on this resource."
            )
        if status == 401:
            return RefusedError(
                f"{self.server} does not know you: {message}. Sign in again, "
                "or choose another context with --context."
            )
        return PluginError(f"the cluster refuses to {what}: {message}")

    def _no_answer(self, error: Exception) -> PluginError:
        reason = str(getattr(error, "reason", None) or error)
        return PluginError(
            f"the cluster at {self.server} does not answer: {reason}. "
            "Is it running? Choose another with --context or --kubeconfig."
        )

    def _kind_missing(self) -> NotFoundError:
        return NotFoundError(
            f"the cluster at {self.server} lacks the CustomResourceDefinitions of {GROUP}. "
            "Install Studio Operator, or choose another cluster with --context."
        )

    def _not_found(self, key: Key) -> NotFoundError:
        try:
            names = [
                one["metadata"]["name"] for one in self.list_all(key.kind, namespace=key.namespace)
            ]
        except RefusedError:  # who may get one may still not list them
            names = []
        return NotFoundError(
            f"{key.kind} {key.name!r} is not in namespace {key.namespace}."
            + suggest(key.name, names)
        )


def connect(connection: Connection) -> Cluster:
    """The cluster that is meant: the kubeconfig's, or in a pod without one the pod's own.

    Raises PluginError when nothing says which cluster that is.
    """
    configuration = Configuration()
    try:
        load_kube_config(  # type: ignore[no-untyped-call]
            config_file=connection.kubeconfig,
            context=connection.context,
            client_configuration=configuration,
        )
        namespace = _context_namespace(connection)
    except ConfigException as error:
        if connection.kubeconfig or connection.context or not _load_from_pod(configuration):
            raise PluginError(
                f"no cluster is configured: {error} "
                "Set KUBECONFIG, or give --kubeconfig and --context."
            ) from error
        namespace = POD_NAMESPACE.read_text(encoding="utf-8").strip()
    except (YAMLError, OSError) as error:
        raise PluginError(f"the kubeconfig can't be read: {error}") from error
    return Cluster(ApiClient(configuration), connection.namespace or namespace)


class _AbsentError(Exception):
    """404: of the resource, or of everything under that path."""

    def __init__(self, message: str, *, is_resource: bool) -> None:
        super().__init__(message)
        self.is_resource = is_resource


def _plural(key: Key) -> str:
    return f"{PLURALS[key.kind]} in namespace {key.namespace}"


def _event_time(event: Raw) -> str:
    # Events of core/v1, as kubectl's own, have no eventTime.
    return str(event.get("eventTime") or event["metadata"]["creationTimestamp"])


def _read_refusal(body: bytes) -> tuple[str, Raw]:
    """The API server's words and details; a proxy's page gives its beginning."""
    try:
        said = json.loads(body)
        return said.get("message", ""), said.get("details") or {}
    except (ValueError, AttributeError):
        return body[:200].decode(errors="replace"), {}


def _context_namespace(connection: Connection) -> str:
    contexts, active = list_kube_config_contexts(  # type: ignore[no-untyped-call]
        config_file=connection.kubeconfig
    )
    chosen = active
    if connection.context:
        chosen = next(one for one in contexts if one["name"] == connection.context)
    return str(chosen["context"].get("namespace") or "default")


def _load_from_pod(configuration: Configuration) -> bool:
    try:
        load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
    except ConfigException:
        return False
    return True
