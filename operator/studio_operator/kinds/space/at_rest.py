"""What status says of a space at which nothing is left to do: it runs, was stopped, or failed."""

from __future__ import annotations

from studio_operator.kinds.shared.ownership import look_at
from studio_operator.kinds.shared.running.words import explain_stop, next_start, reason_of_stop
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.plan.decisions import Decision
from studio_operator.plan.lifecycle import stalled
from studio_operator.plan.messages import tell
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import another, command, wait
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
    said, scheduled = app.failure or "no reason", next_start(view.run)
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
    message = tell(f"{explain_stop(view.run)}; before that {app.app_type} failed", aws=said)
    return Decision(Health.READY, reason_of_stop(view.run), message, operation=None)


def settle(view: SpaceView) -> Decision:
    """AWS shows what the spec declares."""
    app = view.situation.app
    if app is not None and app.is_active:
        message = f"{app.app_type} runs on {app.instance_type}{_explain_fallback(view)}"
        return Decision(Health.READY, Reason.RUNNING, message, operation=None)
    return Decision(Health.READY, reason_of_stop(view.run), explain_stop(view.run), operation=None)


def _explain_fallback(view: SpaceView) -> str:
    taken = view.substitute
    return f", a fallback: {taken.message}" if taken is not None else ""
