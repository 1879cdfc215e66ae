"""Lets calls of AWS pass at the rate that `rate_finder` finds, namespaces in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from studio_operator.aws.rate_finder import RateFinder
from studio_operator.fairness import FairQueue, Flow, Priority

NOBODYS = Flow()
KeyT = TypeVar("KeyT", bound=Hashable)


@dataclass(frozen=True, slots=True)
class RateBounds:
    """How fast a bucket may become; rates are requests per second.

    - `ceiling`: where it starts, and the fastest it gets.
    - `floor`: the slowest it gets.
    - `burst_seconds`: an idle bucket holds the tokens of so many seconds, at least one token.
    """

    ceiling: float
    floor: float
    burst_seconds: float


class TokenBucket:
    """Tokens that come at a rate; arithmetic only. All times are seconds of one monotonic clock."""

    def __init__(self, pace: RateBounds, now: float) -> None:
        self._finder = RateFinder(pace.floor, pace.ceiling)
        self._burst_seconds = pace.burst_seconds
        self._filled_at = now
        self.slowed_at = float("-inf")
        self.tokens = self.capacity

    @property
    def rate(self) -> float:
        """Tokens that come in a second."""
        return self._finder.rate

    @property
    def capacity(self) -> float:
        """The most tokens it holds: it shrinks with the rate, so that a slowed bucket is gentle."""
        return max(1.0, self.rate * self._burst_seconds)

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

    def give_back(self) -> None:
        """A token that was taken is not used."""
        self.tokens = min(self.capacity, self.tokens + 1.0)

    def answered(self, now: float, requests: int, refused: int) -> None:
        """AWS answered the requests of a call, and refused so many of them as too many.

        One token was taken for the call. botocore repeats a request by itself: those count too. No
        more is owed than the bucket would hold: what was repeated at a high rate would else have to
        be paid for at a low one.
        """
        self._fill(now)
        self.tokens -= requests - 1
        if self._finder.answered(now, requests, refused):
            self.tokens = min(self.tokens, 0.0)
            self.slowed_at = now
        self.tokens = max(self.tokens, -self.capacity)

    def _fill(self, now: float) -> None:
        passed = max(0.0, now - self._filled_at)
        self._filled_at = max(self._filled_at, now)
        self.tokens = min(self.capacity, self.tokens + passed * self.rate)


class RateLimiter(Generic[KeyT]):
    """A bucket for each key; its tokens go to the namespaces in turn, and to stops first.

    Stops and deletions have a share of the tokens of their own: however many other calls wait, they
    get that share, and however many stops wait, the others get the rest. What one side does not
    use is the other's.
    """

    def __init__(
        self,
        pace_of: Callable[[KeyT], RateBounds],
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        share_of_stops: float = 0.5,
    ) -> None:
        self._pace_of = pace_of
        self._clock = clock
        self._sleep = sleep
        self._share_of_stops = share_of_stops
        self._lines: dict[KeyT, _Line] = {}

    async def acquire(self, key: KeyT, flow: Flow = NOBODYS) -> float:
        """Wait for a token; returns when it was given, for `is_outdated`."""
        line = self._line(key)
        if not line and line.bucket.take(self._clock()):
            return self._clock()
        turn: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        line.push(turn, flow, self._clock())
        if line.server is None:
            line.server = asyncio.create_task(self._serve(line), name=f"rate-{key}")
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                line.bucket.give_back()  # it was given a token in the same moment
            raise
        finally:
            line.discard(turn)

    def give_back(self, key: KeyT) -> None:
        """A token of this key is not used: whoever got it gave up before calling."""
        self.bucket(key).give_back()

    def answered(self, key: KeyT, requests: int, refused: int) -> None:
        """AWS answered the requests of a call of this key, and refused so many as too many."""
        self.bucket(key).answered(self._clock(), requests, refused)

    def is_outdated(self, key: KeyT, admitted_at: float) -> bool:
        """Whether the rate fell after a caller was admitted, who has not called yet."""
        return admitted_at < self.bucket(key).slowed_at

    def bucket(self, key: KeyT) -> TokenBucket:
        """The bucket of a key, made when it is asked for the first time."""
        return self._line(key).bucket

    def _line(self, key: KeyT) -> _Line:
        if key not in self._lines:
            bucket = TokenBucket(self._pace_of(key), self._clock())
            self._lines[key] = _Line(bucket, self._share_of_stops)
        return self._lines[key]

    async def _serve(self, line: _Line) -> None:
        """Give tokens to those who wait, until nobody does."""
        try:
            while line:
                if line.bucket.take(self._clock()):
                    line.serve(self._clock())
                else:
                    await self._sleep(line.bucket.wait(self._clock()))
        finally:
            line.server = None


class _Line:
    """Who waits for the tokens of one bucket."""

    def __init__(self, bucket: TokenBucket, share_of_stops: float) -> None:
        self.bucket = bucket
        self.server: asyncio.Task[None] | None = None
        self._share_of_stops = share_of_stops
        self._credit = 0.0  # of stops: one at 1
        self._stops: FairQueue[asyncio.Future[float]] = FairQueue()
        self._others: FairQueue[asyncio.Future[float]] = FairQueue()

    def __len__(self) -> int:
        return len(self._stops) + len(self._others)

    def push(self, turn: asyncio.Future[float], flow: Flow, since: float) -> None:
        """Let a caller wait."""
        line = self._stops if flow.priority is Priority.STOP else self._others
        line.push(turn, flow, since)

    def discard(self, turn: asyncio.Future[float]) -> None:
        """Let a caller wait no longer, if it does."""
        self._stops.discard(turn)
        self._others.discard(turn)

    def serve(self, now: float) -> None:
        """Give a token that was taken to whose turn it is; back to the bucket if all gave up."""
        while self:
            first = (self._stops if self._is_stops_turn() else self._others).pop()
            assert first is not None
            if not first[0].done():
                first[0].set_result(now)
                return
        self.bucket.give_back()

    def _is_stops_turn(self) -> bool:
        if not (self._stops and self._others):
            return bool(self._stops)
        self._credit += self._share_of_stops
        if self._credit < 1.0:
            return False
        self._credit -= 1.0
        return True
