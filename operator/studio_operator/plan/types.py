"""The planners' vocabulary: calls, looks, failures, notes and plans."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, Generic, Literal, TypeVar

from studio_operator.api.common import CommonStatus, Model
from studio_operator.api.reading import Unreadable
from studio_operator.plan.observed import FileSystem
from studio_operator.plan.remedies import Remedy

SpecT = TypeVar("SpecT", bound=Model)
StatusT = TypeVar("StatusT", bound=CommonStatus)
AnswerT = TypeVar("AnswerT")
TuningT = TypeVar("TuningT")


@dataclass(frozen=True, slots=True)
class Call:
    """One AWS request that changes something, as data: botocore's operation and parameters.

    `fields`: those of the spec that an update carries out, so that a failure tells what it is of.
    """

    operation: str
    parameters: Mapping[str, Any]
    fields: tuple[str, ...] = field(default=(), compare=False)


class Question(ABC, Generic[AnswerT]):
    """What may be asked of AWS beside the records of resources: a record that can be hashed.

    Each type of question has a reader in `aws.features`, which alone knows how it is answered.
    """

    __slots__ = ()

    @abstractmethod
    def unanswered(self, now: datetime) -> AnswerT:
        """What counts where nobody can look."""


@dataclass(frozen=True, slots=True)
class Look:
    """A read that a planner asks for before it can decide; the engine looks and plans again.

    - `name`: what traces call it.
    - `question`: what is asked; None for what the name says of the resource's own record.
    - `may_fail`: whether all else goes on without it: the planner minds what failed, and when to
      look again.
    """

    name: str
    question: Question[Any] | None = None
    may_fail: bool = False

    SETTINGS: ClassVar[Look]  # DescribeSpace, DescribeUserProfile, DescribeDomain
    APP: ClassVar[Look]  # DescribeApp, for its FailureReason
    TAGS: ClassVar[Look]  # ListTags of one resource in doubt
    OWNER: ClassVar[Look]  # DescribeUserProfile of a space's owner


Look.SETTINGS = Look("settings")
Look.APP = Look("app")
Look.TAGS = Look("tags")
Look.OWNER = Look("owner")


class FailureKind(Enum):
    """What an AWS error asks for. The table of codes is in `aws.errors`."""

    TRANSIENT = "transient"  # throttling, network, server: try again with back-off
    BUSY = "busy"  # ResourceInUse: something is under way, try again in seconds
    CAPACITY = "capacity"  # no instances to be had just now
    QUOTA = "quota"  # a service quota is used up
    ACCESS = "access"  # the operator's role may not do this
    CREDENTIALS = "credentials"  # AWS does not take who the operator says it is
    COOLDOWN = "cooldown"  # a volume grew less than six hours ago
    INVALID = "invalid"  # the request is wrong and stays wrong
    GONE = "gone"  # the thing is not there (any more)


# Failures that say nothing about the resource: what is known of it goes on to hold.
INCONCLUSIVE = frozenset({FailureKind.TRANSIENT, FailureKind.BUSY, FailureKind.GONE})


@dataclass(frozen=True, slots=True)
class Failure:
    """The last call of a resource that failed and was not superseded by a success.

    `retry_at` is None when trying again is hopeless until the spec changes or a person asks.
    `generation`, `requested_at` and `depends_on` are the resource's when it failed. `was_answered`:
    whether AWS answered it. `fields`: those that the call was to carry out.
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
    was_answered: bool = True
    depends_on: str | None = None
    fields: tuple[str, ...] = ()


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
    """A resource as it stands in Kubernetes, metadata and spec.

    `unreadable`: what of the spec can't be read; its members in `spec` are None then, also those
    that are required. Only what is asked for by name is done for such a resource: a stop, its
    deletion.

    `depends_on`: how all that it refers to stands, as a digest; None while that is about to change
    or not known.
    """

    name: str
    namespace: str
    uid: str
    generation: int
    created_at: datetime
    spec: SpecT
    deleting: bool = False
    finalizer: bool = False
    annotations: Mapping[str, str] = field(default_factory=dict)
    unreadable: Unreadable | None = None
    depends_on: str | None = None


