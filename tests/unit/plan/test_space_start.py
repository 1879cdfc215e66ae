"""Starts that fail: when the app is started again, though AWS never says when it last was."""

from __future__ import annotations

from typing import Any

from studio_operator.api.space import SpaceSpec
from studio_operator.plan.types import FailureKind

from tests.unit.plan.space_world import SpaceWorld


def resized_world(failures: list[str]) -> SpaceWorld:
    """A space that ran, and whose starts fail from now on."""
    spec: dict[str, Any] = {
        "domainRef": {"name": "research"},
        "ownerRef": {"name": "alice"},
        "app": "JupyterLab",
        "state": "Running",
        "instanceType": "ml.t3.medium",
    }
    world = SpaceWorld(SpaceSpec.model_validate(spec))
    world.run()
    world.log.clear()
    world.start_failures = failures
    world.edit(instanceType="ml.m5.large")
    return world


def steps_until_waiting(world: SpaceWorld) -> None:
    """Take steps until the app has failed and the next one waits for the hour it names."""
    for _ in range(12):
        plan = world.step()
        if plan.status.phase == "Failed":
            return
    raise AssertionError(world.names_of_calls())


def test_an_app_that_ran_before_is_not_started_again_at_once() -> None:
    world = resized_world(["EC2InsufficientCapacityError"] * 10)
    steps_until_waiting(world)
    assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert world.condition("Reconciling") == "InsufficientCapacity"


def test_a_script_that_fails_is_started_once() -> None:
    world = resized_world(["LifecycleConfig script failed"] * 10)
    world.run()
    assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert world.condition("Stalled") == "LifecycleConfigFailed"


def test_a_corrected_spec_is_tried_at_once_though_the_last_start_was_a_moment_ago() -> None:
    world = resized_world(["EC2InsufficientCapacityError"])
    steps_until_waiting(world)
    before = world.now
    world.edit(instanceType="ml.t3.large")
    world.faults = [("CreateApp", FailureKind.BUSY)]  # the volume is not ready yet
    while world.names_of_calls().count("CreateApp") < 3:
        world.step()
    assert (world.now - before).total_seconds() < world.situation().tuning.start_retry_seconds
