"""How much of a time lies outside a schedule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from studio_operator.api.schedule import Schedule
from studio_operator.plan.out_of_hours import Stretch, closed_within, stretch_at

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WORK = [{"days": "Mon-Fri", "from": "08:00", "to": "19:00"}]
DAILY = [{**WORK[0], "days": "Mon-Sun"}]
ALWAYS = [{"days": "Mon-Sun", "from": "00:00", "to": "24:00"}]


def schedule(windows: list[dict[str, str]] = WORK, timezone: str = "UTC", **more: Any) -> Schedule:
    return Schedule.model_validate({"timezone": timezone, "windows": windows, **more})


def closed_hours(
    plan: Schedule, since: datetime, hours: float, known: Stretch | None = None
) -> float:
    closed, _ = closed_within(plan, since, since + timedelta(hours=hours), known)
    return closed / timedelta(hours=1)


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
    assert closed_within(schedule(), evening, evening) == (timedelta(), None)
    assert closed_within(schedule(), evening, MONDAY) == (timedelta(), None)


def test_a_known_stretch_of_another_schedule_says_nothing() -> None:
    evening = MONDAY + timedelta(hours=20)
    other = stretch_at(schedule(ALWAYS), evening)
    assert closed_hours(schedule(), evening, 2, known=other) == 2


MOMENTS = st.floats(0, 14 * 24).map(lambda hours: MONDAY + timedelta(hours=hours))


@given(st.lists(MOMENTS, min_size=2, max_size=8))
def test_the_parts_of_a_time_are_as_long_as_all_of_it(moments: list[datetime]) -> None:
    plan, total, known = schedule(), timedelta(), None
    moments = sorted(moments)
    for since, until in pairwise(moments):
        closed, known = closed_within(plan, since, until, known)
        assert timedelta() <= closed <= until - since
        total += closed
    assert total == closed_within(plan, moments[0], moments[-1])[0]
