"""The planners' vocabulary: calls, looks, failures, notes and plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Generic, Literal, TypeVar

from studio_operator.api.common import CommonStatus, Model
from studio_operator.plan.observed import FileSystem

SpecT = TypeVar("SpecT", bound=Model)
StatusT = TypeVar("StatusT", bound=CommonStatus)


@dataclass(frozen=True, slots=True)
class Call:
    """One AWS request that changes something, as data: botocore's operation and parameters."""

    operation: str
    parameters: Mapping[str, Any]


class Look(Enum):
    """What a planner asks to see before it can decide; the engine looks and plans again."""

    SETTINGS = "settings"  # DescribeSpace, DescribeUserProfile, DescribeDomain
    APP = "app"  # DescribeApp, for its FailureReason
    TAGS = "tags"  # ListTags of one resource in doubt
    LINGERING = "lingering"  # what was made from a space, before its app is stopped
    SCRIPT = "script"  # whether the lifecycle configuration that makes back-ups exists
    BACKUP = "backup"  # what S3 holds of a space's back-up
    OWNER = "owner"  # DescribeUserProfile of a space's owner


# Looks that may fail while all else goes on: the planner minds what failed, and when to look again.
LOOKS_AT_BACKUPS = frozenset({Look.SCRIPT, Look.BACKUP})


class FailureKind(Enum):
    """What an AWS error asks for. The table of codes is in `aws.errors`."""

    TRANSIENT = "transient"  # throttling, network, server: try again with back-off
    BUSY = "busy"  # ResourceInUse: something is under way, try again in seconds
    CAPACITY = "capacity"  # no instances to be had just now
    QUOTA = "quota"  # a service quota is used up
    ACCESS = "access"  # the operator's role may not do this
    COOLDOWN = "cooldown"  # a volume grew less than six hours ago
    INVALID = "invalid"  # the request is wrong and stays wrong
    GONE = "gone"  # the thing is not there (any more)


@dataclass(frozen=True, slots=True)
class Failure:
    """The last call of a resource that failed and was not superseded by a success.

    `retry_at` is None when trying again is hopeless until the spec changes or a person asks.
    `generation` and `requested_at` are the resource's when it failed.
    """

    operation: str
    kind: FailureKind
    code: str
    message: str
    at: datetime
    attempts: int
    retry_at: datetime | None
    generation: int
    requested_at: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A Kubernetes Event to be. `action` is what was done, `reason` why a person would care."""

    reason: str
    action: str
    message: str
    type: Literal["Normal", "Warning"] = "Normal"


class Health(Enum):
    """What the Ready, Reconciling and Stalled conditions say together."""

    READY = "ready"
    PROGRESSING = "progressing"
    STALLED = "stalled"


@dataclass(frozen=True, slots=True)
class Declared(Generic[SpecT]):
    """A resource as it stands in Kubernetes, metadata and spec."""

    name: str
    namespace: str
    uid: str
    generation: int
    created_at: datetime
    spec: SpecT
    deleting: bool = False
    finalizer: bool = False
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan(Generic[StatusT]):
    """What to do now. At most one call: the next pass sees what came of it.

    - `status`: the complete new status.
    - `record_first`: the status must be stored before `call` is made, since it holds an intent
      that a crash must not forget.
    - `finalizer`: whether the resource carries our finalizer; it is added before the first call.
    - `wake_at`: when to plan again though nothing happens; None for never.
    """

    status: StatusT
    call: Call | None = None
    looks: frozenset[Look] = frozenset()
    notes: tuple[Note, ...] = ()
    record_first: bool = False
    finalizer: bool = True
    wake_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IdleLimits:
    """The idle times that a space may choose, in minutes; without limits set, what AWS allows."""

    lowest: int = 60
    highest: int = 525_600

    def __contains__(self, minutes: int) -> bool:
        return self.lowest <= minutes <= self.highest

    def __str__(self) -> str:
        return f"{self.lowest} to {self.highest} minutes"


@dataclass(frozen=True, slots=True)
class DomainFacts:
    """What profiles and spaces need to know of their StudioDomain.

    `problem` says in words why it can't be used yet, None when it can (InService).
    `domain_id` and `region` are known as soon as the domain was ever created.
    `idle_limits` are those of its default settings, for each app that has any.
    `file_systems` are those that its default settings attach; None while they are not known.
    """

    name: str
    problem: str | None = None
    domain_id: str | None = None
    region: str | None = None
    auth_mode: str | None = None
    vpc_only: bool = False
    shared_role: str | None = None
    shared_security_groups: tuple[str, ...] = ()
    default_instance_types: Mapping[str, str] = field(default_factory=dict)
    idle_limits: Mapping[str, IdleLimits] = field(default_factory=dict)
    file_systems: tuple[FileSystem, ...] | None = None
    arn: str | None = None
    admits: bool = True
    gone: bool = False  # AWS says there is no such domain (any more)


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """What spaces need to know of their owner's UserProfile.

    `idle_limits` are its own, for each app that has any: they go before the domain's.
    `file_systems` are those that it attaches itself: where there are any, they take the place of
    the domain's. None while nobody has looked.
    """

    name: str
    user_profile_name: str | None = None
    problem: str | None = None
    idle_limits: Mapping[str, IdleLimits] = field(default_factory=dict)
    file_systems: tuple[FileSystem, ...] | None = None


@dataclass(frozen=True, slots=True)
class Tuning:
    """Intervals the planners use; the values and their reasons are in `settings`."""

    start_deadline_seconds: float = 1800.0
    start_retry_seconds: float = 60.0
    start_retry_max_seconds: float = 3600.0
    storage_cooldown_seconds: float = 6 * 3600.0
    create_settle_seconds: float = 30.0
    deletion_retry_seconds: float = 60.0
    lingering_fresh_seconds: float = 60.0
    backup_look_seconds: float = 30.0
    backup_deadline_seconds: float = 3600.0
    backup_valid_seconds: float = 24 * 3600.0
