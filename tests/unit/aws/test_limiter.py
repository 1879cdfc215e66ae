"""The rate limit: never faster than its rate, slower when throttled, and fair."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from studio_operator.aws.limiter import RateBounds, RateLimiter, TokenBucket
from studio_operator.fairness import Flow, Priority

PACE = RateBounds(ceiling=100.0, floor=0.5, burst_seconds=0.5)
paces = st.builds(
    RateBounds,
    ceiling=st.floats(1, 500),
    floor=st.floats(0.1, 1),
    burst_seconds=st.floats(0.01, 5),
)
steps = st.lists(
    st.tuples(st.floats(0, 3), st.sampled_from(["take", "succeed", "throttle"])), max_size=200
)


@given(paces, steps)
def test_whatever_happens_the_rate_stays_between_floor_and_ceiling(
    pace: RateBounds, happenings: list[tuple[float, str]]
) -> None:
    now, bucket = 0.0, TokenBucket(pace, 0.0)
    for passed, what in happenings:
        now += passed
        if what == "take":
            bucket.take(now)
        else:
            bucket.answered(now, 1, int(what == "throttle"))
        assert pace.floor <= bucket.rate <= max(pace.ceiling, pace.floor)
        assert 0 <= bucket.tokens <= bucket.capacity + 1e-9


@given(st.floats(0.5, 200), st.lists(st.floats(0, 0.5), min_size=1, max_size=300))
def test_no_stretch_of_time_gives_more_than_its_rate_and_one_burst(
    rate: float, pauses: list[float]
) -> None:
    pace = RateBounds(ceiling=rate, floor=0.1, burst_seconds=0.5)
    now, bucket, given_at = 0.0, TokenBucket(pace, 0.0), []
    for pause in pauses:
        now += pause
        while bucket.take(now):
            given_at.append(now)
    burst = max(1.0, rate * 0.5)
    for first in range(len(given_at)):
        number = len(given_at) - first
        assert number <= burst + rate * (now - given_at[first]) + 1e-6


@given(paces, st.integers(1, 50))
def test_after_the_wait_it_names_a_token_is_there(pace: RateBounds, taken: int) -> None:
    bucket = TokenBucket(pace, 0.0)
    for _ in range(taken):
        bucket.take(0.0)
    wait = bucket.wait(0.0)
    if wait > 1e-9:  # else what is left of rounding
        assert not bucket.take(wait * 0.99)
    assert bucket.wait(wait) < 1e-6


def test_a_request_that_botocore_repeats_costs_a_token_of_its_own() -> None:
    bucket = TokenBucket(PACE, 0.0)
    before = bucket.tokens
    bucket.take(0.0)
    bucket.answered(0.0, requests=2, refused=0)
    assert bucket.tokens == before - 2


def throttle(bucket: TokenBucket, now: float) -> None:
    """AWS refuses most of what a bucket let pass in a moment."""
    bucket.answered(now, 1, 0)
    for _ in range(30):
        bucket.answered(now + 1.0, 1, 1)


def test_a_rate_that_falls_empties_the_bucket() -> None:
    bucket = TokenBucket(PACE, 0.0)
    throttle(bucket, 10.0)
    assert bucket.rate < PACE.ceiling / 2
    assert not bucket.take(11.0)
    assert bucket.slowed_at == 11.0


def test_what_was_repeated_at_a_high_rate_is_not_paid_for_at_a_low_one() -> None:
    """Else a dozen repeated requests would silence a slow bucket for half a minute."""
    bucket = TokenBucket(PACE, 0.0)
    throttle(bucket, 10.0)
    for _ in range(12):  # those that were under way
        bucket.answered(11.0, requests=2, refused=2)
    assert bucket.wait(11.0) <= (1.0 + bucket.capacity) / bucket.rate + 1e-6


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
        limiter: RateLimiter[str] = RateLimiter(lambda _: RateBounds(2, 1, 0.5), time, time.sleep)

        async def caller(number: int) -> None:
            passed.append((number, round(await limiter.acquire("a"), 3)))

        await asyncio.gather(*(caller(number) for number in range(5)))
        assert passed == [(0, 0.0), (1, 0.5), (2, 1.0), (3, 1.5), (4, 2.0)]

    run(scene())


def test_each_key_has_a_bucket_of_its_own() -> None:
    async def scene() -> None:
        time = ManualTime()
        limiter: RateLimiter[str] = RateLimiter(lambda _: RateBounds(1, 0.1, 1), time, time.sleep)
        await limiter.acquire("a")
        await limiter.acquire("b")
        assert time.now == 0
        limiter.answered("a", 1, 0)
        time.now += 5
        limiter.answered("a", 30, 29)
        assert limiter.bucket("a").rate < limiter.bucket("b").rate

    run(scene())


def test_a_caller_that_gives_up_lets_the_next_one_pass() -> None:
    async def scene() -> None:
        time = ManualTime()
        limiter: RateLimiter[str] = RateLimiter(lambda _: RateBounds(1, 0.1, 1), time)
        await limiter.acquire("a")
        first = asyncio.create_task(limiter.acquire("a"))
        second = asyncio.create_task(limiter.acquire("a"))
        await asyncio.sleep(0)
        first.cancel()
        time.now += 1
        assert await second == 1.0

    run(scene())


@pytest.mark.parametrize("turns", range(8))
def test_a_caller_that_gives_up_loses_no_token_at_whatever_moment(turns: int) -> None:
    """A tenant who has domains followed and let go again takes no listing's token along."""

    async def scene() -> None:
        time = ManualTime()
        limiter: RateLimiter[str] = RateLimiter(lambda _: RateBounds(1, 0.1, 1), time, time.sleep)
        await limiter.acquire("a")
        flapped = asyncio.create_task(limiter.acquire("a"))
        for _ in range(turns):
            await asyncio.sleep(0)
        flapped.cancel()
        await asyncio.gather(flapped, return_exceptions=True)
        await limiter.acquire("a")
        assert time.now == (1.0 if flapped.cancelled() else 2.0)

    run(scene())


