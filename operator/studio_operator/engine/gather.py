"""Has a resource planned by the planner of its kind, from all that there is to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from studio_operator.aws.errors import AwsError
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.facts import Facts
from studio_operator.engine.declared.index import is_in_domain
from studio_operator.engine.declared.store import Store
from studio_operator.engine.declared.tenancy import Tenancy
from studio_operator.engine.planner_context import Environment, Moment, PlannerContext, scope_of
from studio_operator.engine.ports import AwsViews
from studio_operator.kinds.registry import BY_NAME
from studio_operator.kinds.resource_id import ResourceId
from studio_operator.plan.prices import Prices
from studio_operator.plan.scope import Scope
from studio_operator.plan.types import FailureKind, Plan, Tuning


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, where in AWS its call goes, and whose records it looks at.

    `scope`: the domain in AWS that the resource lives in, or the region while there is none.
    `is_observed`: whether AWS was observed there. `blind`: why the last look there failed; of what
    is in a domain only where the operator's credentials are the cause.
    """

    plan: Plan[Any]
    scope: Scope
    about: tuple[ResourceId, ...]
    is_observed: bool
    blind: AwsError | None = None


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
        self._views = views
        tenancy = Tenancy(store, is_required=tuning.tenancy_required)
        self._environment = Environment(
            store, views, facts, cluster, tuning, known_instance_types, prices, tenancy
        )

    def plan(self, entry: Entry, moment: Moment) -> Planned:
        """What to do now for a resource."""
        context = PlannerContext(self._environment, entry, moment)
        made = BY_NAME[entry.key.kind].planner(context)
        scope = context.scope
        is_inside = is_in_domain(entry.key)
        within = scope if is_inside else scope._replace(domain_id=None)
        about = tuple([ResourceId(one.kind, within, one.name) for one in made.about])
        # What is in a domain is told only what keeps all of an account from being looked at, and is
        # no matter of one domain.
        blind = self._views.problem(scope)
        if is_inside and blind is not None and blind.kind is not FailureKind.CREDENTIALS:
            blind = None
        return Planned(made.plan, scope, about, made.is_observed, blind)

    def scope_of(self, entry: Entry) -> Scope:
        """Where in AWS a resource lives: by its StudioDomain, else where it was seen last."""
        store, facts = self._environment.store, self._environment.facts
        return scope_of(store, entry, facts.of_domain(entry))
