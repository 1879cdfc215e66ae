"""Gathers all that a planner decides from, and knows which planner a kind has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from studio_operator.aws.errors import AwsError
from studio_operator.aws.keys import RecordKey
from studio_operator.engine.entries import Entry
from studio_operator.engine.facts import Facts
from studio_operator.engine.index import admits, aws_name_of, domain_id_of, owner_of, region_of
from studio_operator.engine.ports import AwsViews
from studio_operator.engine.store import Store
from studio_operator.kube.resources import Key
from studio_operator.plan.backups import BackupQuestion, question_of
from studio_operator.plan.domain import plan_domain
from studio_operator.plan.prices import Prices
from studio_operator.plan.profile import plan_profile
from studio_operator.plan.situations import DomainSituation, ProfileSituation, SpaceSituation
from studio_operator.plan.space import plan_space
from studio_operator.plan.types import Declared, DomainFacts, Failure, Look, Plan, Tuning


@dataclass(frozen=True, slots=True)
class Place:
    """The domain in AWS that a resource lives in; `domain_id` is empty while there is none."""

    region: str
    domain_id: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, where in AWS its call goes, and the records that its looks are about.

    `visible`: whether AWS was seen there. `blind`: why the last look there failed, for a domain.
    `backup`: what looks at a space's back-up are about.
    """

    plan: Plan[Any]
    place: Place
    records: tuple[RecordKey, ...]
    visible: bool
    blind: AwsError | None = None
    backup: BackupQuestion | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """What planners get besides the entry: its parsed spec, its last failure and the time."""

    declared: Declared[Any]
    failure: Failure | None
    now: datetime


NO_PRICES = Prices()


