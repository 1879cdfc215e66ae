"""The voice of the engine: status, Events, and what others are told of a resource."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from studio_operator.engine.announcer import Announcer
from studio_operator.engine.entries import Entry
from studio_operator.engine.facts import Facts
from studio_operator.engine.status_writer import Outcome, StatusWriter
from studio_operator.engine.store import Store
from studio_operator.kube.resources import Key
from studio_operator.plan.types import Call, Note, Plan


class Voice:
    """Tells what was planned and done. Raises ApiError for what Kubernetes refuses."""

    def __init__(
        self,
        store: Store,
        facts: Facts,
        *,
        writer: StatusWriter,
        announcer: Announcer,
        enqueue: Callable[[Key], None],
    ) -> None:
        self._store = store
        self._facts = facts
        self._writer = writer
        self._announcer = announcer
        self._enqueue = enqueue
        self._told: dict[Key, Any] = {}

    async def record(self, entry: Entry, plan: Plan[Any]) -> bool:
        """Store an intent before it is carried out; whether the resource still exists."""
        return await self._writer.write(entry, plan.status.dump()) is not Outcome.GONE

    def remember(self, entry: Entry, plan: Plan[Any]) -> None:
        """Take the planned status for the planners' memory."""
        self._store.remember(entry, plan.status)

    async def tell(self, entry: Entry, plan: Plan[Any]) -> bool:
        """Show the planned status; whether the resource still exists."""
        outcome = await self._writer.offer(entry, plan.status.dump())
        if outcome is Outcome.GONE:
            return False
        self.remember(entry, plan)
        if outcome is not Outcome.SAME:
            self.announce(entry, plan.notes)
        self._tell_users(entry)
        return True

    def announce(self, entry: Entry, notes: tuple[Note, ...]) -> None:
        """Have Events posted."""
        self._announcer.announce(entry.key, entry.uid, notes)

    def failed(self, entry: Entry, plan: Plan[Any], call: Call) -> None:
        """A call of the plan failed: what the plan says of other things holds all the same."""
        others = tuple(note for note in plan.notes if note.action != call.operation)
        self.announce(entry, others)

    def forget(self, key: Key) -> None:
        """The resource is gone."""
        self._writer.forget(key)
        self._told.pop(key, None)

    def _tell_users(self, entry: Entry) -> None:
        """Those who refer to a resource plan anew when what they are told of it changes."""
        users: Collection[Key]
        if entry.key.kind == "StudioDomain":
            told: Any = self._facts.all_about_domain(entry)
            users = self._store.users_of(entry.key)
        elif entry.key.kind == "UserProfile":
            told, users = self._facts.about_profile(entry), self._store.spaces_of(entry.key)
        else:
            return
        if self._told.get(entry.key) != told:
            self._told[entry.key] = told
            for key in users:
                self._enqueue(key)
