"""An idle time that the domain or the owner's profile does not allow: told, and never asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from studio_operator.plan.types import IdleLimits

from tests.unit.plan.space_world import DOMAIN, OWNER, SpaceWorld
from tests.unit.plan.test_space import make_world, ready, running_world

WORKDAY = IdleLimits(60, 480)


def limit(world: SpaceWorld, limits: IdleLimits, app: str = "JupyterLab") -> SpaceWorld:
    """The domain allows only these idle times."""
    world.domain = replace(DOMAIN, idle_limits={app: limits})
    return world


def message_of(world: SpaceWorld) -> str:
    found = world.status.condition("Ready")
    assert found is not None
    return found.message


@dataclass(frozen=True)
class Row:
    """An idle time, the limits, and whether a space with it is made."""

    after: str
    domain: IdleLimits | None
    profile: IdleLimits | None
    is_made: bool
    sharing: str | None = None


@pytest.mark.parametrize(
    "row",
    [
        Row("1d", None, None, is_made=True),
        Row("60m", WORKDAY, None, is_made=True),
        Row("8h", WORKDAY, None, is_made=True),
        Row("481m", WORKDAY, None, is_made=False),
        Row("60m", IdleLimits(lowest=90), None, is_made=False),
        Row("365d", IdleLimits(lowest=90), None, is_made=True),
        # The profile's go before the domain's, for private spaces.
        Row("12h", WORKDAY, IdleLimits(60, 1440), is_made=True),
        Row("2h", WORKDAY, IdleLimits(60, 90), is_made=False),
        Row("2h", WORKDAY, IdleLimits(60, 90), is_made=True, sharing="Shared"),
        Row("2h", None, IdleLimits(60, 90), is_made=False),
    ],
    ids=str,
)
def test_a_space_is_made_only_with_an_idle_time_that_is_allowed(row: Row) -> None:
    world = make_world(idleShutdown={"after": row.after}, sharing=row.sharing)
    if row.domain:
        limit(world, row.domain)
    if row.profile:
        world.owner = replace(OWNER, idle_limits={"JupyterLab": row.profile})
    world.run()
    assert (world.calls("CreateSpace") != []) == row.is_made
    assert world.condition("Stalled") == (None if row.is_made else "InvalidSpec")


def test_limits_of_another_app_say_nothing() -> None:
    world = limit(make_world(idleShutdown={"after": "1d"}), WORKDAY, app="CodeEditor")
    world.run()
    assert ready(world)


@pytest.mark.parametrize(
    ("sharing", "block"), [(None, "defaultUserSettings"), ("Shared", "defaultSpaceSettings")]
)
def test_the_message_names_field_value_limits_and_remedy(sharing: str | None, block: str) -> None:
    world = limit(make_world(idleShutdown={"after": "1d"}, sharing=sharing), WORKDAY)
    world.run()
    assert message_of(world) == (
        f"spec.idleShutdown.after is 1d, and StudioDomain research ({block}.jupyterLab.idle) "
        "allows 60 to 480 minutes. Set spec.idleShutdown.after to a time within, such as 480m, or "
        "change minTimeoutMinutes and maxTimeoutMinutes there."
    )


def test_the_message_names_the_profile_whose_limits_they_are() -> None:
    world = make_world(idleShutdown={"after": "1d"})
    world.owner = replace(OWNER, idle_limits={"JupyterLab": WORKDAY})
    world.run()
    assert "UserProfile alice (userSettings.jupyterLab.idle) allows 60 to 480" in message_of(world)


class TestOfASpaceThatRuns:
    def world(self, **edit: Any) -> SpaceWorld:
        world = limit(running_world(idleShutdown={"after": "2h"}), WORKDAY)
        world.edit(idleShutdown={"after": "1d"}, **edit)
        world.run()
        return world

    def test_the_app_is_left_alone(self) -> None:
        world = self.world()
        assert world.log == []
        assert world.status.phase == "InService"
        assert world.condition("Stalled") == "InvalidSpec"

    def test_all_else_is_carried_out(self) -> None:
        world = self.world(instanceType="ml.m5.large", tags={"team": "growth"})
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp", "AddTags"]
        assert world.settings.idle_minutes == 120
        assert world.status.phase == "InService"
        assert world.condition("Stalled") == "InvalidSpec"

    def test_it_is_still_stopped_and_started_as_declared(self) -> None:
        world = self.world(state="Stopped")
        world.edit(state="Running")
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "CreateApp"]

    def test_wider_limits_let_it_through_with_the_next_stop(self) -> None:
        world = self.world()
        limit(world, IdleLimits(60, 1440))
        world.run()
        assert world.condition("PendingRestart") == "PendingRestart"
        world.person_stops()
        world.run()
        assert world.settings.idle_minutes == 1440
        assert ready(world)

    def test_a_time_that_it_has_already_is_not_taken_away_by_narrower_limits(self) -> None:
        world = limit(running_world(idleShutdown={"after": "2h"}), IdleLimits(60, 90))
        world.run()
        assert ready(world)
        assert world.log == []
