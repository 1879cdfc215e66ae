"""`maxRunTime` beside a schedule: what one run is, and what is told of a stop within a window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_schedule import ENFORCE, NIGHT, OFFICE, at, effective, world_with

# The office opens at 07:00 UTC, eight o'clock in Berlin, and closes at 18:00.
EVENING, TUESDAY = at("2026-03-02 19:00"), at("2026-03-03 07:00")


def started_at(moment: datetime, **spec: Any) -> SpaceWorld:
    """An app that the schedule has stopped, and a person starts at that moment."""
    world = world_with(**spec)
    world.live(moment)
    world.person_starts()
    world.live(moment + timedelta(minutes=1))
    assert world.is_running()
    return world


def told(world: SpaceWorld) -> str:
    ready = world.status.condition("Ready")
    assert ready is not None
    return ready.message


def stops_at(world: SpaceWorld) -> datetime | None:
    """To the quarter of an hour: AWS takes its time to start an app."""
    assert world.status.effective is not None
    found = world.status.effective.stops_at
    return found and found.replace(minute=found.minute // 15 * 15, second=0)


def starts_at(world: SpaceWorld) -> datetime | None:
    assert world.status.effective is not None
    return world.status.effective.starts_at


class TestOpening:
    """A run that a window finds going on counts from its beginning."""

    def test_a_run_of_the_night_has_its_own_time_and_the_day_begins_anew(self) -> None:
        world = started_at(at("2026-03-03 01:00"), maxRunTime="8h")
        assert stops_at(world) == at("2026-03-03 15:00")
        world.live(at("2026-03-03 14:50"))
        assert world.is_running()
        assert world.status.running_since == TUESDAY
        assert stops_at(world) == at("2026-03-03 15:00")
        world.live(at("2026-03-03 15:10"))
        assert effective(world) == ("Stopped", "MaxRunTime")

    def test_what_ends_before_the_window_is_stopped_and_the_window_starts_it(self) -> None:
        world = started_at(at("2026-03-02 20:00"), maxRunTime="8h")
        assert stops_at(world) == at("2026-03-03 04:00")
        world.live(at("2026-03-03 05:00"))
        assert effective(world) == ("Stopped", "MaxRunTime")
        assert starts_at(world) == TUESDAY
        world.live(at("2026-03-03 07:10"))
        assert world.is_running()

    def test_a_run_that_ends_as_the_window_begins_goes_on(self) -> None:
        world = started_at(at("2026-03-02 22:59:10"), maxRunTime="8h")
        assert world.status.running_since is not None
        world.status = world.status.model_copy(update={"running_since": at("2026-03-02 23:00")})
        world.log.clear()
        world.live(at("2026-03-03 07:30"))
        assert world.log == []
        assert stops_at(world) == at("2026-03-03 15:00")

    def test_a_start_within_the_window_counts_from_itself(self) -> None:
        world = world_with(maxRunTime="4h")
        world.live(at("2026-03-02 13:30"))
        assert effective(world) == ("Stopped", "MaxRunTime")
        world.person_starts()
        world.live(at("2026-03-02 13:40"))
        assert stops_at(world) == at("2026-03-02 17:30")

    @pytest.mark.parametrize("state", ["Stopped", None])
    def test_a_window_that_starts_nothing_begins_no_run(self, state: str | None) -> None:
        world = started_at(at("2026-03-03 01:00"), maxRunTime="8h", state=state)
        assert stops_at(world) == at("2026-03-03 09:00")
        world.live(at("2026-03-03 09:10"))
        assert not world.is_running()

    def test_windows_that_meet_are_one(self) -> None:
        windows = [
            {"days": "Mon-Fri", "from": "08:00", "to": "12:00"},
            {"days": "Mon-Fri", "from": "12:00", "to": "19:00"},
        ]
        world = world_with(maxRunTime="4h", schedule={**OFFICE, "windows": windows})
        world.live(at("2026-03-02 13:30"))
        assert effective(world) == ("Stopped", "MaxRunTime")

    def test_a_window_over_midnight_begins_once(self) -> None:
        world = world_with(maxRunTime="5h", schedule=NIGHT)
        world.live(at("2026-03-02 20:00"))
        world.person_starts()
        world.live(at("2026-03-03 02:50"))
        assert world.status.running_since == at("2026-03-02 22:00")
        world.live(at("2026-03-03 03:10"))
        assert effective(world) == ("Stopped", "MaxRunTime")

    def test_on_a_holiday_no_run_begins(self) -> None:
        world = started_at(
            at("2026-03-03 01:00"),
            maxRunTime="8h",
            schedule={**OFFICE, "holidays": ["2026-03-03"]},
        )
        assert stops_at(world) == at("2026-03-03 09:00")
        world.live(at("2026-03-03 09:10"))
        assert not world.is_running()
        assert starts_at(world) == at("2026-03-04 07:00")

    def test_a_snoozed_window_begins_when_the_schedule_wakes_up(self) -> None:
        world = started_at(at("2026-03-03 01:00"), maxRunTime="8h")
        world.annotations["studio-operator.dev/snooze-until"] = "2026-03-03T08:30:00Z"
        world.live(at("2026-03-03 08:00"))
        assert stops_at(world) == at("2026-03-03 16:30")
        world.live(at("2026-03-03 09:30"))
        assert world.status.running_since == at("2026-03-03 08:30")

    def test_a_snooze_within_a_window_begins_no_run(self) -> None:
        world = world_with(maxRunTime="4h")
        world.annotations["studio-operator.dev/snooze-until"] = "2026-03-02T12:30:00Z"
        world.live(at("2026-03-02 13:30"))
        assert effective(world) == ("Stopped", "MaxRunTime")

    def test_an_operator_that_was_down_over_the_opening_counts_from_it(self) -> None:
        world = started_at(at("2026-03-03 01:00"), maxRunTime="8h")
        world.log.clear()
        world.sleep(at("2026-03-03 10:00"))
        world.live(at("2026-03-03 10:10"))
        assert world.log == []
        assert world.status.running_since == TUESDAY

    def test_clocks_that_change_in_the_night_move_the_opening(self) -> None:
        """On Sunday 2026-03-29 Berlin puts the clock forward: eight o'clock is 06:00 UTC then."""
        sunday = {**OFFICE, "windows": [{"days": "Sun", "from": "08:00", "to": "19:00"}]}
        world = world_with(maxRunTime="8h", schedule=sunday)
        world.live(at("2026-03-29 00:30"))
        world.person_starts()
        world.live(at("2026-03-29 09:00"))
        assert world.status.running_since == at("2026-03-29 06:00")

    def test_without_a_limit_a_run_is_as_long_as_it_is(self) -> None:
        world = started_at(at("2026-03-03 01:00"))
        world.live(at("2026-03-03 09:00"))
        assert world.status.running_since is not None
        assert world.status.running_since < at("2026-03-03 01:02")


