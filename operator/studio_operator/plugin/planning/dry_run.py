"""The operator's work in memory: its own planners, step by step, until nothing is left to do."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from studio_operator.api.common import CommonStatus, Operation
from studio_operator.aws.instance_types import known_instance_types
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.facts import Facts
from studio_operator.engine.declared.store import Store
from studio_operator.engine.failure_plans import lacks_region, plan_without_region
from studio_operator.engine.gather import Gatherer
from studio_operator.engine.planner_context import Moment
from studio_operator.kinds.registry import REFERENCES
from studio_operator.kube.resources import Key
from studio_operator.plan.interpreter import (
    LetGo,
    Make,
    Read,
    Settle,
    Step,
    Wait,
    is_due,
    next_step,
)
from studio_operator.plan.types import Call, Plan, Tuning
from studio_operator.plugin.planning.in_memory_aws import InMemoryAws

Raw = Mapping[str, Any]
Prepare = Callable[[InMemoryAws, Store, Entry], None]
# Marks in memory are compared with each other only, so any cluster's id will do.
CLUSTER = "this-cluster"
# More passes than any story takes: a resize has five. Beyond it a planner goes round in circles.
PASSES_AT_MOST = 50


class DryRunError(Exception):
    """A planner finds no end: an error of the operator, to be reported."""


@dataclass(frozen=True, slots=True)
class MadeCall:
    """One call to AWS, and the operation that status would show with it."""

    call: Call
    operation: Operation | None


@dataclass(slots=True)
class Outcome:
    """What becomes of one resource.

    - `calls`: in order. `plan`: the last plan, None before any.
    - `let_go`: the resource may go from Kubernetes.
    """

    key: Key
    calls: list[MadeCall] = field(default_factory=list)
    plan: Plan[Any] | None = None
    let_go: bool = False

    @property
    def operations(self) -> tuple[str, ...]:
        """Names of the calls."""
        return tuple(made.call.operation for made in self.calls)

    def is_same(self, other: Outcome | None) -> bool:
        """Whether nothing tells both apart for a person."""
        return (
            other is not None
            and self.let_go == other.let_go
            and [made.call for made in self.calls] == [made.call for made in other.calls]
            and _said(self.plan) == _said(other.plan)
        )


def _said(plan: Plan[Any] | None) -> list[tuple[str, str, str, str]]:
    conditions = plan.status.conditions if plan else ()
    return [(one.type, one.status, one.reason, one.message) for one in conditions]


@dataclass(frozen=True)
class Stage:
    """Where a dry run begins: the resources, what AWS has, and what the planners remember.

    `tuning`: what they go by of the operator's settings.
    """

    resources: tuple[Raw, ...]
    aws: InMemoryAws
    memories: Mapping[Key, CommonStatus]
    tuning: Tuning = field(default_factory=Tuning)


@dataclass(frozen=True)
class DryRun:
    """What came of it: each resource's outcome and entry (also of those let go), and AWS after."""

    outcomes: Mapping[Key, Outcome]
    entries: Mapping[Key, Entry]
    aws: InMemoryAws

    @property
    def memories(self) -> dict[Key, CommonStatus]:
        """What the planners would remember."""
        return {key: entry.status for key, entry in self.entries.items()}


def dry_run(
    stage: Stage,
    now: datetime,
    region: str,
    prepare: Prepare | None = None,
    regions: Container[str] | None = None,
) -> DryRun:
    """Work until nothing changes any more.

    `region` is that of domains that name none; `prepare` is called before a resource is worked on;
    `regions` are those that the operator works in, any when left out.
    """
    store = Store(region, regions)
    for raw in stage.resources:
        store.apply(raw)
    entries = {entry.key: entry for entry in store}
    for entry in entries.values():
        if entry.key in stage.memories:
            store.remember(entry, stage.memories[entry.key])
    runner = _Runner(store, stage, now, prepare)
    runner.run()
    return DryRun(runner.outcomes, entries, runner.aws)


class _Runner:
    def __init__(self, store: Store, stage: Stage, now: datetime, prepare: Prepare | None) -> None:
        self._store = store
        self._now = now
        self._prepare = prepare
        self.aws = aws = stage.aws.copy()
        self._gatherer = Gatherer(
            store,
            aws,
            Facts(store, aws, CLUSTER),
            cluster=CLUSTER,
            tuning=stage.tuning,
            known_instance_types=known_instance_types(),
        )
        self.outcomes = {entry.key: Outcome(entry.key) for entry in store}

    def run(self) -> None:
        """Rounds over all resources, since one waits for another, until a round changes nothing."""
        for _ in range(PASSES_AT_MOST):
            worked = [self._work_on(entry) for entry in _in_order(self._store)]
            if not any(worked):
                return
        raise DryRunError("the resources keep each other busy without end")

    def _work_on(self, entry: Entry) -> bool:
        """All passes for one resource; whether anything came of it."""
        outcome = self.outcomes[entry.key]
        if self._prepare is not None:
            self._prepare(self.aws, self._store, entry)
        taken: list[Step] = []
        while len(taken) < PASSES_AT_MOST:
            planned = self._gatherer.plan(entry, Moment(entry.declared, None, self._now))
            plan = planned.plan
            is_planned = not (entry.deleting or entry.declared.unreadable)
            if is_planned and lacks_region(entry, planned.scope):
                plan = plan_without_region(entry, entry.declared, self._now)
            outcome.plan = plan
            step = next_step(plan, taken, deleting=entry.deleting)
            match step:
                case Read():
                    pass  # all there is to see is shown
                case LetGo():
                    outcome.let_go = True
                    self._store.drop(entry.key)
                    return True
                case Make(call):
                    self._store.remember(entry, plan.status)
                    outcome.calls.append(MadeCall(call, plan.status.operation))
                    self.aws.carry_out(planned.scope.account_region, call)
                case Wait() | Settle():
                    before = entry.status
                    self._store.remember(entry, plan.status)
                    goes_on = isinstance(step, Settle) and is_due(plan, self._now)
                    if plan.status == before or not goes_on:
                        return any(not isinstance(one, Read) for one in taken)
            taken.append(step)
        raise DryRunError(f"{entry.key}: {outcome.operations[-5:]} without end")


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Domains before what is in them; what goes, the other way round."""
    return sorted(
        entries,
        key=lambda entry: (
            not entry.deleting,
            REFERENCES.rank_of(entry.key.kind) * (-1 if entry.deleting else 1),
            entry.key,
        ),
    )
