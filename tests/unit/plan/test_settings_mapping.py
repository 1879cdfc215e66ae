"""Where settings stand in the spec and in AWS, how they differ, and the requests that say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from studio_operator.kinds.studio_domain.api import StudioDomainSpec
from studio_operator.kinds.user_profile.api import UserProfileSpec
from studio_operator.plan.settings.mapping import (
    DOMAIN_SETTINGS,
    PROFILE_SETTINGS,
    Changes,
    Setting,
    creation_members,
    declared_values,
    field_in_message,
    find_changes,
    hash_values,
    managed_fields,
    update_members,
    values_to_repeat,
)

ROLE = "arn:aws:iam::123456789012:role/studio"
IMAGE = "arn:aws:sagemaker:eu-central-1:123456789012:image/team"
STOCK_IMAGE = "arn:aws:sagemaker:eu-central-1:545423591354:image/sagemaker-distribution-cpu"
VERSION = "arn:aws:sagemaker:eu-central-1:123456789012:image-version/team/3"
LIFECYCLE = "arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config/tools"
REPOSITORY = "https://git.example.com/team/notebooks.git"
EFS, LUSTRE = "fs-0123456789abcdef0", "fs-0fedcba9876543210"

# Every setting that a domain's spec knows.
APP = {
    "defaultResourceSpec": {
        "instanceType": "ml.t3.medium",
        "imageArn": IMAGE,
        "versionAlias": "1.0",
        "versionArn": VERSION,
        "lifecycleConfigArn": LIFECYCLE,
    },
    "lifecycleConfigArns": [LIFECYCLE],
    "idle": {
        "enabled": True,
        "timeoutMinutes": 120,
        "minTimeoutMinutes": 60,
        "maxTimeoutMinutes": 480,
    },
}
MOUNTED = {
    "fileSystems": [
        {"efs": {"fileSystemId": EFS, "path": "/research"}},
        {"fsxLustre": {"fileSystemId": LUSTRE}},
    ],
    "posixUser": {"uid": 200001, "gid": 1001},
    "jupyterServer": {"codeRepositories": [REPOSITORY]},
}
JUPYTER_LAB = {**APP, "codeRepositories": [REPOSITORY]}
USER_SETTINGS = {
    **MOUNTED,
    "executionRole": ROLE,
    "securityGroups": ["sg-1"],
    "jupyterLab": JUPYTER_LAB,
    "codeEditor": APP,
    "spaceStorage": {"defaultGiB": 20, "maximumGiB": 200},
    "defaultLandingUri": "studio::",
    "studioWebPortal": "ENABLED",
}
FULL_DOMAIN = {
    "vpcId": "vpc-1",
    "subnetIds": ["subnet-1", "subnet-2"],
    "network": "VpcOnly",
    "tagPropagation": "ENABLED",
    "defaultUserSettings": USER_SETTINGS,
    "defaultSpaceSettings": {
        "executionRole": ROLE,
        **MOUNTED,
        "securityGroups": ["sg-2"],
        "jupyterLab": JUPYTER_LAB,
        "spaceStorage": {"defaultGiB": 20, "maximumGiB": 200},
    },
    "domainSettings": {
        "securityGroupIds": ["sg-3"],
        "executionRoleIdentity": "USER_PROFILE_NAME",
        "docker": {"enabled": True, "trustedAccounts": ["123456789012"]},
        "ipAddressType": "dualstack",
    },
}


def domain(**fields: Any) -> dict[Setting, Any]:
    return declared_values(StudioDomainSpec.model_validate(fields), DOMAIN_SETTINGS)


def changes(fields: dict[str, Any], details: dict[str, Any], managed: tuple[str, ...] = ()) -> Any:
    return find_changes(domain(**fields), details, DOMAIN_SETTINGS, managed)


def updated(
    fields: dict[str, Any], details: dict[str, Any], managed: tuple[str, ...] = ()
) -> dict[str, Any]:
    return update_members(changes(fields, details, managed), domain(**fields), details)


def leaves(schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths of all values in a nested document."""
    for name, value in schema.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, name))
        else:
            yield (*path, name)


def member_type(shape: Any, path: tuple[str, ...]) -> str:
    for name in path:
        shape = shape.members[name]
    return str(shape.type_name)


