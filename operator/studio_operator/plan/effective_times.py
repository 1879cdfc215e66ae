"""What the clock did to a running state and will do to it: the times on `status.effective`."""

from __future__ import annotations

from datetime import datetime

from studio_operator.api.space_status import EffectiveState
from studio_operator.plan.schedule import Timetable
from studio_operator.plan.situations import SpaceSituation


def with_times(
    current: EffectiveState,
    timetable: Timetable | None,
    situation: SpaceSituation,
    deadline: datetime | None,
) -> EffectiveState:
    """The state with what the clock did and will do to it."""
    memory, app = situation.memory.effective, situation.app
    runs = app is not None and app.status in {"Pending", "InService"}
    stops = [deadline, timetable.closes_at if timetable else None]
    starts = (
        timetable.opens_at if timetable and situation.declared.spec.state == "Running" else None
    )
    window_since = _window_since(memory, timetable)
    return current.model_copy(
        update={
            "window": timetable.position if timetable else None,
            "window_since": window_since,
            "window_until": _window_until(memory, timetable, window_since),
            "schedule": timetable.digest if timetable else None,
            "stops_at": min((at for at in stops if at), default=None) if runs else None,
            "starts_at": None if runs else starts,
        }
    )


def _window_since(memory: EffectiveState | None, timetable: Timetable | None) -> datetime | None:
    """The boundary that was handled last; while the schedule sleeps, the one before that."""
    if timetable is None:
        return None
    before = memory.window_since if memory else None
    if timetable.position == "Snoozed":
        return before or timetable.since
    if memory is None or before is None or memory.schedule not in {None, timetable.digest}:
        return timetable.since
    if memory.window != timetable.position:
        return timetable.since
    return max(before, timetable.since) if timetable.since else before


def _window_until(
    memory: EffectiveState | None, timetable: Timetable | None, since: datetime | None
) -> datetime | None:
    """When the position was to end as the schedule was when it was first seen there.

    While the schedule sleeps, the end before that. What is recorded is left as it is until
    something else about the position changes: status is not written for this alone.
    """
    if timetable is None:
        return None
    position = (timetable.position, timetable.digest, since)
    if memory is not None and (memory.window, memory.schedule, memory.window_since) == position:
        return memory.window_until
    is_asleep = timetable.position == "Snoozed"
    before = memory.window_until if memory is not None and is_asleep else None
    return before or timetable.ends_at
