"""What a plan leads to, as data: each step, and what of it is done once a turn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from studio_operator.api.common import CommonStatus
from studio_operator.plan.interpreter import (
    LetGo,
    Make,
    Read,
    Settle,
    Step,
    Wait,
    failure_of_look,
    is_due,
    next_step,
)
from studio_operator.plan.types import Call, Failure, FailureKind, Look, Plan

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOON = NOW + timedelta(seconds=5)
START, STOP = Call("CreateApp", {"SpaceName": "churn"}), Call("DeleteApp", {"SpaceName": "churn"})
TAGS, SETTINGS = frozenset({Look.TAGS}), frozenset({Look.SETTINGS})
BACKUP = frozenset({Look("backup", may_fail=True)})


def plan(**more: Any) -> Plan[CommonStatus]:
    return Plan(CommonStatus(), **more)


def failure(
    operation: str = "DescribeSpace",
    kind: FailureKind = FailureKind.TRANSIENT,
    retry_at: datetime | None = SOON,
) -> Failure:
    return Failure(operation, kind, "Code", "in AWS's words", NOW, 1, retry_at, 1)


@pytest.mark.parametrize(
    ("wanted", "taken", "expected"),
    [
        (plan(), [], Settle()),
        (plan(wake_at=NOW), [Make(STOP, True)], Settle()),
        (plan(finalizer=False), [], LetGo()),
        (plan(finalizer=False, call=STOP), [], LetGo()),
        (plan(looks=SETTINGS), [], Read(SETTINGS)),
        (plan(looks=SETTINGS), [Read(TAGS)], Read(SETTINGS)),
        (plan(looks=SETTINGS), [Read(SETTINGS, for_request=True)], Read(SETTINGS)),
        (plan(looks=SETTINGS), [Read(SETTINGS | TAGS)], Wait(Read(SETTINGS))),
        (plan(looks=BACKUP), [Read(BACKUP)], Wait(Read(BACKUP))),
        (plan(looks=SETTINGS, call=STOP), [], Read(SETTINGS)),
        (plan(call=STOP, record_first=True), [], Make(STOP, True)),
        (plan(call=START), [Make(STOP, True)], Make(START, False)),
        (plan(call=STOP), [Make(STOP, True)], Wait(Make(STOP, False))),
        (plan(call=STOP), [Wait(Make(STOP, False))], Make(STOP, False)),
    ],
)
def test_a_plan_leads_to_one_step(
    wanted: Plan[CommonStatus], taken: list[Step], expected: Step
) -> None:
    assert next_step(wanted, taken) == expected


def test_tags_are_read_once_more_before_what_is_deleted_is_touched() -> None:
    first = next_step(plan(call=STOP), deleting=True)
    assert first == Read(TAGS)
    assert next_step(plan(call=STOP), [first], deleting=True) == Make(STOP, False)
    assert next_step(plan(), deleting=True) == Settle()


def test_a_request_is_answered_by_what_is_read_for_it_and_once() -> None:
    asked = SETTINGS | TAGS
    first = next_step(plan(call=STOP), answered_by=asked)
    assert first == Read(asked, for_request=True)
    assert next_step(plan(call=STOP), [first], answered_by=asked) == Make(STOP, False)
    other = next_step(plan(call=STOP), [Read(asked)], answered_by=asked)
    assert other == first, "what was read for a plan was read before the request was seen"
    assert next_step(plan(finalizer=False), answered_by=asked) == LetGo()


def test_a_look_that_failed_holds_other_looks_but_those_at_backups() -> None:
    held = failure()
    assert next_step(plan(looks=SETTINGS), held_by=held) == Settle(held)
    assert next_step(plan(call=STOP), deleting=True, held_by=held) == Settle(held)
    assert next_step(plan(looks=BACKUP), held_by=held) == Read(BACKUP)
    assert next_step(plan(looks=BACKUP | SETTINGS), held_by=held) == Settle(held)
    assert next_step(plan(call=STOP), held_by=held) == Make(STOP, False)
    assert next_step(plan(), held_by=held) == Settle()


@pytest.mark.parametrize(
    ("found", "holds"),
    [
        (None, False),
        (failure("DescribeSpace"), True),
        (failure("ListTags"), True),
        (failure("GetObject", retry_at=None), True),
        (failure("DescribeSpace", retry_at=NOW), False),
        (failure("DeleteApp"), False),
    ],
)
def test_a_failure_of_a_look_holds_until_its_time(found: Failure | None, holds: bool) -> None:
    assert failure_of_look(found, NOW) == (found if holds else None)


@pytest.mark.parametrize(
    ("read", "found", "goes_on"),
    [
        (Read(SETTINGS), None, True),
        (Read(SETTINGS), failure(), False),
        (Read(SETTINGS), failure(kind=FailureKind.ACCESS), False),
        (Read(BACKUP), failure(kind=FailureKind.ACCESS), True),
        (Read(BACKUP | SETTINGS), failure(), False),
        (Read(SETTINGS, for_request=True), failure(), False),
        (Read(SETTINGS, for_request=True), failure(kind=FailureKind.ACCESS), True),
    ],
)
def test_whether_a_turn_goes_on_after_a_look(
    read: Read, found: Failure | None, goes_on: bool
) -> None:
    assert read.goes_on_after(found) is goes_on


def test_a_plan_is_due_at_its_time() -> None:
    assert [is_due(plan(wake_at=at), NOW) for at in (None, SOON, NOW)] == [False, False, True]


def test_a_wait_tells_what_it_waits_for() -> None:
    assert [f"{Wait(one)}" for one in (Read(TAGS), Make(STOP, True))] == ["a look", "DeleteApp"]
