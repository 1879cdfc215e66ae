"""Plans for what no planner can decide: a spec that can't be read, a look at AWS that failed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from studio_operator.api.common import Model
from studio_operator.aws.errors import AwsError
from studio_operator.engine.entries import Entry, InvalidSpec
from studio_operator.plan.decisions import (
    Decision,
    as_plan,
    asked_by,
    common_status,
    decide_failure,
)
from studio_operator.plan.reasons import Reason
from studio_operator.plan.types import Declared, Failure, FailureKind, Health, Plan

# Failures that say nothing about the resource: what is known of it goes on to hold.
_PASSING = frozenset({FailureKind.TRANSIENT, FailureKind.BUSY, FailureKind.GONE})


def plan_invalid(entry: Entry, invalid: InvalidSpec, now: datetime) -> Plan[Any]:
    """Nothing is done for a spec that can't be read, and status says what is wrong with it."""
    declared = Declared(
        name=entry.key.name,
        namespace=entry.key.namespace,
        uid=entry.uid,
        generation=entry.generation,
        created_at=entry.created_at,
        spec=Model(),
        annotations=entry.annotations,
    )
    decision = Decision(Health.STALLED, Reason.INVALID_SPEC, invalid.message)
    return _as_plan(entry, declared, decision, now)


def plan_without_region(entry: Entry, declared: Declared[Any], now: datetime) -> Plan[Any]:
    """Nothing can be asked of AWS without a region."""
    decision = Decision(
        Health.STALLED,
        Reason.INVALID_SPEC,
        "no AWS region is known: set spec.aws.region, or AWS_DEFAULT_REGION for the operator.",
    )
    return _as_plan(entry, declared, decision, now)


def plan_blind(
    entry: Entry, declared: Declared[Any], error: AwsError, plan: Plan[Any], now: datetime
) -> Plan[Any]:
    """The plan of a domain that AWS does not let us look at: its words, unless it passes."""
    if error.kind in _PASSING:
        return plan
    failure = Failure(
        operation=error.operation,
        kind=error.kind,
        code=error.code,
        message=error.message,
        at=now,
        attempts=1,
        retry_at=None,
        generation=declared.generation,
        requested_at=asked_by(declared),
    )
    decision = decide_failure(failure, declared, now)
    return plan if decision is None else _as_plan(entry, declared, decision, now)


def plan_unseen(
    entry: Entry, declared: Declared[Any], failure: Failure, plan: Plan[Any], now: datetime
) -> Plan[Any]:
    """The plan when the looks that `plan` asked for failed: AWS's words, or just to wait."""
    decision = decide_failure(failure, declared, failure.at)
    if decision is None or failure.kind in _PASSING:
        return Plan(status=plan.status, notes=plan.notes, wake_at=failure.retry_at)
    return _as_plan(entry, declared, decision, now)


def _as_plan(entry: Entry, declared: Declared[Any], decision: Decision, now: datetime) -> Plan[Any]:
    memory = entry.memory
    status = memory.model_copy(update=common_status(declared, memory, decision, now))
    return as_plan(decision, memory, status)
