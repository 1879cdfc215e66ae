"""How much of a time lies outside a schedule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from studio_operator.api.schedule import Schedule
from studio_operator.plan.schedule.calendar import make_calendar
from studio_operator.plan.schedule.out_of_hours import (
    closed_within,
    stretches_of,
    windows_of,
)

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WORK = [{"days": "Mon-Fri", "from": "08:00", "to": "19:00"}]
DAILY = [{**WORK[0], "days": "Mon-Sun"}]
ALWAYS = [{"days": "Mon-Sun", "from": "00:00", "to": "24:00"}]


def schedule(windows: list[dict[str, str]] = WORK, timezone: str = "UTC", **more: Any) -> Schedule:
    return Schedule.model_validate({"timezone": timezone, "windows": windows, **more})


def closed_hours(plan: Schedule, since: datetime, hours: float) -> float:
    until = since + timedelta(hours=hours)
    return closed_within(stretches_of(plan, since, until), since, until) / timedelta(hours=1)


@pytest.mark.parametrize(
    ("plan", "since", "hours", "closed"),
    [
        pytest.param(schedule(), MONDAY + timedelta(hours=9), 3, 0, id="a morning at work"),
        pytest.param(schedule(), MONDAY + timedelta(hours=20), 3, 3, id="an evening"),
        pytest.param(schedule(), MONDAY, 24, 13, id="a day"),
        pytest.param(schedule(), MONDAY, 7 * 24, 113, id="a week"),
        pytest.param(schedule(holidays=["2026-03-03"]), MONDAY, 48, 37, id="with a holiday"),
        pytest.param(schedule(ALWAYS), MONDAY, 1000, 0, id="never closed"),
        pytest.param(
            schedule(snoozeUntil="2026-12-24T22:00:00Z"), MONDAY, 24, 13, id="a snooze is no window"
        ),
        pytest.param(
            # The night in which the clock is put forward, from 19:00 to 08:00.
            schedule(DAILY, "Europe/Berlin"),
            datetime(2026, 3, 28, 18, tzinfo=UTC),
            23,
            12,
            id="a night that lacks an hour",
        ),
    ],
)
def test_the_hours_outside_are(
    plan: Schedule, since: datetime, hours: float, closed: float
) -> None:
    assert closed_hours(plan, since, hours) == closed


def test_nothing_lies_between_a_moment_and_itself_or_an_earlier_one() -> None:
    evening = MONDAY + timedelta(hours=20)
    for until in (evening, MONDAY):
        assert stretches_of(schedule(), evening, until) == ()
        assert closed_within((), evening, until) == timedelta()


def test_only_the_part_counts_that_is_asked_for() -> None:
    noon, midnight = MONDAY + timedelta(hours=12), MONDAY + timedelta(hours=24)
    day = stretches_of(schedule(), MONDAY, midnight)
    assert closed_within(day, noon, midnight) == timedelta(hours=5)
    assert closed_within(day, MONDAY, noon) == timedelta(hours=8)


def test_a_known_stretch_is_taken_for_as_long_as_it_lasts() -> None:
    evening, morning = MONDAY + timedelta(hours=20), MONDAY + timedelta(hours=33)
    (night,) = stretches_of(schedule(), evening, evening + timedelta(hours=1))
    later = evening + timedelta(hours=2)
    assert stretches_of(schedule(), later, later + timedelta(hours=1), night) == (night,)
    first, second = stretches_of(schedule(), later, morning, night)
    assert (first, second.closed) == (night, False)
    assert first.end == second.start == MONDAY + timedelta(hours=32)


def test_schedules_are_alike_whose_windows_are() -> None:
    assert windows_of(schedule()) == windows_of(schedule(snoozeUntil="2026-12-24T22:00:00Z"))
    different = [schedule(), schedule(DAILY), schedule(WORK, "Asia/Seoul"), schedule(holidays=[])]
    different.append(schedule(holidays=["2026-03-03"]))
    assert len({windows_of(one) for one in different}) == len(different) - 1


MOMENTS = st.floats(0, 14 * 24).map(lambda hours: MONDAY + timedelta(hours=hours))


@given(st.lists(MOMENTS, min_size=2, max_size=8))
def test_the_parts_of_a_time_are_as_long_as_all_of_it(moments: list[datetime]) -> None:
    plan, total, known = schedule(), timedelta(), None
    moments = sorted(moments)
    for since, until in pairwise(moments):
        stretches = stretches_of(plan, since, until, known)
        closed = closed_within(stretches, since, until)
        assert timedelta() <= closed <= until - since
        total += closed
        known = stretches[-1] if stretches else None
    whole = stretches_of(plan, moments[0], moments[-1])
    assert total == closed_within(whole, moments[0], moments[-1])


MINUTES = st.integers(0, 14 * 24 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes))


@given(MINUTES, st.integers(0, 180))
def test_it_is_as_many_minutes_as_the_calendar_is_closed_in(since: datetime, length: int) -> None:
    plan, until = schedule(holidays=["2026-03-05"]), since + timedelta(minutes=length)
    calendar = make_calendar("UTC", [("Mon-Fri", "08:00", "19:00")], ["2026-03-05"])
    minutes = [since + timedelta(minutes=minute) for minute in range(length)]
    closed = sum(calendar.period_at(minute) is None for minute in minutes)
    found = closed_within(stretches_of(plan, since, until), since, until)
    assert found == timedelta(minutes=closed)