def by_limit(world: SpaceWorld) -> None:
    world.live(at("2026-03-02 17:30"))


def by_person(world: SpaceWorld) -> None:
    world.request("stop", "2026-03-02T11:10:00Z")
    world.live(at("2026-03-02 12:00"))


def outside(world: SpaceWorld) -> None:
    world.person_stops()
    world.live(at("2026-03-02 12:00"))


def by_failure(world: SpaceWorld) -> None:
    world.app_fails("the instance ran out of memory")
    world.live(at("2026-03-02 12:00"))


@dataclass(frozen=True)
class Stop:
    """How an app is stopped within a window, and who counts as having stopped it."""

    how: Callable[[SpaceWorld], None]
    by: str

    def __str__(self) -> str:
        return self.by


STOPS = (
    Stop(by_limit, "MaxRunTime"),
    Stop(by_person, "Request"),
    Stop(outside, "OutsideStop"),
    Stop(by_failure, "Failure"),
)


@pytest.mark.parametrize("stop", STOPS, ids=str)
def test_a_stop_within_a_window_tells_when_the_schedule_starts_the_app_again(stop: Stop) -> None:
    world = world_with(maxRunTime="8h")
    stop.how(world)
    assert effective(world) == ("Stopped", stop.by)
    assert starts_at(world) == TUESDAY
    assert "starts it at 2026-03-03 07:00 UTC (08:00 Europe/Berlin)" in told(world)
    assert len(told(world)) <= 250
    world.live(at("2026-03-03 06:59"))
    assert not world.is_running()
    world.live(at("2026-03-03 07:10"))
    assert world.is_running()
    assert starts_at(world) is None


