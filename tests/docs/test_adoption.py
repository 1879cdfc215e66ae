"""The Space that the adoption page recommends is taken over without anybody noticing."""

from __future__ import annotations

import pytest
import yaml
from studio_operator.api.space import SpaceSpec

from tests.docs.pages import page, section
from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_space import existing_space, ready


@pytest.fixture
def world() -> SpaceWorld:
    """AWS with a space that nobody here made, and the page's spec for it."""
    text = section(page("how-to/adopt.md"), "5. The spaces")
    resource = yaml.safe_load(text.split("```")[1].removeprefix("yaml"))
    world = SpaceWorld(SpaceSpec.model_validate(resource["spec"]))
    existing_space(world)
    return world


def test_a_running_app_goes_on(world: SpaceWorld) -> None:
    world.person_starts()
    world.run()
    assert world.names_of_calls() == ["AddTags"]
    assert world.app is not None
    assert world.app.status == "InService"
    assert ready(world)


def test_a_stopped_app_stays_stopped(world: SpaceWorld) -> None:
    world.run()
    assert world.names_of_calls() == ["AddTags"]
    assert ready(world)


def test_a_type_declared_later_waits_for_the_next_stop(world: SpaceWorld) -> None:
    world.person_starts()
    world.run()
    world.edit(instanceType="ml.m5.large")
    world.run()
    assert world.names_of_calls() == ["AddTags"]
    world.person_stops()
    world.run()
    assert world.names_of_calls() == ["AddTags", "UpdateSpace"]
