"""Apps of spaces as a client sees them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.world import (
    IMAGE,
    LONG,
    ROLE,
    World,
    app_key,
    app_parameters,
    resource_spec,
)


@pytest.fixture
def domain_id(world: World) -> str:
    """A domain with alice and her space."""
    made = world.domain()
    world.profile(made)
    world.space(made)
    return made


def described(world: World, domain_id: str) -> Any:
    return world.sm.describe_app(**app_key(domain_id))


def test_an_app_is_pending_then_in_service_then_deleting_then_deleted(
    world: World, domain_id: str
) -> None:
    seen = []

    def look() -> None:
        seen.append(world.app_status(domain_id))

    world.app(domain_id, ready=False)
    look()
    world.pass_time(180)
    look()
    world.sm.delete_app(**app_key(domain_id))
    look()
    world.pass_time(45)
    look()
    assert seen == ["Pending", "InService", "Deleting", "Deleted"]


def test_the_arn_is_answered_by_creation_and_description_alike(
    world: World, domain_id: str
) -> None:
    arn = world.app(domain_id)
    expected = f"arn:aws:sagemaker:us-east-1:123456789012:app/{domain_id}/churn/jupyterlab/default"
    assert arn == expected
    assert described(world, domain_id)["AppArn"] == arn


def test_listing_shows_the_instance_type_but_no_arn(world: World, domain_id: str) -> None:
    world.app(domain_id, ResourceSpec=resource_spec("ml.m5.large"))
    (listed,) = world.sm.list_apps(DomainIdEquals=domain_id)["Apps"]
    assert listed["ResourceSpec"] == resource_spec("ml.m5.large")
    assert listed["SpaceName"] == "churn"
    assert "AppArn" not in listed
    assert "UserProfileName" not in listed


def test_listing_filters_by_space_or_by_profile_but_not_by_both(
    world: World, domain_id: str
) -> None:
    world.space(domain_id, "other")
    world.app(domain_id, "churn")
    world.app(domain_id, "other")

    def names(**query: Any) -> list[str]:
        return [app["SpaceName"] for app in world.sm.list_apps(**query)["Apps"]]

    assert names(SpaceNameEquals="other") == ["other"]
    assert names(UserProfileNameEquals="alice") == []
    both: Any = {"SpaceNameEquals": "other", "UserProfileNameEquals": "alice"}
    assert world.code_of(world.sm.list_apps, **both) == "ValidationException"


def test_health_and_activity_are_the_same_time_and_no_measure_of_idleness(
    world: World, domain_id: str
) -> None:
    world.app(domain_id)
    first = described(world, domain_id)
    world.pass_time(300)
    second = described(world, domain_id)
    assert second["LastHealthCheckTimestamp"] > first["LastHealthCheckTimestamp"]
    assert second["LastUserActivityTimestamp"] == second["LastHealthCheckTimestamp"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ResourceSpec": None}, "SageMaker Image ARN is required for App with type [JupyterLab]"),
        (
            {"ResourceSpec": {"InstanceType": "ml.t3.medium"}},
            "SageMaker Image ARN is required for App with type [JupyterLab]",
        ),
        ({"AppType": "CodeEditor"}, "does not match AppType [JupyterLab]"),
        ({"AppName": "other"}, "AppName must be [default]"),
        ({"UserProfileName": "alice"}, "Exactly one of SpaceName and UserProfileName"),
        ({"SpaceName": None}, "Exactly one of SpaceName and UserProfileName"),
        ({"SpaceName": "nosuch"}, "RecordNotFound"),
        ({"DomainId": "d-nosuchdomain"}, "RecordNotFound"),
        ({"ResourceSpec": {**resource_spec(), "InstanceType": "ml.huge"}}, "enum value set"),
    ],
)
def test_creation_refuses(
    world: World, domain_id: str, changes: dict[str, Any], words: str
) -> None:
    parameters = {**app_parameters(domain_id), **changes}
    code, message = world.refusal(
        world.sm.create_app, **{key: value for key, value in parameters.items() if value}
    )
    assert code == "ValidationException"
    assert words in message


@pytest.mark.parametrize("status", ["Pending", "InService", "Deleting"])
def test_a_space_has_one_app_at_a_time(world: World, domain_id: str, status: str) -> None:
    world.app(domain_id, ready=status != "Pending")
    if status == "Deleting":
        world.sm.delete_app(**app_key(domain_id))
    code, message = world.refusal(world.app, domain_id=domain_id)
    assert code == "ResourceInUse"
    assert f"is in {status} state" in message


def test_an_app_needs_the_owner_of_its_private_space_in_service(
    world: World, domain_id: str
) -> None:
    world.sm.update_user_profile(DomainId=domain_id, UserProfileName="alice")
    code, message = world.refusal(world.app, domain_id=domain_id)
    assert code == "ValidationException"
    assert "Unable to create app [" in message
    assert "because user profile [" in message


@pytest.mark.parametrize(
    ("given", "expected"),
    [("ml.m5.large", "ml.m5.large"), (None, "ml.t3.medium"), ("system", "ml.t3.medium")],
)
def test_the_instance_type_comes_from_the_call_or_from_the_space(
    world: World, domain_id: str, given: str | None, expected: str
) -> None:
    spec = {"SageMakerImageArn": IMAGE, **({"InstanceType": given} if given else {})}
    world.app(domain_id, ResourceSpec=spec)
    assert described(world, domain_id)["ResourceSpec"]["InstanceType"] == expected


@pytest.mark.parametrize(
    ("image", "status"),
    [
        (IMAGE, "InService"),
        (IMAGE.replace("-cpu", "-gpu"), "InService"),
        ("arn:aws:sagemaker:us-east-1:123456789012:image/our-own", "InService"),
        (IMAGE.replace("885854791233", "111122223333"), "Failed"),
        (IMAGE.replace("us-east-1", "eu-west-1"), "Failed"),
        (IMAGE.replace("distribution-cpu", "distribution-tpu"), "Failed"),
    ],
)
def test_a_wrong_image_shows_only_when_the_app_starts(
    world: World, domain_id: str, image: str, status: str
) -> None:
    world.app(domain_id, ready=False, ResourceSpec=resource_spec(image=image))
    assert world.app_status(domain_id) == "Pending"
    world.pass_time(180)
    found = described(world, domain_id)
    assert found["Status"] == status
    assert ("FailureReason" in found) == (status == "Failed")


def test_a_deleted_app_cannot_be_deleted_again(world: World, domain_id: str) -> None:
    world.app(domain_id)
    world.sm.delete_app(**app_key(domain_id))
    code, _ = world.refusal(world.sm.delete_app, **app_key(domain_id))
    assert code == "ValidationException"
    world.pass_time(45)
    code, message = world.refusal(world.sm.delete_app, **app_key(domain_id))
    assert code == "ValidationException"
    assert message.endswith("has already been deleted")


def test_a_failed_app_was_deleted_by_the_service_itself(world: World, domain_id: str) -> None:
    world.control.set_unavailable("ml.t3.medium")
    world.app(domain_id)
    assert described(world, domain_id)["Status"] == "Failed"
    code, message = world.refusal(world.sm.delete_app, **app_key(domain_id))
    assert code == "ValidationException"
    assert message.startswith("App [default] previously failed and was automatically deleted.")
    world.control.set_unavailable()
    world.app(domain_id)
    assert world.app_status(domain_id) == "InService"


def test_a_pending_app_cannot_be_deleted_unless_so_set(world: World, domain_id: str) -> None:
    world.app(domain_id, ready=False)
    assert world.code_of(world.sm.delete_app, **app_key(domain_id)) == "ValidationException"
    world.control.set_options(delete_pending_app="allow")
    world.sm.delete_app(**app_key(domain_id))
    world.pass_time(180)
    assert world.app_status(domain_id) == "Deleted"


def test_a_deleted_app_is_remembered_for_a_day(world: World, domain_id: str) -> None:
    world.app(domain_id)
    world.sm.delete_app(**app_key(domain_id))
    world.pass_time(45)
    world.pass_time(LONG - 1)
    (listed,) = world.sm.list_apps()["Apps"]
    assert listed["Status"] == "Deleted"
    world.pass_time(1)
    assert world.sm.list_apps()["Apps"] == []
    assert world.code_of(world.sm.describe_app, **app_key(domain_id)) == "ResourceNotFound"
    assert world.code_of(world.sm.delete_app, **app_key(domain_id)) == "ResourceNotFound"


def test_an_app_that_comes_back_within_a_day_keeps_its_creation_time(
    world: World, domain_id: str
) -> None:
    world.app(domain_id)
    first = described(world, domain_id)["CreationTime"]
    world.control.stop_app(domain_id, "churn")
    world.pass_time(3600)
    world.app(domain_id)
    assert described(world, domain_id)["CreationTime"] == first
    world.control.stop_app(domain_id, "churn")
    world.pass_time(LONG)
    world.app(domain_id)
    assert described(world, domain_id)["CreationTime"] > first


def test_a_missing_app_of_a_missing_domain_is_not_found(world: World) -> None:
    assert world.code_of(world.sm.describe_app, **app_key("d-nosuchdomain")) == "ResourceNotFound"


def test_tags_of_domain_profile_and_space_reach_the_app_where_the_domain_says_so(
    world: World,
) -> None:
    def tag(name: str) -> Any:
        return [{"Key": name, "Value": "1"}, {"Key": "level", "Value": name}]

    domain_id = world.domain(TagPropagation="ENABLED", Tags=tag("domain"))
    world.profile(domain_id, Tags=tag("profile"))
    world.space(domain_id, Tags=tag("space"))
    arn = world.app(domain_id)
    tags = {one["Key"]: one["Value"] for one in world.sm.list_tags(ResourceArn=arn)["Tags"]}
    assert tags == {"domain": "1", "profile": "1", "space": "1", "level": "space"}


@pytest.mark.parametrize("app_type", ["JupyterServer", "KernelGateway"])
def test_apps_of_studio_classic_are_not_created_any_more(world: World, app_type: str) -> None:
    domain_id = world.domain()
    world.sm.create_space(DomainId=domain_id, SpaceName="classic")
    world.profile(domain_id)
    world.pass_time(20)
    whose: Any
    for whose in ({"SpaceName": "classic"}, {"UserProfileName": "alice"}):
        key = {"DomainId": domain_id, "AppType": app_type, "AppName": "any", **whose}
        code, message = world.refusal(world.sm.create_app, **key)
        assert (code, "Studio Classic" in message) == ("ValidationException", True)


def test_a_classic_space_has_apps_of_any_name_and_each_holds_it(world: World) -> None:
    domain_id = world.domain()
    world.sm.create_space(DomainId=domain_id, SpaceName="classic")
    world.pass_time(20)
    world.control.set_options(classic_apps="allow")
    whose: Any = {"DomainId": domain_id, "SpaceName": "classic"}
    server = {**whose, "AppType": "JupyterServer", "AppName": "team-server"}
    kernel = {**whose, "AppType": "KernelGateway", "AppName": "instance-1"}
    world.sm.create_app(**server)
    world.sm.create_app(**kernel, ResourceSpec={"InstanceType": "ml.m5.large"})
    world.pass_time(180)
    world.control.set_options(classic_apps="refuse")
    listed = world.sm.list_apps(DomainIdEquals=domain_id)["Apps"]
    assert {one["AppName"] for one in listed} == {"team-server", "instance-1"}
    for app in (server, kernel):
        assert world.code_of(world.sm.delete_space, **whose) == "ResourceInUse"
        world.sm.delete_app(**app)
        world.pass_time(60)
    world.sm.delete_space(**whose)


def test_a_classic_space_runs_a_classic_app_on_the_system_instance(world: World) -> None:
    world.control.set_options(classic_apps="allow")
    domain_id = world.domain()
    world.sm.create_space(DomainId=domain_id, SpaceName="classic")
    world.pass_time(20)
    key = app_key(domain_id, "classic", "JupyterServer")
    world.sm.create_app(**key)
    world.pass_time(180)
    app = world.sm.describe_app(**key)
    assert (app["Status"], app["ResourceSpec"]) == ("InService", {"InstanceType": "system"})


def test_a_code_editor_space_runs_code_editor(world: World, domain_id: str) -> None:
    world.control.create_space(domain_id, "editor", "alice", app_type="CodeEditor")
    key = app_key(domain_id, "editor", "CodeEditor")
    world.sm.create_app(**key, ResourceSpec=resource_spec())
    world.pass_time(180)
    assert world.sm.describe_app(**key)["AppArn"].endswith("/editor/codeeditor/default")


def test_remote_access_needs_a_larger_instance(world: World) -> None:
    domain_id = world.domain()
    world.profile(domain_id)
    world.space(domain_id, SpaceSettings={"AppType": "JupyterLab", "RemoteAccess": "ENABLED"})
    code, message = world.refusal(
        world.app, domain_id=domain_id, ResourceSpec=resource_spec("ml.t3.medium")
    )
    assert (code, "at least 8 GiB memory" in message) == ("ValidationException", True)
    world.app(domain_id, ResourceSpec=resource_spec("ml.t3.large"))


def test_an_app_does_not_start_with_a_file_system_that_is_attached_no_more(world: World) -> None:
    efs = {"FileSystemId": "fs-0123456789abcdef0"}
    attached: Any = {
        "ExecutionRole": ROLE,
        "CustomFileSystemConfigs": [{"EFSFileSystemConfig": efs}],
    }
    domain_id = world.domain(DefaultUserSettings=attached)
    world.profile(domain_id)
    mounts = [{"EFSFileSystem": efs}]
    world.space(domain_id, SpaceSettings={"AppType": "JupyterLab", "CustomFileSystems": mounts})
    world.sm.update_domain(DomainId=domain_id, DefaultUserSettings={"CustomFileSystemConfigs": []})
    world.pass_time(15)
    code, message = world.refusal(world.app, domain_id=domain_id)
    assert (code, efs["FileSystemId"] in message) == ("ValidationException", True)
    world.sm.update_space(
        DomainId=domain_id, SpaceName="churn", SpaceSettings={"CustomFileSystems": []}
    )
    world.pass_time(20)
    world.app(domain_id)
