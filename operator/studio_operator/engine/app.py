"""The life of an operator process: start, lead or stand by, stop in good order."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from studio_operator.api.common import CLUSTER_ID
from studio_operator.engine.assembly import Engine, assemble, now
from studio_operator.engine.declared.resync import Resync
from studio_operator.engine.feed import Feed
from studio_operator.engine.monitoring.collector import EngineCollector, Readings
from studio_operator.engine.monitoring.cost_collector import CostCollector
from studio_operator.engine.monitoring.health import Checks, LoopLag, health_pages
from studio_operator.engine.monitoring.http_server import ConnectionLimits, HttpServer
from studio_operator.engine.monitoring.labelled_spaces import Naming
from studio_operator.engine.monitoring.metric_families import Counting
from studio_operator.engine.monitoring.metrics_page import Guarded, MetricsPage
from studio_operator.kube.client import KubeClient
from studio_operator.kube.lease import LeaderElection, LeaseTimes
from studio_operator.kube.lease_thread import LeaseThread
from studio_operator.metrics import Metrics
from studio_operator.settings import Settings

log = logging.getLogger(__name__)


class Watching(Protocol):
    """What watches the cluster."""

    async def start(self) -> asyncio.Task[None]:
        """Begin; the task ends with `stop` or with an error."""

    async def stop(self) -> None:
        """End."""


MakeWatch = Callable[[Feed, Resync], Watching]


@dataclass(frozen=True, slots=True)
class Setup:
    """How this process runs.

    - `namespaces`: those it serves; all when empty.
    - `lease_namespace`: where the lease is; None to lead without one.
    - `lease_kube`: a client for the lease alone, which waits for no other request.
    - `identity`: this process's name in the lease and in Events.
    """

    settings: Settings
    kube: KubeClient
    metrics: Metrics
    namespaces: Sequence[str]
    lease_namespace: str | None
    lease_kube: KubeClient
    identity: str


class PortError(Exception):
    """A port can't be served; the message names it."""


