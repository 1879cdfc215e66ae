"""Windows of a week, with midnight, holidays and the days on which clocks are changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from studio_operator.plan.schedule.calendar import DAYS, Calendar, make_calendar, parse_days

from tests.unit.plan.calendar_by_days import spans_by_days

OFFICE = [("Mon-Fri", "08:00", "19:00")]


def at(text: str) -> datetime:
    """A moment in UTC: "2026-03-02 08:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def show(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "never"


def berlin(*windows: tuple[str, str, str], holidays: tuple[str, ...] = ()) -> Calendar:
    return make_calendar("Europe/Berlin", windows, holidays)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Mon", "Mon"),
        ("Mon-Fri", "Mon Tue Wed Thu Fri"),
        ("Sat,Sun", "Sat Sun"),
        ("Fri-Mon", "Mon Fri Sat Sun"),
        ("Mon,Wed-Fri", "Mon Wed Thu Fri"),
        ("Mon-Sun", "Mon Tue Wed Thu Fri Sat Sun"),
    ],
)
def test_days(text: str, days: str) -> None:
    assert {DAYS[number] for number in parse_days(text)} == set(days.split())


# 2026-03-02 is a Monday; Berlin is an hour ahead of UTC until 2026-03-29, two after.
@pytest.mark.parametrize(
    ("moment", "is_open", "last", "following"),
    [
        ("2026-03-02 06:59", False, "2026-02-27 18:00", "2026-03-02 07:00"),
        ("2026-03-02 07:00", True, "2026-03-02 07:00", "2026-03-02 18:00"),
        ("2026-03-02 17:59", True, "2026-03-02 07:00", "2026-03-02 18:00"),
        ("2026-03-02 18:00", False, "2026-03-02 18:00", "2026-03-03 07:00"),
        ("2026-03-07 12:00", False, "2026-03-06 18:00", "2026-03-09 07:00"),
        # The clock was put forward on Sunday: 08:00 is an hour earlier in UTC.
        ("2026-03-29 12:00", False, "2026-03-27 18:00", "2026-03-30 06:00"),
        # And back in October.
        ("2026-10-25 12:00", False, "2026-10-23 17:00", "2026-10-26 07:00"),
    ],
)
def test_office_hours(moment: str, is_open: bool, last: str, following: str) -> None:
    calendar = berlin(*OFFICE)
    assert (calendar.period_at(at(moment)) is not None) == is_open
    assert show(calendar.last_change(at(moment))) == last
    assert show(calendar.next_change(at(moment))) == following


@pytest.mark.parametrize(
    ("windows", "holidays", "moment", "period"),
    [
        # Over midnight, and up to midnight.
        ([("Fri", "22:00", "06:00")], (), "2026-03-07 00:00", "2026-03-06 21:00, 2026-03-07 05:00"),
        ([("Mon", "20:00", "24:00")], (), "2026-03-02 22:30", "2026-03-02 19:00, 2026-03-02 23:00"),
        # Two that meet are one.
        (
            [("Mon", "20:00", "24:00"), ("Tue", "00:00", "02:00")],
            (),
            "2026-03-02 22:30",
            "2026-03-02 19:00, 2026-03-03 01:00",
        ),
        # Two that overlap are one.
        (
            [("Mon", "08:00", "12:00"), ("Mon", "10:00", "14:00")],
            (),
            "2026-03-02 08:00",
            "2026-03-02 07:00, 2026-03-02 13:00",
        ),
        # On a holiday none begins, and one that began the day before goes on.
        (OFFICE, ("2026-03-02",), "2026-03-02 09:00", None),
        (
            [("Sun", "22:00", "06:00")],
            ("2026-03-02",),
            "2026-03-02 04:00",
            "2026-03-01 21:00, 2026-03-02 05:00",
        ),
        # 02:30 comes twice on 2026-10-25 (00:30 and 01:30 UTC): the window lasts until the second.
        ([("Sun", "01:00", "02:30")], (), "2026-10-25 01:00", "2026-10-24 23:00, 2026-10-25 01:30"),
        # and one that begins at 02:30 does so at the first.
        ([("Sun", "02:30", "04:00")], (), "2026-10-25 01:00", "2026-10-25 00:30, 2026-10-25 03:00"),
        # There is no 02:30 on 2026-03-29: clocks jump from 02:00 to 03:00 at 01:00 UTC.
        ([("Sun", "02:30", "05:00")], (), "2026-03-29 02:00", "2026-03-29 01:00, 2026-03-29 03:00"),
        ([("Sun", "01:00", "02:30")], (), "2026-03-29 00:59", "2026-03-29 00:00, 2026-03-29 01:00"),
        # A window within the hour that is left out does not happen.
        ([("Sun", "02:10", "02:50")], (), "2026-03-29 01:00", None),
    ],
)
def test_spans(
    windows: list[tuple[str, str, str]], holidays: tuple[str, ...], moment: str, period: str | None
) -> None:
    found = berlin(*windows, holidays=holidays).period_at(at(moment))
    assert (f"{show(found.start)}, {show(found.end)}" if found else None) == period


