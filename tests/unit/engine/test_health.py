"""What the health server answers, over HTTP."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest
from prometheus_client import CollectorRegistry, Gauge
from studio_operator.engine.health import Checks, HealthServer, LoopLag


async def ask(server: HealthServer, path: str) -> tuple[int, str]:
    port = await server.start()
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}{path}") as answer,
        ):
            return answer.status, await answer.text()
    finally:
        await server.stop()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize(
    ("trouble", "status", "said"),
    [
        (None, 200, "[+] watch: ok\n[+] loop: ok\n"),
        ("it hangs", 503, "[+] watch: ok\n[-] loop: it hangs\n"),
    ],
)
def test_one_check_that_fails_is_named_and_fails_all(
    path: str, trouble: str | None, status: int, said: str
) -> None:
    checks = {"watch": lambda: None, "loop": lambda: trouble}
    server = HealthServer(Checks(alive=checks, ready=checks), CollectorRegistry(), port=0)
    assert asyncio.run(ask(server, path)) == (status, said)


def test_metrics_are_served_in_prometheus_text() -> None:
    registry = CollectorRegistry()
    Gauge("answer", "To everything.", registry=registry).set(42)
    server = HealthServer(Checks(alive={}, ready={}), registry, port=0)
    status, said = asyncio.run(ask(server, "/metrics"))
    assert (status, said.splitlines()[-1]) == (200, "answer 42.0")


def test_a_loop_that_was_blocked_is_late() -> None:
    async def scenario() -> float:
        lag = LoopLag(interval=0.01)
        running = asyncio.create_task(lag.run())
        await asyncio.sleep(0)
        time.sleep(0.2)
        while lag.seconds == 0.0:
            await asyncio.sleep(0)
        running.cancel()
        return lag.seconds

    assert asyncio.run(asyncio.wait_for(scenario(), 10)) > 0.1
