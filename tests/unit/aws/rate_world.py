"""A service that refuses requests, and somebody who calls it as fast as a bucket lets them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random

from studio_operator.aws.limiter import RateBounds, TokenBucket

CEILING = 200.0
PACE = RateBounds(CEILING, 0.5, 0.5)
# A request reaches AWS within the first of these, and its answer is back after the second.
ON_THE_WAY, LATENCY = 0.05, 0.15
# What is sent is counted over this time, at each tenth of a second.
WINDOW_SECONDS, TICKS = 3.0, 10
# So long a shape is tried, and so long the rate has to come near its limit.
SECONDS, SETTLED_SECONDS = 180.0, 10.0


@dataclass
class Aws:
    """Refuses the share `refused` of all requests at random, and of the rest those over `limit`.

    `burst`: how many it takes at once after a pause, as a multiple of the limit; 0 for a count that
    begins anew each second. `later`: when the limit becomes another one, and which.
    """

    limit: float | None
    refused: float
    random: Random
    burst: float = 1.0
    later: tuple[float, float | None] | None = None
    tokens: float = 0.0
    asked_at: float = -1.0

    def accepts(self, now: float) -> tuple[bool, bool]:
        """Whether a request counts towards the limit, and whether it is accepted."""
        if self.later is not None and now >= self.later[0]:
            self.limit, self.later = self.later[1], None
        if self.random.random() < self.refused:
            return False, False
        if self.limit is None:
            return True, True
        if self.burst:
            passed = now - self.asked_at
            self.tokens = min(self.limit * self.burst, self.tokens + passed * self.limit)
        elif int(now) != int(self.asked_at):
            self.tokens = self.limit
        self.asked_at = now
        if self.tokens < 1:
            return True, False
        self.tokens -= 1
        return True, True


@dataclass
class Run:
    """When requests were sent that count towards the limit, and when some were accepted."""

    counted: list[float] = field(default_factory=list)
    accepted: list[float] = field(default_factory=list)
    sent: int = 0

    def mean(self, first: float, last: float) -> float:
        """Requests a second that were accepted."""
        return _between(self.accepted, first, last) / (last - first)

    def longest_above(self, first: float, last: float, limit: float) -> float:
        """For how many seconds on end more was sent than that, over any three seconds."""
        longest = current = 0
        for is_above in self._above(first, last, limit):
            current = current + 1 if is_above else 0
            longest = max(longest, current)
        return longest / TICKS

    def time_above(self, first: float, last: float, limit: float) -> float:
        """For how many seconds in all more was sent than that, over any three seconds."""
        return sum(self._above(first, last, limit)) / TICKS

    def _above(self, first: float, last: float, limit: float) -> Iterator[bool]:
        for tick in range(int(first * TICKS), int(last * TICKS)):
            end = tick / TICKS
            yield _between(self.counted, end - WINDOW_SECONDS, end) > limit * WINDOW_SECONDS


def _between(times: list[float], first: float, last: float) -> int:
    return bisect_right(times, last) - bisect_right(times, first)


def call_at_full_use(aws: Aws, seconds: float, bucket: TokenBucket | None = None) -> Run:
    """Somebody always wants to call, and each answer comes after a moment."""
    bucket, run, now, number = bucket or TokenBucket(PACE, 0.0), Run(), 0.0, 0
    # When a request reaches AWS, or (the last member) its answer comes back.
    under_way: list[tuple[float, int, bool | None]] = []
    while now < seconds:
        while bucket.take(now):
            number += 1
            heappush(under_way, (now + aws.random.random() * ON_THE_WAY, number, None))
        token_at = now + max(bucket.wait(now), 1e-6)
        if not under_way or token_at < under_way[0][0]:
            now = token_at
            continue
        now, request, accepted = heappop(under_way)
        if accepted is not None:
            bucket.answered(now, 1, int(not accepted))
            continue
        counts, accepted = aws.accepts(now)
        heappush(under_way, (now + LATENCY - ON_THE_WAY, request, accepted))
        run.sent += 1
        if counts:
            run.counted.append(now)
        if accepted:
            run.accepted.append(now)
    return run


@dataclass(frozen=True)
class Shape:
    """A form of throttling; `later` is when the limit becomes another one, and which."""

    name: str
    limit: float
    burst: float = 0.0
    refused: float = 0.0
    later: tuple[float, float] | None = None

    def run(self, seed: int) -> Run:
        """Somebody calls at full use for three minutes."""
        aws = Aws(self.limit, self.refused, Random(seed), self.burst, self.later)
        return call_at_full_use(aws, SECONDS)

    def legs(self) -> list[tuple[float, float, float]]:
        """From when to when which limit holds, without the first ten seconds."""
        if self.later is None:
            return [(SETTLED_SECONDS, SECONDS, self.limit)]
        at, limit = self.later
        return [(SETTLED_SECONDS, at, self.limit), (at, SECONDS, limit)]


LIMITS = [
    Shape("a token bucket of 20 a second, burst 20", 20.0, burst=1.0),
    Shape("a token bucket of 20 a second, burst 100", 20.0, burst=5.0),
    Shape("60 counted in each second", 60.0),
    Shape("20 counted in each second", 20.0),
    Shape("10 counted in each second", 10.0),
    Shape("5 counted in each second", 5.0),
    Shape("2 counted in each second", 2.0),
    Shape("20 counted in each second, and 10 % refused at random", 20.0, refused=0.1),
]
