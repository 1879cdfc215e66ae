"""An idle time that nothing acts on: told by a condition, and nothing else is different."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from studio_operator.kinds.space.in_aws.observed import ImageRef
from studio_operator.plan.types import IdleLimits, Look

from tests.unit.plan.space_world import DOMAIN, OWNER, SpaceWorld
from tests.unit.plan.test_messages import is_field
from tests.unit.plan.test_space import (
    DISTRIBUTION,
    existing_space,
    make_world,
    ready,
    running_world,
)

CONDITION = "IdleShutdownInactive"
ON, OFF = {"JupyterLab": True}, {"JupyterLab": False}
TWO_HOURS = {"after": "2h"}
UNSEEN = replace(OWNER, file_systems=None)
UPDATING = replace(DOMAIN, file_systems=None, problem="domain d-abc is being updated")
RESEARCH = "StudioDomain ml-team/research"
TEAM_IMAGE = "arn:aws:sagemaker:eu-central-1:123456789012:image/"


def idle_world(**spec: Any) -> SpaceWorld:
    """A space that runs with an idle time, where it is in effect."""
    return running_world(idleShutdown=TWO_HOURS, **spec)


def switch(
    world: SpaceWorld, *, domain: Mapping[str, bool] | None = None, owner: Any = None
) -> SpaceWorld:
    """What the domain's settings and those of the owner's profile say of idle shutdown."""
    if domain is not None:
        world.domain = replace(DOMAIN, idle_enabled=domain)
    if owner is not None:
        world.owner = replace(OWNER, idle_enabled=owner)
    return world


def is_told(world: SpaceWorld) -> bool:
    """Whether the condition stands; all else of the space is as it is without it."""
    assert ready(world)
    assert world.condition("Stalled") is None
    assert world.condition("Reconciling") is None
    assert world.status.phase == "InService"
    return world.condition(CONDITION) == CONDITION


def message_of(world: SpaceWorld) -> str:
    found = world.status.condition(CONDITION)
    assert found is not None
    return found.message


# --- the switch -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """What the domain and the profile say, and whether the space has idle shutdown."""

    domain: Mapping[str, bool]
    owner: Mapping[str, bool]
    is_told: bool
    spec: Mapping[str, Any]


def row(
    domain: Mapping[str, bool], owner: Mapping[str, bool], *, is_told: bool, **spec: Any
) -> Row:
    return Row(domain, owner, is_told, {"idleShutdown": TWO_HOURS, **spec})


@pytest.mark.parametrize(
    "row",
    [
        row({}, {}, is_told=False),
        row(ON, {}, is_told=False),
        row(OFF, {}, is_told=True),
        row(ON, OFF, is_told=True),
        row({}, OFF, is_told=True),
        row(OFF, ON, is_told=False),
        row(OFF, {}, is_told=False, idleShutdown=None),
        row({"CodeEditor": False}, {"CodeEditor": False}, is_told=False),
        row({"CodeEditor": False}, {}, is_told=True, app="CodeEditor"),
        # A shared space has no profile's settings.
        row(OFF, ON, is_told=True, sharing="Shared"),
        row(ON, OFF, is_told=False, sharing="Shared"),
    ],
    ids=str,
)
def test_the_profile_decides_for_private_spaces_and_the_domain_for_others(row: Row) -> None:
    world = switch(make_world(**row.spec), domain=row.domain, owner=row.owner)
    world.run()
    assert is_told(world) is row.is_told
    assert world.names_of_calls() == ["CreateSpace", "CreateApp"]


@pytest.mark.parametrize(
    ("domain", "owner", "sharing", "who", "path", "where"),
    [
        (OFF, {}, None, "the domain", "defaultUserSettings", RESEARCH),
        (OFF, {}, "Shared", "the domain", "defaultSpaceSettings", RESEARCH),
        (ON, OFF, None, "the owner's profile", "userSettings", "UserProfile alice"),
    ],
)
def test_the_message_names_who_switches_it_off_and_the_field(
    domain: Mapping[str, bool],
    owner: Mapping[str, bool],
    sharing: str | None,
    who: str,
    path: str,
    where: str,
) -> None:
    world = make_world(idleShutdown=TWO_HOURS, sharing=sharing)
    switch(world, domain=domain, owner=owner)
    world.run()
    path = f"{path}.jupyterLab.idle.enabled"
    assert is_field(path)
    assert message_of(world) == (
        f"spec.idleShutdown has no effect: {who} switches it off. "
        f"Set spec.{path} of {where} to true, or leave out spec.idleShutdown."
    )


def test_it_comes_and_goes_with_the_switch_without_a_call_or_a_look() -> None:
    world = idle_world()
    for domain, owner, told in (
        (OFF, {}, True),
        (OFF, ON, False),
        (ON, OFF, True),
        (ON, {}, False),
    ):
        switch(world, domain=domain, owner=owner)
        assert world.run().looks == frozenset()
        assert is_told(world) is told
    assert world.log == []


def test_leaving_the_idle_time_out_ends_it() -> None:
    world = switch(idle_world(), domain=OFF)
    world.run()
    assert is_told(world)
    world.edit(idleShutdown=None)
    world.run()
    assert not is_told(world)
    assert world.log == []


def test_a_stopped_space_is_told_as_well() -> None:
    world = switch(idle_world(), domain=OFF)
    world.edit(state="Stopped")
    world.run()
    assert ready(world)
    assert world.condition(CONDITION) == CONDITION


def test_limits_count_also_where_the_switch_is_off() -> None:
    world = make_world(idleShutdown={"after": "1d"})
    limits = {"JupyterLab": IdleLimits(60, 480)}
    world.domain = replace(DOMAIN, idle_enabled=OFF, idle_limits=limits)
    world.run()
    assert world.condition("Stalled") == "InvalidSpec"
    assert world.log == []


# --- what is not known ----------------------------------------------------------------------------


def test_it_stays_as_it_is_while_the_domain_is_being_updated() -> None:
    world = idle_world()
    world.domain = UPDATING
    world.step()
    assert world.condition(CONDITION) is None
    switch(world, domain=OFF).run()
    told = world.status.condition(CONDITION)
    world.domain = UPDATING
    world.step()
    assert world.status.condition(CONDITION) == told
    switch(world, domain=ON).run()
    assert not is_told(world)


def test_it_stays_as_it_is_until_aws_was_seen_after_a_restart() -> None:
    world = switch(idle_world(), domain=OFF)
    world.run()
    told = world.status.condition(CONDITION)
    world.crash()
    world.is_observed = False
    world.step()
    assert world.status.condition(CONDITION) == told
    world.edit(idleShutdown=None)
    world.step()
    assert world.status.condition(CONDITION) is None


def test_it_stays_as_it_is_after_a_restart_until_the_profile_was_looked_at() -> None:
    world = switch(idle_world(), domain=ON, owner=OFF)
    world.run()
    told, world.owner_idle = world.status.condition(CONDITION), OFF
    world.crash()
    world.owner = replace(UNSEEN, problem="user profile alice is being updated")
    world.step()
    assert world.status.condition(CONDITION) == told
    world.owner = UNSEEN
    world.run()
    assert world.status.condition(CONDITION) == told


@pytest.mark.parametrize("own", [{}, ON], ids=["inherits", "on of its own"])
def test_a_profile_that_may_turn_it_on_again_is_looked_at_once(own: Mapping[str, bool]) -> None:
    world = switch(idle_world(), domain=OFF)
    world.owner, world.owner_idle = UNSEEN, own
    assert world.step().looks == {Look.OWNER}
    assert world.condition(CONDITION) is None
    assert world.run().looks == frozenset()
    assert is_told(world) is (own == {})


def test_what_the_user_profile_declares_is_not_looked_up() -> None:
    world = switch(idle_world(), domain=OFF)
    world.owner = replace(UNSEEN, idle_enabled=ON)
    assert world.step().looks == frozenset()
    assert not is_told(world)


@pytest.mark.parametrize(
    ("domain", "spec"),
    [(ON, {}), ({}, {}), (OFF, {"idleShutdown": None}), (OFF, {"sharing": "Shared"})],
)
def test_nothing_is_looked_up_where_the_profile_changes_nothing(
    domain: Mapping[str, bool], spec: Any
) -> None:
    world = switch(running_world(**{"idleShutdown": TWO_HOURS, **spec}), domain=domain)
    world.owner = UNSEEN
    assert world.run().looks == frozenset()
    assert world.owner == UNSEEN, "nobody looked"


# --- the image ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "is_old"),
    [
        (None, False),
        ({"distribution": "0.12"}, True),
        ({"distribution": "1"}, True),
        ({"distribution": "1.12.3"}, True),
        ({"distribution": "2"}, False),
        ({"distribution": "2.0"}, False),
        ({"distribution": "10.1"}, False),
        ({"imageArn": DISTRIBUTION + "cpu", "versionAlias": "1.9"}, True),
        ({"imageArn": DISTRIBUTION + "cpu", "versionAlias": "2.9"}, False),
        ({"imageArn": DISTRIBUTION + "cpu"}, False),
        ({"imageArn": TEAM_IMAGE + "team-image", "versionAlias": "1.9"}, False),
        ({"imageArn": TEAM_IMAGE + "sagemaker-distribution-cpu", "versionAlias": "1.9"}, False),
    ],
)
def test_a_distribution_older_than_2_has_no_idle_shutdown(image: Any, is_old: bool) -> None:
    world = make_world(idleShutdown=TWO_HOURS, image=image)
    world.run()
    assert is_told(world) is is_old


@pytest.mark.parametrize(
    ("image", "path"),
    [
        ({"distribution": "1.12"}, "image.distribution"),
        ({"imageArn": DISTRIBUTION + "cpu", "versionAlias": "1.12"}, "image.versionAlias"),
    ],
)
def test_the_message_names_the_version_and_the_field(image: Any, path: str) -> None:
    world = make_world(idleShutdown=TWO_HOURS, image=image)
    world.run()
    assert message_of(world) == (
        "spec.idleShutdown has no effect: SageMaker Distribution 1.12 lacks it. "
        f"Set spec.{path} to 2.0 or newer, or leave out spec.idleShutdown."
    )


def test_both_are_told_with_both_remedies() -> None:
    world = make_world(idleShutdown=TWO_HOURS, image={"distribution": "1.12"})
    switch(world, domain=OFF).run()
    assert message_of(world) == (
        "spec.idleShutdown has no effect: the domain switches it off and SageMaker Distribution "
        "1.12 lacks it. Set spec.defaultUserSettings.jupyterLab.idle.enabled of StudioDomain "
        "ml-team/research to true, then set spec.image.distribution to 2.0 or newer."
    )


def test_a_newer_image_ends_it() -> None:
    world = make_world(idleShutdown=TWO_HOURS, image={"distribution": "1.12"})
    world.run()
    assert is_told(world)
    world.edit(image={"distribution": "3.1"})
    world.run()
    assert not is_told(world)


def test_the_image_of_an_adopted_space_that_declares_none_counts() -> None:
    world = make_world(idleShutdown=TWO_HOURS, adopt=True, state="Stopped")
    existing_space(world)
    world.settings = replace(world.settings, image=ImageRef(DISTRIBUTION + "cpu", "1.6.0"))
    world.run()
    assert "SageMaker Distribution 1.6.0 lacks it" in message_of(world)


def test_the_image_that_the_app_runs_on_counts_where_the_space_leaves_it_open() -> None:
    world = idle_world()
    assert world.app is not None
    world.app.image = ImageRef(DISTRIBUTION + "cpu", "1.6.0")
    world.run()
    assert is_told(world)
    world.person_stops()
    world.run()
    assert world.condition(CONDITION) is None
