"""What is written at once in a flood, and what may wait."""

from __future__ import annotations

from typing import Any

import pytest
from studio_operator.engine.reporting.turning_points import goes_with_the_next, is_turning_point


def condition(kind: str, status: str = "True", reason: str = "Why") -> dict[str, Any]:
    return {"type": kind, "status": status, "reason": reason, "message": "words"}


SHOWN: dict[str, Any] = {
    "observedGeneration": 1,
    "phase": "Pending",
    "conditions": [condition("Ready", "False", "Creating"), condition("Reconciling")],
    "operation": {"type": "Resize", "step": "StoppingApp", "restart": True},
    "effective": {"state": "Running", "by": "Spec", "trigger": "Running ml.t3.medium"},
}


@pytest.mark.parametrize(
    "change",
    [
        {"phase": "Starting", "startingSince": "2026-01-01T00:00:00Z"},
        {"phase": "Starting", "cost": {"currency": "USD", "perHour": "0.05"}},
        {"arn": "arn:aws:...", "instanceType": "ml.t3.medium", "settings": {"idleMinutes": 60}},
        {"operation": SHOWN["operation"] | {"step": "UpdatingSpace"}},
        {"effective": SHOWN["effective"] | {"stopsAt": "2026-01-01T19:00:00Z"}},
        {"conditions": [condition("Ready", "False", "Starting"), condition("Reconciling")]},
        {"operatorLease": "studio-operator-system/studio-operator"},
    ],
    ids=[
        "phase",
        "what it costs",
        "what AWS shows",
        "the step of an operation",
        "when the clock stops it",
        "why it is not ready",
        "whose status it is, as after an upgrade of all at once",
    ],
)
def test_steps_on_the_way_can_wait(change: dict[str, Any]) -> None:
    assert not is_turning_point(SHOWN, SHOWN | change)


def test_what_a_creation_applied_goes_with_its_result_since_its_call_carries_all() -> None:
    begun = SHOWN | {"operation": {"type": "Create", "startedAt": "2026-01-01T00:00:00Z"}}
    created = {name: value for name, value in begun.items() if name != "operation"}
    applied = {"applied": {"instanceType": "ml.t3.medium"}, "tagKeys": ["team"]}
    given = {"settings": {"instanceType": {"from": "UserProfile", "value": "ml.t3.medium"}}}
    effective = {"effective": SHOWN["effective"] | given}
    for result in (applied, effective):
        assert not is_turning_point(begun, created | result)
        assert is_turning_point(created, created | result)


@pytest.mark.parametrize(
    "change",
    [
        {"conditions": [condition("Ready")]},
        {"conditions": [condition("Ready", "False"), condition("Stalled")]},
        {"conditions": [*SHOWN["conditions"], condition("Drifted")]},
        {"operation": None},
        {"operation": SHOWN["operation"] | {"to": "ml.m5.large"}},
        {"effective": SHOWN["effective"] | {"reached": True}},
        {"effective": SHOWN["effective"] | {"window": "Closed"}},
        {"effective": None},
        {"observedGeneration": 2},
        {"lastHandledReconcileAt": "now"},
        {"domainId": "d-1"},
    ],
    ids=[
        "ready",
        "stalled",
        "drifted",
        "the end of an operation",
        "another aim",
        "the state was reached",
        "the schedule stands elsewhere",
        "nothing is decided",
        "another spec",
        "an answer to a request",
        "an id that AWS made",
    ],
)
def test_what_somebody_waits_for_cannot(change: dict[str, Any]) -> None:
    after = {name: value for name, value in (SHOWN | change).items() if value is not None}
    assert is_turning_point(SHOWN, after)


def test_the_first_status_cannot_since_without_it_a_resource_counts_as_ready() -> None:
    assert is_turning_point({}, SHOWN)


NOTED = {"createdAt": "2026-01-01T00:00:00Z", "settings": {"instanceType": "ml.t3.medium"}}


def test_what_aws_notes_on_a_thing_it_makes_goes_with_the_next_change() -> None:
    assert goes_with_the_next(SHOWN, SHOWN | NOTED)
    assert goes_with_the_next(SHOWN | NOTED, SHOWN | {"createdAt": "2026-01-01T00:00:01Z"})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SHOWN, SHOWN | NOTED | {"phase": "Starting"}),
        (SHOWN, SHOWN | NOTED | {"arn": "arn:aws:..."}),
        (SHOWN | {"phase": "InService"}, SHOWN | NOTED | {"phase": "InService"}),
        (
            SHOWN | {"conditions": [condition("Ready", "False"), condition("Stalled")]},
            SHOWN | NOTED | {"conditions": [condition("Ready", "False"), condition("Stalled")]},
        ),
        ({}, SHOWN | NOTED),
    ],
    ids=["a step", "a column", "a thing in use", "a thing that needs a person", "first status"],
)
def test_it_does_not_wait_where_no_other_change_need_come(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert not goes_with_the_next(before, after)
