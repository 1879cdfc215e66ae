"""What the running state of a resource is decided from, of any kind that starts and stops."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from studio_operator.api.running import HandledRequests, RunningState
from studio_operator.plan.types import Declared

RunningT = TypeVar("RunningT", bound=RunningState)


@dataclass(frozen=True, slots=True)
class ObservedRun:
    """What AWS shows of what starts and stops.

    `made_at`: when AWS made what runs, where that is another one for each start.
    """

    status: Literal["Starting", "Running", "Stopping", "Stopped", "Failed"]
    made_at: datetime | None = None


NOT_RUNNING = ObservedRun("Stopped")
# What runs, starts or stops, and what runs or starts.
ACTIVE = frozenset({"Starting", "Running", "Stopping"})
ON = frozenset({"Starting", "Running"})


@dataclass(frozen=True, slots=True)
class RunSituation(Generic[RunningT]):
    """A resource at one moment, as far as its running state goes. A kind puts it together.

    - `declared`: its spec has `state`, `schedule` and `maxRunTime`, as RunningSpec.
    - `status`: as planned last; it has the members of RunningStatus.
    - `run`: what AWS shows of what starts and stops.
    - `is_ours`: whether what is in AWS is known to be this resource's; what others' does says
      nothing.
    - `is_there_unowned`: whether it is in AWS, and this resource never owned it as far as status
      knows.
    - `is_there`: whether it is in AWS. `is_interrupted_creation`: whether it is our own creation
      then, which a crash interrupted before there was a status.
    - `is_restarting`: whether it is away because of us: something stopped it that will start it.
    - `is_enforced`: whether the spec's running state is restored at once when others change it.
    - `trigger`: what of the spec acts when it changes, as recorded on status: the word of `state`,
      `unset` where it is left out, and behind it what else acts like it.
    - `state_model`, `requests_model`: of `status.effective` and `status.handledRequests`, in the
      kind's form.
    - `noun`: what is in AWS, and `runs`: what of it starts and stops, in messages.
    """

    declared: Declared[Any]
    status: Any
    run: ObservedRun
    is_ours: bool
    is_there_unowned: bool
    is_there: bool
    is_interrupted_creation: bool
    is_restarting: bool
    trigger: str
    now: datetime
    state_model: type[RunningT]
    requests_model: type[HandledRequests]
    noun: str
    runs: str
    is_enforced: bool = False
