"""What a space mounts, offers and lets in: set with a restart, cleared when declared no more."""

from __future__ import annotations

from typing import Any

from tests.e2e.team import Team

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


def test_a_file_system_that_nobody_attached_is_refused_in_aws_words(team: Team) -> None:
    mounted = {"sizeGiB": 20, "fileSystems": [{"efs": {"fileSystemId": FILE_SYSTEM}}]}
    team.apply(team.space(storage=mounted))
    space = team.wait_reason("Space", "churn", "RejectedByAWS")
    assert f"File system [{FILE_SYSTEM}] is not attached" in space.message
