"""What a space mounts, offers and lets in: set with a restart, cleared when declared no more."""

from __future__ import annotations

from typing import Any

from tests.e2e.team import ROLE, Team
from tests.e2e.waiting import wait_until

FILE_SYSTEM = "fs-0123456789abcdef0"
REPOSITORY = "https://git.example.com/ml/churn"


def settings(team: Team) -> dict[str, Any]:
    answer = team.aws().describe_space(DomainId=team.domain_id, SpaceName="churn")
    return dict(answer["SpaceSettings"])


def test_file_systems_repositories_and_remote_access_follow_the_spec(team: Team) -> None:
    team.aws().update_domain(
        DomainId=team.domain_id,
        DefaultUserSettings={
            "CustomFileSystemConfigs": [{"EFSFileSystemConfig": {"FileSystemId": FILE_SYSTEM}}]
        },
    )
    team.run_space(instanceType="ml.t3.large", codeRepositories=[REPOSITORY])
    before = team.last_call()
    mounted = {"sizeGiB": 20, "fileSystems": [{"efs": {"fileSystemId": FILE_SYSTEM}}]}
    team.edit("Space", "churn", storage=mounted, remoteAccess="Enabled")
    space = team.wait_ready("Space", "churn")
    assert team.changes(since=before) == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert space.status["settings"]["fileSystems"] == [f"efs/{FILE_SYSTEM}"]
    live = settings(team)
    assert live["CustomFileSystems"] == [{"EFSFileSystem": {"FileSystemId": FILE_SYSTEM}}]
    assert live["RemoteAccess"] == "ENABLED"
    assert live["JupyterLabAppSettings"]["CodeRepositories"] == [{"RepositoryUrl": REPOSITORY}]

    before = team.last_call()
    bare = {"sizeGiB": 20, "fileSystems": None}
    team.edit("Space", "churn", storage=bare, remoteAccess=None, codeRepositories=None)
    space = team.wait_ready("Space", "churn")
    assert team.changes(since=before) == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert "managedFields" not in space.status
    live = settings(team)
    assert live["CustomFileSystems"] == []
    assert live["RemoteAccess"] == "DISABLED"
    assert live["JupyterLabAppSettings"]["CodeRepositories"] == []


MOUNTED = {"sizeGiB": 20, "fileSystems": [{"efs": {"fileSystemId": FILE_SYSTEM}}]}
ATTACHED = {"executionRole": ROLE, "fileSystems": MOUNTED["fileSystems"]}


def test_a_file_system_that_nobody_attached_is_waited_for(team: Team) -> None:
    team.run_space(instanceType="ml.t3.large")
    before = team.last_call()
    team.edit("Space", "churn", storage=MOUNTED)
    space = team.wait_reason("Space", "churn", "DependencyNotReady")
    assert space.message == (
        f"spec.storage.fileSystems names efs/{FILE_SYSTEM}, which nobody has attached. "
        f"Add it to spec.defaultUserSettings.fileSystems of StudioDomain {team.namespace}/research."
    )
    assert space.phase == "InService"
    team.wait_looks()
    assert team.changes(since=before) == []

    team.edit("StudioDomain", "research", defaultUserSettings=ATTACHED)
    team.wait_ready("Space", "churn")
    assert team.changes(since=before) == ["UpdateDomain", "DeleteApp", "UpdateSpace", "CreateApp"]


def test_one_commit_attaches_and_mounts(team: Team) -> None:
    """Whatever order they are applied in: here what depends goes first."""
    team.run_space(instanceType="ml.t3.large")
    before = team.last_call()
    team.edit("Space", "churn", storage=MOUNTED)
    team.apply(team.space("growth", storage=MOUNTED, state="Stopped"))
    team.edit("StudioDomain", "research", defaultUserSettings=ATTACHED)
    team.wait_ready("Space", "churn")
    team.wait_ready("Space", "growth")
    changes = team.changes(since=before)
    assert changes[0] == "UpdateDomain"
    assert sorted(changes[1:]) == sorted(["DeleteApp", "UpdateSpace", "CreateApp", "CreateSpace"])
    assert settings(team)["CustomFileSystems"] == [{"EFSFileSystem": {"FileSystemId": FILE_SYSTEM}}]


def test_one_stop_does_for_what_comes_with_the_update_of_the_domain(team: Team) -> None:
    team.run_space(instanceType="ml.t3.large")
    before = team.last_call()
    team.edit("StudioDomain", "research", defaultUserSettings=ATTACHED)
    wait_until(lambda: team.changes(since=before), "the domain is being updated")
    team.edit("Space", "churn", storage=MOUNTED, instanceType="ml.m5.large")
    team.wait_ready("Space", "churn")
    assert team.changes(since=before) == ["UpdateDomain", "DeleteApp", "UpdateSpace", "CreateApp"]
    assert team.instance_type() == "ml.m5.large"


def test_a_file_system_of_a_profile_is_found_by_an_operator_that_starts_anew(team: Team) -> None:
    """It takes the place of the domain's, and no listing tells of it."""
    team.aws().update_user_profile(
        DomainId=team.domain_id,
        UserProfileName="alice",
        UserSettings={
            "CustomFileSystemConfigs": [{"EFSFileSystemConfig": {"FileSystemId": FILE_SYSTEM}}]
        },
    )
    team.run_space(instanceType="ml.t3.large", state="Stopped")
    team.product.kill_operator()
    team.product.ensure_operator()
    before = team.last_call()
    team.edit("Space", "churn", storage=MOUNTED)
    team.wait_ready("Space", "churn")
    assert team.changes(since=before) == ["UpdateSpace"]


def test_remote_access_waits_for_an_instance_that_takes_it(team: Team) -> None:
    """The space has its type by AWS's default for it: the spec has none that could be refused."""
    team.run_space(instanceType=None)
    assert team.instance_type() == "ml.t3.medium"
    before = team.last_call()
    team.edit("Space", "churn", remoteAccess="Enabled")
    space = team.wait_reason("Space", "churn", "InvalidSpec")
    assert "the space has ml.t3.medium" in space.message
    assert space.phase == "InService"
    team.wait_looks()
    assert team.changes(since=before) == []

    team.edit("Space", "churn", instanceType="ml.t3.large")
    team.wait_ready("Space", "churn")
    assert team.changes(since=before) == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert settings(team)["RemoteAccess"] == "ENABLED"
