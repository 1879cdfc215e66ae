"""AWS's answers, and our own requests, as the records that planners see.

Three sources give a record, each with what it has: an item of a listing, the answer of a Describe
call, and a request of ours that creates the thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from studio_operator.plan.observed import (
    FileSystem,
    ImageRef,
    ObservedApp,
    ObservedDomain,
    ObservedProfile,
    ObservedSpace,
    SpaceSettings,
)

Json = Mapping[str, Any]

# The app of a space (SageMaker: one app per space, of this name, for JupyterLab and Code Editor).
APP_NAME = "default"
# What is said of a failure that AWS leaves unexplained: asking again would not change it.
UNEXPLAINED = "AWS gives no reason"

_APP_SETTINGS = {
    "JupyterLab": "JupyterLabAppSettings",
    "CodeEditor": "CodeEditorAppSettings",
    "JupyterServer": "JupyterServerAppSettings",
}
# botocore: CustomFileSystem, a union.
_FILE_SYSTEMS = (
    ("EFSFileSystem", "efs", "FileSystemId"),
    ("FSxLustreFileSystem", "fsxLustre", "FileSystemId"),
    ("S3FileSystem", "s3", "S3Uri"),
)
# Of records for the same app: one that runs or starts, then one that stops, then the rest.
_RANK_OF_STATUS = {"InService": 2, "Pending": 2, "Deleting": 1}
_NOTHING: Json = {}


def space_from_listing(item: Json) -> ObservedSpace:
    """A space from an item of ListSpaces; settings, ARN, URL and failure are not in it."""
    summary = item.get("SpaceSettingsSummary", _NOTHING)
    return ObservedSpace(
        domain_id=item["DomainId"],
        name=item["SpaceName"],
        status=item["Status"],
        sharing=item.get("SpaceSharingSettingsSummary", _NOTHING).get("SharingType"),
        owner=item.get("OwnershipSettingsSummary", _NOTHING).get("OwnerUserProfileName"),
        app_type=summary.get("AppType"),
        storage_gib=_storage(summary),
        display_name=item.get("SpaceDisplayName"),
        created_at=item.get("CreationTime"),
        modified_at=item.get("LastModifiedTime"),
    )


def space_from_description(answer: Json) -> ObservedSpace:
    """A space from DescribeSpace: all but its tags."""
    settings = answer.get("SpaceSettings", _NOTHING)
    return ObservedSpace(
        domain_id=answer["DomainId"],
        name=answer["SpaceName"],
        status=answer["Status"],
        sharing=answer.get("SpaceSharingSettings", _NOTHING).get("SharingType"),
        owner=answer.get("OwnershipSettings", _NOTHING).get("OwnerUserProfileName"),
        app_type=settings.get("AppType"),
        storage_gib=_storage(settings),
        display_name=answer.get("SpaceDisplayName"),
        created_at=answer.get("CreationTime"),
        modified_at=answer.get("LastModifiedTime"),
        arn=answer.get("SpaceArn"),
        url=answer.get("Url"),
        failure=_failure(answer),
        settings=settings_from(settings),
    )


def space_from_request(parameters: Json, response: Json) -> ObservedSpace:
    """The space that CreateSpace has begun to make."""
    settings = parameters.get("SpaceSettings", _NOTHING)
    return ObservedSpace(
        domain_id=parameters["DomainId"],
        name=parameters["SpaceName"],
        status="Pending",
        sharing=parameters.get("SpaceSharingSettings", _NOTHING).get("SharingType"),
        owner=parameters.get("OwnershipSettings", _NOTHING).get("OwnerUserProfileName"),
        app_type=settings.get("AppType"),
        storage_gib=_storage(settings),
        display_name=parameters.get("SpaceDisplayName"),
        arn=response.get("SpaceArn"),
        settings=settings_from(settings),
        tags=tags_from(parameters.get("Tags", ())),
    )


def settings_from(settings: Json) -> SpaceSettings:
    """The settings in SpaceSettings, which has the same form in requests and answers."""
    names = [_APP_SETTINGS.get(settings.get("AppType", ""), ""), *_APP_SETTINGS.values()]
    of_app: Json = next((settings[name] for name in names if name in settings), _NOTHING)
    resource = of_app.get("DefaultResourceSpec", _NOTHING)
    idle = of_app.get("AppLifecycleManagement", _NOTHING).get("IdleSettings", _NOTHING)
    return SpaceSettings(
        instance_type=resource.get("InstanceType"),
        image=_image(resource),
        lifecycle_config_arn=resource.get("LifecycleConfigArn"),
        idle_minutes=idle.get("IdleTimeoutInMinutes"),
        file_systems=tuple(file_system_from(one) for one in settings.get("CustomFileSystems", ())),
        code_repositories=tuple(one["RepositoryUrl"] for one in of_app.get("CodeRepositories", ())),
        remote_access=settings.get("RemoteAccess") == "ENABLED",
    )


def file_system_from(item: Json) -> FileSystem:
    """A file system of CustomFileSystems.

    One of a sort that we do not know is of kind `unknown`, by AWS's name of the sort: else a list
    that has one would look like a list without.
    """
    for member, kind, name in _FILE_SYSTEMS:
        if member in item:
            return FileSystem(kind, item[member][name])
    return FileSystem("unknown", " ".join(sorted(item)))


def attached_file_systems(settings: Json) -> tuple[FileSystem, ...]:
    """The file systems that a domain's or a profile's settings let spaces mount.

    botocore: CustomFileSystemConfig has the members of CustomFileSystem, with Config at the end.
    """
    return tuple(
        file_system_from({name.removesuffix("Config"): value for name, value in item.items()})
        for item in settings.get("CustomFileSystemConfigs") or ()
    )


def apps_by_space(items: Iterable[Json]) -> dict[str, ObservedApp]:
    """The app of each space from the items of ListApps.

    AWS lists an app for up to 24 hours after its end, so that one space may have several records.
    The one that holds the space counts, else the newest. Apps of profiles are left out, and so are
    kernels of Studio Classic, which have other names.
    """
    apps: dict[str, ObservedApp] = {}
    for item in items:
        space = item.get("SpaceName")
        if not space or item["AppName"] != APP_NAME:
            continue
        app = app_from_listing(item)
        known = apps.get(space)
        if known is None or _newness(app) > _newness(known):
            apps[space] = app
    return apps


def app_from_listing(item: Json) -> ObservedApp:
    """An app from an item of ListApps; the failure is not in it."""
    resource = item.get("ResourceSpec", _NOTHING)
    return ObservedApp(
        app_type=item["AppType"],
        name=item["AppName"],
        status=item["Status"],
        instance_type=resource.get("InstanceType"),
        image=_image(resource),
        lifecycle_config_arn=resource.get("LifecycleConfigArn"),
        created_at=item.get("CreationTime"),
    )


def app_from_description(answer: Json) -> ObservedApp:
    """An app from DescribeApp."""
    resource = answer.get("ResourceSpec", _NOTHING)
    return ObservedApp(
        app_type=answer["AppType"],
        name=answer["AppName"],
        status=answer["Status"],
        instance_type=resource.get("InstanceType"),
        image=_image(resource),
        lifecycle_config_arn=resource.get("LifecycleConfigArn"),
        created_at=answer.get("CreationTime"),
        failure=_failure(answer),
    )


def app_from_request(parameters: Json) -> ObservedApp:
    """The app that CreateApp has begun to start."""
    resource = parameters.get("ResourceSpec", _NOTHING)
    return ObservedApp(
        app_type=parameters["AppType"],
        name=parameters["AppName"],
        status="Pending",
        instance_type=resource.get("InstanceType"),
        image=_image(resource),
        lifecycle_config_arn=resource.get("LifecycleConfigArn"),
    )


def profile_from_listing(item: Json) -> ObservedProfile:
    """A user profile from an item of ListUserProfiles; its settings are not in it."""
    return ObservedProfile(
        domain_id=item["DomainId"],
        name=item["UserProfileName"],
        status=item["Status"],
        created_at=item.get("CreationTime"),
        modified_at=item.get("LastModifiedTime"),
    )


def profile_from_description(answer: Json) -> ObservedProfile:
    """A user profile from DescribeUserProfile: all but its tags."""
    return ObservedProfile(
        domain_id=answer["DomainId"],
        name=answer["UserProfileName"],
        status=answer["Status"],
        created_at=answer.get("CreationTime"),
        modified_at=answer.get("LastModifiedTime"),
        arn=answer.get("UserProfileArn"),
        failure=_failure(answer),
        details=answer,
    )


def profile_from_request(parameters: Json, response: Json) -> ObservedProfile:
    """The user profile that CreateUserProfile has begun to make.

    Its members have the names of DescribeUserProfile's, so they serve as `details`.
    """
    return ObservedProfile(
        domain_id=parameters["DomainId"],
        name=parameters["UserProfileName"],
        status="Pending",
        arn=response.get("UserProfileArn"),
        details={name: value for name, value in parameters.items() if name != "Tags"},
        tags=tags_from(parameters.get("Tags", ())),
    )


def domain_from_listing(item: Json) -> ObservedDomain:
    """A domain from an item of ListDomains; its settings and failure are not in it."""
    return ObservedDomain(
        domain_id=item["DomainId"],
        name=item["DomainName"],
        status=item["Status"],
        created_at=item.get("CreationTime"),
        modified_at=item.get("LastModifiedTime"),
        arn=item.get("DomainArn"),
        url=item.get("Url"),
    )


def domain_from_description(answer: Json) -> ObservedDomain:
    """A domain from DescribeDomain: all but its tags."""
    return ObservedDomain(
        domain_id=answer["DomainId"],
        name=answer["DomainName"],
        status=answer["Status"],
        created_at=answer.get("CreationTime"),
        modified_at=answer.get("LastModifiedTime"),
        arn=answer.get("DomainArn"),
        url=answer.get("Url"),
        failure=_failure(answer),
        details=answer,
    )


def domain_from_request(parameters: Json, response: Json) -> ObservedDomain:
    """The domain that CreateDomain has begun to make."""
    arn = response.get("DomainArn")
    return ObservedDomain(
        domain_id=response.get("DomainId") or str(arn).rpartition("/")[2],
        name=parameters["DomainName"],
        status="Pending",
        arn=arn,
        url=response.get("Url"),
        tags=tags_from(parameters.get("Tags", ())),
    )


def tags_from(items: Iterable[Json]) -> dict[str, str]:
    """Tags from the form that requests and answers have."""
    return {item["Key"]: item["Value"] for item in items}


def _newness(app: ObservedApp) -> tuple[int, float]:
    created = app.created_at.timestamp() if app.created_at else 0.0
    return _RANK_OF_STATUS.get(app.status, 0), created


def _storage(settings: Json) -> int | None:
    storage = settings.get("SpaceStorageSettings", _NOTHING)
    size: int | None = storage.get("EbsStorageSettings", _NOTHING).get("EbsVolumeSizeInGb")
    return size


def _image(resource: Json) -> ImageRef:
    return ImageRef(
        resource.get("SageMakerImageArn"),
        resource.get("SageMakerImageVersionAlias"),
        resource.get("SageMakerImageVersionArn"),
    )


def _failure(answer: Json) -> str | None:
    reason: str | None = answer.get("FailureReason")
    return reason or (UNEXPLAINED if "Failed" in answer["Status"] else None)
