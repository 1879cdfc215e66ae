"""The running state of what has a spec that can't be read: what was decided before goes on."""

from __future__ import annotations

from studio_operator.kinds.shared.running.effective_times import with_times
from studio_operator.kinds.shared.running.requests import Requests
from studio_operator.kinds.shared.running.rules import DECIDED_BY
from studio_operator.kinds.shared.running.situation import ACTIVE, RunningT, RunSituation
from studio_operator.plan.schedule.timetable import timetable_at


def hold_run_state(situation: RunSituation[RunningT], requests: Requests) -> RunningT | None:
    """`status.effective`: what was decided before, as far as AWS and people did not change it.

    The trigger and the schedule's position stay as they were handled last: an unreadable member
    and its correction trigger nothing. None where nothing was ever decided.
    """
    current: RunningT | None = situation.status.effective
    if not situation.is_ours:
        return current
    if requests.run_state == "Stopped":
        current = current or _first(situation)
        current = current.model_copy(update={"state": "Stopped", "by": "Request", "reached": None})
    if current is None:
        return None
    return _followed(current, situation).model_copy(update={"stops_at": None, "starts_at": None})


def _first(situation: RunSituation[RunningT]) -> RunningT:
    """What a stop is recorded in where no status has anything; a later opening still starts."""
    declared = situation.declared
    current = situation.kind.state_model(by="Request", trigger=situation.trigger)
    if declared.unreadable is not None and "schedule" in declared.unreadable.fields:
        return current.model_copy(update={"window": "Snoozed"})
    return with_times(current, timetable_at(declared, situation.now), situation, None)


def _followed(current: RunningT, situation: RunSituation[RunningT]) -> RunningT:
    """What was decided, next to what AWS shows."""
    stopped = situation.run.status not in ACTIVE and current.state == "Stopped"
    runs = situation.run.status == "Running" and current.state == "Running"
    if current.by in DECIDED_BY and not current.reached and (stopped or runs):
        return current.model_copy(update={"reached": True})
    return current
