"""Domains and user profiles: settings, tags and regions follow the spec."""

from __future__ import annotations

from typing import Any

import pytest
from studio_operator.api.common import OWNER_TAG

from tests.e2e.team import ACCOUNT, GROUP, ROLE, SHARED_ROLE, Team

EFS, LUSTRE = "fs-0123456789abcdef0", "fs-0fedcba9876543210"
REPOSITORY = "https://git.example.com/team/notebooks.git"
KINDS = {"StudioDomain": "research", "UserProfile": "alice", "Space": "churn"}


def tags_of(team: Team, kind: str) -> dict[str, str]:
    found = team.get(kind, KINDS[kind])
    assert found is not None
    answer = team.aws().list_tags(ResourceArn=found.status["arn"])
    tags = {tag["Key"]: tag["Value"] for tag in answer["Tags"]}
    assert OWNER_TAG in tags
    return {key: value for key, value in tags.items() if key != OWNER_TAG}


@pytest.mark.parametrize("kind", KINDS)
def test_tags_follow_edits_and_those_of_others_stay(team: Team, kind: str) -> None:
    team.run_space()
    name = KINDS[kind]
    team.edit(kind, name, tags={"team": "churn", "stage": "dev"})
    found = team.wait_ready(kind, name)
    assert tags_of(team, kind) == {"team": "churn", "stage": "dev"}
    team.aws().add_tags(
        ResourceArn=found.status["arn"], Tags=[{"Key": "cost-centre", "Value": "4711"}]
    )
    before = team.last_call()
    team.edit(kind, name, tags={"team": "growth", "stage": None})
    team.wait_ready(kind, name)
    assert tags_of(team, kind) == {"team": "growth", "cost-centre": "4711"}
    assert set(team.changes(since=before)) == {"AddTags", "DeleteTags"}
    assert team.instance_type() == "ml.t3.medium", "no tag is worth a stop"


def test_a_domain_shows_what_aws_made(team: Team) -> None:
    domain = team.wait_ready("StudioDomain", "research")
    found = team.aws().describe_domain(DomainId=team.domain_id)
    assert domain.phase == "InService"
    assert domain.status["arn"] == found["DomainArn"]
    assert domain.status["url"] == found["Url"]
    assert domain.status["homeEfsFileSystemId"] == found["HomeEfsFileSystemId"]
    assert (domain.status["authMode"], domain.status["region"]) == ("IAM", team.region)


def test_a_domain_is_closed_and_opened_again(new_team: Team) -> None:
    """AWS takes VpcOnly only next to VPC and subnets, and a profile in it needs groups."""
    new_team.apply(new_team.domain())
    new_team.wait_ready("StudioDomain", "research")
    new_team.edit("StudioDomain", "research", network="VpcOnly")
    domain = new_team.wait_ready("StudioDomain", "research")
    assert domain.status["network"] == "VpcOnly"
    new_team.apply(new_team.profile())
    profile = new_team.wait_reason("UserProfile", "alice", "VpcSecurityGroupsMissing")
    assert profile.has("Stalled")
    assert new_team.calls("CreateUserProfile") == []
    new_team.edit("UserProfile", "alice", userSettings={"securityGroups": [GROUP]})
    new_team.wait_ready("UserProfile", "alice")
    new_team.edit("StudioDomain", "research", network="PublicInternetOnly")
    domain = new_team.wait_ready("StudioDomain", "research")
    assert domain.status["network"] == "PublicInternetOnly"


def test_a_change_of_the_network_names_the_apps_that_it_waits_for(new_team: Team) -> None:
    new_team.apply(new_team.domain())
    new_team.apply(new_team.profile())
    new_team.run_space()
    new_team.edit("StudioDomain", "research", network="VpcOnly")
    waiting = new_team.wait_reason("StudioDomain", "research", "AwsBusy")
    assert "1 runs: space churn. Stop them first" in waiting.message
    new_team.edit("Space", "churn", state="Stopped")
    domain = new_team.wait_ready("StudioDomain", "research")
    assert domain.status["network"] == "VpcOnly"


