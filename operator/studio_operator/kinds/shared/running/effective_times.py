"""What the clock did to a running state and will do to it: the times on `status.effective`."""

from __future__ import annotations

from datetime import datetime

from studio_operator.api.running import RunningState
from studio_operator.kinds.shared.running.situation import ON, RunningT, RunSituation
from studio_operator.plan.schedule.timetable import Timetable


def with_times(
    current: RunningT,
    timetable: Timetable | None,
    situation: RunSituation[RunningT],
    deadline: datetime | None,
) -> RunningT:
    """The state with what the clock did and will do to it."""
    status, runs = situation.status.effective, situation.run.status in ON
    stops = [deadline, timetable.closes_at if timetable else None]
    opens = timetable is not None and situation.declared.spec.state == "Running"
    starts = timetable.opens_at if timetable is not None and opens else None
    is_due = runs or current.state == "Running"  # it is being started already
    window_since = _window_since(status, timetable)
    return current.with_members(
        {
            "window": timetable.position if timetable else None,
            "window_since": window_since,
            "window_until": _window_until(status, timetable, window_since),
            "schedule": timetable.digest if timetable else None,
            "stops_at": min((at for at in stops if at), default=None) if runs else None,
            "starts_at": None if is_due else starts,
        }
    )


def _window_since(status: RunningState | None, timetable: Timetable | None) -> datetime | None:
    """The boundary that was handled last; while the schedule sleeps, the one before that."""
    if timetable is None:
        return None
    before = status.window_since if status else None
    if timetable.position == "Snoozed":
        return before or timetable.since
    if status is None or before is None or status.schedule not in {None, timetable.digest}:
        return timetable.since
    if status.window != timetable.position:
        return timetable.since
    return max(before, timetable.since) if timetable.since else before


def _window_until(
    status: RunningState | None, timetable: Timetable | None, since: datetime | None
) -> datetime | None:
    """When the position was to end as the schedule was when it was first seen there.

    While the schedule sleeps, the end before that. What is recorded is left as it is until
    something else about the position changes: status is not written for this alone.
    """
    if timetable is None:
        return None
    position = (timetable.position, timetable.digest, since)
    if status is not None and (status.window, status.schedule, status.window_since) == position:
        return status.window_until
    is_asleep = timetable.position == "Snoozed"
    before = status.window_until if status is not None and is_asleep else None
    return before or timetable.ends_at
