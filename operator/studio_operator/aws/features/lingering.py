"""What lingers in each region, looked at now and then and before apps are stopped.

A look is one for a whole region, whatever the number of spaces. What it costs grows with what it
finds, with the jobs of the last weeks, and not at all with spaces: see `lingering_look`.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from studio_operator.api.common import OWNER_TAG
from studio_operator.aws.errors import AwsError
from studio_operator.aws.features.lingering_kinds import JOBS, type_of
from studio_operator.aws.features.lingering_look import Found, LingeringLook, in_lower_case
from studio_operator.aws.features.reader import FeatureGauge, Reader, ReaderContext
from studio_operator.aws.inventory.polling import PollingSchedule
from studio_operator.aws.inventory.scheduler import RegionTask
from studio_operator.aws.ports import Caller
from studio_operator.kinds.resource_id import ResourceId
from studio_operator.kinds.space.features.lingering.observed import (
    MAKER,
    Lingering,
    LingeringQuestion,
)
from studio_operator.kinds.views import DomainScopeView
from studio_operator.plan.scope import AccountRegion
from studio_operator.settings import Settings

logger = logging.getLogger(__name__)

_STANDING = "standing"
_NOTHING: frozenset[str] = frozenset()


class LingeringPoller:
    """What lingers in one region.

    A question that fails leaves what was known before, and the whole incomplete: nothing waits for
    an answer that AWS refuses to give. It is asked again at the next look, and logged once.

    - `is_needed`: whether any space there is ours, so that a look at rest is worth its calls.
    - `on_change` gets the spaces, in lower case, for which something else is found than before.
    """

    def __init__(
        self,
        caller: Caller,
        where: AccountRegion,
        settings: Settings,
        clock: Callable[[], float],
        now: Callable[[], datetime],
        *,
        is_needed: Callable[[], bool],
        on_change: Callable[[set[ResourceId]], None],
    ) -> None:
        self.where = where
        self.schedule = PollingSchedule(settings, clock(), settings.lingering_interval)
        self.looked_at: datetime | None = None
        self.is_complete = False
        self._caller = caller
        self._settings = settings
        self._clock = clock
        self._now = now
        self._is_needed = is_needed
        self._on_change = on_change
        self._began = -math.inf
        self._looking = asyncio.Lock()
        self._answers: dict[str, Mapping[ResourceId, frozenset[str]]] = {}
        self._told: Mapping[ResourceId, frozenset[str]] = {}
        self._problems: dict[str, set[tuple[str, str]]] = {}

    def of(self, space: ResourceId) -> frozenset[str]:
        """ARNs of what was found for a space."""
        key = in_lower_case(space)
        return _NOTHING.union(*(answer.get(key, _NOTHING) for answer in self._answers.values()))

    async def sweep(self, pages_per_second: float) -> None:
        """The periodic look, left out while no space there is ours."""
        began = self._clock()
        try:
            if self._is_needed():
                await self.look()
        except Exception:
            self.schedule.failed(self._clock())
            raise
        self.schedule.succeeded(
            began, full=True, pages=1, pages_per_second=pages_per_second, moving_since=()
        )

    async def look(self) -> None:
        """Look, unless somebody did just now: all who ask at once share one look."""
        asked = self._clock()
        async with self._looking:
            if self._began < asked - self._settings.lingering_shared:
                await self._look()

    async def _look(self) -> None:
        began = self._clock()
        pages = self._settings.lingering_pages
        look = LingeringLook(self._caller, self.where, MAKER, pages, self._now())
        complete = await self._ask(_STANDING, look.at_standing())
        for jobs in JOBS:
            complete &= await self._ask(jobs.operation, look.at_jobs(jobs))
        # When it ended: a look that took longer than one is fresh would otherwise never count, and
        # no app be stopped for as long as AWS answers slowly.
        self._began, self.looked_at, self.is_complete = began, self._now(), complete
        self._tell()

    def _tell(self) -> None:
        before, after = self._told, self._found()
        self._told = after
        spaces = before.keys() | after.keys()
        changed = {space for space in spaces if before.get(space) != after.get(space)}
        if changed:
            self._on_change(changed)

    async def _ask(self, question: str, answer: Awaitable[Found]) -> bool:
        """Take in the answer to one question; whether it is there, and complete."""
        try:
            found = await answer
        except AwsError as error:
            self._note(question, (error,))
            return False
        self._note(question, found.problems)
        self._answers[question] = found.by_space
        return found.is_complete and not found.problems

    def _note(self, question: str, problems: Sequence[AwsError]) -> None:
        """Log what AWS refuses, once for as long as it does."""
        known = self._problems.get(question, set())
        self._problems[question] = {(error.operation, error.code) for error in problems}
        for error in problems:
            if (error.operation, error.code) not in known:
                logger.warning("What lingers in %s is not fully known: %s", self.where, error)

    def _found(self) -> dict[ResourceId, frozenset[str]]:
        spaces = {space for answer in self._answers.values() for space in answer}
        return {space: self.of(space) for space in spaces}


class LingeringRegions(Reader):
    """The pollers of all regions with domains that are polled."""

    answers = LingeringQuestion

    def __init__(self, context: ReaderContext) -> None:
        super().__init__(context)
        self._pollers: dict[AccountRegion, LingeringPoller] = {}

    @property
    def is_on(self) -> bool:
        """Whether anybody is to look at all."""
        return self.context.settings.lingering_interval > 0

    def track(self, where: AccountRegion) -> None:
        """A domain of this region is polled."""
        if not self.is_on or where in self._pollers:
            return
        poller = LingeringPoller(
            self.context.caller,
            where,
            self.context.settings,
            self.context.clock,
            self.context.now,
            is_needed=lambda: any(True for _ in self._own_spaces(where)),
            on_change=lambda spaces: self._tell(where, spaces),
        )
        self._pollers[where] = poller
        self.context.scheduler.add(RegionTask("what outlives apps in", where), poller)

    def untrack(self, where: AccountRegion) -> None:
        """No domain of this region is polled any more."""
        self._pollers.pop(where, None)
        self.context.scheduler.remove(RegionTask("what outlives apps in", where))

    def domain_changed(self, where: AccountRegion) -> None:
        """The first look need not wait any longer."""
        poller = self._pollers.get(where)
        if poller is not None and poller.looked_at is None:
            poller.schedule.nudge(self.context.clock())
            self.context.scheduler.wake()

    async def look(self, where: AccountRegion, question: LingeringQuestion) -> None:  # noqa: ARG002 - a reader's
        """Look at a region, unless that was done just now.

        AwsError when AWS does not answer; what lingers is left unknown then: no stop is to fail
        for it.
        """
        poller = self._pollers.get(where)
        if poller is not None:
            await poller.look()

    def of(self, where: AccountRegion, question: LingeringQuestion) -> Lingering | None:
        """What lingers of a space; None when nobody has looked yet.

        Where nobody ever looks, nothing is known, and there is nothing to wait for.
        """
        if not self.is_on:
            return question.unanswered(self.context.now())
        poller = self._pollers.get(where)
        if poller is None or poller.looked_at is None or question.scope is None:
            return None
        space = ResourceId(MAKER, question.scope, question.name)
        return Lingering(tuple(sorted(poller.of(space))), poller.looked_at, poller.is_complete)

    def gauges(self) -> Iterable[FeatureGauge]:
        """Its one metric."""
        yield FeatureGauge(
            "lingering_resources",
            "What was made from a space and goes on costing money without its app, such as "
            "endpoints, by region and type. On the leader only.",
            ("region", "type"),
            self._values,
        )

    def _values(self) -> Mapping[tuple[str, ...], float]:
        return {(where.region, type_): count for (where, type_), count in self.counts().items()}

    def counts(self) -> Mapping[tuple[AccountRegion, str], int]:
        """How many resources outlive the app of their space, by region and type."""
        return Counter(
            (where, type_of(arn))
            for where, poller in self._pollers.items()
            for space, view in self._own_spaces(where)
            if (app := view.apps.get(space.name)) is None or not app.is_active
            for arn in poller.of(space)
        )

    def _own_spaces(self, where: AccountRegion) -> Iterator[tuple[ResourceId, DomainScopeView]]:
        for scope, view in self.context.domains(where):
            for space in view.spaces.values():
                if OWNER_TAG in (space.tags or {}):
                    yield ResourceId(MAKER, scope, space.name), view

    def _tell(self, where: AccountRegion, changed: set[ResourceId]) -> None:
        for scope, view in self.context.domains(where):
            for name in view.spaces:
                key = ResourceId(MAKER, scope, name)
                if in_lower_case(key) in changed:
                    self.context.on_change(key)
