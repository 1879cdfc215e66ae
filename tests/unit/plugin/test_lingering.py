"""What goes on costing money: read from status, told in a table and in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from studio_operator.plugin.costs.lingering import (
    BLIND_SPOT,
    COLUMNS,
    as_row,
    find_lingering,
    shorten,
    summarise,
)

from tests.unit.plugin.resources import SINCE, Raw, condition, ready, resource, stalled

NOW = datetime(2026, 11, 22, 6, 0, 0, tzinfo=UTC)
PREFIX = "arn:aws:sagemaker:eu-central-1:123456789012"
ENDPOINT = f"{PREFIX}:endpoint/churn-live"
JOB = f"{PREFIX}:training-job/churn-7"
OWNED = {"ownerRef": {"name": "alice"}}


def space(name: str, *arns: str, count: int | None = None, **status: Any) -> Raw:
    lingering = {"count": len(arns) if count is None else count, "arns": list(arns)}
    told: Raw = {"arn": "arn:space", **({"lingeringResources": lingering} if arns else {})}
    return resource(name=name, spec=OWNED, **(told | status))


STOPPED = space(
    "churn",
    ENDPOINT,
    JOB,
    phase="Stopped",
    conditions=[*ready("Stopped"), condition("LingeringResources", "True", "LingeringResources")],
)
BLOCKED = space("held", ENDPOINT, phase="InService", conditions=stalled("LingeringResources"))
RUNNING = space("works", ENDPOINT, phase="InService", conditions=ready())
NOTHING = space("calm", phase="Stopped", conditions=ready("Stopped"))
UNSEEN = resource(name="new", spec=OWNED, phase="Pending", conditions=ready())


def test_the_table_tells_whose_what_and_since_when() -> None:
    (found,) = find_lingering([STOPPED, NOTHING])
    assert dict(zip(COLUMNS, as_row(found, NOW), strict=True)) == {
        "namespace": "team",
        "name": "churn",
        "owner": "alice",
        "status": "Stopped",
        "count": "2",
        "since": "60m",
        "resources": "endpoint/churn-live, training-job/churn-7",
    }


@pytest.mark.parametrize(
    ("found", "since"),
    [(STOPPED, SINCE), (BLOCKED, SINCE), (RUNNING, None)],
    ids=["the app is stopped", "a stop waits for it", "the app runs"],
)
def test_since_when_it_goes_on_without_the_app(found: Raw, since: str | None) -> None:
    (one,) = find_lingering([found])
    assert (one.since, as_row(one, NOW)[5]) == (since, "60m" if since else "-")


def test_spaces_with_the_most_come_first() -> None:
    names = [one.name for one in find_lingering([RUNNING, STOPPED, BLOCKED, NOTHING])]
    assert names == ["churn", "held", "works"]


def test_what_status_does_not_name_is_counted() -> None:
    arns = [f"{PREFIX}:endpoint/live-{number:02}" for number in range(20)]
    (found,) = find_lingering([space("busy", *arns, count=23)])
    assert as_row(found, NOW)[-1].endswith(
        "endpoint/live-09 and 10 more and 3 that status does not name"
    )


@pytest.mark.parametrize(
    ("spaces", "said"),
    [
        ([STOPPED], [BLIND_SPOT]),
        ([NOTHING], ["Nothing is known to go on of 1 space.", BLIND_SPOT]),
        (
            [NOTHING, UNSEEN],
            [
                "Nothing is known to go on of 2 spaces.",
                "Not looked at: 1 space that the operator has not seen in AWS, new.",
                BLIND_SPOT,
            ],
        ),
        ([], ["Nothing is known to go on of 0 spaces.", BLIND_SPOT]),
    ],
)
def test_what_is_not_seen_is_said_each_time(spaces: list[Raw], said: list[str]) -> None:
    assert list(summarise(spaces, find_lingering(spaces))) == said


@pytest.mark.parametrize(
    ("arn", "short"),
    [
        (ENDPOINT, "endpoint/churn-live"),
        ("arn:aws:emr-serverless:eu-central-1:1:/applications/00f", "/applications/00f"),
        ("not an ARN", "not an ARN"),
    ],
)
def test_arns_are_shortened(arn: str, short: str) -> None:
    assert shorten(arn) == short