def test_every_declared_setting_of_a_domain_has_its_place_in_aws() -> None:
    declared = domain(**FULL_DOMAIN)
    assert {setting.path for setting in declared} == set(leaves(FULL_DOMAIN))
    assert {setting.path for setting in DOMAIN_SETTINGS} == {s.path for s in declared}


def test_every_declared_setting_of_a_profile_has_its_place_in_aws() -> None:
    spec = {"domainRef": {"name": "research"}, "userSettings": USER_SETTINGS}
    declared = declared_values(UserProfileSpec.model_validate(spec), PROFILE_SETTINGS)
    assert {setting.path for setting in declared} == set(leaves(spec)) - {("domainRef", "name")}


@pytest.mark.parametrize(
    ("operation", "settings", "renamed"),
    [
        ("CreateDomain", DOMAIN_SETTINGS, {}),
        ("UpdateDomain", DOMAIN_SETTINGS, {"DomainSettings": "DomainSettingsForUpdate"}),
        ("CreateUserProfile", PROFILE_SETTINGS, {}),
        ("UpdateUserProfile", PROFILE_SETTINGS, {}),
    ],
)
def test_aws_requests_have_these_members_with_these_types(
    operation: str, settings: tuple[Setting, ...], renamed: dict[str, str]
) -> None:
    shape = botocore.session.get_session().get_service_model("sagemaker")
    request = shape.operation_model(operation).input_shape
    for setting in settings:
        path = (renamed.get(setting.member[0], setting.member[0]), *setting.member[1:])
        is_list = isinstance(setting.empty, tuple) or setting.field == "subnetIds"
        assert (member_type(request, path) == "list") == is_list, setting.field


def test_creation_says_all_that_is_declared_and_nothing_else() -> None:
    members = creation_members(
        domain(
            network="VpcOnly",
            defaultUserSettings={"executionRole": ROLE, "jupyterLab": {"idle": {"enabled": False}}},
            domainSettings={"docker": {"enabled": True}},
        )
    )
    assert members == {
        "AppNetworkAccessType": "VpcOnly",
        "DefaultUserSettings": {
            "ExecutionRole": ROLE,
            "JupyterLabAppSettings": {
                "AppLifecycleManagement": {"IdleSettings": {"LifecycleManagement": "DISABLED"}}
            },
        },
        "DomainSettings": {"DockerSettings": {"EnableDockerAccess": "ENABLED"}},
    }


def test_file_systems_and_repositories_are_written_as_aws_writes_them() -> None:
    members = creation_members(
        domain(
            defaultUserSettings={
                "executionRole": ROLE,
                "jupyterLab": {"codeRepositories": [REPOSITORY]},
                **MOUNTED,
            }
        )
    )
    repositories = {"CodeRepositories": [{"RepositoryUrl": REPOSITORY}]}
    assert members["DefaultUserSettings"] == {
        "ExecutionRole": ROLE,
        "JupyterLabAppSettings": repositories,
        "JupyterServerAppSettings": repositories,
        "CustomFileSystemConfigs": [
            {"EFSFileSystemConfig": {"FileSystemId": EFS, "FileSystemPath": "/research"}},
            {"FSxLustreFileSystemConfig": {"FileSystemId": LUSTRE}},
        ],
        "CustomPosixUserConfig": {"Uid": 200001, "Gid": 1001},
    }


def test_what_nobody_declared_is_not_compared() -> None:
    details = {"SubnetIds": ["subnet-9"], "DefaultUserSettings": {"SecurityGroups": ["sg-9"]}}
    assert not changes({"tagPropagation": "DISABLED"}, details)


@pytest.mark.parametrize(
    ("fields", "details"),
    [
        ({"subnetIds": ["subnet-1", "subnet-2"]}, {"SubnetIds": ["subnet-2", "subnet-1"]}),
        ({"tagPropagation": "DISABLED"}, {}),
        ({"network": "PublicInternetOnly"}, {}),
        ({"domainSettings": {"docker": {"enabled": False}}}, {}),
        ({"domainSettings": {"docker": {"trustedAccounts": []}}}, {"DomainSettings": {}}),
        ({"domainSettings": {"ipAddressType": "ipv4"}}, {"DomainSettings": {}}),
    ],
    ids=str,
)
def test_order_and_absence_are_no_differences(
    fields: dict[str, Any], details: dict[str, Any]
) -> None:
    assert not changes(fields, details)


