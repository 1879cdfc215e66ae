"""The running state of a space whose spec can't be read: what was decided before goes on."""

from __future__ import annotations

from studio_operator.kinds.shared.running.effective_times import with_times
from studio_operator.kinds.shared.running.requests import Requests
from studio_operator.kinds.space.api.status import EffectiveState
from studio_operator.kinds.space.in_aws.apps import ObservedApp
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.kinds.space.run_state.rules import DECIDED_BY, trigger_of
from studio_operator.plan.schedule.timetable import timetable_at


def hold_run_state(
    situation: SpaceSituation, requests: Requests, *, is_ours: bool
) -> EffectiveState | None:
    """`status.effective`: what was decided before, as far as AWS and people did not change it.

    The trigger and the schedule's position stay as they were handled last: an unreadable member
    and its correction trigger nothing. None where nothing was ever decided.
    """
    current = situation.status.effective
    if not is_ours:
        return current
    if requests.run_state == "Stopped":
        current = current or _first(situation)
        current = current.model_copy(update={"state": "Stopped", "by": "Request", "reached": None})
    if current is None:
        return None
    return _followed(current, situation.app).model_copy(
        update={"stops_at": None, "starts_at": None}
    )


def _first(situation: SpaceSituation) -> EffectiveState:
    """What a stop is recorded in where no status has anything; a later opening still starts."""
    declared = situation.declared
    current = EffectiveState(by="Request", trigger=trigger_of(declared.spec))
    if declared.unreadable is not None and "schedule" in declared.unreadable.fields:
        return current.model_copy(update={"window": "Snoozed"})
    return with_times(current, timetable_at(declared, situation.now), situation, None)


def _followed(current: EffectiveState, app: ObservedApp | None) -> EffectiveState:
    """What was decided, next to what AWS shows."""
    stopped = app is None or not app.is_active
    runs = app is not None and app.status == "InService"
    shown = (stopped and current.state == "Stopped") or (runs and current.state == "Running")
    if current.by in DECIDED_BY and not current.reached and shown:
        return current.model_copy(update={"reached": True})
    return current
