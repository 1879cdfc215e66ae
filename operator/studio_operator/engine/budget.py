"""A token bucket for what may wait: it keeps a flood of small news from drowning the API server."""

from __future__ import annotations

from collections.abc import Callable


class TokenBucket:
    """`burst` at once, then `rate` a second. `clock` gives monotonic seconds."""

    def __init__(self, *, rate: float, burst: float, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._tokens = burst
        self._counted_at = clock()

    def take(self) -> bool:
        """Take one token if there is one."""
        self._refill()
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def wait(self) -> float:
        """Seconds until the next token."""
        self._refill()
        return max(0.0, (1.0 - self._tokens) / self._rate)

    def _refill(self) -> None:
        now = self._clock()
        gained = (now - self._counted_at) * self._rate
        self._tokens = min(self._burst, self._tokens + gained)
        self._counted_at = now