def attached(*configs: dict[str, Any]) -> dict[str, Any]:
    return {"DefaultUserSettings": {"ExecutionRole": ROLE, "CustomFileSystemConfigs": [*configs]}}


def efs(path: str | None = None) -> dict[str, Any]:
    given = {"FileSystemPath": path} if path else {}
    return {"EFSFileSystemConfig": {"FileSystemId": EFS, **given}}


S3 = {"S3FileSystemConfig": {"S3Uri": "s3://bucket/shared"}}


@pytest.mark.parametrize(
    ("path", "shown", "differs"),
    [
        (None, [efs()], False),
        (None, [efs("/")], False),  # AWS's default
        ("/", [efs()], False),
        ("/data", [efs("/data")], False),
        ("/data", [efs("/")], True),
        (None, [efs("/data")], True),
        (None, [], True),
        (None, [{"FSxLustreFileSystemConfig": {"FileSystemId": EFS}}], True),
        (None, [efs(), S3], True),  # the list is one value
    ],
    ids=str,
)
def test_file_systems_are_the_same_when_id_and_directory_are(
    path: str | None, shown: list[dict[str, Any]], differs: bool
) -> None:
    given = {"path": path} if path else {}
    declared = [{"efs": {"fileSystemId": EFS, **given}}]
    fields = {"defaultUserSettings": {"executionRole": ROLE, "fileSystems": declared}}
    assert bool(changes(fields, attached(*shown))) == differs
    assert not changes({}, attached(*shown))


def test_order_of_file_systems_and_repositories_is_no_difference() -> None:
    both = [{"efs": {"fileSystemId": EFS}}, {"fsxLustre": {"fileSystemId": LUSTRE}}]
    urls = [REPOSITORY, "https://git.example.com/a"]
    fields = {
        "defaultUserSettings": {
            "executionRole": ROLE,
            "fileSystems": both,
            "jupyterLab": {"codeRepositories": urls},
        }
    }
    details = attached({"FSxLustreFileSystemConfig": {"FileSystemId": LUSTRE}}, efs("/"))
    details["DefaultUserSettings"]["JupyterLabAppSettings"] = {
        "CodeRepositories": [{"RepositoryUrl": url} for url in reversed(urls)]
    }
    assert not changes(fields, details)


def test_the_role_of_shared_spaces_goes_with_each_change_of_their_settings() -> None:
    shown: dict[str, dict[str, Any]] = {
        "DefaultSpaceSettings": {"ExecutionRole": ROLE, "SecurityGroups": ["sg-1"]}
    }
    role = ROLE.replace("studio", "shared")
    file_systems = {"fileSystems": [{"efs": {"fileSystemId": EFS}}]}
    fields = {"defaultSpaceSettings": {"executionRole": role, **file_systems}}
    assert updated(fields, shown) == {
        "DefaultSpaceSettings": {"ExecutionRole": role, "CustomFileSystemConfigs": [efs()]}
    }
    shown["DefaultSpaceSettings"]["CustomFileSystemConfigs"] = [efs()]
    assert updated({}, shown, ("defaultSpaceSettings.fileSystems",)) == {
        "DefaultSpaceSettings": {"ExecutionRole": ROLE, "CustomFileSystemConfigs": []}
    }


def test_a_profile_that_shows_no_idle_setting_inherits_it_and_so_differs_from_off() -> None:
    idle = {"userSettings": {"jupyterLab": {"idle": {"enabled": False}}}}
    spec = UserProfileSpec.model_validate({"domainRef": {"name": "research"}, **idle})
    declared = declared_values(spec, PROFILE_SETTINGS)
    assert find_changes(declared, {"UserSettings": {}}, PROFILE_SETTINGS, ())


def test_an_update_carries_only_members_that_differ() -> None:
    details = {
        "SubnetIds": ["subnet-1"],
        "AppNetworkAccessType": "PublicInternetOnly",
        "DefaultUserSettings": {"ExecutionRole": ROLE, "SecurityGroups": ["sg-1"]},
    }
    fields = {
        "subnetIds": ["subnet-1", "subnet-2"],
        "network": "PublicInternetOnly",
        "defaultUserSettings": {"executionRole": ROLE, "securityGroups": ["sg-1", "sg-2"]},
    }
    assert updated(fields, details) == {
        "SubnetIds": ["subnet-1", "subnet-2"],
        "DefaultUserSettings": {"SecurityGroups": ["sg-1", "sg-2"]},
    }


