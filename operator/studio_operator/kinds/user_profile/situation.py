"""All that a user profile is planned from, gathered before its rules are asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from studio_operator.kinds.user_profile.api import UserProfileSpec, UserProfileStatus
from studio_operator.plan.observed import LifecycleConfigs, Observed
from studio_operator.plan.types import Declared, DomainFacts, Failure, Tuning


@dataclass(frozen=True, slots=True)
class ProfileSituation:
    """What a user profile is planned from.

    - `is_observed`: whether `profile` comes from a complete listing.
    - `namesake`: the space that AWS has under its name, in any case: "space Alice".
    - `spaces_in_aws`: names of the spaces this profile owns in AWS; `apps_in_aws`: the apps it has
      outside of spaces.
    - `dependents`: Space resources (namespace/name) whose ownerRef names this profile.
    - `lifecycle_configs`: those of the region, as far as anybody has looked.
    """

    declared: Declared[UserProfileSpec]
    status: UserProfileStatus
    domain: DomainFacts | None
    is_observed: bool
    profile: Observed | None
    cluster: str
    now: datetime
    spaces_in_aws: tuple[str, ...] = ()
    apps_in_aws: tuple[str, ...] = ()
    dependents: tuple[str, ...] = ()
    failure: Failure | None = None
    namesake: str | None = None
    rival: str | None = None
    rival_is_leaving: bool = False
    was_owned: bool = False
    lifecycle_configs: LifecycleConfigs = field(default_factory=LifecycleConfigs)
    tuning: Tuning = field(default_factory=Tuning)
