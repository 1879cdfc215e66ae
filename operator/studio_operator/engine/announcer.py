"""Posts Kubernetes Events beside the work, within the budget, each thing once."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from studio_operator.engine.budget import TokenBucket
from studio_operator.engine.context import Fields, about, current
from studio_operator.engine.queue import Backoff
from studio_operator.kube.client import ApiError
from studio_operator.kube.events import RepeatGuard, build_event
from studio_operator.kube.resources import Key
from studio_operator.plan.types import Note

log = logging.getLogger(__name__)

# An Event that could not be posted after so many tries is left: status says what matters.
TRIES = 4


class EventApi(Protocol):
    """What the announcer needs of the Kubernetes API."""

    async def create_event(self, namespace: str, event: Mapping[str, Any]) -> Any:
        """Post an Event; ApiError when refused."""


class Announcer:
    """Turns notes into Events. Warnings always go out, the rest as the budget allows."""

    def __init__(
        self,
        api: EventApi,
        guard: RepeatGuard,
        budget: TokenBucket,
        *,
        instance: str,
        now: Callable[[], datetime],
        backoff: Backoff,
        random: Callable[[], float],
        count_held_back: Callable[[], None],
    ) -> None:
        self._api = api
        self._guard = guard
        self._budget = budget
        self._instance = instance
        self._now = now
        self._backoff = backoff
        self._random = random
        self._count_held_back = count_held_back
        # Each with what is logged of it: it is posted outside of the work that it tells of.
        self._waiting: deque[tuple[Fields, str, Mapping[str, Any]]] = deque()
        self._some_waiting = asyncio.Event()

    def announce(self, key: Key, uid: str, notes: Iterable[Note]) -> None:
        """Have the notes posted."""
        for note in notes:
            if self._guard.is_repeated(uid, note):
                continue
            if note.type == "Normal" and not self._budget.take():
                self._count_held_back()
                continue
            self._guard.said(uid, note)
            event = build_event(key, uid, note, instance=self._instance, now=self._now())
            self._waiting.append(({**current(), "object": key}, key.namespace, event))
            self._some_waiting.set()

    async def run(self) -> None:
        """Post until cancelled."""
        while True:
            await self._some_waiting.wait()
            await self.flush()
            self._some_waiting.clear()

    async def flush(self) -> None:
        """Post all that waits."""
        while self._waiting:
            fields, namespace, event = self._waiting.popleft()
            with about(**fields):
                await self._post(namespace, event)

    async def _post(self, namespace: str, event: Mapping[str, Any]) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                await self._api.create_event(namespace, event)
            except ApiError as error:
                if not error.is_transient or attempt == TRIES:
                    log.warning("An Event could not be posted: %s", error)
                    return
                pause = max(error.retry_after, self._backoff.delay(attempt, self._random))
                await asyncio.sleep(pause)
            else:
                return
