"""What is to be done with a plan: read AWS, make its call, let go, wait or settle.

Whoever carries plans out goes by it: the engine, the dry run, the worlds of the tests. Each plans,
takes the step that `next_step` names, and plans again. A turn is the steps taken so far; it ends
with one that is neither a read nor a call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from studio_operator.plan.operations import is_read
from studio_operator.plan.types import INCONCLUSIVE, Call, Failure, Look, Plan


@dataclass(frozen=True, slots=True)
class Read:
    """Look at AWS, then plan again.

    `for_request`: what a person asks for is answered by what AWS shows now, not by the last
    listing. What may not be looked at is answered by the listing all the same.
    """

    looks: frozenset[Look]
    for_request: bool = False

    def goes_on_after(self, failure: Failure | None) -> bool:
        """Whether the next thing is to plan again; else what failed is told, and ends the turn."""
        if failure is None:
            return True
        if self.for_request:
            return failure.kind not in INCONCLUSIVE
        return self._may_fail

    @property
    def _may_fail(self) -> bool:
        """Whether the planner goes on without it, and says itself when to look again."""
        return all(look.may_fail for look in self.looks)

    def is_held_by(self, failure: Failure | None) -> bool:
        """Whether the failure of an earlier look lets this one wait."""
        return failure is not None and not self._may_fail


@dataclass(frozen=True, slots=True)
class Make:
    """Make the call, then plan again. `record_first`: once the status is stored, not before."""

    call: Call
    record_first: bool


@dataclass(frozen=True, slots=True)
class LetGo:
    """Take our finalizer away: nothing is left to be done for the resource."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What was done in this turn already shows no effect: it is not done again at full speed."""

    for_effect_of: Read | Make

    def __str__(self) -> str:
        repeated = self.for_effect_of
        return repeated.call.operation if isinstance(repeated, Make) else "a look"


@dataclass(frozen=True, slots=True)
class Settle:
    """Nothing more to do now: store the status, and see when to plan again.

    `held_by`: the failure for which a look that the plan asks for has to wait.
    """

    held_by: Failure | None = None


Step = Read | Make | LetGo | Wait | Settle


def next_step(
    plan: Plan[Any],
    taken: Sequence[Step] = (),
    *,
    deleting: bool = False,
    answered_by: frozenset[Look] = frozenset(),
    held_by: Failure | None = None,
) -> Step:
    """What to do now for a resource.

    - `taken`: the steps of this turn so far, of which none is repeated in vain.
    - `deleting`: whether the resource is deleted. What is let go of may have been handed to others
      since its tags were read, so they are read once more before the first call.
    - `answered_by`: what is read first where the plan answers a person.
    - `held_by`: what `failure_of_look` gives.

    The last three are for those whose view of AWS may be behind.
    """
    if not plan.finalizer:
        return LetGo()
    if answered_by and not any(one.for_request for one in _reads(taken)):
        return Read(answered_by, for_request=True)
    if plan.looks:
        return _read(plan.looks, taken, held_by)
    if plan.call is None:
        return Settle()
    if deleting and Look.TAGS not in _looks(taken):
        return _read(frozenset({Look.TAGS}), taken, held_by)
    make = Make(plan.call, plan.record_first)
    made = (one.call for one in taken if isinstance(one, Make))
    return Wait(make) if make.call in made else make


def failure_of_look(failure: Failure | None, now: datetime) -> Failure | None:
    """The failure, where it was one of a look and asks not to look again yet."""
    if failure is None or (failure.retry_at is not None and failure.retry_at <= now):
        return None
    return failure if is_read(failure.operation) else None


def is_due(plan: Plan[Any], now: datetime) -> bool:
    """Whether a plan that settles asks to plan again at once."""
    return plan.wake_at is not None and plan.wake_at <= now


def _read(looks: frozenset[Look], taken: Sequence[Step], held_by: Failure | None) -> Step:
    read = Read(looks)
    if read.is_held_by(held_by):
        return Settle(held_by)
    return Wait(read) if looks <= _looks(taken) else read


def _reads(taken: Iterable[Step]) -> Iterable[Read]:
    return (one for one in taken if isinstance(one, Read))


def _looks(taken: Iterable[Step]) -> frozenset[Look]:
    """What was looked at for a plan; what a request had looked at may be looked at again."""
    return frozenset().union(*(one.looks for one in _reads(taken) if not one.for_request))
