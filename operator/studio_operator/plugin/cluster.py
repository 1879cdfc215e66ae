"""Requests of a person to the API server: our kinds and their Events, in raw JSON.

Every refusal becomes an error of `plugin.errors` whose message says what to do.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from kubernetes.client import ApiClient, Configuration
from kubernetes.config import (
    ConfigException,
    load_incluster_config,
    load_kube_config,
)
from kubernetes.config.kube_config import (
    KUBE_CONFIG_DEFAULT_LOCATION,
    KubeConfigLoader,
    KubeConfigMerger,
)
from yaml import YAMLError

from studio_operator.api.common import GROUP
from studio_operator.kube.resources import EVENTS, PLURALS, Key, collection_path, resource_path
from studio_operator.plugin.errors import NotFoundError, PluginError, RefusedError
from studio_operator.plugin.names import suggest
from studio_operator.plugin.options import Connection
from studio_operator.plugin.transport import AbsentError, ExpiredError, NoAnswerError, Transport

Raw = dict[str, Any]
ALL_EVENTS = "/apis/events.k8s.io/v1/events"
POD_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
FIELD_MANAGER = "kubectl-studio"
MERGE_PATCH = "application/merge-patch+json"
PAGE_SIZE = 500
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
        self._transport = Transport(client)
        self.namespace = namespace

    @property
    def server(self) -> str:
        """The API server's address."""
        return self._transport.server

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
            return self._transport.call("GET", resource_path(key), what=f"get {_plural(key)}")
        except AbsentError as error:
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
        pause: Callable[[float], None] = time.sleep,
    ) -> Iterator[Sequence[Change]]:
        """All resources of a kind, then those that change, until the time is over.

        Yields at least every `TICK_SECONDS`, an empty sequence when nothing changed. A server that
        answered once and then does not is waited for as long.
        """
        deadline = clock() + seconds
        path = collection_path(kind, namespace)
        items, version = self._list(path, kind, {})
        yield [Change(item) for item in items]
        while clock() < deadline:
            tick = max(1, min(TICK_SECONDS, math.ceil(deadline - clock())))
            try:
                if not version:
                    items, version = self._list(path, kind, {})
                    yield [Change(item) for item in items]
                for change in self._watch(path, kind, version, tick):
                    version = change.resource["metadata"]["resourceVersion"]
                    yield [change]
            except ExpiredError:
                version = ""
            except NoAnswerError:
                version = ""
                pause(tick)
            yield []

    def _watch(self, path: str, kind: str, version: str, seconds: int) -> Iterator[Change]:
        """What changes within so many seconds. Raises ExpiredError for too old a version."""
        given = {"watch": "1", "resourceVersion": version, "timeoutSeconds": str(seconds)}
        what = f"watch {PLURALS[kind]}"
        for event in self._transport.stream(f"{path}?{urlencode(given)}", what=what):
            if event["type"] == "ERROR":
                raise ExpiredError(event["object"].get("message", ""))
            yield Change(event["object"], gone=event["type"] == "DELETED")

    def annotate(self, key: Key, annotations: Mapping[str, str | None]) -> Raw:
        """Set annotations and nothing else, take away those of None; the resource after it."""
        body = {"metadata": {"annotations": dict(annotations)}}
        path = f"{resource_path(key)}?fieldManager={FIELD_MANAGER}"
        try:
            return self._transport.call(
                "PATCH", path, body, MERGE_PATCH, what=f"patch {_plural(key)}"
            )
        except AbsentError as error:
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
                page = self._transport.call("GET", f"{path}?{given}", what=what)
            except AbsentError as error:
                raise self._kind_missing() from error
            items += page["items"]
            token = page["metadata"].get("continue", "")
            if not token:
                return items, page["metadata"]["resourceVersion"]

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
                f"no cluster is configured: {str(error).rstrip('.')}. "
                "Set KUBECONFIG, or give --kubeconfig and --context."
            ) from error
        namespace = POD_NAMESPACE.read_text(encoding="utf-8").strip()
    except (YAMLError, OSError) as error:
        raise PluginError(f"the kubeconfig can't be read: {error}") from error
    return Cluster(ApiClient(configuration), connection.namespace or namespace)


def _plural(key: Key) -> str:
    return f"{PLURALS[key.kind]} in namespace {key.namespace}"


def _event_time(event: Raw) -> str:
    # Events of core/v1, as kubectl's own, have no eventTime.
    return str(event.get("eventTime") or event["metadata"]["creationTimestamp"])


def _context_namespace(connection: Connection) -> str:
    """The namespace of the context in use; `default` when it names none, as for kubectl."""
    path = connection.kubeconfig or KUBE_CONFIG_DEFAULT_LOCATION
    merged = KubeConfigMerger(path).config  # type: ignore[no-untyped-call]
    loader = KubeConfigLoader(  # type: ignore[no-untyped-call]
        merged, active_context=connection.context
    )
    return str(loader.current_context["context"].get("namespace") or "default")


def _load_from_pod(configuration: Configuration) -> bool:
    try:
        load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
    except ConfigException:
        return False
    return True
