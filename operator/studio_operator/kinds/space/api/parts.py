"""The parts of a space's spec: volume, image, idle shutdown, drift."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from studio_operator.api.common import (
    IMAGE_ARN,
    Model,
    VersionAlias,
    VersionArn,
    cel,
)
from studio_operator.api.durations import DURATION, IDLE_RANGE
from studio_operator.api.file_systems import (
    FILE_SYSTEMS_ONCE,
    EfsFileSystem,
    FileSystemChoice,
    FsxLustreFileSystem,
)


class SpaceFileSystem(FileSystemChoice):
    """A file system that a space mounts."""

    efs: EfsFileSystem | None = Field(
        None, description="Amazon EFS, for example {fileSystemId: fs-0123456789abcdef0}."
    )
    fsx_lustre: FsxLustreFileSystem | None = Field(
        None, description="Amazon FSx for Lustre, for example {fileSystemId: fs-0123456789abcdef0}."
    )


# botocore: at most 5 in SpaceSettings.CustomFileSystems.
SpaceFileSystems = Annotated[
    list[SpaceFileSystem],
    Field(max_length=5, json_schema_extra=FILE_SYSTEMS_ONCE),
]


class Storage(Model):
    """The space's EBS volume."""

    size_gib: int = Field(
        alias="sizeGiB",
        ge=5,
        le=16384,
        description="Size of the volume in GiB, 5 to 16384, for example 20. It can grow and never "
        "shrink; AWS allows one growth in six hours. Growing stops and restarts a running app, as "
        "resizePolicy allows.",
    )
    file_systems: SpaceFileSystems | None = Field(
        None,
        description="File systems that the app mounts beside its volume, at most 5, for example "
        "[{efs: {fileSystemId: fs-0123456789abcdef0}}]. The domain or the owner's profile must "
        "have attached them. A change stops and restarts a running app, as resizePolicy allows.",
    )


class Image(Model):
    """The container image: a SageMaker Distribution version, or an image of one's own."""

    distribution: str | None = Field(
        None,
        max_length=32,
        pattern=r"^[0-9]+(\.[0-9]+){0,2}$",
        description='SageMaker Distribution version, for example "4.2", "4.2.1" or "4"; its cpu '
        "or gpu variant is chosen by the instance type.",
    )
    image_arn: str | None = Field(
        None,
        max_length=256,
        pattern=IMAGE_ARN,
        description="ARN of a SageMaker image of one's own, for example "
        "arn:aws:sagemaker:eu-central-1:123456789012:image/team-image.",
    )
    version_alias: VersionAlias | None = None
    version_arn: VersionArn | None = None


class IdleShutdown(Model):
    """SageMaker's own idle shutdown of the app."""

    after: str = Field(
        pattern=DURATION,
        min_length=2,
        max_length=16,
        description="Idle time after which SageMaker stops the app, 60m to 365d, in days, hours "
        "and minutes, for example 90m, 2h or 1d12h.",
        json_schema_extra=cel((IDLE_RANGE, "idleShutdown.after must lie between 60m and 365d")),
    )


DriftPolicy = Literal["Enforce", "Report", "Ignore"]


class Drift(Model):
    """What to do when AWS no longer shows what the spec says."""

    default: DriftPolicy | None = Field(
        None, description="The policy of all sections that have none of their own here."
    )
    instance: DriftPolicy | None = Field(
        None,
        description="What is done when others changed the instance type. Enforce (when left out): "
        "it is changed back, as resizePolicy allows. Report: it stays, and the condition Drifted "
        "tells. Ignore: it stays, and nothing tells.",
    )
    storage: DriftPolicy | None = Field(
        None,
        description="What is done when others let the volume grow. It never shrinks, so Enforce "
        "(when left out) asks for the larger size in the spec. Report and Ignore leave it.",
    )
    image: DriftPolicy | None = Field(
        None,
        description="As instance, for the image and the lifecycle configuration.",
    )
    state: DriftPolicy | None = Field(
        None,
        description="Report (when left out): an app that people or AWS stopped stays stopped until "
        "the spec changes. Enforce: it is started or stopped again at once. Ignore: as Report, "
        "and nothing tells.",
    )
    tags: DriftPolicy | None = Field(
        None, description="As instance, for the tags that the spec declares."
    )
