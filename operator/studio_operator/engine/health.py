"""Answers to the kubelet and to Prometheus: is it alive, is it ready, how does it go."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

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
