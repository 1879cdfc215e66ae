"""What a kind is given to plan one of its resources from, and what it makes of that.

The engine gives it; each kind puts its own situation together, in its `gather`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NamedTuple, Protocol

from studio_operator.kinds.views import DomainScopeView, RegionView
from studio_operator.plan.lifecycle_configs import LifecycleConfigsQuestion
from studio_operator.plan.observed import LifecycleConfigs, Observed
from studio_operator.plan.ownership import Claim, Elsewhere
from studio_operator.plan.prices import Prices
from studio_operator.plan.scope import Scope
from studio_operator.plan.tenancy.check import Violation
from studio_operator.plan.tenancy.governed import Governed
from studio_operator.plan.tenancy.policy import UNRULED, NamespacePolicy
from studio_operator.plan.types import (
    AnswerT,
    Declared,
    DomainFacts,
    Failure,
    Plan,
    ProfileFacts,
    Question,
    SpecT,
    StatusT,
    Tuning,
)


class RecordName(NamedTuple):
    """A resource in AWS by its kind and the name, or id, by which it is kept in its scope."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation(Generic[SpecT, StatusT]):
    """What each resource that is in AWS is planned from; kinds add what they need besides.

    - `is_observed`: whether AWS was looked at: what it shows means nothing where it was not.
    - `rival`: a resource that claims the same thing in AWS and comes first; `rival_is_leaving`:
      whether it is being deleted.
    - `was_owned`: whether this process has seen this very thing with the resource's tag. Status
      tells the same, and can be forged.
    - `elsewhere`: what AWS has with the resource's mark, where nothing that the spec names is its.
    - `lifecycle_configs`: those of the region, as far as anybody has looked.
    - `policy`: what the tenant of the namespace allows; `violations`: what of the spec it does not.
    """

    declared: Declared[SpecT]
    status: StatusT
    is_observed: bool
    cluster: str
    now: datetime
    failure: Failure | None = None
    rival: str | None = None
    rival_is_leaving: bool = False
    was_owned: bool = False
    elsewhere: tuple[Elsewhere, ...] = ()
    lifecycle_configs: LifecycleConfigs = field(default_factory=LifecycleConfigs)
    policy: NamespacePolicy = UNRULED
    violations: tuple[Violation, ...] = ()
    tuning: Tuning = field(default_factory=Tuning)


@dataclass(frozen=True, slots=True)
class Gathered:
    """A plan, whether AWS was seen there, and whose records its looks without a question are at."""

    plan: Plan[Any]
    about: tuple[RecordName, ...]
    is_observed: bool


class Context(Protocol):
    """One resource at one moment: what is declared, and ways to all else that there is to know."""

    @property
    def declared(self) -> Declared[Any]:
        """What is declared."""

    @property
    def status(self) -> Any:
        """The status as planned last, of the kind."""

    @property
    def failure(self) -> Failure | None:
        """The last failure, while it holds."""

    @property
    def now(self) -> datetime:
        """The time."""

    @property
    def name(self) -> str:
        """The name in AWS."""

    @property
    def record(self) -> RecordName:
        """What the resource is in AWS."""

    @property
    def scope(self) -> Scope:
        """Where in AWS the resource lives: a domain, or the region while there is none."""

    @property
    def cluster(self) -> str:
        """The id that marks what is ours in AWS."""

    @property
    def tuning(self) -> Tuning:
        """The times that planners go by."""

    @property
    def prices(self) -> Prices:
        """What instances and volumes cost."""

    @property
    def known_instance_types(self) -> frozenset[str]:
        """Those of the AWS SDK."""

    @property
    def view(self) -> DomainScopeView | None:
        """The domain of the scope; None while it was not seen, or there is none."""

    @property
    def region_view(self) -> RegionView | None:
        """The domains of the region, where the scope is no domain yet."""

    def known(self, question: Question[AnswerT]) -> AnswerT:
        """The answer to a question, as far as anybody has looked."""

    @property
    def domain(self) -> DomainFacts | None:
        """What is told of the StudioDomain that the spec names; None where it does not exist."""

    @property
    def owner(self) -> ProfileFacts | None:
        """What is told of the person that the spec names; None where it does not exist."""

    @property
    def owner_record(self) -> RecordName | None:
        """What that person is in AWS."""

    def judgement(self) -> Mapping[str, Any]:
        """The members of each situation that tell what its tenant allows, and what it does not."""

    @property
    def governed(self) -> Governed:
        """What it has itself, as a tenant."""

    @property
    def dependents(self) -> tuple[str, ...]:
        """The resources that stand against a deletion, each by its kind, namespace and name."""

    @property
    def ran_on(self) -> str | None:
        """What `note_run` was told last."""

    def note_run(self, instance_type: str | None) -> None:
        """The app of what is this resource's runs on that."""

    def claim(self, found: Observed) -> Claim | None:
        """How what AWS shows relates to the resource; None while its tags are not known."""

    def ownership(self, found: Observed | None) -> Mapping[str, Any]:
        """The members of each situation that tell whose a thing is, and who else wants it."""

    def told(self, thing: str, found: Observed | None) -> str:
        """A thing in AWS by its name, where that may be told to this namespace."""


def in_common(context: Context, found: Observed | None) -> dict[str, Any]:
    """The members of a `Situation` but `is_observed`; `found`: what AWS shows of the resource."""
    return {
        "declared": context.declared,
        "status": context.status,
        "cluster": context.cluster,
        "now": context.now,
        "failure": context.failure,
        **context.ownership(found),
        **context.judgement(),
        "lifecycle_configs": context.known(LifecycleConfigsQuestion()),
        "tuning": context.tuning,
    }
