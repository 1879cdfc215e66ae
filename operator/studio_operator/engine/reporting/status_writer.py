"""The one writer of statuses: only what changed, and steps on the way only as the budget allows."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from enum import Enum
from hashlib import sha256
from typing import Any, Protocol

from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.packed import pack
from studio_operator.engine.declared.store import Store
from studio_operator.engine.reporting.budget import Budget
from studio_operator.engine.reporting.turning_points import goes_with_the_next, is_turning_point
from studio_operator.fairness import FairQueue, Flow
from studio_operator.kube.resources import Key
from studio_operator.kube.transport import ApiError

log = logging.getLogger(__name__)

Raw = Mapping[str, Any]
# The member that tells whose status this is; no planner has a say in it.
_LEASE = "operatorLease"


class StatusApi(Protocol):
    """What the writer needs of the Kubernetes API."""

    async def patch_status(self, key: Key, resource_version: str, status: Raw) -> Raw:
        """Apply a status; ApiError when refused."""


class WriteOutcome(Enum):
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
        budget: Budget,
        *,
        revisit: Callable[[Key], None],
        vanished: Callable[[Entry], None],
        count_held_back: Callable[[], None],
        lease: str | None = None,
    ) -> None:
        """`revisit` has a resource planned again, when its turn to be written has come.

        `vanished` is told of a resource that the API server has no more. `lease` is the namespace
        and name of the operator's Lease: it stands on each status, so that whoever reads one can
        find out whether its writer still runs.
        """
        self._api = api
        self._store = store
        self._budget = budget
        self._revisit = revisit
        self._vanished = vanished
        self._count_held_back = count_held_back
        self._signature: Raw = {_LEASE: lease} if lease else {}
        # What we sent, and what the API server made of it: it may keep members of others.
        self._sent: dict[Key, tuple[bytes, bytes]] = {}
        self._held_back: dict[Key, Raw] = {}
        self._turns: FairQueue[Key] = FairQueue()  # of what is held back
        self._granted: set[Key] = set()
        self._some_held_back = asyncio.Event()

    async def offer(self, entry: Entry, status: Raw) -> WriteOutcome:
        """Write a status if it differs, and at once if somebody waits for it. Raises ApiError."""
        status = self._signed(status)
        if self._is_shown(entry, status):
            self._release(entry.key)
            return WriteOutcome.SAME
        if goes_with_the_next(entry.shown, status):
            return WriteOutcome.HELD_BACK
        if is_turning_point(entry.shown, status) or self._may_write_step(entry.key):
            return await self.write(entry, status)
        self._hold_back(entry.key, status)
        return WriteOutcome.HELD_BACK

    async def write(self, entry: Entry, status: Raw) -> WriteOutcome:
        """Write a status now, unless it is there already. Raises ApiError."""
        status = self._signed(status)
        if self._is_shown(entry, status):
            return WriteOutcome.SAME
        try:
            answer = await self._api.patch_status(entry.key, str(entry.version), status)
        except ApiError as error:
            if not error.is_gone:
                raise
            self.forget(entry.key)
            self._vanished(entry)
            return WriteOutcome.GONE
        written = Entry.from_raw(answer, entry)
        self._store.take(written)
        self._release(entry.key)
        if written.shows(status):
            self._sent.pop(entry.key, None)
        else:
            self._sent[entry.key] = (_digest(status), _digest(written.shown))
        return WriteOutcome.WRITTEN

    def forget(self, key: Key) -> None:
        """The resource is gone."""
        self._sent.pop(key, None)
        self._release(key)

    async def run(self) -> None:
        """Let what was held back be written, at the pace of the budget, until cancelled."""
        while True:
            await self._some_held_back.wait()
            await self._budget.next_token()
            if self._held_back:
                key = self._next_held_back()
                self._granted.add(key)
                self._revisit(key)
            if not self._held_back:
                self._some_held_back.clear()

    async def flush(self) -> None:
        """Write all that was held back: the process ends."""
        waiting, self._held_back = self._held_back, {}
        self._turns = FairQueue()
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

    def _signed(self, status: Raw) -> Raw:
        if status.get(_LEASE) == self._signature.get(_LEASE):
            return status
        unsigned = {name: value for name, value in status.items() if name != _LEASE}
        return {**unsigned, **self._signature}

    def _is_shown(self, entry: Entry, status: Raw) -> bool:
        if entry.shown == status:
            return True
        sent = self._sent.get(entry.key)
        return sent is not None and sent == (_digest(status), _digest(entry.shown))

    def _may_write_step(self, key: Key) -> bool:
        """Whoever comes while others are held back lines up with them: a crowd passes nobody."""
        if key in self._granted:
            return True
        return not self._held_back and self._budget.take()

    def _next_held_back(self) -> Key:
        """The one whose turn it is: a namespace with many holds up no other."""
        first = self._turns.pop()
        assert first is not None
        del self._held_back[first[0]]
        return first[0]

    def _hold_back(self, key: Key, status: Raw) -> None:
        if key not in self._held_back:
            self._count_held_back()
            self._turns.push(key, Flow(key.namespace), 0.0)
        self._held_back[key] = status
        self._some_held_back.set()

    def _release(self, key: Key) -> None:
        self._held_back.pop(key, None)
        self._turns.discard(key)
        self._granted.discard(key)


def _digest(status: Raw) -> bytes:
    return sha256(pack(status)).digest()
