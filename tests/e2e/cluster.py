"""The Kubernetes side of a test: apply, edit, look at and delete our kinds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from kubernetes.client import ApiClient, ApiException, CustomObjectsApi
from kubernetes.watch.watch import iter_resp_lines
from studio_operator.api.common import FINALIZER, GROUP, REQUESTED_AT, VERSION
from urllib3.exceptions import ProtocolError

from tests.e2e.waiting import POLL_SECONDS, wait_until

PLURALS = {"StudioDomain": "studiodomains", "UserProfile": "userprofiles", "Space": "spaces"}
TENANTS = "studiotenants"
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
FIELD_MANAGER = "team"
WATCH_SECONDS = 1

Raw = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    """A resource as the API server has it."""

    raw: Raw

    @property
    def name(self) -> str:
        return str(self.raw["metadata"]["name"])

    @property
    def uid(self) -> str:
        return str(self.raw["metadata"]["uid"])

    @property
    def version(self) -> str:
        """Changes with each write."""
        return str(self.raw["metadata"]["resourceVersion"])

    @property
    def spec(self) -> Raw:
        return dict(self.raw["spec"])

    @property
    def status(self) -> Raw:
        return dict(self.raw.get("status", {}))

    @property
    def phase(self) -> str | None:
        return self.status.get("phase")

    @property
    def is_current(self) -> bool:
        """Whether the status speaks of the spec as it is now."""
        return bool(self.status.get("observedGeneration") == self.raw["metadata"]["generation"])

    @property
    def is_ready(self) -> bool:
        return self.is_current and self.has("Ready")

    @property
    def is_at_rest(self) -> bool:
        """Whether the operator has nothing left to do for the spec as it is now."""
        return self.is_current and not self.has("Reconciling")

    def has(self, condition: str) -> bool:
        """Whether the condition is True."""
        return bool(self.condition(condition).get("status") == "True")

    def condition(self, type_: str) -> Raw:
        """The condition, empty when it is not there."""
        conditions = self.status.get("conditions", [])
        return next((one for one in conditions if one["type"] == type_), {})

    @property
    def reason(self) -> str:
        """Why it is Ready or not."""
        return str(self.condition("Ready").get("reason", ""))

    @property
    def message(self) -> str:
        """What the Ready condition says."""
        return str(self.condition("Ready").get("message", ""))

    def __str__(self) -> str:
        kind, metadata = self.raw["kind"], self.raw["metadata"]
        head = {
            key: metadata[key]
            for key in ("name", "generation", "deletionTimestamp", "finalizers")
            if key in metadata
        }
        shown = yaml.safe_dump({"metadata": head, "status": self.status}, sort_keys=False)
        return f"{kind}\n{shown}"


class Cluster:
    """Our kinds in one namespace."""

    def __init__(self, client: ApiClient, namespace: str) -> None:
        self._objects = CustomObjectsApi(client)
        self._tenants: set[str] = set()
        self.namespace = namespace

    def apply(self, manifest: str | Mapping[str, Any]) -> Resource:
        """Apply one resource, as GitOps tools do: server-side."""
        body = yaml.safe_load(manifest) if isinstance(manifest, str) else dict(manifest)
        options = {"field_manager": FIELD_MANAGER, "force": True, "_content_type": APPLY}
        return self._patch(body["kind"], body["metadata"]["name"], body, options)

    def edit(self, kind: str, name: str, **spec: Any) -> Resource:
        """Change members of the spec; None removes one."""
        return self._merge(kind, name, {"spec": spec})

    def lose_status(self, kind: str, name: str) -> None:
        """Take its status away, as a back-up tool does that restores resources without it."""
        self._objects.patch_namespaced_custom_object_status(
            GROUP,
            VERSION,
            self.namespace,
            PLURALS[kind],
            name,
            {"status": None},
            field_manager=FIELD_MANAGER,
            _content_type=MERGE,
        )

    def request(self, kind: str, name: str, value: str) -> Resource:
        """Ask for a pass as a person does: by annotation."""
        return self.annotate(kind, name, REQUESTED_AT, value)

    def annotate(self, kind: str, name: str, annotation: str, value: str) -> Resource:
        """Set an annotation as a person does."""
        return self._merge(kind, name, {"metadata": {"annotations": {annotation: value}}})

    def server_time(self) -> str:
        """What the API server would write as creationTimestamp now."""
        now: Any = self._objects.create_namespaced_custom_object(
            "coordination.k8s.io",
            "v1",
            self.namespace,
            "leases",
            {"metadata": {"name": "probe"}},
            dry_run="All",
        )
        return str(now["metadata"]["creationTimestamp"])

    def get(self, kind: str, name: str) -> Resource | None:
        """The resource, or None."""
        try:
            return _as_resource(
                self._objects.get_namespaced_custom_object(
                    GROUP, VERSION, self.namespace, PLURALS[kind], name
                )
            )
        except ApiException as error:
            if error.status != 404:
                raise
            return None

    def follow(self, kind: str, name: str) -> Iterator[Resource | None]:
        """The resource as it is now, then after each change, and after each second without one.

        It is None while there is none. Changes are watched: a request costs the API server, etcd
        and the test some milliseconds each, and twenty a second would take most of the time that
        the operator needs.
        """
        while True:
            found = self.get(kind, name)
            yield found
            if found is None:
                time.sleep(POLL_SECONDS)
            else:
                yield from self._changes(kind, found)

    def _changes(self, kind: str, since: Resource) -> Iterator[Resource | None]:
        """What becomes of a resource within a second, or until somebody ends the watch."""
        answer: Any = self._objects.list_namespaced_custom_object(
            GROUP,
            VERSION,
            self.namespace,
            PLURALS[kind],
            field_selector=f"metadata.name={since.name}",
            resource_version=since.version,
            watch=True,
            timeout_seconds=WATCH_SECONDS,
            _preload_content=False,
        )
        try:
            for line in iter_resp_lines(answer):  # type: ignore[no-untyped-call]
                event = json.loads(line)
                if event["type"] == "ERROR":  # such as a version that is too old to begin with
                    return
                yield None if event["type"] == "DELETED" else Resource(event["object"])
        except ProtocolError:  # the API server has ended
            return
        finally:
            answer.close()
            answer.release_conn()

    def list(self, kind: str, **options: Any) -> tuple[Resource, ...]:
        answer: Any = self._objects.list_namespaced_custom_object(
            GROUP, VERSION, self.namespace, PLURALS[kind], **options
        )
        return tuple(Resource(item) for item in answer["items"])

    def delete(self, kind: str, name: str) -> None:
        """Ask for its deletion; the operator's finalizer holds it until that is done."""
        self._objects.delete_namespaced_custom_object(
            GROUP, VERSION, self.namespace, PLURALS[kind], name
        )

    def rule(self, name: str = "", **spec: Any) -> Resource:
        """Apply a StudioTenant that has this namespace; it goes with the namespace."""
        name = name or self.namespace
        self._tenants.add(name)
        body = {
            "apiVersion": f"{GROUP}/{VERSION}",
            "kind": "StudioTenant",
            "metadata": {"name": name},
            "spec": {"namespaces": {"names": [self.namespace]}, **spec},
        }
        options: Raw = {"field_manager": FIELD_MANAGER, "force": True, "_content_type": APPLY}
        answer: Any = self._objects.patch_cluster_custom_object(
            GROUP, VERSION, TENANTS, name, body, **options
        )
        return _as_resource(answer)

    def tenant(self, name: str = "") -> Resource:
        """A StudioTenant."""
        answer: Any = self._objects.get_cluster_custom_object(
            GROUP, VERSION, TENANTS, name or self.namespace
        )
        return _as_resource(answer)

    def wait_until_tenant(self, expected: Callable[[Resource], bool], name: str = "") -> Resource:
        """Wait until a StudioTenant is as expected."""
        wait_until(lambda: expected(self.tenant(name)), f"the tenant {name} is as expected")
        return self.tenant(name)

    def be_without_tenant(self) -> None:
        """Delete the StudioTenants that were applied here."""
        for name in self._tenants:
            self._objects.delete_cluster_custom_object(GROUP, VERSION, TENANTS, name)
        self._tenants.clear()

    def events(self, name: str | None = None) -> tuple[Raw, ...]:
        """Events of events.k8s.io/v1 about a resource or all, oldest first."""
        answer: Any = self._objects.list_namespaced_custom_object(
            "events.k8s.io", "v1", self.namespace, "events"
        )
        about = (one for one in answer["items"] if name in {None, one["regarding"]["name"]})
        return tuple(sorted(about, key=lambda one: str(one["eventTime"])))

    def clear(self) -> None:
        """Delete everything, and let it go whatever the operator is doing or not doing."""
        self.be_without_tenant()
        for resource in self._all():
            self.delete(resource.raw["kind"], resource.name)
        for resource in self._all():
            if FINALIZER in resource.raw["metadata"].get("finalizers", []):
                self._let_go(resource)

    def _let_go(self, resource: Resource) -> None:
        body = {"metadata": {"finalizers": None}}
        place = (self.namespace, PLURALS[resource.raw["kind"]], resource.name)
        try:
            self._objects.patch_namespaced_custom_object(
                GROUP, VERSION, *place, body, _content_type=MERGE
            )
        except ApiException as error:
            if error.status != 404:  # the operator was faster
                raise

    def _all(self) -> Iterator[Resource]:
        for kind in ("Space", "UserProfile", "StudioDomain"):
            yield from self.list(kind)

    def _merge(self, kind: str, name: str, body: Raw) -> Resource:
        options = {"field_manager": FIELD_MANAGER, "_content_type": MERGE}
        return self._patch(kind, name, body, options)

    def _patch(self, kind: str, name: str, body: Raw, options: Raw) -> Resource:
        self._objects.patch_namespaced_custom_object(
            GROUP, VERSION, self.namespace, PLURALS[kind], name, body, **options
        )
        patched = self.get(kind, name)  # the library drops the answer to a patch that creates
        assert patched is not None
        return patched


def _as_resource(answer: Any) -> Resource:
    return Resource(answer)
