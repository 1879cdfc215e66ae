"""When an app whose start failed is started again, and what is said until then.

CreateApp may succeed and the app fail minutes later: AWS then keeps a Failed record whose
FailureReason says why. Or AWS refuses CreateApp itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from studio_operator.kinds.space.checks.script_failures import (
    explain_script_failure,
    would_run_another,
)
from studio_operator.kinds.space.checks.start_causes import cause_of
from studio_operator.kinds.space.features.instance_fallback import start_limit
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.plan.decisions import Decision, requested_at
from studio_operator.plan.lifecycle import waiting
from studio_operator.plan.messages import at, tell
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import Remedy, another, wait
from studio_operator.plan.types import FailureKind, Health

# A script that failed once fails again: only another script or a person's request helps.
_FINAL = frozenset({Reason.LIFECYCLE_CONFIG_FAILED})
# These need a person before a deadline could pass.
_STALLED_AT_ONCE = frozenset({Reason.LIFECYCLE_CONFIG_FAILED, Reason.QUOTA_EXCEEDED})


def next_start(view: SpaceView) -> datetime | None:
    """When the app may be started; None for not before the spec changes or a person asks.

    The pause doubles with each failure: it is as long as the starts have been failing already.
    """
    app, since, now = view.situation.app, view.starting_since, view.situation.now
    last = view.last_start_at
    if app is None or app.status != "Failed" or since is None:
        return now
    if last is None or last < since or _is_asked_for(view):
        return now
    cause = cause_of(app.failure or "")
    if cause in _FINAL and not would_run_another(view):
        return None
    tuning = view.situation.tuning
    if cause is Reason.STORAGE_COOLDOWN:
        return last + timedelta(seconds=tuning.storage_cooldown_seconds)
    failing_for = (last - since).total_seconds()
    pause = min(max(failing_for, tuning.start_retry_seconds), tuning.start_retry_max_seconds)
    return last + timedelta(seconds=pause)


def explain_start_failure(view: SpaceView) -> Decision:
    """What status says between two starts."""
    app, since, now = view.situation.app, view.starting_since, view.situation.now
    said = (app.failure if app else None) or "no reason"
    cause, due = cause_of(said), next_start(view)
    deadline = (since or now) + start_limit(view.situation)
    stalled = cause in _STALLED_AT_ONCE or now >= deadline
    remedies: tuple[Remedy, ...]
    problem, remedies = f"{view.spec.app} failed to start", (another(""),)
    if due is not None:
        remedies = (wait(f"it is started again at {at(due)}"),)
    elif cause is Reason.LIFECYCLE_CONFIG_FAILED:
        problem, remedies = explain_script_failure(view)
    return Decision(
        Health.STALLED if stalled else Health.PROGRESSING,
        cause,
        tell(problem, *remedies, aws=said),
        phase="Failed",
        wake_at=min(due, deadline) if due and now < deadline else due,
    )


def await_start_to_change(view: SpaceView, change: str) -> Decision | None:
    """No app is stopped for a change while it starts: that AWS takes a DeleteApp then is not said.

    One whose start takes too long, or that another instance type is to take the place of, is.
    """
    app, now = view.situation.app, view.situation.now
    if app is None or app.status != "Pending" or view.substitute is not None:
        return None
    deadline = (view.status.starting_since or now) + start_limit(view.situation)
    if now >= deadline:
        return None
    return Decision(
        Health.PROGRESSING,
        Reason.STARTING,
        f"{app.app_type} is starting on {app.instance_type}. When it runs, it is stopped to "
        f"{change}.",
        wake_at=deadline,
    )


def await_start_to_stop(view: SpaceView) -> Decision | None:
    """A stop that AWS refuses while the app starts is asked for again when it runs.

    Or when its start takes too long. AWS's words about it would help nobody.
    """
    app, failure, now = view.situation.app, view.situation.failure, view.situation.now
    if app is None or failure is None or failure.retry_at is None:
        return None
    if failure.operation != "DeleteApp" or failure.kind is not FailureKind.BUSY:
        return None
    if app.status == "Pending":
        due = failure.at + start_limit(view.situation)
        message = f"{app.app_type} is starting, and AWS stops no app before it runs"
    else:
        due, message = failure.retry_at, f"{app.app_type} has just started, and is stopped now"
    return waiting(Reason.STOPPING, message, wake_at=due) if now < due else None


def stall_when_late(view: SpaceView, decision: Decision) -> Decision:
    """Past the deadline, a start that AWS refuses for want of capacity counts as stalled too.

    It is still tried again, and recovers by itself.
    """
    failure, since = view.failure, view.starting_since
    if failure is None or since is None or decision.health is not Health.PROGRESSING:
        return decision
    if (failure.operation, failure.kind) != ("CreateApp", FailureKind.CAPACITY):
        return decision
    if decision.reason is not Reason.INSUFFICIENT_CAPACITY:  # it does not speak of that start
        return decision
    deadline = since + start_limit(view.situation)
    if view.situation.now >= deadline:
        return replace(decision, health=Health.STALLED, phase="Failed")
    return replace(decision, wake_at=min(decision.wake_at or deadline, deadline))


def _is_asked_for(view: SpaceView) -> bool:
    if view.run.requests.run_state == "Running":
        return True
    asked = requested_at(view.situation.declared)
    return asked is not None and asked != view.status.last_handled_reconcile_at
