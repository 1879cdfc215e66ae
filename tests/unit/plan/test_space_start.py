"""Starts that fail: when the app is started again, though AWS never says when it last was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from studio_operator.kinds.space.api.spec import SpaceSpec
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


def step_until(world: SpaceWorld, is_done: Callable[[], bool]) -> datetime:
    """Take steps until then; the time of the pass that did it."""
    for _ in range(200):
        now = world.now
        world.step()
        if is_done():
            return now
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


class TestCapacityThatIsRefusedAtOnce:
    """CreateApp itself fails: there is no app whose failure could be told."""

    def world(self, refusals: int, pause: float, **edit: Any) -> SpaceWorld:
        world = resized_world([])
        world.edit(instanceType="ml.g5.xlarge", **edit)
        world.faults = [("CreateApp", FailureKind.CAPACITY)] * refusals
        world.pauses[FailureKind.CAPACITY] = pause
        return world

    @pytest.mark.parametrize("pause", [60.0, 600.0, 3600.0])
    @pytest.mark.parametrize(("timeout", "minutes"), [(None, 30), ("10m", 10)])
    def test_stalls_at_the_deadline_and_not_before(
        self, timeout: str | None, minutes: int, pause: float
    ) -> None:
        world = self.world(99, pause, startTimeout=timeout)
        told_at = step_until(world, lambda: world.condition("Stalled") is not None)
        assert world.status.starting_since is not None
        assert told_at - world.status.starting_since == timedelta(minutes=minutes)
        assert world.condition("Stalled") == "InsufficientCapacity"
        assert world.status.phase == "Failed"

    def test_stays_stalled_while_it_is_tried_again_and_recovers_by_itself(self) -> None:
        world = self.world(12, 600.0)
        told = []
        for _ in range(60):
            world.step()
            if not world.faults:
                break
            told.append(world.condition("Stalled"))
        first = told.index("InsufficientCapacity")
        assert set(told[first:]) == {"InsufficientCapacity"}
        world.run()
        assert world.status.phase == "InService"
        assert world.condition("Stalled") is None

    def test_brings_the_old_size_back_at_the_deadline(self) -> None:
        world = self.world(99, 3600.0, rollback=True, startTimeout="20m")
        world.faults = [("CreateApp", FailureKind.CAPACITY)]
        step_until(world, lambda: world.status.starting_since is not None)
        since = world.status.starting_since
        assert since is not None
        back_at = step_until(world, lambda: world.status.substitute is not None)
        assert back_at - since == timedelta(minutes=20)
        world.run()
        assert world.status.phase == "InService"
