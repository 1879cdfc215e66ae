"""Rules that start, stop and restart what AWS has operations of these names for."""

from __future__ import annotations

from dataclasses import replace

from studio_operator.api.common import Operation
from studio_operator.kinds.shared.running.view import RunSettingsView
from studio_operator.kinds.shared.running.words import STOPPED_BY, explain_stop, reason_of_stop
from studio_operator.kinds.shared.unreadable import look_in_spite, tell_unreadable
from studio_operator.kinds.shared.updates import be_ready
from studio_operator.plan.decisions import Decision, Rule
from studio_operator.plan.lifecycle import waiting
from studio_operator.plan.messages import sentence
from studio_operator.plan.reasons import Reason
from studio_operator.plan.types import Call, Health, Note

# The type of the operation that stops something and starts it again, and its steps.
RESTART, STOPPING, STARTING = "Restart", "Stopping", "Starting"


def await_restart(view: RunSettingsView) -> Decision | None:
    """What stops for a restart is waited for.

    The stop is done then: what runs later was started by somebody, and is left alone.
    """
    operation = _restart(view)
    if operation is None or view.run.situation.run.status != "Stopping":
        return None
    said = waiting(Reason.RESTARTING, f"{view.title} is being stopped in AWS")
    return replace(said, operation=operation.model_copy(update={"step": STARTING}))


def stop(view: RunSettingsView) -> Decision | None:
    """`state: Stopped` at its trigger, the schedule's end, too long a run, a person's request."""
    run = view.run
    if run.situation.run.status != "Running" or not run.is_stop_asked:
        return None
    message = f"stopping {view.title}: {STOPPED_BY[run.effective.by]}"
    return _decision(view, "Stop", Reason.STOPPING, message, None)


def restart(view: RunSettingsView) -> Decision | None:
    """A restart that a person asked for; that it is owed a start is recorded before the stop."""
    before, run = _restart(view), view.run
    is_begun = before is not None and before.step == STOPPING
    if run.situation.run.status != "Running" or not (run.requests.restart or is_begun):
        return None
    now = run.situation.now.replace(microsecond=0)
    begun = Operation(type=RESTART, step=STOPPING, started_at=now, restart=True)
    message = f"restarting {view.title}: a person asked for it"
    said = _decision(view, "Stop", Reason.RESTARTING, message, before if is_begun else begun)
    return replace(said, record_first=True)


def start(view: RunSettingsView) -> Decision | None:
    """What is to run, and what a restart has stopped."""
    run, operation = view.run, _restart(view)
    is_owed = operation is not None and not run.is_stop_asked
    if run.situation.run.status != "Stopped" or not (run.effective.state == "Running" or is_owed):
        return None
    if operation is None or not is_owed:
        return _decision(view, "Start", Reason.STARTING, f"starting {view.title}", None)
    under_way = operation.model_copy(update={"step": STARTING})
    message = f"starting {view.title} again"
    return _decision(view, "Start", Reason.RESTARTING, message, under_way)


def rest(view: RunSettingsView) -> Decision:
    """AWS shows what is declared: it runs, or was stopped."""
    if view.run.situation.run.status != "Stopped":
        return be_ready(view)
    reason, message = reason_of_stop(view.run), explain_stop(view.run)
    return replace(be_ready(view), reason=reason, message=message)


def stop_in_spite(view: RunSettingsView) -> Decision | None:
    """A stop that a person asks for is carried out though the spec can't be read."""
    stopping = stop(view)
    if stopping is None:
        return None
    said = tell_unreadable(view)
    return replace(said, call=stopping.call, notes=stopping.notes, operation=None)


UNREADABLE_RULES: tuple[Rule[RunSettingsView], ...] = (
    look_in_spite,
    stop_in_spite,
    tell_unreadable,
)


def _restart(view: RunSettingsView) -> Operation | None:
    operation: Operation | None = view.run.situation.status.operation
    return operation if operation is not None and operation.type == RESTART else None


def _decision(
    view: RunSettingsView, verb: str, reason: Reason, message: str, operation: Operation | None
) -> Decision:
    call = Call(f"{verb}{view.noun}", view.identity)
    return Decision(
        Health.PROGRESSING,
        reason,
        message,
        call=call,
        notes=(Note(str(reason), call.operation, sentence(message)),),
        operation=operation,
    )