@pytest.mark.parametrize("stop", STOPS, ids=str)
def test_a_schedule_that_starts_nothing_is_not_named(stop: Stop) -> None:
    world = world_with(maxRunTime="8h", state=None)
    world.person_starts()
    world.live(at("2026-03-02 11:05"))
    world.person_starts()
    stop.how(world)
    assert starts_at(world) is None
    assert "schedule" not in told(world)


@pytest.mark.parametrize(
    ("until", "starts"),
    [
        # It wakes up in the window in which it fell asleep, which has had its say.
        ("2026-03-02T14:00:00Z", TUESDAY),
        # It wakes up in the next one, which it does not see begin.
        ("2026-03-03T09:00:00Z", at("2026-03-03 09:00")),
        # It wakes up after hours.
        ("2026-03-02T20:00:00Z", TUESDAY),
    ],
)
def test_while_the_schedule_is_snoozed_the_start_after_that_is_told(
    until: str, starts: datetime
) -> None:
    world = world_with()
    world.person_stops()
    world.live(at("2026-03-02 11:10"))
    world.annotations["studio-operator.dev/snooze-until"] = until
    world.live(at("2026-03-02 11:30"))
    assert starts_at(world) == starts
    world.live(starts - timedelta(minutes=1))
    assert not world.is_running()
    world.live(starts + timedelta(minutes=10))
    assert world.is_running()


def test_an_enforced_app_is_started_at_once_and_waits_for_no_window() -> None:
    world = world_with(maxRunTime="4h", drift=ENFORCE)
    world.live(at("2026-03-02 13:30"))
    assert world.is_running()
    assert starts_at(world) is None


@settings(max_examples=150)
@given(
    st.sampled_from([OFFICE, NIGHT]),
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(0, 60),
)
def test_a_run_ends_the_same_whether_the_operator_saw_it_or_not(
    schedule: dict[str, Any], limit: int, hours: int, hours_after: int
) -> None:
    """Whether a person started it within a window or outside, and whatever boundaries follow."""
    awake, absent = (world_with(schedule=schedule, maxRunTime=f"{limit}h") for _ in range(2))
    moment = awake.now + timedelta(hours=hours, minutes=7)
    for world in (awake, absent):
        world.live(moment)
        world.person_starts()
        world.live(moment + timedelta(minutes=1))
    moment += timedelta(hours=hours_after, minutes=7)
    awake.live(moment)
    absent.sleep(moment)
    for world in (awake, absent):
        world.live(moment + timedelta(minutes=10))
    assert awake.is_running() == absent.is_running()


@pytest.mark.parametrize("by_annotation", [True, False])
def test_who_starts_an_app_while_the_schedule_is_snoozed_has_decided(by_annotation: bool) -> None:
    world = world_with()
    world.live(EVENING)
    world.annotations["studio-operator.dev/snooze-until"] = "2026-03-02T22:00:00Z"
    world.live(at("2026-03-02 19:10"))
    assert effective(world) == ("Stopped", "Schedule")
    assert "snoozed, which starts nothing" in told(world)
    if by_annotation:
        world.request("start", "2026-03-02T19:10:00Z")
    else:
        world.person_starts()
    world.live(at("2026-03-02 20:00"))
    assert effective(world) == ("Running", "Request" if by_annotation else "OutsideStart")
    assert world.condition("Drifted") is None
    world.live(at("2026-03-02 22:10"))
    assert effective(world) == ("Stopped", "Schedule")


def test_an_app_that_the_schedule_started_is_still_its_own_while_it_is_snoozed() -> None:
    world = world_with()
    world.annotations["studio-operator.dev/snooze-until"] = "2026-03-02T22:00:00Z"
    world.live(at("2026-03-02 12:00"))
    assert effective(world) == ("Running", "Schedule")
