"""The rate limit: never faster than its rate, slower when throttled, and fair."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from studio_operator.aws.limiter import Pace, RateLimiter, TokenBucket

PACE = Pace(ceiling=100.0, floor=0.5, recovery=1.0, burst_seconds=0.5)
paces = st.builds(
    Pace,
    ceiling=st.floats(1, 500),
    floor=st.floats(0.1, 1),
    recovery=st.floats(0.01, 50),
    burst_seconds=st.floats(0.01, 5),
)
steps = st.lists(
    st.tuples(st.floats(0, 3), st.sampled_from(["take", "succeed", "throttle"])), max_size=200
)


@given(paces, steps)
def test_whatever_happens_the_rate_stays_between_floor_and_ceiling(
    pace: Pace, happenings: list[tuple[float, str]]
) -> None:
    now, bucket = 0.0, TokenBucket(pace, 0.0)
    for passed, what in happenings:
        now += passed
        if what == "take":
            bucket.take(now)
        elif what == "succeed":
            bucket.succeeded()
        else:
            bucket.throttled(now, now)
        assert pace.floor <= bucket.rate <= max(pace.ceiling, pace.floor)
        assert 0 <= bucket.tokens <= bucket.capacity + 1e-9


@given(st.floats(0.5, 200), st.lists(st.floats(0, 0.5), min_size=1, max_size=300))
def test_no_stretch_of_time_gives_more_than_its_rate_and_one_burst(
    rate: float, pauses: list[float]
) -> None:
    pace = Pace(ceiling=rate, floor=0.1, recovery=1.0, burst_seconds=0.5)
    now, bucket, given_at = 0.0, TokenBucket(pace, 0.0), []
    for pause in pauses:
        now += pause
        while bucket.take(now):
            given_at.append(now)
    burst = max(1.0, rate * 0.5)
    for first in range(len(given_at)):
        number = len(given_at) - first
        assert number <= burst + rate * (now - given_at[first]) + 1e-6


@given(paces, st.floats(0, 100))
def test_after_the_wait_it_names_a_token_is_there(pace: Pace, throttled_at: float) -> None:
    bucket = TokenBucket(pace, 0.0)
    bucket.throttled(throttled_at, throttled_at)
    wait = bucket.wait(throttled_at)
    assert wait > 0
    assert not bucket.take(throttled_at + wait * 0.99)
    assert bucket.wait(throttled_at + wait) < 1e-6


def test_throttling_empties_the_bucket_and_halves_the_rate() -> None:
    bucket = TokenBucket(PACE, 0.0)
    assert bucket.wait(0.0) == 0
    bucket.throttled(admitted_at=0.0, now=1.0)
    assert bucket.rate == 50.0
    assert bucket.wait(1.0) == pytest.approx(1 / 50)


def test_calls_throttled_together_halve_the_rate_once() -> None:
    bucket = TokenBucket(PACE, 0.0)
    for _ in range(20):
        bucket.throttled(admitted_at=0.9, now=1.0)
    assert bucket.rate == 50.0
    bucket.throttled(admitted_at=1.1, now=1.2)  # admitted at the new rate: still too fast
    assert bucket.rate == 25.0


def test_a_bucket_at_full_use_recovers_by_its_step_each_second() -> None:
    bucket = TokenBucket(PACE, 0.0)
    for _ in range(6):
        now = 10.0 * (1 + bucket.rate)
        bucket.throttled(admitted_at=now, now=now)
    slow = bucket.rate
    now = 1_000_000.0
    for second in range(1, 11):
        end = now + 1
        while now < end:
            now += 1 / bucket.rate
            assert bucket.take(now)
            bucket.succeeded()
        assert bucket.rate == pytest.approx(slow + second, rel=0.35)


class ManualTime:
    """A clock that moves only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(coroutine, 10))


def test_callers_pass_in_the_order_in_which_they_came() -> None:
    async def scene() -> None:
        time, passed = ManualTime(), []
        limiter: RateLimiter[str] = RateLimiter(lambda _: Pace(2, 1, 1, 0.5), time, time.sleep)

        async def caller(number: int) -> None:
            await limiter.acquire("a")
            passed.append((number, round(time.now, 3)))

        await asyncio.gather(*(caller(number) for number in range(5)))
        assert passed == [(0, 0.0), (1, 0.5), (2, 1.0), (3, 1.5), (4, 2.0)]

    run(scene())


def test_a_caller_that_waits_is_held_back_by_throttling_too() -> None:
    async def scene() -> None:
        time = ManualTime()
        limiter: RateLimiter[str] = RateLimiter(lambda _: Pace(2, 0.1, 1, 0.5), time, time.sleep)
        admitted_at = await limiter.acquire("a")
        waiting = asyncio.create_task(limiter.acquire("a"))
        await asyncio.sleep(0)  # it sleeps half a second for the next token
        limiter.throttled("a", admitted_at)
        assert await waiting == pytest.approx(1.5)  # and another, since one takes a second now

    run(scene())


def test_each_key_has_a_bucket_of_its_own() -> None:
    async def scene() -> None:
        time = ManualTime()
        limiter: RateLimiter[str] = RateLimiter(lambda _: Pace(1, 0.1, 1, 1), time, time.sleep)
        await limiter.acquire("a")
        await limiter.acquire("b")
        assert time.now == 0
        limiter.throttled("a", 0)
        assert limiter.bucket("a").rate < limiter.bucket("b").rate

    run(scene())


def test_a_caller_that_gives_up_lets_the_next_one_pass() -> None:
    async def scene() -> None:
        time = ManualTime()
        limiter: RateLimiter[str] = RateLimiter(lambda _: Pace(1, 0.1, 1, 1), time)
        await limiter.acquire("a")
        first = asyncio.create_task(limiter.acquire("a"))
        second = asyncio.create_task(limiter.acquire("a"))
        await asyncio.sleep(0)
        first.cancel()
        time.now += 1
        assert await second == 1.0

    run(scene())
