"""What people do in the console, behind the client's back."""

from __future__ import annotations

from typing import Any

import pytest
from studio_simulator.client import ControlError

from tests.simulator.world import World, app_key, volume


@pytest.fixture
def domain_id(world: World) -> str:
    """A domain with alice, her space and its running app."""
    made = world.running_space()
    world.control.clear_calls()
    return made


def space(world: World, domain_id: str) -> Any:
    return world.sm.describe_space(DomainId=domain_id, SpaceName="churn")


def test_somebody_stops_and_starts_the_app(world: World, domain_id: str) -> None:
    world.control.stop_app(domain_id, "churn")
    assert world.app_status(domain_id) == "Deleted"
    world.control.start_app(domain_id, "churn", instance_type="ml.m5.large")
    app = world.sm.describe_app(**app_key(domain_id))
    assert app["Status"] == "InService"
    assert app["ResourceSpec"]["InstanceType"] == "ml.m5.large"


def test_acts_can_take_their_time_as_calls_do(world: World, domain_id: str) -> None:
    world.control.stop_app(domain_id, "churn", instantly=False)
    assert world.app_status(domain_id) == "Deleting"
    world.pass_time(45)
    assert world.app_status(domain_id) == "Deleted"
    world.control.start_app(domain_id, "churn", instantly=False)
    assert world.app_status(domain_id) == "Pending"
    world.pass_time(180)
    assert world.app_status(domain_id) == "InService"


def test_somebody_resizes_in_the_console(world: World, domain_id: str) -> None:
    world.control.resize(
        domain_id,
        "churn",
        instance_type="ml.m5.large",
        volume_size_in_gb=50,
        idle_timeout_in_minutes=90,
    )
    settings = space(world, domain_id)["SpaceSettings"]
    assert settings["SpaceStorageSettings"] == volume(50)["SpaceStorageSettings"]
    lab = settings["JupyterLabAppSettings"]
    assert lab["DefaultResourceSpec"]["InstanceType"] == "ml.m5.large"
    assert lab["DefaultResourceSpec"]["SageMakerImageArn"].endswith("distribution-cpu")
    assert lab["AppLifecycleManagement"]["IdleSettings"] == {"IdleTimeoutInMinutes": 90}
    (app,) = world.sm.list_apps()["Apps"]
    assert (app["Status"], app["ResourceSpec"]["InstanceType"]) == ("InService", "ml.m5.large")


def test_people_cannot_shrink_a_volume_either(world: World, domain_id: str) -> None:
    with pytest.raises(ControlError, match="cannot be made smaller"):
        world.control.resize(domain_id, "churn", volume_size_in_gb=10)


def test_the_service_finds_the_app_unhealthy(world: World, domain_id: str) -> None:
    world.control.fail_app(domain_id, "churn", reason="Out of memory.")
    app = world.sm.describe_app(**app_key(domain_id))
    assert (app["Status"], app["FailureReason"]) == ("Failed", "Out of memory.")


def test_the_service_maintains_the_app(world: World, domain_id: str) -> None:
    world.control.act("maintain-app", domain_id=domain_id, space_name="churn")
    assert world.app_status(domain_id) == "Pending"
    world.pass_time(180)
    assert world.app_status(domain_id) == "InService"


def test_somebody_deletes_the_space_with_all_that_is_in_it(world: World, domain_id: str) -> None:
    world.control.delete_space(domain_id, "churn")
    assert world.sm.list_spaces()["Spaces"] == []
    assert [app["Status"] for app in world.sm.list_apps()["Apps"]] == ["Deleted"]


def test_somebody_creates_a_space(world: World, domain_id: str) -> None:
    world.control.create_space(
        domain_id, "by-hand", "alice", app_type="CodeEditor", tags={"made": "by hand"}
    )
    made = world.sm.describe_space(DomainId=domain_id, SpaceName="by-hand")
    assert made["Status"] == "InService"
    assert made["SpaceSettings"]["AppType"] == "CodeEditor"
    assert made["OwnershipSettings"] == {"OwnerUserProfileName": "alice"}
    tags = world.sm.list_tags(ResourceArn=made["SpaceArn"])["Tags"]
    assert tags == [{"Key": "made", "Value": "by hand"}]


def test_somebody_changes_tags(world: World, domain_id: str) -> None:
    arn = space(world, domain_id)["SpaceArn"]
    world.control.retag(arn, {"a": "1", "b": "2"})
    assert world.control.retag(arn, {"b": "3"}, remove=["a"]) == {"Tags": {"b": "3"}}


def test_any_operation_can_be_done_by_hand(world: World, domain_id: str) -> None:
    parameters = {"DomainId": domain_id, "UserProfileName": "bob"}
    world.control.call("CreateUserProfile", parameters)
    assert world.sm.describe_user_profile(**parameters)["Status"] == "Pending"
    with pytest.raises(ControlError, match="1 validation error detected"):
        world.control.call("CreateUserProfile", {"DomainId": domain_id})


def test_acts_are_neither_logged_nor_struck_by_faults(world: World, domain_id: str) -> None:
    world.control.add_fault("*", code="InternalFailure")
    world.control.add_barrier("*")
    world.control.stop_app(domain_id, "churn")
    assert world.control.calls() == []


@pytest.mark.parametrize(
    ("act", "details", "words"),
    [
        ("stop-app", {"space_name": "nosuch"}, "does not exist"),
        ("stop-app", {"domain_id": "d-nosuchdomain"}, "does not exist"),
        ("resize", {"instance_size": "x"}, "Extra inputs are not permitted"),
        ("dance", {}, "There is no POST /studio-api/acts/dance"),
    ],
)
def test_an_impossible_act_says_why(
    world: World, domain_id: str, act: str, details: Any, words: str
) -> None:
    with pytest.raises(ControlError, match=words):
        world.control.act(act, **{"domain_id": domain_id, "space_name": "churn", **details})
