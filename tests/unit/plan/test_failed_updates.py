"""A space whose update AWS took and failed at: updated again, and its app runs if it ran."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from studio_operator.plan.types import FailureKind

from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_mounting import RESIZE, message_of
from tests.unit.plan.test_space_settings import running_world
from tests.unit.plan.test_stop_checks import ready

RESIZED = {"instanceType": "ml.m5.large"}
ALWAYS = 1000


def status_of(world: SpaceWorld) -> str:
    assert world.space is not None
    return world.space.status


def failed_world(failing: int = ALWAYS, **spec: Any) -> SpaceWorld:
    """A resize that AWS fails at, so often."""
    world = running_world(**spec)
    world.failing_updates = failing
    world.edit(**RESIZED)
    world.run()
    return world


@pytest.mark.parametrize("failing", [1, 2])
def test_a_failure_that_passes_is_only_a_delay(failing: int) -> None:
    world = failed_world(failing)
    assert world.names_of_calls() == ["DeleteApp", *["UpdateSpace"] * (failing + 1), "CreateApp"]
    assert world.settings.instance_type == "ml.m5.large"
    assert ready(world)


def test_a_change_that_fails_always_is_given_up_and_the_app_runs_as_before() -> None:
    world = failed_world(3)
    repair = world.calls("UpdateSpace")[-1]["SpaceSettings"]["JupyterLabAppSettings"]
    assert repair["DefaultResourceSpec"]["InstanceType"] == "ml.t3.large"
    assert status_of(world) == "InService"
    assert world.app is not None
    assert (world.app.status, world.app.instance_type) == ("InService", "ml.t3.large")
    assert world.condition("Stalled") == "UpdateFailed"
    assert message_of(world) == (
        "AWS failed 3 times to change ml.t3.large to ml.m5.large. Correct spec.instanceType, or "
        "set annotation reconcile.studio-operator.dev/requested-at to a new value to try again. "
        "AWS says: the disk is on fire"
    )
    world.edit(instanceType="ml.t3.large")
    world.run()
    assert ready(world)
    assert world.calls("DeleteApp") == [world.calls("DeleteApp")[0]]


class TestOfASpaceThatNothingRepairs:
    def world(self, **spec: Any) -> SpaceWorld:
        world = failed_world(**spec)
        assert world.condition("Stalled") == "UpdateFailed"
        assert "the disk is on fire" in message_of(world)
        assert len(world.calls("UpdateSpace")) == 4
        assert status_of(world) == "Update_Failed"
        return world

    @pytest.mark.parametrize(
        "act",
        ["revert", "start", "restart", "reconcile", "apply-now", "another type"],
    )
    @pytest.mark.parametrize("crash", [False, True])
    def test_whatever_a_person_does_is_another_try_and_the_app_runs_again(
        self, act: str, crash: bool
    ) -> None:
        world = self.world()
        if crash:
            world.crash()
            world.run()
        world.log.clear()
        world.failing_updates = 0
        do(world, act)
        world.run()
        assert world.names_of_calls() == ["UpdateSpace", "CreateApp"]
        assert status_of(world) == "InService"
        assert ready(world)

    def test_a_try_that_fails_again_is_as_bounded_as_the_first(self) -> None:
        world = self.world()
        for act in ("revert", "reconcile", "restart", "start"):
            world.log.clear()
            do(world, act)
            world.run()
            assert world.names_of_calls() == ["UpdateSpace"] * 3
            assert world.condition("Stalled") == "UpdateFailed"
        world.failing_updates = 0
        do(world, "restart", "2")
        world.run()
        assert ready(world)
        assert world.is_running()

    def test_without_anybody_nothing_is_asked_for(self) -> None:
        world = self.world()
        world.log.clear()
        world.live(world.now.replace(day=world.now.day + 1))
        world.crash()
        world.run()
        assert world.log == []

    def test_what_was_stopped_before_stays_stopped(self) -> None:
        world = running_world()
        world.person_stops()
        world.edit(state=None)
        world.run()
        world.failing_updates = ALWAYS
        world.edit(**RESIZED)
        world.run()
        assert world.condition("Stalled") == "UpdateFailed"
        world.failing_updates = 0
        world.edit(instanceType="ml.t3.large")
        world.run()
        assert "CreateApp" not in world.names_of_calls()
        assert ready(world)


def do(world: SpaceWorld, act: str, value: str = "1") -> None:
    if act == "revert":
        world.edit(instanceType="ml.t3.large")
    elif act == "another type":
        world.edit(instanceType="ml.g5.xlarge")
    elif act == "reconcile":
        world.annotations = {
            **world.annotations,
            "reconcile.studio-operator.dev/requested-at": value,
        }
        world.failure = None
    else:
        world.request(act, value)


def in_update_failed(world: SpaceWorld) -> SpaceWorld:
    """An update by others failed."""
    assert world.space is not None
    world.space = replace(world.space, status="Update_Failed", failure="the disk is on fire")
    world._touch()
    return world


class TestOfAnAppThatRuns:
    def test_it_is_not_stopped_for_a_repair_and_status_says_when_it_comes(self) -> None:
        world = in_update_failed(running_world())
        world.run()
        assert world.log == []
        assert world.status.phase == "InService"
        assert world.condition("PendingRestart") == "PendingRestart"
        assert "failed in AWS" in message_of(world)
        world.person_stops()
        world.run()
        assert world.names_of_calls() == ["UpdateSpace"]
        assert ready(world)
        assert world.condition("PendingRestart") is None

    @pytest.mark.parametrize("act", [{"instanceType": "ml.m5.large"}, "restart"])
    def test_a_stop_that_comes_anyway_brings_the_repair(self, act: Any) -> None:
        world = in_update_failed(running_world())
        if isinstance(act, str):
            world.request(act, "1")
        else:
            world.edit(**act)
        world.run()
        assert world.names_of_calls() == RESIZE
        assert status_of(world) == "InService"
        assert ready(world)


def test_one_that_is_adopted_is_repaired_once_it_is_ours() -> None:
    world = running_world()
    world.person_stops()
    world.run()
    in_update_failed(world)
    assert world.space is not None
    world.space = replace(world.space, tags={})
    world.status = type(world.status)()
    world.stored, world.uid = world.status, "uid-2"
    world.edit(adopt=True, state=None)
    world.run()
    assert world.names_of_calls() == ["AddTags", "UpdateSpace"]
    assert ready(world)


def test_a_repair_that_aws_refuses_is_told_and_tried_again_when_asked() -> None:
    world = in_update_failed(running_world())
    world.faults = [("UpdateSpace", FailureKind.INVALID)]
    world.person_stops()
    world.run()
    assert world.condition("Stalled") == "RejectedByAWS"
    world.ask("again")
    world.run()
    assert status_of(world) == "InService"
    assert ready(world)
