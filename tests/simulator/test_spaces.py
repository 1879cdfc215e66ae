"""Spaces as a client sees them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.simulator.world import (
    IMAGE,
    ROLE,
    World,
    app_key,
    resource_spec,
    space_parameters,
    space_settings,
    volume,
)

SHARED: Any = {"SpaceSharingSettings": {"SharingType": "Shared"}}
EFS = "fs-0123456789abcdef0"
EFS_CONFIG = {"EFSFileSystemConfig": {"FileSystemId": EFS}}
CLASSIC: dict[str, Any] = {
    "OwnershipSettings": None,
    "SpaceSharingSettings": None,
    "SpaceSettings": {"AppType": "JupyterServer"},
}
SIX_HOURS = 6 * 60 * 60


@pytest.fixture
def domain_id(world: World) -> str:
    """A domain with alice in it."""
    made = world.domain()
    world.profile(made)
    return made


def update(world: World, domain_id: str, **settings: Any) -> None:
    """Update the space and wait until it is in service and its storage ready."""
    changes: Any = settings
    world.sm.update_space(DomainId=domain_id, SpaceName="churn", SpaceSettings=changes)
    world.pass_time(20)


def described(world: World, domain_id: str) -> Any:
    return world.sm.describe_space(DomainId=domain_id, SpaceName="churn")


def test_a_space_is_pending_then_in_service(world: World, domain_id: str) -> None:
    arn = world.space(domain_id, ready=False)
    assert arn == f"arn:aws:sagemaker:us-east-1:123456789012:space/{domain_id}/churn"
    assert world.space_status(domain_id) == "Pending"
    world.pass_time(20)
    assert world.space_status(domain_id) == "InService"


def test_description_holds_what_was_given(world: World, domain_id: str) -> None:
    world.space(domain_id, SpaceDisplayName="Churn, all of it")
    found = described(world, domain_id)
    assert found["SpaceSettings"] == space_settings()
    assert found["OwnershipSettings"] == {"OwnerUserProfileName": "alice"}
    assert found["SpaceSharingSettings"] == {"SharingType": "Private"}
    assert found["SpaceDisplayName"] == "Churn, all of it"
    assert found["Url"].endswith("/jupyterlab/churn")


def test_listing_shows_owner_sharing_and_volume_but_no_instance_type(
    world: World, domain_id: str
) -> None:
    world.space(domain_id)
    (listed,) = world.sm.list_spaces(DomainIdEquals=domain_id)["Spaces"]
    assert listed["SpaceSettingsSummary"] == {"AppType": "JupyterLab", **volume(20)}
    assert listed["OwnershipSettingsSummary"] == {"OwnerUserProfileName": "alice"}
    assert listed["SpaceSharingSettingsSummary"] == {"SharingType": "Private"}
    assert "SpaceArn" not in listed
    assert world.sm.list_spaces(SpaceNameContains="nothing")["Spaces"] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SpaceSharingSettings": None}, "must be provided together"),
        ({"OwnershipSettings": None}, "must be provided together"),
        ({"SpaceSettings": None}, "SpaceSettings must be provided for creating private space ["),
        ({"OwnershipSettings": {"OwnerUserProfileName": "nobody"}}, "RecordNotFound"),
        (
            {"OwnershipSettings": None, "SpaceSharingSettings": None},
            "must be provided for creating a space with AppType [JupyterLab]",
        ),
        ({"SpaceSettings": {"AppType": "JupyterServer"}}, "not supported for private space"),
        ({"SpaceSettings": {"AppType": "Canvas"}}, "not supported for private space"),
        (
            {"SpaceSettings": {**space_settings(), "CodeEditorAppSettings": {}}},
            "CodeEditorAppSettings is not supported",
        ),
        ({"SpaceSettings": space_settings(101)}, "MaximumEbsVolumeSizeInGb [100]"),
        (
            {**CLASSIC, "SpaceSettings": {"AppType": "JupyterServer", **volume(20)}},
            "SpaceStorageSettings is not supported",
        ),
        (
            {
                **CLASSIC,
                "SpaceSettings": {
                    "JupyterServerAppSettings": {
                        "CodeRepositories": [{"RepositoryUrl": "https://git.example.org/x"}]
                    }
                },
            },
            "Unknown parameter CodeRepositories in JupyterServerAppSettings for SpaceSettings.",
        ),
        (
            {"SpaceSettings": {**space_settings(), "CustomFileSystems": [{}]}},
            "Member must have exactly one member set",
        ),
    ],
)
def test_creation_refuses(
    world: World, domain_id: str, changes: dict[str, Any], words: str
) -> None:
    code, message = world.refusal(world.space, domain_id=domain_id, **changes)
    assert code == "ValidationException"
    assert words in message


def test_the_owner_must_be_in_service(world: World) -> None:
    domain_id = world.domain()
    world.sm.create_user_profile(DomainId=domain_id, UserProfileName="alice")
    code, message = world.refusal(world.space, domain_id=domain_id)
    assert code == "ValidationException"
    assert "Unable to create Space [" in message
    assert "because UserProfile [" in message
    assert "is not in InService" in message


def test_a_taken_name_is_refused(world: World, domain_id: str) -> None:
    world.space(domain_id)
    code, message = world.refusal(world.space, domain_id=domain_id)
    assert code == "ResourceInUse"
    assert message.startswith("Space already exists with the same name 'churn'.")
    assert world.code_of(world.space, domain_id=domain_id, name="Churn") == "ResourceInUse"


def test_a_space_without_a_size_gets_the_default_of_its_owner(world: World) -> None:
    sizes = {"DefaultEbsVolumeSizeInGb": 7, "MaximumEbsVolumeSizeInGb": 9}
    domain_id = world.domain()
    world.profile(
        domain_id,
        UserSettings={"SpaceStorageSettings": {"DefaultEbsStorageSettings": sizes}},
    )
    world.space(domain_id, SpaceSettings={"AppType": "JupyterLab"})
    assert (
        described(world, domain_id)["SpaceSettings"]["SpaceStorageSettings"]
        == (volume(7)["SpaceStorageSettings"])
    )
    too_large = {"AppType": "JupyterLab", **volume(10)}
    create = world.space
    assert world.code_of(create, domain_id=domain_id, name="b", SpaceSettings=too_large) == (
        "ValidationException"
    )
    world.control.set_options(maximum_volume_size="ignore")
    world.space(domain_id, "b", SpaceSettings=too_large)


def test_a_volume_is_refused_until_the_domain_allows_it(world: World, domain_id: str) -> None:
    large = {"AppType": "JupyterLab", **volume(150)}
    create = world.space
    for _ in range(2):
        code, message = world.refusal(create, domain_id=domain_id, SpaceSettings=large)
        assert (code, "MaximumEbsVolumeSizeInGb [100]" in message) == ("ValidationException", True)
    sizes = {"DefaultEbsVolumeSizeInGb": 5, "MaximumEbsVolumeSizeInGb": 200}
    allowed: Any = {"SpaceStorageSettings": {"DefaultEbsStorageSettings": sizes}}
    world.sm.update_domain(DomainId=domain_id, DefaultUserSettings=allowed)
    code, message = world.refusal(create, domain_id=domain_id, SpaceSettings=large)
    assert "InService" in message, "not before the domain has it"
    world.pass_time(300)
    world.space(domain_id, SpaceSettings=large)


@pytest.mark.parametrize(
    ("domain", "words"),
    [
        ({"DefaultSpaceSettings": None}, "has no ExecutionRole in DefaultSpaceSettings"),
        (
            {
                "AppNetworkAccessType": "VpcOnly",
                "DefaultUserSettings": {"ExecutionRole": ROLE, "SecurityGroups": ["sg-1"]},
            },
            "is VpcOnly and has no SecurityGroups in DefaultSpaceSettings",
        ),
    ],
)
def test_a_shared_space_needs_a_domain_that_is_set_up_for_them(
    world: World, domain: dict[str, Any], words: str
) -> None:
    domain_id = world.domain(**domain)
    world.profile(domain_id)
    code, message = world.refusal(world.space, domain_id=domain_id, **SHARED)
    assert code == "ValidationException"
    assert words in message
    settings: Any = {"ExecutionRole": ROLE, "SecurityGroups": ["sg-1"]}
    world.sm.update_domain(DomainId=domain_id, DefaultSpaceSettings=settings)
    world.pass_time(15)
    world.space(domain_id, **SHARED)


def test_a_classic_space_has_neither_owner_nor_sharing(world: World, domain_id: str) -> None:
    world.space(domain_id, **CLASSIC)
    found = described(world, domain_id)
    assert "OwnershipSettings" not in found
    assert "SpaceSharingSettings" not in found
    assert found["SpaceSettings"] == {"AppType": "JupyterServer"}


def test_a_file_system_must_be_attached_to_domain_or_profile(world: World, domain_id: str) -> None:
    settings = {
        **space_settings(),
        "CustomFileSystems": [{"EFSFileSystem": {"FileSystemId": EFS}}],
    }
    code, message = world.refusal(world.space, domain_id=domain_id, SpaceSettings=settings)
    assert (code, EFS in message) == ("ValidationException", True)
    attached: Any = {"CustomFileSystemConfigs": [EFS_CONFIG]}
    world.sm.update_user_profile(DomainId=domain_id, UserProfileName="alice", UserSettings=attached)
    world.pass_time(5)
    world.space(domain_id, SpaceSettings=settings)


def test_a_file_system_of_another_service_is_another_one(world: World) -> None:
    as_lustre = [{"FSxLustreFileSystemConfig": {"FileSystemId": EFS}}]
    domain_id = world.domain(
        DefaultUserSettings={"ExecutionRole": ROLE, "CustomFileSystemConfigs": as_lustre}
    )
    world.profile(domain_id)

    def mounting(member: str) -> dict[str, Any]:
        return {**space_settings(), "CustomFileSystems": [{member: {"FileSystemId": EFS}}]}

    code, message = world.refusal(
        world.space, domain_id=domain_id, SpaceSettings=mounting("EFSFileSystem")
    )
    assert (code, EFS in message) == ("ValidationException", True)
    world.space(domain_id, SpaceSettings=mounting("FSxLustreFileSystem"))


def test_file_systems_of_shared_spaces_are_those_of_the_default_space_settings(
    world: World,
) -> None:
    attached = {"ExecutionRole": ROLE, "CustomFileSystemConfigs": [EFS_CONFIG]}
    settings = {
        **space_settings(),
        "CustomFileSystems": [{"EFSFileSystem": {"FileSystemId": EFS}}],
    }
    domain_id = world.domain(DefaultUserSettings=attached)
    world.profile(domain_id)
    world.space(domain_id, "hers", SpaceSettings=settings)
    create: Any = {"domain_id": domain_id, **SHARED, "SpaceSettings": settings}
    assert world.code_of(world.space, **create) == "ValidationException"
    shared: Any = attached
    world.sm.update_domain(DomainId=domain_id, DefaultSpaceSettings=shared)
    world.pass_time(15)
    world.space(**create)


def test_file_systems_of_a_profile_take_the_place_of_the_domains(world: World) -> None:
    other = {"EFSFileSystemConfig": {"FileSystemId": EFS.replace("0", "1")}}
    domain_id = world.domain(
        DefaultUserSettings={"ExecutionRole": ROLE, "CustomFileSystemConfigs": [EFS_CONFIG]}
    )
    world.profile(domain_id, UserSettings={"CustomFileSystemConfigs": [other]})
    mounts = [{"EFSFileSystem": {"FileSystemId": EFS}}]
    settings: Any = {**space_settings(), "CustomFileSystems": mounts}
    create: Any = {"domain_id": domain_id, "SpaceSettings": settings}
    assert world.code_of(world.space, **create) == "ValidationException"
    both: Any = {"CustomFileSystemConfigs": [other, EFS_CONFIG]}
    world.sm.update_user_profile(DomainId=domain_id, UserProfileName="alice", UserSettings=both)
    world.pass_time(5)
    world.space(**create)


def test_a_file_system_in_s3_is_for_unified_studio(world: World, domain_id: str) -> None:
    mounts = [{"S3FileSystem": {"S3Uri": "s3://bucket/shared"}}]
    settings = {**space_settings(), "CustomFileSystems": mounts}
    code, message = world.refusal(world.space, domain_id=domain_id, SpaceSettings=settings)
    assert (code, "Unified Studio" in message) == ("ValidationException", True)


def test_an_idle_timeout_must_be_within_the_admins_bounds(world: World) -> None:
    def idle(**settings: int) -> Any:
        return {"AppLifecycleManagement": {"IdleSettings": settings}}

    bounds = idle(MinIdleTimeoutInMinutes=60, MaxIdleTimeoutInMinutes=120)
    domain_id = world.domain(
        DefaultUserSettings={"ExecutionRole": ROLE, "JupyterLabAppSettings": bounds}
    )
    world.profile(domain_id)
    too_long = {"AppType": "JupyterLab", "JupyterLabAppSettings": idle(IdleTimeoutInMinutes=121)}
    code, message = world.refusal(world.space, domain_id=domain_id, SpaceSettings=too_long)
    assert (code, "between 60 and 120" in message) == ("ValidationException", True)


def test_an_update_merges_and_takes_its_time(world: World, domain_id: str) -> None:
    world.space(domain_id)
    before = described(world, domain_id)
    world.pass_time(60)
    world.sm.update_space(
        DomainId=domain_id,
        SpaceName="churn",
        SpaceSettings={
            "JupyterLabAppSettings": {
                "AppLifecycleManagement": {"IdleSettings": {"IdleTimeoutInMinutes": 90}}
            }
        },
    )
    assert world.space_status(domain_id) == "Updating"
    world.pass_time(10)
    after = described(world, domain_id)
    assert after["Status"] == "InService"
    lab = after["SpaceSettings"]["JupyterLabAppSettings"]
    assert lab["DefaultResourceSpec"] == resource_spec()
    assert lab["AppLifecycleManagement"]["IdleSettings"] == {"IdleTimeoutInMinutes": 90}
    assert after["SpaceSettings"]["AppType"] == "JupyterLab"
    assert after["CreationTime"] == before["CreationTime"]
    assert after["LastModifiedTime"] > before["LastModifiedTime"]


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("replace", {"InstanceType": "ml.m5.large"}),
        ("merge", resource_spec("ml.m5.large")),
    ],
)
def test_a_resource_spec_is_replaced_as_a_whole_unless_set_to_be_merged(
    world: World, domain_id: str, option: str, expected: Any
) -> None:
    world.control.set_options(resource_spec_update=option)
    world.space(domain_id)
    changed = {"DefaultResourceSpec": {"InstanceType": "ml.m5.large"}}
    update(world, domain_id, JupyterLabAppSettings=changed)
    lab = described(world, domain_id)["SpaceSettings"]["JupyterLabAppSettings"]
    assert lab["DefaultResourceSpec"] == expected


def test_the_word_none_clears_an_image_version(world: World, domain_id: str) -> None:
    version = "arn:aws:sagemaker:us-east-1:123456789012:image-version/own/1"
    spec = {"SageMakerImageArn": IMAGE, "SageMakerImageVersionArn": version}
    settings = {"AppType": "JupyterLab", "JupyterLabAppSettings": {"DefaultResourceSpec": spec}}
    world.space(domain_id, SpaceSettings=settings)
    cleared = {"SageMakerImageArn": IMAGE, "SageMakerImageVersionArn": "None"}
    update(world, domain_id, JupyterLabAppSettings={"DefaultResourceSpec": cleared})
    lab = described(world, domain_id)["SpaceSettings"]["JupyterLabAppSettings"]
    assert lab["DefaultResourceSpec"] == {"SageMakerImageArn": IMAGE}


def test_the_app_type_cannot_even_be_repeated_in_an_update(world: World, domain_id: str) -> None:
    world.space(domain_id)
    code, message = world.refusal(update, world=world, domain_id=domain_id, AppType="JupyterLab")
    assert code == "ValidationException"
    assert message == "Updating AppType for Space is not supported."


def test_a_space_in_transition_is_left_alone(world: World, domain_id: str) -> None:
    world.space(domain_id, ready=False)
    key: Any = {"DomainId": domain_id, "SpaceName": "churn"}
    assert world.code_of(world.sm.update_space, **key) == "ValidationException"
    assert world.code_of(world.sm.delete_space, **key) == "ValidationException"
    world.pass_time(20)
    world.sm.update_space(**key, SpaceDisplayName="x")
    assert world.code_of(world.sm.delete_space, **key) == "ValidationException"
    code, message = world.refusal(world.app, domain_id=domain_id)
    assert code == "ValidationException"
    assert f"space/{domain_id}/churn] is not in InService state." in message


@pytest.mark.parametrize("status", ["Pending", "InService", "Deleting"])
def test_an_update_is_refused_while_there_is_an_app(
    world: World, domain_id: str, status: str
) -> None:
    world.space(domain_id)
    world.app(domain_id, ready=status != "Pending")
    if status == "Deleting":
        world.control.stop_app(domain_id, "churn", instantly=False)
    assert world.app_status(domain_id) == status
    code, message = world.refusal(update, world=world, domain_id=domain_id, **volume(30))
    assert code == "ResourceInUse"
    assert message.endswith("because App(s) are associated with it.")
    world.control.set_options(update_with_app="allow")
    update(world, domain_id, **volume(30))


def test_a_volume_never_shrinks(world: World, domain_id: str) -> None:
    world.space(domain_id)
    code, message = world.refusal(update, world=world, domain_id=domain_id, **volume(19))
    assert (code, "cannot be made smaller" in message) == ("ValidationException", True)
    update(world, domain_id, **volume(20))
    update(world, domain_id, **volume(21))
    assert (
        described(world, domain_id)["SpaceSettings"]["SpaceStorageSettings"]
        == (volume(21)["SpaceStorageSettings"])
    )


def test_storage_is_not_ready_right_after_an_update(world: World, domain_id: str) -> None:
    world.space(domain_id)
    world.sm.update_space(DomainId=domain_id, SpaceName="churn", SpaceSettings=volume(30))
    world.pass_time(10)
    assert world.space_status(domain_id) == "InService"
    code, message = world.refusal(world.app, domain_id=domain_id)
    assert code == "ResourceInUse"
    assert message.startswith("Unable to create app [")
    assert message.endswith("because storage is not in Available status.")
    world.pass_time(10)
    world.app(domain_id)


def test_growing_again_within_six_hours_is_refused_at_once_if_so_set(
    world: World, domain_id: str
) -> None:
    world.control.set_options(volume_cooldown="on-update")
    world.space(domain_id)
    update(world, domain_id, **volume(30))
    code, message = world.refusal(update, world=world, domain_id=domain_id, **volume(40))
    assert code == "ValidationException"
    assert message.startswith("VolumeModificationRateExceeded: ")
    world.pass_time(SIX_HOURS)
    update(world, domain_id, **volume(40))


def test_growing_again_within_six_hours_jams_the_space_at_its_next_start(
    world: World, domain_id: str
) -> None:
    world.space(domain_id)
    update(world, domain_id, **volume(30))
    update(world, domain_id, **volume(40))
    world.app(domain_id)
    app = world.sm.describe_app(**app_key(domain_id))
    assert app["Status"] == "Failed"
    assert app["FailureReason"].startswith("VolumeModificationRateExceeded: ")
    world.sm.delete_space(DomainId=domain_id, SpaceName="churn")
    world.pass_time(20)
    found = described(world, domain_id)
    assert found["Status"] == "Delete_Failed"
    assert found["FailureReason"].startswith("VolumeModificationRateExceeded: ")
    world.pass_time(SIX_HOURS)
    world.sm.delete_space(DomainId=domain_id, SpaceName="churn")
    world.pass_time(20)
    assert world.code_of(described, world=world, domain_id=domain_id) == "ResourceNotFound"


def test_without_a_cooldown_a_volume_grows_as_often_as_wanted(world: World, domain_id: str) -> None:
    world.control.set_options(volume_cooldown="off")
    world.space(domain_id)
    for size in (30, 40, 50):
        update(world, domain_id, **volume(size))
    world.app(domain_id)
    assert world.app_status(domain_id) == "InService"


def test_a_space_with_an_app_cannot_be_deleted(world: World, domain_id: str) -> None:
    world.space(domain_id)
    world.app(domain_id)
    key: Any = {"DomainId": domain_id, "SpaceName": "churn"}
    code, message = world.refusal(world.sm.delete_space, **key)
    assert code == "ResourceInUse"
    assert message.endswith("because App(s) are associated with it.")
    world.control.stop_app(domain_id, "churn")
    world.sm.delete_space(**key)
    assert world.space_status(domain_id) == "Deleting"
    world.pass_time(20)
    assert world.code_of(world.sm.describe_space, **key) == "ResourceNotFound"


def test_of_many_who_create_the_same_space_at_once_one_succeeds(
    world: World, domain_id: str
) -> None:
    def create(_number: int) -> int:
        status, _ = world.raw("CreateSpace", space_parameters(domain_id))
        return status

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(create, range(8)))
    assert statuses == [200] + [400] * 7
