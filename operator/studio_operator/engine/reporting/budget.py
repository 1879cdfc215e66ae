"""A token bucket for what may wait: it keeps a flood of small news from drowning the API server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Budget:
    """`burst` at once, then `rate` a second. `clock` gives monotonic seconds."""

    def __init__(self, *, rate: float, burst: float, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._tokens = burst
        self._counted_at = clock()
        self._line = asyncio.Lock()  # it lets those who wait in by the order in which they came

    def take(self) -> bool:
        """Take one token if there is one."""
        self._refill()
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    async def next_token(self) -> None:
        """Take a token as soon as there is one, after those who asked before."""
        async with self._line:
            while not self.take():
                await asyncio.sleep(max(0.0, (1.0 - self._tokens) / self._rate))

    def _refill(self) -> None:
        now = self._clock()
        gained = (now - self._counted_at) * self._rate
        self._tokens = min(self._burst, self._tokens + gained)
        self._counted_at = now
