"""What others change in AWS: changed back, told, or left alone, section by section."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from studio_operator.kinds.space.api.status import SpaceStatus
from studio_operator.kinds.space.in_aws.observed import ImageRef
from studio_operator.plan.types import FailureKind, Note

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
    assert world.status.condition("Drifted") is None
    if row.section == "storage":  # a volume never shrinks
        assert world.condition("Stalled") == "VolumeCannotShrink"
    else:
        assert ready(world)


def idle(world: SpaceWorld) -> None:
    world.settings = replace(world.settings, idle_minutes=300)
    world._touch()


def rename(world: SpaceWorld) -> None:
    assert world.space is not None
    world.space = replace(world.space, display_name="Mine")
    world._touch()


SETTINGS: dict[str, Any] = {
    **DECLARED,
    "displayName": "Churn",
    "idleShutdown": {"after": "2h"},
}
CORRECTIONS: list[Any] = [
    pytest.param(
        resize, "ml.m5.large", "ml.t3.medium", "instanceType", "drift.instance", id="type"
    ),
    pytest.param(another_image, "3.1", "4.2", "image", "drift.image", id="image"),
    pytest.param(idle, "300m", "120m", "idleShutdown.after", "drift.default", id="idle"),
    pytest.param(rename, '"Mine"', '"Churn"', "displayName", "drift.default", id="name"),
]


def run_and_listen(world: SpaceWorld) -> list[tuple[str, SpaceStatus, tuple[Note, ...]]]:
    """All that status and Events say until nothing is left to do."""
    said = []
    for _ in range(60):
        moving, plan = world.is_moving(), world.step()
        ready = world.status.condition("Ready")
        said.append((ready.message if ready else "", world.status, plan.notes))
        if not (moving or plan.call or plan.looks):
            return said
    raise AssertionError("no end")


@pytest.mark.parametrize("policy", ["Immediate", "WhenStopped"])
@pytest.mark.parametrize(("act", "live", "declared", "field", "drift"), CORRECTIONS)
def test_what_is_changed_back_says_that_others_changed_it(
    act: Callable[[SpaceWorld], None], live: str, declared: str, field: str, drift: str, policy: str
) -> None:
    """From what to what, why, and how it could stay: a person picked it, and reads this."""
    world = running_world(**SETTINGS, resizePolicy=policy)
    act(world)
    said = run_and_listen(world)
    told = [message for message, _, _ in said if f"thers changed spec.{field} in AWS: " in message]
    assert told
    assert live in told[0]
    assert declared in told[0]
    assert f"Set spec.{drift} to Report to keep it" in told[0]
    (drifted,) = {
        condition.message
        for _, status, _ in said
        if (condition := status.condition("Drifted")) is not None
    }
    assert drifted.startswith(f"changed outside, and spec.drift says Enforce: {field}: declared")
    if policy == "Immediate" and act in {resize, another_image}:
        events = [note.message for _, _, notes in said for note in notes]
        assert any(f"thers changed spec.{field} in AWS: " in event for event in events)
        assert world.status.condition("Drifted") is None
    else:
        assert world.condition("Ready") == "PendingRestart"
        pending = world.status.condition("PendingRestart")
        assert pending is not None
        assert f"thers changed spec.{field} in AWS: " in pending.message


def test_several_changes_of_others_are_named_together() -> None:
    world = running_world(**SETTINGS, resizePolicy="WhenStopped")
    resize(world)
    another_image(world)
    world.run()
    message = world.status.conditions[0].message
    assert "others changed spec.instanceType and spec.image in AWS: " in message
    assert "Set spec.drift.default to Report" in message


def test_a_tag_that_is_put_back_is_named_with_both_values_by_an_event() -> None:
    world = running_world(**DECLARED)
    retag(world)
    events = [note.message for _, _, notes in run_and_listen(world) for note in notes]
    (event,) = [event for event in events if "tags" in event]
    assert event == (
        "Others changed tags of space churn in AWS: team=growth becomes team=churn. "
        "Set spec.drift.tags to Report to keep it."
    )


@pytest.mark.parametrize(
    "edit",
    [
        {"instanceType": "ml.m5.large"},
        {"image": {"distribution": "3.1"}},
        {"displayName": "Other"},
        {"tags": {"team": "growth"}},
    ],
)
def test_what_the_spec_changes_is_never_put_down_to_others(edit: dict[str, Any]) -> None:
    world = running_world(**SETTINGS)
    world.edit(**edit)
    for message, status, notes in run_and_listen(world):
        assert "others" not in message
        assert not any("others" in note.message for note in notes)
        assert status.condition("Drifted") is None


def test_an_edit_that_is_taken_back_is_none_of_others_doing() -> None:
    world = running_world(**SETTINGS)
    for type_ in ("ml.m5.large", "ml.t3.medium"):
        world.edit(instanceType=type_)
        assert not any("others" in message for message, _, _ in run_and_listen(world))


def test_what_a_fallback_set_is_none_of_others_doing() -> None:
    world = running_world(fallbackInstanceTypes=["ml.m5.large"])
    world.person_stops()
    world.run()
    world.faults = [("CreateApp", FailureKind.CAPACITY)]
    world.request("start", "1")
    world.run()
    assert world.status.substitute is not None
    world.request("restart", "2")
    assert not any("others" in message for message, _, _ in run_and_listen(world))


@pytest.mark.parametrize("row", ROWS, ids=str)
@pytest.mark.parametrize("whole", [True, False], ids=["default", "section"])
def test_reported_is_told_and_left_alone(row: Row, whole: bool) -> None:
    world = changed_world(row, **{"default" if whole else row.section: "Report"})
    assert world.log == []
    assert ready(world)
    drifted = world.status.condition("Drifted")
    assert drifted is not None
    assert (drifted.reason, row.told in drifted.message) == ("ChangedOutside", True)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_ignored_is_left_alone(row: Row) -> None:
    world = changed_world(row, **{row.section: "Ignore"})
    assert world.log == []
    assert ready(world)
    assert world.status.condition("Drifted") is None


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_section_of_its_own_goes_before_the_default(row: Row) -> None:
    world = changed_world(row, default="Enforce", **{row.section: "Ignore"})
    assert world.log == []
    assert ready(world)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_was_reported_is_remembered_over_a_crash(row: Row) -> None:
    world = changed_world(row, default="Report")
    before = world.status
    world.crash()
    world.run()
    assert world.log == []
    assert world.status == before


def test_a_new_spec_is_carried_out_whatever_the_policy() -> None:
    world = changed_world(ROWS[0], instance="Report")
    world.edit(instanceType="ml.m5.xlarge")
    world.run()
    assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert world.status.instance_type == "ml.m5.xlarge"
    assert world.status.condition("Drifted") is None


def test_another_change_leaves_what_is_reported_as_it_is() -> None:
    world = changed_world(ROWS[0], instance="Report")
    world.edit(image={"distribution": "3.1"})
    world.run()
    assert world.calls("CreateApp")[0]["ResourceSpec"]["InstanceType"] == "ml.m5.large"
    assert world.status.condition("Drifted") is not None


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
    assert world.status.condition("Drifted") is None


def test_a_policy_that_becomes_enforcement_changes_it_back() -> None:
    world = changed_world(ROWS[0], instance="Report")
    world.edit(drift={"instance": "Enforce"})
    world.run()
    assert world.status.instance_type == "ml.t3.medium"


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
        assert "studio-operator.dev/recreate" in world.status.conditions[0].message
        assert world.log == []

    def test_is_made_anew_on_request(self) -> None:
        world = deleted_world()
        world.request("recreate", "1")
        world.run()
        assert world.names_of_calls() == ["CreateSpace", "CreateApp"]
        assert ready(world)
        assert world.status.handled_requests is not None
        assert world.status.handled_requests.recreate == "1"

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
        assert world.status.phase == "Stopped"
        assert world.status.handled_requests is not None
        assert world.status.handled_requests.stop == "2"

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


@pytest.mark.parametrize("row", [row for row in ROWS if row.section != "storage"], ids=str)
def test_what_was_told_stays_until_aws_has_been_seen_again(row: Row) -> None:
    """An operator that starts knows nothing yet: it writes no status that says less than before."""
    world = changed_world(row, default="Report")
    before = world.status
    assert before.condition("Drifted") is not None
    world.is_observed = False
    world.step()
    assert world.status == before


class TestAForgedStatus:
    """Who may write status, and not the spec, has nothing made of the settings that he wrote."""

    FORGED = ("ml.p5.48xlarge", "image/theirs", "studio-lifecycle-config/theirs")

    def forged(self, **spec: Any) -> SpaceWorld:
        world = running_world(**DECLARED, **spec)
        world.person_stops()
        world.run()
        found = world.status.dump()
        instance_type, image, script = self.FORGED
        settings = {
            **found["settings"],
            "instanceType": instance_type,
            "image": {"imageArn": f"arn:aws:sagemaker:eu-central-1:1:{image}"},
            "lifecycleConfigArn": f"arn:aws:sagemaker:eu-central-1:1:{script}",
        }
        world.stored = SpaceStatus.model_validate({**found, "settings": settings})
        world.crash()
        world.log.clear()
        return world

    @pytest.mark.parametrize("policy", ["Enforce", "Report", "Ignore"])
    def test_starts_no_app_on_them(self, policy: str) -> None:
        world = self.forged(drift={"default": policy})
        world.request("start", "now")
        world.run()
        assert world.is_running()
        assert not any(one in str(world.log) for one in self.FORGED)

    @pytest.mark.parametrize("policy", ["Enforce", "Report", "Ignore"])
    def test_updates_no_space_by_them(self, policy: str) -> None:
        world = self.forged(drift={"default": policy})
        world.edit(instanceType="ml.m5.large")
        world.run()
        assert "UpdateSpace" in world.names_of_calls()
        assert not any(one in str(world.log) for one in self.FORGED)
