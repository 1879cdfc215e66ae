"""Names that differ in case only, or that a profile and a space would share: told, never asked for.

"User Profile and Space name must be unique in a domain", says AWS, whatever their case.
"""

from __future__ import annotations

import pytest

from tests.unit.plan.test_profile import engine
from tests.unit.plan.test_space import make_world, ready, running_world


@pytest.mark.parametrize(
    ("namesake", "remedy"),
    [
        ("space Churn", "with spec.spaceName Churn and with spec.adopt true to take it over"),
        ("user profile Churn", "Set spec.spaceName to another name"),
    ],
)
def test_a_space_is_not_made_beside_what_aws_has_under_its_name(namesake: str, remedy: str) -> None:
    world = make_world()
    world.namesake = namesake
    world.run()
    assert world.condition("Stalled") == "OwnershipConflict"
    message = world.status.conditions[0].message
    assert namesake in message
    assert remedy in message
    assert world.log == []
    world.namesake = None
    world.run()
    assert ready(world)


def test_a_space_that_exists_is_kept() -> None:
    world = running_world()
    world.namesake = "user profile Churn"
    world.run()
    assert ready(world)


def test_the_resource_of_a_space_that_was_never_made_can_be_deleted() -> None:
    world = make_world(deletionPolicy="Delete")
    world.namesake = "space Churn"
    world.run()
    world.deleting = True
    world.run()
    assert world.released
    assert world.log == []


def test_a_profile_is_not_made_beside_a_space_of_its_name() -> None:
    made = engine()
    made.namesake = "space Alice"
    made.run()
    assert made.condition("Stalled") == "OwnershipConflict"
    assert "space Alice" in made.message()
    assert "spec.userProfileName" in made.message()
    assert made.aws.operations() == []
    made.namesake = None
    made.run()
    assert made.condition("Ready") == "InService"
