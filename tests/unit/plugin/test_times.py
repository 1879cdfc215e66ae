"""Times as people read and write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import click
import pytest
from studio_operator.plugin.times import parse_time, span

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 20, 30, tzinfo=UTC)  # 21:30 in Berlin


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=-5), "0s"),
        (timedelta(seconds=119), "119s"),
        (timedelta(minutes=2), "2m"),
        (timedelta(hours=3), "3h"),
        (timedelta(hours=3, minutes=5), "3h5m"),
        (timedelta(hours=49), "2d"),
    ],
)
def test_ages_are_told_as_kubectl_does(length: timedelta, text: str) -> None:
    assert span(length) == text


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02T22:00:00Z", "2026-03-02T22:00:00Z"),
        ("2026-03-02T22:00:00+09:00", "2026-03-02T13:00:00Z"),
        ("2026-03-02T22:00", "2026-03-02T21:00:00Z"),
        ("2026-03-02 22:00", "2026-03-02T21:00:00Z"),
        ("2026-03-04", "2026-03-03T23:00:00Z"),
        ("22:00", "2026-03-02T21:00:00Z"),
        ("21:30", "2026-03-03T20:30:00Z"),  # it is that time now: tomorrow's is meant
        ("07:00", "2026-03-03T06:00:00Z"),
        ("22:00Z", "2026-03-02T22:00:00Z"),
    ],
)
def test_a_time_without_an_offset_is_one_of_the_zone(text: str, moment: str) -> None:
    assert parse_time(text, BERLIN, NOW) == datetime.fromisoformat(moment)


def test_tomorrow_is_a_day_of_the_clock_where_clocks_change() -> None:
    eve = datetime(2026, 3, 28, 21, 0, tzinfo=UTC)  # 22:00, and a night of 23 hours follows
    assert parse_time("07:00", BERLIN, eve) == datetime(2026, 3, 29, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "tonight", "25:00", "2026-02-30"])
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no time such as 22:00"):
        parse_time(text, BERLIN, NOW)
