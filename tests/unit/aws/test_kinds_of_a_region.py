"""A kind that lives in no domain is polled, told of and changed by its description alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from studio_operator.aws.inventory import effects, scope_poller
from studio_operator.aws.inventory.scope_poller import ScopePoller
from studio_operator.kinds.aws_type import AwsType
from studio_operator.kinds.managed_kind import ScopeLevel
from studio_operator.kinds.registry import KINDS, OPERATIONS
from studio_operator.kinds.resource_id import Changed, ResourceId
from studio_operator.kinds.user_profile.api import UserProfile
from studio_operator.kinds.user_profile.kind import USER_PROFILE
from studio_operator.plan.observed import Observed
from studio_operator.plan.operations import AwsOperation, Does
from studio_operator.plan.types import Call
from studio_operator.settings import Settings

from tests.aws_ids import scope_at
from tests.unit.aws.stage import ARNS, REGION, PlainAws, at, run

IN_REGION = scope_at(REGION)


class Server(UserProfile):
    """A made-up kind, whose names count in its region."""


SERVER = replace(
    USER_PROFILE,
    model=Server,
    scope_level=ScopeLevel.REGION,
    names_in_any_case=False,
    aws_type=AwsType(
        name="Server",
        listing="ListServers",
        describing="DescribeServer",
        items="ServerSummaries",
        id="ServerName",
        arn="ServerArn",
        status="ServerStatus",
        record=Observed,
    ),
)
CALLS = [
    AwsOperation("CreateServer", Does.CREATE),
    AwsOperation("StartServer", Does.START),
    AwsOperation("StopServer", Does.STOP),
    AwsOperation("DeleteServer", Does.DELETE),
]
EXPERIMENTS = ResourceId("Server", IN_REGION, "Experiments")


def item(status: str = "InService") -> dict[str, Any]:
    arn = f"{ARNS}:server/Experiments"
    times = {"CreationTime": at(0), "LastModifiedTime": at(1)}
    return {"ServerName": "Experiments", "ServerArn": arn, "ServerStatus": status, **times}


class Region:
    """A region that is polled, with a clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.aws = PlainAws()
        self.aws.answers["ListServers"] = []
        self.told: list[Changed] = []
        self.poller = ScopePoller(
            self.aws, IN_REGION, Settings(), lambda: self.now, self.told.append
        )
        self.poller.take_tags(self.now, None)
        self.sweep()

    def sweep(self) -> list[Changed]:
        self.now += 100
        self.told.clear()
        self.aws.calls.clear()
        run(self.poller.sweep(10))
        return list(self.told)

    @property
    def statuses(self) -> dict[str, str]:
        return {name: one.status for name, one in self.poller.shown("Server").items()}


@pytest.fixture
def region(monkeypatch: pytest.MonkeyPatch) -> Region:
    monkeypatch.setattr(scope_poller, "KINDS", (*KINDS, SERVER))
    known = {**OPERATIONS, **{one.name: one for one in CALLS}}
    monkeypatch.setattr(effects, "OPERATIONS", known)
    return Region()


def test_it_is_listed_and_told_of_by_its_name_in_the_region(region: Region) -> None:
    region.aws.answers["ListServers"] = [item()]
    assert region.sweep() == [EXPERIMENTS]
    assert sorted(region.aws.calls) == ["ListDomains", "ListServers"]
    assert region.sweep() == []
    region.aws.answers["ListServers"] = [item("Updating")]
    assert region.sweep() == [EXPERIMENTS]
    assert region.statuses == {"Experiments": "Updating"}


def test_our_calls_are_entered_by_what_they_do(region: Region) -> None:
    made = {"ServerArn": f"{ARNS}:server/Experiments"}
    named = {"ServerName": "Experiments"}
    effects.enter(region.poller, Call("CreateServer", named), made, region.now)
    assert region.statuses == {"Experiments": "Pending"}
    region.aws.answers["ListServers"] = [item()]
    region.sweep()
    effects.enter(region.poller, Call("DeleteServer", named), {}, region.now)
    assert region.statuses == {"Experiments": "Deleting"}


@pytest.mark.parametrize(
    ("before", "operation", "during"),
    [("InService", "StopServer", "Stopping"), ("Stopped", "StartServer", "Starting")],
)
def test_a_start_or_stop_is_believed_until_a_listing_can_show_it(
    region: Region, before: str, operation: str, during: str
) -> None:
    region.aws.answers["ListServers"] = [item(before)]
    region.sweep()
    effects.enter(region.poller, Call(operation, {"ServerName": "Experiments"}), {}, region.now)
    region.now += 1
    run(region.poller.sweep(10))  # it lags, and shows what was there before
    assert region.statuses == {"Experiments": during}
    after = "Stopped" if during == "Stopping" else "InService"
    region.aws.answers["ListServers"] = [item(after)]
    assert region.sweep() == [EXPERIMENTS]
    assert region.statuses == {"Experiments": after}
