"""Security groups in a VpcOnly domain: of the domain's defaults, of a profile, of shared spaces."""

from __future__ import annotations

from dataclasses import replace

import pytest
from studio_operator.plan.types import Look

from tests.unit.plan.engine_model import ProfileEngine
from tests.unit.plan.space_world import DOMAIN, SpaceWorld
from tests.unit.plan.test_profile import engine, only, running, there
from tests.unit.plan.test_space import make_world, ready, running_world

CLOSED = replace(DOMAIN, vpc_only=True)
OWN = {"userSettings": {"securityGroups": ["sg-1"]}}
FIELDS = ("spec.userSettings.securityGroups", "spec.defaultUserSettings.securityGroups")


def closed(made: ProfileEngine) -> ProfileEngine:
    return made.with_facts(vpc_only=True, user_security_groups=())


# --- profiles ------------------------------------------------------------------------------------


def test_a_profile_without_any_is_not_asked_for() -> None:
    made = closed(engine())
    made.run()
    assert made.condition("Stalled") == "VpcSecurityGroupsMissing"
    assert all(field in made.message() for field in FIELDS)
    assert made.aws.operations() == []


def test_it_goes_on_with_groups_of_its_own_or_of_the_domain() -> None:
    made = closed(engine(OWN))
    made.run()
    assert made.condition("Ready") == "InService"
    made = closed(engine()).with_facts(user_security_groups=("sg-2",))
    made.run()
    assert made.condition("Ready") == "InService"


@pytest.mark.parametrize("edited", [None, {"securityGroups": []}])
def test_a_profile_does_not_lose_its_last_ones(edited: dict[str, list[str]] | None) -> None:
    made = closed(running(OWN))
    made.edit(userSettings=edited)
    made.run()
    assert made.condition("Stalled") == "VpcSecurityGroupsMissing"
    assert made.aws.operations() == []
    made.with_facts(user_security_groups=("sg-2",))
    made.run()
    assert made.aws.operations() == ["UpdateUserProfile"]
    assert made.condition("Ready") == "InService"


def test_a_profile_from_before_the_domain_was_closed_is_ready_and_says_what_it_lacks() -> None:
    made = closed(engine({"adopt": True, "userSettings": {"defaultLandingUri": "studio::"}}))
    there(made, None)
    made.run()
    assert made.condition("Ready") == "InService"
    assert all(field in made.message() for field in FIELDS)
    assert only(made).settings["UserSettings"] == {"DefaultLandingUri": "studio::"}


def test_groups_that_only_aws_shows_count() -> None:
    made = closed(engine({"adopt": True, "userSettings": {"defaultLandingUri": "studio::"}}))
    there(made, None, UserSettings={"SecurityGroups": ["sg-9"]})
    made.run()
    assert made.message() == "user profile alice is as declared"


# --- private spaces ------------------------------------------------------------------------------


def groupless(world: SpaceWorld) -> SpaceWorld:
    """The domain is closed, and nobody has looked at the owner's profile, which has none."""
    assert world.owner is not None
    world.domain = CLOSED
    world.owner = replace(world.owner, file_systems=None, security_groups=None)
    return world


def test_a_private_space_is_not_made_where_neither_domain_nor_owner_has_any() -> None:
    world = groupless(make_world())
    assert Look.OWNER in world.step().looks, "what the profile has is looked at first"
    world.run()
    assert world.condition("Stalled") == "VpcSecurityGroupsMissing"
    assert all(field in world.status.conditions[0].message for field in FIELDS)
    assert world.log == []


def test_it_is_made_with_those_of_the_owner() -> None:
    world = groupless(make_world())
    world.owner_groups = ("sg-1",)
    world.run()
    assert ready(world)


def test_no_look_at_the_owner_where_the_domain_has_some() -> None:
    world = groupless(make_world())
    world.domain = replace(CLOSED, user_security_groups=("sg-2",))
    while not world.log:
        assert Look.OWNER not in world.step().looks


def test_nobody_is_stopped_where_the_app_could_not_start_again() -> None:
    world = groupless(running_world())
    assert world.owner is not None
    world.owner = replace(world.owner, security_groups=())
    world.edit(instanceType="ml.m5.large")
    world.run()
    assert world.condition("Stalled") == "VpcSecurityGroupsMissing"
    assert world.log == []
    world.domain = replace(CLOSED, user_security_groups=("sg-2",))
    world.run()
    assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]


def test_a_restart_that_could_not_end_well_is_not_begun() -> None:
    world = groupless(running_world())
    assert world.owner is not None
    world.owner = replace(world.owner, security_groups=())
    world.request("restart", "1")
    world.run()
    assert world.condition("Stalled") == "VpcSecurityGroupsMissing"
    assert world.is_running()


def test_a_stopped_app_is_not_started_without_any() -> None:
    world = groupless(running_world(state="Stopped"))
    world.run()
    assert ready(world), "a stopped app needs none"
    world.edit(state="Running")
    world.run()
    assert world.condition("Stalled") == "VpcSecurityGroupsMissing"
    assert "CreateApp" not in world.names_of_calls()
    assert world.owner is not None
    world.owner = replace(world.owner, security_groups=("sg-1",))
    world.run()
    assert world.names_of_calls() == ["CreateApp"]
    assert ready(world)


def test_a_shared_space_is_not_started_without_those_of_the_domain() -> None:
    world = running_world(sharing="Shared", state="Stopped")
    world.domain = replace(CLOSED, user_security_groups=("sg-2",))
    world.edit(state="Running")
    world.run()
    assert world.condition("Stalled") == "VpcSecurityGroupsMissing"
    assert "spec.defaultSpaceSettings.securityGroups" in world.status.conditions[0].message
    assert world.log == []
