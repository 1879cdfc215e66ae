"""Windows in which an app runs: who wins, and what a clock change or a pause makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studio_operator.api.common import OWNER_TAG
from studio_operator.plan.types import FailureKind

from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_space import make_world

# START, when a world begins, is Monday 2026-03-02 09:00 UTC: ten o'clock in Berlin.
OFFICE = {
    "timezone": "Europe/Berlin",
    "windows": [{"days": "Mon-Fri", "from": "08:00", "to": "19:00"}],
}
NIGHT = {"timezone": "UTC", "windows": [{"days": "Mon-Sun", "from": "22:00", "to": "04:00"}]}
ENFORCE = {"state": "Enforce"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def world_with(**spec: Any) -> SpaceWorld:
    """A space with a schedule, at rest at Monday noon."""
    world = make_world(**{"schedule": OFFICE, **spec})
    world.live(at("2026-03-02 11:00"))
    return world


def effective(world: SpaceWorld) -> tuple[str | None, str]:
    assert world.status.effective is not None
    return world.status.effective.state, world.status.effective.by


def started(world: SpaceWorld) -> None:
    world.person_starts()


def stopped(world: SpaceWorld) -> None:
    world.person_stops()


def nothing(world: SpaceWorld) -> None:
    pass


@dataclass(frozen=True)
class Row:
    """What somebody does at noon, and what stands at night, and at work again on Tuesday."""

    state: str | None
    at_noon: Callable[[SpaceWorld], None]
    evening: tuple[str | None, str]
    morning: tuple[str | None, str]
    drift: dict[str, str] | None = None

    def __str__(self) -> str:
        return f"{self.state}-{self.at_noon.__name__}"


TABLE = (
    Row("Running", nothing, ("Stopped", "Schedule"), ("Running", "Schedule")),
    Row("Running", stopped, ("Stopped", "Schedule"), ("Running", "Schedule")),
    Row("Stopped", nothing, ("Stopped", "Spec"), ("Stopped", "Spec")),
    Row("Stopped", started, ("Stopped", "Spec"), ("Stopped", "Spec")),
    Row(None, nothing, ("Stopped", "Schedule"), (None, "People")),
    Row(None, started, ("Stopped", "Schedule"), (None, "People")),
)


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_the_end_of_a_window_stops_and_its_beginning_starts_what_is_declared_running(
    row: Row,
) -> None:
    world = world_with(state=row.state, drift=row.drift)
    row.at_noon(world)
    world.live(at("2026-03-02 19:00"))
    assert effective(world) == row.evening
    assert not world.is_running()
    world.live(at("2026-03-03 07:30"))
    assert effective(world) == row.morning
    assert world.is_running() == (row.morning[0] == "Running")


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_an_operator_that_was_down_over_a_boundary_catches_up(row: Row) -> None:
    world = world_with(state=row.state, drift=row.drift)
    row.at_noon(world)
    world.live(at("2026-03-02 12:00"))
    world.sleep(at("2026-03-02 19:00"))
    world.live(at("2026-03-02 20:00"))
    assert effective(world) == row.evening
    assert not world.is_running()
    world.sleep(at("2026-03-03 09:00"))
    world.live(at("2026-03-03 10:00"))
    assert world.is_running() == (row.morning[0] == "Running")


def test_a_boundary_is_handled_once() -> None:
    """Who works after hours is left alone, also by an operator that is started again."""
    world = world_with()
    world.live(at("2026-03-02 19:00"))
    world.log.clear()
    world.person_starts()
    for hour in range(20, 23):
        world.live(at(f"2026-03-02 {hour}:00"))
        world.crash()
    assert world.log == []
    assert effective(world) == ("Running", "OutsideStart")
    assert world.condition("Drifted") == "StartedOutside"
    world.live(at("2026-03-03 19:00"))
    assert world.names_of_calls() == ["DeleteApp"]


def test_who_works_after_hours_is_stopped_when_that_is_enforced() -> None:
    world = world_with(drift=ENFORCE)
    world.live(at("2026-03-02 19:00"))
    world.person_starts()
    world.live(at("2026-03-02 20:00"))
    assert not world.is_running()


@pytest.mark.parametrize("drift", [None, ENFORCE])
def test_a_request_after_hours_is_followed_unless_enforcement_forbids_it(
    drift: dict[str, str] | None,
) -> None:
    world = world_with(drift=drift)
    world.live(at("2026-03-02 19:00"))
    world.request("start", "1")
    told = [note.reason for note in world.step().notes]
    world.live(at("2026-03-02 20:00"))
    assert world.is_running() == (drift is None)
    assert ("RequestRefused" in told) == (drift is not None)


def test_status_tells_what_the_clock_will_do() -> None:
    world = world_with()
    assert world.status.effective is not None
    assert world.status.effective.stops_at == at("2026-03-02 18:00")
    assert world.status.effective.starts_at is None
    world.live(at("2026-03-02 19:00"))
    assert world.status.effective.stops_at is None
    assert world.status.effective.starts_at == at("2026-03-03 07:00")
    said = world.status.conditions[0].message
    assert "starts it at 2026-03-03 07:00 UTC (08:00 Europe/Berlin)" in said


def test_between_two_boundaries_status_does_not_change() -> None:
    world = world_with()
    before = world.status
    for hour in (12, 13, 17):
        world.live(at(f"2026-03-02 {hour}:00"))
        assert world.status == before


def test_a_clock_change_moves_the_hour() -> None:
    """Berlin goes from UTC+1 to UTC+2 on Sunday 2026-03-29."""
    world = world_with()
    world.live(at("2026-03-27 19:00"))
    assert world.status.effective is not None
    assert world.status.effective.starts_at == at("2026-03-30 06:00")


def test_a_holiday_passes_without_a_start() -> None:
    world = world_with(schedule={**OFFICE, "holidays": ["2026-03-03"]})
    world.live(at("2026-03-02 19:00"))
    world.log.clear()
    world.live(at("2026-03-03 12:00"))
    assert world.log == []
    world.live(at("2026-03-04 08:00"))
    assert world.is_running()


class TestSnooze:
    def test_lets_an_evening_be_long(self) -> None:
        world = world_with()
        world.annotations["studio-operator.dev/snooze-until"] = "2026-03-02T22:00:00+01:00"
        world.live(at("2026-03-02 20:30"))
        assert world.is_running()
        assert world.status.effective is not None
        assert world.status.effective.stops_at == at("2026-03-02 21:00")
        assert world.status.handled_requests is not None
        assert world.status.handled_requests.snooze_until == "2026-03-02T22:00:00+01:00"
        world.live(at("2026-03-02 21:10"))
        assert not world.is_running()

    def test_that_ends_within_a_window_neither_starts_nor_stops(self) -> None:
        world = world_with(schedule={**OFFICE, "snoozeUntil": "2026-03-02T15:00:00Z"})
        world.person_stops()
        world.live(at("2026-03-02 17:00"))
        assert not world.is_running()

    def test_over_a_night_makes_up_for_the_morning(self) -> None:
        world = world_with()
        world.live(at("2026-03-02 19:00"))
        world.annotations["studio-operator.dev/snooze-until"] = "2026-03-03T10:00:00Z"
        world.live(at("2026-03-03 09:00"))
        assert not world.is_running()
        world.live(at("2026-03-03 10:10"))
        assert world.is_running()

    @pytest.mark.parametrize("drift", [None, ENFORCE])
    def test_that_begins_after_hours_starts_nothing(self, drift: dict[str, str] | None) -> None:
        world = world_with(drift=drift)
        world.live(at("2026-03-02 19:00"))
        world.log.clear()
        world.annotations["studio-operator.dev/snooze-until"] = "2026-03-02T22:00:00Z"
        for hour in (20, 21, 23):
            world.live(at(f"2026-03-02 {hour}:00"))
            world.crash()
        assert world.log == []
        assert effective(world) == ("Stopped", "Schedule")
        world.live(at("2026-03-03 07:30"))
        assert world.is_running()

    def test_leaves_who_starts_the_app_meanwhile_alone(self) -> None:
        world = world_with(drift=ENFORCE)
        world.live(at("2026-03-02 19:00"))
        world.annotations["studio-operator.dev/snooze-until"] = "2026-03-02T22:00:00Z"
        world.live(at("2026-03-02 20:00"))
        world.request("start", "2026-03-02T20:00:00Z")
        world.live(at("2026-03-02 21:30"))
        assert world.is_running()
        world.live(at("2026-03-02 22:30"))
        assert not world.is_running()

    def test_with_a_time_that_cannot_be_read_is_refused(self) -> None:
        world = world_with()
        world.annotations["studio-operator.dev/snooze-until"] = "tomorrow"
        (note,) = world.step().notes
        assert note.reason == "RequestRefused"
        assert "2026-03-02T18:00:00Z" in note.message
        assert "RequestRefused" not in [note.reason for note in world.step().notes]


class TestEdits:
    def test_a_schedule_that_comes_at_night_stops_the_app(self) -> None:
        world = make_world()
        world.live(at("2026-03-02 20:00"))
        world.edit(schedule=OFFICE)
        world.live(at("2026-03-02 20:30"))
        assert not world.is_running()

    def test_a_schedule_that_goes_at_night_starts_what_is_declared_running(self) -> None:
        world = world_with()
        world.live(at("2026-03-02 20:00"))
        world.edit(schedule=None)
        world.live(at("2026-03-02 20:30"))
        assert effective(world) == ("Running", "Spec")
        assert world.is_running()

    @pytest.mark.parametrize("works", [True, False])
    def test_another_size_after_hours_neither_starts_nor_ends_work(self, works: bool) -> None:
        world = world_with()
        world.live(at("2026-03-02 19:00"))
        if works:
            world.person_starts()
            world.live(at("2026-03-02 19:30"))
        world.edit(instanceType="ml.m5.large")
        world.live(at("2026-03-02 20:30"))
        assert world.is_running() == works
        assert world.status.instance_type == "ml.m5.large"

    def test_a_new_space_waits_for_its_first_window(self) -> None:
        world = make_world(schedule=NIGHT)
        world.live(at("2026-03-02 12:00"))
        assert effective(world) == ("Stopped", "Schedule")
        world.live(at("2026-03-02 22:10"))
        assert world.is_running()


class TestMaxRunTime:
    def test_stops_an_app_that_ran_for_too_long(self) -> None:
        world = make_world(maxRunTime="3h")
        world.live(at("2026-03-02 11:00"))
        since = world.status.running_since
        assert since is not None
        assert world.status.effective is not None
        assert world.status.effective.stops_at == since + timedelta(hours=3)
        world.live(at("2026-03-02 12:30"))
        assert effective(world) == ("Stopped", "MaxRunTime")
        assert world.status.phase == "Stopped"

    def test_counts_anew_when_a_person_starts_it_again(self) -> None:
        world = make_world(maxRunTime="3h", state=None)
        world.live(at("2026-03-02 09:30"))
        world.person_starts()
        world.live(at("2026-03-02 13:00"))
        assert not world.is_running()
        world.person_starts()
        world.live(at("2026-03-02 15:00"))
        assert world.is_running()
        world.live(at("2026-03-02 16:30"))
        assert not world.is_running()

    def test_is_not_forgotten_by_an_operator_that_is_down(self) -> None:
        world = make_world(maxRunTime="3h")
        world.live(at("2026-03-02 11:00"))
        world.sleep(at("2026-03-02 14:00"))
        world.live(at("2026-03-02 14:10"))
        assert not world.is_running()


class TestResizeWindow:
    def world(self, **spec: Any) -> SpaceWorld:
        window = {"timezone": "UTC", "days": "Mon-Sun", "from": "02:00", "to": "04:00"}
        world = make_world(resizePolicy="Window", resizeWindow=window, **spec)
        world.live(at("2026-03-02 11:00"))
        world.log.clear()
        world.edit(instanceType="ml.m5.large", displayName="Churn")
        return world

    def test_a_change_waits_for_it_and_is_told(self) -> None:
        world = self.world()
        world.live(at("2026-03-03 01:59"))
        assert world.log == []
        assert world.condition("PendingRestart") == "PendingRestart"
        assert "at the latest, for 2026-03-03 02:00 UTC" in world.status.conditions[0].message
        world.live(at("2026-03-03 02:10"))
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
        assert world.status.condition("PendingRestart") is None

    def test_a_stop_before_it_carries_the_change(self) -> None:
        world = self.world()
        world.live(at("2026-03-02 12:00"))
        world.person_stops()
        world.live(at("2026-03-02 12:10"))
        assert world.names_of_calls() == ["UpdateSpace"]

    def test_apply_now_does_not_wait(self) -> None:
        world = self.world()
        world.request("apply-now", "1")
        world.live(at("2026-03-02 12:00"))
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]

    def test_what_alone_is_not_worth_a_stop_waits_on(self) -> None:
        world = self.world()
        world.edit(instanceType="ml.t3.medium")
        world.live(at("2026-03-03 03:00"))
        assert world.log == []


steps = st.lists(
    st.tuples(
        st.integers(1, 30),
        st.sampled_from([started, stopped, nothing, SpaceWorld.crash]),
    ),
    max_size=8,
)


@settings(max_examples=150)
@given(st.sampled_from(["Running", "Stopped", None]), st.sampled_from([OFFICE, NIGHT]), steps)
def test_soon_after_a_boundary_the_app_is_as_scheduled(
    state: str | None, schedule: dict[str, Any], acts: list[tuple[int, Callable[[SpaceWorld], Any]]]
) -> None:
    """Whatever people did before, and however often the operator was killed."""
    world = make_world(schedule=schedule, state=state)
    for hours, act in acts:
        world.live(world.now + timedelta(hours=hours))
        act(world)
    monday = (at("2026-03-16 00:00"), at("2026-03-23 00:00"))[world.now >= at("2026-03-16 00:00")]
    closes, opens = (18, 31) if schedule is OFFICE else (4, 22)
    world.live(monday + timedelta(hours=closes, minutes=10))
    assert not world.is_running()
    world.live(monday + timedelta(hours=opens, minutes=10))
    assert world.is_running() == (state == "Running")


class TestWhoWorksIsLeftAlone:
    """Nothing but a window that ends, by the clock, stops somebody after hours."""

    def after_hours(self) -> SpaceWorld:
        world = world_with()
        world.live(at("2026-03-02 19:00"))
        world.person_starts()
        world.live(at("2026-03-02 20:30"))
        world.log.clear()
        return world

    def test_by_a_snooze_that_is_over_already(self) -> None:
        world = self.after_hours()
        world.annotations["studio-operator.dev/snooze-until"] = "2026-03-02T19:30:00Z"
        world.live(at("2026-03-02 21:00"))
        assert world.log == []

    def test_by_a_snooze_that_is_taken_away_and_put_back(self) -> None:
        world = world_with()
        snooze = {"studio-operator.dev/snooze-until": "2026-03-02T19:00:00Z"}
        world.annotations = dict(snooze)
        world.live(at("2026-03-02 19:30"))
        world.person_starts()
        world.live(at("2026-03-02 20:00"))
        world.log.clear()
        for later in ({}, snooze):
            world.annotations = dict(later)
            world.live(world.now + timedelta(minutes=10))
        assert world.log == []

    @pytest.mark.parametrize("end", ["18:00", "20:00"])
    def test_by_an_edit_that_moves_an_end_in_the_past(self, end: str) -> None:
        world = self.after_hours()
        windows = [{"days": "Mon-Fri", "from": "08:00", "to": end}]
        world.edit(schedule={**OFFICE, "windows": windows})
        world.live(at("2026-03-02 21:30"))
        assert world.log == []

    def test_an_edit_that_moves_a_beginning_starts_nothing_again(self) -> None:
        world = world_with()
        world.person_stops()
        world.live(at("2026-03-02 12:00"))
        world.log.clear()
        windows = [{"days": "Mon-Fri", "from": "09:00", "to": "19:00"}]
        world.edit(schedule={**OFFICE, "windows": windows})
        world.live(at("2026-03-02 13:00"))
        assert world.log == []


def test_a_snooze_for_ever_is_one() -> None:
    world = world_with()
    world.annotations["studio-operator.dev/snooze-until"] = "9999-12-31T23:59:59Z"
    world.live(at("2026-03-05 21:00"))
    assert world.is_running()
    before = world.status
    world.live(at("2026-03-06 21:00"))
    assert world.status == before


def test_a_window_that_begins_while_a_new_space_is_snoozed_is_made_up_for() -> None:
    world = make_world()
    world.live(at("2026-03-02 19:00"))
    world.person_stops()
    world.live(at("2026-03-02 20:00"))
    world.annotations["studio-operator.dev/snooze-until"] = "2026-03-03T10:00:00Z"
    world.edit(schedule=OFFICE)
    world.live(at("2026-03-03 09:00"))
    assert not world.is_running()
    world.live(at("2026-03-03 10:30"))
    assert world.is_running()


@pytest.mark.parametrize("hindrance", ["blocked", "refused", "no domain"])
def test_a_stop_that_cannot_happen_is_not_planned_over_and_over(hindrance: str) -> None:
    world = make_world(maxRunTime="60m", stopPolicy="Block")
    world.live(at("2026-03-02 09:50"))
    if hindrance == "blocked":
        world.lingering = ("arn:aws:sagemaker:eu-central-1:123456789012:endpoint/churn",)
    elif hindrance == "refused":
        world.faults = [("DeleteApp", FailureKind.ACCESS)] * 5
    else:
        world.domain = None
    world.tick(3600)
    for _ in range(4):
        world.step()
    plan = world.plan()
    assert plan.wake_at is None or plan.wake_at > world.now


def test_the_limit_of_a_run_says_nothing_about_a_space_of_others() -> None:
    world = make_world(maxRunTime="60m")
    world.live(at("2026-03-02 09:30"))
    assert world.space is not None
    world.space = replace(world.space, tags={OWNER_TAG: "cluster-1/other/churn/uid-9"})
    world.step()
    before = world.plan().status
    world.tick(600)
    assert world.plan().status == before
