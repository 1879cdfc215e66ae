"""Simulated time and what it brings about."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from studio_simulator.state.clock import Clock
from studio_simulator.state.timeline import Timeline

from tests.simulator.world import World


@dataclass
class Subject:
    transition: int = 0


class Real:
    """A real clock in the hands of a test."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def test_at_speed_sixty_a_minute_passes_in_a_second() -> None:
    real = Real()
    clock = Clock(60, real, start=1000.0)
    real.time += 1
    assert clock.now() == 1060.0


def test_a_change_of_speed_keeps_what_has_passed() -> None:
    real = Real()
    clock = Clock(60, real, start=0.0)
    real.time += 1
    clock.set_speed(0)
    real.time += 100
    assert (clock.now(), clock.speed) == (60.0, 0)
    clock.set_speed(2)
    real.time += 1
    assert clock.now() == 62.0


def test_time_can_be_pushed_forward_and_never_back() -> None:
    clock = Clock(1, Real(), start=0.0)
    clock.advance(3600)
    assert clock.now() == 3600.0
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(-1)
    with pytest.raises(ValueError, match="negative"):
        clock.set_speed(-1)


def test_the_clock_returns_to_the_time_of_day(world: World) -> None:
    before = world.control.now()
    world.control.advance(3600)
    assert world.control.now() >= before + 3600
    world.control.restart_clock()
    assert world.control.now() < before + 3600


def test_what_is_due_happens_in_order_even_if_looked_at_late() -> None:
    timeline, happened = Timeline(), list[float]()
    for due in (3.0, 1.0, 2.0, 9.0):
        timeline.schedule(Subject(), due, happened.append)
    timeline.run_until(5.0)
    assert happened == [1.0, 2.0, 3.0]


def test_a_transition_may_bring_about_another() -> None:
    timeline, happened, subject = Timeline(), list[float](), Subject()

    def first(due: float) -> None:
        happened.append(due)
        timeline.schedule(subject, due + 1, happened.append)

    timeline.schedule(subject, 1.0, first)
    timeline.run_until(2.0)
    assert happened == [1.0, 2.0]


def test_a_newer_transition_replaces_the_older_of_the_same_subject() -> None:
    timeline, happened, subject = Timeline(), list[float](), Subject()
    timeline.schedule(subject, 1.0, happened.append)
    timeline.schedule(subject, 2.0, happened.append)
    timeline.run_until(3.0)
    assert happened == [2.0]


def test_a_transition_can_be_hurried_and_called_off() -> None:
    timeline, happened, subject = Timeline(), list[float](), Subject()
    timeline.schedule(subject, 10.0, happened.append)
    timeline.hurry(subject, 1.0)
    timeline.run_until(20.0)
    assert happened == [1.0]
    timeline.schedule(subject, 30.0, happened.append)
    timeline.cancel(subject)
    timeline.run_until(40.0)
    assert happened == [1.0]
