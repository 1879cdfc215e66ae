"""A running gateway and inventory, and short ways to make things in the simulator."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from studio_operator.aws.gateway import Gateway
from studio_operator.aws.inventory.inventory import Inventory
from studio_operator.kinds.resource_id import Changed
from studio_operator.kinds.views import DomainScopeView
from studio_operator.metrics import Metrics
from studio_operator.plan.types import Call
from studio_operator.settings import Settings
from studio_simulator.client import SimulatorClient

from tests.aws_ids import region_at, scope_at

REGION = "us-east-1"
WHERE = region_at(REGION)
ROLE = "arn:aws:iam::123456789012:role/studio"
IMAGE = "arn:aws:sagemaker:us-east-1:885854791233:image/sagemaker-distribution-cpu"
OWNER = {"Key": "studio-operator.dev/owner", "Value": "cluster/team/churn/uid"}
# A scene takes seconds; the rest is for a machine that is busy with other tests.
LONGEST = 120.0
# In seconds: nobody waits so long but for what never comes.
PATIENCE = 60.0

RESOURCE_SPEC = {
    "SageMakerImageArn": IMAGE,
    "SageMakerImageVersionAlias": "4.2.1",
    "InstanceType": "ml.t3.medium",
}


def run(coroutine: Coroutine[Any, Any, None], seconds: float = LONGEST) -> None:
    """Run a scene to its end, bounded in time."""
    asyncio.run(asyncio.wait_for(coroutine, seconds))


def domain_request(name: str = "research") -> dict[str, Any]:
    """CreateDomain's parameters."""
    return {
        "DomainName": name,
        "AuthMode": "IAM",
        "DefaultUserSettings": {"ExecutionRole": ROLE},
        "VpcId": "vpc-1",
        "SubnetIds": ["subnet-1"],
    }


def space_request(domain_id: str, name: str = "churn", **changes: Any) -> dict[str, Any]:
    """CreateSpace's parameters for a space of alice's."""
    return {
        "DomainId": domain_id,
        "SpaceName": name,
        "Tags": [OWNER],
        "OwnershipSettings": {"OwnerUserProfileName": "alice"},
        "SpaceSharingSettings": {"SharingType": "Private"},
        "SpaceSettings": {
            "AppType": "JupyterLab",
            "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 20}},
            "JupyterLabAppSettings": {"DefaultResourceSpec": RESOURCE_SPEC},
        },
        **changes,
    }


def app_request(domain_id: str, space: str = "churn") -> dict[str, Any]:
    """The parameters that name a space's app."""
    return {
        "DomainId": domain_id,
        "SpaceName": space,
        "AppType": "JupyterLab",
        "AppName": "default",
    }


class Behind:
    """Makes things in the simulator behind the inventory's back, InService at once."""

    def __init__(self, simulator: SimulatorClient) -> None:
        self.simulator = simulator

    def domain(self, name: str = "research", *, profiles: int = 1, spaces: int = 0) -> str:
        """A domain with profiles (the first is alice) and spaces s000 and so on; its id."""
        domain_id: str = self.simulator.call("CreateDomain", domain_request(name))["DomainId"]
        self.simulator.advance(1)
        for number in range(profiles):
            self.profile(domain_id, f"p{number:03}" if number else "alice")
        self.simulator.advance(1)
        for number in range(spaces):
            self.space(domain_id, f"s{number:03}")
        self.simulator.advance(1)
        return domain_id

    def profile(self, domain_id: str, name: str) -> None:
        """A user profile."""
        request = {"DomainId": domain_id, "UserProfileName": name}
        self.simulator.call("CreateUserProfile", request)

    def space(self, domain_id: str, name: str = "churn", **changes: Any) -> None:
        """A space."""
        self.simulator.call("CreateSpace", space_request(domain_id, name, **changes))

    def app(self, domain_id: str, space: str = "churn") -> None:
        """An app."""
        request = {**app_request(domain_id, space), "ResourceSpec": RESOURCE_SPEC}
        self.simulator.call("CreateApp", request)
        self.simulator.advance(1)


class Live:
    """A gateway and an inventory that run."""

    def __init__(self, settings: Settings) -> None:
        self.metrics = Metrics()
        self.gateway = Gateway(settings, self.metrics)
        self.changes: list[Changed] = []
        self.ahead = 0.0
        self.inventory = Inventory(self.gateway, settings, self.clock, self._note, self.metrics)
        self._changed = asyncio.Event()

    def clock(self) -> float:
        """The inventory's clock, which a scene may set ahead."""
        return time.monotonic() + self.ahead

    def _note(self, key: Changed) -> None:
        self.changes.append(key)
        self._changed.set()

    async def do(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """A call of ours, with its effect entered."""
        response = await self.gateway.call(WHERE, operation, parameters)
        self.inventory.expect(Call(operation, parameters), response, WHERE)
        return response

    async def sweep_at_rest(self, view: DomainScopeView, rest_interval: float) -> None:
        """Let so much time pass, and wait until the look that is due then has ended."""
        swept_at = view.swept_at
        self.ahead += rest_interval
        self.inventory._scheduler.wake()
        async with asyncio.timeout(PATIENCE):
            while view.swept_at == swept_at:
                await asyncio.sleep(0.01)

    async def until(self, condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until something holds; it is looked at after each change that is told."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def tracked(self, domain_id: str) -> DomainScopeView:
        """Track a domain and wait for its view."""
        scope = scope_at(REGION, domain_id)
        self.inventory.track(scope)
        await self.until(lambda: self.inventory.view(scope) is not None)
        view = self.inventory.view(scope)
        assert view is not None
        return view


@asynccontextmanager
async def live(**settings: Any) -> AsyncIterator[Live]:
    """A gateway and an inventory that run as long as the block lasts."""
    stop = asyncio.Event()
    scene = Live(Settings(**settings))
    running = asyncio.create_task(scene.inventory.run(stop))
    try:
        yield scene
    finally:
        stop.set()
        await running
        await scene.gateway.close()
