"""What a space's settings should be, from the spec, the domain's defaults and what it has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from studio_operator.api.file_systems import SpaceFileSystem
from studio_operator.api.space import SpaceSpec
from studio_operator.plan.images import resolve_image
from studio_operator.plan.observed import FileSystem, ImageRef, SpaceSettings
from studio_operator.plan.types import DomainFacts

# The Studio UI's own default for new spaces.
FALLBACK_INSTANCE_TYPE = "ml.t3.medium"
# The smallest of that family that takes remote access.
FALLBACK_FOR_REMOTE_ACCESS = "ml.t3.large"
# The only type a JupyterServer app takes (botocore: ResourceSpec.InstanceType).
CLASSIC_INSTANCE_TYPE = "system"
# AWS ignores omitted members: this value takes a lifecycle configuration or image version away
# (botocore: LifecycleConfigArn and SageMakerImageVersionArn have the pattern `(arn:...|None)`).
CLEARED = "None"

_UNITS = {"d": 1440, "h": 60, "m": 1}


@dataclass(frozen=True, slots=True)
class WantedSettings:
    """What the space should have. None: not declared, AWS's value is left alone.

    What was declared before and is no more is to be cleared: `CLEARED`, an empty tuple or False.
    `image` is None when the region has no SageMaker Distribution and the spec names no image.
    """

    instance_type: str
    image: ImageRef | None
    lifecycle_config_arn: str | None
    idle_minutes: int | None
    storage_gib: int | None
    display_name: str | None
    file_systems: tuple[FileSystem, ...] | None
    code_repositories: tuple[str, ...] | None
    remote_access: bool | None
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


def parse_minutes(duration: str) -> int:
    """Minutes of a duration such as "90m", "2h" or "1d12h"."""
    return sum(int(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+)([dhm])", duration))


def want_settings(
    spec: SpaceSpec,
    domain: DomainFacts,
    present: SpaceSettings,
    managed: Iterable[str],
    *,
    backup_script: str | None = None,
) -> WantedSettings:
    """What the space should have, from the spec, the domain's defaults and what it has.

    `managed`: settings that the spec declared once (`status.managedFields`). `backup_script`: ARN
    of the lifecycle configuration that makes the space's back-ups, where it has any.
    """
    cleared = frozenset(managed)
    remote_access = _remote_access(spec, cleared)
    is_remote = present.remote_access if remote_access is None else remote_access
    instance_type = _instance_type(spec, domain, present, is_remote=is_remote)
    return WantedSettings(
        instance_type=instance_type,
        image=_image(spec, domain, present, instance_type),
        lifecycle_config_arn=_lifecycle(spec, present, cleared, backup_script),
        idle_minutes=parse_minutes(spec.idle_shutdown.after) if spec.idle_shutdown else None,
        storage_gib=spec.storage.size_gib if spec.storage else None,
        display_name=spec.display_name,
        file_systems=_file_systems(spec, cleared),
        code_repositories=_code_repositories(spec, cleared),
        remote_access=remote_access,
        declares_type=spec.instance_type is not None,
        declares_image=spec.image is not None,
    )


def managed_fields(spec: SpaceSpec) -> frozenset[str]:
    """The optional settings that, once removed from the spec, have to be cleared in AWS."""
    declared = {
        "lifecycleConfigArn": spec.lifecycle_config_arn,
        "storage.fileSystems": spec.storage.file_systems if spec.storage else None,
        "codeRepositories": spec.code_repositories,
        "remoteAccess": spec.remote_access,
    }
    return frozenset(name for name, value in declared.items() if value is not None)


def still_managed(managed: Iterable[str], present: SpaceSettings | None) -> frozenset[str]:
    """Of the settings that were declared once, those that AWS has not cleared yet."""
    if present is None:
        return frozenset(managed)
    live = {
        "lifecycleConfigArn": present.lifecycle_config_arn,
        "storage.fileSystems": present.file_systems,
        "codeRepositories": present.code_repositories,
        "remoteAccess": present.remote_access,
    }
    return frozenset(name for name in managed if live.get(name))


def _instance_type(
    spec: SpaceSpec, domain: DomainFacts, present: SpaceSettings, *, is_remote: bool
) -> str:
    if spec.app == "JupyterServer":
        return CLASSIC_INSTANCE_TYPE
    return (
        spec.instance_type
        or present.instance_type
        or domain.default_instance_types.get(spec.app)
        or (FALLBACK_FOR_REMOTE_ACCESS if is_remote else FALLBACK_INSTANCE_TYPE)
    )


def _image(
    spec: SpaceSpec, domain: DomainFacts, present: SpaceSettings, instance_type: str
) -> ImageRef | None:
    if spec.app == "JupyterServer" and spec.image is None:
        return present.image
    return resolve_image(spec.image, domain.region or "", instance_type, present.image)


def _lifecycle(
    spec: SpaceSpec, present: SpaceSettings, managed: frozenset[str], backup_script: str | None
) -> str | None:
    if spec.backup is not None:
        return backup_script
    if spec.lifecycle_config_arn is not None:
        return spec.lifecycle_config_arn
    cleared = "lifecycleConfigArn" in managed and present.lifecycle_config_arn
    return CLEARED if cleared else None


def declared_file_systems(spec: SpaceSpec) -> tuple[FileSystem, ...] | None:
    """The file systems that a spec names; None where it leaves them out."""
    declared = spec.storage.file_systems if spec.storage else None
    return None if declared is None else tuple(_file_system(one) for one in declared)


def _file_systems(spec: SpaceSpec, managed: frozenset[str]) -> tuple[FileSystem, ...] | None:
    declared = declared_file_systems(spec)
    return () if declared is None and "storage.fileSystems" in managed else declared


def _file_system(declared: SpaceFileSystem) -> FileSystem:
    if declared.efs is not None:
        return FileSystem("efs", declared.efs.file_system_id)
    assert declared.fsx_lustre is not None
    return FileSystem("fsxLustre", declared.fsx_lustre.file_system_id)


def _code_repositories(spec: SpaceSpec, managed: frozenset[str]) -> tuple[str, ...] | None:
    if spec.code_repositories is not None:
        return tuple(spec.code_repositories)
    return () if "codeRepositories" in managed else None


def _remote_access(spec: SpaceSpec, managed: frozenset[str]) -> bool | None:
    if spec.remote_access is not None:
        return spec.remote_access == "Enabled"
    return False if "remoteAccess" in managed else None
