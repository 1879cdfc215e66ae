"""Weekly windows in a time zone: when one is open, and when that changes next.

A window is turned into spans of absolute time, one for each day it begins on. So a day on which the
clock is put forward or back has each window once: it ends when the clock shows its end for the last
time, and a time of day that is left out is taken for the moment at which the clock jumps over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# A window ends at most a day after the day it begins on, so two days back see all that is open.
_DAYS_BACK = 8
# A week with holidays in it may hold no window at all; a year of them holds no promise any more.
_DAYS_AHEAD = 370
# What lasts longer than this is always so: its end is only the end of what was looked at.
_HORIZON = timedelta(days=_DAYS_AHEAD - 10)
_MIDNIGHT_AFTER = "24:00"


@dataclass(frozen=True, slots=True)
class WeeklyWindow:
    """From a time of day to another, on certain days; it ends on the next day if `to` is earlier.

    - `days`: numbers of the days on which it begins, 0 for Monday.
    - `ends`: None for midnight at the end of the day.
    """

    days: frozenset[int]
    begins: time
    ends: time | None


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment to another, the end not included."""

    start: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class Calendar:
    """Windows in a time zone. On `holidays`, local dates, none begins."""

    zone: ZoneInfo
    windows: tuple[WeeklyWindow, ...]
    holidays: frozenset[date] = frozenset()

    def span_at(self, moment: datetime) -> Span | None:
        """The span that is open at the moment; windows that meet or overlap are one span."""
        first = next((span for span in self._spans(moment) if span.end > moment), None)
        return first if first is not None and moment in first else None

    def next_change(self, moment: datetime) -> datetime | None:
        """When it opens or closes next; None when it does not within a year."""
        for span in self._spans(moment):
            if span.start > moment:
                return span.start
            if span.end > moment:
                return span.end if span.end < moment + _HORIZON else None
        return None

    def next_start(self, moment: datetime) -> datetime | None:
        """When it opens next, after the moment; None when it does not within a year."""
        return next((span.start for span in self._spans(moment) if span.start > moment), None)

    def next_end(self, moment: datetime) -> datetime | None:
        """When it closes next, after the moment; None when it does not within a year."""
        end = next((span.end for span in self._spans(moment) if span.end > moment), None)
        return end if end is not None and end < moment + _HORIZON else None

    def last_change(self, moment: datetime) -> datetime | None:
        """When it last opened or closed, at the moment itself included; None if not for a week."""
        last = None
        for span in self._spans(moment):
            if span.start > moment:
                break
            last = span.start if moment in span else span.end
        return _within_a_week(last, moment)

    def last_start(self, moment: datetime) -> datetime | None:
        """When it last opened, at the moment itself included; None if not for a week."""
        begun = takewhile(lambda span: span.start <= moment, self._spans(moment))
        return _within_a_week(max((span.start for span in begun), default=None), moment)

    def _spans(self, moment: datetime) -> Iterator[Span]:
        """The spans around the moment, in order, none touching another."""
        today = moment.astimezone(self.zone).date()
        current: Span | None = None
        for offset in range(-_DAYS_BACK, _DAYS_AHEAD):
            for span in _spans_of_day(self, today + timedelta(days=offset)):
                if current is not None and span.start <= current.end:
                    current = Span(current.start, max(current.end, span.end))
                    continue
                if current is not None:
                    yield current
                current = span
        if current is not None:
            yield current


# Spaces share calendars and each pass asks for the same days: one that is always open takes 30 ms
# without this, more than all else of a pass. A calendar that closes each week needs 20 days or so.
@lru_cache(maxsize=8192)
def _spans_of_day(calendar: Calendar, day: date) -> tuple[Span, ...]:
    if day in calendar.holidays:
        return ()
    spans = (
        _span(calendar.zone, day, one) for one in calendar.windows if day.weekday() in one.days
    )
    return tuple(sorted((one for one in spans if one.start < one.end), key=lambda one: one.start))


def _span(zone: ZoneInfo, day: date, window: WeeklyWindow) -> Span:
    ends_on = day
    if window.ends is None or window.ends <= window.begins:
        ends_on = day + timedelta(days=1)
    # fold: of a time that the clock shows twice, the first begins and the last ends.
    start = datetime.combine(day, window.begins, zone)
    end = datetime.combine(ends_on, window.ends or time(), zone).replace(fold=1)
    return Span(_as_utc(start), _as_utc(end))


def _within_a_week(last: datetime | None, moment: datetime) -> datetime | None:
    """What was longer ago may be no boundary, but the end of what was looked at."""
    return last if last and last > moment - timedelta(days=_DAYS_BACK - 1) else None


def _as_utc(local: datetime) -> datetime:
    """The moment in UTC; of a time that the clock leaves out, the moment at which it jumps."""
    moment = local.astimezone(UTC)
    if moment.astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    early = local.replace(fold=1).astimezone(UTC)  # read with the offset that holds afterwards
    late = local.replace(fold=0).astimezone(UTC)
    before = early.astimezone(local.tzinfo).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(local.tzinfo).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


def make_calendar(
    timezone: str, windows: Iterable[tuple[str, str, str]], holidays: Iterable[str] = ()
) -> Calendar:
    """The calendar of a spec: (days, from, to) such as ("Mon-Fri", "08:00", "19:00").

    Raises ValueError, or ZoneInfoNotFoundError, for what the CRD and the models would refuse.
    """
    return Calendar(
        ZoneInfo(timezone),
        tuple(
            WeeklyWindow(parse_days(days), time.fromisoformat(begins), _end(ends))
            for days, begins, ends in windows
        ),
        frozenset(date.fromisoformat(day) for day in holidays),
    )


def parse_days(text: str) -> frozenset[int]:
    """Numbers of the days in a text such as "Mon-Fri", "Sat,Sun" or "Fri-Mon"."""
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        begin = DAYS.index(first)
        count = (DAYS.index(last or first) - begin) % 7 + 1
        days |= {(begin + step) % 7 for step in range(count)}
    return frozenset(days)


def _end(text: str) -> time | None:
    return None if text == _MIDNIGHT_AFTER else time.fromisoformat(text)
