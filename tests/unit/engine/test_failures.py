"""Failures: when a call is tried again, and what ends a failure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from studio_operator.api.common import REQUESTED_AT
from studio_operator.aws.errors import AwsError
from studio_operator.engine.declared.failures import Failures
from studio_operator.engine.queue import Backoff
from studio_operator.kinds.user_profile.api import UserProfileSpec
from studio_operator.kube.resources import Key
from studio_operator.plan.types import Declared, FailureKind

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = Key("UserProfile", "team", "alice")


def declared(generation: int = 1, asked: str | None = None) -> Declared[UserProfileSpec]:
    return Declared(
        name="alice",
        namespace="team",
        uid="uid",
        generation=generation,
        created_at=NOW,
        spec=UserProfileSpec.model_validate({"domainRef": {"name": "research"}}),
        annotations={REQUESTED_AT: asked} if asked else {},
    )


def error(operation: str = "CreateApp", kind: FailureKind = FailureKind.BUSY) -> AwsError:
    return AwsError(operation, kind, "Code", "in AWS's words", "request-1")


@pytest.fixture
def failures() -> Failures:
    backoffs = {FailureKind.BUSY: Backoff(1.0, 10.0)}
    return Failures(backoffs, random=lambda: 1.0)


def test_the_pause_doubles_up_to_its_ceiling(failures: Failures) -> None:
    pauses = []
    for _ in range(5):
        retry_at = failures.record(KEY, declared(), error(), NOW).retry_at
        assert retry_at is not None
        pauses.append((retry_at - NOW).total_seconds())
    assert pauses == [1, 2, 4, 8, 10]


def test_at_least_half_of_the_pause_is_kept() -> None:
    failures = Failures({FailureKind.BUSY: Backoff(1.0, 10.0)}, random=lambda: 0.0)
    failure = failures.record(KEY, declared(), error(), NOW)
    assert failure.retry_at == NOW + timedelta(seconds=0.5)


def test_a_hopeless_failure_has_no_time_to_try_again(failures: Failures) -> None:
    failure = failures.record(KEY, declared(), error(kind=FailureKind.INVALID), NOW)
    assert failure.retry_at is None
    assert failure.attempts == 1


@pytest.mark.parametrize(
    "later", [declared(generation=2), declared(asked="now")], ids=["a new spec", "a request"]
)
def test_what_ends_a_failure(failures: Failures, later: Declared[UserProfileSpec]) -> None:
    failures.record(KEY, declared(), error(), NOW)
    assert failures.current(KEY, declared()) is not None
    assert failures.current(KEY, later) is None
    assert failures.record(KEY, later, error(), NOW).attempts == 1


@pytest.mark.parametrize(
    ("kind", "ends"),
    [
        (FailureKind.INVALID, True),
        (FailureKind.ACCESS, True),
        (FailureKind.QUOTA, False),
        (FailureKind.BUSY, False),
    ],
)
def test_what_it_depends_on_ends_a_failure_that_may_be_due_to_that(
    failures: Failures, kind: FailureKind, *, ends: bool
) -> None:
    before, after = (replace(declared(), depends_on=one) for one in ("before", "after"))
    failures.record(KEY, before, error(kind=kind), NOW)
    assert failures.current(KEY, replace(before, depends_on=None)) is not None, "on its way"
    assert failures.current(KEY, before) is not None
    assert (failures.current(KEY, after) is None) == ends


def test_a_request_that_is_taken_away_ends_no_failure(failures: Failures) -> None:
    failures.record(KEY, declared(asked="now"), error(), NOW)
    assert failures.current(KEY, declared()) is not None


def test_where_the_cause_is_gone_all_that_failed_for_it_is_due_after_a_moment() -> None:
    kinds = (FailureKind.CREDENTIALS, FailureKind.BUSY)
    backoffs = {kind: Backoff(300.0, 300.0) for kind in kinds}
    failures = Failures(backoffs, random=lambda: 1.0, recovered_pause=10.0)
    failures.record(KEY, declared(), error(kind=FailureKind.CREDENTIALS), NOW)
    other = Key("UserProfile", "team", "bob")
    failures.record(other, declared(), error(kind=FailureKind.BUSY), NOW)
    due = NOW + timedelta(seconds=10)
    assert failures.recover(FailureKind.CREDENTIALS) == [(KEY, due)]
    failure = failures.current(KEY, declared())
    assert failure is not None
    assert failure.retry_at == due
    untouched = failures.current(other, declared())
    assert untouched is not None
    assert untouched.retry_at == NOW + timedelta(seconds=300)
    assert failures.recover(FailureKind.CREDENTIALS) == [], "once is enough"


def test_a_success_ends_a_failure_but_not_another_operations_count(failures: Failures) -> None:
    failures.record(KEY, declared(), error("CreateApp"), NOW)
    failures.succeed(KEY, "AddTags")
    assert failures.current(KEY, declared()) is None
    assert failures.record(KEY, declared(), error("CreateApp"), NOW).attempts == 2
    failures.succeed(KEY, "CreateApp")
    assert failures.record(KEY, declared(), error("CreateApp"), NOW).attempts == 1
