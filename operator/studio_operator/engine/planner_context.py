"""What a kind's planner gets to know of one resource: from the store, AWS's views and facts."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from studio_operator.api.common import OWNER_TAG
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.facts import Facts
from studio_operator.engine.declared.index import (
    admits,
    declared_id_of,
    domain_id_of,
    domain_of,
    id_of,
    is_in_aws,
    is_in_domain,
    owner_of,
)
from studio_operator.engine.declared.store import Store
from studio_operator.engine.declared.tenancy import Tenancy
from studio_operator.engine.ports import AwsViews
from studio_operator.kinds.elsewhere import Named
from studio_operator.kinds.gathering import RecordName
from studio_operator.kinds.registry import BY_NAME
from studio_operator.kinds.resource_id import ResourceId
from studio_operator.kinds.views import DomainScopeView, RegionView
from studio_operator.plan.observed import Observed
from studio_operator.plan.ownership import (
    Claim,
    Elsewhere,
    OwnerMark,
    classify,
    has_owned,
    holds_name,
    mark_of,
)
from studio_operator.plan.prices import Prices
from studio_operator.plan.scope import OWN_ACCOUNT, Scope
from studio_operator.plan.tenancy.check import Violation, check
from studio_operator.plan.tenancy.governed import Governed
from studio_operator.plan.types import (
    AnswerT,
    Declared,
    DomainFacts,
    Failure,
    ProfileFacts,
    Question,
    Tuning,
)

# How what others have under a name is told to who may not know more of it.
_UNTOLD = "a space or user profile of another namespace under this name"


@dataclass(frozen=True, slots=True)
class Moment:
    """What planners get besides the entry: its parsed spec, its last failure and the time."""

    declared: Declared[Any]
    failure: Failure | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Environment:
    """What is the same for all resources. `cluster`: the id that marks what is ours in AWS."""

    store: Store
    views: AwsViews
    facts: Facts
    cluster: str
    tuning: Tuning
    known_instance_types: frozenset[str]
    prices: Prices
    tenancy: Tenancy


def record_of(kind: str, name: str) -> RecordName:
    """What a resource is kept by in its scope."""
    return RecordName(kind, BY_NAME[kind].record_name(name))


def scope_of(store: Store, entry: Entry, domain: DomainFacts | None) -> Scope:
    """Where in AWS a resource lives: by its StudioDomain, else where it was seen last.

    `domain`: what it is told of that; None where it does not exist. What has nothing in AWS has
    no region either.
    """
    if not is_in_aws(entry.key):
        return Scope(OWN_ACCOUNT, "")
    if not is_in_domain(entry.key):
        return Scope(OWN_ACCOUNT, store.region_of(entry), domain_id_of(entry) or None)
    if domain is not None and not domain.admits:
        region = domain.region or store.default_region
        return Scope(OWN_ACCOUNT, region, domain.domain_id or None)
    # Whoever may write a status may name any region there.
    told = (domain.region if domain else None) or store.usable_region(entry.status.region or "")
    domain_id = (domain.domain_id if domain else None) or entry.status.domain_id
    return Scope(OWN_ACCOUNT, told or store.default_region, domain_id or None)


class PlannerContext:
    """One resource at one moment, as `kinds.gathering.Context` explains it."""

    def __init__(self, environment: Environment, entry: Entry, moment: Moment) -> None:
        self._environment = environment
        self._store = environment.store
        self._views = environment.views
        self._facts = environment.facts
        self._entry = entry
        self.declared = moment.declared
        self.failure = moment.failure
        self.now = moment.now
        self.cluster = environment.cluster
        self.tuning = environment.tuning
        self.prices = environment.prices
        self.known_instance_types = environment.known_instance_types

    @property
    def status(self) -> Any:
        """The status as planned last."""
        return self._entry.status

    @cached_property
    def name(self) -> str:
        """The name in AWS."""
        return self._entry.aws_name

    @cached_property
    def record(self) -> RecordName:
        """What it is in AWS."""
        return record_of(self._entry.key.kind, self.name)

    # --- where it is ---

    @cached_property
    def scope(self) -> Scope:
        """Where in AWS it lives."""
        return scope_of(self._store, self._entry, self.domain)

    @property
    def view(self) -> DomainScopeView | None:
        """The domain of the scope, as AWS shows it."""
        return self._views.view(self.scope) if self.scope.domain_id else None

    @property
    def region_view(self) -> RegionView | None:
        """The domains of the region, where the scope is no domain yet."""
        return None if self.scope.domain_id else self._views.region_view(self.scope.account_region)

    def known(self, question: Question[AnswerT]) -> AnswerT:
        """The answer to a question, of the region."""
        return self._views.known(self.scope.account_region, question)

    # --- what it refers to, and what refers to it ---

    @cached_property
    def domain(self) -> DomainFacts | None:
        """What is told of the StudioDomain that the spec names."""
        return self._facts.of_domain(self._entry)

    @property
    def owner(self) -> ProfileFacts | None:
        """What is told of the person that the spec names."""
        owner = self._owner()
        return self._facts.about_profile(owner) if owner else None

    @property
    def owner_record(self) -> RecordName | None:
        """What that person is in AWS."""
        owner = self._owner()
        return record_of(owner.key.kind, owner.aws_name) if owner else None

    def _owner(self) -> Entry | None:
        key = owner_of(self._entry)
        return self._store.get(key) if key else None

    @property
    def dependents(self) -> tuple[str, ...]:
        """The resources that stand against its deletion.

        Of another namespace only what AWS shows to be that resource's, whether the domain admits it
        or not: nobody holds up a deletion by what is refused, or waits for ever.
        """
        entry = self._entry
        users = (self._store.get(key) for key in self._store.users_of(entry.key))
        return tuple(
            str(user.key)
            for user in users
            if user
            and (
                user.key.namespace in {"", entry.key.namespace}
                or self._facts.may_live_in(entry, user)
            )
        )

    # --- its tenant ---

    def judgement(self) -> Mapping[str, Any]:
        """The members of each situation that tell what its tenant allows, and what it does not."""
        entry, environment = self._entry, self._environment
        if not (self._store.governing or environment.tuning.tenancy_required):
            return {}
        policy = environment.tenancy.policy_of(entry.key.namespace)
        if not policy.judges:
            return {}
        rows = BY_NAME[entry.key.kind].names

        def make() -> tuple[Violation, ...]:
            return check(rows, entry.spec, entry.aws_name, policy)

        violations = entry.make_once("violations", (policy,), make)
        return {"policy": policy, "violations": violations}

    @property
    def governed(self) -> Governed:
        """What it has itself, as a tenant."""
        return self._environment.tenancy.governed_by(self._entry)

    # --- whose it is ---

    @property
    def ran_on(self) -> str | None:
        """The instance type on which this process saw its app run last."""
        return self._entry.ran_on

    def note_run(self, instance_type: str | None) -> None:
        """Its app runs on that."""
        self._entry.ran_on = instance_type

    def claim(self, found: Observed) -> Claim | None:
        """How what AWS shows relates to it; None while its tags are not known."""
        mark = mark_of(self.declared, self.cluster)
        return None if found.tags is None else classify(found.tags, mark)

    def ownership(self, found: Observed | None) -> Mapping[str, Any]:
        """The members of each situation that tell whose a thing is, and who else wants it."""
        claim = self.claim(found) if found is not None else None
        return {
            **self._rival(found, claim),
            "was_owned": self._was_owned(found, claim),
            "elsewhere": self._elsewhere(found),
        }

    def told(self, thing: str, found: Observed | None) -> str:
        """What AWS has, by its name where that may be told: what others own is not named."""
        mark = OwnerMark.parse((found.tags or {}).get(OWNER_TAG, "")) if found else None
        if mark is None or mark.namespace == self._entry.key.namespace:
            return thing
        return _UNTOLD

    def _elsewhere(self, found: Observed | None) -> tuple[Elsewhere, ...]:
        """What has this resource's mark and is not what the spec names, where that has it not.

        Whoever has what the spec names leaves nothing behind. What was let go there it has not.
        """
        entry, others = self._entry, dict[ResourceId, Observed]()
        is_open = found is None or (found.tags is not None and not self._has(found))
        if is_open and not entry.deleting:
            mark = mark_of(self.declared, self.cluster)
            marked = self._views.carrying(entry.key.kind, mark.resource).items()
            mine = {about: one for about, one in marked if self._has(one)}
            others |= self._named.none_of_this(mine)
        self._store.await_change(entry.key, others)
        return self._named.tell(others) if others else ()

    def _has(self, found: Observed) -> bool:
        """Whether a thing has this resource's mark, and was not let go."""
        mark, owned_before = mark_of(self.declared, self.cluster), has_owned(self.status)
        return holds_name(found.tags or {}, mark, owned_before=owned_before)

    @property
    def _named(self) -> Named:
        entry, scope = self._entry, self.scope
        return Named(
            kind=BY_NAME[entry.key.kind],
            scope=scope if is_in_domain(entry.key) else scope._replace(domain_id=None),
            name=self.name,
            id=id_of(entry),
            is_by_id=declared_id_of(entry) is not None,
        )

    def _was_owned(self, found: Observed | None, claim: Claim | None) -> bool:
        """Whether this process has seen this very thing with the resource's tag.

        Only so is a tag that others took away put back: status tells the same, but whoever may
        write status could write it there.
        """
        if found is None:
            return False
        entry, it = self._entry, _identity(self._entry.key.kind, found)
        if claim is Claim.OURS:
            entry.owned = it
        elif claim not in {None, Claim.UNOWNED}:
            entry.owned = None
        return entry.owned == it

    def _rival(self, found: Observed | None, claim: Claim | None) -> dict[str, Any]:
        """The members of a situation that tell of a resource with the same claim that comes first.

        Of its own namespace, the older one. Of others only who had what is there, as this process
        has seen: whoever merely wants a name holds it against nobody else's resource.
        """
        entry, key = self._entry, self._store.rival_of(self._entry)
        rival = self._store.get(key) if key is not None else None
        if key is None and found is not None and claim is Claim.UNOWNED:
            rival = self._holder(found)
        if rival is None:
            return {}
        if rival.key.namespace != entry.key.namespace:
            name = "a resource of another namespace"
        else:
            name = rival.key.path if rival.key.kind == entry.key.kind else str(rival.key)
        return {"rival": name, "rival_is_leaving": rival.deleting}

    def _holder(self, found: Observed) -> Entry | None:
        """Who had this very thing until others took its tag away, and puts it back."""
        others = (self._store.get(key) for key in self._store.rivals_of(self._entry))
        it = _identity(self._entry.key.kind, found)
        had_it = (one for one in others if one and one.owned == it and self._puts_tags_back(one))
        return next(had_it, None)

    def _puts_tags_back(self, entry: Entry) -> bool:
        """Whether it acts on what it had: who is not admitted holds nothing against others.

        Who can't be read just now does: a typing error lets nobody else have what is theirs.
        """
        if entry.deleting:
            return False
        key = domain_of(entry)
        domain = self._store.get(key) if key is not None else None
        return key is None or (domain is not None and admits(domain, entry.key.namespace))


def _identity(kind: str, found: Observed) -> Hashable:
    """What tells a thing in AWS from one that was made anew under its name or id."""
    made_at = found.created_at.replace(microsecond=0) if found.created_at else None
    return (kind, found.domain_id, found.name, made_at)
