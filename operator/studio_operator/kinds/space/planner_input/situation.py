"""All that a space is planned from, gathered before its rules are asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from studio_operator.kinds.gathering import Situation
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.api.status import SpaceStatus
from studio_operator.kinds.space.features.backup.observed import ObservedBackup, ObservedScript
from studio_operator.kinds.space.features.lingering.observed import Lingering
from studio_operator.kinds.space.in_aws.apps import ObservedApp
from studio_operator.kinds.space.in_aws.observed import ObservedSpace
from studio_operator.plan.observed import Observed
from studio_operator.plan.prices import Prices
from studio_operator.plan.types import DomainFacts, ProfileFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceSituation(Situation[SpaceSpec, SpaceStatus]):
    """What a space is planned from.

    - `domain`, `owner`: None when the resource named in the spec does not exist.
    - `ran_on`: the instance type on which this process saw the app run last.
    - `owner_in_aws`: the user profile that owns the space in AWS, as AWS shows it.
    - `namesake`: what AWS has under its name in another case, or as a profile: "space Legacy".
    - `known_instance_types`: those of the AWS SDK, for a warning only.
    - `prices`: what instances and volumes cost; an empty table leaves costs out.
    - `script`, `backup`: what is known of its back-ups, as far as anybody has looked.
    - `lingering`: what goes on costing money without the space's app; None when nobody has looked.
    """

    domain: DomainFacts | None
    owner: ProfileFacts | None
    space: ObservedSpace | None
    app: ObservedApp | None
    ran_on: str | None = None
    owner_in_aws: Observed | None = None
    namesake: str | None = None
    lingering: Lingering | None = None
    script: ObservedScript = field(default_factory=ObservedScript)
    backup: ObservedBackup = field(default_factory=ObservedBackup)
    known_instance_types: frozenset[str] = frozenset()
    prices: Prices = field(default_factory=Prices)
