"""All that a planner decides from, gathered before it is asked: one type per kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from studio_operator.api.domain import StudioDomainSpec, StudioDomainStatus
from studio_operator.api.profile import UserProfileSpec, UserProfileStatus
from studio_operator.api.space import SpaceSpec
from studio_operator.api.space_status import SpaceStatus
from studio_operator.plan.observed import (
    Lingering,
    ObservedApp,
    ObservedBackup,
    ObservedDomain,
    ObservedProfile,
    ObservedSpace,
)
from studio_operator.plan.prices import Prices
from studio_operator.plan.types import Declared, DomainFacts, Failure, ProfileFacts, Tuning


@dataclass(frozen=True, slots=True)
class SpaceSituation:
    """What a space is planned from.

    - `domain`, `owner`: None when the resource named in the spec does not exist.
    - `visible`: whether `space` and `app` come from a complete listing; when False they are None
      and mean nothing.
    - `rival`: an older resource (namespace/name) that claims the same space in AWS.
    - `known_instance_types`: those of the AWS SDK, for a warning only.
    - `prices`: what instances and volumes cost; an empty table leaves costs out.
    - `backup`: what is known of its back-up, as far as anybody has looked.
    - `lingering`: what goes on costing money without the space's app; None when nobody has looked.
    """

    declared: Declared[SpaceSpec]
    memory: SpaceStatus
    domain: DomainFacts | None
    owner: ProfileFacts | None
    visible: bool
    space: ObservedSpace | None
    app: ObservedApp | None
    cluster: str
    now: datetime
    failure: Failure | None = None
    rival: str | None = None
    lingering: Lingering | None = None
    backup: ObservedBackup = field(default_factory=ObservedBackup)
    known_instance_types: frozenset[str] = frozenset()
    prices: Prices = field(default_factory=Prices)
    tuning: Tuning = field(default_factory=Tuning)


@dataclass(frozen=True, slots=True)
class ProfileSituation:
    """What a user profile is planned from.

    - `visible`: whether `profile` comes from a complete listing.
    - `spaces_in_aws`: names of the spaces this profile owns in AWS.
    - `dependents`: Space resources (namespace/name) whose ownerRef names this profile.
    """

    declared: Declared[UserProfileSpec]
    memory: UserProfileStatus
    domain: DomainFacts | None
    visible: bool
    profile: ObservedProfile | None
    cluster: str
    now: datetime
    spaces_in_aws: tuple[str, ...] = ()
    dependents: tuple[str, ...] = ()
    failure: Failure | None = None
    rival: str | None = None
    tuning: Tuning = field(default_factory=Tuning)


@dataclass(frozen=True, slots=True)
class DomainSituation:
    """What a domain is planned from.

    - `visible`: whether AWS was looked at: by `status.domainId`/`spec.domainId` if there is one
      (then `domain` is that domain, None when AWS says it is gone), else by ListDomains.
    - `candidates`: domains of that name in the region, from ListDomains, when no id is known yet.
    - `profiles_in_aws`, `spaces_in_aws`: names of what is left in the domain.
    - `dependents`: resources that refer to this one, such as `Space ml-team/churn-notebooks`.
    - `region`: spec.aws.region, else the operator's own.
    """

    declared: Declared[StudioDomainSpec]
    memory: StudioDomainStatus
    region: str
    visible: bool
    domain: ObservedDomain | None
    cluster: str
    now: datetime
    candidates: tuple[ObservedDomain, ...] = ()
    profiles_in_aws: tuple[str, ...] = ()
    spaces_in_aws: tuple[str, ...] = ()
    dependents: tuple[str, ...] = ()
    failure: Failure | None = None
    rival: str | None = None
    tuning: Tuning = field(default_factory=Tuning)
