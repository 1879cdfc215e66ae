"""All that a user profile is planned from, gathered before its rules are asked."""

from __future__ import annotations

from dataclasses import dataclass

from studio_operator.kinds.gathering import Situation
from studio_operator.kinds.user_profile.api import UserProfileSpec, UserProfileStatus
from studio_operator.plan.observed import Observed
from studio_operator.plan.types import DomainFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSituation(Situation[UserProfileSpec, UserProfileStatus]):
    """What a user profile is planned from.

    - `namesake`: the space that AWS has under its name, in any case: "space Alice".
    - `spaces_in_aws`: names of the spaces this profile owns in AWS; `apps_in_aws`: the apps it has
      outside of spaces.
    - `dependents`: Space resources (namespace/name) whose ownerRef names this profile.
    """

    domain: DomainFacts | None
    profile: Observed | None
    spaces_in_aws: tuple[str, ...] = ()
    apps_in_aws: tuple[str, ...] = ()
    dependents: tuple[str, ...] = ()
    namesake: str | None = None