def test_what_aws_refuses_of_a_domain_holds_back_nothing_else(new_team: Team) -> None:
    new_team.apply(new_team.domain())
    new_team.apply(new_team.profile())
    new_team.run_space()
    before = new_team.last_call()
    settings = {"executionRole": ROLE, "posixUser": {"uid": 200001, "gid": 1001}}
    new_team.edit("StudioDomain", "research", network="VpcOnly", tagPropagation="ENABLED")
    new_team.edit("StudioDomain", "research", defaultUserSettings=settings, tags={"team": "churn"})
    domain = new_team.wait_for(
        "StudioDomain",
        "research",
        lambda it: (
            tags_of(new_team, "StudioDomain") == {"team": "churn"}
            and len(it.status.get("refusals", ())) == 2
        ),
        "has its tag, and two refusals on status",
    )
    found = new_team.aws().describe_domain(DomainId=new_team.domain_id)
    assert (found["TagPropagation"], found["AppNetworkAccessType"]) == (
        "ENABLED",
        "PublicInternetOnly",
    )
    assert {one["waitsFor"] for one in domain.status["refusals"]} == {"Apps", "UserProfiles"}
    assert new_team.changes(since=before).count("UpdateDomain") <= 6
    new_team.edit("Space", "churn", state="Stopped")
    stopped = new_team.wait_for(
        "StudioDomain",
        "research",
        lambda it: it.status.get("network") == "VpcOnly",
        "is closed as soon as no app runs",
    )
    domain = new_team.wait_reason("StudioDomain", "research", "RejectedByAWS")
    assert [one["waitsFor"] for one in domain.status["refusals"]] == ["UserProfiles"], stopped
    assert "while the domain has user profiles (1: alice)" in domain.message


def test_domain_settings_follow_edits(team: Team) -> None:
    before = team.last_call()
    settings = {
        "executionRole": ROLE + "-new",
        "securityGroups": [GROUP],
        "jupyterLab": {"idle": {"enabled": True, "timeoutMinutes": 120}},
        "spaceStorage": {"defaultGiB": 10, "maximumGiB": 200},
    }
    team.edit(
        "StudioDomain",
        "research",
        defaultUserSettings=settings,
        domainSettings={"docker": {"enabled": True}},
        tagPropagation="ENABLED",
    )
    team.wait_ready("StudioDomain", "research")
    found = team.aws().describe_domain(DomainId=team.domain_id)
    user_settings = found["DefaultUserSettings"]
    assert user_settings["ExecutionRole"] == ROLE + "-new"
    assert user_settings["SecurityGroups"] == [GROUP]
    idle = user_settings["JupyterLabAppSettings"]["AppLifecycleManagement"]["IdleSettings"]
    assert (idle["LifecycleManagement"], idle["IdleTimeoutInMinutes"]) == ("ENABLED", 120)
    volumes = user_settings["SpaceStorageSettings"]["DefaultEbsStorageSettings"]
    assert volumes == {"DefaultEbsVolumeSizeInGb": 10, "MaximumEbsVolumeSizeInGb": 200}
    assert found["DomainSettings"]["DockerSettings"]["EnableDockerAccess"] == "ENABLED"
    assert found["TagPropagation"] == "ENABLED"
    assert team.changes(since=before) == ["UpdateDomain"]


def test_a_domain_drifted_in_the_console_is_put_right(team: Team) -> None:
    before = team.last_call()
    team.simulator.call(
        "UpdateDomain",
        {"DomainId": team.domain_id, "DefaultUserSettings": {"ExecutionRole": ROLE + "-other"}},
        region=team.region,
    )
    team.wait_for("StudioDomain", "research", lambda it: team.changes(since=before), "is put right")
    team.wait_ready("StudioDomain", "research")
    found = team.aws().describe_domain(DomainId=team.domain_id)
    assert found["DefaultUserSettings"]["ExecutionRole"] == ROLE


def test_profile_settings_follow_edits(team: Team) -> None:
    before = team.last_call()
    role = f"arn:aws:iam::{ACCOUNT}:role/studio-alice"
    team.edit("UserProfile", "alice", userSettings={"executionRole": role})
    profile = team.wait_ready("UserProfile", "alice")
    found = team.aws().describe_user_profile(DomainId=team.domain_id, UserProfileName="alice")
    assert found["UserSettings"]["ExecutionRole"] == profile.status["executionRole"] == role
    assert team.changes(since=before) == ["UpdateUserProfile"]


def settings_of(team: Team) -> list[dict[str, Any]]:
    """Of the domain for users, for shared spaces, and alice's."""
    domain = team.aws().describe_domain(DomainId=team.domain_id)
    alice = team.aws().describe_user_profile(DomainId=team.domain_id, UserProfileName="alice")
    return [dict(domain[name]) for name in ("DefaultUserSettings", "DefaultSpaceSettings")] + [
        dict(alice["UserSettings"])
    ]


def declare(team: Team, **settings: Any) -> None:
    """The same settings for users, shared spaces and alice, until all of them are ready."""
    team.edit(
        "StudioDomain",
        "research",
        defaultUserSettings={"executionRole": ROLE, **settings},
        defaultSpaceSettings={"executionRole": SHARED_ROLE, **settings},
    )
    team.edit("UserProfile", "alice", userSettings=settings)
    team.wait_ready("StudioDomain", "research")
    team.wait_ready("UserProfile", "alice")


