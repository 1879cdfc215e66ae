"""Runs sweeps as they fall due: one task for the timetable, and one for each sweep under way."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Hashable
from typing import NamedTuple, Protocol

from studio_operator.aws.errors import AwsError
from studio_operator.aws.inventory.polling import PollingSchedule
from studio_operator.metrics import Metrics
from studio_operator.plan.scope import AccountRegion
from studio_operator.settings import Settings

logger = logging.getLogger(__name__)


class RegionTask(NamedTuple):
    """What is looked at for a region as a whole, in words such as `tags in`."""

    what: str
    where: AccountRegion

    def __str__(self) -> str:
        return f"{self.what} {self.where}"


class Sweeper(Protocol):
    """Something that looks at AWS by a timetable of its own, kept up by itself."""

    @property
    def where(self) -> AccountRegion:
        """The region that it looks at."""

    @property
    def schedule(self) -> PollingSchedule:
        """When it looks next."""

    async def sweep(self, pages_per_second: float) -> None:
        """Look once; afterwards `schedule` says when to look again, also after an error."""


class Scheduler:
    """The timetable of all sweepers."""

    def __init__(self, settings: Settings, metrics: Metrics, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._metrics = metrics
        self._clock = clock
        self._sweepers: dict[Hashable, Sweeper] = {}
        self._sweeps: dict[Hashable, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()

    def add(self, key: Hashable, sweeper: Sweeper) -> None:
        """Run this sweeper's sweeps from now on."""
        self._sweepers[key] = sweeper
        self.wake()

    def remove(self, key: Hashable) -> None:
        """Run no more of its sweeps; one under way is given up."""
        self._sweepers.pop(key, None)
        sweep = self._sweeps.pop(key, None)
        if sweep is not None:
            sweep.cancel()

    def wake(self) -> None:
        """A timetable has changed."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Run sweeps until told to stop; those under way are then given up."""
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self.wake())
        try:
            while not stop.is_set():
                self._start_due()
                await self._pause()
        finally:
            under_way = [stopping, *self._sweeps.values()]
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    def _start_due(self) -> None:
        now = self._clock()
        for key, sweeper in self._sweepers.items():
            if key not in self._sweeps and sweeper.schedule.due <= now:
                self._sweeps[key] = asyncio.create_task(self._sweep(key, sweeper))

    async def _pause(self) -> None:
        """Until the next sweep is due, or a timetable has changed."""
        idle = (sweeper for key, sweeper in self._sweepers.items() if key not in self._sweeps)
        due = min((sweeper.schedule.due for sweeper in idle), default=None)
        pause = None if due is None else max(0.0, due - self._clock())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._wake.wait()
        self._wake.clear()

    async def _sweep(self, key: Hashable, sweeper: Sweeper) -> None:
        began = self._clock()
        extent = "full" if sweeper.schedule.is_full_due(began) else "moving"
        outcome = "failed"
        try:
            await sweeper.sweep(self._pages_per_second(sweeper))
            outcome = "complete"
        except AwsError as error:
            logger.warning("Could not look at %s: %s", key, error)
        except Exception:
            # A defect of ours: the view is stale now, which /healthz tells if it stays so.
            logger.exception("Could not make sense of what AWS shows of %s", key)
        finally:
            if self._sweeps.get(key) is asyncio.current_task():
                del self._sweeps[key]
            self.wake()
        self._metrics.sweeps.labels(extent, outcome).inc()
        self._metrics.sweep_duration.labels(extent).observe(self._clock() - began)

    def _pages_per_second(self, sweeper: Sweeper) -> float:
        """Its share of the pages that a region may take while things move."""
        moving = sum(
            other.where == sweeper.where and other.schedule.is_moving
            for other in self._sweepers.values()
        )
        return self._settings.fast_pages_per_second / max(1, moving)
