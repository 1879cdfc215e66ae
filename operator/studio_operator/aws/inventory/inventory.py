"""What AWS shows of all domains of ours: seen in bulk, and kept up with our own calls."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from studio_operator.aws.errors import AwsError
from studio_operator.aws.features.reader import FeatureGauge, ReaderContext
from studio_operator.aws.features.registry import Readers
from studio_operator.aws.inventory import effects, parsing
from studio_operator.aws.inventory.looks import Looks
from studio_operator.aws.inventory.scheduler import RegionTask, Scheduler
from studio_operator.aws.inventory.scope_poller import ScopePoller
from studio_operator.aws.inventory.tagging import TagIndex, TagPoller
from studio_operator.aws.ports import Caller
from studio_operator.kinds.registry import BY_NAME, BY_TYPE, COMPANIONS, OPERATIONS
from studio_operator.kinds.resource_id import Changed, ResourceId, parse_arn
from studio_operator.kinds.views import DomainScopeView, RegionView
from studio_operator.metrics import Metrics
from studio_operator.plan.operations import Does
from studio_operator.plan.scope import AccountRegion, Scope
from studio_operator.plan.types import AnswerT, Call, FailureKind, Look, Question
from studio_operator.settings import Settings


class Inventory:
    """Domains, profiles, spaces and apps as AWS shows them. Use it from one event loop only.

    - `clock` gives monotonic seconds.
    - `on_change(changed)` is called with the id of each record that differs from before; an app is
      told of by the id of its space. It is called with a scope where a domain itself differs, a
      view appeared, turned stale or fresh again, or the list of a region's domains changed. When a
      view appears, that is all that is told of. It must not block.
    - What `expect` enters makes no `on_change`, nor does a listing that only confirms it: whoever
      made the call knows.
    """

    def __init__(
        self,
        gateway: Caller,
        settings: Settings,
        clock: Callable[[], float],
        on_change: Callable[[Changed], None],
        metrics: Metrics | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._gateway = gateway
        self._settings = settings
        self._clock = clock
        self._on_change = on_change
        self._looks = Looks(gateway, clock)
        self._scheduler = Scheduler(settings, metrics or Metrics(), clock)
        self._pollers: dict[Scope, ScopePoller] = {}
        self._tags: dict[AccountRegion, TagPoller] = {}
        self._readers = Readers(
            ReaderContext(
                gateway, settings, clock, now, self._scheduler, self._domains_in, on_change
            )
        )

    # --- what is polled ---

    def track(self, scope: Scope) -> None:
        """Poll a domain and what is in it, or the list of a region's domains where it is none.

        Nothing happens if it is polled already. That list is for a domain whose id is not known
        yet: it costs a call each rest interval, so `untrack` it when all ids are known.
        """
        if scope in self._pollers:
            return
        poller = ScopePoller(self._gateway, scope, self._settings, self._clock, self._changed)
        self._pollers[scope] = poller
        self._scheduler.add(_task_of(scope), poller)
        self._ask_for_tags(scope.account_region)
        if scope.domain_id:
            for reader in self._readers:
                reader.track(scope.account_region)

    def untrack(self, scope: Scope) -> None:
        """Poll a scope no longer; its view is gone."""
        self._pollers.pop(scope, None)
        self._scheduler.remove(_task_of(scope))
        self._drop_tags(scope.account_region)
        if not any(self._domains_in(scope.account_region)):
            for reader in self._readers:
                reader.untrack(scope.account_region)

    def nudge(self, scope: Scope) -> None:
        """Look at all of a scope as soon as the pace allows, as after a call that failed."""
        poller = self._pollers.get(scope)
        if poller is not None:
            poller.schedule.nudge(self._clock())
            self._scheduler.wake()

    def look_again_with_credentials(self) -> None:
        """Look at once at all that could not be looked at for want of credentials."""
        now = self._clock()
        for poller in self._pollers.values():
            if poller.problem is not None and poller.problem.kind is FailureKind.CREDENTIALS:
                poller.schedule.nudge(now)
        self._scheduler.wake()

    async def run(self, stop: asyncio.Event) -> None:
        """Keep looking until told to stop."""
        await self._scheduler.run(stop)

    # --- what is seen ---

    def view(self, scope: Scope) -> DomainScopeView | None:
        """What AWS shows of a domain; None until all of it was seen for the first time."""
        poller = self._pollers.get(scope)
        return poller if poller is not None and poller.is_observed else None

    def region_view(self, where: AccountRegion) -> RegionView | None:
        """The domains of a region; None until they were listed for the first time."""
        poller = self._pollers.get(Scope(*where))
        return poller if poller is not None and poller.is_observed else None

    def carrying(self, kind: str, resource: str) -> Mapping[ResourceId, Any]:
        """What of a kind has an ownership tag, as far as known, that names `namespace/name`."""
        type_ = BY_NAME[kind].aws.name
        found: dict[ResourceId, Any] = {}
        for poller in self._pollers.values():
            if (part := poller.resources.get(type_)) is not None:
                found |= part.carrying(resource)
        return found

    def known(self, where: AccountRegion, question: Question[AnswerT]) -> AnswerT:
        """The answer to a question, as far as anybody has looked."""
        return self._readers.known(where, question)

    def feature_gauges(self) -> Iterable[FeatureGauge]:
        """The metrics of what is read beside the records of resources."""
        return self._readers.gauges()

    def problem(self, scope: Scope) -> AwsError | None:
        """Why a scope could not be looked at the last time, if so."""
        poller = self._pollers.get(scope)
        return poller.problem if poller is not None else None

    @property
    def ready(self) -> bool:
        """Whether all that is polled was seen at least once.

        What could not be seen several times in a row, such as a region that does not exist, does
        not hold the rest up.
        """
        return all(poller.is_settled for poller in self._pollers.values())

    def oldest_success_age(self) -> float:
        """Seconds since AWS last answered about the place where that is longest ago.

        A refusal counts as an answer: no restart mends a missing permission. A place that was never
        seen counts only while no other was. 0 when nothing is polled.
        """
        now, pollers = self._clock(), list(self._pollers.values())
        answered = [poller.answered_at for poller in pollers if poller.answered_at > -math.inf]
        since = answered or [poller.tracked_at for poller in pollers]
        return now - min(since, default=now)

    def ages(self) -> Mapping[Scope, float]:
        """Seconds since the last complete look, by scope.

        What was never seen has been waited for since it is tracked.
        """
        now = self._clock()
        return {
            scope: now - max(poller.swept_at, poller.tracked_at)
            for scope, poller in self._pollers.items()
        }

    def starting_since(self) -> datetime | None:
        """When the app was created that has been starting for longest; None when none starts."""
        created = (
            one.created_at
            for poller in self._pollers.values()
            for part in poller.companions.values()
            if OPERATIONS[f"Create{part.type.name}"].does is Does.START
            for one in part.records.shown.values()
            if one.status == "Pending" and one.created_at is not None
        )
        return min(created, default=None)

    async def look(self, about: ResourceId | AccountRegion, look: Look) -> None:
        """Look at the record of a resource, or ask a look's question in a region.

        What AWS answers is taken in; AwsError when it does not answer.
        """
        where = about if isinstance(about, AccountRegion) else about.scope.account_region
        if look.question is not None:
            await self._readers.look(where, look.question)
        elif isinstance(about, ResourceId):
            await self._look_at(about, look)

    async def _look_at(self, about: ResourceId, look: Look) -> None:
        poller = self._pollers.get(about.view) or self._pollers.get(about.scope)
        if poller is None or BY_NAME[about.kind].aws.name not in poller.resources:
            return
        if look in {Look.SETTINGS, Look.OWNER}:
            await self._looks.at_settings(poller, about)
        elif look == Look.APP:
            await self._looks.at_companion(poller, about)
        else:
            await self._looks.at_tags(poller, about)

    # --- what we did ---

    def expect(self, call: Call, response: Mapping[str, Any], where: AccountRegion) -> None:
        """Enter the effect of a call that AWS has taken.

        A deletion that AWS answered by "already gone" may be told too, with an empty response: it
        is then shown as Deleting until the next listing. So may the making of a lifecycle
        configuration that is there already. CreateDomain tracks the new domain.
        """
        now = self._clock()
        self._readers.expect(call, response, where)
        operation = OPERATIONS[call.operation]
        if operation.does is Does.TAG:
            about = parse_arn(call.parameters["ResourceArn"], where.account)
            for scope in {about.view, about.scope} if about else ():
                if (poller := self._pollers.get(scope)) is not None:
                    effects.enter(poller, call, response, now)
            return
        kind, domain_id = BY_TYPE.get(operation.type), call.parameters.get("DomainId")
        if domain_id is not None or operation.type in {*BY_TYPE, *COMPANIONS}:
            self._enter(Scope(*where, domain_id), call, response, now)
        if kind is not None and kind.holds_others and domain_id is None:
            made = Scope(*where, parsing.id_of(kind.aws, call.parameters, response))
            self.track(made)
            self._enter(made, call, response, now)

    def _enter(self, scope: Scope, call: Call, response: Mapping[str, Any], now: float) -> None:
        poller = self._pollers.get(scope)
        if poller is not None:
            effects.enter(poller, call, response, now)
            poller.schedule.stir(now)
            self._scheduler.wake()

    # --- tags ---

    def _ask_for_tags(self, where: AccountRegion) -> None:
        """Have a region's tag index read, since something new is polled there."""
        if where in self._tags:
            self._tags[where].schedule.nudge(self._clock())
            self._scheduler.wake()
            return

        def give(began: float, index: TagIndex | None) -> None:
            for poller in self._pollers.values():
                if poller.where == where:
                    poller.take_tags(began, index)

        self._tags[where] = TagPoller(self._gateway, where, self._settings, self._clock, give)
        self._scheduler.add(RegionTask("tags in", where), self._tags[where])

    def _drop_tags(self, where: AccountRegion) -> None:
        if not any(scope.account_region == where for scope in self._pollers):
            self._tags.pop(where, None)
            self._scheduler.remove(RegionTask("tags in", where))

    def _changed(self, changed: Changed) -> None:
        """A record differs, or what AWS shows of a scope as a whole."""
        if isinstance(changed, Scope) and changed.domain_id:
            for reader in self._readers:
                reader.domain_changed(changed.account_region)
        self._on_change(changed)

    def _domains_in(self, where: AccountRegion) -> Iterator[tuple[Scope, DomainScopeView]]:
        for scope, poller in self._pollers.items():
            if scope.domain_id and scope.account_region == where:
                yield scope, poller


def _task_of(scope: Scope) -> Scope | RegionTask:
    """What the scheduler knows the looks at a scope by, and tells in its logs."""
    return scope if scope.domain_id else RegionTask("the domains of", scope.account_region)
