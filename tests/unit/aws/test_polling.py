"""When AWS is looked at again."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from studio_operator.aws.inventory.polling import PollingSchedule, next_look
from studio_operator.settings import Settings

SETTINGS = Settings()
moments = st.floats(0, 100_000)


@pytest.mark.parametrize(
    ("moving_for", "pause"),
    [(0, 0.25), (1, 0.25), (2.5, 0.25), (10, 1.0), (100, 10.0), (150, 15.0), (10_000, 15.0)],
)
def test_the_pause_is_a_tenth_of_the_time_it_has_been_moving_within_bounds(
    moving_for: float, pause: float
) -> None:
    assert next_look(0, moving_for, SETTINGS) == pytest.approx(moving_for + pause)


def test_what_began_to_move_after_the_last_look_is_seen_soon_after_its_beginning() -> None:
    assert next_look(since=50, looked_at=10, settings=SETTINGS) == 50.25


@given(moments, moments)
def test_the_next_look_is_always_later_than_the_last_but_not_by_much(
    since: float, looked_at: float
) -> None:
    pause = next_look(since, looked_at, SETTINGS) - max(since, looked_at)
    assert 0.2499 <= pause <= 15.0001


@given(st.floats(1, 1200))
def test_a_wait_is_noticed_at_most_a_tenth_late_and_takes_few_looks(duration: float) -> None:
    looked_at, looks = 0.0, 0
    while looked_at < duration:
        looked_at = next_look(0, looked_at, SETTINGS)
        looks += 1
    assert looked_at - duration <= max(0.25, 0.1 * duration) + 1e-9
    in_steps_of_a_tenth = math.log(max(duration, 2.5) / 2.5, 1.1)
    assert looks <= 11 + in_steps_of_a_tenth + max(0, duration - 150) / 15


def looked(schedule: PollingSchedule, began: float, *moving_since: float, pages: int = 1) -> None:
    """A complete look at all that began then."""
    schedule.succeeded(
        began, full=True, pages=pages, pages_per_second=10, moving_since=moving_since
    )


def test_a_new_timetable_begins_with_a_full_look_at_once() -> None:
    schedule = PollingSchedule(SETTINGS, 5.0)
    assert schedule.due == 5.0
    assert schedule.is_full_due(5.0)


def test_at_rest_looks_are_a_rest_interval_apart() -> None:
    schedule = PollingSchedule(SETTINGS, 0.0)
    looked(schedule, 10.0)
    assert schedule.due == 70.0
    assert not schedule.is_full_due(69.9)
    assert schedule.is_full_due(70.0)
    assert not schedule.is_moving


def test_of_all_that_moves_the_soonest_look_counts() -> None:
    schedule = PollingSchedule(SETTINGS, 0.0)
    looked(schedule, 100.0, 0.0, 90.0, 60.0)
    assert schedule.due == pytest.approx(101.0)
    assert schedule.is_moving


def test_a_stream_of_calls_does_not_put_the_next_look_off() -> None:
    schedule = PollingSchedule(SETTINGS, 0.0)
    looked(schedule, 10.0)
    for step in range(100):
        schedule.stir(20.0 + step / 100)
    assert schedule.due == 20.25


def test_pages_hold_the_next_look_back() -> None:
    schedule = PollingSchedule(SETTINGS, 0.0)
    looked(schedule, 10.0, 9.9, pages=30)
    assert schedule.due == 13.0


def test_a_nudge_makes_a_full_look_due_but_not_faster_than_the_pace() -> None:
    schedule = PollingSchedule(SETTINGS, 0.0)
    looked(schedule, 10.0, pages=12)
    schedule.nudge(10.5)
    assert schedule.due == pytest.approx(11.2)
    assert schedule.is_full_due(11.2)


def test_a_nudge_during_a_look_asks_for_one_more() -> None:
    schedule = PollingSchedule(SETTINGS, 0.0)
    schedule.nudge(10.5)
    looked(schedule, 10.0)
    assert schedule.due == 10.5
    looked(schedule, 10.6)
    assert schedule.due == 70.6


def test_failures_are_forgotten_with_the_first_success() -> None:
    schedule = PollingSchedule(SETTINGS, 0.0)
    for _ in range(5):
        schedule.failed(10.0)
    assert schedule.due == 26.0
    looked(schedule, 30.0)
    schedule.nudge(40.0)
    schedule.failed(40.0)
    assert schedule.due == 41.0
