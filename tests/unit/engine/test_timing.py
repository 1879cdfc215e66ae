"""How long operations took, from what statuses say and what was seen to begin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from studio_operator.api.common import Condition, Operation
from studio_operator.api.space import SpaceStatus
from studio_operator.engine.timing import OperationTimes
from studio_operator.kube.resources import Key

KEY = Key("Space", "team", "notebooks")
START = datetime(2026, 1, 1, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def ready(status: str) -> SpaceStatus:
    condition = Condition.model_validate(
        {
            "type": "Ready",
            "status": status,
            "lastTransitionTime": START,
            "reason": "Why",
            "message": "words",
        }
    )
    return SpaceStatus(conditions=(condition,))


def test_an_operation_on_status_is_timed_from_its_start_to_when_it_is_cleared() -> None:
    told: list[tuple[str, str, float]] = []
    times = OperationTimes(lambda *one: told.append(one))
    resize = Operation(type="Resize", started_at=START)
    resizing = SpaceStatus(operation=resize)
    times.compare(KEY, SpaceStatus(), resizing, START)
    times.compare(KEY, resizing, resizing, after(10))
    assert told == []
    times.compare(KEY, resizing, SpaceStatus(), after(90))
    assert told == [("Space", "Resize", 90.0)]


def test_a_creation_is_timed_until_the_resource_is_ready() -> None:
    told: list[tuple[str, str, float]] = []
    times = OperationTimes(lambda *one: told.append(one))
    times.begin(KEY, "Create", START)
    times.begin(KEY, "Create", after(1))
    times.compare(KEY, SpaceStatus(), ready("False"), after(5))
    times.compare(KEY, ready("False"), ready("True"), after(30))
    times.compare(KEY, ready("True"), ready("True"), after(60))
    assert told == [("Space", "Create", 30.0)]


def test_a_deletion_is_timed_until_the_resource_is_let_go() -> None:
    told: list[tuple[str, str, float]] = []
    times = OperationTimes(lambda *one: told.append(one))
    times.end(KEY, "Delete", after(1))
    times.begin(KEY, "Delete", after(2))
    times.end(KEY, "Delete", after(22))
    assert told == [("Space", "Delete", 20.0)]
