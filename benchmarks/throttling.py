"""How the operator finds the rate that AWS allows, by its answers: in simulated time."""

from __future__ import annotations

from random import Random
from statistics import mean

from benchmarks.figures import Figure
from tests.unit.aws.rate_world import (
    CEILING,
    LIMITS,
    SECONDS,
    SETTLED_SECONDS,
    Aws,
    Shape,
    call_at_full_use,
)

SHARE = 0.3
SEEDS = range(1, 6)
# Limits that change, and those that are not told from chance well enough: these have no target.
CHANGES = [
    Shape("20 counted in each second, then 5", 20.0, later=(90.0, 5.0)),
    Shape("2 counted in each second, then 20", 2.0, later=(90.0, 20.0)),
]
HARD = [
    Shape("a token bucket of 5 a second, burst 25", 5.0, burst=5.0),
    Shape("20 counted in each second, and 30 % refused at random", 20.0, refused=0.3),
    Shape("5 counted in each second, and 10 % refused at random", 5.0, refused=0.1),
]


def throttling() -> list[Figure]:
    """Limits of several forms, refusals at random, both, and limits that change."""
    return [
        _at_random(),
        *(figure for shape in LIMITS for figure in _limited(shape)),
        *(_longest_above(shape, 10.0) for shape in CHANGES),
        *(figure for shape in HARD for figure in _limited(shape, has_target=False)),
    ]


def _at_random() -> Figure:
    runs = [call_at_full_use(Aws(None, SHARE, Random(seed)), SECONDS) for seed in SEEDS]  # noqa: S311 - the same in each run
    used = mean(run.mean(SETTLED_SECONDS, SECONDS) for run in runs)
    unused = 1 - used / ((1 - SHARE) * CEILING)
    name = "30 % refused at random: of what AWS takes is not used, after 10 s"
    return Figure(name, 100 * max(0.0, unused), "%", at_most=20.0)


def _limited(shape: Shape, *, has_target: bool = True) -> list[Figure]:
    used = mean(shape.run(seed).mean(SETTLED_SECONDS, SECONDS) for seed in SEEDS)
    unused = 100 * max(0.0, 1 - used / shape.limit)
    name = f"{shape.name}: not used, after 10 s"
    return [
        Figure(name, unused, "%", at_most=20.0 if has_target else None),
        _longest_above(shape, 10.0 if has_target else None),
    ]


def _longest_above(shape: Shape, at_most: float | None) -> Figure:
    """The longest of all seeds, after the first ten seconds."""
    longest = max(
        shape.run(seed).longest_above(first, last, 1.05 * limit)
        for seed in SEEDS
        for first, last, limit in shape.legs()
    )
    return Figure(f"{shape.name}: longest above 105 %", longest, "s", at_most=at_most)
