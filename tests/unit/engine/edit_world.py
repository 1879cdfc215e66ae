"""A running space whose spec is edited: the whole engine in one thread, on AWS and API in memory.

Store, inventory, facts, planners, status writer and executor are the real ones, put together as in
`engine/assembly.py`. AWS shows what it showed at first, and takes no call.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from studio_operator.api.common import FINALIZER, OWNER_TAG
from studio_operator.aws.inventory.inventory import Inventory
from studio_operator.engine.assembly import Outside, make_core, make_queue
from studio_operator.engine.declared.flows import flow_of
from studio_operator.engine.declared.store import Store
from studio_operator.engine.reconciler import Reconciler
from studio_operator.kube.resources import Key
from studio_operator.metrics import Metrics
from studio_operator.plan.scope import AccountRegion
from studio_operator.settings import Settings

from tests.unit.aws.stage import (
    ARNS,
    DOMAIN_ID,
    REGION,
    PlainAws,
    app_item,
    at,
    domain_answer,
    profile_item,
    space_item,
)

CLUSTER = "cluster-1"
ROLE = "arn:aws:iam::123456789012:role/studio"
DOMAIN = Key("StudioDomain", "team", "research")
PROFILE = Key("UserProfile", "team", "alice")
SPACE = Key("Space", "team", "churn")
IMAGE = f"{ARNS}:image/base"
SPECS: Mapping[Key, Mapping[str, Any]] = {
    DOMAIN: {"domainId": DOMAIN_ID, "defaultUserSettings": {"executionRole": ROLE}},
    PROFILE: {"domainRef": {"name": "research"}},
    SPACE: {
        "domainRef": {"name": "research"},
        "ownerRef": {"name": "alice"},
        "app": "JupyterLab",
        "instanceType": "ml.t3.medium",
        "image": {"imageArn": IMAGE},
        "storage": {"sizeGiB": 20},
        "tags": {"team": "churn"},
        "state": "Running",
    },
}
TURNS = 12  # after which everything is at rest


class DeletesAppError(Exception):
    """DeleteApp was handed to the gateway."""


class Aws(PlainAws):
    """A running space with its domain and owner, all tagged as ours; the app is never deleted."""

    def __init__(self) -> None:
        super().__init__()
        resource = {"InstanceType": "ml.t3.medium", "SageMakerImageArn": IMAGE}
        settings = {"JupyterLabAppSettings": {"DefaultResourceSpec": resource}}
        storage = {"SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 20}}}
        self.answers |= {
            "DescribeDomain": domain_answer(
                VpcId="vpc-1",
                SubnetIds=["subnet-1"],
                AuthMode="IAM",
                DefaultUserSettings={"ExecutionRole": ROLE},
            ),
            "ListSpaces": [space_item()],
            "ListApps": [app_item(ResourceSpec=resource)],
            "ListUserProfiles": [profile_item()],
            "DescribeUserProfile": profile_item(UserSettings={}),
            "DescribeSpace": space_item(
                SpaceArn=f"{ARNS}:space/{DOMAIN_ID}/churn",
                SpaceSettings={"AppType": "JupyterLab", **settings, **storage},
            ),
            "DescribeApp": app_item(ResourceSpec=resource),
            "GetResources": [
                _tagged(f"domain/{DOMAIN_ID}", DOMAIN),
                _tagged(f"user-profile/{DOMAIN_ID}/alice", PROFILE),
                _tagged(f"space/{DOMAIN_ID}/churn", SPACE, team="churn"),
            ],
        }

    async def call(
        self, where: AccountRegion, operation: str, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The answer that was set; DeletesAppError where the app would be deleted."""
        if operation == "DeleteApp":
            raise DeletesAppError
        if operation not in self.answers or operation == "GetResources":
            return defaultdict(list)  # a page of what outlives apps: nothing does
        return await super().call(where, operation, parameters)


def _tagged(name: str, key: Key, **tags: str) -> dict[str, Any]:
    mark = f"{CLUSTER}/{key.namespace}/{key.name}/uid-of-{key.name}"
    return {
        "ResourceARN": f"{ARNS}:{name}",
        "Tags": [{"Key": k, "Value": v} for k, v in {OWNER_TAG: mark, **tags}.items()],
    }


class ApiServer:
    """Keeps the resources, and takes every write."""

    def __init__(self) -> None:
        self.bodies: dict[Key, dict[str, Any]] = {}
        self._version = 0

    def declare(self, key: Key, spec: Mapping[str, Any]) -> dict[str, Any]:
        """`kubectl apply`: the new body."""
        before = self.bodies.get(key, {})
        metadata = {
            "namespace": key.namespace,
            "name": key.name,
            "uid": f"uid-of-{key.name}",
            "generation": before.get("metadata", {}).get("generation", 0) + 1,
            "creationTimestamp": at(0).isoformat(),
            "finalizers": [FINALIZER],
        }
        return self._put(key, {**before, "kind": key.kind, "metadata": metadata, "spec": spec})

    async def patch_status(
        self, key: Key, resource_version: str, status: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Take a status."""
        return self._put(key, {**self.bodies[key], "status": status})

    async def create_event(self, namespace: str, event: Mapping[str, Any]) -> Any:
        """Take an Event."""

    async def read_finalizers(self, key: Key) -> tuple[str, ...]:
        """Ours."""
        return (FINALIZER,)

    async def set_finalizers(
        self, key: Key, uid: str, resource_version: str, finalizers: Sequence[str]
    ) -> dict[str, Any]:
        """Take finalizers."""
        metadata = {**self.bodies[key]["metadata"], "finalizers": list(finalizers)}
        return self._put(key, {**self.bodies[key], "metadata": metadata})

    def _put(self, key: Key, body: Mapping[str, Any]) -> dict[str, Any]:
        self._version += 1
        version = {"resourceVersion": str(self._version)}
        self.bodies[key] = {**body, "metadata": {**body["metadata"], **version}}
        return self.bodies[key]


async def edit_of_a_running_space() -> Reconciler:
    """The reconciler when everything has come to rest, and then SPACE got another instance type."""
    aws, api, settings, metrics = Aws(), ApiServer(), Settings(), Metrics()
    store = Store(REGION)
    queue = make_queue(settings, metrics, lambda key: flow_of(store, key))
    clock = asyncio.get_running_loop().time
    inventory = Inventory(aws, settings, clock, lambda _: None, metrics)
    outside = Outside(
        calls=aws,
        inventory=inventory,
        kube=api,
        cluster=CLUSTER,
        instance="operator-1",
        lease=None,
        may_act=lambda: True,
        vanished=lambda _: None,
    )
    reconciler = make_core(outside, store, queue, settings, metrics).reconciler
    for key, spec in SPECS.items():
        store.apply(api.declare(key, spec))
        entry = store.get(key)
        assert entry is not None
        reconciler.follow(entry)
    stop = asyncio.Event()
    polling = asyncio.create_task(inventory.run(stop))
    for _ in range(TURNS):
        for key in SPECS:
            await reconciler.reconcile(key)
        await asyncio.sleep(1)
    stop.set()
    await polling
    store.apply(api.declare(SPACE, {**SPECS[SPACE], "instanceType": "ml.m5.large"}))
    return reconciler
