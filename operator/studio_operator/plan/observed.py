"""What AWS shows, as the planners see it. The inventory fills these from bulk listings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# botocore: SpaceStatus, UserProfileStatus, DomainStatus share these values.
STABLE = frozenset({"InService", "Update_Failed"})
MOVING = frozenset({"Pending", "Updating", "Deleting"})
# botocore: AppStatus. An app in one of these holds its space: no update, no deletion, no other app.
APP_ACTIVE = frozenset({"Pending", "InService", "Deleting"})


@dataclass(frozen=True, slots=True)
class ImageRef:
    """An image as a ResourceSpec names it."""

    image_arn: str | None = None
    version_alias: str | None = None
    version_arn: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class FileSystem:
    """A file system of kind `efs`, `fsxLustre`, `s3` or `unknown`, by its id or URI."""

    kind: str
    name: str

    @property
    def address(self) -> str:
        """Kind and name in one text, such as `efs/fs-0123456789abcdef0`."""
        return f"{self.kind}/{self.name}"

    @classmethod
    def at(cls, address: str) -> FileSystem:
        """The file system of that address."""
        kind, _, name = address.partition("/")
        return cls(kind, name)


@dataclass(frozen=True, slots=True)
class SpaceSettings:
    """What listings lack and DescribeSpace gives; valid for one LastModifiedTime."""

    instance_type: str | None = None
    image: ImageRef = ImageRef()
    lifecycle_config_arn: str | None = None
    idle_minutes: int | None = None
    file_systems: tuple[FileSystem, ...] = ()
    code_repositories: tuple[str, ...] = ()
    remote_access: bool = False


@dataclass(frozen=True, slots=True)
class ObservedSpace:
    """A space as AWS shows it.

    `settings` is None when not described since `modified_at`; `tags` is None when not known.
    `modified_at` is None only between our own request and the first listing after it.
    """

    domain_id: str
    name: str
    status: str
    sharing: str | None = None
    owner: str | None = None
    app_type: str | None = None
    storage_gib: int | None = None
    display_name: str | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
    arn: str | None = None
    url: str | None = None
    failure: str | None = None
    settings: SpaceSettings | None = None
    tags: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ObservedApp:
    """The newest app record of a space. AWS lists a deleted one for up to 24 hours.

    `failure` is FailureReason, known after DescribeApp only. `lifecycle_config_arn` is what it was
    started with, where AWS says so.
    """

    app_type: str
    name: str
    status: str
    instance_type: str | None = None
    image: ImageRef = ImageRef()
    created_at: datetime | None = None
    failure: str | None = None
    lifecycle_config_arn: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether it runs, starts or stops, and so holds its space."""
        return self.status in APP_ACTIVE


@dataclass(frozen=True, slots=True)
class Lingering:
    """What was made from a space, is tagged with its ARN, and goes on costing money without it.

    - `arns`: sorted; endpoints, clusters, jobs that run, and the like.
    - `is_complete`: False when there may be more than these.
    """

    arns: tuple[str, ...]
    looked_at: datetime
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class ObservedBackup:
    """What S3 holds of a space's back-up, and whether its script is in AWS.

    - `has_script`: None when nobody looked.
    - `looked_at`: when S3 was looked at; None when nobody did, then the rest means nothing.
    - `requested_at`: what the script is asked for; `answers`: what its last back-up answers.
    - `completed_at`: by the space's clock, but neither before what it answers nor in the future.
    - `failure`: the script's words when its last try failed, after the last back-up;
      `failed_for`: the request that this try was to answer.
    """

    has_script: bool | None = None
    looked_at: datetime | None = None
    requested_at: datetime | None = None
    answers: datetime | None = None
    completed_at: datetime | None = None
    failure: str | None = None
    failed_for: datetime | None = None


@dataclass(frozen=True, slots=True)
class ObservedProfile:
    """A user profile as AWS shows it; `details` is DescribeUserProfile's answer or None."""

    domain_id: str
    name: str
    status: str
    created_at: datetime | None = None
    modified_at: datetime | None = None
    arn: str | None = None
    failure: str | None = None
    details: Mapping[str, Any] | None = None
    tags: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ObservedDomain:
    """A domain as AWS shows it; `details` is DescribeDomain's answer or None."""

    domain_id: str
    name: str
    status: str
    created_at: datetime | None = None
    modified_at: datetime | None = None
    arn: str | None = None
    url: str | None = None
    failure: str | None = None
    details: Mapping[str, Any] | None = None
    tags: Mapping[str, str] | None = None
