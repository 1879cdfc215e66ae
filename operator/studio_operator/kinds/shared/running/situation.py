"""What the running state of a resource is decided from, of any kind that starts and stops."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from studio_operator.api.running import HandledRequests, RunningState
from studio_operator.plan.types import Declared

RunStatus = Literal["Starting", "Running", "Stopping", "Stopped", "Failed"]
RunningT = TypeVar("RunningT", bound=RunningState)


@dataclass(frozen=True, slots=True)
class Running(Generic[RunningT]):
    """How a kind starts and stops: for its rules, and for all that goes over kinds.

    - `noun`: what is in AWS, and `runs`: what of it starts and stops, in messages.
    - `on`: the member of status that tells what it runs on.
    - `word`: what stands before a name on the command line; empty where nothing has to.
    - `also`: what else of the spec acts like `state`, in messages; empty for nothing.
    - `state_model`, `requests_model`: the models of `status.effective` and of
      `status.handledRequests`; the latter's members are the requests that it takes.
    """

    noun: str
    runs: str
    on: str
    state_model: type[RunningT]
    requests_model: type[HandledRequests]
    word: str = ""
    also: str = ""

    def command(self, verb: str, name: str) -> str:
        """What a person types."""
        target = f"{self.word}/{name}" if self.word else name
        return f"kubectl studio {verb} {target}"


@dataclass(frozen=True, slots=True)
class ObservedRun:
    """What AWS shows of what starts and stops.

    `made_at`: when AWS made what runs, where that is another one for each start.
    """

    status: RunStatus
    made_at: datetime | None = None


NOT_RUNNING = ObservedRun("Stopped")
# What runs, starts or stops, and what runs or starts.
ACTIVE = frozenset({"Starting", "Running", "Stopping"})
ON = frozenset({"Starting", "Running"})


@dataclass(frozen=True, slots=True)
class RunSituation(Generic[RunningT]):
    """A resource at one moment, as far as its running state goes. A kind puts it together.

    - `kind`: how its kind starts and stops.
    - `declared`: its spec has `state`, `schedule` and `maxRunTime`, as RunningSpec.
    - `status`: as planned last; it has the members of RunningStatus.
    - `run`: what AWS shows of what starts and stops.
    - `is_ours`: whether what is in AWS is known to be this resource's; what others' does says
      nothing.
    - `is_still_to_be_found`: whether what is in AWS becomes this resource's only later: it never
      owned it as far as status knows, or its spec does not name what has its mark.
    - `is_there`: whether it is in AWS. `is_interrupted_creation`: whether it is our own creation
      then, which a crash interrupted before there was a status.
    - `is_restarting`: whether it is away because of us: something stopped it that will start it.
    - `is_enforced`: whether the spec's running state is restored at once when others change it.
    - `trigger`: what of the spec acts when it changes, as recorded on status: the word of `state`,
      `unset` where it is left out, and behind it what else acts like it.
    """

    kind: Running[RunningT]
    declared: Declared[Any]
    status: Any
    run: ObservedRun
    is_ours: bool
    is_still_to_be_found: bool
    is_there: bool
    is_interrupted_creation: bool
    is_restarting: bool
    trigger: str
    now: datetime
    is_enforced: bool = False
