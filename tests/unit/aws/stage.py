"""A small stage for the watches: AWS as plain data, and a clock that is set by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from studio_operator.aws.errors import AwsError
from studio_operator.aws.inventory.effects import enter
from studio_operator.aws.inventory.scope_poller import ScopePoller
from studio_operator.aws.inventory.tagging import TagIndex, read_index
from studio_operator.kinds.resource_id import Changed
from studio_operator.plan.scope import AccountRegion
from studio_operator.plan.types import Call, FailureKind
from studio_operator.settings import Settings

from tests.aws_ids import scope_at

T = TypeVar("T")
REGION, DOMAIN_ID = "eu-central-1", "d-abc"
PLACE = scope_at(REGION, DOMAIN_ID)
WHERE = PLACE.account_region
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
ARNS = f"arn:aws:sagemaker:{REGION}:123456789012"


def at(seconds: float) -> datetime:
    """A time of AWS's."""
    return EPOCH + timedelta(seconds=seconds)


def space_item(name: str = "churn", status: str = "InService", **changes: Any) -> dict[str, Any]:
    """An item of ListSpaces."""
    return {
        "DomainId": DOMAIN_ID,
        "SpaceName": name,
        "Status": status,
        "CreationTime": at(0),
        "LastModifiedTime": at(20),
        "SpaceSettingsSummary": {
            "AppType": "JupyterLab",
            "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 20}},
        },
        "SpaceSharingSettingsSummary": {"SharingType": "Private"},
        "OwnershipSettingsSummary": {"OwnerUserProfileName": "alice"},
        **changes,
    }


def app_item(space: str = "churn", status: str = "InService", **changes: Any) -> dict[str, Any]:
    """An item of ListApps."""
    return {
        "DomainId": DOMAIN_ID,
        "SpaceName": space,
        "AppType": "JupyterLab",
        "AppName": "default",
        "Status": status,
        "CreationTime": at(30),
        "ResourceSpec": {"InstanceType": "ml.t3.medium", "SageMakerImageArn": "arn:image"},
        **changes,
    }


def profile_item(name: str = "alice", status: str = "InService", **changes: Any) -> dict[str, Any]:
    """An item of ListUserProfiles."""
    return {
        "DomainId": DOMAIN_ID,
        "UserProfileName": name,
        "Status": status,
        "CreationTime": at(0),
        "LastModifiedTime": at(10),
        **changes,
    }


def domain_answer(status: str = "InService", **changes: Any) -> dict[str, Any]:
    """An answer of DescribeDomain."""
    return {
        "DomainId": DOMAIN_ID,
        "DomainArn": f"{ARNS}:domain/{DOMAIN_ID}",
        "DomainName": "research",
        "Status": status,
        "CreationTime": at(0),
        "LastModifiedTime": at(5),
        **changes,
    }


def failure(operation: str, kind: FailureKind = FailureKind.TRANSIENT) -> AwsError:
    """An error as the gateway raises it."""
    return AwsError(operation, kind, "SomeCode", "some message")


class PlainAws:
    """A `Caller` whose answers are set by hand.

    - `answers`: by operation; listings hold their items.
    - `failing`: operations that fail, with their error.
    - `meanwhile`: happens after the next request has been answered and before its answer arrives.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {
            "DescribeDomain": domain_answer(),
            "ListSpaces": [],
            "ListApps": [],
            "ListUserProfiles": [],
            "ListDomains": [],
            "GetResources": [],
        }
        self.failing: dict[str, AwsError] = {}
        self.meanwhile: Callable[[], None] | None = None
        self.calls: list[str] = []

    async def call(
        self, where: AccountRegion, operation: str, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The answer that was set."""
        answer: dict[str, Any] = dict(await self._answer(operation))
        return answer

    async def paginate(
        self, where: AccountRegion, operation: str, parameters: Mapping[str, Any], items_key: str
    ) -> list[dict[str, Any]]:
        """The items that were set."""
        return list(await self._answer(operation))

    async def _answer(self, operation: str) -> Any:
        self.calls.append(operation)
        if operation in self.failing:
            raise self.failing[operation]
        answer = self.answers[operation]
        if self.meanwhile is not None:
            happening, self.meanwhile = self.meanwhile, None
            happening()
        await asyncio.sleep(0)
        return answer