@dataclass(frozen=True, slots=True)
class Plan(Generic[StatusT]):
    """What to do now. At most one call: the next pass sees what came of it.

    - `status`: the complete new status.
    - `record_first`: the status must be stored before `call` is made, since it holds an intent
      that a crash must not forget.
    - `finalizer`: whether the resource carries our finalizer; it is added before the first call.
    - `wake_at`: when to plan again though nothing happens; None for never.
    - `remedies`: what a person can do, as status says in words.
    """

    status: StatusT
    call: Call | None = None
    looks: frozenset[Look] = frozenset()
    notes: tuple[Note, ...] = ()
    record_first: bool = False
    finalizer: bool = True
    wake_at: datetime | None = None
    remedies: tuple[Remedy, ...] = ()


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
    `domain_id` and `region` are known as soon as the domain was ever created; where it does not
    admit the resource, only to one that has something in it, and nothing else is told then.
    `is_owner_known`: False while AWS has not told whose the domain is; nothing is done in it then.
    `defaults` are the members of its default settings that spaces take values from, for each app,
    in AWS's form; None while they are not known.
    `idle_limits` are those of its default settings, for each app that has any; `default_scripts`
    are the ARNs of its default lifecycle configurations, likewise.
    `idle_enabled`: whether these settings switch idle shutdown on or off, for each app where AWS or
    the spec says so.
    `file_systems` are those that its default settings attach; None while they are not known.
    `user_security_groups` are those of its DefaultUserSettings, known where `vpc_only` is true.
    `maximum_gib`: the largest volume that these let a space have; None where they set none.
    `user_role`: the role of these, told only where there is a tenant who may object.
    """

    name: str
    problem: str | None = None
    domain_id: str | None = None
    region: str | None = None
    auth_mode: str | None = None
    vpc_only: bool = False
    user_security_groups: tuple[str, ...] = ()
    shared_role: str | None = None
    user_role: str | None = None
    shared_security_groups: tuple[str, ...] = ()
    defaults: Mapping[str, Mapping[str, Any]] | None = field(default_factory=dict)
    default_scripts: Mapping[str, str] = field(default_factory=dict)
    idle_limits: Mapping[str, IdleLimits] = field(default_factory=dict)
    idle_enabled: Mapping[str, bool] = field(default_factory=dict)
    file_systems: tuple[FileSystem, ...] | None = None
    maximum_gib: int | None = None
    arn: str | None = None
    admits: bool = True
    is_owner_known: bool = True
    gone: bool = False  # AWS says there is no such domain (any more)

    @property
    def is_described(self) -> bool:
        """Whether its settings are known, as AWS shows them."""
        return self.file_systems is not None


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """What spaces need to know of their owner's UserProfile.

    `idle_limits` and `default_scripts` (ARNs of lifecycle configurations) are its own, for each
    app that has any: they go before the domain's.
    `defaults` are the members of the settings that it declares itself that spaces take values from,
    for each app, in AWS's form; None where its spec can't be read.
    `file_systems` are those that it attaches itself: where there are any, they take the place of
    the domain's. None while nobody has looked.
    `security_groups` are its own, next to the domain's; None while they are not known.
    `maximum_gib`: the largest volume that it lets a space have itself; None where it sets none.
    `idle_enabled`: whether it switches idle shutdown on or off itself, for each app where it does;
    while nobody has looked, where its spec does.
    `execution_role`: its own as AWS shows it, told only where a tenant may object to it; None
    where it has none, and while nobody has looked: what its spec has may be held back.
    """

    name: str
    user_profile_name: str | None = None
    problem: str | None = None
    idle_limits: Mapping[str, IdleLimits] = field(default_factory=dict)
    file_systems: tuple[FileSystem, ...] | None = None
    security_groups: tuple[str, ...] | None = None
    maximum_gib: int | None = None
    default_scripts: Mapping[str, str] = field(default_factory=dict)
    idle_enabled: Mapping[str, bool] = field(default_factory=dict)
    defaults: Mapping[str, Mapping[str, Any]] | None = field(default_factory=dict)
    execution_role: str | None = None

    @property
    def is_described(self) -> bool:
        """Whether its settings are known, as AWS shows them."""
        return self.file_systems is not None


@dataclass(frozen=True, slots=True)
class Tuning:
    """Intervals the planners use; the values and their reasons are in `settings`.

    `tenancy_required`: whether a namespace without a tenant is refused. `features`: a record for
    each feature that has any.
    """

    start_deadline_seconds: float = 1800.0
    start_retry_seconds: float = 60.0
    start_retry_max_seconds: float = 3600.0
    storage_cooldown_seconds: float = 6 * 3600.0
    create_settle_seconds: float = 30.0
    deletion_retry_seconds: float = 60.0
    refused_retry_seconds: float = 60.0
    refused_retry_max_seconds: float = 3600.0
    lifecycle_configs_fresh_seconds: float = 60.0
    tenancy_required: bool = False
    features: tuple[Any, ...] = ()

    def of(self, type_: type[TuningT]) -> TuningT:
        """That of a feature, by its type; its defaults where it is not given."""
        found = next((one for one in self.features if isinstance(one, type_)), None)
        return type_() if found is None else found
