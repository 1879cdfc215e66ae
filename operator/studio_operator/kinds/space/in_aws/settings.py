"""The settings of a space as rows: a new one is a row here, its field, and its case in the tests.

Comparison, requests, drift, status, `kubectl studio plan` and `export` go over the rows. Three are
more than a setting, and what decides about them has a module of its own: the instance type
(`planner_input.settings` and `instance_fallback`), the image (`planner_input.images`) and the
volume, which only grows (`planner_input.sorting` and `checks.volume_limit`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio_operator.api.durations import parse_minutes
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.in_aws import forms
from studio_operator.kinds.space.in_aws.observed import ObservedSpace, SpaceSettings
from studio_operator.plan.observed import FileSystem
from studio_operator.plan.settings.table import CLEARED, FILE_SYSTEM_IDS, Setting
from studio_operator.plan.tenancy.policy import Subject

# The settings of an app, whichever it is: `member_of` puts the name in.
_APP = "AppSettings"
_RESOURCE_SPEC = "DefaultResourceSpec"
APP_SETTINGS: Mapping[str, str] = {
    "JupyterLab": "JupyterLabAppSettings",
    "CodeEditor": "CodeEditorAppSettings",
    "JupyterServer": "JupyterServerAppSettings",
}


def declared_file_systems(spec: SpaceSpec) -> tuple[FileSystem, ...] | None:
    """The file systems that a spec names; None where it leaves them out."""
    declared = spec.storage.file_systems if spec.storage else None
    if declared is None:
        return None
    return tuple(forms.declared_file_system(one) for one in declared)


def _size(spec: SpaceSpec) -> int | None:
    return spec.storage.size_gib if spec.storage else None


def _repositories(spec: SpaceSpec) -> tuple[str, ...] | None:
    return None if spec.code_repositories is None else tuple(spec.code_repositories)


def _remote_access(spec: SpaceSpec) -> bool | None:
    return None if spec.remote_access is None else spec.remote_access == "Enabled"


def _idle_minutes(spec: SpaceSpec) -> int | None:
    return parse_minutes(spec.idle_shutdown.after) if spec.idle_shutdown else None


INSTANCE_TYPE = Setting(
    ("instanceType",),
    ("SpaceSettings", _APP, _RESOURCE_SPEC, "InstanceType"),
    form=forms.TYPE,
    read=lambda spec: spec.instance_type,
    attribute="instance_type",
    needs_stop=True,
    section="instance",
    default=(_RESOURCE_SPEC, "InstanceType"),
)
STORAGE = Setting(
    ("storage", "sizeGiB"),
    ("SpaceSettings", "SpaceStorageSettings", "EbsStorageSettings", "EbsVolumeSizeInGb"),
    form=forms.VOLUME,
    read=_size,
    attribute="storage_gib",
    needs_stop=True,
    section="storage",
)
# Of several members of the ResourceSpec. What the spec says needs the region and the instance type.
IMAGE = Setting(
    ("image",),
    ("SpaceSettings", _APP, _RESOURCE_SPEC),
    form=forms.IMAGE,
    read=lambda spec: spec.image,
    attribute="image",
    needs_stop=True,
    section="image",
    default=(_RESOURCE_SPEC,),
)
LIFECYCLE_CONFIG = Setting(
    ("lifecycleConfigArn",),
    ("SpaceSettings", _APP, _RESOURCE_SPEC, "LifecycleConfigArn"),
    CLEARED,
    clearable=True,
    form=forms.SCRIPT,
    names=Subject.LIFECYCLE_CONFIGS,
    read=lambda spec: spec.lifecycle_config_arn,
    attribute="lifecycle_config_arn",
    needs_stop=True,
    section="image",
    default=(_RESOURCE_SPEC, "LifecycleConfigArn"),
)
FILE_SYSTEMS = Setting(
    ("storage", "fileSystems"),
    ("SpaceSettings", "CustomFileSystems"),
    (),
    clearable=True,
    form=forms.FILE_SYSTEMS,
    names=Subject.FILE_SYSTEMS,
    inside=FILE_SYSTEM_IDS,
    read=declared_file_systems,
    attribute="file_systems",
    needs_stop=True,
    section="storage",
)
REMOTE_ACCESS = Setting(
    ("remoteAccess",),
    ("SpaceSettings", "RemoteAccess"),
    False,
    clearable=True,
    form=forms.REMOTE_ACCESS,
    names=Subject.REMOTE_ACCESS,
    read=_remote_access,
    attribute="remote_access",
    needs_stop=True,
)
IDLE_TIME = Setting(
    ("idleShutdown", "after"),
    ("SpaceSettings", _APP, "AppLifecycleManagement", "IdleSettings", "IdleTimeoutInMinutes"),
    form=forms.IDLE_MINUTES,
    read=_idle_minutes,
    attribute="idle_minutes",
)
CODE_REPOSITORIES = Setting(
    ("codeRepositories",),
    ("SpaceSettings", _APP, "CodeRepositories"),
    (),
    clearable=True,
    form=forms.URLS,
    read=_repositories,
    attribute="code_repositories",
)
DISPLAY_NAME = Setting(
    ("displayName",),
    ("SpaceDisplayName",),
    form=forms.NAME,
    read=lambda spec: spec.display_name,
    attribute="display_name",
)
# In the order in which messages name them: the machine first.
SETTINGS: tuple[Setting, ...] = (
    INSTANCE_TYPE,
    STORAGE,
    IMAGE,
    LIFECYCLE_CONFIG,
    FILE_SYSTEMS,
    REMOTE_ACCESS,
    IDLE_TIME,
    CODE_REPOSITORIES,
    DISPLAY_NAME,
)
BY_FIELD: Mapping[str, Setting] = {setting.field: setting for setting in SETTINGS}
# What an app is started on, which requests always carry as a whole.
OF_RESOURCE_SPEC = tuple(setting for setting in SETTINGS if _RESOURCE_SPEC in setting.member)
# What DescribeSpace gives and listings lack.
DESCRIBED = tuple(one for one in SETTINGS if one.attribute in SpaceSettings.__dataclass_fields__)
CLEARABLE = tuple(setting for setting in SETTINGS if setting.clearable)


def member_of(setting: Setting, app: str) -> tuple[str, ...]:
    """Where a setting of a space with that app stands in AWS's requests and answers."""
    return tuple(APP_SETTINGS[app] if name == _APP else name for name in setting.member)


def live_value(setting: Setting, space: ObservedSpace | None, present: SpaceSettings) -> Any:
    """What AWS shows of a setting."""
    return getattr(present if setting in DESCRIBED else space, setting.attribute, None)


def live_values(space: ObservedSpace | None, present: SpaceSettings) -> dict[Setting, Any]:
    """What AWS shows of all settings."""
    return {
        one: getattr(present if one in DESCRIBED else space, one.attribute, None)
        for one in SETTINGS
    }


def managed_fields(spec: SpaceSpec) -> frozenset[str]:
    """The declared settings that, once they leave the spec, have to be cleared in AWS."""
    return frozenset(
        one.field for one in CLEARABLE if one.read is not None and one.read(spec) is not None
    )


def still_managed(managed: Any, present: SpaceSettings | None) -> frozenset[str]:
    """Of the settings that were declared once, those that AWS has not cleared yet."""
    if present is None:
        return frozenset(managed)
    live = {one.field for one in CLEARABLE if getattr(present, one.attribute)}
    return frozenset(managed) & live
