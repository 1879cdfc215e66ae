"""File systems, repositories and remote access of a space: set, changed, cleared, left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from studio_operator.api.space import SpaceSpec
from studio_operator.plan.observed import FileSystem, SpaceSettings
from studio_operator.plan.settings_record import recall_settings, record_settings

from tests.unit.plan.space_world import START, SpaceWorld

EFS = {"efs": {"fileSystemId": "fs-0123456789abcdef0"}}
LUSTRE = {"fsxLustre": {"fileSystemId": "fs-0fedcba9876543210"}}
IN_AWS = {
    "efs": {"EFSFileSystem": {"FileSystemId": "fs-0123456789abcdef0"}},
    "fsxLustre": {"FSxLustreFileSystem": {"FileSystemId": "fs-0fedcba9876543210"}},
}
REPOSITORY = "https://git.example.com/ml/churn"


def make_world(**spec: Any) -> SpaceWorld:
    return SpaceWorld(
        SpaceSpec.model_validate(
            {
                "domainRef": {"name": "research"},
                "ownerRef": {"name": "alice"},
                "app": "JupyterLab",
                "state": "Running",
                "instanceType": "ml.t3.medium",
                "storage": {"sizeGiB": 20},
                **spec,
            }
        )
    )


def running_world(**spec: Any) -> SpaceWorld:
    world = make_world(**spec)
    world.run()
    assert world.is_running()
    world.log.clear()
    return world


def test_a_new_space_has_them_from_the_first_moment() -> None:
    world = make_world(
        storage={"sizeGiB": 20, "fileSystems": [EFS, LUSTRE]},
        codeRepositories=[REPOSITORY],
        remoteAccess="Enabled",
    )
    world.run()
    settings = world.calls("CreateSpace")[0]["SpaceSettings"]
    assert settings["CustomFileSystems"] == [IN_AWS["efs"], IN_AWS["fsxLustre"]]
    assert settings["JupyterLabAppSettings"]["CodeRepositories"] == [{"RepositoryUrl": REPOSITORY}]
    assert settings["RemoteAccess"] == "ENABLED"
    assert world.names_of_calls() == ["CreateSpace", "CreateApp"]


# What each setting is in an UpdateSpace: when it is declared, and when it is declared no more.
# AWS ignores omitted members, so that only an explicit empty value clears.
SETTINGS = [
    pytest.param(
        {"storage": {"sizeGiB": 20, "fileSystems": [EFS]}},
        {"storage": {"sizeGiB": 20}},
        {"CustomFileSystems": [IN_AWS["efs"]]},
        {"CustomFileSystems": []},
        id="file systems",
    ),
    pytest.param(
        {"remoteAccess": "Enabled"},
        {"remoteAccess": None},
        {"RemoteAccess": "ENABLED"},
        {"RemoteAccess": "DISABLED"},
        id="remote access",
    ),
]


@pytest.mark.parametrize(("declared", "removed", "set_by", "cleared_by"), SETTINGS)
def test_what_shapes_the_app_is_set_and_cleared_with_a_restart(
    declared: dict[str, Any],
    removed: dict[str, Any],
    set_by: dict[str, Any],
    cleared_by: dict[str, Any],
) -> None:
    world = running_world()
    for edit, sent in ((declared, set_by), (removed, cleared_by)):
        world.log.clear()
        world.edit(**edit)
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
        assert world.calls("UpdateSpace")[0]["SpaceSettings"] == sent
    assert world.memory.managed_fields is None
    assert world.settings == replace(world.settings, file_systems=(), remote_access=False)


@pytest.mark.parametrize(("declared", "removed", "set_by", "cleared_by"), SETTINGS)
def test_nothing_is_cleared_that_was_never_declared(
    declared: dict[str, Any],
    removed: dict[str, Any],
    set_by: dict[str, Any],
    cleared_by: dict[str, Any],
) -> None:
    world = running_world()
    world.settings = replace(
        world.settings, file_systems=(FileSystem("efs", "fs-01234567"),), remote_access=True
    )
    world.person_stops()
    world.edit(displayName="Churn")
    world.run()
    assert "SpaceSettings" not in world.calls("UpdateSpace")[0]


def test_repositories_wait_for_a_stop_and_never_cause_one() -> None:
    world = running_world()
    for declared, sent in (([REPOSITORY], [{"RepositoryUrl": REPOSITORY}]), (None, [])):
        world.edit(codeRepositories=declared)
        world.run()
        assert world.condition("PendingRestart") == "PendingRestart"
        assert world.is_running()
        world.person_stops()
        world.run()
        app_settings = world.calls("UpdateSpace")[-1]["SpaceSettings"]["JupyterLabAppSettings"]
        assert app_settings == {"CodeRepositories": sent}
        assert world.condition("PendingRestart") is None
        world.person_starts()
        world.run()
    assert "DeleteApp" not in world.names_of_calls()


def test_an_empty_list_is_a_declaration() -> None:
    world = running_world(storage={"sizeGiB": 20, "fileSystems": []}, codeRepositories=[])
    assert not world.log
    world.settings = replace(world.settings, file_systems=(FileSystem("efs", "fs-01234567"),))
    world._touch()
    world.run()
    assert world.calls("UpdateSpace")[0]["SpaceSettings"] == {"CustomFileSystems": []}


def test_the_order_in_which_aws_lists_file_systems_is_no_difference() -> None:
    world = running_world(storage={"sizeGiB": 20, "fileSystems": [EFS, LUSTRE]})
    world.settings = replace(
        world.settings, file_systems=tuple(reversed(world.settings.file_systems))
    )
    world._touch()
    world.run()
    assert not world.log


def test_drift_of_file_systems_goes_by_the_policy_for_storage() -> None:
    world = running_world(
        storage={"sizeGiB": 20, "fileSystems": [EFS]}, drift={"storage": "Report"}
    )
    world.settings = replace(world.settings, file_systems=())
    world._touch()
    world.run()
    assert not world.log
    drifted = world.memory.condition("Drifted")
    assert drifted is not None
    assert "storage.fileSystems" in drifted.message


def test_status_remembers_settings_so_that_a_new_operator_need_not_ask() -> None:
    settings = SpaceSettings(
        "ml.t3.medium",
        file_systems=(FileSystem("efs", "fs-01234567"), FileSystem("s3", "s3://bucket/x/y")),
        code_repositories=(REPOSITORY,),
        remote_access=True,
    )
    assert recall_settings(record_settings(settings, START)) == settings
    assert recall_settings(record_settings(SpaceSettings(), START)) == SpaceSettings()
