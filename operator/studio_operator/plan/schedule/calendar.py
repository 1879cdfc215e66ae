"""Weekly windows in a time zone: when one is open, and when that changes next.

The windows that begin on a weekday are merged once, in minutes of local time. What a question needs
of them is turned into periods of absolute time, by adding the offset of the day. Only a day on
which the clock is put forward or back is looked at closely: it has each window once, which ends
when the clock shows its end for the last time, and a time of day that is left out is taken for the
moment at which the clock jumps over it.

A spec is written by people who may mean ill, so each answer takes a bounded time: some sixteen days
where a week has a gap, and where it has none, from one holiday to the next.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# A window ends at most a day after the day it begins on, so two days back see all that is open, and
# each boundary since the midnight of yesterday. A week tells what came before.
_TWO_DAYS_BACK = 2
_DAYS_BACK = 8
# A week with holidays in it may hold no window at all; a year of them holds no promise any more.
_DAYS_AHEAD = 370
# What lasts longer than this is always so: its end is only the end of what was looked at.
_HORIZON = timedelta(days=_DAYS_AHEAD - 10)
_MIDNIGHT_AFTER = "24:00"
_DAY_MINUTES = 24 * 60
_DAY_SECONDS = 24 * 60 * 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()

# From a time to another, the end not included: in minutes since the midnight of a day in local
# time, or in seconds since 1970 in UTC.
Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class WeeklyWindow:
    """From a time of day to another, on certain days; it ends on the next day if `to` is earlier.

    - `days`: numbers of the days on which it begins, 0 for Monday.
    - `ends`: None for midnight at the end of the day.
    """

    days: frozenset[int]
    begins: time
    ends: time | None

    @property
    def minutes(self) -> Interval:
        """From when to when, in minutes since the midnight of the day on which it begins."""
        begins = _minutes_of(self.begins)
        ends = _DAY_MINUTES if self.ends is None else _minutes_of(self.ends)
        return begins, ends if ends > begins else ends + _DAY_MINUTES


@dataclass(frozen=True, slots=True)
class Period:
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
    # By weekday, what its windows cover; whether these leave no gap in a week; days without any.
    _week: tuple[tuple[Interval, ...], ...] = field(init=False, repr=False, compare=False)
    _has_no_gap: bool = field(init=False, repr=False, compare=False)
    _free_days: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        week = tuple(
            merged(window.minutes for window in self.windows if day in window.days)
            for day in range(len(DAYS))
        )
        object.__setattr__(self, "_week", week)
        object.__setattr__(self, "_has_no_gap", _has_no_gap(week))
        free_days = tuple(sorted(day.toordinal() for day in self.holidays))
        object.__setattr__(self, "_free_days", free_days)

    def period_at(self, moment: datetime) -> Period | None:
        """The period that is open at the moment; windows that meet or overlap are one period."""
        at = _seconds_of(moment)
        first = next(
            (period for period in self._periods(moment, _DAYS_BACK) if period[1] > at), None
        )
        return _period_of(first) if first is not None and first[0] <= at else None

    def next_change(self, moment: datetime) -> datetime | None:
        """When it opens or closes next; None when it does not within a year."""
        at = _seconds_of(moment)
        for start, end in self._periods(moment, _TWO_DAYS_BACK):
            if start > at:
                return _moment_of(start)
            if end > at:
                return _within_a_year(end, moment)
        return None

    def next_start(self, moment: datetime) -> datetime | None:
        """When it opens next, after the moment; None when it does not within a year."""
        at = _seconds_of(moment)
        periods = self._periods(moment, _TWO_DAYS_BACK)
        return next((_moment_of(start) for start, _ in periods if start > at), None)

    def next_end(self, moment: datetime) -> datetime | None:
        """When it closes next, after the moment; None when it does not within a year."""
        at = _seconds_of(moment)
        end = next((end for _, end in self._periods(moment, _TWO_DAYS_BACK) if end > at), None)
        return _within_a_year(end, moment) if end is not None else None

    def last_change(self, moment: datetime) -> datetime | None:
        """When it last opened or closed, at the moment itself included; None if not for a week."""
        at = _seconds_of(moment)
        return self._last(moment, lambda start, end: start if at < end else end)

    def last_start(self, moment: datetime) -> datetime | None:
        """When it last opened, at the moment itself included; None if not for a week."""
        return self._last(moment, lambda start, _: start)

    def _last(self, moment: datetime, boundary: Callable[[int, int], int]) -> datetime | None:
        """A boundary of the last period that has begun; mostly it lies not far back."""
        at, last = _seconds_of(moment), None
        for days_back in (_TWO_DAYS_BACK, _DAYS_BACK):
            for start, end in self._periods(moment, days_back):
                if start > at:
                    break
                last = boundary(start, end)
            if last is not None and last > _midnight(self.zone, self._day_of(moment) - 1):
                break
        return _within_a_week(last, moment)

    def _day_of(self, moment: datetime) -> int:
        return moment.astimezone(self.zone).date().toordinal()

    def _periods(self, moment: datetime, days_back: int) -> Iterator[Interval]:
        """The periods around the moment in UTC, in order, none touching another."""
        today = self._day_of(moment)
        start = end = None
        for begins, ends in self._pieces(today - days_back, today + _DAYS_AHEAD):
            if end is not None and begins <= end:
                end = max(end, ends)
                continue
            if start is not None and end is not None:
                yield start, end
            start, end = begins, ends
        if start is not None and end is not None:
            yield start, end

    def _pieces(self, day: int, last: int) -> Iterator[Interval]:
        """What the windows cover that begin on these days, by ordinals; `last` is not included."""
        free = bisect_right(self._free_days, day - 1)
        while day < last:
            if free < len(self._free_days) and self._free_days[free] == day:
                free += 1
                day += 1
                continue
            yield from _in_utc(self.zone, day, self._week[(day - 1) % len(DAYS)])
            if self._has_no_gap:
                # What begins on this day and the next ones leaves no gap from the next midnight to
                # the next holiday. The day before that is looked at by itself: its windows end
                # later.
                until = self._free_days[free] - 1 if free < len(self._free_days) else last - 1
                until = min(until, last - 1)
                if until > day + 1:
                    yield _midnight(self.zone, day + 1), _midnight(self.zone, until + 1)
                    day = until
                    continue
            day += 1


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Intervals in order; those that meet or overlap are one."""
    found: list[Interval] = []
    for begins, ends in sorted(intervals):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return tuple(found)


