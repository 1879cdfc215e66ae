"""An app that failed and that nothing starts again: AWS's words are told, nothing is started."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_schedule import OFFICE, at
from tests.unit.plan.test_space import existing_space, make_world

WORDS = "The instance failed its health check"


def failed(world: SpaceWorld) -> SpaceWorld:
    """Its app is started by a person, fails, and everybody has seen it."""
    world.person_starts()
    world.app_fails(f"{WORDS}.")
    world.run()
    return world


def told(world: SpaceWorld) -> tuple[str | None, str, str, str]:
    ready = world.status.condition("Ready")
    assert ready is not None
    return world.status.phase, ready.status, ready.reason, ready.message


def test_an_adopted_space_tells_why_its_app_failed_and_starts_nothing() -> None:
    world = make_world(adopt=True, state=None)
    existing_space(world)
    failed(world)
    phase, status, reason, message = told(world)
    assert (phase, status, reason) == ("Failed", "True", "AppFailed")
    assert WORDS in message
    assert world.condition("Stalled") is None
    assert world.names_of_calls() == ["AddTags"]


def test_a_space_that_is_left_to_people_tells_it_until_they_start_the_app_again() -> None:
    world = make_world(state=None)
    world.run()
    failed(world)
    assert told(world)[2] == "AppFailed"
    world.person_starts()
    world.run()
    assert told(world)[:3] == ("InService", "True", "Running")


def test_what_is_declared_stopped_is_stopped_and_tells_it_too() -> None:
    world = make_world(state="Stopped")
    world.run()
    failed(world)
    phase, status, reason, message = told(world)
    assert (phase, status, reason) == ("Stopped", "True", "Stopped")
    assert WORDS in message


@pytest.mark.parametrize("schedule", [None, OFFICE])
def test_what_ran_as_declared_and_failed_needs_a_person_or_its_schedule(
    schedule: dict[str, object] | None,
) -> None:
    world = make_world(schedule=schedule)
    world.live(at("2026-03-02 11:00"))
    world.app_fails(f"{WORDS}.")
    world.live(world.now + timedelta(minutes=5))
    phase, status, reason, message = told(world)
    assert (phase, status, reason) == ("Failed", "False", "AppFailed")
    assert ("starts it at 2026-03-03 07:00 UTC" in message) == (schedule is not None)
