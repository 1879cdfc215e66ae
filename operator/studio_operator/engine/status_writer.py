"""The one writer of statuses: only what changed, and steps on the way only as the budget allows."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Protocol

from studio_operator.engine.budget import TokenBucket
from studio_operator.engine.entries import Entry
from studio_operator.engine.store import Store
from studio_operator.engine.urgency import goes_with_the_next, is_turning_point
from studio_operator.kube.client import ApiError
from studio_operator.kube.resources import Key

log = logging.getLogger(__name__)

Raw = Mapping[str, Any]


class StatusApi(Protocol):
    """What the writer needs of the Kubernetes API."""

    async def patch_status(self, key: Key, resource_version: str, status: Raw) -> Raw:
        """Apply a status; ApiError when refused."""


class Outcome(Enum):
    """What became of a status."""

    SAME = "same"  # nothing changed
    WRITTEN = "written"
    HELD_BACK = "held back"  # written later, if it still holds then
    GONE = "gone"  # the resource does not exist any more


class StatusWriter:
    """Writes statuses that differ from what the API server has."""

    def __init__(
        self,
        api: StatusApi,
        store: Store,
        budget: TokenBucket,
        *,
        revisit: Callable[[Key], None],
        vanished: Callable[[Entry], None],
        count_held_back: Callable[[], None],
    ) -> None:
        """`revisit` has a resource planned again, when its turn to be written has come.

        `vanished` is told of a resource that the API server has no more.
        """
        self._api = api
        self._store = store
        self._budget = budget
        self._revisit = revisit
        self._vanished = vanished
        self._count_held_back = count_held_back
        # What we sent, and what the API server made of it: it may keep members of others.
        self._sent: dict[Key, tuple[Raw, Raw]] = {}
        self._held_back: dict[Key, Raw] = {}
        self._granted: set[Key] = set()
        self._some_held_back = asyncio.Event()

    async def offer(self, entry: Entry, status: Raw) -> Outcome:
        """Write a status if it differs, and at once if somebody waits for it. Raises ApiError."""
        if self._is_shown(entry, status):
            self._release(entry.key)
            return Outcome.SAME
        if goes_with_the_next(entry.shown, status):
            return Outcome.HELD_BACK
        if is_turning_point(entry.shown, status) or self._may_write_step(entry.key):
            return await self.write(entry, status)
        self._hold_back(entry.key, status)
        return Outcome.HELD_BACK

    async def write(self, entry: Entry, status: Raw) -> Outcome:
        """Write a status now, unless it is there already. Raises ApiError."""
        if self._is_shown(entry, status):
            return Outcome.SAME
        try:
            answer = await self._api.patch_status(entry.key, str(entry.version), status)
        except ApiError as error:
            if not error.is_gone:
                raise
            self.forget(entry.key)
            self._vanished(entry)
            return Outcome.GONE
        self._store.apply(answer)
        self._release(entry.key)
        shown = answer.get("status") or {}
        if shown == status:
            self._sent.pop(entry.key, None)
        else:
            self._sent[entry.key] = (status, shown)
        return Outcome.WRITTEN

    def forget(self, key: Key) -> None:
        """The resource is gone."""
        self._sent.pop(key, None)
        self._release(key)

    async def run(self) -> None:
        """Let what was held back be written, at the pace of the budget, until cancelled."""
        while True:
            await self._some_held_back.wait()
            await asyncio.sleep(self._budget.wait())
            if self._held_back and self._budget.take():
                key = next(iter(self._held_back))
                del self._held_back[key]
                self._granted.add(key)
                self._revisit(key)
            if not self._held_back:
                self._some_held_back.clear()

    async def flush(self) -> None:
        """Write all that was held back: the process ends."""
        waiting, self._held_back = self._held_back, {}
        await asyncio.gather(*(self._flush_one(key, status) for key, status in waiting.items()))

    @property
    def held_back(self) -> int:
        """How many statuses wait."""
        return len(self._held_back)

    async def _flush_one(self, key: Key, status: Raw) -> None:
        entry = self._store.get(key)
        if entry is not None:
            with contextlib.suppress(ApiError):  # a step on the way: the next start says it again
                await self.write(entry, status)

    def _is_shown(self, entry: Entry, status: Raw) -> bool:
        return entry.shown == status or self._sent.get(entry.key) == (status, entry.shown)

    def _may_write_step(self, key: Key) -> bool:
        return key in self._granted or self._budget.take()

    def _hold_back(self, key: Key, status: Raw) -> None:
        if key not in self._held_back:
            self._count_held_back()
        self._held_back[key] = status
        self._some_held_back.set()

    def _release(self, key: Key) -> None:
        self._held_back.pop(key, None)
        self._granted.discard(key)
