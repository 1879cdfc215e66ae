"""A space's settings on its status, so that an operator that starts anew need not ask again."""

from __future__ import annotations

from datetime import datetime

from studio_operator.api.space_status import ImageStatus, SettingsStatus
from studio_operator.plan.observed import FileSystem, ImageRef, SpaceSettings


def record_settings(present: SpaceSettings, modified_at: datetime) -> SettingsStatus:
    """The settings for status; `modified_at` is the LastModifiedTime that they belong to."""
    return SettingsStatus(
        modified_at=modified_at.isoformat(),
        instance_type=present.instance_type,
        image=record_image(present.image),
        lifecycle_config_arn=present.lifecycle_config_arn,
        idle_minutes=present.idle_minutes,
        file_systems=tuple(one.address for one in present.file_systems) or None,
        code_repositories=present.code_repositories or None,
        remote_access=present.remote_access or None,
    )


def recall_settings(recorded: SettingsStatus) -> SpaceSettings:
    """The settings as they were recorded."""
    image = recorded.image
    return SpaceSettings(
        instance_type=recorded.instance_type,
        image=ImageRef(image.image_arn, image.version_alias, image.version_arn)
        if image
        else ImageRef(),
        lifecycle_config_arn=recorded.lifecycle_config_arn,
        idle_minutes=recorded.idle_minutes,
        file_systems=tuple(FileSystem.at(one) for one in recorded.file_systems or ()),
        code_repositories=recorded.code_repositories or (),
        remote_access=bool(recorded.remote_access),
    )


def record_image(image: ImageRef) -> ImageStatus | None:
    """The image for status; None where AWS shows none."""
    if image.image_arn is None:
        return None
    return ImageStatus(
        image_arn=image.image_arn,
        version_alias=image.version_alias,
        version_arn=image.version_arn,
    )
