"""Plans for what no planner can decide: no region to ask in, a look at AWS that failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from studio_operator.aws.errors import AwsError
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.index import is_in_aws, is_in_domain, region_of
from studio_operator.plan.decisions import (
    Decision,
    as_plan,
    asked_by,
    common_status,
    decide_failure,
)
from studio_operator.plan.messages import shorten, tell
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import another, field, in_kubernetes
from studio_operator.plan.scope import Scope
from studio_operator.plan.types import INCONCLUSIVE, Declared, Failure, Health, Plan

# What an administrator sets; the chart's value is settings.furtherRegions.
FURTHER_REGIONS = "STUDIO_OPERATOR_FURTHER_REGIONS"


def lacks_region(entry: Entry, scope: Scope) -> bool:
    """Whether a resource is to be in AWS, and it is not known in which region."""
    return is_in_aws(entry.key) and not scope.region


def plan_without_region(entry: Entry, declared: Declared[Any], now: datetime) -> Plan[Any]:
    """Nothing can be asked of AWS without a region, or in one that is not known."""
    named = "" if is_in_domain(entry.key) else region_of(entry, "")
    message = "no AWS region is known: set spec.aws.region, or AWS_DEFAULT_REGION for the operator."
    if named:
        message = tell(
            f"{field('aws.region')} is {shorten(named, 40)}: no region of AWS that is known here",
            another("aws.region", "a region such as eu-central-1"),
            in_kubernetes(f"name a new region in the operator's setting {FURTHER_REGIONS}"),
        )
    decision = Decision(Health.STALLED, Reason.INVALID_SPEC, message)
    return _as_plan(entry, declared, decision, now)


def plan_blind(
    entry: Entry, declared: Declared[Any], error: AwsError, plan: Plan[Any], now: datetime
) -> Plan[Any]:
    """The plan of what AWS does not let us look at: its words, unless it passes."""
    if error.kind in INCONCLUSIVE:
        return plan
    failure = Failure(
        operation=error.operation,
        kind=error.kind,
        code=error.code,
        message=error.message,
        at=now,
        attempts=1,
        retry_at=None,
        was_answered=error.request_id is not None,
        generation=declared.generation,
        requested_at=asked_by(declared),
        depends_on=declared.depends_on,
    )
    decision = decide_failure(failure, declared, now)
    if decision is None:
        return plan
    return _as_plan(entry, declared, replace(decision, wake_at=plan.wake_at), now)


def plan_unobserved(
    entry: Entry, declared: Declared[Any], failure: Failure, plan: Plan[Any], now: datetime
) -> Plan[Any]:
    """The plan when the looks that `plan` asked for failed: AWS's words, or just to wait."""
    decision = decide_failure(failure, declared, failure.at)
    if decision is None or failure.kind in INCONCLUSIVE:
        return Plan(status=plan.status, notes=plan.notes, wake_at=failure.retry_at)
    return _as_plan(entry, declared, decision, now)


def _as_plan(entry: Entry, declared: Declared[Any], decision: Decision, now: datetime) -> Plan[Any]:
    old = entry.status
    status = old.with_members(common_status(declared, old, decision, now))
    return as_plan(decision, old, status)
