"""What of a space in AWS its rules decide from."""

from __future__ import annotations

from dataclasses import dataclass

from studio_operator.plan.observed import FileSystem, Observed


@dataclass(frozen=True, slots=True)
class ImageRef:
    """An image as a ResourceSpec names it."""

    image_arn: str | None = None
    version_alias: str | None = None
    version_arn: str | None = None


NO_IMAGE = ImageRef()


@dataclass(frozen=True, slots=True)
class SpaceSettings:
    """What listings lack and DescribeSpace gives; valid for one LastModifiedTime."""

    instance_type: str | None = None
    image: ImageRef = NO_IMAGE
    lifecycle_config_arn: str | None = None
    idle_minutes: int | None = None
    file_systems: tuple[FileSystem, ...] = ()
    code_repositories: tuple[str, ...] = ()
    remote_access: bool = False


@dataclass(frozen=True, slots=True)
class ObservedSpace(Observed):
    """A space as AWS shows it, with what its listing has of its own."""

    sharing: str | None = None
    owner: str | None = None
    app_type: str | None = None
    storage_gib: int | None = None
    display_name: str | None = None

    @property
    def settings(self) -> SpaceSettings | None:
        """Its settings; None when not described since `modified_at`."""
        details: SpaceSettings | None = self.details
        return details
