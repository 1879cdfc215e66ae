"""A resource that takes the name of one that is still being deleted waits; it has not failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from studio_operator.api.common import OWNER_TAG

from tests.unit.plan.aws_model import Aws
from tests.unit.plan.engine_model import DomainEngine, Engine, ProfileEngine
from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_domain import SPEC as DOMAIN
from tests.unit.plan.test_space import existing_space, make_world

OTHERS = "cluster-1/ml-team/churn/uid-of-the-old-one"


def told(world: SpaceWorld) -> tuple[str | None, str | None, str | None, str]:
    ready = world.status.condition("Ready")
    assert ready is not None
    return world.status.phase, ready.reason, world.condition("Stalled"), ready.message


def test_a_space_waits_while_aws_deletes_the_old_one() -> None:
    world = make_world()
    existing_space(world, **{OWNER_TAG: OTHERS})
    assert world.space is not None
    world.space = replace(world.space, status="Deleting")
    world.space_until = world.now + timedelta(minutes=5)
    world.step()
    phase, reason, stalled, message = told(world)
    assert (phase, reason, stalled) == ("Pending", "Deleting", None)
    assert message == "waiting until another space churn is deleted in AWS"
    world.run()
    assert world.condition("Ready") == "Running"


def test_a_space_waits_for_a_rival_that_is_being_deleted() -> None:
    world = make_world()
    world.rival = "ml-team/old"
    world.rival_is_leaving = True
    world.step()
    phase, reason, stalled, message = told(world)
    assert (phase, reason, stalled) == ("Pending", "Deleting", None)
    assert message == "waiting until ml-team/old, which has space churn, is deleted"
    world.rival_is_leaving = False
    world.step()
    assert told(world)[:3] == ("Failed", "OwnershipConflict", "OwnershipConflict")


@pytest.mark.parametrize("of", [DomainEngine, ProfileEngine])
def test_so_do_domains_and_profiles(of: type[DomainEngine | ProfileEngine]) -> None:
    engine: Engine = of.of(Aws(), DOMAIN if of is DomainEngine else {})  # type: ignore[type-arg]
    engine.rival, engine.rival_is_leaving = "ml-team/old", True
    engine.step()
    assert engine.condition("Stalled") is None
    assert "waiting until ml-team/old, which has" in engine.message()


def test_a_profile_waits_while_aws_deletes_the_old_one() -> None:
    aws = Aws()
    old = ProfileEngine.of(aws, {"userProfileName": "alice"}, name="old", uid="uid-2")
    old.run()
    aws.profiles.get(old.key).status = "Deleting"
    engine = ProfileEngine.of(aws, {})
    for _ in range(3):
        engine.step()
    assert (engine.condition("Ready"), engine.condition("Stalled")) == ("Deleting", None)
    assert "waiting until another user profile alice is deleted in AWS" in engine.message()
