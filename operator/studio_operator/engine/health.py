"""Answers to the kubelet and to Prometheus: is it alive, is it ready, how does it go."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from studio_operator.engine.store import Store
from studio_operator.metrics import PREFIX

log = logging.getLogger(__name__)

# A check gives None when all is well, else what is wrong, in words.
Check = Callable[[], str | None]


@dataclass(frozen=True, slots=True)
class Checks:
    """What has to hold: `alive` or the process should be restarted, `ready` or it has not begun."""

    alive: Mapping[str, Check]
    ready: Mapping[str, Check]


class LoopLag:
    """How late the event loop is: what blocks it makes every other answer late too."""

    def __init__(self, interval: float = 1.0) -> None:
        self._interval = interval
        self.seconds = 0.0

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            began = time.monotonic()
            await asyncio.sleep(self._interval)
            self.seconds = max(0.0, time.monotonic() - began - self._interval)


class HealthServer:
    """`/healthz`, `/readyz` and `/metrics` on all interfaces."""

    def __init__(self, checks: Checks, registry: CollectorRegistry, port: int) -> None:
        """A port of 0 takes any free one."""
        self._checks = checks
        self._registry = registry
        self._port = port
        application = web.Application()
        application.router.add_get("/healthz", self._answer_alive)
        application.router.add_get("/readyz", self._answer_ready)
        application.router.add_get("/metrics", self._answer_metrics)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)

    async def start(self) -> int:
        """Begin to answer; returns the port. OSError when it is taken."""
        await self._runner.setup()
        # Of a free port each family of addresses would get one of its own.
        host = None if self._port else "0.0.0.0"  # noqa: S104 - the kubelet asks from outside
        site = web.TCPSite(self._runner, host, self._port)
        await site.start()
        port = int(self._runner.addresses[0][1])
        log.info("Health and metrics are served on port %d.", port)
        return port

    async def stop(self) -> None:
        """Answer no more."""
        await self._runner.cleanup()

    async def _answer_alive(self, _: web.Request) -> web.Response:
        return _answer(self._checks.alive)

    async def _answer_ready(self, _: web.Request) -> web.Response:
        return _answer(self._checks.ready)

    async def _answer_metrics(self, request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(self._registry), headers={"Content-Type": content_type})


def _answer(checks: Mapping[str, Check]) -> web.Response:
    """All checks by name; 503 when one of them fails."""
    results = {name: check() for name, check in checks.items()}
    lines = [
        f"[{'-' if wrong else '+'}] {name}: {wrong or 'ok'}" for name, wrong in results.items()
    ]
    return web.Response(text="\n".join(lines) + "\n", status=503 if any(results.values()) else 200)


class EngineCollector(Collector):
    """Metrics that are counted when they are asked for, and cost nothing at other times."""

    def __init__(
        self,
        store: Store,
        *,
        queue_depth: Callable[[], int],
        queue_age: Callable[[], float],
        working: Callable[[], int],
        is_leader: Callable[[], bool],
        loop_lag: Callable[[], float],
        inventory_age: Callable[[], float],
    ) -> None:
        self._store = store
        self._gauges: Mapping[str, tuple[str, Callable[[], float]]] = {
            "queue_depth": ("Resources that wait for a worker.", queue_depth),
            "queue_oldest_seconds": ("How long the first of them has waited.", queue_age),
            "working": ("Resources that are worked on.", working),
            "leader": ("Whether this instance leads.", is_leader),
            "loop_lag_seconds": ("How late the event loop was last.", loop_lag),
            "inventory_age_seconds": ("Time since all of AWS was seen completely.", inventory_age),
        }

    def collect(self) -> Iterator[Metric]:
        """The metrics of this moment."""
        for name, (description, read) in self._gauges.items():
            yield GaugeMetricFamily(f"{PREFIX}_{name}", description, value=float(read()))
        yield self._count(
            "spaces",
            "Spaces by phase and instance type.",
            ("phase", "instance_type"),
            (
                (_text(space.shown, "phase"), _text(space.shown, "instanceType"))
                for space in self._store.of_kind("Space")
            ),
        )
        yield self._count(
            "resources",
            "Declared resources by kind and phase.",
            ("kind", "phase"),
            ((entry.key.kind, _text(entry.shown, "phase")) for entry in self._store),
        )

    @staticmethod
    def _count(
        name: str, text: str, labels: tuple[str, str], found: Iterable[tuple[str, str]]
    ) -> Metric:
        family = GaugeMetricFamily(f"{PREFIX}_{name}", text, labels=labels)
        for values, number in Counter(found).items():
            family.add_metric(values, number)
        return family


def _text(status: Mapping[str, object], member: str) -> str:
    return str(status.get(member) or "unknown")
