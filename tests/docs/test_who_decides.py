"""The tables of who starts and stops a space's app, cell by cell, put to the planner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.docs.pages import page, section, tables
from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_schedule import ENFORCE, OFFICE, at
from tests.unit.plan.test_space import make_world

# Monday. The office opens at 07:00 UTC and closes at 18:00.
BEFORE, NOON, EVENING, TUESDAY = (
    at(f"2026-03-0{when}") for when in ("2 10:00", "2 11:00", "2 19:00", "3 07:30")
)
STATES = ("Running", "Stopped", None)
TRIGGERS, BETWEEN, *_ = tables(section(page("kinds/space.md"), "Who decides whether the app runs"))


def world_at(when: datetime, *, ran: bool, **spec: Any) -> SpaceWorld:
    """A space at rest whose app people made run, or not, shortly before that moment."""
    world = make_world(**spec)
    world.live(when - timedelta(minutes=20))
    (world.person_starts if ran else world.person_stops)()
    world.live(when)
    assert world.is_running() == ran
    return world


def edit_state(state: str | None, *, ran: bool) -> SpaceWorld:
    world = world_at(BEFORE, ran=ran, state="Stopped" if state == "Running" else "Running")
    world.edit(state=state)
    world.live(NOON)
    return world


def edit_type(state: str | None, *, ran: bool) -> SpaceWorld:
    world = world_at(BEFORE, ran=ran, state=state)
    world.edit(instanceType="ml.m5.large")
    world.live(NOON)
    assert world.status.instance_type == "ml.m5.large"
    return world


def begin_window(state: str | None, *, ran: bool) -> SpaceWorld:
    world = world_at(EVENING, ran=ran, state=state, schedule=OFFICE)
    world.live(TUESDAY)
    return world


def end_window(state: str | None, *, ran: bool) -> SpaceWorld:
    world = world_at(NOON, ran=ran, state=state, schedule=OFFICE)
    world.live(EVENING)
    return world


def run_too_long(state: str | None, *, ran: bool) -> SpaceWorld:
    world = world_at(BEFORE, ran=ran, state=state, maxRunTime="3h")
    world.live(EVENING)
    return world


def run_into_window(state: str | None, *, ran: bool) -> SpaceWorld:
    """A run that begins in the evening, and would be over an hour after the window began."""
    world = world_at(EVENING, ran=ran, state=state, schedule=OFFICE, maxRunTime="13h")
    world.live(TUESDAY - timedelta(minutes=45))
    assert world.is_running() == ran
    world.live(TUESDAY + timedelta(hours=2))
    return world


ACTS: dict[str, Callable[..., SpaceWorld]] = {
    "**Git**: `state` changes": edit_state,
    "**Git**: `instanceType` changes": edit_type,
    "**Schedule**: a window begins": begin_window,
    "**Schedule**: a window ends": end_window,
    "**`maxRunTime`** is over": run_too_long,
    "**`maxRunTime`**, of a run": run_into_window,
}


def outcome(row: int, column: int, *, ran: bool) -> bool:
    """Whether the app runs in the end, by the words of the table."""
    words = TRIGGERS[row][column]
    if words.startswith("the same"):
        return outcome(row - 1, column, ran=ran)
    if words.startswith("nothing"):
        return ran
    assert words.startswith(("the app is started", "it is stopped"))
    return words.startswith("the app is started")


@pytest.mark.parametrize("ran", [True, False])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("trigger", ACTS)
def test_at_a_trigger_is_done_what_the_table_says(
    trigger: str, state: str | None, ran: bool
) -> None:
    (row,) = (at for at, cells in enumerate(TRIGGERS) if cells[0].startswith(trigger))
    world = ACTS[trigger](state, ran=ran)
    assert world.is_running() == outcome(row, 1 + STATES.index(state), ran=ran)


@pytest.mark.parametrize("drift", [None, ENFORCE])
@pytest.mark.parametrize("asked", ["start", "stop"])
@pytest.mark.parametrize("state", STATES)
def test_a_request_is_done_unless_enforcement_holds_the_opposite(
    state: str | None, asked: str, drift: dict[str, str] | None
) -> None:
    assert TRIGGERS[-1][1].startswith("done, unless `drift.state: Enforce` holds the opposite")
    world = make_world(state=state, drift=drift)
    world.live(BEFORE)
    world.request(asked, "2026-03-02T10:00:00Z")
    world.live(NOON)
    wanted = "Running" if asked == "start" else "Stopped"
    refused = drift is not None and state not in {None, wanted}
    assert world.is_running() == ((state if refused else wanted) == "Running")


EVENTS: dict[str, tuple[Callable[[SpaceWorld], None], ...]] = {
    "the app is stopped": (SpaceWorld.person_stops,),
    "the app failed after it ran": (lambda world: world.app_fails("out of memory"),),
    "the app runs": (SpaceWorld.person_starts,),
    "either": (SpaceWorld.person_starts, SpaceWorld.person_stops),
}


@pytest.mark.parametrize("enforced", [False, True])
@pytest.mark.parametrize("row", BETWEEN, ids=lambda row: f"{row[0]}-{row[1]}")
def test_between_triggers_is_done_what_the_table_says(row: list[str], enforced: bool) -> None:
    state, words = row[0].strip("`"), row[3 if enforced else 2]
    for happens in EVENTS[row[1]]:
        drift = ENFORCE if enforced else None
        world = make_world(state=None if state == "left out" else state, drift=drift)
        world.live(BEFORE)
        happens(world)
        left = world.is_running()
        world.live(NOON)
        said = {"it is started again": True, "it is stopped": False}.get(words, left)
        assert world.is_running() == said


def test_outside_of_its_schedule_an_enforced_app_is_stopped() -> None:
    assert BETWEEN[-1][3].endswith("while its schedule is closed, it is stopped")
    world = world_at(EVENING, ran=False, state=None, schedule=OFFICE, drift=ENFORCE)
    world.person_starts()
    world.live(TUESDAY)
    assert not world.is_running()


def test_every_row_of_the_tables_is_put_to_the_planner() -> None:
    assert len(TRIGGERS) == len(ACTS) + 1
    assert {row[1] for row in BETWEEN} == set(EVENTS)
