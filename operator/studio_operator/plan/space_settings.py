"""A space's settings: what is wanted, how it differs from AWS, and the requests that say so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from studio_operator.api.space import SpaceSpec
from studio_operator.plan.images import resolve_image
from studio_operator.plan.observed import ImageRef, ObservedApp, ObservedSpace, SpaceSettings
from studio_operator.plan.types import DomainFacts

# The Studio UI's own default for new spaces.
FALLBACK_INSTANCE_TYPE = "ml.t3.medium"
# The only type a JupyterServer app takes (botocore: ResourceSpec.InstanceType).
CLASSIC_INSTANCE_TYPE = "system"
# AWS ignores omitted members: this value takes a lifecycle configuration or image version away
# (botocore: LifecycleConfigArn and SageMakerImageVersionArn have the pattern `(arn:...|None)`).
CLEARED = "None"

_UNITS = {"d": 1440, "h": 60, "m": 1}
_APP_SETTINGS = {
    "JupyterLab": "JupyterLabAppSettings",
    "CodeEditor": "CodeEditorAppSettings",
    "JupyterServer": "JupyterServerAppSettings",
}


@dataclass(frozen=True, slots=True)
class WantedSettings:
    """What the space should have. None: not declared, AWS's value is left alone.

    `image` is None when the region has no SageMaker Distribution and the spec names no image.
    """

    instance_type: str
    image: ImageRef | None
    lifecycle_config_arn: str | None
    idle_minutes: int | None
    storage_gib: int | None
    display_name: str | None
    declares_type: bool
    declares_image: bool

    def fall_back(self, present: SpaceSettings) -> WantedSettings:
        """The same on the machine that the space has, where AWS refused another."""
        return replace(
            self,
            instance_type=present.instance_type or self.instance_type,
            image=present.image,
            lifecycle_config_arn=present.lifecycle_config_arn,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that differs. `needs_stop`: worth stopping a running app for.

    AWS's tools update a space only while its app is stopped (the Studio UI, aws-toolkit-vscode's
    startSpace), so every change waits for a stop; but only those that shape the app's machine
    justify one. A display name or an idle time goes along with the next stop.
    """

    field: str
    live: str
    wanted: str
    needs_stop: bool


