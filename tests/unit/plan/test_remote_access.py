"""Remote access on an instance that is too small for it: refused before an app is stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from studio_operator.kinds.space.api.rules import TOO_SMALL_FOR_REMOTE_ACCESS

from tests.unit.plan.space_world import DOMAIN, SpaceWorld
from tests.unit.plan.test_mounting import RESIZE, message_of
from tests.unit.plan.test_space_settings import make_world, running_world

SMALL, LARGE, GPU = "ml.t3.medium", "ml.t3.large", "ml.g5.xlarge"
REMEDY = (
    "and AWS wants 8 GiB of memory for that. Set spec.instanceType to "
    "ml.t3.large or a larger type, or set spec.remoteAccess to Disabled."
)


def running_on_its_own(instance_type: str, **spec: Any) -> SpaceWorld:
    """A space that runs on a type of its own, which its spec does not name."""
    world = make_world(instanceType=None, state=None, **spec)
    world.run()
    world.person_resizes(instance_type)
    world.person_starts()
    world.run()
    assert world.is_running()
    world.log.clear()
    return world


def in_remote_access(world: SpaceWorld) -> SpaceWorld:
    """Somebody has enabled it in AWS."""
    world.settings = replace(world.settings, remote_access=True)
    world._touch()
    world.run()
    return world


def is_refused(world: SpaceWorld) -> bool:
    return world.condition("Stalled") == "InvalidSpec"


@pytest.mark.parametrize(
    ("remote", "instance_type"), [("Enabled", LARGE), ("Disabled", SMALL), (None, SMALL)]
)
def test_where_nothing_names_a_type_the_smallest_that_fits_is_taken(
    remote: str | None, instance_type: str
) -> None:
    world = make_world(instanceType=None, remoteAccess=remote)
    world.run()
    assert world.calls("CreateApp")[0]["ResourceSpec"]["InstanceType"] == instance_type


@pytest.mark.parametrize("instance_type", TOO_SMALL_FOR_REMOTE_ACCESS)
def test_a_new_space_is_not_made_on_a_default_that_is_too_small(instance_type: str) -> None:
    world = make_world(instanceType=None, remoteAccess="Enabled")
    world.domain = replace(
        DOMAIN, defaults={"JupyterLab": {"DefaultResourceSpec": {"InstanceType": instance_type}}}
    )
    world.run()
    assert world.log == []
    assert is_refused(world)
    assert message_of(world) == (
        f"spec.remoteAccess is Enabled, StudioDomain research has {instance_type} as its default "
        f"for JupyterLab, {REMEDY}"
    )
    world.edit(instanceType=LARGE)
    world.run()
    assert world.names_of_calls() == ["CreateSpace", "CreateApp"]


class TestOfASpaceWithATypeOfItsOwn:
    def test_the_app_goes_on_as_it_is(self) -> None:
        world = running_on_its_own(SMALL)
        world.edit(remoteAccess="Enabled")
        world.run()
        assert world.log == []
        assert is_refused(world)
        assert world.status.phase == "InService"
        assert message_of(world) == (
            f"spec.remoteAccess is Enabled, the space has {SMALL}, {REMEDY}"
        )

    @pytest.mark.parametrize(
        ("remedy", "calls"),
        [({"instanceType": LARGE}, RESIZE), ({"remoteAccess": "Disabled"}, [])],
        ids=["type", "remote access"],
    )
    def test_either_remedy_helps(self, remedy: dict[str, Any], calls: list[str]) -> None:
        world = running_on_its_own(SMALL)
        world.edit(remoteAccess="Enabled")
        world.run()
        world.edit(**remedy)
        world.run()
        assert world.names_of_calls() == calls
        assert not is_refused(world)

    def test_all_else_is_carried_out(self) -> None:
        world = running_on_its_own(SMALL)
        world.edit(remoteAccess="Enabled", storage={"sizeGiB": 50}, tags={"team": "churn"})
        world.run()
        assert world.names_of_calls() == [*RESIZE, "AddTags"]
        assert not world.settings.remote_access
        assert is_refused(world)

    def test_a_stopped_one_is_started_as_it_is(self) -> None:
        world = running_on_its_own(SMALL)
        world.person_stops()
        world.edit(remoteAccess="Enabled", state="Running")
        world.run()
        assert world.names_of_calls() == ["CreateApp"]
        assert is_refused(world)

    def test_on_a_larger_one_it_is_enabled(self) -> None:
        world = running_on_its_own("ml.m5.large")
        world.edit(remoteAccess="Enabled")
        world.run()
        assert world.names_of_calls() == RESIZE
        assert not is_refused(world)


class TestOfASpaceThatHasRemoteAccessInAws:
    def test_it_is_not_moved_to_a_small_instance(self) -> None:
        """The API server can't see it: the spec says nothing of remote access."""
        world = in_remote_access(running_world(instanceType=GPU))
        world.edit(instanceType=SMALL, image={"distribution": "4.2"})
        world.run()
        assert world.log == []
        assert world.app is not None
        assert (world.app.status, world.app.instance_type) == ("InService", GPU)
        assert message_of(world) == (
            f"remote access is enabled in AWS, spec.instanceType is {SMALL}, {REMEDY}"
        )
        world.edit(remoteAccess="Disabled")
        world.run()
        assert world.names_of_calls() == RESIZE

    def test_it_is_not_restarted_where_it_could_not_come_back(self) -> None:
        world = in_remote_access(running_on_its_own(SMALL))
        world.request("restart", "1")
        world.run()
        assert world.log == []
        assert is_refused(world)

    def test_it_is_not_stopped_for_a_change_either(self) -> None:
        world = in_remote_access(running_on_its_own(SMALL))
        world.edit(storage={"sizeGiB": 50})
        world.run()
        assert world.log == []
        assert is_refused(world)

    def test_it_is_stopped_when_that_is_asked_for_and_not_started_in_vain(self) -> None:
        world = in_remote_access(running_on_its_own(SMALL))
        world.edit(state="Stopped")
        world.run()
        assert world.names_of_calls() == ["DeleteApp"]
        assert not is_refused(world)
        world.edit(state="Running")
        world.run()
        assert world.names_of_calls() == ["DeleteApp"]
        assert is_refused(world)
        assert f"the space has {SMALL}" in message_of(world)

    def test_what_was_declared_and_is_no_more_goes_along_with_a_small_instance(self) -> None:
        world = running_world(instanceType=LARGE, remoteAccess="Enabled")
        world.edit(instanceType=SMALL, remoteAccess=None)
        world.run()
        assert world.names_of_calls() == RESIZE
        assert not world.settings.remote_access


def test_a_rollback_to_a_small_instance_is_told_and_not_tried() -> None:
    world = running_world(instanceType=SMALL)
    world.edit(instanceType=GPU, remoteAccess="Enabled", rollback=True, startTimeout="5m")
    world.start_failures = ["InsufficientCapacityError: none left"] * 20
    world.run()
    assert is_refused(world)
    assert message_of(world) == (
        f"remote access is enabled in AWS, spec.rollback leads to {SMALL}, {REMEDY}"
    )
    starts = [call["ResourceSpec"]["InstanceType"] for call in world.calls("CreateApp")]
    assert set(starts) == {GPU}
    world.start_failures.clear()
    world.edit(remoteAccess="Disabled")
    world.run()
    assert world.app is not None
    assert (world.app.status, world.app.instance_type) == ("InService", SMALL)
