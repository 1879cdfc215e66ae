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
from studio_operator.aws.keys import RecordKey
from studio_operator.aws.lingering_kinds import JOBS, type_of
from studio_operator.aws.lingering_look import Found, LingeringLook, in_lower_case
from studio_operator.aws.polling import Schedule
from studio_operator.aws.ports import Caller
from studio_operator.aws.runner import Runner
from studio_operator.aws.views import DomainView
from studio_operator.plan.observed import Lingering
from studio_operator.settings import Settings

logger = logging.getLogger(__name__)

_STANDING = "standing"
_NOTHING: frozenset[str] = frozenset()


class LingeringWatch:
    """What lingers in one region.

    A question that fails leaves what was known before, and the whole incomplete: nothing waits for
    an answer that AWS refuses to give. It is asked again at the next look, and logged once.

    - `is_needed`: whether any space there is ours, so that a look at rest is worth its calls.
    - `on_change` gets the spaces, in lower case, for which something else is found than before.
    """

    def __init__(
        self,
        caller: Caller,
        region: str,
        settings: Settings,
        clock: Callable[[], float],
        now: Callable[[], datetime],
        *,
        is_needed: Callable[[], bool],
        on_change: Callable[[set[RecordKey]], None],
    ) -> None:
        self.region = region
        self.schedule = Schedule(settings, clock(), settings.lingering_interval)
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
        self._answers: dict[str, Mapping[RecordKey, frozenset[str]]] = {}
        self._told: Mapping[RecordKey, frozenset[str]] = {}
        self._problems: dict[str, set[tuple[str, str]]] = {}

    def of(self, space: RecordKey) -> frozenset[str]:
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
        began, at = self._clock(), self._now()
        look = LingeringLook(self._caller, self.region, self._settings.lingering_pages, at)
        complete = await self._ask(_STANDING, look.at_standing())
        for jobs in JOBS:
            complete &= await self._ask(jobs.operation, look.at_jobs(jobs))
        self._began, self.looked_at, self.is_complete = began, at, complete
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
                logger.warning("What lingers in %s is not fully known: %s", self.region, error)

    def _found(self) -> dict[RecordKey, frozenset[str]]:
        spaces = {space for answer in self._answers.values() for space in answer}
        return {space: self.of(space) for space in spaces}


class LingeringRegions:
    """The watches of all regions with domains that are watched.

    - `domains` gives the domains that are watched in a region, and their ids.
    - `on_change(key)` is called for each space for which something else is found than before.
    """

    def __init__(
        self,
        caller: Caller,
        settings: Settings,
        clock: Callable[[], float],
        now: Callable[[], datetime],
        *,
        runner: Runner,
        domains: Callable[[str], Iterable[tuple[str, DomainView]]],
        on_change: Callable[[RecordKey], None],
    ) -> None:
        self._caller = caller
        self._settings = settings
        self._clock = clock
        self._now = now
        self._runner = runner
        self._domains = domains
        self._on_change = on_change
        self._watches: dict[str, LingeringWatch] = {}

    @property
    def is_on(self) -> bool:
        """Whether anybody is to look at all."""
        return self._settings.lingering_interval > 0

    def track(self, region: str) -> None:
        """A domain of this region is watched."""
        if not self.is_on or region in self._watches:
            return
        watch = LingeringWatch(
            self._caller,
            region,
            self._settings,
            self._clock,
            self._now,
            is_needed=lambda: any(True for _ in self._own_spaces(region)),
            on_change=lambda spaces: self._tell(region, spaces),
        )
        self._watches[region] = watch
        self._runner.add(("lingering", region), watch)

    def untrack(self, region: str) -> None:
        """No domain of this region is watched any more."""
        self._watches.pop(region, None)
        self._runner.remove(("lingering", region))

    def domain_seen(self, region: str) -> None:
        """A domain's view has changed as a whole: the first look need not wait any longer."""
        watch = self._watches.get(region)
        if watch is not None and watch.looked_at is None:
            watch.schedule.nudge(self._clock())
            self._runner.wake()

    async def look(self, region: str) -> None:
        """Look at a region, unless that was done just now."""
        watch = self._watches.get(region)
        if watch is not None:
            await watch.look()

    def of(self, space: RecordKey) -> Lingering | None:
        """What lingers of a space; None when nobody has looked yet.

        Where nobody ever looks, nothing is known, and there is nothing to wait for.
        """
        if not self.is_on:
            return Lingering((), self._now(), is_complete=False)
        watch = self._watches.get(space.region)
        if watch is None or watch.looked_at is None:
            return None
        return Lingering(tuple(sorted(watch.of(space))), watch.looked_at, watch.is_complete)

    def counts(self) -> Mapping[tuple[str, str], int]:
        """How many resources outlive the app of their space, by region and type."""
        return Counter(
            (region, type_of(arn))
            for region, watch in self._watches.items()
            for space, view in self._own_spaces(region)
            if (app := view.apps.get(space.name)) is None or not app.is_active
            for arn in watch.of(space)
        )

    def _own_spaces(self, region: str) -> Iterator[tuple[RecordKey, DomainView]]:
        for domain_id, view in self._domains(region):
            for space in view.spaces.values():
                if OWNER_TAG in (space.tags or {}):
                    yield RecordKey("space", region, domain_id, space.name), view

    def _tell(self, region: str, changed: set[RecordKey]) -> None:
        for domain_id, view in self._domains(region):
            for name in view.spaces:
                key = RecordKey("space", region, domain_id, name)
                if in_lower_case(key) in changed:
                    self._on_change(key)
