"""How much of a time lies outside the windows of a schedule, whether or not it is snoozed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from studio_operator.api.schedule import Schedule
from studio_operator.plan.calendar import make_calendar

_FOR_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time during which a schedule neither opens nor closes; the end is not included.

    `schedule` is the very object that it is of: another one, though it may be equal, is asked anew.
    """

    schedule: Schedule
    start: datetime
    end: datetime
    closed: bool

    def covers(self, schedule: Schedule, moment: datetime) -> bool:
        """Whether it tells where that schedule stands at the moment."""
        return schedule is self.schedule and self.start <= moment < self.end


def stretch_at(schedule: Schedule, moment: datetime) -> Stretch:
    """From the moment to the next change of the schedule."""
    calendar = make_calendar(
        schedule.timezone,
        [(window.days, window.from_, window.to) for window in schedule.windows],
        schedule.holidays or (),
    )
    end = calendar.next_change(moment) or _FOR_EVER
    return Stretch(schedule, moment, end, closed=calendar.span_at(moment) is None)


def closed_within(
    schedule: Schedule, since: datetime, until: datetime, known: Stretch | None = None
) -> tuple[timedelta, Stretch | None]:
    """How long the schedule was closed from one moment to another, and the stretch of the last.

    That stretch, given back as `known`, spares the next question the work: to go through a
    calendar takes some hundred times as long as to look at it.
    """
    closed, moment, stretch = timedelta(), since, known
    while moment < until:
        if stretch is None or not stretch.covers(schedule, moment):
            stretch = stretch_at(schedule, moment)
        end = min(stretch.end, until)
        if stretch.closed:
            closed += end - moment
        moment = end
    return closed, stretch
