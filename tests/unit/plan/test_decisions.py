"""What planners share: the rule of failed calls, sight, messages, and explained reasons."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from studio_operator.api.common import (
    REQUESTED_AT,
    START_REQUEST,
    STOP_REQUEST,
    Condition,
    Operation,
)
from studio_operator.kinds.user_profile.api import UserProfileSpec, UserProfileStatus
from studio_operator.plan.decisions import (
    Decision,
    apply_failure,
    as_plan,
    asked_by,
    common_status,
    decide_failure,
    decide_unobserved,
    first_decision,
    name_some,
    started,
)
from studio_operator.plan.reasons import REASONS, Reason
from studio_operator.plan.types import Call, Declared, Failure, FailureKind, Health, Note

from tests.unit.plan.aws_model import START

SPEC = UserProfileSpec.model_validate({"domainRef": {"name": "research"}})
DECLARED = Declared("alice", "ml-team", "uid-1", 3, START, SPEC)
FAILURE = Failure(
    operation="CreateUserProfile",
    kind=FailureKind.BUSY,
    code="ResourceInUse",
    message="User Profile already exists",
    at=START,
    attempts=1,
    retry_at=START + timedelta(seconds=5),
    generation=3,
)
CALL = Decision(
    Health.PROGRESSING,
    Reason.CREATING,
    "creating",
    call=Call("CreateUserProfile", {}),
    notes=(Note("Creating", "CreateUserProfile", "Creating"),),
    record_first=True,
    operation=Operation(type="Create", started_at=START),
    remember={"tag_keys": ("team",)},
)


@pytest.mark.parametrize(
    "changes",
    [
        {"generation": 2},
        {"retry_at": START},
    ],
)
def test_a_failure_of_an_older_spec_or_hour_holds_nothing_back(
    changes: dict[str, Any],
) -> None:
    assert decide_failure(replace(FAILURE, **changes), DECLARED, START) is None
    assert decide_failure(None, DECLARED, START) is None


def test_a_failure_says_aws_words_and_when_it_is_tried_again() -> None:
    decision = decide_failure(FAILURE, DECLARED, START)
    assert decision is not None
    assert (
        decision.message
        == "CreateUserProfile failed. It is tried again. AWS says: User Profile already exists"
    )
    assert decision.wake_at == FAILURE.retry_at
    assert decision.call is None


def test_a_hopeless_failure_never_ends_by_itself() -> None:
    hopeless = replace(FAILURE, kind=FailureKind.INVALID, retry_at=None)
    decision = decide_failure(hopeless, DECLARED, START + timedelta(days=365))
    assert decision is not None
    assert (decision.health, decision.wake_at) == (Health.STALLED, None)


def test_every_kind_of_failure_has_its_words() -> None:
    for kind in FailureKind:
        assert decide_failure(replace(FAILURE, kind=kind), DECLARED, START) is not None


@pytest.mark.parametrize(
    ("code", "words", "remedy"),
    [
        ("AccessDenied", "not authorized", "Grant the operator's IAM role that action."),
        (
            "AccessDenied",
            "not authorized to perform sagemaker:CreateApp with an explicit deny in a service "
            "control policy",
            "Have the policy that AWS names allow the operator's IAM role that action.",
        ),
        (
            "AccessDenied",
            "not authorized to perform sagemaker:CreateApp because no permissions boundary allows "
            "the sagemaker:CreateApp action",
            "Have the policy that AWS names allow the operator's IAM role that action.",
        ),
        (
            "OptInRequired",
            "The AWS Access Key Id needs a subscription for the service",
            "Sign the AWS account up for this service in this region.",
        ),
    ],
)
def test_a_refusal_for_want_of_a_right_says_who_can_give_it(
    code: str, words: str, remedy: str
) -> None:
    failure = replace(FAILURE, kind=FailureKind.ACCESS, code=code, message=words)
    decision = decide_failure(failure, DECLARED, START)
    assert decision is not None
    assert remedy in decision.message


def test_a_held_call_leaves_no_trace_but_the_failure() -> None:
    held = apply_failure(CALL, FAILURE, DECLARED, START)
    told = decide_failure(FAILURE, DECLARED, START)
    assert told is not None
    assert held == replace(told, phase=CALL.phase)


def test_a_due_call_goes_out_while_status_still_tells_the_failure() -> None:
    due = apply_failure(CALL, FAILURE, DECLARED, START + timedelta(seconds=5))
    assert (due.call, due.record_first, due.notes) == (CALL.call, True, CALL.notes)
    assert due.reason is Reason.AWS_BUSY
    assert due.operation == CALL.operation


@pytest.mark.parametrize(
    ("before", "now", "anew"),
    [
        ({}, {REQUESTED_AT: "now"}, True),
        ({}, {START_REQUEST: "2026-03-02T12:00:00Z"}, True),
        ({REQUESTED_AT: "1"}, {REQUESTED_AT: "2"}, True),
        ({REQUESTED_AT: "1"}, {REQUESTED_AT: "1", STOP_REQUEST: "1"}, True),
        ({START_REQUEST: "1"}, {STOP_REQUEST: "1"}, True),
        # What is taken away asks for nothing, and neither does what stays.
        ({REQUESTED_AT: "1"}, {}, False),
        ({REQUESTED_AT: "1", START_REQUEST: "1"}, {REQUESTED_AT: "1"}, False),
        ({REQUESTED_AT: "1", START_REQUEST: "1"}, {START_REQUEST: "1"}, False),
        ({REQUESTED_AT: "for the demo"}, {REQUESTED_AT: "for the demo"}, False),
        # A part of an older value is another value.
        ({REQUESTED_AT: "for the demo"}, {REQUESTED_AT: "demo"}, True),
        ({START_REQUEST: "1 stop=2"}, {STOP_REQUEST: "2"}, True),
        ({START_REQUEST: "2026-03-02T12:00:00+01:00"}, {}, False),
    ],
)
def test_a_failure_ends_when_people_ask_for_something_new(
    before: dict[str, str], now: dict[str, str], anew: bool
) -> None:
    then, asked = replace(DECLARED, annotations=before), replace(DECLARED, annotations=now)
    failure = replace(FAILURE, requested_at=asked_by(then))
    assert (apply_failure(CALL, failure, asked, START) == CALL) == anew


def test_an_ordinary_request_is_told_as_it_was_written() -> None:
    asked = {REQUESTED_AT: "2026-03-02T12:00:00Z", START_REQUEST: "2026-03-02T12:00:00+01:00"}
    text = "2026-03-02T12:00:00Z start=2026-03-02T12:00:00+01:00"
    assert asked_by(replace(DECLARED, annotations=asked)) == text


def test_without_a_call_a_failure_does_not_matter() -> None:
    ready = Decision(Health.READY, Reason.IN_SERVICE, "as declared")
    assert apply_failure(ready, FAILURE, DECLARED, START) == ready


def ready_status(generation: int) -> UserProfileStatus:
    condition = Condition(
        type="Ready",
        status="True",
        observed_generation=generation,
        last_transition_time=START,
        reason="InService",
        message="as declared",
    )
    return UserProfileStatus(phase="InService", conditions=(condition,))


@pytest.mark.parametrize(
    ("status", "health", "reason"),
    [
        (ready_status(3), Health.READY, Reason.IN_SERVICE),
        (ready_status(2), Health.PROGRESSING, Reason.AWS_NOT_OBSERVED),
        (UserProfileStatus(), Health.PROGRESSING, Reason.AWS_NOT_OBSERVED),
    ],
)
def test_unseen_only_what_was_ready_for_this_spec_stays_ready(
    status: UserProfileStatus, health: Health, reason: Reason
) -> None:
    decision = decide_unobserved(DECLARED, status)
    assert (decision.health, decision.reason, decision.phase) == (health, reason, status.phase)


def test_the_first_rule_that_decides_wins() -> None:
    ready = Decision(Health.READY, Reason.IN_SERVICE, "as declared")
    rules = (lambda _: None, lambda _: ready, lambda _: CALL)
    assert first_decision(DECLARED, rules) is ready
    with pytest.raises(AssertionError, match="must decide always"):
        first_decision(DECLARED, (lambda _: None,))


def test_an_event_tells_when_a_resource_becomes_ready_or_stalls_and_not_again() -> None:
    old = UserProfileStatus()
    decision = Decision(Health.STALLED, Reason.OWNERSHIP_CONFLICT, "it belongs to bob")
    status = old.model_copy(update=common_status(DECLARED, old, decision, START))
    note = Note("OwnershipConflict", "Stall", "it belongs to bob", "Warning")
    assert as_plan(decision, old, status).notes == (note,)
    assert as_plan(decision, status, status).notes == ()


def test_a_status_that_says_what_it_said_is_not_made_anew() -> None:
    decision = Decision(Health.PROGRESSING, Reason.CREATING, "it is being created")
    status = UserProfileStatus().with_members(
        common_status(DECLARED, UserProfileStatus(), decision, START)
    )
    later = START + timedelta(hours=1)
    again = common_status(DECLARED, status, decision, later)
    assert status.with_members(again) is status
    further = replace(decision, message="it is still being created")
    changed = status.with_members(common_status(DECLARED, status, further, later))
    assert [one.message for one in changed.conditions] == [further.message] * 2
    assert {one.last_transition_time for one in changed.conditions} == {START}
    assert status.conditions[0].message == decision.message


def test_an_operation_keeps_its_start() -> None:
    later = START + timedelta(hours=1)
    operation = started(UserProfileStatus(), "Create", START)
    status = UserProfileStatus(operation=operation)
    assert started(status, "Create", later, step="Waiting").started_at == START
    assert started(status, "Delete", later).started_at == later


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["b", "a"], "a, b"),
        ([f"s{n:02}" for n in range(10)], ", ".join(f"s{n:02}" for n in range(10))),
        ([f"s{n:02}" for n in range(13)], ", ".join(f"s{n:02}" for n in range(10)) + " and 3 more"),
    ],
)
def test_long_lists_are_cut_short(names: list[str], text: str) -> None:
    assert name_some(names) == text


def test_every_reason_is_explained_in_sentences_and_is_one_word() -> None:
    assert set(REASONS) == set(Reason)
    for reason, explanation in REASONS.items():
        # The form that Kubernetes asks of a condition's reason.
        assert re.fullmatch(r"[A-Z][A-Za-z]+", reason)
        assert explanation.meaning.endswith(".")
        assert explanation.remedy.endswith(".")
