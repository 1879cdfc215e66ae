"""Requests of a person to the API server: our kinds and their Events, in raw JSON.

Every refusal becomes an error of `plugin.errors` whose message says what to do.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kubernetes.client import Configuration
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

from studio_operator.api.common import CLUSTER_ID, GROUP
from studio_operator.kube.resources import (
    KUBE_SYSTEM,
    Key,
    collection_path,
    key_in,
    plural_of,
    resource_path,
)
from studio_operator.kube.transport import MERGE_PATCH, NO_ANSWER, ApiError, Transport
from studio_operator.plugin.errors import NotFoundError, PluginError, RefusedError
from studio_operator.plugin.names import suggest
from studio_operator.plugin.options import Connection

Raw = dict[str, Any]
POD_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
FIELD_MANAGER = "kubectl-studio"
PAGE_SIZE = 500
# A person waits: a server that says nothing for this long is told as such. In seconds.
TIMEOUT = 30.0
# How long a watch may bring no news before its caller gets a turn. In seconds.
TICK_SECONDS = 1


class NoAnswerError(PluginError):
    """The API server can't be reached, or is not able to answer; it may be later."""


class ExpiredError(PluginError):
    """The API server does not remember that version any more: list again."""


@dataclass(frozen=True, slots=True)
class WatchedChange:
    """A resource as it is now, or as it was when it went."""

    resource: Raw
    gone: bool = False


