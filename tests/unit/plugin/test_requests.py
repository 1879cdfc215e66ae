"""Requests by annotation: which value, whether it is of any use, and what has become of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from studio_operator.api import common
from studio_operator.kinds.space.api.status import SpaceRequests
from studio_operator.plugin.requests.requests import (
    APPLY_NOW,
    RECONCILE,
    REQUESTS,
    RESTART,
    START,
    STOP,
    Request,
    State,
)

from tests.unit.plugin.resources import Raw, event, ready, reconciling, resource, stalled

NOW = datetime(2026, 11, 22, 5, 0, 0, 250_000, tzinfo=UTC)
VALUE = "2026-11-22T05:00:00Z"


def test_annotations_and_echoes_are_those_of_the_operator() -> None:
    known = {*common.SPACE_REQUESTS, common.REQUESTED_AT}
    assert {one.annotation for one in REQUESTS} <= known
    members = {field.alias for field in SpaceRequests.model_fields.values()}
    assert {one.member for one in REQUESTS} - {None} <= members


@pytest.mark.parametrize(
    ("annotations", "value"),
    [
        ({}, VALUE),
        ({START.annotation: "2026-11-22T04:59:59Z"}, VALUE),
        ({START.annotation: VALUE}, "2026-11-22T05:00:01Z"),
        ({STOP.annotation: VALUE}, "2026-11-22T05:00:01Z"),
        ({STOP.annotation: "2026-11-22T06:00:00Z"}, "2026-11-22T06:00:01Z"),
        ({STOP.annotation: "please"}, VALUE),
        ({"someone.else/start": "2030-01-01T00:00:00Z"}, VALUE),
    ],
)
def test_a_request_is_later_than_any_before(annotations: Raw, value: str) -> None:
    assert START.next_value(NOW, resource(annotations=annotations)) == value


@pytest.mark.parametrize(
    ("request_", "status", "deleting", "refusal"),
    [
        (START, {"arn": "arn:space", "phase": "Stopped"}, None, None),
        (START, {"phase": "Pending"}, None, "not in AWS yet"),
        (START, {}, None, "not in AWS yet"),
        (STOP, {"arn": "arn:space"}, VALUE, "being deleted"),
        (RECONCILE, {}, VALUE, None),
    ],
)
def test_what_is_of_no_use_is_not_asked(
    request_: Request, status: Raw, deleting: str | None, refusal: str | None
) -> None:
    told = request_.refusal(resource(deleting=deleting, **status))
    assert told is refusal is None or (told and refusal and refusal in told)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: one.verb)
@pytest.mark.parametrize("member", ["schedule", "resizeWindow"])
def test_only_a_stop_and_a_look_are_asked_of_a_spec_that_cant_be_read(
    request_: Request, member: str
) -> None:
    spec = {member: {"timezone": "Europe/Berlim"}}
    told = request_.refusal(resource(spec=spec, arn="arn:space", phase="InService"))
    problem = f"spec.{member}.timezone is Europe/Berlim, which is no time zone: correct it first"
    assert told == (None if request_ in (STOP, RECONCILE) else problem)


def handled(member: str, **status: Any) -> Raw:
    """A space that has taken up the request."""
    return resource(arn="arn:space", handledRequests={member: VALUE}, **status)


OPERATION = {"type": "Restart", "step": "StoppingApp", "startedAt": VALUE, "restart": True}
CASES = [
    # what was asked, of what, and what has become of it
    (STOP, handled("stop", phase="InService", conditions=stalled("InvalidSpec")), State.UNDER_WAY),
    (START, resource(arn="arn:space", phase="Stopped", conditions=ready()), State.ASKED),
    (
        START,
        handled("start", phase="Starting", conditions=reconciling("Starting")),
        State.UNDER_WAY,
    ),
    (START, handled("start", phase="InService", conditions=ready()), State.DONE),
    (START, handled("start", phase="InService", conditions=stalled("NotApplied")), State.DONE),
    (START, handled("start", phase="Failed", conditions=stalled("AppFailed")), State.STALLED),
    (START, handled("stop", phase="InService", conditions=ready()), State.ASKED),
    (STOP, handled("stop", phase="Stopping", conditions=reconciling("Stopping")), State.UNDER_WAY),
    (STOP, handled("stop", phase="Stopped", conditions=ready("Stopped")), State.DONE),
    (
        RESTART,
        handled(
            "restart", phase="InService", conditions=reconciling("Restarting"), operation=OPERATION
        ),
        State.UNDER_WAY,
    ),
    (RESTART, handled("restart", phase="InService", conditions=ready()), State.DONE),
    (RESTART, handled("restart", phase="Stopped", conditions=ready("Stopped")), State.REFUSED),
    (APPLY_NOW, handled("applyNow", phase="InService", conditions=ready()), State.DONE),
    (
        APPLY_NOW,
        handled("applyNow", phase="Resizing", conditions=reconciling("Resizing")),
        State.UNDER_WAY,
    ),
    (RECONCILE, resource(lastHandledReconcileAt=VALUE, conditions=ready()), State.DONE),
    (RECONCILE, resource(lastHandledReconcileAt="before", conditions=ready()), State.ASKED),
    (
        RECONCILE,
        resource(lastHandledReconcileAt=VALUE, conditions=stalled("AccessDenied", "no")),
        State.STALLED,
    ),
]


@pytest.mark.parametrize(("request_", "found", "state"), CASES)
def test_what_has_become_of_a_request(request_: Request, found: Raw, state: State) -> None:
    assert request_.judge(VALUE, found).state is state


def test_a_status_of_an_older_spec_ends_nothing() -> None:
    found = handled("start", phase="InService", conditions=ready())
    found["metadata"]["generation"] = 2
    assert START.judge(VALUE, found).state is State.UNDER_WAY


def test_the_operators_event_says_what_it_refuses() -> None:
    found = handled("stop", phase="InService", conditions=ready())
    outcome = STOP.judge(VALUE, found, [event("RequestRefused", "not done: Enforce")])
    assert (outcome.state, outcome.message) == (State.REFUSED, "not done: Enforce")
