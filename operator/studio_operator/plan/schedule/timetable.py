"""Where the schedule of a resource stands, and what it will do next.

Its spec has `schedule` and `state`, as of each kind that starts and stops.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from studio_operator.api.common import SNOOZE_UNTIL
from studio_operator.api.schedule import ResizeWindow, RunState, Schedule
from studio_operator.plan.schedule.calendar import Calendar, make_calendar
from studio_operator.plan.types import Declared

# Who snoozes for longer means for good, and no calendar reaches as far as they may write.
_FOR_EVER = timedelta(days=365)

Position = Literal["Open", "Closed", "Snoozed"]


@dataclass(frozen=True, slots=True)
class Timetable:
    """A schedule at a moment.

    - `digest`: of the schedule itself.
    - `since`: since when it stands there, or would if it were not snoozed; None when long ago.
    - `ends_at`: until when it stands there by its windows, or would if it were not snoozed.
    - `changes_at`: when it stands elsewhere, also since it wakes up.
    - `closes_at`, `opens_at`: when it stops the app, or starts one that is declared Running, next;
      while a window is open that is the beginning of the one after it.
    """

    digest: str
    position: Position
    since: datetime | None
    ends_at: datetime | None
    changes_at: datetime | None
    closes_at: datetime | None
    opens_at: datetime | None
    woke: bool = False


def timetable_at(
    declared: Declared[Any],
    now: datetime,
    *,
    was_snoozed: bool = False,
    handled: datetime | None = None,
) -> Timetable | None:
    """Where the schedule stands; None without one.

    `was_snoozed`: whether it slept when it was handled last, and so has woken up since. `handled`:
    the boundary that was handled last.
    """
    schedule = declared.spec.schedule
    if schedule is None:
        return None
    calendar = calendar_of(schedule)
    digest = _digest(schedule)
    snoozed_until = snooze_of(declared)
    since, changes_at = calendar.last_change(now), calendar.next_change(now)
    if snoozed_until is not None and snoozed_until > now:
        return _snoozed(calendar, digest, since, now, snoozed_until, handled)
    if calendar.period_at(now) is not None:
        opens_at = calendar.next_start(now)
        return Timetable(digest, "Open", since, changes_at, changes_at, changes_at, opens_at)
    woke = was_snoozed and snoozed_until is not None and (since is None or snoozed_until > since)
    since = snoozed_until if woke else since
    closes_at = _next_closing(calendar, now)
    return Timetable(digest, "Closed", since, changes_at, changes_at, closes_at, changes_at, woke)


def snooze_of(declared: Declared[Any]) -> datetime | None:
    """Until when the schedule is to do nothing: the later of what Git and a person say."""
    schedule = declared.spec.schedule
    asked = parse_moment(declared.annotations.get(SNOOZE_UNTIL, ""))
    committed = schedule.snooze_until if schedule else None
    return max((moment for moment in (asked, committed) if moment), default=None)


def overruled_at(
    declared: Declared[Any], asked: RunState, asked_at: datetime | None, now: datetime
) -> datetime | None:
    """When the schedule did the opposite of what had been asked for; None if it did not.

    A window that ends stops the app, whatever `state` says; one that begins starts it only if it
    is declared Running. What is snoozed does neither. `asked_at`: None for just now.
    """
    schedule, snoozed_until = declared.spec.schedule, snooze_of(declared)
    if schedule is None or asked_at is None or asked_at >= now:
        return None
    if snoozed_until is not None and snoozed_until > now:
        return None
    calendar = calendar_of(schedule)
    since = max(asked_at, now - _FOR_EVER)  # no calendar reaches back as far as they may write
    if asked == "Running":
        done = _first_end(calendar, since, snoozed_until)
    else:
        done = calendar.next_start(since) if declared.spec.state == "Running" else None
    return done if done is not None and done <= now else None


def last_opening(
    declared: Declared[Any], now: datetime, handled: datetime | None
) -> datetime | None:
    """When the schedule last started the app, or would have; None where it did not for a week.

    That is the beginning of a window. Of one that began while the schedule was snoozed, it is the
    end of the snooze. `handled`: the boundary that was handled last.
    """
    schedule, snoozed_until = declared.spec.schedule, snooze_of(declared)
    is_asleep = snoozed_until is not None and snoozed_until > now
    if schedule is None or is_asleep or declared.spec.state != "Running":
        return None
    calendar = calendar_of(schedule)
    opened_at = calendar.last_start(now)
    if opened_at is None or snoozed_until is None or snoozed_until <= opened_at:
        return opened_at
    if handled is not None and handled >= opened_at:
        return opened_at
    period = calendar.period_at(opened_at)
    return snoozed_until if period is not None and snoozed_until in period else None


def calendar_of(schedule: Schedule) -> Calendar:
    """When a schedule is open; a snooze is no part of it."""
    return make_calendar(
        schedule.timezone,
        [(window.days, window.from_, window.to) for window in schedule.windows],
        schedule.holidays or (),
    )


def parse_moment(text: str) -> datetime | None:
    """The moment that a text such as 2026-03-02T18:00:00Z names; None for any other text."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def resize_window_at(window: ResizeWindow, now: datetime) -> tuple[bool, datetime | None]:
    """Whether a running app may be stopped for a change now, and when that changes."""
    calendar = make_calendar(window.timezone, [(window.days, window.from_, window.to)])
    return calendar.period_at(now) is not None, calendar.next_change(now)


def _first_end(
    calendar: Calendar, since: datetime, snoozed_until: datetime | None
) -> datetime | None:
    """The first end after a moment; one that was slept through comes when the snooze is over."""
    if snoozed_until is None or snoozed_until <= since:
        return calendar.next_end(since)
    is_open = calendar.period_at(snoozed_until) is not None
    return calendar.next_end(snoozed_until) if is_open else snoozed_until


def _snoozed(
    calendar: Calendar,
    digest: str,
    since: datetime | None,
    now: datetime,
    until: datetime,
    handled: datetime | None,
) -> Timetable:
    ends_at = calendar.next_change(now)
    if until > now + _FOR_EVER:
        return Timetable(digest, "Snoozed", since, ends_at, None, None, None)
    then = calendar.next_change(until)
    period = calendar.period_at(until)
    if period is None:
        return Timetable(digest, "Snoozed", since, ends_at, until, until, then)
    # A window that began while it slept counts when it wakes up; one that began before has had
    # its say.
    begins = period.start > now or (handled is not None and period.start > handled)
    opens_at = until if begins else calendar.next_start(until)
    return Timetable(digest, "Snoozed", since, ends_at, until, then, opens_at)


def _digest(schedule: Schedule) -> str:
    """A short text that differs when the windows do; a snooze is no part of them."""
    windows = schedule.model_copy(update={"snooze_until": None})
    return hashlib.sha256(windows.model_dump_json().encode()).hexdigest()[:16]


def _next_closing(calendar: Calendar, closed_at: datetime) -> datetime | None:
    opens = calendar.next_change(closed_at)
    return calendar.next_change(opens) if opens else None
