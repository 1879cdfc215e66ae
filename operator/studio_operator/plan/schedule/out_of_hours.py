"""How much of a time lies outside the windows of a schedule, whether or not it is snoozed."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from studio_operator.api.schedule import Schedule
from studio_operator.plan.schedule.timetable import calendar_of

_FOR_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time during which a schedule neither opens nor closes; the end is not included."""

    start: datetime
    end: datetime
    closed: bool

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


def windows_of(schedule: Schedule) -> Hashable:
    """What is the same for schedules that open and close at the same times."""
    windows = tuple((window.days, window.from_, window.to) for window in schedule.windows)
    return schedule.timezone, windows, tuple(schedule.holidays or ())


def stretches_of(
    schedule: Schedule, since: datetime, until: datetime, known: Stretch | None = None
) -> tuple[Stretch, ...]:
    """The stretches that a time falls into, in order; none for a time without length.

    `known`: one of an earlier answer. To go through a calendar takes a thousand times as long as to
    see that it still holds.
    """
    found: list[Stretch] = []
    moment, stretch = since, known
    while moment < until:
        if stretch is None or moment not in stretch:
            stretch = _stretch_at(schedule, moment)
        found.append(stretch)
        moment = stretch.end
    return tuple(found)


def closed_within(stretches: Iterable[Stretch], since: datetime, until: datetime) -> timedelta:
    """How much of a time lies in those stretches that are closed."""
    parts = (
        min(one.end, until) - max(one.start, since)
        for one in stretches
        if one.closed and one.start < until and since < one.end
    )
    return sum(parts, timedelta())


def _stretch_at(schedule: Schedule, moment: datetime) -> Stretch:
    """From the moment to the next change."""
    calendar = calendar_of(schedule)
    end = calendar.next_change(moment) or _FOR_EVER
    return Stretch(moment, end, closed=calendar.period_at(moment) is None)
