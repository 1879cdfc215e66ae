"""What others change in AWS: changed back, told, or left alone, section by section."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from studio_operator.plan.observed import ImageRef

from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_space import DISTRIBUTION, ready, running_world

DECLARED = {"image": {"distribution": "4.2"}, "tags": {"team": "churn"}}


def resize(world: SpaceWorld) -> None:
    """Somebody stops the app and starts it on another type."""
    world.person_stops()
    world.person_resizes("ml.m5.large")
    world.person_starts()


def another_image(world: SpaceWorld) -> None:
    world.settings = replace(world.settings, image=ImageRef(DISTRIBUTION + "cpu", "3.1"))
    world._touch()


def retag(world: SpaceWorld) -> None:
    assert world.space is not None
    world.space = replace(world.space, tags={**(world.space.tags or {}), "team": "growth"})


def grow(world: SpaceWorld) -> None:
    assert world.space is not None
    world.space = replace(world.space, storage_gib=60)
    world._touch()


@dataclass(frozen=True)
class Row:
    """A section, somebody's act, what enforcement does about it, and how a report names it."""

    section: str
    act: Callable[[SpaceWorld], None]
    calls: tuple[str, ...]
    told: str

    def __str__(self) -> str:
        return self.section


ROWS = (
    Row(
        "instance",
        resize,
        ("DeleteApp", "UpdateSpace", "CreateApp"),
        "instanceType: declared ml.t3.medium, live ml.m5.large",
    ),
    Row(
        "image",
        another_image,
        ("DeleteApp", "UpdateSpace", "CreateApp"),
        "image: declared sagemaker-distribution-cpu 4.2, live sagemaker-distribution-cpu 3.1",
    ),
    Row("tags", retag, ("AddTags",), "tags: declared team=churn, live team=growth"),
    Row("storage", grow, (), "storage.sizeGiB: declared 20 GiB, live 60 GiB"),
)


def changed_world(row: Row, **drift: str) -> SpaceWorld:
    """A running space in which somebody has changed something."""
    world = running_world(**DECLARED, drift=drift or None)
    row.act(world)
    world.run()
    return world


@pytest.mark.parametrize("row", ROWS, ids=str)
@pytest.mark.parametrize("drift", [{}, {"default": "Enforce"}], ids=["left-out", "Enforce"])
def test_enforced_is_changed_back(row: Row, drift: dict[str, str]) -> None:
    world = changed_world(row, **drift)
    assert tuple(world.names_of_calls()) == row.calls
    assert world.memory.condition("Drifted") is None
    if row.section == "storage":  # a volume never shrinks
        assert world.condition("Stalled") == "VolumeCannotShrink"
    else:
        assert ready(world)


@pytest.mark.parametrize("row", ROWS, ids=str)
@pytest.mark.parametrize("whole", [True, False], ids=["default", "section"])
def test_reported_is_told_and_left_alone(row: Row, whole: bool) -> None:
    world = changed_world(row, **{"default" if whole else row.section: "Report"})
    assert world.log == []
    assert ready(world)
    drifted = world.memory.condition("Drifted")
    assert drifted is not None
    assert (drifted.reason, row.told in drifted.message) == ("ChangedOutside", True)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_ignored_is_left_alone(row: Row) -> None:
    world = changed_world(row, **{row.section: "Ignore"})
    assert world.log == []
    assert ready(world)
    assert world.memory.condition("Drifted") is None


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_section_of_its_own_goes_before_the_default(row: Row) -> None:
    world = changed_world(row, default="Enforce", **{row.section: "Ignore"})
    assert world.log == []
    assert ready(world)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_was_reported_is_remembered_over_a_crash(row: Row) -> None:
    world = changed_world(row, default="Report")
    before = world.memory
    world.crash()
    world.run()
    assert world.log == []
    assert world.memory == before


def test_a_new_spec_is_carried_out_whatever_the_policy() -> None:
    world = changed_world(ROWS[0], instance="Report")
    world.edit(instanceType="ml.m5.xlarge")
    world.run()
    assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert world.memory.instance_type == "ml.m5.xlarge"
    assert world.memory.condition("Drifted") is None


