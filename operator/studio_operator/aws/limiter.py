"""How fast AWS is called: token buckets that slow down when AWS throttles and recover slowly.

AWS publishes no request rates for SageMaker Studio, and they differ between accounts. So each
bucket finds its own, the way TCP does: additive increase, multiplicative decrease (AIMD).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a bucket may become and how it moves; rates are calls per second.

    - `ceiling`: where it starts, and the fastest it gets.
    - `floor`: the slowest it gets.
    - `recovery`: what a bucket in use wins back each second.
    - `burst_seconds`: an idle bucket holds the tokens of so many seconds, at least one token.
    """

    ceiling: float
    floor: float
    recovery: float
    burst_seconds: float


class TokenBucket:
    """Tokens that come at a rate; arithmetic only. All times are seconds of one monotonic clock."""

    def __init__(self, pace: Pace, now: float) -> None:
        self._pace = pace
        self._filled_at = now
        self.slowed_at = float("-inf")
        self.rate = max(pace.floor, pace.ceiling)
        self.tokens = self.capacity

    @property
    def capacity(self) -> float:
        """The most tokens it holds: it shrinks with the rate, so that a slowed bucket is gentle."""
        return max(1.0, self.rate * self._pace.burst_seconds)

    def wait(self, now: float) -> float:
        """Seconds until a token is there; 0 when there is one."""
        self._fill(now)
        return max(0.0, (1.0 - self.tokens) / self.rate)

    def take(self, now: float) -> bool:
        """Take a token if there is one."""
        self._fill(now)
        if self.tokens < 1.0:
            return False
        self.tokens -= 1.0
        return True

    def succeeded(self) -> None:
        """A call went through: at full use, these steps add up to `recovery` each second."""
        self.rate = min(self._pace.ceiling, self.rate + self._pace.recovery / self.rate)

    def throttled(self, admitted_at: float, now: float) -> None:
        """A call that was admitted at that time was throttled: empty the bucket, halve the rate.

        Calls admitted before the last halving tell nothing new: when twenty calls under way are
        throttled together, the rate halves once.
        """
        self._fill(now)
        self.tokens = 0.0
        if admitted_at >= self.slowed_at:
            self.rate = max(self._pace.floor, self.rate / 2)
            self.slowed_at = now

    def _fill(self, now: float) -> None:
        passed = max(0.0, now - self._filled_at)
        self._filled_at = max(self._filled_at, now)
        self.tokens = min(self.capacity, self.tokens + passed * self.rate)


class RateLimiter(Generic[KeyT]):
    """A bucket for each key; callers of one key pass in the order in which they came."""

    def __init__(
        self,
        pace_of: Callable[[KeyT], Pace],
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._pace_of = pace_of
        self._clock = clock
        self._sleep = sleep
        self._buckets: dict[KeyT, TokenBucket] = {}
        self._turns: dict[KeyT, asyncio.Lock] = {}

    async def acquire(self, key: KeyT) -> float:
        """Wait for a token; returns when it was given, for `throttled`."""
        bucket = self.bucket(key)
        async with self._turns[key]:  # asyncio's locks are fair: first come, first served
            while not bucket.take(self._clock()):
                await self._sleep(bucket.wait(self._clock()))
        return self._clock()

    def succeeded(self, key: KeyT) -> None:
        """A call of this key went through."""
        self.bucket(key).succeeded()

    def throttled(self, key: KeyT, admitted_at: float) -> None:
        """A call of this key, admitted at that time, was throttled."""
        self.bucket(key).throttled(admitted_at, self._clock())

    def is_outdated(self, key: KeyT, admitted_at: float) -> bool:
        """Whether the rate was halved after a caller was admitted, who has not called yet."""
        return admitted_at < self.bucket(key).slowed_at

    def bucket(self, key: KeyT) -> TokenBucket:
        """The bucket of a key, made when it is asked for the first time."""
        if key not in self._buckets:
            self._buckets[key] = TokenBucket(self._pace_of(key), self._clock())
            self._turns[key] = asyncio.Lock()
        return self._buckets[key]