class Gatherer:
    """From an entry to its plan: a pure function of the store, the views and the clock."""

    def __init__(
        self,
        store: Store,
        views: AwsViews,
        facts: Facts,
        *,
        cluster: str,
        tuning: Tuning,
        known_instance_types: frozenset[str],
        prices: Prices = NO_PRICES,
    ) -> None:
        self._store = store
        self._views = views
        self._facts = facts
        self._cluster = cluster
        self._tuning = tuning
        self._known_instance_types = known_instance_types
        self._prices = prices
        self._planners: dict[str, Callable[[Entry, Moment], Planned]] = {
            "StudioDomain": self._plan_domain,
            "UserProfile": self._plan_profile,
            "Space": self._plan_space,
        }

    def plan(self, entry: Entry, moment: Moment) -> Planned:
        """What to do now for a resource."""
        return self._planners[entry.key.kind](entry, moment)

    def place_of(self, entry: Entry) -> Place:
        """Where in AWS a resource lives: by its StudioDomain, else where it was seen last."""
        if entry.key.kind == "StudioDomain":
            region = region_of(entry, self._store.default_region)
            return Place(region, domain_id_of(entry) or "")
        return self._place_in(entry, self._facts.of_domain(entry))

    def _place_in(self, entry: Entry, domain: DomainFacts | None) -> Place:
        region = (domain.region if domain else None) or entry.memory.region
        domain_id = (domain.domain_id if domain else None) or entry.memory.domain_id
        return Place(region or self._store.default_region, domain_id or "")

    def _plan_domain(self, entry: Entry, moment: Moment) -> Planned:
        place = self.place_of(entry)
        view = self._facts.view_of(entry)
        listed = None if place.domain_id else self._views.region_view(place.region)
        candidates = tuple(
            one for one in (listed.domains if listed else ()) if one.name == aws_name_of(entry)
        )
        going = moment.declared.deleting  # only then does anybody ask what is left
        situation = DomainSituation(
            declared=moment.declared,
            memory=entry.memory,  # type: ignore[arg-type] # the kind's own
            region=place.region,
            visible=(view if place.domain_id else listed) is not None,
            domain=view.domain if view else None,
            cluster=self._cluster,
            now=moment.now,
            candidates=candidates,
            profiles_in_aws=tuple(p.name for p in view.profiles.values()) if view and going else (),
            spaces_in_aws=tuple(view.spaces) if view and going else (),
            dependents=self._users_of(entry) if going else (),
            failure=moment.failure,
            rival=self._rival_of(entry),
            tuning=self._tuning,
        )
        unknown = [one.domain_id for one in candidates if one.tags is None]
        ids = [place.domain_id] if place.domain_id else unknown
        records = tuple(RecordKey("domain", place.region, one) for one in ids)
        blind = self._views.problem(place.region, place.domain_id)
        return Planned(plan_domain(situation), place, records, situation.visible, blind)

    def _plan_profile(self, entry: Entry, moment: Moment) -> Planned:
        domain = self._facts.of_domain(entry)
        place = self._place_in(entry, domain)
        view = self._views.view(place.region, place.domain_id) if place.domain_id else None
        name = aws_name_of(entry).lower()
        owned: tuple[str, ...] = ()
        dependents: tuple[str, ...] = ()
        if moment.declared.deleting:
            dependents = tuple(_plain(key) for key in self._store.spaces_of(entry.key))
            spaces = view.spaces.values() if view else ()
            owned = tuple(one.name for one in spaces if (one.owner or "").lower() == name)
        situation = ProfileSituation(
            declared=moment.declared,
            memory=entry.memory,  # type: ignore[arg-type] # the kind's own
            domain=domain,
            visible=view is not None,
            profile=view.profiles.get(name) if view else None,
            cluster=self._cluster,
            now=moment.now,
            spaces_in_aws=owned,
            dependents=dependents,
            failure=moment.failure,
            rival=self._rival_of(entry),
            tuning=self._tuning,
        )
        record = RecordKey("profile", place.region, place.domain_id, name)
        return Planned(plan_profile(situation), place, (record,), situation.visible)

    def _plan_space(self, entry: Entry, moment: Moment) -> Planned:
        domain = self._facts.of_domain(entry)
        place = self._place_in(entry, domain)
        view = self._views.view(place.region, place.domain_id) if place.domain_id else None
        owner_key = owner_of(entry)
        owner = self._store.get(owner_key) if owner_key else None
        name = aws_name_of(entry)
        record = RecordKey("space", place.region, place.domain_id, name)
        situation = SpaceSituation(
            declared=moment.declared,
            memory=entry.memory,  # type: ignore[arg-type] # the kind's own
            domain=domain,
            owner=self._facts.about_profile(owner) if owner else None,
            visible=view is not None,
            space=view.spaces.get(name) if view else None,
            app=view.apps.get(name) if view else None,
            cluster=self._cluster,
            now=moment.now,
            failure=moment.failure,
            rival=self._rival_of(entry),
            lingering=self._views.lingering(record),
            known_instance_types=self._known_instance_types,
            prices=self._prices,
            tuning=self._tuning,
        )
        question = question_of(situation)
        if question is not None:
            seen = self._views.backup(place.region, question)
            situation = replace(situation, backup=seen)
        plan = plan_space(situation)
        if owner is not None and Look.OWNER in plan.looks:
            record = RecordKey("profile", place.region, place.domain_id, aws_name_of(owner).lower())
        return Planned(plan, place, (record,), situation.visible, backup=question)

    def _users_of(self, domain: Entry) -> tuple[str, ...]:
        """Profiles and spaces that need a domain; not those that it never admitted."""
        users = (self._store.get(key) for key in self._store.users_of(domain.key))
        return tuple(
            str(user.key)
            for user in users
            if user and (admits(domain, user.key.namespace) or user.memory.arn)
        )

    def _rival_of(self, entry: Entry) -> str | None:
        rival = self._store.rival_of(entry)
        if rival is None:
            return None
        return _plain(rival) if rival.kind == entry.key.kind else str(rival)


def _plain(key: Key) -> str:
    return f"{key.namespace}/{key.name}"