def served(calls: list[tuple[str, Flow]], rate: float = 1.0, share: float = 0.5) -> list[str]:
    """The order in which calls that all wait get their tokens; one more took the first token."""
    order: list[str] = []

    async def scene() -> None:
        time = ManualTime()
        limiter: RateLimiter[str] = RateLimiter(
            lambda _: RateBounds(rate, 0.1, 0.5), time, time.sleep, share_of_stops=share
        )

        async def caller(name: str, flow: Flow) -> None:
            await limiter.acquire("a", flow)
            order.append(name)

        await limiter.acquire("a")
        await asyncio.gather(*(caller(name, flow) for name, flow in calls))

    run(scene())
    return order


def test_a_neighbours_call_waits_for_one_call_of_a_crowd() -> None:
    crowd = [(f"crowd-{number}", Flow("crowd")) for number in range(50)]
    order = served([*crowd, ("neighbour", Flow("quiet"))])
    assert order.index("neighbour") == 1


def test_stops_have_their_share_however_many_starts_wait() -> None:
    starts = [(f"start-{number}", Flow(f"team-{number}")) for number in range(20)]
    stops = [(f"stop-{number}", Flow("tidy", Priority.STOP)) for number in range(5)]
    order = served([*starts, *stops])
    assert [name.startswith("stop") for name in order[:10]] == [False, True] * 5


def test_stops_do_not_starve_starts() -> None:
    stops = [(f"stop-{number}", Flow("flood", Priority.STOP)) for number in range(40)]
    order = served([*stops, ("start", Flow("quiet"))])
    assert order.index("start") <= 1


def test_what_one_side_leaves_is_the_others() -> None:
    order = served([(f"stop-{number}", Flow("a", Priority.STOP)) for number in range(5)])
    assert order == [f"stop-{number}" for number in range(5)]
