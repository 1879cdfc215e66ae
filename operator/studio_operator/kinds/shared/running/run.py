"""The running state of a resource, decided once, with what follows from it for any kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from studio_operator.kinds.shared.running.held import hold_run_state
from studio_operator.kinds.shared.running.requests import (
    NOTHING,
    Requests,
    read_requests,
    refusal,
    refuse_foreign,
    refuse_snooze,
    refuse_unreadable,
    tell_overruled,
)
from studio_operator.kinds.shared.running.rules import (
    DECIDED_BY,
    decide_run_state,
    is_first_observation,
    is_refused,
    standing_of,
)
from studio_operator.kinds.shared.running.run_time import running_since
from studio_operator.kinds.shared.running.situation import RunningT, RunSituation
from studio_operator.plan.remedies import Remedy, field
from studio_operator.plan.schedule.timetable import Timetable, timetable_at
from studio_operator.plan.types import Note


@dataclass(frozen=True, slots=True)
class Run(Generic[RunningT]):
    """What a resource's running state is now, and what it was decided from.

    - `requests`: what people ask for and was not handled yet.
    - `timetable`: where the schedule stands; None without one, or where the spec can't be read.
    - `effective`: the running state that holds, `status.effective` from now on.
    - `is_first_observation`: whether what is in AWS is first seen now, and was there before.
    """

    situation: RunSituation[RunningT]
    requests: Requests
    timetable: Timetable | None
    effective: RunningT
    is_first_observation: bool

    @property
    def is_stop_asked(self) -> bool:
        """Whether a stop was decided and is not carried out yet."""
        effective = self.effective
        decided = effective.by in DECIDED_BY and not effective.reached
        return decided and effective.state == "Stopped"

    @property
    def enforced_against_request(self) -> str | None:
        """What stands against a person's start or stop, in words; None when nothing does."""
        asked, situation = self.requests.run_state, self.situation
        standing = standing_of(situation, self.timetable) if asked is not None else None
        if asked is None or standing is None or not is_refused(asked, situation, standing):
            return None
        closed = standing.by == "Schedule" and standing.state == "Stopped"
        return "the schedule is closed" if closed else f"{field('state')} is {standing.state}"

    @property
    def changes_at(self) -> datetime | None:
        """When the schedule or the end of a run changes what should be; never what is past."""
        now = self.situation.now
        times = (self.effective.stops_at, self.timetable.changes_at if self.timetable else None)
        return min((moment for moment in times if moment and moment > now), default=None)

    @property
    def since(self) -> datetime | None:
        """`status.runningSince`: since when what is ours runs, as far as it was seen."""
        return running_since(self.situation) if self.situation.is_ours else None

    def refused_requests(
        self, *, is_observed: bool, is_foreign: bool, recreate: Remedy | None = None
    ) -> tuple[Note, ...]:
        """The Events about requests that come to nothing.

        `is_foreign`: whether what is in AWS is not this resource's, and will not be; `recreate`:
        how to have another one where it is gone.
        """
        situation = self.situation
        notes, declared = refuse_snooze(situation), situation.declared
        if declared.unreadable is not None and not declared.deleting:
            return (*(refuse_unreadable(situation) if is_observed else ()), *notes)
        if is_foreign:
            return (*refuse_foreign(situation, recreate), *notes)
        asked, enforced = self.requests.run_state, self.enforced_against_request
        if asked and enforced:
            return (refusal(asked, enforced, situation), *notes)
        return (*tell_overruled(situation, self.requests), *notes)

    @property
    def is_decided_anew(self) -> bool:
        """Whether a crash before the first call would lose what is decided now."""
        before = self.situation.status.effective
        return before is not None and _decision(before) != _decision(self.effective)


def decide_run(situation: RunSituation[RunningT]) -> Run[RunningT]:
    """The running state by spec, schedule, requests and the clock, and by what AWS shows."""
    requests = read_requests(situation) if situation.is_ours else NOTHING
    if situation.declared.unreadable is not None:
        held = hold_run_state(situation, requests)
        held = held or situation.kind.state_model(by="People", trigger=situation.trigger)
        return Run(situation, requests, None, held, is_first_observation(situation))
    timetable = _timetable(situation)
    is_new = is_first_observation(situation)
    effective = decide_run_state(situation, timetable, requests)
    return Run(situation, requests, timetable, effective, is_new)


def _timetable(situation: RunSituation[RunningT]) -> Timetable | None:
    handled = situation.status.effective
    return timetable_at(
        situation.declared,
        situation.now,
        was_snoozed=handled is not None and handled.window == "Snoozed",
        handled=handled.window_since if handled else None,
    )


def _decision(effective: RunningT) -> tuple[object, ...]:
    """What a crash between a decision and its first call must not lose."""
    if effective.by not in DECIDED_BY:
        return (effective.trigger, effective.window, effective.window_since)
    return (effective.trigger, effective.window, effective.window_since, effective.by)