class Stage:
    """One watched domain, which was swept once."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.now = 100.0
        self.aws = PlainAws()
        self.told: list[Changed] = []
        self.watch = ScopePoller(
            self.aws, PLACE, settings or Settings(), lambda: self.now, self.told.append
        )

    def see(
        self,
        spaces: list[dict[str, Any]] | None = None,
        apps: list[dict[str, Any]] | None = None,
        profiles: list[dict[str, Any]] | None = None,
    ) -> None:
        """Set what AWS shows; what is left out stays."""
        for operation, items in (
            ("ListSpaces", spaces),
            ("ListApps", apps),
            ("ListUserProfiles", profiles),
        ):
            if items is not None:
                self.aws.answers[operation] = items

    def sweep(self, after: float = 1.0) -> list[Changed]:
        """Sweep all after so many seconds; the keys that were told of."""
        self.now += after
        self.watch.schedule.nudge(self.now)
        return self.sweep_what_is_due(0)

    def sweep_what_is_due(self, after: float) -> list[Changed]:
        """Sweep what is due after so many seconds; the keys that were told of."""
        self.now += after
        self.told.clear()
        self.aws.calls.clear()
        run(self.watch.sweep(10))
        return list(self.told)

    def read_tags(self, *items: tuple[str, dict[str, str]], after: float = 0.0) -> list[Changed]:
        """Read the tag index after so many seconds: ARNs with their tags."""
        self.now += after
        self.told.clear()
        self.aws.answers["GetResources"] = [
            {"ResourceARN": arn, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}
            for arn, tags in items
        ]
        self.watch.take_tags(self.now, run(_read(self.aws, self.now)))
        return list(self.told)

    def done(self, operation: str, response: Mapping[str, Any] | None = None, **given: Any) -> None:
        """A call of ours succeeded just now."""
        parameters = given if "ResourceArn" in given else {"DomainId": DOMAIN_ID, **given}
        enter(self.watch, Call(operation, parameters), response or {}, self.now)
        self.watch.schedule.stir(self.now)


async def _read(aws: PlainAws, began: float) -> TagIndex:
    return await read_index(aws, WHERE, began)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run to the end, bounded in time."""
    return asyncio.run(asyncio.wait_for(coroutine, 10))


def seen_once(settings: Settings | None = None, **shown: Any) -> Stage:
    """A stage on which AWS showed this, and the view has appeared."""
    stage = Stage(settings)
    stage.see(**shown)
    stage.read_tags()
    stage.sweep()
    return stage


def create_space_request(name: str = "churn") -> dict[str, Any]:
    """CreateSpace's parameters, but for the domain."""
    return {
        "SpaceName": name,
        "Tags": [{"Key": "team", "Value": "churn"}],
        "OwnershipSettings": {"OwnerUserProfileName": "alice"},
        "SpaceSharingSettings": {"SharingType": "Private"},
        "SpaceSettings": {
            "AppType": "JupyterLab",
            "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 20}},
            "JupyterLabAppSettings": {
                "DefaultResourceSpec": {
                    "InstanceType": "ml.t3.medium",
                    "SageMakerImageArn": "arn:image",
                    "SageMakerImageVersionAlias": "4.2",
                    "LifecycleConfigArn": "arn:lifecycle",
                },
                "AppLifecycleManagement": {"IdleSettings": {"IdleTimeoutInMinutes": 60}},
            },
        },
    }


def app_request(space: str = "churn") -> dict[str, Any]:
    """CreateApp's and DeleteApp's parameters, but for the domain."""
    return {"SpaceName": space, "AppType": "JupyterLab", "AppName": "default"}
