"""The operator's work on paper: its own planners, step by step, until nothing is left to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from studio_operator.api.common import CommonStatus, Operation
from studio_operator.engine.entries import Entry, InvalidSpec
from studio_operator.engine.facts import Facts
from studio_operator.engine.gather import Gatherer, Moment
from studio_operator.engine.store import Store
from studio_operator.kube.resources import Key
from studio_operator.plan.types import Call, Plan, Tuning
from studio_operator.plugin.planning.paper import PaperAws

Raw = Mapping[str, Any]
Prepare = Callable[[PaperAws, Store, Entry], None]
# Marks on paper are compared with each other only, so any cluster's id will do.
CLUSTER = "this-cluster"
# More passes than any story takes: a resize has five. Beyond it a planner goes round in circles.
PASSES_AT_MOST = 50
_ORDER = {"StudioDomain": 0, "UserProfile": 1, "Space": 2}


class RehearsalError(Exception):
    """A planner finds no end: an error of the operator, to be reported."""


@dataclass(frozen=True, slots=True)
class Step:
    """One call to AWS, and the operation that status would show with it."""

    call: Call
    operation: Operation | None


@dataclass(slots=True)
class Outcome:
    """What becomes of one resource.

    - `steps`: the calls, in order. `plan`: the last plan, None for a spec that can't be read.
    - `let_go`: the resource may go from Kubernetes.
    """

    key: Key
    steps: list[Step] = field(default_factory=list)
    plan: Plan[Any] | None = None
    let_go: bool = False

    @property
    def operations(self) -> tuple[str, ...]:
        """Names of the calls."""
        return tuple(step.call.operation for step in self.steps)

    def is_same(self, other: Outcome | None) -> bool:
        """Whether nothing tells both apart for a person."""
        return (
            other is not None
            and self.let_go == other.let_go
            and [step.call for step in self.steps] == [step.call for step in other.steps]
            and _said(self.plan) == _said(other.plan)
        )


def _said(plan: Plan[Any] | None) -> list[tuple[str, str, str, str]]:
    conditions = plan.status.conditions if plan else ()
    return [(one.type, one.status, one.reason, one.message) for one in conditions]


@dataclass(frozen=True)
class Stage:
    """Where a rehearsal begins: the resources, what AWS has, and what the planners remember."""

    resources: tuple[Raw, ...]
    aws: PaperAws
    memories: Mapping[Key, CommonStatus]


@dataclass(frozen=True)
class Rehearsed:
    """What came of it: each resource's outcome and entry (also of those let go), and AWS after."""

    outcomes: Mapping[Key, Outcome]
    entries: Mapping[Key, Entry]
    aws: PaperAws

    @property
    def memories(self) -> dict[Key, CommonStatus]:
        """What the planners would remember."""
        return {key: entry.memory for key, entry in self.entries.items()}


def rehearse(stage: Stage, now: datetime, region: str, prepare: Prepare | None = None) -> Rehearsed:
    """Work until nothing changes any more.

    `region` is that of domains that name none; `prepare` is called before a resource is worked on.
    """
    store = Store(region)
    for raw in stage.resources:
        store.apply(raw)
    entries = {entry.key: entry for entry in store}
    for entry in entries.values():
        if entry.key in stage.memories:
            store.remember(entry, stage.memories[entry.key])
    rehearsal = _Rehearsal(store, stage.aws.copy(), now, prepare)
    rehearsal.run()
    return Rehearsed(rehearsal.outcomes, entries, rehearsal.aws)


class _Rehearsal:
    def __init__(self, store: Store, aws: PaperAws, now: datetime, prepare: Prepare | None) -> None:
        self._store = store
        self._now = now
        self._prepare = prepare
        self.aws = aws
        self._gatherer = Gatherer(
            store,
            aws,
            Facts(store, aws, CLUSTER),
            cluster=CLUSTER,
            tuning=Tuning(),
            known_instance_types=frozenset(),
        )
        self.outcomes = {entry.key: Outcome(entry.key) for entry in store}

    def run(self) -> None:
        """Rounds over all resources, since one waits for another, until a round changes nothing."""
        for _ in range(PASSES_AT_MOST):
            worked = [self._work_on(entry) for entry in _in_order(self._store)]
            if not any(worked):
                return
        raise RehearsalError("the resources keep each other busy without end")

    def _work_on(self, entry: Entry) -> bool:
        """All passes for one resource; whether anything came of it."""
        outcome = self.outcomes[entry.key]
        if self._prepare is not None:
            self._prepare(self.aws, self._store, entry)
        for number in range(PASSES_AT_MOST):
            declared = entry.declared
            if isinstance(declared, InvalidSpec):
                return False
            planned = self._gatherer.plan(entry, Moment(declared, None, self._now))
            outcome.plan = plan = planned.plan
            if not plan.finalizer:
                outcome.let_go = True
                self._store.drop(entry.key)
                return True
            before = entry.memory
            self._store.remember(entry, plan.status)
            if plan.call is not None:
                outcome.steps.append(Step(plan.call, plan.status.operation))
                self.aws.carry_out(planned.place.region, plan.call)
            elif plan.looks or plan.status == before or not self._goes_on(plan):
                return number > 0
        raise RehearsalError(f"{entry.key}: {outcome.operations[-5:]} without end")

    def _goes_on(self, plan: Plan[Any]) -> bool:
        return plan.wake_at is not None and plan.wake_at <= self._now


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Domains before what is in them; what goes, the other way round."""
    return sorted(
        entries,
        key=lambda entry: (
            not entry.deleting,
            -_ORDER[entry.key.kind] if entry.deleting else _ORDER[entry.key.kind],
            entry.key,
        ),
    )
