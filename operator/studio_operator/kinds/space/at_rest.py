"""What status says of a space at which nothing is left to do: it runs, was stopped, or failed."""

from __future__ import annotations

from studio_operator.kinds.shared.ownership import look_at
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.plan.decisions import Decision
from studio_operator.plan.lifecycle import stalled
from studio_operator.plan.messages import at, tell
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import another, command, field, wait
from studio_operator.plan.types import Health, Look


def report_failed_app(view: SpaceView) -> Decision | None:
    """An app that failed, and that nothing starts again: AWS's words should be read.

    Of one that was to run a person should know. One that is left to people is as it should be for
    us, and STATUS says Failed. What is declared Stopped, or was stopped since, stays that.
    """
    app, effective = view.situation.app, view.run.effective
    if app is None or app.status != "Failed" or view.wants_running:
        return None
    if app.failure is None:
        return look_at(view, Look.APP)
    said, scheduled = app.failure or "no reason", _next_start(view)
    start = command(f"start it with kubectl studio start {view.situation.declared.name}")
    if effective.by == "Failure":
        others = (
            wait(f"wait: the schedule starts it at {scheduled}")
            if scheduled
            else another("instanceType", "another type")
        )
        return stalled(
            Reason.APP_FAILED,
            f"{app.app_type} failed after it ran",
            start,
            others,
            aws=said,
            phase="Failed",
            operation=None,
        )
    if effective.by == "People":
        message = tell(f"{app.app_type} failed, and is left to people", start, aws=said)
        return Decision(Health.READY, Reason.APP_FAILED, message, phase="Failed", operation=None)
    message = tell(f"{_explain_stop(view)}; before that {app.app_type} failed", aws=said)
    return Decision(Health.READY, _reason_of_stop(view), message, operation=None)


def settle(view: SpaceView) -> Decision:
    """AWS shows what the spec declares."""
    app = view.situation.app
    if app is not None and app.is_active:
        message = f"{app.app_type} runs on {app.instance_type}{_explain_fallback(view)}"
        return Decision(Health.READY, Reason.RUNNING, message, operation=None)
    return Decision(Health.READY, _reason_of_stop(view), _explain_stop(view), operation=None)


def _reason_of_stop(view: SpaceView) -> Reason:
    return Reason.STOPPED_OUTSIDE if view.run.effective.by == "OutsideStop" else Reason.STOPPED


def _explain_stop(view: SpaceView) -> str:
    """Who stopped the app, and what starts it again."""
    effective, scheduled = view.run.effective, _next_start(view)
    if effective.by == "Request" and effective.state == "Stopped":
        return f"stopped as a person asked; {_stays_until(view)}"
    if effective.by == "FirstSeen":
        return _explain_first_observation(view)
    if effective.by == "OutsideStop":
        return f"stopped by a person, the idle timer or AWS; {_stays_until(view)}"
    if effective.by == "MaxRunTime":
        return f"stopped after it had run for {field('maxRunTime')}; {_stays_until(view)}"
    if effective.by != "Schedule":
        return "the app is stopped"
    again = f", which starts it at {scheduled}" if scheduled else ""
    if effective.window == "Snoozed":
        again += "; it is snoozed, which starts nothing"
    return f"stopped by the schedule{again}"


def _explain_first_observation(view: SpaceView) -> str:
    """A resize may have stopped it, of which no status tells any more."""
    scheduled = _next_start(view)
    again = f"; the schedule starts it at {scheduled}" if scheduled else ""
    return tell(
        "the app was stopped when this resource first saw the space, and nobody knows whether it "
        f"ran before{again}",
        command(f"start it with kubectl studio start {view.situation.declared.name}"),
    )


def _stays_until(view: SpaceView) -> str:
    """What starts a stopped app again, by the state that is declared."""
    scheduled, state = _next_start(view), field("state")
    if view.spec.state == "Running":
        by_schedule = f", the schedule starts it at {scheduled}" if scheduled else ""
        changes = f"{state} or the instance type changes"
        return f"it stays stopped until somebody starts it{by_schedule}, or {changes}"
    return f"it stays stopped until somebody starts it, or {state} becomes Running"


def _next_start(view: SpaceView) -> str | None:
    """When the schedule starts the app next, in words."""
    starts_at, schedule = view.run.effective.starts_at, view.spec.schedule
    return at(starts_at, schedule.timezone) if starts_at and schedule else None


def _explain_fallback(view: SpaceView) -> str:
    taken = view.substitute
    return f", a fallback: {taken.message}" if taken is not None else ""
