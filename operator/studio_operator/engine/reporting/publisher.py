"""Publishes what was planned and done: status, Events, and what others are told of a resource."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studio_operator.engine.declared.dependencies import Dependencies
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.facts import Facts
from studio_operator.engine.declared.store import Store
from studio_operator.engine.reporting.event_recorder import EventRecorder
from studio_operator.engine.reporting.status_writer import StatusWriter, WriteOutcome
from studio_operator.kinds.registry import REFERENCES
from studio_operator.kube.resources import Key
from studio_operator.plan.types import Call, Note, Plan


class Publisher:
    """Tells what was planned and done. Raises ApiError for what Kubernetes refuses."""

    def __init__(
        self,
        store: Store,
        facts: Facts,
        dependencies: Dependencies,
        *,
        writer: StatusWriter,
        event_recorder: EventRecorder,
        enqueue: Callable[[Key], None],
    ) -> None:
        self._store = store
        self._facts = facts
        self._dependencies = dependencies
        self._writer = writer
        self._event_recorder = event_recorder
        self._enqueue = enqueue
        self._told: dict[Key, Any] = {}

    async def record(self, entry: Entry, plan: Plan[Any]) -> bool:
        """Store an intent before it is carried out; whether the resource still exists."""
        return await self._writer.write(entry, plan.status.dump()) is not WriteOutcome.GONE

    def remember(self, entry: Entry, plan: Plan[Any]) -> None:
        """Take the planned status as the one that planners get."""
        self._store.remember(entry, plan.status)

    async def tell(self, entry: Entry, plan: Plan[Any]) -> bool:
        """Show the planned status; whether the resource still exists."""
        outcome = await self._writer.offer(entry, plan.status.dump())
        if outcome is WriteOutcome.GONE:
            return False
        self.remember(entry, plan)
        if outcome is not WriteOutcome.SAME:
            self.announce(entry, plan.notes)
        self._tell_users(entry)
        return True

    def announce(self, entry: Entry, notes: tuple[Note, ...]) -> None:
        """Have Events posted."""
        self._event_recorder.announce(entry.key, entry.uid, notes)

    def failed(self, entry: Entry, plan: Plan[Any], call: Call) -> None:
        """A call of the plan failed: what the plan says of other things holds all the same."""
        others = tuple(note for note in plan.notes if note.action != call.operation)
        self.announce(entry, others)

    def forget(self, key: Key) -> None:
        """The resource is gone."""
        self._writer.forget(key)
        self._told.pop(key, None)
        self._dependencies.forget(key)

    def _tell_users(self, entry: Entry) -> None:
        """Those who refer to a resource plan anew when what they are told of it changes."""
        if entry.key.kind not in REFERENCES.referred_to:
            return
        told = (self._facts.told_to_users(entry), self._dependencies.note(entry))
        if self._told.get(entry.key) != told:
            self._told[entry.key] = told
            for key in self._store.users_of(entry.key):
                self._enqueue(key)