def test_what_others_set_in_the_same_member_is_repeated() -> None:
    details = {
        "DefaultUserSettings": {
            "JupyterLabAppSettings": {
                "CodeRepositories": [{"RepositoryUrl": "https://example.com/team"}],
                "DefaultResourceSpec": {"InstanceType": "ml.t3.medium"},
            }
        }
    }
    fields = {
        "defaultUserSettings": {
            "executionRole": ROLE,
            "jupyterLab": {"defaultResourceSpec": {"lifecycleConfigArn": LIFECYCLE}},
        }
    }
    assert updated(fields, details)["DefaultUserSettings"]["JupyterLabAppSettings"] == {
        "CodeRepositories": [{"RepositoryUrl": "https://example.com/team"}],
        "DefaultResourceSpec": {"InstanceType": "ml.t3.medium", "LifecycleConfigArn": LIFECYCLE},
    }


def test_a_new_image_does_not_go_with_the_version_of_the_old_one() -> None:
    old = {"SageMakerImageArn": STOCK_IMAGE, "SageMakerImageVersionAlias": "2.0.0"}
    details = {
        "DefaultUserSettings": {
            "JupyterLabAppSettings": {"DefaultResourceSpec": {**old, "InstanceType": "ml.m5.large"}}
        }
    }
    fields = {
        "defaultUserSettings": {
            "executionRole": ROLE,
            "jupyterLab": {"defaultResourceSpec": {"imageArn": IMAGE, "versionArn": VERSION}},
        }
    }
    app = updated(fields, details)["DefaultUserSettings"]["JupyterLabAppSettings"]
    assert app["DefaultResourceSpec"] == {
        "InstanceType": "ml.m5.large",
        "SageMakerImageArn": IMAGE,
        "SageMakerImageVersionArn": VERSION,
    }


@pytest.mark.parametrize(
    ("field", "details", "sent"),
    [
        (
            "defaultUserSettings.securityGroups",
            {"DefaultUserSettings": {"SecurityGroups": ["sg-1"]}},
            {"DefaultUserSettings": {"SecurityGroups": []}},
        ),
        (
            "defaultSpaceSettings.jupyterLab.lifecycleConfigArns",
            {"DefaultSpaceSettings": {"JupyterLabAppSettings": {"LifecycleConfigArns": ["a"]}}},
            {"DefaultSpaceSettings": {"JupyterLabAppSettings": {"LifecycleConfigArns": []}}},
        ),
        (
            "defaultUserSettings.codeEditor.defaultResourceSpec.lifecycleConfigArn",
            {
                "DefaultUserSettings": {
                    "CodeEditorAppSettings": {
                        "DefaultResourceSpec": {"InstanceType": "i", "LifecycleConfigArn": "a"}
                    }
                }
            },
            {
                "DefaultUserSettings": {
                    "CodeEditorAppSettings": {
                        "DefaultResourceSpec": {"InstanceType": "i", "LifecycleConfigArn": "None"}
                    }
                }
            },
        ),
        (
            "defaultUserSettings.fileSystems",
            {"DefaultUserSettings": {"CustomFileSystemConfigs": [{"EFSFileSystemConfig": {}}]}},
            {"DefaultUserSettings": {"CustomFileSystemConfigs": []}},
        ),
        (
            "defaultUserSettings.jupyterLab.codeRepositories",
            {
                "DefaultUserSettings": {
                    "JupyterLabAppSettings": {
                        "CodeRepositories": [{"RepositoryUrl": REPOSITORY}],
                        "LifecycleConfigArns": ["a"],
                    }
                }
            },
            {
                "DefaultUserSettings": {
                    "JupyterLabAppSettings": {"CodeRepositories": [], "LifecycleConfigArns": ["a"]}
                }
            },
        ),
        (
            "domainSettings.docker.enabled",
            {"DomainSettings": {"DockerSettings": {"EnableDockerAccess": "ENABLED"}}},
            {"DomainSettingsForUpdate": {"DockerSettings": {"EnableDockerAccess": "DISABLED"}}},
        ),
        ("tagPropagation", {"TagPropagation": "ENABLED"}, {"TagPropagation": "DISABLED"}),
    ],
)
def test_a_setting_that_left_the_spec_is_cleared_by_an_explicit_value(
    field: str, details: dict[str, Any], sent: dict[str, Any]
) -> None:
    assert updated({}, details, (field,)) == sent


