"""What the health server answers, over HTTP."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest
from prometheus_client import CollectorRegistry
from studio_operator.engine.health import Checks, EngineCollector, HealthServer, LoopLag
from studio_operator.engine.store import Store
from studio_operator.kube.resources import Key

from tests.unit.engine.test_store import body


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


def test_metrics_count_spaces_by_phase_and_instance_type_when_they_are_asked_for() -> None:
    store, registry = Store("eu-central-1"), CollectorRegistry()
    registry.register(
        EngineCollector(
            store,
            queue_depth=lambda: 3,
            queue_age=lambda: 1.5,
            working=lambda: 2,
            is_leader=lambda: True,
            loop_lag=lambda: 0.0,
            inventory_age=lambda: 7.0,
        )
    )
    running = {"phase": "InService", "instanceType": "ml.t3.medium"}
    for number, shown in enumerate([running, running, {"phase": "Pending"}]):
        store.apply(body(Key("Space", "team", f"s{number}"), status=shown))
    server = HealthServer(Checks(alive={}, ready={}), registry, port=0)
    status, said = asyncio.run(ask(server, "/metrics"))
    assert status == 200
    for line in (
        'studio_operator_spaces{instance_type="ml.t3.medium",phase="InService"} 2.0',
        'studio_operator_spaces{instance_type="unknown",phase="Pending"} 1.0',
        'studio_operator_resources{kind="Space",phase="InService"} 2.0',
        "studio_operator_queue_depth 3.0",
        "studio_operator_queue_oldest_seconds 1.5",
        "studio_operator_leader 1.0",
    ):
        assert line in said.splitlines()


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
