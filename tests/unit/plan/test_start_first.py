"""Changes and stops while the app starts: AWS's answer to a DeleteApp then is not documented."""

from __future__ import annotations

import pytest

from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_space import make_world


def starting(**spec: object) -> SpaceWorld:
    """A new space whose app has just been asked to start."""
    world = make_world(**spec)
    while "CreateApp" not in world.names_of_calls():
        world.step()
    assert world.app is not None
    assert world.app.status == "Pending"
    world.log.clear()
    return world


def message(world: SpaceWorld) -> str:
    ready = world.status.condition("Ready")
    assert ready is not None
    return ready.message


def test_a_change_waits_for_the_start_and_says_so() -> None:
    world = starting()
    world.edit(instanceType="ml.m5.large")
    plan = world.plan()
    assert plan.call is None
    world.step()
    assert world.condition("Ready") == "Starting"
    assert "JupyterLab is starting on ml.t3.medium. When it runs, it is stopped" in message(world)
    world.run()
    assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert world.status.instance_type == "ml.m5.large"


@pytest.mark.parametrize("verb", ["restart", "apply-now"])
def test_a_request_waits_for_the_start(verb: str) -> None:
    world = starting(resizePolicy="WhenStopped")
    if verb == "apply-now":
        world.edit(instanceType="ml.m5.large")
    world.request(verb, "2026-03-02T09:05:00Z")
    world.step()
    assert "When it runs, it is stopped" in message(world)
    world.run()
    assert world.names_of_calls()[0] == "DeleteApp"
    assert world.names_of_calls()[-1] == "CreateApp"
    assert world.names_of_calls().count("DeleteApp") == 1


def test_a_stop_that_aws_refuses_meanwhile_is_told_in_our_words() -> None:
    world = starting()
    world.edit(state="Stopped")
    said = []
    while not (world.app is None or world.app.status == "Deleted"):
        if world.step().call is None:
            said.append(message(world))
    assert any("is starting, and AWS stops no app before it runs" in one for one in said)
    assert not any("DeleteApp" in one for one in said)
    world.run()
    assert world.status.phase == "Stopped"


def test_a_deletion_meanwhile_waits_as_well() -> None:
    world = starting(deletionPolicy="Delete")
    world.deleting = True
    said = []
    while not world.released:
        if world.step().call is None:
            said.append(message(world))
    assert any("is starting, and AWS stops no app before it runs" in one for one in said)
    assert not any("DeleteApp" in one for one in said)


def test_a_start_that_hangs_is_stopped_for_a_change() -> None:
    world = starting()
    assert world.app is not None
    world.app.until = None
    world.edit(instanceType="ml.m5.large")
    for _ in range(100):
        if "DeleteApp" in world.names_of_calls():
            return
        world.step()
    raise AssertionError("the start is waited for without an end")
