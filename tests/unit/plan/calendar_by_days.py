"""The spans of a calendar, found the slow way: each window of each day is put on the time line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from studio_operator.plan.schedule.calendar import parse_days

Windows = Sequence[tuple[str, str, str]]
Spans = list[tuple[datetime, datetime]]


def spans_by_days(zone: str, windows: Windows, holidays: Sequence[str], moment: datetime) -> Spans:
    """All spans from eight days before the moment until a year after it, none touching another."""
    where, free = ZoneInfo(zone), {date.fromisoformat(one) for one in holidays}
    today = moment.astimezone(where).date()
    found: Spans = []
    for offset in range(-8, 370):
        day = today + timedelta(days=offset)
        if day in free:
            continue
        of_day = (_span(where, day, one) for one in windows if day.weekday() in parse_days(one[0]))
        found += [one for one in of_day if one[0] < one[1]]
    merged: Spans = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _span(zone: ZoneInfo, day: date, window: tuple[str, str, str]) -> tuple[datetime, datetime]:
    begins, ends = time.fromisoformat(window[1]), window[2].replace("24:00", "00:00")
    until = time.fromisoformat(ends)
    ends_on = day if until > begins else day + timedelta(days=1)
    first = datetime.combine(day, begins, zone)
    last = datetime.combine(ends_on, until, zone).replace(fold=1)
    return _in_utc(first), _in_utc(last)


def _in_utc(local: datetime) -> datetime:
    """The moment in UTC; of a time that the clock leaves out, the moment at which it jumps."""
    moment = local.astimezone(UTC)
    if moment.astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    # Read with the offset before the gap, then step back until the clock shows a time before it.
    moment = local.replace(fold=0).astimezone(UTC)
    while moment.astimezone(local.tzinfo).replace(tzinfo=None) > local.replace(tzinfo=None):
        moment -= timedelta(minutes=1)
    return moment + timedelta(minutes=1)
