"""What AWS shows, as the planners see it. The inventory fills these from bulk listings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# botocore: SpaceStatus, UserProfileStatus, DomainStatus share these values. Of other kinds some
# start and stop.
STABLE = frozenset({"InService", "Stopped", "Update_Failed"})
MOVING = frozenset({"Pending", "Updating", "Starting", "Stopping", "Deleting"})


# What is said of a failure that AWS leaves unexplained: asking again would not change it.
UNEXPLAINED = "AWS gives no reason"


def told_failure(status: str, reason: str | None) -> str | None:
    """Why something failed, in AWS's words; None where nothing did."""
    return reason or (UNEXPLAINED if "Failed" in status else None)


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
class Observed:
    """A resource as AWS shows it.

    - `domain_id`: the domain that it is or is in, empty for none; `name`: how people call it.
    - `modified_at`: None only between our own request and the first listing after it.
    - `details`: what listings lack and Describe gives; it is valid for one `modified_at`, and None
      when not described since. It is AWS's answer, or what the kind makes of it.
    - `failure`: why AWS failed to do something, known after Describe only.
    - `tags`: None when not known.
    """

    domain_id: str
    name: str
    status: str
    created_at: datetime | None = None
    modified_at: datetime | None = None
    arn: str | None = None
    url: str | None = None
    failure: str | None = None
    details: Any = None
    tags: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class LifecycleConfigs:
    """The lifecycle configurations of a region, as listed last.

    - `app_types`: the app type of each, by ARN; `looked_at`: when that was, None for never.
    - `is_listable`: False where they can't be listed: then nothing is held back by them.
    """

    app_types: Mapping[str, str] = field(default_factory=dict)
    looked_at: datetime | None = None
    is_listable: bool = False
