"""Works on one resource at a time: plan, look or act, plan again, then tell what became of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from studio_operator.engine.context import about
from studio_operator.engine.declared.dependencies import Dependencies
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.failures import Failures
from studio_operator.engine.declared.index import is_in_domain
from studio_operator.engine.declared.store import Store
from studio_operator.engine.declared.subscriptions import Subscriptions
from studio_operator.engine.executor import Executor
from studio_operator.engine.failure_plans import (
    lacks_region,
    plan_blind,
    plan_unobserved,
    plan_without_region,
)
from studio_operator.engine.gather import Gatherer, Planned
from studio_operator.engine.operations import Operations
from studio_operator.engine.planner_context import Moment
from studio_operator.engine.queue import WorkQueue
from studio_operator.engine.reporting.publisher import Publisher
from studio_operator.kinds.registry import BY_NAME
from studio_operator.kube.resources import Key
from studio_operator.plan.interpreter import (
    LetGo,
    Make,
    Read,
    Settle,
    Step,
    Wait,
    failure_of_look,
    is_due,
    next_step,
)
from studio_operator.plan.types import Declared, Failure, FailureKind, Plan

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
        executor: Executor,
        publisher: Publisher,
        dependencies: Dependencies,
        *,
        failures: Failures,
        operations: Operations,
        subscriptions: Subscriptions,
        pace: Pace,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._queue = queue
        self._gatherer = gatherer
        self._executor = executor
        self._publisher = publisher
        self._dependencies = dependencies
        self._failures = failures
        self._operations = operations
        self._subscriptions = subscriptions
        self._pace = pace
        self._now = now

    async def reconcile(self, key: Key) -> None:
        """One turn for a resource. Raises ApiError, NotLeadingError and the unexpected."""
        taken: list[Step] = []
        while len(taken) < self._pace.passes_per_turn:
            entry = self._store.get(key)
            if entry is None or (entry.deleting and not entry.has_finalizer):
                return  # gone, or going and never touched: nothing was made for it in AWS
            with about(generation=entry.generation):
                if await self._step(entry, taken) is Next.DONE:
                    return
        self._queue.add(key)

    def follow(self, entry: Entry) -> None:
        """Have AWS looked at where the resource lives."""
        self._subscriptions.follow(entry.key, self._gatherer.scope_of(entry))

    def try_again_with_credentials(self) -> None:
        """AWS takes our credentials again: try at once what failed for want of them."""
        now = self._now()
        for key, due in self._failures.recover(FailureKind.CREDENTIALS):
            self._queue.add(key, max(0.0, (due - now).total_seconds()))

    def forget(self, key: Key) -> None:
        """The resource is gone."""
        self._failures.forget(key)
        self._subscriptions.forget(key)
        self._operations.forget(key)
        self._publisher.forget(key)
        self._queue.succeed(key)

    async def _step(self, entry: Entry, taken: list[Step]) -> Next:
        """Plan once, and do the one thing that the plan asks for."""
        now = self._now()
        declared = replace(entry.declared, depends_on=self._dependencies.of(entry))
        failure = self._failures.current(entry.key, declared)
        planned = self._gatherer.plan(entry, Moment(declared, failure, now))
        plan, kind = planned.plan, BY_NAME[entry.key.kind]
        with self._operations.follow(entry, plan):
            if lacks_region(entry, planned.scope) and not declared.deleting:
                taken.append(Settle())
                if declared.unreadable is None:
                    plan = plan_without_region(entry, declared, now)
                return await self._settle(entry, plan)
            self._subscriptions.follow(entry.key, planned.scope)
            is_asked = kind.answers(entry.status, plan.status)
            step = next_step(
                plan,
                taken,
                deleting=declared.deleting,
                answered_by=kind.answered_by if is_asked else frozenset(),
                held_by=failure_of_look(failure, now),
            )
            taken.append(step)
            return await self._carry_out(entry, declared, planned, step)

    async def _carry_out(
        self, entry: Entry, declared: Declared[Any], planned: Planned, step: Step
    ) -> Next:
        plan = planned.plan
        match step:
            case LetGo():
                self._publisher.announce(entry, plan.notes)
                await self._executor.let_go(entry)  # which is the last of it here
                return Next.DONE
            case Read():
                return await self._read(entry, declared, planned, step)
            case Make():
                return await self._make(entry, declared, planned, step)
            case Wait():
                log.warning("%s has not shown any effect yet: waiting", step)
                self._queue.add(entry.key, self._pace.look_again)
                plan = Plan(status=plan.status)
            case Settle(Failure() as failure):
                plan = plan_unobserved(entry, declared, failure, plan, self._now())
            case Settle():
                if planned.blind is not None and declared.unreadable is None:
                    plan = plan_blind(entry, declared, planned.blind, plan, self._now())
                if not is_in_domain(entry.key) and not planned.is_observed:
                    self._queue.add(entry.key, self._pace.look_again)
        return await self._settle(entry, plan)

    async def _read(
        self, entry: Entry, declared: Declared[Any], planned: Planned, read: Read
    ) -> Next:
        plan, now = planned.plan, self._now()
        failure = await self._executor.read(entry, declared, planned, read.looks)
        if failure is None or read.goes_on_after(failure):
            return Next.PLAN_AGAIN
        if read.for_request:
            return await self._settle(entry, Plan(status=entry.status, wake_at=failure.retry_at))
        return await self._settle(entry, plan_unobserved(entry, declared, failure, plan, now))

    async def _make(
        self, entry: Entry, declared: Declared[Any], planned: Planned, make: Make
    ) -> Next:
        plan = planned.plan
        await self._executor.take_hold(entry)
        if make.record_first:
            self._executor.check_lead()
            if not await self._publisher.record(entry, plan):
                return Next.DONE
        self._publisher.remember(entry, plan)
        if await self._executor.call(entry, declared, planned.scope, make.call) is None:
            self._publisher.announce(entry, plan.notes)
        else:
            self._publisher.failed(entry, plan, make.call)
        return Next.PLAN_AGAIN

    async def _settle(self, entry: Entry, plan: Plan[Any]) -> Next:
        """Nothing more to do now: tell it, and see when to plan again."""
        self._executor.check_lead()
        if plan.status.arn is not None and not entry.deleting:
            await self._executor.take_hold(entry)  # also where somebody took the finalizer away
        if not await self._publisher.tell(entry, plan) or plan.wake_at is None:
            return Next.DONE
        now = self._now()
        if is_due(plan, now):
            return Next.PLAN_AGAIN
        self._queue.add(entry.key, (plan.wake_at - now).total_seconds())
        return Next.DONE
