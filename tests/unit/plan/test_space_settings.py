"""File systems, repositories and remote access of a space: set, changed, cleared, left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.in_aws.observe import settings_from
from studio_operator.kinds.space.in_aws.observed import SpaceSettings
from studio_operator.kinds.space.in_aws.settings import still_managed
from studio_operator.kinds.space.planner_input.settings_record import (
    recall_settings,
    record_settings,
)
from studio_operator.plan.observed import FileSystem

from tests.unit.plan.space_world import START, SpaceWorld

EFS = {"efs": {"fileSystemId": "fs-0123456789abcdef0"}}
LUSTRE = {"fsxLustre": {"fileSystemId": "fs-0fedcba9876543210"}}
IN_AWS = {
    "efs": {"EFSFileSystem": {"FileSystemId": "fs-0123456789abcdef0"}},
    "fsxLustre": {"FSxLustreFileSystem": {"FileSystemId": "fs-0fedcba9876543210"}},
}
REPOSITORY = "https://git.example.com/ml/churn"
ANOTHER, THIRD = "https://git.example.com/ml/attrition", "https://git.example.com/ml/growth"


def make_world(**spec: Any) -> SpaceWorld:
    return SpaceWorld(
        SpaceSpec.model_validate(
            {
                "domainRef": {"name": "research"},
                "ownerRef": {"name": "alice"},
                "app": "JupyterLab",
                "state": "Running",
                "instanceType": "ml.t3.large",
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
    assert world.status.managed_fields is None
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


def test_the_order_in_which_aws_lists_them_is_no_difference() -> None:
    world = running_world(
        storage={"sizeGiB": 20, "fileSystems": [EFS, LUSTRE]},
        codeRepositories=[REPOSITORY, ANOTHER],
    )
    world.settings = replace(
        world.settings,
        file_systems=tuple(reversed(world.settings.file_systems)),
        code_repositories=tuple(reversed(world.settings.code_repositories)),
    )
    world._touch()
    world.run()
    assert not world.log
    assert world.condition("PendingRestart") is None


def test_repositories_are_asked_for_in_the_order_of_the_spec() -> None:
    world = make_world(codeRepositories=[REPOSITORY, ANOTHER])
    world.run()
    world.person_stops()
    world.edit(codeRepositories=[THIRD, REPOSITORY, ANOTHER])
    world.run()
    asked = [
        world.calls(operation)[0]["SpaceSettings"]["JupyterLabAppSettings"]["CodeRepositories"]
        for operation in ("CreateSpace", "UpdateSpace")
    ]
    assert [[one["RepositoryUrl"] for one in urls] for urls in asked] == [
        [REPOSITORY, ANOTHER],
        [THIRD, REPOSITORY, ANOTHER],
    ]


def test_a_sort_of_file_system_that_is_not_known_is_seen_all_the_same() -> None:
    listed = [IN_AWS["efs"], {"TapeFileSystem": {"TapeId": "tape-1"}}]
    seen = settings_from({"AppType": "JupyterLab", "CustomFileSystems": listed})
    assert seen.file_systems == (FileSystem("efs", "fs-0123456789abcdef0"), UNKNOWN)
    assert recall_settings(record_settings(seen, START)) == seen


# A list that has something of a new sort differs from one without it: what is declared is the
# whole list, and what was declared once is not cleared while something is left.
UNKNOWN = FileSystem("unknown", "TapeFileSystem")


@pytest.mark.parametrize("declared", [[EFS], []], ids=["one", "none"])
def test_a_file_system_of_an_unknown_sort_is_a_difference(declared: list[Any]) -> None:
    world = running_world(storage={"sizeGiB": 20, "fileSystems": declared})
    world.settings = replace(world.settings, file_systems=(*world.settings.file_systems, UNKNOWN))
    world._touch()
    world.run()
    sent = [IN_AWS["efs"]] if declared else []
    assert world.calls("UpdateSpace")[0]["SpaceSettings"] == {"CustomFileSystems": sent}


def test_what_was_declared_is_answered_for_until_nothing_is_mounted() -> None:
    assert still_managed(["storage.fileSystems"], SpaceSettings(file_systems=(UNKNOWN,)))
    assert not still_managed(["storage.fileSystems"], SpaceSettings())


@pytest.mark.parametrize(
    "edit",
    [
        {"storage": {"sizeGiB": 20, "fileSystems": [EFS]}},
        {"remoteAccess": "Enabled"},
        {"codeRepositories": [REPOSITORY]},
    ],
    ids=lambda edit: next(iter(edit)),
)
def test_an_update_that_aws_could_not_carry_out_is_made_again(edit: dict[str, Any]) -> None:
    """The repair of a failed update says nothing of these: the comparison finds them again."""
    world = running_world()
    world.person_stops()
    before = world.settings
    world.edit(**edit)
    while not world.calls("UpdateSpace"):
        world.step()
    assert world.space is not None
    wanted, world.settings, world.space_until = world.settings, before, None
    world.space = replace(world.space, status="Update_Failed")
    world._touch()
    world.run()
    first, second = world.calls("UpdateSpace")
    assert first == second
    assert world.settings == wanted
    assert world.space.status == "InService"
    ready = world.status.condition("Ready")
    assert ready is not None
    assert ready.status == "True"


def test_drift_of_file_systems_goes_by_the_policy_for_storage() -> None:
    world = running_world(
        storage={"sizeGiB": 20, "fileSystems": [EFS]}, drift={"storage": "Report"}
    )
    world.settings = replace(world.settings, file_systems=())
    world._touch()
    world.run()
    assert not world.log
    drifted = world.status.condition("Drifted")
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
