"""Events of the namespaces in turn: a crowd in one of them delays and drops its own only."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
from studio_operator.engine.reporting.budget import Budget
from studio_operator.engine.reporting.event_recorder import EventLimits, EventRecorder
from studio_operator.kube.events import RepeatGuard
from studio_operator.kube.resources import Key
from studio_operator.plan.types import Note

from tests.simulated_time import run

Type = Literal["Normal", "Warning"]
TYPES = pytest.mark.parametrize("type_", ["Warning", "Normal"])
ROOM = 20
STEPS_LAST = 5.0
NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


class Posted:
    """Takes Events and keeps their namespaces and words in the order in which they came."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []

    async def create_event(self, namespace: str, event: Mapping[str, Any]) -> None:
        await asyncio.sleep(0)
        self.events.append((namespace, event["note"]))

    @property
    def namespaces(self) -> list[str]:
        return [namespace for namespace, _ in self.events]


class Scene:
    """An event recorder; its clock is set by hand, and a step costs a millisecond of the budget."""

    def __init__(self, tokens: float = 1000.0) -> None:
        self.api = Posted()
        self.left_out = 0
        self.now = 0.0
        self.event_recorder = EventRecorder(
            self.api,
            RepeatGuard(window_seconds=300, capacity=1000, clock=lambda: self.now),
            Budget(rate=1000.0, burst=tokens, clock=lambda: self.now),
            limits=EventLimits(ROOM, timedelta(seconds=STEPS_LAST)),
            instance="test",
            now=lambda: NOON + timedelta(seconds=self.now),
            pause_after=lambda _: 0.001,
            count_held_back=self._leave_out,
        )

    def _leave_out(self) -> None:
        self.left_out += 1

    def say(self, namespace: str, number: int, type_: Type) -> None:
        key = Key("Space", namespace, f"space-{number}")
        note = Note("StartFailed", "Start", f"no instance, try {number}", type_)
        self.event_recorder.announce(key, f"uid-{namespace}-{number}", [note])

    @contextmanager
    def posting(self) -> Iterator[None]:
        task = asyncio.create_task(self.event_recorder.run())
        try:
            yield
        finally:
            task.cancel()

    async def until_posted(self, number: int) -> None:
        async with asyncio.timeout(5):
            while len(self.api.events) < number:
                await asyncio.sleep(0.001)


@TYPES
def test_a_neighbours_event_waits_for_one_of_a_crowd(type_: Type) -> None:
    async def scene() -> None:
        scene = Scene()
        for number in range(500):
            scene.say("crowd", number, type_)
        scene.say("quiet", 0, type_)
        with scene.posting():
            await scene.until_posted(2)
        assert "quiet" in scene.api.namespaces[:2]

    run(scene())


@TYPES
def test_a_crowd_leaves_out_its_own_and_fills_no_memory(type_: Type) -> None:
    async def scene() -> None:
        scene = Scene()
        for number in range(500):
            scene.say("crowd", number, type_)
        assert scene.left_out == 500 - ROOM
        scene.say("quiet", 0, type_)
        assert scene.left_out == 500 - ROOM
        await scene.event_recorder.flush()
        assert scene.api.namespaces.count("crowd") == ROOM
        assert scene.api.namespaces.count("quiet") == 1

    run(scene())


def test_a_crowd_that_has_used_up_the_budget_takes_no_step_from_a_neighbour() -> None:
    async def scene() -> None:
        scene = Scene(tokens=2.0)
        with scene.posting():
            for number in range(10):
                scene.say("crowd", number, "Normal")
            await scene.until_posted(2)
            scene.say("quiet", 0, "Normal")  # it is not dropped for want of a token
            scene.now = 0.0021
            await scene.until_posted(4)
        assert "quiet" in scene.api.namespaces[2:4]
        assert not scene.left_out

    run(scene())


def test_a_step_that_is_over_when_its_turn_comes_is_left_out_and_a_warning_is_not() -> None:
    async def scene() -> None:
        scene = Scene()
        scene.say("quiet", 0, "Normal")
        scene.say("quiet", 1, "Warning")
        scene.now = STEPS_LAST + 1.0
        scene.say("quiet", 2, "Normal")
        with scene.posting():
            await scene.until_posted(2)
        assert {note[-1] for _, note in scene.api.events} == {"1", "2"}
        assert scene.left_out == 1

    run(scene())


def test_steps_that_wait_for_the_budget_hold_up_no_warning() -> None:
    async def scene() -> None:
        scene = Scene(tokens=1.0)
        with scene.posting():
            scene.say("quiet", 0, "Normal")
            scene.say("quiet", 1, "Normal")
            scene.say("quiet", 2, "Warning")
            await scene.until_posted(2)
        assert {note[-1] for _, note in scene.api.events} == {"0", "2"}

    run(scene())


def test_what_was_left_out_is_said_when_it_comes_again() -> None:
    async def scene() -> None:
        scene = Scene()
        for number in range(ROOM + 1):
            scene.say("quiet", number, "Warning")
        await scene.event_recorder.flush()
        scene.say("quiet", ROOM, "Warning")
        await scene.event_recorder.flush()
        assert len(scene.api.events) == ROOM + 1

    run(scene())