def test_file_systems_and_repositories_are_set_changed_and_cleared(team: Team) -> None:
    before = team.last_call()
    declare(
        team,
        fileSystems=[{"efs": {"fileSystemId": EFS, "path": "/research"}}],
        jupyterLab={"codeRepositories": [REPOSITORY]},
        jupyterServer={"codeRepositories": [REPOSITORY]},
    )
    for settings in settings_of(team):
        assert settings["CustomFileSystemConfigs"] == [
            {"EFSFileSystemConfig": {"FileSystemId": EFS, "FileSystemPath": "/research"}}
        ]
        for app in ("JupyterLabAppSettings", "JupyterServerAppSettings"):
            assert settings[app] == {"CodeRepositories": [{"RepositoryUrl": REPOSITORY}]}

    lustre = {"fsxLustre": {"fileSystemId": LUSTRE}}
    declare(team, fileSystems=[{"efs": {"fileSystemId": EFS}}, lustre])
    for settings in settings_of(team):
        assert settings["CustomFileSystemConfigs"] == [
            {"EFSFileSystemConfig": {"FileSystemId": EFS}},
            {"FSxLustreFileSystemConfig": {"FileSystemId": LUSTRE}},
        ]

    declare(team, fileSystems=None, jupyterLab=None, jupyterServer=None)
    for settings in settings_of(team):
        assert settings["CustomFileSystemConfigs"] == []
        for app in ("JupyterLabAppSettings", "JupyterServerAppSettings"):
            assert settings[app] == {"CodeRepositories": []}
    team.wait_looks()
    updates = sorted(team.changes(since=before))
    assert updates == ["UpdateDomain"] * 3 + ["UpdateUserProfile"] * 3


def test_who_people_are_to_file_systems_is_fixed_with_the_first_profile(new_team: Team) -> None:
    posix_user = {"posixUser": {"uid": 200001, "gid": 1001}}
    new_team.apply(new_team.domain(defaultUserSettings={"executionRole": ROLE, **posix_user}))
    new_team.apply(
        new_team.profile("bob", userSettings={"posixUser": {"uid": 200002, "gid": 1001}})
    )
    domain_id = new_team.wait_ready("StudioDomain", "research").status["domainId"]
    new_team.wait_ready("UserProfile", "bob")
    bob = new_team.aws().describe_user_profile(DomainId=domain_id, UserProfileName="bob")
    assert bob["UserSettings"]["CustomPosixUserConfig"] == {"Uid": 200002, "Gid": 1001}

    changed = {"executionRole": ROLE, "posixUser": {"uid": 200009, "gid": 1001}}
    new_team.edit("StudioDomain", "research", defaultUserSettings=changed)
    refused = new_team.wait_reason("StudioDomain", "research", "RejectedByAWS")
    assert "CustomPosixUserConfig" in refused.message
    assert "has user profiles" in refused.message


def test_single_sign_on(new_team: Team) -> None:
    new_team.apply(new_team.domain(authMode="SSO"))
    domain = new_team.wait_ready("StudioDomain", "research")
    assert domain.status["authMode"] == "SSO"
    new_team.apply(new_team.profile("bob"))
    refused = new_team.wait_reason("UserProfile", "bob", "SingleSignOnRequired")
    assert refused.has("Stalled")
    assert "spec.singleSignOn.value" in refused.message
    new_team.remove("UserProfile", "bob")
    new_team.apply(new_team.profile("bob", singleSignOn={"value": "bob@example.com"}))
    new_team.wait_ready("UserProfile", "bob")

    new_team.apply(new_team.profile("alice", singleSignOn={"value": "alice@example.com"}))
    new_team.wait_ready("UserProfile", "alice")
    found = new_team.aws().describe_user_profile(
        DomainId=new_team.domain_id, UserProfileName="alice"
    )
    assert found["SingleSignOnUserValue"] == "alice@example.com"


def test_a_person_of_the_identity_center_does_not_fit_an_iam_domain(team: Team) -> None:
    team.apply(team.profile("bob", singleSignOn={"value": "bob@example.com"}))
    refused = team.wait_reason("UserProfile", "bob", "SingleSignOnNotAllowed")
    assert refused.has("Stalled")


def test_each_domain_lives_in_its_region(team: Team) -> None:
    region = "us-west-2"
    team.apply(team.domain("overseas", aws={"region": region}))
    team.apply(team.profile("bob", domainRef={"name": "overseas"}))
    team.apply(
        team.space(
            "waves", domainRef={"name": "overseas"}, ownerRef={"name": "bob"}, app="CodeEditor"
        )
    )
    team.run_space()
    space = team.wait_ready("Space", "waves")
    overseas = team.aws(region).list_spaces(DomainIdEquals=space.status["domainId"])["Spaces"]
    assert [one["SpaceName"] for one in overseas] == ["waves"]
    assert space.status["region"] == region
    assert "542918446943" in space.status["image"]["imageArn"], "the image of that region"
    here = team.aws().list_spaces(DomainIdEquals=team.domain_id)["Spaces"]
    assert [one["SpaceName"] for one in here] == ["churn"]