def test_another_change_leaves_what_is_reported_as_it_is() -> None:
    world = changed_world(ROWS[0], instance="Report")
    world.edit(image={"distribution": "3.1"})
    world.run()
    assert world.calls("CreateApp")[0]["ResourceSpec"]["InstanceType"] == "ml.m5.large"
    assert world.memory.condition("Drifted") is not None


def test_an_image_that_was_lost_along_with_the_size_stays_with_it() -> None:
    """Who updates the resource spec without an image takes the image away."""
    world = running_world(drift={"instance": "Report"})
    world.person_stops()
    world.settings = replace(world.settings, instance_type="ml.m5.large", image=ImageRef())
    world._touch()
    world.run()
    assert world.log == []


def test_drift_that_goes_away_is_told_no_longer() -> None:
    world = changed_world(ROWS[0], instance="Report")
    world.person_stops()
    world.person_resizes("ml.t3.medium")
    world.run()
    assert world.memory.condition("Drifted") is None


def test_a_policy_that_becomes_enforcement_changes_it_back() -> None:
    world = changed_world(ROWS[0], instance="Report")
    world.edit(drift={"instance": "Enforce"})
    world.run()
    assert world.memory.instance_type == "ml.t3.medium"


def test_a_tag_that_the_spec_drops_is_removed_under_any_policy() -> None:
    world = running_world(**DECLARED, drift={"tags": "Report"})
    world.edit(tags={"stage": "dev"})
    world.run()
    assert world.names_of_calls() == ["AddTags", "DeleteTags"]


def deleted_world(**spec: Any) -> SpaceWorld:
    """Somebody deleted the space in AWS."""
    world = running_world(**spec)
    world.space, world.app = None, None
    world.run()
    world.log.clear()
    return world


class TestDeletedOutside:
    @pytest.mark.parametrize("default", ["Enforce", "Report", "Ignore"])
    def test_is_never_made_anew_silently(self, default: str) -> None:
        world = deleted_world(drift={"default": default})
        assert world.condition("Stalled") == "DeletedOutsideOfGit"
        assert "studio-operator.dev/recreate" in world.memory.conditions[0].message
        assert world.log == []

    def test_is_made_anew_on_request(self) -> None:
        world = deleted_world()
        world.request("recreate", "1")
        world.run()
        assert world.names_of_calls() == ["CreateSpace", "CreateApp"]
        assert ready(world)
        assert world.memory.handled_requests is not None
        assert world.memory.handled_requests.recreate == "1"

    def test_is_made_anew_once_for_a_request(self) -> None:
        world = deleted_world()
        world.request("recreate", "1")
        world.run()
        world.space, world.app = None, None
        world.run()
        assert world.condition("Stalled") == "DeletedOutsideOfGit"

    @pytest.mark.parametrize("steps", range(6))
    def test_is_made_anew_over_a_crash(self, steps: int) -> None:
        world = deleted_world()
        world.request("recreate", "1")
        for _ in range(steps):
            world.step()
        world.crash()
        world.run()
        assert world.names_of_calls() == ["CreateSpace", "CreateApp"]

    def test_another_request_along_with_it_is_handled_too(self) -> None:
        world = deleted_world()
        world.request("recreate", "1")
        world.request("stop", "2")
        world.run()
        assert world.memory.phase == "Stopped"
        assert world.memory.handled_requests is not None
        assert world.memory.handled_requests.stop == "2"

    def test_one_that_comes_while_the_space_is_being_deleted_is_kept(self) -> None:
        world = running_world()
        world.person_stops()
        world.run()
        assert world.space is not None
        world.space = replace(world.space, status="Deleting")
        world.space_until = None
        world.request("recreate", "1")
        world.step()
        world.log.clear()
        world.space, world.app = None, None
        world.run()
        assert world.names_of_calls() == ["CreateSpace", "CreateApp"]

    def test_a_request_while_the_space_is_there_does_nothing_ever(self) -> None:
        world = running_world()
        world.request("recreate", "1")
        world.run()
        assert world.log == []
        world.space, world.app = None, None
        world.run()
        assert world.condition("Stalled") == "DeletedOutsideOfGit"
