"""Works on one resource at a time: plan, look or act, plan again, then tell what became of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from studio_operator.engine.acting import Hands, Turn
from studio_operator.engine.context import about
from studio_operator.engine.entries import Entry, InvalidSpec
from studio_operator.engine.explain import (
    plan_blind,
    plan_invalid,
    plan_unseen,
    plan_without_region,
)
from studio_operator.engine.failures import Failures
from studio_operator.engine.gather import Gatherer, Moment, Planned
from studio_operator.engine.operations import Operations
from studio_operator.engine.queue import WorkQueue
from studio_operator.engine.store import Store
from studio_operator.engine.telling import Voice
from studio_operator.engine.tracking import Tracker
from studio_operator.kube.resources import Key
from studio_operator.plan.types import (
    LOOKS_AT_BACKUPS,
    Call,
    Declared,
    Failure,
    Look,
    Plan,
)

log = logging.getLogger(__name__)


class Next(Enum):
    """How a turn goes on after a step."""

    PLAN_AGAIN = "plan again"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is done in one turn, and after how many seconds a fruitless step is repeated."""

    passes_per_turn: int
    look_again: float


class Reconciler:
    """Carries out plans, step by step. The queue sees to it that a key is worked on once a time."""

    def __init__(  # noqa: PLR0913 - its parts, put together in one place
        self,
        store: Store,
        queue: WorkQueue[Key],
        gatherer: Gatherer,
        hands: Hands,
        voice: Voice,
        *,
        failures: Failures,
        operations: Operations,
        tracker: Tracker,
        pace: Pace,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._queue = queue
        self._gatherer = gatherer
        self._hands = hands
        self._voice = voice
        self._failures = failures
        self._operations = operations
        self._tracker = tracker
        self._pace = pace
        self._now = now

    async def reconcile(self, key: Key) -> None:
        """One turn for a resource. Raises ApiError, NotLeadingError and the unexpected."""
        turn = Turn()
        for _ in range(self._pace.passes_per_turn):
            entry = self._store.get(key)
            if entry is None or (entry.deleting and not entry.has_finalizer):
                return  # gone, or going and never touched: nothing was made for it in AWS
            with about(generation=entry.generation):
                if await self._step(entry, turn) is Next.DONE:
                    return
        self._queue.add(key)

    def follow(self, entry: Entry) -> None:
        """Have AWS looked at where the resource lives."""
        self._tracker.follow(entry.key, self._gatherer.place_of(entry))

    def forget(self, key: Key) -> None:
        """The resource is gone."""
        self._failures.forget(key)
        self._tracker.forget(key)
        self._operations.forget(key)
        self._voice.forget(key)
        self._queue.succeed(key)

    async def _step(self, entry: Entry, turn: Turn) -> Next:
        """Plan once, and do the one thing that the plan asks for."""
        now, declared = self._now(), entry.declared
        if isinstance(declared, InvalidSpec):
            return await self._settle(entry, plan_invalid(entry, declared, now))
        failure = self._failures.current(entry.key, declared)
        planned = self._gatherer.plan(entry, Moment(declared, failure, now))
        with self._operations.follow(entry, planned.plan):
            return await self._carry_out(entry, declared, planned, turn)

    async def _carry_out(
        self, entry: Entry, declared: Declared[Any], planned: Planned, turn: Turn
    ) -> Next:
        plan, now = planned.plan, self._now()
        if not planned.place.region and not declared.deleting:
            return await self._settle(entry, plan_without_region(entry, declared, now))
        self._tracker.follow(entry.key, planned.place)
        if not plan.finalizer:
            self._voice.announce(entry, plan.notes)
            await self._hands.let_go(entry)  # which is the last of it here
            return Next.DONE
        if plan.looks:
            return await self._look(entry, declared, planned, turn)
        if plan.call is not None:
            return await self._act(entry, declared, planned, plan.call, turn)
        if planned.blind is not None:
            plan = plan_blind(entry, declared, planned.blind, plan, now)
        if entry.key.kind == "StudioDomain" and not planned.visible:
            self._queue.add(entry.key, self._pace.look_again)
        return await self._settle(entry, plan)

    async def _look(
        self, entry: Entry, declared: Declared[Any], planned: Planned, turn: Turn
    ) -> Next:
        plan, now = planned.plan, self._now()
        failure = self._failures.current(entry.key, declared)
        is_minded = plan.looks <= LOOKS_AT_BACKUPS  # by the planner, which goes on without
        if is_minded or failure is None or not _holds_looks_back(failure, now):
            if plan.looks <= turn.looks:
                return await self._wait(entry, plan, "a look")
            turn.looks |= plan.looks
            failure = await self._hands.look(entry, declared, planned)
        if failure is None or is_minded:
            return Next.PLAN_AGAIN
        return await self._settle(entry, plan_unseen(entry, declared, failure, plan, now))

    async def _act(
        self, entry: Entry, declared: Declared[Any], planned: Planned, call: Call, turn: Turn
    ) -> Next:
        plan = planned.plan
        if declared.deleting and Look.TAGS not in turn.looks:
            # What is let go of may have been handed to others since its tags were read.
            whose = replace(planned, plan=replace(plan, looks=frozenset({Look.TAGS})))
            return await self._look(entry, declared, whose, turn)
        if call in turn.calls:
            return await self._wait(entry, plan, call.operation)
        turn.calls.append(call)
        await self._hands.take_hold(entry)
        if plan.record_first:
            self._hands.check_lead()
            if not await self._voice.record(entry, plan):
                return Next.DONE
        self._voice.remember(entry, plan)
        if await self._hands.call(entry, declared, planned.place, call) is None:
            self._voice.announce(entry, plan.notes)
        else:
            self._voice.failed(entry, plan, call)
        return Next.PLAN_AGAIN

    async def _wait(self, entry: Entry, plan: Plan[Any], what: str) -> Next:
        """What was done in this turn already shows no effect: not again at full speed."""
        log.warning("%s has not shown any effect yet: waiting", what)
        self._queue.add(entry.key, self._pace.look_again)
        return await self._settle(entry, Plan(status=plan.status))

    async def _settle(self, entry: Entry, plan: Plan[Any]) -> Next:
        """Nothing more to do now: tell it, and see when to plan again."""
        self._hands.check_lead()
        if plan.status.arn is not None and not entry.deleting:
            await self._hands.take_hold(entry)  # also where somebody took the finalizer away
        if not await self._voice.tell(entry, plan) or plan.wake_at is None:
            return Next.DONE
        delay = (plan.wake_at - self._now()).total_seconds()
        if delay <= 0:
            return Next.PLAN_AGAIN
        self._queue.add(entry.key, delay)
        return Next.DONE


def _holds_looks_back(failure: Failure, now: datetime) -> bool:
    """Whether the last failure was of a look, and asks not to look again yet."""
    of_a_look = failure.operation.startswith(("Describe", "List", "Get"))
    return of_a_look and (failure.retry_at is None or now < failure.retry_at)
