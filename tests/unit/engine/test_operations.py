"""What is under way by status, and what logs, metrics and traces are told when it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from studio_operator import tracing
from studio_operator.api.common import Condition, Operation
from studio_operator.engine.context import current
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.operations import Operations, UnderWay, under_way
from studio_operator.kinds.space.api.status import SpaceStatus
from studio_operator.kube.resources import Key
from studio_operator.plan.types import Plan

from tests.unit.engine.test_store import body

KEY = Key("Space", "team", "notebooks")
BEGAN = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
NOW = BEGAN + timedelta(seconds=90)


def condition(type_: str, since: datetime = BEGAN, status: str = "True") -> Condition:
    return Condition.model_validate(
        {
            "type": type_,
            "status": status,
            "lastTransitionTime": since,
            "reason": "Why",
            "message": "words",
        }
    )


def reconciling(phase: str, since: datetime = BEGAN) -> SpaceStatus:
    conditions = (condition("Ready", since, "False"), condition("Reconciling", since))
    return SpaceStatus(phase=phase, conditions=conditions)


READY = SpaceStatus(phase="InService", conditions=(condition("Ready"),))
STALLED = SpaceStatus(
    phase="Failed", conditions=(condition("Ready", status="False"), condition("Stalled"))
)
RESIZING = SpaceStatus(
    phase="Resizing",
    conditions=(condition("Reconciling", BEGAN - timedelta(hours=1)),),
    operation=Operation(type="Resize", started_at=BEGAN),
)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (RESIZING, UnderWay("Resize", BEGAN, "Resize")),
        (reconciling("Pending"), UnderWay("Create", BEGAN)),
        (reconciling("Starting"), UnderWay("Start", BEGAN)),
        (reconciling("InService"), UnderWay("Reconcile", BEGAN)),
        (reconciling("Starting", BEGAN.replace(microsecond=7)), UnderWay("Start", BEGAN)),
        (READY, None),
        (STALLED, None),
    ],
)
def test_status_says_what_is_under_way(status: SpaceStatus, expected: UnderWay | None) -> None:
    assert under_way(status) == expected


class Story:
    """Passes over one space, and what was told of operations that ended."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.operations = Operations(lambda *one: self.told.append(one), lambda: NOW)
        self.entry = Entry.from_raw(body(KEY))

    def pass_to(self, status: SpaceStatus, **plan: Any) -> str | None:
        """One pass that ends with this status; the operation that its log lines name."""
        with self.operations.follow(self.entry, Plan(status=status, **plan)):
            named: str | None = current()["operation"]
        self.entry.remember(status)
        return named


def test_an_operation_is_told_once_when_it_has_ended() -> None:
    story = Story()
    assert [story.pass_to(one) for one in (RESIZING, RESIZING, READY, READY)] == [
        *("Resize", "Resize", "Resize"),
        None,
    ]
    assert story.told == [("Space", "Resize", "ready", 90.0)]


def test_a_creation_keeps_its_name_through_all_phases() -> None:
    story = Story()
    phases = [story.pass_to(reconciling(phase)) for phase in ("Pending", "Starting")]
    assert phases == ["Create", "Create"]
    story.pass_to(READY)
    assert story.told == [("Space", "Create", "ready", 90.0)]


def test_a_resize_in_the_second_of_the_creation_is_an_operation_of_its_own() -> None:
    story = Story()
    assert [story.pass_to(one) for one in (reconciling("Starting"), READY, RESIZING, READY)] == [
        *("Start", "Start", "Resize", "Resize"),
    ]
    assert story.told == [("Space", "Start", "ready", 90.0), ("Space", "Resize", "ready", 90.0)]


def test_operations_of_one_second_have_traces_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    traces: list[str] = []
    monkeypatch.setattr(
        tracing, "operation_ended", lambda _name, identity, *_rest: traces.append(identity)
    )
    story = Story()
    for one in (reconciling("Starting"), READY, RESIZING, READY):
        story.pass_to(one)
    assert len(set(traces)) == 2


@pytest.mark.parametrize(
    ("status", "plan", "outcome"),
    [
        (STALLED, {}, "stalled"),
        (RESIZING, {}, "replaced"),
        (reconciling("Deleting"), {"finalizer": False}, "gone"),
    ],
)
def test_an_end_has_an_outcome(status: SpaceStatus, plan: dict[str, Any], outcome: str) -> None:
    story = Story()
    story.pass_to(reconciling("Starting", BEGAN - timedelta(seconds=10)))
    story.pass_to(status, **plan)
    assert story.told == [("Space", "Start", outcome, 100.0)]


def test_a_pass_that_fails_ends_nothing() -> None:
    story = Story()
    story.pass_to(RESIZING)
    with (
        pytest.raises(ValueError, match="refused"),
        story.operations.follow(story.entry, Plan(status=READY)),
    ):
        raise ValueError("refused")
    assert story.told == []
    story.pass_to(READY)
    assert len(story.told) == 1


def test_a_process_that_takes_over_goes_on_with_the_operation() -> None:
    first, second = Story(), Story()
    first.pass_to(RESIZING)
    second.entry = replace(second.entry)
    second.entry.remember(RESIZING)
    second.pass_to(READY)
    assert second.told == [("Space", "Resize", "ready", 90.0)]