@pytest.mark.parametrize(
    ("moment", "start", "end"),
    [
        ("2026-03-02 06:59", "2026-03-02 07:00", "2026-03-02 18:00"),
        ("2026-03-02 07:00", "2026-03-03 07:00", "2026-03-02 18:00"),
        ("2026-03-02 18:00", "2026-03-03 07:00", "2026-03-03 18:00"),
        # Over a weekend on which the clock is put forward.
        ("2026-03-27 18:00", "2026-03-30 06:00", "2026-03-30 17:00"),
    ],
)
def test_the_next_start_and_end_come_after_the_moment(moment: str, start: str, end: str) -> None:
    calendar = berlin(*OFFICE)
    assert show(calendar.next_start(at(moment))) == start
    assert show(calendar.next_end(at(moment))) == end


def test_nothing_changes_when_it_is_always_open() -> None:
    calendar = berlin(("Mon-Sun", "00:00", "24:00"))
    found = calendar.period_at(at("2026-03-02 09:00"))
    assert found is not None
    assert calendar.next_change(at("2026-03-02 09:00")) is None
    assert calendar.last_change(at("2026-03-02 09:00")) is None
    assert calendar.next_start(at("2026-03-02 09:00")) is None
    assert calendar.next_end(at("2026-03-02 09:00")) is None


def test_nothing_changes_without_windows() -> None:
    calendar = berlin()
    assert calendar.next_change(at("2026-03-02 09:00")) is None
    assert calendar.last_change(at("2026-03-02 09:00")) is None


times = st.times().map(lambda value: f"{value:%H:%M}")
window_texts = st.tuples(st.sampled_from(["Mon", "Mon-Fri", "Sat,Sun", "Fri-Mon"]), times, times)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001 - made aware
    lambda value: value.replace(tzinfo=UTC)
)


@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC"]),
    st.lists(window_texts, max_size=3),
    moments,
)
def test_between_two_changes_nothing_changes(
    zone: str, windows: list[tuple[str, str, str]], moment: datetime
) -> None:
    calendar = make_calendar(zone, windows)
    following = calendar.next_change(moment)
    is_open = calendar.period_at(moment) is not None
    if following is None:
        assert is_open == bool(windows)  # it always is, or never
        return
    assert following > moment
    just_before = following - timedelta(microseconds=1)
    assert (calendar.period_at(just_before) is not None) == is_open
    assert (calendar.period_at(following) is not None) != is_open
    last = calendar.last_change(moment)
    assert last is None or last <= moment
    assert calendar.last_change(following) == following


ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]
all_windows = st.tuples(
    st.sampled_from(["Mon", "Mon-Sun", "Mon-Fri", "Sat,Sun", "Fri-Mon", "Sun-Wed"]),
    times,
    times | st.just("24:00"),
)
# Around changes of the clock in these zones, and anywhere.
changes = st.sampled_from(["2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-11-01"])
near_changes = st.builds(
    lambda day, minutes: at(f"{day} 00:00") + timedelta(minutes=minutes),
    changes,
    st.integers(-3000, 3000),
)
near_days = st.dates(date(2026, 2, 20), date(2026, 11, 20)).map(str)


@given(
    st.sampled_from(ZONES),
    st.lists(all_windows, max_size=6) | st.just([("Mon-Sun", "00:00", "24:00")]),
    st.lists(near_days, max_size=6),
    near_changes | moments,
)
def test_it_answers_what_going_through_all_days_would_answer(
    zone: str, windows: list[tuple[str, str, str]], holidays: list[str], moment: datetime
) -> None:
    calendar = make_calendar(zone, windows, holidays)
    periods = spans_by_days(zone, windows, holidays, moment)
    within = next((one for one in periods if one[0] <= moment < one[1]), None)
    found = calendar.period_at(moment)
    assert ((found.start, found.end) if found else None) == within
    a_year = moment + timedelta(days=360)
    starts = [start for start, _ in periods if start > moment]
    ends = [end for _, end in periods if end > moment and end < a_year]
    assert calendar.next_start(moment) == min(starts, default=None)
    first_end = next((end for _, end in periods if end > moment), None)
    assert calendar.next_end(moment) == (first_end if first_end in ends else None)
    past = [one for period in periods for one in period if one <= moment]
    last = max(past, default=None)
    is_recent = last is not None and last > moment - timedelta(days=7)
    assert calendar.last_change(moment) == (last if is_recent else None)
