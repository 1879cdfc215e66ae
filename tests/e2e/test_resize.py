"""Changes that AWS takes only while no app exists: stop, update, start."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.team import Team
from tests.e2e.waiting import wait_until

RESIZE = ["DeleteApp", "UpdateSpace", "CreateApp"]


def volume_of(team: Team) -> int:
    found = team.aws_space()
    assert found is not None
    return int(found["settings"]["SpaceStorageSettings"]["EbsStorageSettings"]["EbsVolumeSizeInGb"])


@pytest.mark.parametrize(
    ("change", "instance_type", "volume"),
    [
        ({"instanceType": "ml.m5.large"}, "ml.m5.large", 20),
        ({"storage": {"sizeGiB": 50}}, "ml.t3.medium", 50),
        ({"instanceType": "ml.g5.xlarge", "storage": {"sizeGiB": 60}}, "ml.g5.xlarge", 60),
    ],
    ids=["instance", "volume", "both-in-one-stop"],
)
def test_a_running_app_comes_back_on_the_new_size(
    team: Team, change: dict[str, Any], instance_type: str, volume: int
) -> None:
    team.run_space()
    before = team.last_call()
    team.edit("Space", "churn", **change)
    space = team.wait_ready("Space", "churn")
    assert team.changes(since=before) == RESIZE
    assert (team.instance_type(), volume_of(team)) == (instance_type, volume)
    assert (space.status["instanceType"], space.status["storageGiB"]) == (instance_type, volume)
    assert (space.phase, "operation" in space.status) == ("InService", False)


def test_a_cpu_image_becomes_a_gpu_image_with_the_instance(team: Team) -> None:
    team.run_space()
    team.edit("Space", "churn", instanceType="ml.g5.xlarge")
    team.wait_ready("Space", "churn")
    app = team.aws_app()
    assert app is not None
    assert app["resourceSpec"]["SageMakerImageArn"].endswith("sagemaker-distribution-gpu")


@pytest.mark.parametrize("state", ["Stopped", None])
def test_a_stopped_app_stays_stopped(team: Team, state: str | None) -> None:
    team.apply(team.space(state=state))
    team.wait_phase("churn", "Stopped")
    before = team.last_call()
    team.edit("Space", "churn", instanceType="ml.m5.large", storage={"sizeGiB": 30})
    space = team.wait_ready("Space", "churn")
    assert team.changes(since=before) == ["UpdateSpace"]
    assert (space.phase, space.status["instanceType"]) == ("Stopped", "ml.m5.large")


def test_an_app_that_a_person_started_comes_back_too(team: Team) -> None:
    team.apply(team.space(state=None))
    team.wait_phase("churn", "Stopped")
    team.simulator.start_app(team.domain_id, "churn")
    team.wait_phase("churn", "InService")
    before = team.last_call()
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_ready("Space", "churn")
    assert team.changes(since=before) == RESIZE
    assert team.instance_type() == "ml.m5.large"


def test_status_tells_the_operation_while_it_runs(team: Team) -> None:
    team.run_space()
    team.simulator.add_barrier("UpdateSpace")
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.simulator.wait_for_barrier()
    space = team.wait_for("Space", "churn", lambda it: it.phase == "Resizing", "is Resizing")
    operation = space.status["operation"]
    assert (operation["type"], operation["step"]) == ("Resize", "UpdatingSpace")
    assert (operation["from"], operation["to"]) == ("ml.t3.medium", "ml.m5.large")
    assert operation["restart"] is True
    assert (space.reason, space.has("Ready"), space.has("Reconciling")) == ("Resizing", False, True)
    team.simulator.release_barriers()
    assert "operation" not in team.wait_ready("Space", "churn").status


def test_the_newest_spec_wins_in_the_middle(team: Team) -> None:
    team.run_space()
    before = team.last_call()
    team.simulator.add_barrier("DeleteApp", "after")
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.simulator.wait_for_barrier()
    team.edit("Space", "churn", instanceType="ml.m5.xlarge")
    team.simulator.release_barriers()
    space = team.wait_ready("Space", "churn")
    assert team.changes(since=before) == RESIZE
    assert team.instance_type() == space.status["instanceType"] == "ml.m5.xlarge"


def test_a_change_taken_back_in_the_middle_only_starts_the_app_again(team: Team) -> None:
    team.run_space()
    before = team.last_call()
    team.simulator.add_barrier("DeleteApp", "after")
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.simulator.wait_for_barrier()
    team.edit("Space", "churn", instanceType="ml.t3.medium")
    team.simulator.release_barriers()
    team.wait_ready("Space", "churn")
    assert team.changes(since=before) == ["DeleteApp", "CreateApp"]
    assert team.instance_type() == "ml.t3.medium"


def test_a_stop_asked_for_in_the_middle_is_a_stop(team: Team) -> None:
    team.run_space()
    before = team.last_call()
    team.simulator.add_barrier("DeleteApp", "after")
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.simulator.wait_for_barrier()
    team.edit("Space", "churn", state="Stopped")
    team.simulator.release_barriers()
    assert team.wait_phase("churn", "Stopped").is_ready
    assert team.changes(since=before) == ["DeleteApp", "UpdateSpace"]


def test_when_stopped_waits_until_a_person_stops_the_app(team: Team) -> None:
    team.run_space(resizePolicy="WhenStopped")
    before = team.last_call()
    team.edit("Space", "churn", instanceType="ml.m5.large")
    waiting = team.wait_reason("Space", "churn", "PendingRestart")
    assert waiting.has("PendingRestart")
    assert (waiting.phase, waiting.status["instanceType"]) == ("InService", "ml.t3.medium")
    team.wait_looks()
    assert team.changes(since=before) == []

    team.simulator.stop_app(team.domain_id, "churn")
    space = team.wait_ready("Space", "churn")
    assert team.changes(since=before)[0] == "UpdateSpace"
    assert not space.has("PendingRestart")


@pytest.mark.parametrize(
    "change",
    [{"displayName": "Churn"}, {"idleShutdown": {"after": "90m"}}],
    ids=lambda it: str(*it),
)
def test_a_small_change_never_stops_a_running_app(team: Team, change: dict[str, Any]) -> None:
    team.run_space()
    before = team.last_call()
    team.edit("Space", "churn", **change)
    waiting = team.wait_reason("Space", "churn", "PendingRestart")
    team.wait_looks()
    assert (team.changes(since=before), waiting.phase) == ([], "InService")


def test_a_second_growth_waits_for_the_cool_down_while_the_app_runs(team: Team) -> None:
    team.run_space()
    team.edit("Space", "churn", storage={"sizeGiB": 50})
    team.wait_ready("Space", "churn")
    before = team.last_call()
    team.edit("Space", "churn", storage={"sizeGiB": 100})
    space = team.wait_reason("Space", "churn", "StorageCooldown")
    team.wait_looks()
    assert (space.phase, space.status["storageGiB"]) == ("InService", 50)
    assert "UTC" in space.message, "it says when the growth is tried again"
    assert team.changes(since=before) == []

    team.edit("Space", "churn", instanceType="ml.m5.large")  # other changes don't wait for it
    team.wait_for(
        "Space", "churn", lambda it: it.status["instanceType"] == "ml.m5.large", "is on ml.m5.large"
    )
    team.wait_reason("Space", "churn", "StorageCooldown")
    assert team.changes(since=before) == RESIZE
    assert (team.instance_type(), volume_of(team)) == ("ml.m5.large", 50)


def test_an_adopted_volume_that_may_have_just_grown_is_waited_for(team: Team) -> None:
    team.simulator.create_space(team.domain_id, "churn", "alice", volume_size_in_gb=20)
    team.simulator.resize(team.domain_id, "churn", volume_size_in_gb=30)
    team.simulator.start_app(team.domain_id, "churn")
    team.run_space(adopt=True, storage={"sizeGiB": 30})
    before = team.last_call()
    team.edit("Space", "churn", storage={"sizeGiB": 50})
    # A view of AWS that is a second old may not show yet that somebody started it.
    team.wait_for(
        "Space",
        "churn",
        lambda it: (it.reason, it.phase) == ("StorageCooldown", "InService"),
        "waits for the volume, and runs",
    )
    assert team.changes(since=before) == []


def test_a_cool_down_that_only_aws_knows_of_leaves_the_app_running(team: Team) -> None:
    team.simulator.set_options(volume_cooldown="on-update")
    team.run_space()
    team.simulator.add_barrier("ListSpaces")  # it would show the growth, and nothing be stopped
    team.simulator.wait_for_barrier()
    team.simulator.resize(team.domain_id, "churn", volume_size_in_gb=30)
    before = team.last_call()
    team.edit("Space", "churn", storage={"sizeGiB": 50})
    wait_until(lambda: "DeleteApp" in team.changes(since=before), "the app is stopped")
    team.simulator.release_barriers()
    team.wait_for(
        "Space",
        "churn",
        lambda it: it.reason == "StorageCooldown" and it.phase == "InService",
        "runs again in spite of the cool-down",
    )
    assert team.changes(since=before) == ["DeleteApp", "CreateApp"]
    assert (team.instance_type(), volume_of(team)) == ("ml.t3.medium", 30)


def test_storage_that_is_not_ready_yet_only_delays_the_start(team: Team) -> None:
    team.simulator.set_durations(storage_ready_after_update=3600)
    team.run_space()
    team.edit("Space", "churn", instanceType="ml.m5.large")

    def refused() -> list[str]:
        return [call["message"] for call in team.calls("CreateApp") if call["code"] != "OK"]

    wait_until(refused, "the app is refused")
    team.simulator.advance(3600)
    team.wait_ready("Space", "churn")
    assert all("storage is not in Available status" in message for message in refused())


def test_a_refused_update_brings_the_app_back_on_the_old_size(team: Team) -> None:
    team.run_space()
    fault = team.simulator.add_fault(
        "UpdateSpace",
        code="ValidationException",
        message="1 validation error detected: the instance type is not offered here.",
    )
    before = team.last_call()
    team.edit("Space", "churn", instanceType="ml.m5.large")
    space = team.wait_for(
        "Space",
        "churn",
        lambda it: it.reason == "RejectedByAWS" and it.phase == "InService",
        "runs again and says why",
    )
    assert space.has("Stalled")
    assert "the instance type is not offered here" in space.message
    team.wait_looks()
    assert team.changes(since=before) == ["DeleteApp", "CreateApp"]
    assert team.instance_type() == "ml.t3.medium"

    team.simulator.remove_faults(fault)
    team.edit("Space", "churn", instanceType="ml.m5.xlarge")
    team.wait_ready("Space", "churn")
    assert team.instance_type() == "ml.m5.xlarge"