class App:
    """One operator. `run` returns after SIGTERM or SIGINT, and raises when it cannot go on."""

    def __init__(self, setup: Setup, make_watch: MakeWatch) -> None:
        self._setup = setup
        self._settings = setup.settings
        self._make_watch = make_watch
        self._stop = asyncio.Event()
        self._lag = LoopLag()
        self._election: LeaderElection | None = None
        self._leads = False
        self._has_no_calls = True  # none to AWS is under way when the next instance leads

    async def run(self) -> None:
        """Run until told to stop.

        Raises ApiError, LeaseLostError, PortError, ReadableNowError and what kopf raises.
        """
        setup = self._setup
        cluster = self._settings.cluster_id or await setup.kube.kube_system_uid()
        log.info("This cluster's id in AWS's tags is %s.", cluster)
        self._election = self._make_election(cluster)
        engine = assemble(
            self._settings,
            setup.metrics,
            setup.kube,
            cluster=cluster,
            namespaces=setup.namespaces,
            instance=setup.identity,
            lease=self._lease_path(),
            may_act=self.may_act,
        )
        if not engine.gateway.default_region:
            log.warning(
                "No AWS region is set (AWS_DEFAULT_REGION): each StudioDomain has to name one."
            )
        health, metrics = self._make_health(engine), self._make_metrics(engine)
        try:
            await _serve("health", self._settings.health_port, health.start)
            await _serve("metrics", self._settings.metrics_port, metrics.start)
            await engine.resync.fill()
            await self._watch_and_lead(engine)
        finally:
            await engine.gateway.close()
            await metrics.stop()
            await health.stop()
            await setup.kube.close()
            await setup.lease_kube.close()

    def may_act(self) -> bool:
        """Whether this process may change anything, just now."""
        return self._leads and (self._election is None or self._election.is_leader)

    async def _watch_and_lead(self, engine: Engine) -> None:
        watch = self._make_watch(engine.feed, engine.resync)
        watching = await watch.start()
        engine.resync.hurry()  # what ended before the watch began, it will never tell
        self._take_signals()
        try:
            await self._lead(engine, watching)
        finally:
            await watch.stop()
        await watching  # its error, if it was one that ended us

    async def _lead(self, engine: Engine, watching: asyncio.Task[None]) -> None:
        """Wait to lead, lead, and hand over."""
        stopping = asyncio.create_task(self._stop.wait(), name="stop")
        background = [
            asyncio.create_task(self._lag.run(), name="loop lag"),
            asyncio.create_task(engine.resync.run(), name="resync"),
        ]
        ends: list[asyncio.Task[Any]] = [stopping, watching, *background]
        try:
            if self._election is not None:
                await _first_of(self._election.acquire(), ends)
            if not _any_done(ends):
                await self._act(engine, ends)
        finally:
            await _cancel([stopping, *background])
            if self._election is not None and self._has_no_calls:
                await self._give_back(self._election)  # also one taken in the moment of the stop
        for task in background:
            if not task.cancelled():
                task.result()  # it never ends by itself but with an error

    async def _give_back(self, election: LeaderElection) -> None:
        try:
            async with asyncio.timeout(self._settings.drain_timeout / 2):
                await election.release()
        except TimeoutError:
            log.warning("The lease could not be given back in time.")

    async def _act(self, engine: Engine, ends: list[asyncio.Task[Any]]) -> None:
        """Reconcile until one of these ends."""
        parts: list[asyncio.Task[Any]] = []
        if self._election is not None:
            parts.append(await self._take_over(self._election, engine))
        self._leads = True
        for entry in engine.store:
            engine.core.reconciler.follow(entry)
        engine.feed.everything()
        stop_inventory = asyncio.Event()
        workers = asyncio.create_task(engine.workers.run(), name="workers")
        parts += [
            asyncio.create_task(engine.inventory.run(stop_inventory), name="inventory"),
            asyncio.create_task(engine.core.writer.run(), name="status writer"),
            asyncio.create_task(engine.core.event_recorder.run(), name="event_recorder"),
        ]
        try:
            await asyncio.wait([*ends, *parts, workers], return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._hand_over(engine, workers, parts)
        for part in (*parts, workers):
            if part.done() and not part.cancelled():
                part.result()

    async def _take_over(self, election: LeaderElection, engine: Engine) -> asyncio.Task[None]:
        """Read the last words of the one who led before; the task that keeps the lease."""
        lease = LeaseThread(election, hang=self._settings.lease_hang, clock=time.monotonic)
        keeping = asyncio.create_task(lease.keep(), name="lease")
        try:
            await engine.resync.fill()
        except BaseException:
            await _cancel([keeping])
            raise
        return keeping

    async def _hand_over(
        self, engine: Engine, workers: asyncio.Task[None], parts: list[asyncio.Task[Any]]
    ) -> None:
        """End the work under way, and say what is left to say."""
        log.info("Stopping: no more work is taken up.")
        engine.queue.close()
        await asyncio.wait([workers], timeout=self._settings.drain_timeout)
        await _cancel([workers, *parts])
        try:
            if self.may_act():
                async with asyncio.timeout(self._settings.drain_timeout / 2):
                    await engine.core.writer.flush()
                    await engine.core.event_recorder.flush()
        except TimeoutError:
            log.warning("Some last steps could not be told in time.")
        finally:
            self._leads = False
            if self._election is not None:
                self._has_no_calls = await engine.gateway.close()
                if not self._has_no_calls:
                    log.warning("Calls to AWS are still under way: the lease is left to run out.")

    def _lease_path(self) -> str | None:
        namespace = self._setup.lease_namespace
        return f"{namespace}/{self._settings.lease_name}" if namespace is not None else None

    def _make_election(self, cluster: str) -> LeaderElection | None:
        setup, settings = self._setup, self._settings
        if setup.lease_namespace is None:
            return None
        return LeaderElection(
            setup.lease_kube,
            namespace=setup.lease_namespace,
            name=settings.lease_name,
            identity=setup.identity,
            annotations={CLUSTER_ID: cluster},
            times=LeaseTimes(
                duration=settings.lease_duration,
                renew_deadline=settings.lease_renew_deadline,
                renew_interval=settings.lease_renew_interval,
                candidate_interval=settings.lease_candidate_interval,
            ),
            clock=time.monotonic,
        )

    def _make_health(self, engine: Engine) -> HttpServer:
        settings, inventory, resync = self._settings, engine.inventory, engine.resync
        checks = Checks(
            alive={
                "watch": lambda: "it missed changes" if resync.watch_is_stale else None,
                "inventory": lambda: _too_long(
                    inventory.oldest_success_age() if self._leads else 0.0,
                    settings.inventory_stale,
                    "since all of AWS was seen",
                ),
                "loop": lambda: _too_long(self._lag.seconds, settings.loop_lag, "late"),
            },
            ready={
                "store": lambda: None if resync.is_filled else "resources are being listed",
                "inventory": lambda: self._unready_inventory(engine),
            },
        )
        return HttpServer(health_pages(checks), settings.health_port, self._limits())

    def _make_metrics(self, engine: Engine) -> HttpServer:
        settings, metrics = self._settings, self._setup.metrics
        collectors = [Guarded(one, metrics) for one in self._make_collectors(engine)]
        page = MetricsPage(metrics.registry, collectors, settings.metrics_cache, time.monotonic)
        return HttpServer({"/metrics": page.read}, settings.metrics_port, self._limits())

    def _limits(self) -> ConnectionLimits:
        """Of each port."""
        settings = self._settings
        return ConnectionLimits(
            connections=settings.http_connections,
            rate=settings.http_rate,
            seconds=settings.http_timeout,
        )

    def _make_collectors(self, engine: Engine) -> tuple[Counting, ...]:
        """What is counted when Prometheus asks."""
        inventory = engine.inventory
        readings = Readings(
            queue_depth=lambda: engine.queue.depth,
            queue_age=engine.queue.oldest_age,
            working=lambda: engine.queue.working,
            is_leader=self.may_act,
            loop_lag=lambda: self._lag.seconds,
            inventory_ages=inventory.ages,
            starting_since=inventory.starting_since,
            features=inventory.feature_gauges,
            now=now,
        )
        naming = Naming(self._settings.team_tag, owners=self._settings.owner_metrics)
        costs = CostCollector(engine.store, naming, is_leader=self.may_act, now=now)
        return EngineCollector(engine.store, readings), costs

    def _unready_inventory(self, engine: Engine) -> str | None:
        """A process that stands by is ready; one that leads has to have seen AWS."""
        if self._election is not None and not self._leads:
            return None
        if self._leads and engine.inventory.ready:
            return None
        return "AWS has not been seen completely yet"

    def _take_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)


async def _serve(what: str, port: int, start: Callable[[], Awaitable[int]]) -> None:
    try:
        await start()
    except OSError as error:
        raise PortError(f"port {port} can't be served, that of {what}: {error}") from error


def _too_long(age: float, limit: float, what: str) -> str | None:
    return f"{age:.0f} s {what}" if age > limit else None


def _any_done(tasks: list[asyncio.Task[Any]]) -> bool:
    return any(task.done() for task in tasks)


async def _first_of(wanted: Coroutine[Any, Any, None], ends: list[asyncio.Task[Any]]) -> None:
    """Wait for something, or until one of the others ends."""
    task = asyncio.create_task(wanted, name="candidate")
    try:
        await asyncio.wait([task, *ends], return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not task.done():
            await _cancel([task])
    if not task.cancelled():
        task.result()


async def _cancel(tasks: list[asyncio.Task[Any]]) -> None:
    """End tasks and wait for it; their errors are for whoever looks at them."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
