"""When an app whose start failed is started again, and what is said until then.

CreateApp may succeed and the app fail minutes later: AWS then keeps a Failed record whose
FailureReason says why. Or AWS refuses CreateApp itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from studio_operator.plan.decisions import Decision, requested_at
from studio_operator.plan.reasons import Reason
from studio_operator.plan.space_view import SpaceView
from studio_operator.plan.start_causes import cause_of
from studio_operator.plan.substitution import start_limit
from studio_operator.plan.types import FailureKind, Health

# A script that failed once fails again: only a new spec or a person's request helps.
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
    if cause in _FINAL:
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
    said = (app.failure if app else None) or "AWS gives no reason"
    cause, due = cause_of(said), next_start(view)
    deadline = (since or now) + start_limit(view.situation)
    stalled = cause in _STALLED_AT_ONCE or now >= deadline
    again = f"It is started again at {due:%H:%M:%S} UTC." if due else _remedy(cause)
    return Decision(
        Health.STALLED if stalled else Health.PROGRESSING,
        cause,
        f"{view.spec.app} failed to start: {said.rstrip('.')}. {again}",
        phase="Failed",
        wake_at=min(due, deadline) if due and now < deadline else due,
    )


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


def _remedy(cause: Reason) -> str:
    if cause is Reason.LIFECYCLE_CONFIG_FAILED:
        return "Correct spec.lifecycleConfigArn."
    return "Correct the spec."


def _is_asked_for(view: SpaceView) -> bool:
    if view.requests.run_state == "Running":
        return True
    asked = requested_at(view.situation.declared)
    return asked is not None and asked != view.memory.last_handled_reconcile_at
