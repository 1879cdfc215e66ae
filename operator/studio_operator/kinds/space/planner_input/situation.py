"""All that a space is planned from, gathered before its rules are asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.api.status import SpaceStatus
from studio_operator.kinds.space.features.backup.observed import ObservedBackup, ObservedScript
from studio_operator.kinds.space.features.lingering.observed import Lingering
from studio_operator.kinds.space.in_aws.apps import ObservedApp
from studio_operator.kinds.space.in_aws.observed import ObservedSpace
from studio_operator.plan.observed import LifecycleConfigs, Observed
from studio_operator.plan.prices import Prices
from studio_operator.plan.types import Declared, DomainFacts, Failure, ProfileFacts, Tuning


@dataclass(frozen=True, slots=True)
class SpaceSituation:
    """What a space is planned from.

    - `domain`, `owner`: None when the resource named in the spec does not exist.
    - `is_observed`: whether `space` and `app` come from a complete listing; when False they are
      None and mean nothing.
    - `rival`: a resource that claims the same space in AWS and comes first;
      `rival_is_leaving`: whether it is being deleted.
    - `was_owned`: whether this process has seen this very space with the resource's tag. Status
      tells the same, and can be forged.
    - `ran_on`: the instance type on which this process saw the app run last.
    - `owner_in_aws`: the user profile that owns the space in AWS, as AWS shows it.
    - `namesake`: what AWS has under its name in another case, or as a profile: "space Legacy".
    - `known_instance_types`: those of the AWS SDK, for a warning only.
    - `prices`: what instances and volumes cost; an empty table leaves costs out.
    - `script`, `backup`: what is known of its back-ups, as far as anybody has looked.
    - `lingering`: what goes on costing money without the space's app; None when nobody has looked.
    - `lifecycle_configs`: those of the region, as far as anybody has looked.
    """

    declared: Declared[SpaceSpec]
    status: SpaceStatus
    domain: DomainFacts | None
    owner: ProfileFacts | None
    is_observed: bool
    space: ObservedSpace | None
    app: ObservedApp | None
    cluster: str
    now: datetime
    failure: Failure | None = None
    ran_on: str | None = None
    owner_in_aws: Observed | None = None
    namesake: str | None = None
    rival: str | None = None
    rival_is_leaving: bool = False
    was_owned: bool = False
    lingering: Lingering | None = None
    script: ObservedScript = field(default_factory=ObservedScript)
    backup: ObservedBackup = field(default_factory=ObservedBackup)
    lifecycle_configs: LifecycleConfigs = field(default_factory=LifecycleConfigs)
    known_instance_types: frozenset[str] = frozenset()
    prices: Prices = field(default_factory=Prices)
    tuning: Tuning = field(default_factory=Tuning)
