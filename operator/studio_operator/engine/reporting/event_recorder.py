"""Posts Kubernetes Events beside the work, each thing once, the namespaces in turn."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from studio_operator.engine.context import Fields, about, current
from studio_operator.engine.reporting.budget import Budget
from studio_operator.fairness import FairQueue, Flow
from studio_operator.kube.events import RepeatGuard, build_event
from studio_operator.kube.resources import Key
from studio_operator.kube.transport import ApiError
from studio_operator.plan.types import Note

log = logging.getLogger(__name__)

# An Event that could not be posted after so many tries is left: status says what matters.
TRIES = 4


class EventApi(Protocol):
    """What the event recorder needs of the Kubernetes API."""

    async def create_event(self, namespace: str, event: Mapping[str, Any]) -> Any:
        """Post an Event; ApiError when refused."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """An Event, and what is logged of it: it is posted outside of the work that it tells of."""

    fields: Fields
    namespace: str
    event: Mapping[str, Any]
    said_at: datetime


@dataclass(frozen=True, slots=True)
class EventLimits:
    """What is left out: of a namespace's Warnings, and of its steps, what is beyond `waiting`.

    And a step whose turn comes later than `steps_last`: what it says to begin is over by then.
    """

    waiting: int
    steps_last: timedelta


class EventRecorder:
    """Turns notes into Events: Warnings at once, steps on the way at the pace of the budget."""

    def __init__(
        self,
        api: EventApi,
        guard: RepeatGuard,
        budget: Budget,
        *,
        limits: EventLimits,
        instance: str,
        now: Callable[[], datetime],
        pause_after: Callable[[int], float],
        count_held_back: Callable[[], None],
    ) -> None:
        """`pause_after` tells how many seconds to wait after so many tries in vain."""
        self._api = api
        self._guard = guard
        self._budget = budget
        self._instance = instance
        self._now = now
        self._pause_after = pause_after
        self._count_held_back = count_held_back
        self._steps_last = limits.steps_last
        self._warnings = _Line(limits.waiting)
        self._steps = _Line(limits.waiting)

    def announce(self, key: Key, uid: str, notes: Iterable[Note]) -> None:
        """Have the notes posted."""
        for note in notes:
            if self._guard.is_repeated(uid, note):
                continue
            line = self._steps if note.type == "Normal" else self._warnings
            if not line.has_room(key.namespace_of_events):
                self._count_held_back()
                continue
            self._guard.said(uid, note)
            now = self._now()
            event = build_event(key, uid, note, instance=self._instance, now=now)
            line.push(_Waiting({**current(), "object": key}, key.namespace_of_events, event, now))

    async def run(self) -> None:
        """Post until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._post_warnings(), name="warnings")
            group.create_task(self._post_steps(), name="steps")

    async def flush(self) -> None:
        """Post all that waits: the process ends."""
        while (first := self._warnings.pop() or self._first_step()) is not None:
            await self._post(first)

    async def _post_warnings(self) -> None:
        while True:
            await self._warnings.some_wait()
            if (first := self._warnings.pop()) is not None:
                await self._post(first)

    async def _post_steps(self) -> None:
        while True:
            await self._steps.some_wait()
            await self._budget.next_token()
            if (first := self._first_step()) is not None:
                await self._post(first)

    def _first_step(self) -> _Waiting | None:
        """The step whose turn it is, of those that are still news."""
        while (first := self._steps.pop()) is not None:
            if self._now() - first.said_at <= self._steps_last:
                return first
            self._count_held_back()
        return None

    async def _post(self, waiting: _Waiting) -> None:
        with about(**waiting.fields):
            for attempt in range(1, TRIES + 1):
                try:
                    await self._api.create_event(waiting.namespace, waiting.event)
                except ApiError as error:
                    if not error.is_transient or attempt == TRIES:
                        log.warning("An Event could not be posted: %s", error)
                        return
                    await asyncio.sleep(max(error.retry_after, self._pause_after(attempt)))
                else:
                    return


class _Line:
    """Events that wait, the namespaces in turn, so many of each at most."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._queue: FairQueue[_Waiting] = FairQueue()
        self._filled = asyncio.Event()

    def has_room(self, namespace: str) -> bool:
        """Whether one more of a namespace may wait."""
        return self._queue.count(namespace) < self._room

    def push(self, waiting: _Waiting) -> None:
        """Let an Event wait."""
        self._queue.push(waiting, Flow(waiting.namespace), 0.0)
        self._filled.set()

    def pop(self) -> _Waiting | None:
        """The one whose turn it is."""
        first = self._queue.pop()
        if not self._queue:
            self._filled.clear()
        return None if first is None else first[0]

    async def some_wait(self) -> None:
        """Wait until any does."""
        await self._filled.wait()
