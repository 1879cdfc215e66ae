"""The rate is found from AWS's answers alone, and refusals at random do not slow it down.

Each shape is a form of throttling, tried for three minutes of simulated time with several seeds.
What is held to the limit are the requests that AWS counts towards it: what it refuses at random is
not among them.
"""

from __future__ import annotations

from random import Random
from statistics import mean

import pytest
from studio_operator.aws.limiter import TokenBucket
from studio_operator.aws.rate_finder import RateFinder

from tests.unit.aws.rate_world import (
    CEILING,
    LIMITS,
    PACE,
    SECONDS,
    SETTLED_SECONDS,
    Aws,
    Run,
    Shape,
    call_at_full_use,
)

SEEDS = range(1, 6)


FALLS = Shape("20 counted in each second, then 5", 20.0, later=(90.0, 5.0))
RISES = Shape("2 counted in each second, then 20", 2.0, later=(90.0, 20.0))


@pytest.mark.parametrize("shape", LIMITS, ids=lambda shape: shape.name)
def test_a_limit_is_used_within_ten_seconds_and_exceeded_for_no_longer(shape: Shape) -> None:
    for seed in SEEDS:
        run = shape.run(seed)
        assert run.mean(SETTLED_SECONDS, SECONDS) >= 0.8 * shape.limit, f"seed {seed}"
        assert is_kept(shape, run), f"seed {seed}"


def is_kept(shape: Shape, run: Run) -> bool:
    """Whether no more than 105 % was sent for longer than ten seconds on end."""
    return all(
        run.longest_above(first, last, 1.05 * limit) <= 10 for first, last, limit in shape.legs()
    )


def test_a_limit_that_falls_is_used_as_well_ten_seconds_later() -> None:
    runs = [FALLS.run(seed) for seed in SEEDS]
    assert min(run.mean(SETTLED_SECONDS, 90) for run in runs) >= 0.8 * 20
    assert min(run.mean(100, SECONDS) for run in runs) >= 0.8 * 5
    assert all(is_kept(FALLS, run) for run in runs)


def test_a_limit_that_rises_tenfold_is_used_forty_seconds_later() -> None:
    """Twenty until it is tried, and another twenty from 2 to 20: few answers come at first."""
    runs = [RISES.run(seed) for seed in SEEDS]
    assert min(run.mean(SETTLED_SECONDS, 90) for run in runs) >= 0.8 * 2
    assert min(run.mean(130, SECONDS) for run in runs) >= 0.8 * 20
    assert all(is_kept(RISES, run) for run in runs)


def test_a_limit_that_is_taken_away_is_forgotten() -> None:
    aws = Aws(5.0, 0.0, Random(1), later=(30.0, None))
    run = call_at_full_use(aws, 90)
    assert run.mean(75, 90) >= 0.95 * CEILING


@pytest.mark.parametrize(
    ("share", "seconds"), [(0.02, 60.0), (0.1, 60.0), (0.3, SECONDS), (0.5, 60.0)]
)
def test_refusals_at_random_do_not_slow_it_down(share: float, seconds: float) -> None:
    for seed in SEEDS:
        run = call_at_full_use(Aws(None, share, Random(seed)), seconds)
        used = run.mean(SETTLED_SECONDS, seconds) / ((1 - share) * CEILING)
        assert used >= 0.85, f"seed {seed}"


def test_a_limit_among_many_refusals_at_random_is_found_in_most_cases() -> None:
    """A third at random hides a limit of 20 at times: the mean is held, and not each run."""
    runs = [
        Shape("20 counted in each second, and 30 % at random", 20.0, refused=0.3).run(seed)
        for seed in SEEDS
    ]
    assert mean(run.mean(SETTLED_SECONDS, SECONDS) for run in runs) >= 0.75 * 20


def test_once_a_limit_is_found_few_requests_are_refused() -> None:
    """A probe of it each twenty seconds costs some, and nothing else does."""
    run = Shape("20 counted in each second", 20.0).run(1)
    sent = sum(at > SETTLED_SECONDS for at in run.counted)
    accepted = sum(at > SETTLED_SECONDS for at in run.accepted)
    assert sent - accepted <= 0.07 * sent


def test_it_follows_from_the_answers_alone_and_begins_at_its_ceiling() -> None:
    assert TokenBucket(PACE, 0.0).rate == CEILING
    first, second = RateFinder(0.5, CEILING), RateFinder(0.5, CEILING)
    for now in range(300):
        for finder in (first, second):
            finder.answered(now / 10, 3, now % 3)
    assert first.rate == second.rate


def test_a_single_refusal_of_a_few_calls_does_not_slow_it_down() -> None:
    finder = RateFinder(0.5, CEILING)
    for now in range(60):
        finder.answered(float(now), 1, int(now % 20 == 10))
    assert finder.rate == CEILING


def test_a_pause_does_not_look_like_a_low_limit() -> None:
    """Thirty calls at once of which ten are refused, and nobody calls for ten minutes."""
    finder = RateFinder(0.5, CEILING)
    for number in range(30):
        finder.answered(number / 100, 1, int(number % 3 == 0))
    finder.answered(600.0, 1, 0)
    assert finder.rate == CEILING


def test_a_slow_rate_still_learns_from_its_rare_answers() -> None:
    """At one call in a hundred seconds the time between two answers is no pause."""
    finder = RateFinder(0.01, 10.0)
    now = 0.0
    for _ in range(2000):  # everything is refused
        now += 1 / finder.rate
        finder.answered(now, 1, 1)
    assert finder.rate == 0.01
    for _ in range(200):
        now += 1 / finder.rate
        finder.answered(now, 1, 0)
    assert finder.rate == 10.0


@pytest.mark.parametrize("every", [0.1, 2.0, 5.0])
def test_when_all_is_refused_for_a_day_it_slows_down_to_its_floor_and_recovers(
    every: float,
) -> None:
    """A share so large is never taken for chance, however few answers there are."""
    finder, now = RateFinder(0.5, CEILING), 0.0
    while now < 86400:
        now += max(every, 1 / finder.rate)
        finder.answered(now, 1, 1)
    assert finder.rate == 0.5
    while now < 86400 + 600:
        now += 1 / finder.rate
        finder.answered(now, 1, 0)
    assert finder.rate == CEILING
