"""Requests and boundaries of the schedule that come while the operator is down: the later wins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_schedule import (
    NIGHT,
    OFFICE,
    at,
    effective,
    started,
    stopped,
    world_with,
)
from tests.unit.plan.test_space import make_world


@dataclass(frozen=True)
class Missed:
    """A request while the operator is down, when it comes back, and whether the app runs then.

    It is down from Monday 12:00 on; the window of Monday ends at 18:00 UTC, Tuesday's begins at
    07:00. `ran`: whether the app ran at noon.
    """

    state: str | None
    ran: bool
    asked: str
    value: str
    back: str
    runs: bool
    by: str

    def __str__(self) -> str:
        before = "ran" if self.ran else "stood"
        return f"{self.state}-{before}-{self.asked}-{self.value}-{self.back}"


MONDAY, TUESDAY = "2026-03-02", "2026-03-03"
AFTERNOON, EVENING = f"{MONDAY}T15:00:00Z", f"{MONDAY}T19:00:00Z"
NIGHTLY, MORNING = f"{MONDAY} 20:00", f"{TUESDAY} 09:00"
MISSED = (
    # A start is older than the end of the window, or younger.
    Missed("Running", False, "start", AFTERNOON, NIGHTLY, runs=False, by="Schedule"),
    Missed("Running", True, "start", AFTERNOON, NIGHTLY, runs=False, by="Schedule"),
    Missed("Running", False, "start", EVENING, NIGHTLY, runs=True, by="Request"),
    Missed("Running", True, "start", EVENING, NIGHTLY, runs=True, by="Request"),
    Missed("Stopped", False, "start", AFTERNOON, NIGHTLY, runs=False, by="Spec"),
    Missed("Stopped", False, "start", EVENING, NIGHTLY, runs=True, by="Request"),
    Missed(None, False, "start", AFTERNOON, NIGHTLY, runs=False, by="Schedule"),
    Missed(None, True, "start", AFTERNOON, NIGHTLY, runs=False, by="Schedule"),
    Missed(None, False, "start", EVENING, NIGHTLY, runs=True, by="People"),
    # Also one that was over before the next window began.
    Missed("Stopped", False, "start", AFTERNOON, MORNING, runs=False, by="Spec"),
    Missed(None, False, "start", AFTERNOON, MORNING, runs=False, by="People"),
    # What begins starts only what is declared Running, and stops nothing.
    Missed("Running", True, "stop", EVENING, MORNING, runs=True, by="Schedule"),
    Missed("Running", True, "stop", f"{TUESDAY}T08:00:00Z", MORNING, runs=False, by="Request"),
    Missed("Stopped", True, "stop", EVENING, MORNING, runs=False, by="Spec"),
    Missed(None, True, "stop", EVENING, MORNING, runs=False, by="People"),
    Missed("Stopped", False, "start", EVENING, MORNING, runs=True, by="Request"),
    Missed(None, False, "start", EVENING, MORNING, runs=True, by="People"),
    # One of the very second of a boundary comes after it; so does what is no time.
    Missed("Running", False, "start", f"{MONDAY}T18:00:00Z", NIGHTLY, runs=True, by="Request"),
    Missed("Running", False, "start", f"{MONDAY}T18:59:00+01:00", NIGHTLY, False, "Schedule"),
    Missed("Running", False, "start", "for the demo", NIGHTLY, runs=True, by="Request"),
    Missed("Running", False, "start", "2026-03-02T15:00:00", NIGHTLY, runs=True, by="Request"),
    Missed("Running", False, "start", "0001-01-01T00:00:00Z", NIGHTLY, runs=False, by="Schedule"),
    Missed("Running", False, "start", "9999-12-31T23:59:59Z", NIGHTLY, runs=True, by="Request"),
)


@pytest.mark.parametrize("row", MISSED, ids=str)
def test_of_a_request_and_a_boundary_that_were_missed_the_later_wins(row: Missed) -> None:
    world = world_with(state=row.state)
    (started if row.ran else stopped)(world)
    world.live(at(f"{MONDAY} 12:00"))
    world.request(row.asked, row.value)
    world.sleep(at(row.back))
    world.live(at(row.back) + timedelta(minutes=10))
    assert (world.is_running(), effective(world)[1]) == (row.runs, row.by)
    assert world.status.handled_requests is not None
    assert getattr(world.status.handled_requests, row.asked) == row.value


@pytest.mark.parametrize(
    ("verb", "value", "back", "said"),
    [
        ("start", AFTERNOON, NIGHTLY, "ended later, at 2026-03-02 18:00 UTC"),
        ("stop", EVENING, MORNING, "began later, at 2026-03-03 07:00 UTC"),
    ],
)
def test_who_asked_is_told_once_that_the_schedule_had_its_say_later(
    verb: str, value: str, back: str, said: str
) -> None:
    world = world_with()
    world.request(verb, value)
    world.sleep(at(back))
    passes = [plan for plan in (world.step() for _ in range(5)) if not plan.looks]
    (note,) = (one for plan in passes for one in plan.notes if one.reason == "RequestRefused")
    assert f"a request to {verb} the app of 2026-03-02" in note.message
    assert said in note.message


@pytest.mark.parametrize(
    ("snooze", "value", "back", "runs"),
    [
        # Asleep, the schedule does nothing.
        ("2026-03-02T22:00:00Z", AFTERNOON, NIGHTLY, True),
        # It woke up after hours, which ends the day as the end of the window would have.
        ("2026-03-02T19:30:00Z", AFTERNOON, NIGHTLY, False),
        ("2026-03-02T19:30:00Z", EVENING, NIGHTLY, False),
        ("2026-03-02T18:30:00Z", EVENING, NIGHTLY, True),
        # It slept all night.
        ("2026-03-03T08:00:00Z", AFTERNOON, MORNING, True),
        # It was over when that was asked for.
        ("2026-03-02T14:00:00Z", AFTERNOON, NIGHTLY, False),
        ("2026-03-02T14:00:00Z", EVENING, NIGHTLY, True),
    ],
)
def test_what_was_slept_through_overrules_no_request(
    snooze: str, value: str, back: str, runs: bool
) -> None:
    world = world_with(state="Stopped")
    world.annotations["studio-operator.dev/snooze-until"] = snooze
    world.live(at(f"{MONDAY} 12:00"))
    world.request("start", value)
    world.sleep(at(back))
    world.live(at(back) + timedelta(minutes=10))
    assert world.is_running() == runs


@settings(max_examples=150)
@given(
    st.sampled_from(["Running", "Stopped", None]),
    st.sampled_from([OFFICE, NIGHT]),
    st.lists(st.tuples(st.integers(1, 20), st.sampled_from(["start", "stop"])), max_size=5),
    st.integers(0, 30),
)
def test_requests_and_boundaries_end_the_same_whether_the_operator_saw_them_come_or_not(
    state: str | None, schedule: dict[str, Any], asked: list[tuple[int, str]], hours_after: int
) -> None:
    """At a moment after hours, or at any where the schedule decides."""
    awake, absent = (world_with(schedule=schedule, state=state) for _ in range(2))
    moment = awake.now
    for hours, verb in asked:
        moment += timedelta(hours=hours, minutes=7)
        awake.live(moment)
        for world in (awake, absent):
            world.request(verb, f"{moment:%Y-%m-%dT%H:%M:%SZ}")
    moment += timedelta(hours=hours_after, minutes=7)
    absent.sleep(moment)
    for world in (awake, absent):
        world.live(moment + timedelta(minutes=10))
    assert awake.status.effective is not None
    if state == "Running" or awake.status.effective.window == "Closed":
        assert awake.is_running() == absent.is_running()


@dataclass(frozen=True)
class MissedEdit:
    """An edit of the schedule while the operator is down, and whether the app runs then.

    It is down from Monday 17:00, in a window that then was to end at 18:00 UTC; on Tuesday one was
    to begin at 07:00.
    """

    name: str
    ran: bool
    edit: dict[str, Any]
    back: str
    runs: bool
    snooze: str | None = None
    state: str | None = "Running"

    def __str__(self) -> str:
        return self.name


HOLIDAY = {"holidays": ["2026-12-25"]}


def hours_of(first: str, last: str) -> dict[str, Any]:
    return {"windows": [{"days": "Mon-Fri", "from": first, "to": last}]}


MISSED_EDITS = (
    MissedEdit("a window began", ran=False, edit=HOLIDAY, back=MORNING, runs=True),
    MissedEdit("left out", ran=False, edit=HOLIDAY, back=MORNING, runs=False, state=None),
    MissedEdit("it begins earlier", False, hours_of("07:00", "19:00"), MORNING, runs=True),
    MissedEdit("it is still the same window", False, HOLIDAY, f"{MONDAY} 17:30", runs=False),
    # An edit that moves a boundary of the past starts and stops nothing.
    MissedEdit("it ends later", False, hours_of("08:00", "22:00"), f"{MONDAY} 19:00", runs=False),
    MissedEdit("it began later", False, hours_of("16:00", "22:00"), f"{MONDAY} 19:00", runs=False),
    MissedEdit("it never ends", True, hours_of("00:00", "24:00"), f"{MONDAY} 20:00", runs=True),
    # Asleep until after that.
    MissedEdit("woke in it", False, HOLIDAY, MORNING, True, snooze=f"{TUESDAY}T08:00:00Z"),
    MissedEdit("woke at night", False, HOLIDAY, MORNING, True, snooze=f"{MONDAY}T22:00:00Z"),
    MissedEdit("woke after it", True, HOLIDAY, NIGHTLY, False, snooze=f"{MONDAY}T19:00:00Z"),
    MissedEdit("still asleep", True, HOLIDAY, NIGHTLY, True, snooze=f"{MONDAY}T22:00:00Z"),
    MissedEdit("woke before", False, HOLIDAY, f"{MONDAY} 17:40", False, f"{MONDAY}T17:30:00Z"),
)


@pytest.mark.parametrize("row", MISSED_EDITS, ids=str)
def test_an_edit_of_the_schedule_hides_no_boundary_that_was_missed(row: MissedEdit) -> None:
    world = world_with(state=row.state)
    (started if row.ran else stopped)(world)
    if row.snooze:
        world.annotations["studio-operator.dev/snooze-until"] = row.snooze
    world.live(at(f"{MONDAY} 17:00"))
    world.edit(schedule={**OFFICE, **row.edit})
    world.sleep(at(row.back))
    world.live(at(row.back) + timedelta(minutes=10))
    assert world.is_running() == row.runs


@pytest.mark.parametrize("state", ["Stopped", None])
def test_an_edit_does_not_hide_an_evening_that_was_missed(state: str | None) -> None:
    """From one night to the next, while somebody works."""
    world = world_with(state=state)
    world.live(at(f"{MONDAY} 19:00"))
    world.sleep(at(MORNING))
    started(world)
    world.edit(schedule={**OFFICE, **HOLIDAY})
    world.sleep(at(f"{TUESDAY} 20:00"))
    world.live(at(f"{TUESDAY} 21:00"))
    assert not world.is_running()


def test_a_status_of_an_older_version_is_not_written_for_the_sake_of_an_end() -> None:
    world = world_with()
    assert world.status.effective is not None
    assert world.status.effective.window_until == at(f"{MONDAY} 18:00")
    older = world.status.effective.model_copy(update={"window_until": None})
    world.status = before = world.status.model_copy(update={"effective": older})
    world.live(at(f"{MONDAY} 17:00"))
    assert world.status == before
    world.live(at(f"{MONDAY} 20:00"))
    assert world.status.effective is not None
    assert world.status.effective.window_until == at(f"{TUESDAY} 07:00")


def snoozed(world: SpaceWorld) -> None:
    until = world.now + timedelta(hours=5)
    world.annotations["studio-operator.dev/snooze-until"] = f"{until:%Y-%m-%dT%H:%M:%SZ}"


def left_alone(world: SpaceWorld) -> None:
    pass


@settings(max_examples=150)
@given(
    st.sampled_from(["Running", "Stopped", None]),
    st.sampled_from([OFFICE, NIGHT]),
    st.lists(
        st.tuples(
            st.integers(1, 40),
            st.sampled_from([started, stopped, snoozed, left_alone]),
            st.booleans(),
        ),
        max_size=8,
    ),
)
def test_an_edit_that_moves_no_boundary_changes_nothing_whenever_it_is_seen(
    state: str | None, schedule: dict[str, Any], acts: list[tuple[int, Any, bool]]
) -> None:
    plain, edited = (world_with(schedule=schedule, state=state) for _ in range(2))
    moment = plain.now
    for number, (hours, act, is_down) in enumerate(acts, start=1):
        moment += timedelta(hours=hours, minutes=7)
        edited.edit(schedule={**schedule, "holidays": [f"2026-11-{number:02}"]})
        for world in (plain, edited):
            (world.sleep if is_down else world.live)(moment)
            world.live(moment + timedelta(minutes=5))
            act(world)
        assert edited.is_running() == plain.is_running()
    for world in (plain, edited):
        world.live(moment + timedelta(hours=30))
    assert edited.is_running() == plain.is_running()


def test_an_edit_does_not_hide_that_the_schedule_woke_up_after_hours() -> None:
    world = world_with()
    world.live(at(f"{MONDAY} 19:00"))
    world.annotations["studio-operator.dev/snooze-until"] = f"{MONDAY}T22:00:00Z"
    world.live(at(f"{MONDAY} 19:30"))
    started(world)
    world.live(at(f"{MONDAY} 20:00"))
    world.edit(schedule={**OFFICE, **HOLIDAY})
    world.sleep(at(f"{MONDAY} 23:00"))
    world.live(at(f"{MONDAY} 23:10"))
    assert not world.is_running()


class TestMaxRunTime:
    """What would have been stopped and started again meanwhile runs on, and has its time anew."""

    def world(self, value: str) -> SpaceWorld:
        """An app that runs since nine on Monday, for three hours; a start; it is two o'clock."""
        world = make_world(maxRunTime="3h")
        world.live(at(f"{MONDAY} 11:00"))
        world.request("start", value)
        world.sleep(at(f"{MONDAY} 14:00"))
        world.log.clear()
        world.live(at(f"{MONDAY} 14:10"))
        return world

    def test_a_start_that_was_asked_for_later_keeps_it_running(self) -> None:
        world = self.world(f"{MONDAY}T13:00:00Z")
        assert world.log == []
        world.live(at(f"{MONDAY} 15:50"))
        assert world.is_running()
        world.live(at(f"{MONDAY} 16:10"))
        assert effective(world) == ("Stopped", "MaxRunTime")

    def test_a_start_that_was_asked_for_earlier_does_not(self) -> None:
        world = self.world(f"{MONDAY}T11:30:00Z")
        assert effective(world) == ("Stopped", "MaxRunTime")

    def test_an_edit_does_not(self) -> None:
        world = make_world(maxRunTime="3h")
        world.live(at(f"{MONDAY} 11:00"))
        world.sleep(at(f"{MONDAY} 14:00"))
        world.edit(instanceType="ml.m5.large")
        world.live(at(f"{MONDAY} 14:10"))
        assert effective(world) == ("Stopped", "MaxRunTime")

    def test_a_window_that_began_later_keeps_it_running(self) -> None:
        world = world_with(maxRunTime="12h")
        world.live(at(f"{MONDAY} 12:00"))
        world.sleep(at(MORNING))
        world.log.clear()
        world.live(at(f"{TUESDAY} 17:00"))
        assert world.log == []
        assert world.status.running_since == at(f"{TUESDAY} 07:00")

    @pytest.mark.parametrize("state", ["Stopped", None])
    def test_a_window_that_starts_nothing_does_not(self, state: str | None) -> None:
        world = world_with(maxRunTime="12h", state=state)
        started(world)
        world.live(at(f"{MONDAY} 12:00"))
        world.sleep(at(MORNING))
        world.live(at(f"{TUESDAY} 10:00"))
        assert not world.is_running()

    def test_an_app_that_aws_made_since_has_its_time_anew(self) -> None:
        """AWS does so for one that is started again after more than 24 hours."""
        world = make_world(maxRunTime="16h", state=None)
        world.live(at("2026-03-06 09:30"))
        started(world)
        world.live(at("2026-03-06 12:00"))
        stopped(world)
        world.sleep(at("2026-03-09 08:00"))
        world.app = None
        started(world)
        world.sleep(at("2026-03-09 09:00"))
        world.live(at("2026-03-09 10:00"))
        assert world.is_running()
        assert world.status.running_since == at("2026-03-09 08:00")
