"""Domains as a client sees them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.simulator.world import ROLE, World, client

VPC_ONLY: Any = {
    "AppNetworkAccessType": "VpcOnly",
    "DefaultUserSettings": {"ExecutionRole": ROLE, "SecurityGroups": ["sg-1"]},
}
TO_VPC_ONLY: Any = {
    "AppNetworkAccessType": "VpcOnly",
    "VpcId": "vpc-1",
    "SubnetIds": ["subnet-1", "subnet-2"],
}
VPC_REQUIRED = "VpcId and Subnet IDs are required for updating domains to VpcOnly mode."
EFS = {"EFSFileSystemConfig": {"FileSystemId": "fs-0123456789abcdef0"}}
S3 = {"S3FileSystemConfig": {"S3Uri": "s3://bucket/shared"}}
RSTUDIO = {"RStudioServerProDomainSettings": {"DomainExecutionRoleArn": ROLE}}


def status(world: World, domain_id: str) -> str:
    return world.sm.describe_domain(DomainId=domain_id)["Status"]


def test_creation_answers_an_id_an_arn_and_a_url_that_fit_together(world: World) -> None:
    created = world.sm.create_domain(
        DomainName="research",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": ROLE},
        VpcId="vpc-1",
        SubnetIds=["subnet-1"],
    )
    domain_id = created["DomainId"]
    assert re.fullmatch("d-[a-z0-9]{12}", domain_id)
    assert created["DomainArn"] == f"arn:aws:sagemaker:us-east-1:123456789012:domain/{domain_id}"
    assert created["Url"] == f"https://{domain_id}.studio.us-east-1.sagemaker.aws"


def test_a_domain_is_pending_until_its_creation_has_taken_its_time(world: World) -> None:
    domain_id = world.domain(ready=False)
    assert status(world, domain_id) == "Pending"
    world.pass_time(239)
    assert status(world, domain_id) == "Pending"
    world.pass_time(1)
    assert status(world, domain_id) == "InService"


def test_description_holds_what_was_given_and_what_the_service_fills_in(world: World) -> None:
    domain_id = world.domain(KmsKeyId="key-1", DomainSettings={"SecurityGroupIds": ["sg-9"]})
    described = world.sm.describe_domain(DomainId=domain_id)
    assert described["DomainName"] == "research"
    assert described["AuthMode"] == "IAM"
    assert described["KmsKeyId"] == "key-1"
    assert described["DomainSettings"]["SecurityGroupIds"] == ["sg-9"]
    assert described["AppNetworkAccessType"] == "PublicInternetOnly"
    assert described["TagPropagation"] == "DISABLED"
    assert re.fullmatch("fs-[0-9a-f]{17}", described["HomeEfsFileSystemId"])
    assert "SingleSignOnManagedApplicationInstanceId" not in described


def test_a_domain_with_sso_has_an_application_to_sign_on_to(world: World) -> None:
    domain_id = world.domain(AuthMode="SSO")
    described = world.sm.describe_domain(DomainId=domain_id)
    assert described["SingleSignOnManagedApplicationInstanceId"].startswith("ins-")
    assert ":application/ssoins-" in described["SingleSignOnApplicationArn"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"VpcId": None}, "VpcId must be provided"),
        ({"SubnetIds": None}, "SubnetIds must be provided"),
        ({"DefaultUserSettings": {}}, "ExecutionRole must be provided"),
        ({"KmsKeyId": "a", "HomeEfsFileSystemKmsKeyId": "b"}, "only one of"),
        (
            {"AppSecurityGroupManagement": "Service"},
            "AppSecurityGroupManagement can only be set for Rstudio enabled domains.",
        ),
        ({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}, "Duplicate tag"),
        ({"Tags": [{"Key": "aws:a", "Value": "1"}]}, "reserved prefix"),
    ],
)
def test_creation_refuses(world: World, changes: dict[str, Any], words: str) -> None:
    code, message = world.refusal(world.domain, **changes)
    assert code == "ValidationException"
    assert words in message


def test_an_execution_role_must_have_the_shape_of_a_role(world: World) -> None:
    code, message = world.refusal(world.domain, DefaultUserSettings={"ExecutionRole": "studio"})
    assert code == "ValidationException"
    assert "2 validation errors detected" in message
    assert "Value 'studio' at 'defaultUserSettings.executionRole'" in message


def test_a_second_domain_of_the_same_name_is_refused_unless_allowed(world: World) -> None:
    world.domain()
    assert world.code_of(world.domain) == "ResourceInUse"
    world.control.set_options(duplicate_domain_names="allow")
    world.domain()


def test_an_update_changes_what_it_names_and_keeps_the_rest(world: World) -> None:
    domain_id = world.domain(DefaultUserSettings={"ExecutionRole": ROLE, "SecurityGroups": ["a"]})
    world.sm.update_domain(
        DomainId=domain_id,
        DefaultUserSettings={"StudioWebPortal": "ENABLED"},
        DomainSettingsForUpdate={"DockerSettings": {"EnableDockerAccess": "ENABLED"}},
        TagPropagation="ENABLED",
        SubnetIds=["subnet-1"],
    )
    assert status(world, domain_id) == "Updating"
    world.pass_time(15)
    described = world.sm.describe_domain(DomainId=domain_id)
    assert described["Status"] == "InService"
    assert described["DefaultUserSettings"] == {
        "ExecutionRole": ROLE,
        "SecurityGroups": ["a"],
        "StudioWebPortal": "ENABLED",
    }
    assert described["DomainSettings"]["DockerSettings"] == {"EnableDockerAccess": "ENABLED"}
    assert described["TagPropagation"] == "ENABLED"
    assert described["SubnetIds"] == ["subnet-1"]


def test_rstudio_settings_of_an_update_end_up_among_the_domain_settings(world: World) -> None:
    domain_id = world.domain(DomainSettings=RSTUDIO)
    update: Any = {
        "RStudioServerProDomainSettingsForUpdate": {"DomainExecutionRoleArn": f"{ROLE}-2"}
    }
    world.sm.update_domain(DomainId=domain_id, DomainSettingsForUpdate=update)
    settings = world.sm.describe_domain(DomainId=domain_id)["DomainSettings"]
    assert settings["RStudioServerProDomainSettings"]["DomainExecutionRoleArn"] == f"{ROLE}-2"


def test_an_update_moves_the_time_of_modification_and_not_that_of_creation(world: World) -> None:
    domain_id = world.domain()
    before = world.sm.describe_domain(DomainId=domain_id)
    world.pass_time(60)
    world.sm.update_domain(DomainId=domain_id, TagPropagation="ENABLED")
    after = world.sm.describe_domain(DomainId=domain_id)
    assert after["CreationTime"] == before["CreationTime"]
    assert after["LastModifiedTime"] > before["LastModifiedTime"]


def test_vpc_only_goes_along_with_vpc_and_subnets_even_unchanged(world: World) -> None:
    domain_id = world.domain()
    world.sm.update_domain(DomainId=domain_id, **TO_VPC_ONLY)
    world.pass_time(15)
    again = {"DomainId": domain_id, "AppNetworkAccessType": "VpcOnly"}
    assert world.refusal(world.sm.update_domain, **again) == ("ValidationException", VPC_REQUIRED)
    world.sm.update_domain(DomainId=domain_id, AppNetworkAccessType="PublicInternetOnly")
    world.pass_time(15)
    assert world.sm.describe_domain(DomainId=domain_id)["AppNetworkAccessType"] == (
        "PublicInternetOnly"
    )


def test_security_groups_come_from_the_domain_or_from_the_profile(world: World) -> None:
    domain_id = world.domain(AppNetworkAccessType="VpcOnly")
    code, message = world.refusal(world.profile, domain_id=domain_id)
    assert (code, "SecurityGroups" in message) == ("ValidationException", True)
    world.profile(domain_id, UserSettings={"SecurityGroups": ["sg-1"]})
    world.space(domain_id)
    world.app(domain_id)
    without: Any = {"SecurityGroups": []}
    key: Any = {"DomainId": domain_id, "UserProfileName": "alice"}
    assert (
        "SecurityGroups"
        in world.refusal(world.sm.update_user_profile, **key, UserSettings=without)[1]
    )
    world.control.stop_app(domain_id, "churn")
    world.sm.update_domain(DomainId=domain_id, DefaultUserSettings={"SecurityGroups": ["sg-2"]})
    world.pass_time(15)
    world.sm.update_user_profile(**key, UserSettings=without)


def test_what_ran_before_a_domain_was_closed_starts_only_with_security_groups(
    world: World,
) -> None:
    domain_id = world.running_space()
    world.control.stop_app(domain_id, "churn")
    world.pass_time(60)
    world.sm.update_domain(DomainId=domain_id, **TO_VPC_ONLY)
    world.pass_time(15)
    for make, more in ((world.app, {}), (world.space, {"name": "other"})):
        code, message = world.refusal(make, domain_id=domain_id, **more)
        assert (code, "SecurityGroups" in message) == ("ValidationException", True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"HomeEfsFileSystemCreation": "Disabled"}, "only be changed from Disabled to Enabled"),
        ({"VpcId": "vpc-2"}, "VpcId can only be added"),
        ({"AppNetworkAccessType": "VpcOnly"}, VPC_REQUIRED),
        ({"AppNetworkAccessType": "VpcOnly", "VpcId": "vpc-1"}, VPC_REQUIRED),
        ({"AppNetworkAccessType": "VpcOnly", "SubnetIds": ["subnet-1"]}, VPC_REQUIRED),
        ({"AppSecurityGroupManagement": "Customer"}, "Rstudio enabled domains"),
        ({"DefaultSpaceSettings": {"CustomFileSystemConfigs": []}}, "ExecutionRole must be"),
        ({"DefaultUserSettings": {"CustomFileSystemConfigs": [EFS, EFS]}}, "more than once"),
        ({"DefaultUserSettings": {"CustomFileSystemConfigs": [S3]}}, "Unified Studio only"),
    ],
)
def test_an_update_refuses(world: World, changes: dict[str, Any], words: str) -> None:
    domain_id = world.domain()
    code, message = world.refusal(world.sm.update_domain, DomainId=domain_id, **changes)
    assert code == "ValidationException"
    assert words in message


@pytest.mark.parametrize("member", ["DefaultUserSettings", "DefaultSpaceSettings"])
def test_who_people_are_to_file_systems_is_fixed_by_the_first_profile(
    world: World, member: str
) -> None:
    domain_id = world.domain()
    posix_user: Any = {member: {"CustomPosixUserConfig": {"Uid": 200001, "Gid": 1001}}}
    world.sm.update_domain(DomainId=domain_id, **posix_user)
    world.pass_time(15)
    world.profile(domain_id)
    code, message = world.refusal(world.sm.update_domain, DomainId=domain_id, **posix_user)
    assert (code, "while the domain has user profiles" in message) == ("ValidationException", True)


@pytest.mark.parametrize("member", ["DomainName", "AuthMode", "KmsKeyId"])
def test_what_never_changes_is_no_parameter_of_an_update(world: World, member: str) -> None:
    domain_id = world.domain()
    status_code, answer = world.raw("UpdateDomain", {"DomainId": domain_id, member: "SSO"})
    assert (status_code, answer["__type"]) == (400, "ValidationException")
    assert answer["Message"].startswith(f"Unknown parameter {member}")


def test_the_rstudio_server_of_a_domain_is_nobodys_and_holds_the_domain(world: World) -> None:
    domain_id = world.domain(**VPC_ONLY, DomainSettings=RSTUDIO)
    (app,) = world.sm.list_apps(DomainIdEquals=domain_id)["Apps"]
    assert (app["UserProfileName"], app["AppType"]) == ("domain-shared", "RStudioServerPro")
    assert world.sm.list_user_profiles(DomainIdEquals=domain_id)["UserProfiles"] == []
    assert world.code_of(world.sm.delete_domain, DomainId=domain_id) == "ResourceInUse"
    world.sm.delete_app(
        DomainId=domain_id,
        UserProfileName="domain-shared",
        AppType="RStudioServerPro",
        AppName="default",
    )
    world.pass_time(60)
    world.sm.delete_domain(DomainId=domain_id)


def test_the_network_cannot_change_where_rstudio_runs(world: World) -> None:
    domain_id = world.domain(**VPC_ONLY, DomainSettings=RSTUDIO)
    code, message = world.refusal(
        world.sm.update_domain, DomainId=domain_id, AppNetworkAccessType="PublicInternetOnly"
    )
    assert (code, "Rstudio" in message) == ("ValidationException", True)


@pytest.mark.parametrize(
    "changes",
    [
        TO_VPC_ONLY | {"DefaultUserSettings": {"SecurityGroups": ["sg-1"]}},
        {"SubnetIds": ["subnet-1"]},
        {"DomainSettingsForUpdate": {"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"}},
    ],
)
def test_what_needs_all_apps_stopped_is_refused_while_one_runs(
    world: World, changes: dict[str, Any]
) -> None:
    domain_id = world.running_space()
    assert world.code_of(world.sm.update_domain, DomainId=domain_id, **changes) == "ResourceInUse"
    world.control.stop_app(domain_id, "churn")
    world.sm.update_domain(DomainId=domain_id, **changes)


def test_a_file_system_appears_when_its_creation_is_enabled_later(world: World) -> None:
    domain_id = world.domain(HomeEfsFileSystemCreation="Disabled")
    assert "HomeEfsFileSystemId" not in world.sm.describe_domain(DomainId=domain_id)
    world.sm.update_domain(DomainId=domain_id, HomeEfsFileSystemCreation="Enabled")
    assert "HomeEfsFileSystemId" in world.sm.describe_domain(DomainId=domain_id)


def test_a_domain_in_transition_can_be_neither_updated_nor_deleted(world: World) -> None:
    domain_id = world.domain(ready=False)
    code, message = world.refusal(world.sm.update_domain, DomainId=domain_id)
    assert code == "ValidationException"
    assert "is not in InService state" in message
    assert world.code_of(world.sm.delete_domain, DomainId=domain_id) == "ValidationException"
    world.control.set_options(wrong_state_code="ResourceInUse")
    assert world.code_of(world.sm.update_domain, DomainId=domain_id) == "ResourceInUse"


def test_deletion_goes_apps_then_spaces_then_profiles_then_the_domain(world: World) -> None:
    domain_id = world.running_space()
    blockers = []

    def blocked() -> None:
        code, message = world.refusal(world.sm.delete_domain, DomainId=domain_id)
        assert code == "ResourceInUse"
        blockers.append(message.partition("because ")[2])

    blocked()
    world.control.stop_app(domain_id, "churn")
    blocked()
    world.sm.delete_space(DomainId=domain_id, SpaceName="churn")
    world.pass_time(20)
    blocked()
    world.sm.delete_user_profile(DomainId=domain_id, UserProfileName="alice")
    world.pass_time(10)
    assert blockers == [
        "App(s) are associated with it.",
        "Space(s) are associated with it.",
        "UserProfile(s) are associated with it.",
    ]
    world.sm.delete_domain(DomainId=domain_id, RetentionPolicy={"HomeEfsFileSystem": "Delete"})
    assert status(world, domain_id) == "Deleting"
    world.pass_time(60)
    assert world.code_of(world.sm.describe_domain, DomainId=domain_id) == "ResourceNotFound"
    assert world.control.state()["apps"] == []


def test_listing_shows_each_domain(world: World) -> None:
    ids = [world.domain(name) for name in ("a", "b")]
    listed = world.sm.list_domains()["Domains"]
    assert [domain["DomainId"] for domain in listed] == ids
    assert {domain["Status"] for domain in listed} == {"InService"}


@pytest.mark.parametrize("operation", ["describe_domain", "update_domain", "delete_domain"])
def test_an_unknown_domain_is_not_found(world: World, operation: str) -> None:
    call = getattr(world.sm, operation)
    assert world.code_of(call, DomainId="d-abcdefabcdef") == "ResourceNotFound"


def test_regions_and_accounts_do_not_see_each_other(world: World) -> None:
    world.domain()
    elsewhere = client("sagemaker", world.url, region="eu-west-1")
    assert elsewhere.list_domains()["Domains"] == []
