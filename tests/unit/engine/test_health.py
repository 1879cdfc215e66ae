"""What the health checks answer, over HTTP."""

from __future__ import annotations

import asyncio
import time

import pytest
from studio_operator.engine.monitoring.health import Checks, LoopLag, health_pages

from tests.unit.engine.test_http_server import LIMITS, Served


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

    async def scenario() -> tuple[int, str]:
        async with Served(health_pages(Checks(alive=checks, ready=checks)), LIMITS) as served:
            return await served.ask(path)

    assert asyncio.run(scenario()) == (status, said)


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