def _has_no_gap(week: tuple[tuple[Interval, ...], ...]) -> bool:
    """Whether each minute of a week is covered where no day is a holiday."""
    for day, own in enumerate(week):
        before = ((begins - _DAY_MINUTES, ends - _DAY_MINUTES) for begins, ends in week[day - 1])
        if not any(
            begins <= 0 and ends >= _DAY_MINUTES for begins, ends in merged((*before, *own))
        ):
            return False
    return True


def _in_utc(zone: ZoneInfo, day: int, intervals: tuple[Interval, ...]) -> Iterator[Interval]:
    """Intervals that begin on a day, in UTC."""
    if not intervals:
        return
    offset = _offset(zone, day)
    if offset is not None:
        midnight = (day - _EPOCH_DAY) * _DAY_SECONDS - offset
        for begins, ends in intervals:
            yield midnight + begins * 60, midnight + ends * 60
        return
    for begins, ends in intervals:
        # fold: of a time that the clock shows twice, the first begins and the last ends.
        start = _seconds_of(_as_utc(_local(zone, day, begins)))
        end = _seconds_of(_as_utc(_local(zone, day, ends).replace(fold=1)))
        if start < end:
            yield start, end


@lru_cache(maxsize=8192)
def _offset(zone: ZoneInfo, day: int) -> int | None:
    """How far the zone is ahead of UTC on a day and the next one; None where that changes."""
    first, second, third = (_local(zone, day + step, 0).utcoffset() for step in range(3))
    if first is None or first.microseconds or not first == second == third:
        return None
    return first.days * _DAY_SECONDS + first.seconds


def _midnight(zone: ZoneInfo, day: int) -> int:
    offset = _offset(zone, day)
    if offset is not None:
        return (day - _EPOCH_DAY) * _DAY_SECONDS - offset
    return _seconds_of(_as_utc(_local(zone, day, 0)))


def _local(zone: ZoneInfo, day: int, minutes: int) -> datetime:
    days, minutes = divmod(minutes, _DAY_MINUTES)
    on = date.fromordinal(day + days)
    return datetime.combine(on, time(minutes // 60, minutes % 60), zone)


def _minutes_of(local: time) -> int:
    return local.hour * 60 + local.minute


def _seconds_of(moment: datetime) -> int:
    """Whole seconds since 1970; boundaries have no fractions, so none are needed to compare."""
    passed = moment - _EPOCH
    return passed.days * _DAY_SECONDS + passed.seconds


def _moment_of(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


def _period_of(interval: Interval) -> Period:
    return Period(_moment_of(interval[0]), _moment_of(interval[1]))


def _within_a_year(end: int, moment: datetime) -> datetime | None:
    found = _moment_of(end)
    return found if found < moment + _HORIZON else None


def _within_a_week(last: int | None, moment: datetime) -> datetime | None:
    """What was longer ago may be no boundary, but the end of what was looked at."""
    if last is None:
        return None
    found = _moment_of(last)
    return found if found > moment - timedelta(days=_DAYS_BACK - 1) else None


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
    return _make_calendar(timezone, tuple(windows), tuple(holidays))


# Spaces share calendars, and each pass asks several questions.
@lru_cache(maxsize=1024)
def _make_calendar(
    timezone: str, windows: tuple[tuple[str, str, str], ...], holidays: tuple[str, ...]
) -> Calendar:
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
