"""The core of the engine on a real API server, with AWS as plain data and without a watch."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from studio_operator.aws.errors import AwsError
from studio_operator.aws.inventory.inventory import Inventory
from studio_operator.engine.assembly import Outside, make_core, make_queue
from studio_operator.engine.declared.flows import flow_of
from studio_operator.engine.declared.resync import Resync
from studio_operator.engine.declared.store import Store
from studio_operator.engine.feed import Feed
from studio_operator.engine.workers import Workers
from studio_operator.kube.client import KubeClient
from studio_operator.kube.resources import Key
from studio_operator.metrics import Metrics
from studio_operator.plan.scope import AccountRegion
from studio_operator.plan.types import FailureKind
from studio_operator.settings import Settings

from sandbox.access import Access
from tests.unit.aws.stage import ARNS, DOMAIN_ID, REGION, PlainAws, domain_answer, profile_item

CLUSTER = "cluster-1"
LOOKS = ("Describe", "List", "Get")
SETTINGS = Settings(
    rest_interval=1.0,
    moving_interval_min=0.02,
    fast_pages_per_second=1000.0,
    busy_retry=0.05,
    busy_retry_max=0.1,
    transient_retry=0.05,
    transient_retry_max=0.1,
    credentials_retry=0.05,
    credentials_retry_max=300.0,
    person_retry=0.2,
    person_retry_max=0.2,
    look_again=0.2,
    retry=0.05,
)

Raw = dict[str, Any]


class Aws(PlainAws):
    """AWS as plain data, in which profiles and domains can be made and deleted."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[str] = []
        self.before_change: Callable[[str], None] = lambda _: None
        self.answers["DescribeDomain"] = domain_answer(AuthMode="IAM")
        self.tags: dict[str, dict[str, str]] = {}

    def forbid(self, operation: str, kind: FailureKind = FailureKind.ACCESS) -> None:
        self.failing[operation] = AwsError(operation, kind, "SomeCode", "in AWS's words")

    def has_profile(self, name: str, owner: str | None) -> None:
        self.answers["ListUserProfiles"] = [profile_item(name)]
        if owner is not None:
            self.tag(f"{ARNS}:user-profile/{DOMAIN_ID}/{name}", owner)

    def tag(self, arn: str, owner: str) -> None:
        tags = [{"Key": "studio-operator.dev/owner", "Value": owner}]
        self._add_tags(arn, tags)
        self.answers["GetResources"].append({"ResourceARN": arn, "Tags": tags})

    async def paginate(
        self, where: AccountRegion, operation: str, parameters: Mapping[str, Any], items_key: str
    ) -> list[Raw]:
        if operation == "ListTags":
            tags = self.tags.get(parameters["ResourceArn"], {})
            self.answers["ListTags"] = [{"Key": key, "Value": tags[key]} for key in tags]
        return await super().paginate(where, operation, parameters, items_key)

    def _add_tags(self, arn: str, tags: list[dict[str, str]]) -> None:
        self.tags.setdefault(arn, {}).update({tag["Key"]: tag["Value"] for tag in tags})

    async def call(
        self, where: AccountRegion, operation: str, parameters: Mapping[str, Any]
    ) -> Raw:
        if operation.startswith(LOOKS):
            return await super().call(where, operation, parameters)
        self.changes.append(operation)
        self.before_change(operation)
        self.answers.setdefault(operation, {})
        await self._answer(operation)
        return self._change(operation, parameters)

    def _change(self, operation: str, parameters: Mapping[str, Any]) -> Raw:
        if operation == "AddTags":
            self._add_tags(parameters["ResourceArn"], parameters["Tags"])
        if operation == "CreateUserProfile":
            name = parameters["UserProfileName"]
            self._add_tags(f"{ARNS}:user-profile/{DOMAIN_ID}/{name}", parameters["Tags"])
            self.answers["ListUserProfiles"] = [profile_item(name)]
            return {"UserProfileArn": f"{ARNS}:user-profile/{DOMAIN_ID}/{name}"}
        if operation == "DeleteUserProfile":
            self.answers["ListUserProfiles"] = []
        if operation == "CreateDomain":
            return {"DomainArn": f"{ARNS}:domain/{DOMAIN_ID}", "DomainId": DOMAIN_ID}
        return {}


class Stage:
    """A namespace with resources, and what works on them."""

    def __init__(self, client: KubeClient, access: Access, namespace: str) -> None:
        self.access, self.namespace = access, namespace
        self.aws = Aws()
        self.leads = True
        metrics = Metrics()
        self.store = Store(REGION)
        flow = partial(flow_of, self.store)
        self.queue = make_queue(SETTINGS, metrics, flow)
        self.feed = Feed(self.store, self.queue.add)
        self.inventory = Inventory(
            self.aws, SETTINGS, time.monotonic, self.feed.record_changed, metrics
        )
        outside = Outside(
            calls=self.aws,
            inventory=self.inventory,
            kube=client,
            cluster=CLUSTER,
            instance="test",
            lease=None,
            may_act=lambda: self.leads,
            vanished=self.feed.vanished,
        )
        self.core = make_core(outside, self.store, self.queue, SETTINGS, metrics)
        self.feed.when_gone(self.core.reconciler.forget)
        self.workers = Workers(self.queue, self.core.reconciler.reconcile, metrics, 4, flow)
        self.resync = Resync(client, self.store, self.feed, [namespace], interval=60.0, lag=0.01)

    # --- resources ---

    def key(self, kind: str, name: str) -> Key:
        return Key(kind, self.namespace, name)

    def apply(self, kind: str, name: str, **spec: Any) -> Raw:
        manifest = {
            "apiVersion": "studio-operator.dev/v1alpha1",
            "kind": kind,
            "metadata": {"name": name, "namespace": self.namespace},
            "spec": spec,
        }
        applied: Raw = json.loads(
            self.access.kubectl("apply", "-o", "json", "-f", "-", text_input=json.dumps(manifest))
        )
        return applied

    def read(self, kind: str, name: str) -> Raw | None:
        shown = self.access.kubectl(
            "get", kind.lower(), name, "-n", self.namespace, "-o", "json", "--ignore-not-found"
        )
        return json.loads(shown) if shown else None

    def delete(self, kind: str, name: str) -> None:
        self.access.kubectl("delete", kind.lower(), name, "-n", self.namespace, "--wait=false")

    def ready(self, kind: str, name: str) -> tuple[str, str]:
        """Status and reason of the Ready condition, as the operator holds it."""
        entry = self.store.get(self.key(kind, name))
        condition = entry.status.condition("Ready") if entry else None
        return (condition.status, condition.reason) if condition else ("", "")

    def owner_of(self, raw: Raw) -> str:
        """The ownership tag's value for a resource."""
        metadata = raw["metadata"]
        return f"{CLUSTER}/{metadata['namespace']}/{metadata['name']}/{metadata['uid']}"

    def adopt_domain(self) -> None:
        """A StudioDomain that stands for the domain there is."""
        domain = self.apply("StudioDomain", "research", domainId=DOMAIN_ID)
        self.aws.tag(f"{ARNS}:domain/{DOMAIN_ID}", self.owner_of(domain))

    # --- time ---

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Workers and inventory run."""
        await self.resync.fill()
        stop = asyncio.Event()
        tasks = [
            asyncio.create_task(self.workers.run()),
            asyncio.create_task(self.inventory.run(stop)),
            asyncio.create_task(self.core.event_recorder.run()),
        ]
        try:
            yield
        finally:
            self.queue.close()
            stop.set()
            tasks[2].cancel()
            await asyncio.wait(tasks)