class Cluster:
    """One API server, as the person of the kubeconfig sees it. `namespace` is the one in use."""

    def __init__(self, configuration: Configuration, namespace: str) -> None:
        self._transport = Transport(
            configuration, agent=FIELD_MANAGER, timeout=TIMEOUT, page_size=PAGE_SIZE
        )
        self.namespace = namespace

    @property
    def server(self) -> str:
        """The API server's address."""
        return self._transport.server

    def get(self, kind: str, name: str, namespace: str | None = None) -> Raw:
        """One resource. Raises NotFoundError, which suggests names that are alike."""
        key = key_in(kind, namespace or self.namespace, name)
        found = self.find(kind, name, namespace)
        if found is None:
            raise self._not_found(key)
        return found

    def find(self, kind: str, name: str, namespace: str | None = None) -> Raw | None:
        """One resource, or None."""
        return self._call("get", key_in(kind, namespace or self.namespace, name))

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
        items, _ = self._list(kind, scope, labelSelector=labels)
        return items

    def follow(
        self,
        kind: str,
        namespace: str | None,
        *,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> Iterator[Sequence[WatchedChange]]:
        """All resources of a kind, then those that change, until the time is over.

        Yields at least every `TICK_SECONDS`, an empty sequence when nothing changed. A server that
        answered once and then does not is waited for as long.
        """
        deadline = clock() + seconds
        items, version = self._list(kind, namespace)
        yield [WatchedChange(item) for item in items]
        while clock() < deadline:
            tick = max(1, min(TICK_SECONDS, math.ceil(deadline - clock())))
            try:
                if not version:
                    items, version = self._list(kind, namespace)
                    yield [WatchedChange(item) for item in items]
                for change in self._watch(kind, namespace, version, tick):
                    version = change.resource["metadata"]["resourceVersion"]
                    yield [change]
            except ExpiredError:
                version = ""
            except NoAnswerError:
                version = ""
                pause(tick)
            yield []

    def _watch(
        self, kind: str, namespace: str | None, version: str, seconds: int
    ) -> Iterator[WatchedChange]:
        """What changes within so many seconds. Raises ExpiredError for too old a version."""
        given = {"watch": "1", "resourceVersion": version, "timeoutSeconds": str(seconds)}
        with self._explained(f"watch {plural_of(kind)}"):
            for event in self._transport.stream(collection_path(kind, namespace), given):
                if event["type"] == "ERROR":
                    raise ExpiredError(event["object"].get("message", ""))
                yield WatchedChange(event["object"], gone=event["type"] == "DELETED")

    def annotate(self, key: Key, annotations: Mapping[str, str | None]) -> Raw:
        """Set annotations and nothing else, take away those of None; the resource after it."""
        body = {"metadata": {"annotations": dict(annotations)}}
        annotated = self._call("patch", key, body, MERGE_PATCH)
        if annotated is None:
            raise self._not_found(key)
        return annotated

    def events(self, namespace: str | None, **about: str) -> list[Raw]:
        """Events (events.k8s.io/v1) of one namespace or all, oldest first.

        `about` are field selectors with _ for the dot, such as regarding_uid or reason.
        """
        selector = ",".join(f"{name.replace('_', '.')}={value}" for name, value in about.items())
        found, _ = self._list("Event", namespace, fieldSelector=selector)
        return sorted(found, key=_event_time)

    def lease(self, namespace: str, name: str) -> tuple[Raw | None, datetime]:
        """A Lease, None when there is none, and the time by the API server's clock."""
        with self._explained(f"get leases in namespace {namespace}"):
            try:
                return self._transport.read_dated(resource_path(Key("Lease", namespace, name)))
            except ApiError as error:
                if not error.is_gone:
                    raise
                return None, datetime.now(UTC)

    def told_cluster_ids(self) -> set[str]:
        """The ids that operators here tell on their Leases. Raises PluginError."""
        leases, _ = self._list("Lease", None)
        told = (one["metadata"].get("annotations", {}).get(CLUSTER_ID) for one in leases)
        return {one for one in told if one}

    def kube_system_uid(self) -> str:
        """The uid of the namespace kube-system. Raises PluginError."""
        with self._explained("get namespaces"):
            found = self._transport.call("GET", KUBE_SYSTEM)
        return str(found["metadata"]["uid"])

    def _call(self, verb: str, key: Key, *written: Any) -> Raw | None:
        """A request about one resource; None when there is none."""
        with self._explained(f"{verb} {plural_of(key.kind)} {_place(key)}"):
            try:
                return self._transport.call(verb.upper(), resource_path(key), *written)
            except ApiError as error:
                if error.is_gone and "name" in error.details:
                    return None
                raise  # without a name all that is under the path is missing

    def _list(self, kind: str, namespace: str | None, **query: str) -> tuple[list[Raw], str]:
        """All items, and the version of the cluster's data that they show."""
        items: list[Raw] = []
        version = ""
        path = collection_path(kind, namespace)
        with self._explained(f"list {plural_of(kind)}"):
            for page in self._transport.pages(path, dict, query=query):
                items += page.items
                version = page.resource_version
        return items, version

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        """Raises what a refusal of the API server means to a person who wants to do that."""
        try:
            yield
        except ApiError as error:
            raise _explain(error, self.server, what) from error

    def _not_found(self, key: Key) -> NotFoundError:
        try:
            names = [
                one["metadata"]["name"] for one in self.list_all(key.kind, namespace=key.namespace)
            ]
        except RefusedError:  # who may get one may still not list them
            names = []
        return NotFoundError(
            f"{key.kind} {key.name!r} is not {_place(key)}." + suggest(key.name, names)
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
    return Cluster(configuration, connection.namespace or namespace)


def _explain(error: ApiError, server: str, what: str) -> PluginError:
    if error.status == NO_ANSWER:
        return NoAnswerError(
            f"the cluster at {error.message}. "
            "Is it running? Choose another with --context or --kubeconfig."
        )
    if error.is_gone:
        return NotFoundError(
            f"the cluster at {server} lacks the CustomResourceDefinitions of {GROUP}. "
            "Install Studio Operator, or choose another cluster with --context."
        )
    if error.status == 403:
        return RefusedError(
            f"you may not {what}: {error.message}. "
            "Ask for a role that grants this verb on this resource."
        )
    if error.status == 401:
        return RefusedError(
            f"{server} does not know you: {error.message}. Sign in again, "
            "or choose another context with --context."
        )
    said = f"the cluster refuses to {what}: {error.message}"
    if error.status == 410:
        return ExpiredError(said)
    return NoAnswerError(said) if error.is_transient else PluginError(said)


def _place(key: Key) -> str:
    return f"in namespace {key.namespace}" if key.namespace else "in the cluster"


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
