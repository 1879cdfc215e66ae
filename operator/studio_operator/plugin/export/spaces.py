"""A space in AWS as the spec of a Space."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from studio_operator.aws.parsing import space_from_description
from studio_operator.plan.images import distribution_arn
from studio_operator.plan.observed import ImageRef, ObservedApp, ObservedSpace
from studio_operator.plan.settings_mapping import read_member
from studio_operator.plugin.export.estate import Described
from studio_operator.plugin.export.parts import Omission
from studio_operator.plugin.export.reading import find_leftovers

APPS = {
    "JupyterLab": "JupyterLabAppSettings",
    "CodeEditor": "CodeEditorAppSettings",
    "JupyterServer": "JupyterServerAppSettings",
}
CLASSIC = "JupyterServer"
_RESOURCE_MEMBERS = (
    "InstanceType",
    "SageMakerImageArn",
    "SageMakerImageVersionAlias",
    "SageMakerImageVersionArn",
    "LifecycleConfigArn",
)
# Members of DescribeSpace that tell about it, and those that have another place in the spec.
_TOLD = tuple(
    (name,)
    for name in (
        "DomainId",
        "SpaceArn",
        "SpaceName",
        "HomeEfsFileSystemUid",
        "Status",
        "CreationTime",
        "LastModifiedTime",
        "FailureReason",
        "OwnershipSettings",
        "SpaceSharingSettings",
        "SpaceDisplayName",
        "Url",
    )
)
NO_FIELD = "Space has no field for it; it stays in AWS as it is"
NOT_STARTED_WITH = "Space has no field for it; an app that the operator starts runs without it"
OTHER_APP = "Space knows the apps JupyterLab, CodeEditor and JupyterServer only"


def app_of(answer: Mapping[str, Any]) -> str | None:
    """The app of a space, None for one that Space does not know.

    Spaces of Studio Classic may show no AppType, only settings of its apps.
    """
    settings = answer.get("SpaceSettings") or {}
    named = settings.get("AppType")
    if named is not None:
        return str(named) if named in APPS else None
    found = [app for app, member in APPS.items() if member in settings]
    return found[0] if len(found) == 1 else None


def space_members(space: Described, app: ObservedApp | None, region: str) -> dict[str, Any]:
    """The spec but for references, tags and adopt. `app`: the one that runs or ran last.

    No `state`: a first state is a trigger, and would start or stop an app. People go on to do
    that. `resizePolicy: WhenStopped`: a value that is edited later interrupts nobody.
    """
    seen = space_from_description(space.answer)
    name = app_of(space.answer) or ""
    members: dict[str, Any] = {
        "displayName": seen.display_name,
        "sharing": seen.sharing or "Shared",
        "app": name,
        "resizePolicy": "WhenStopped",
        "instanceType": None if _runs_on_another(seen, app) else _settled_type(seen),
        "lifecycleConfigArn": _lifecycle(seen),
        "image": _image(seen, region),
    }
    if name != CLASSIC:
        members["storage"] = _storage(seen)
        members["idleShutdown"] = _idle(seen)
        members["remoteAccess"] = _remote_access(seen)
        members["codeRepositories"] = _code_repositories(seen)
    return {field: value for field, value in members.items() if value is not None}


def _settled_type(seen: ObservedSpace) -> str | None:
    return seen.settings.instance_type if seen.settings else None


def _lifecycle(seen: ObservedSpace) -> str | None:
    arn = seen.settings.lifecycle_config_arn if seen.settings else None
    return None if arn == "None" else arn


def _runs_on_another(seen: ObservedSpace, app: ObservedApp | None) -> bool:
    """Whether declaring the space's own type would mean a change at once."""
    return app is not None and app.is_active and app.instance_type != _settled_type(seen)


def _storage(seen: ObservedSpace) -> dict[str, Any] | None:
    if seen.storage_gib is None:
        return None
    mounted = seen.settings.file_systems if seen.settings else ()
    known = [
        {one.kind: {"fileSystemId": one.name}}
        for one in mounted
        if one.kind in {"efs", "fsxLustre"}
    ]
    declares = known and len(known) == len(mounted)  # a list that is declared is the whole list
    return {"sizeGiB": seen.storage_gib, **({"fileSystems": known} if declares else {})}


def _declares_file_systems(seen: ObservedSpace) -> bool:
    return "fileSystems" in (_storage(seen) or {})


def _remote_access(seen: ObservedSpace) -> str | None:
    return "Enabled" if seen.settings and seen.settings.remote_access else None


def _code_repositories(seen: ObservedSpace) -> list[str] | None:
    return list(seen.settings.code_repositories) or None if seen.settings else None


def _idle(seen: ObservedSpace) -> dict[str, str] | None:
    minutes = seen.settings.idle_minutes if seen.settings else None
    if minutes is None:
        return None
    return {"after": f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"}


def _image(seen: ObservedSpace, region: str) -> dict[str, str] | None:
    """A SageMaker Distribution by its version; one of no known version follows the instance."""
    image = seen.settings.image if seen.settings else ImageRef()
    if image.image_arn is None:
        return None
    own = distribution_arn(region, _settled_type(seen) or "")
    if image.image_arn == own:
        if image.version_alias and image.version_alias.replace(".", "").isdigit():
            return {"distribution": image.version_alias}
        if image.version_alias is None and image.version_arn is None:
            return None
    versions = (("versionAlias", image.version_alias), ("versionArn", image.version_arn))
    chosen = next(((name, value) for name, value in versions if value), None)
    return {"imageArn": image.image_arn, **dict([chosen] if chosen else ())}


def space_omissions(thing: str, space: Described, app: ObservedApp | None) -> Iterator[Omission]:
    """What of a space has no place in the spec."""
    seen = space_from_description(space.answer)
    own = APPS[app_of(space.answer) or ""]
    resource = ("SpaceSettings", own, "DefaultResourceSpec")
    known = (
        *_TOLD,
        ("SpaceSettings", "AppType"),
        ("SpaceSettings", "SpaceStorageSettings", "EbsStorageSettings", "EbsVolumeSizeInGb"),
        *((*resource, name) for name in _RESOURCE_MEMBERS),
        ("SpaceSettings", own, "AppLifecycleManagement", "IdleSettings", "IdleTimeoutInMinutes"),
        ("SpaceSettings", "RemoteAccess"),
        ("SpaceSettings", "JupyterLabAppSettings", "CodeRepositories"),
        *([("SpaceSettings", "CustomFileSystems")] if _declares_file_systems(seen) else []),
    )
    for member in find_leftovers(space.answer, known):
        is_plan = member.endswith(".TrainingPlanArn")
        yield Omission(thing, member, NOT_STARTED_WITH if is_plan else NO_FIELD)
    if _runs_on_another(seen, app) and app is not None:
        named = read_member(space.answer, (*resource, "InstanceType")) or "none"
        yield Omission(
            thing,
            "spec.instanceType",
            f"the app runs on {app.instance_type}, the space names {named}: declare the one you "
            "want once nobody minds a restart",
        )