def test_what_the_spec_never_set_is_not_cleared() -> None:
    assert not changes({}, {"TagPropagation": "ENABLED"})


@pytest.mark.parametrize(
    "field",
    [
        "network",
        "defaultUserSettings.executionRole",
        "defaultUserSettings.posixUser.uid",
        "domainSettings.securityGroupIds",
    ],
)
def test_what_aws_cannot_clear_is_named_and_kept(field: str) -> None:
    found = changes(
        {},
        {
            "AppNetworkAccessType": "VpcOnly",
            "DefaultUserSettings": {
                "ExecutionRole": ROLE,
                "CustomPosixUserConfig": {"Uid": 200001, "Gid": 1001},
            },
            "DomainSettings": {"SecurityGroupIds": ["sg-1"]},
        },
        (field,),
    )
    assert not found
    assert [setting.field for setting in found.kept] == [field]


def test_an_update_that_says_everything_again_leaves_out_what_aws_takes_but_once() -> None:
    left_out = domain(**FULL_DOMAIN).keys() - values_to_repeat(domain(**FULL_DOMAIN)).keys()
    assert {setting.path[-2:] for setting in left_out} == {
        ("posixUser", "uid"),
        ("posixUser", "gid"),
        ("vpcId",),
        ("network",),  # VpcOnly, even unchanged, wants VPC and subnets along
    }


def test_managed_fields_are_what_is_declared_and_what_waits_to_be_cleared() -> None:
    found = changes({}, {"TagPropagation": "ENABLED"}, ("tagPropagation",))
    assert managed_fields(domain(network="VpcOnly"), found.clears) == ("network", "tagPropagation")


def test_changes_name_their_fields() -> None:
    assert Changes(domain(network="VpcOnly", tagPropagation="ENABLED")).fields == (
        "network",
        "tagPropagation",
    )


def test_the_hash_depends_on_values_and_not_on_order() -> None:
    first = domain(subnetIds=["subnet-1", "subnet-2"], network="VpcOnly")
    second = domain(network="VpcOnly", subnetIds=["subnet-2", "subnet-1"])
    assert hash_values(first) == hash_values(second)
    assert hash_values(first) != hash_values(domain(network="VpcOnly"))
    assert hash_values(first) != hash_values(first, "alice@example.com")


@pytest.mark.parametrize(
    ("member", "field"),
    [
        ("subnetIds", "subnetIds"),
        ("vpcId", "vpcId"),
        ("defaultUserSettings.executionRole", "defaultUserSettings.executionRole"),
        (
            "defaultUserSettings.securityGroups.1.member",
            "defaultUserSettings.securityGroups",
        ),
        (
            "defaultUserSettings.customFileSystemConfigs.1.member.eFSFileSystemConfig.fileSystemId",
            "defaultUserSettings.fileSystems",
        ),
        (
            "defaultUserSettings.customPosixUserConfig.uid",
            "defaultUserSettings.posixUser.uid",
        ),
        (
            "defaultSpaceSettings.jupyterLabAppSettings.codeRepositories.1.member.repositoryUrl",
            "defaultSpaceSettings.jupyterLab.codeRepositories",
        ),
        (
            "domainSettingsForUpdate.dockerSettings.enableDockerAccess",
            "domainSettings.docker.enabled",
        ),
        ("somethingNew", None),
    ],
)
def test_the_field_that_aws_complains_of_is_named_as_in_the_spec(
    member: str, field: str | None
) -> None:
    message = (
        f"1 validation error detected: Value '7' at '{member}' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: x"
    )
    assert field_in_message(message, DOMAIN_SETTINGS) == field


def test_a_message_of_another_form_names_no_field() -> None:
    assert field_in_message("VpcId can only be added once.", DOMAIN_SETTINGS) is None