def parse_minutes(duration: str) -> int:
    """Minutes of a duration such as "90m", "2h" or "1d12h"."""
    return sum(int(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+)([dhm])", duration))


def want_settings(
    spec: SpaceSpec, domain: DomainFacts, present: SpaceSettings, managed: Iterable[str]
) -> WantedSettings:
    """What the space should have, from the spec, the domain's defaults and what it has."""
    classic = spec.app == "JupyterServer"
    instance_type = (
        CLASSIC_INSTANCE_TYPE
        if classic
        else spec.instance_type
        or present.instance_type
        or domain.default_instance_types.get(spec.app)
        or FALLBACK_INSTANCE_TYPE
    )
    image = (
        present.image
        if classic and spec.image is None
        else resolve_image(spec.image, domain.region or "", instance_type, present.image)
    )
    lifecycle = spec.lifecycle_config_arn
    if lifecycle is None and "lifecycleConfigArn" in managed and present.lifecycle_config_arn:
        lifecycle = CLEARED
    return WantedSettings(
        instance_type=instance_type,
        image=image,
        lifecycle_config_arn=lifecycle,
        idle_minutes=parse_minutes(spec.idle_shutdown.after) if spec.idle_shutdown else None,
        storage_gib=spec.storage.size_gib if spec.storage else None,
        display_name=spec.display_name,
        declares_type=spec.instance_type is not None,
        declares_image=spec.image is not None,
    )


def managed_fields(spec: SpaceSpec) -> tuple[str, ...]:
    """The optional settings that, once removed from the spec, have to be cleared in AWS."""
    return ("lifecycleConfigArn",) if spec.lifecycle_config_arn else ()


def find_changes(
    wanted: WantedSettings, space: ObservedSpace, present: SpaceSettings, app: ObservedApp | None
) -> tuple[Change, ...]:
    """The settings that differ. A volume larger than declared is not among them: none shrinks.

    What a running app runs on counts more than what its space names: people can start an app on
    another instance type than the space's own. What the spec leaves out is only given to the next
    app that starts; but an image that is left out changes its variant along with the instance.
    """
    compared = compare_settings(wanted, space, present, app)
    return tuple(one.change for one in compared if one.differs)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One setting next to what AWS shows. `is_declared`: whether the spec has a value for it."""

    change: Change
    is_declared: bool
    differs: bool


def compare_settings(
    wanted: WantedSettings, space: ObservedSpace, present: SpaceSettings, app: ObservedApp | None
) -> tuple[Comparison, ...]:
    """Each setting next to what AWS shows of it."""
    live_type = app.instance_type if app and app.is_active else None
    live_type = live_type or present.instance_type or ""
    resized = wanted.declares_type and live_type != wanted.instance_type
    live_lifecycle = present.lifecycle_config_arn or CLEARED
    live_gib = space.storage_gib or 0
    candidates = (
        (
            "instanceType",
            live_type,
            wanted.instance_type,
            True,
            wanted.declares_type,
            resized,
        ),
        (
            "storage.sizeGiB",
            f"{live_gib} GiB",
            f"{wanted.storage_gib} GiB",
            True,
            wanted.storage_gib is not None,
            wanted.storage_gib is not None and wanted.storage_gib > live_gib,
        ),
        (
            "image",
            _name_image(present.image),
            _name_image(wanted.image),
            True,
            wanted.declares_image,
            (wanted.declares_image or resized) and _image_differs(wanted.image, present.image),
        ),
        (
            "lifecycleConfigArn",
            _name_lifecycle(live_lifecycle),
            _name_lifecycle(wanted.lifecycle_config_arn),
            True,
            wanted.lifecycle_config_arn is not None,
            wanted.lifecycle_config_arn not in {None, live_lifecycle},
        ),
        (
            "idleShutdown.after",
            _name_idle(present.idle_minutes),
            _name_idle(wanted.idle_minutes),
            False,
            wanted.idle_minutes is not None,
            wanted.idle_minutes not in {None, present.idle_minutes},
        ),
        (
            "displayName",
            _name_display(space.display_name),
            _name_display(wanted.display_name),
            False,
            wanted.display_name is not None,
            wanted.display_name not in {None, space.display_name},
        ),
    )
    return tuple(
        Comparison(Change(name, live, aim, needs_stop), is_declared, differs)
        for name, live, aim, needs_stop, is_declared, differs in candidates
    )


def describe_changes(changes: Iterable[Change]) -> tuple[str, str]:
    """What the changed settings are and become, in words: ("ml.t3.medium", "ml.m5.large")."""
    listed = tuple(changes)
    return ", ".join(c.live for c in listed), ", ".join(c.wanted for c in listed)


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
    }
    settings: dict[str, Any] = {"AppType": spec.app, _APP_SETTINGS[spec.app]: app_settings}
    if wanted.storage_gib is not None:
        settings["SpaceStorageSettings"] = _storage(wanted.storage_gib)
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
    settings: dict[str, Any] = {_APP_SETTINGS[spec.app]: app_settings} if app_settings else {}
    if "storage.sizeGiB" in fields and wanted.storage_gib is not None:
        settings["SpaceStorageSettings"] = _storage(wanted.storage_gib)
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


def _image_differs(wanted: ImageRef | None, present: ImageRef) -> bool:
    """Only what is wanted counts: AWS fills in a version where none was given."""
    if wanted is None:
        return False
    return (
        wanted.image_arn != present.image_arn
        or wanted.version_alias not in {None, present.version_alias}
        or wanted.version_arn not in {None, present.version_arn}
    )


def _name_lifecycle(arn: str | None) -> str:
    if arn in {None, CLEARED}:
        return "no lifecycle configuration"
    return (arn or "").rpartition("/")[2]


def _name_idle(minutes: int | None) -> str:
    return "no idle time" if minutes is None else f"idle time {minutes}m"


def _name_display(name: str | None) -> str:
    return f'display name "{name}"' if name else "no display name"


def _name_image(image: ImageRef | None) -> str:
    if image is None or image.image_arn is None:
        return "no image"
    name = image.image_arn.rpartition("/")[2]
    version = image.version_alias or (image.version_arn or "").rpartition("/")[2]
    return f"{name} {version}".strip()
