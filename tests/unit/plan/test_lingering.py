"""What goes on costing money when an app is stopped: told, or waited for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from studio_operator.kinds.space.features.lingering.observed import AT_LINGERING

from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_space import ready, running_world

PREFIX = "arn:aws:sagemaker:eu-central-1:123456789012"
ENDPOINT = f"{PREFIX}:endpoint/churn-live"
JOB = f"{PREFIX}:training-job/churn-7"
CONDITION = "LingeringResources"


def stopped_world(*arns: str, **spec: str) -> SpaceWorld:
    """A space whose stop is declared while those resources exist."""
    world = running_world(**spec)
    world.lingering = arns
    world.edit(state="Stopped")
    world.run()
    return world


def look_again(world: SpaceWorld, *arns: str) -> None:
    """The periodic look finds these."""
    world.lingering = arns
    assert world.seen_lingering is not None
    world.seen_lingering = replace(world.seen_lingering, arns=arns, looked_at=world.now)
    world.run()


def test_a_stop_looks_first() -> None:
    world = running_world()
    world.edit(state="Stopped")
    assert world.step().looks == {AT_LINGERING}
    assert world.log == []


def test_what_was_seen_a_moment_ago_is_not_looked_for_again() -> None:
    world = stopped_world()
    looked_at = world.seen_lingering
    world.edit(state="Running")
    world.run(8)
    assert looked_at is not None
    world.seen_lingering = replace(looked_at, looked_at=world.now - timedelta(seconds=59))
    world.edit(state="Stopped")
    call = world.step().call
    assert call is not None
    assert call.operation == "DeleteApp"


def test_one_resource_is_told_as_one() -> None:
    told = stopped_world(ENDPOINT).status.condition(CONDITION)
    kept = stopped_world(ENDPOINT, stopPolicy="Block").status.condition("Stalled")
    assert told is not None
    assert kept is not None
    assert "1 resource made from it costs money: endpoint/churn-live" in told.message
    assert "Delete it, or set spec.stopPolicy to Warn" in kept.message


@pytest.mark.parametrize("policy", [None, "Warn"])
def test_warn_stops_the_app_and_names_what_lingers(policy: str | None) -> None:
    world = stopped_world(ENDPOINT, JOB, **({"stopPolicy": policy} if policy else {}))
    assert world.names_of_calls() == ["DeleteApp"]
    assert ready(world)
    condition = world.status.condition(CONDITION)
    assert condition is not None
    assert "2 resources made from it cost money: endpoint/churn-live, training-job/churn-7" in (
        condition.message
    )
    assert world.status.lingering_resources is not None
    assert world.status.lingering_resources.arns == (ENDPOINT, JOB)


def test_block_waits_until_they_are_gone() -> None:
    world = stopped_world(ENDPOINT, stopPolicy="Block")
    assert world.log == []
    assert world.condition("Stalled") == CONDITION
    assert "endpoint/churn-live" in world.status.conditions[0].message
    assert world.status.phase == "InService"
    look_again(world)
    assert world.names_of_calls() == ["DeleteApp"]
    assert ready(world)


def test_an_event_tells_it_once_each_time_that_it_is_something_else() -> None:
    world = running_world()
    world.lingering = (ENDPOINT,)
    world.edit(state="Stopped")
    told = [note.reason for _ in range(10) for note in world.step().notes]
    assert told.count(CONDITION) == 1
    look_again(world, ENDPOINT, JOB)
    assert world.status.lingering_resources is not None
    assert world.status.lingering_resources.count == 2
    look_again(world)
    assert world.status.condition(CONDITION) is None
    assert world.status.lingering_resources is None


def test_while_the_app_runs_nothing_lingers() -> None:
    world = running_world()
    world.lingering = (ENDPOINT,)
    world.edit(instanceType="ml.m5.large")
    world.run()
    look_at = world.status.condition(CONDITION)
    assert look_at is None
    assert ready(world)


def test_status_names_twenty() -> None:
    world = stopped_world(*(f"{ENDPOINT}-{number:02d}" for number in range(25)))
    assert world.status.lingering_resources is not None
    assert world.status.lingering_resources.count == 25
    assert len(world.status.lingering_resources.arns) == 20


def test_an_incomplete_look_says_so() -> None:
    world = stopped_world(ENDPOINT)
    assert world.seen_lingering is not None
    world.seen_lingering = replace(world.seen_lingering, is_complete=False)
    world.run()
    condition = world.status.condition(CONDITION)
    assert condition is not None
    assert "at least 1 resource" in condition.message


def test_an_operator_that_starts_again_tells_it_once() -> None:
    world = stopped_world(ENDPOINT)
    before = world.status
    world.crash()
    world.seen_lingering = None
    plan = world.step()
    assert plan.notes == ()
    assert world.status.conditions == before.conditions


def test_status_does_not_change_with_each_look() -> None:
    world = stopped_world(ENDPOINT)
    before = world.status
    world.tick(600)
    look_again(world, ENDPOINT)
    assert world.status == before
