"""Answers to the kubelet: is it alive, is it ready."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from studio_operator.engine.monitoring.http_server import Answer, Page

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


def health_pages(checks: Checks) -> Mapping[str, Page]:
    """`/healthz` and `/readyz`."""
    return {
        "/healthz": lambda _: _answer(checks.alive),
        "/readyz": lambda _: _answer(checks.ready),
    }


def _answer(checks: Mapping[str, Check]) -> Answer:
    """All checks by name; 503 when one of them fails."""
    results = {name: check() for name, check in checks.items()}
    lines = [
        f"[{'-' if wrong else '+'}] {name}: {wrong or 'ok'}" for name, wrong in results.items()
    ]
    status = HTTPStatus.SERVICE_UNAVAILABLE if any(results.values()) else HTTPStatus.OK
    return Answer("".join(f"{line}\n" for line in lines).encode(), status=status)
