"""A space's settings as AWS's requests carry them: CreateSpace, UpdateSpace and CreateApp."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from studio_operator.api.space import SpaceSpec
from studio_operator.plan.observed import FileSystem, ImageRef, SpaceSettings
from studio_operator.plan.space_comparison import Change
from studio_operator.plan.space_settings import CLEARED, WantedSettings

_APP_SETTINGS = {
    "JupyterLab": "JupyterLabAppSettings",
    "CodeEditor": "CodeEditorAppSettings",
    "JupyterServer": "JupyterServerAppSettings",
}
_FILE_SYSTEM_MEMBERS = {"efs": "EFSFileSystem", "fsxLustre": "FSxLustreFileSystem"}


def resource_spec(wanted: WantedSettings, present: SpaceSettings) -> dict[str, str]:
    """The full ResourceSpec, as CreateApp wants it.

    An omitted image gives "SageMaker Image ARN is required for App with type [JupyterLab]".
    """
    spec = {"InstanceType": wanted.instance_type}
    image = wanted.image or ImageRef()
    if image.image_arn:
        spec["SageMakerImageArn"] = image.image_arn
    if image.version_alias:
        spec["SageMakerImageVersionAlias"] = image.version_alias
    if image.version_arn:
        spec["SageMakerImageVersionArn"] = image.version_arn
    lifecycle = wanted.lifecycle_config_arn or present.lifecycle_config_arn
    if lifecycle and lifecycle != CLEARED:
        spec["LifecycleConfigArn"] = lifecycle
    return spec


def creation_settings(spec: SpaceSpec, wanted: WantedSettings) -> dict[str, Any]:
    """SpaceSettings of CreateSpace: a private space without them is refused."""
    app_settings: dict[str, Any] = {
        "DefaultResourceSpec": resource_spec(wanted, SpaceSettings()),
        **_idle(wanted),
        **(_repositories(wanted.code_repositories) if wanted.code_repositories else {}),
    }
    settings: dict[str, Any] = {"AppType": spec.app, _APP_SETTINGS[spec.app]: app_settings}
    if wanted.storage_gib is not None:
        settings["SpaceStorageSettings"] = _storage(wanted.storage_gib)
    if wanted.file_systems:
        settings["CustomFileSystems"] = _file_systems(wanted.file_systems)
    if wanted.remote_access is not None:
        settings["RemoteAccess"] = _remote_access(is_enabled=wanted.remote_access)
    return settings


def whole_settings(
    spec: SpaceSpec, wanted: WantedSettings, present: SpaceSettings
) -> dict[str, Any]:
    """SpaceSettings of an UpdateSpace that says again what the space has."""
    return {_APP_SETTINGS[spec.app]: {"DefaultResourceSpec": resource_spec(wanted, present)}}


def update_members(
    spec: SpaceSpec, wanted: WantedSettings, present: SpaceSettings, changes: Iterable[Change]
) -> dict[str, Any]:
    """Members of UpdateSpace that carry the changes, and no others: UpdateSpace merges.

    AppType is never sent: AWS refuses it in an update even when it is unchanged.
    """
    fields = {change.field for change in changes}
    app_settings: dict[str, Any] = {}
    if fields & {"instanceType", "image", "lifecycleConfigArn"}:
        app_settings["DefaultResourceSpec"] = _updated_resource_spec(wanted, present)
    if "idleShutdown.after" in fields:
        app_settings |= _idle(wanted)
    if "codeRepositories" in fields:
        app_settings |= _repositories(wanted.code_repositories or ())
    settings: dict[str, Any] = {_APP_SETTINGS[spec.app]: app_settings} if app_settings else {}
    if "storage.sizeGiB" in fields and wanted.storage_gib is not None:
        settings["SpaceStorageSettings"] = _storage(wanted.storage_gib)
    if "storage.fileSystems" in fields:
        settings["CustomFileSystems"] = _file_systems(wanted.file_systems or ())
    if "remoteAccess" in fields:
        settings["RemoteAccess"] = _remote_access(is_enabled=bool(wanted.remote_access))
    members: dict[str, Any] = {"SpaceSettings": settings} if settings else {}
    if "displayName" in fields:
        members["SpaceDisplayName"] = wanted.display_name
    return members


def _updated_resource_spec(wanted: WantedSettings, present: SpaceSettings) -> dict[str, str]:
    spec = resource_spec(wanted, present)
    if wanted.lifecycle_config_arn == CLEARED:
        spec["LifecycleConfigArn"] = CLEARED
    if present.image.version_arn and wanted.image and wanted.image.version_arn is None:
        spec["SageMakerImageVersionArn"] = CLEARED
    return spec


def _storage(gib: int) -> Mapping[str, Any]:
    return {"EbsStorageSettings": {"EbsVolumeSizeInGb": gib}}


def _idle(wanted: WantedSettings) -> dict[str, Any]:
    if wanted.idle_minutes is None:
        return {}
    idle = {"IdleTimeoutInMinutes": wanted.idle_minutes}
    return {"AppLifecycleManagement": {"IdleSettings": idle}}


def _repositories(urls: Iterable[str]) -> dict[str, Any]:
    """Without any, AWS forgets those that it has."""
    return {"CodeRepositories": [{"RepositoryUrl": url} for url in urls]}


def _file_systems(systems: Iterable[FileSystem]) -> list[dict[str, Any]]:
    return [{_FILE_SYSTEM_MEMBERS[one.kind]: {"FileSystemId": one.name}} for one in systems]


def _remote_access(*, is_enabled: bool) -> str:
    return "ENABLED" if is_enabled else "DISABLED"
