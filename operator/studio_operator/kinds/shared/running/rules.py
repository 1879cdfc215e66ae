"""Who decides whether something runs: one pure function, for any kind that starts and stops.

Its table is on the Space page. Something is done at a trigger only: a new `state` in the spec, or
another value of it that acts like one, a window of the schedule that opens or closes, a person's
request by annotation, the end of `maxRunTime`. It is pursued until AWS shows it. Then people, an
idle timer and AWS may start and stop it, and are left alone until the next trigger, unless the
running state is enforced. What was handled is on status, so that a restart of the operator is never
a trigger, and a trigger that came while it was down is not missed.

Of two triggers the later wins, whenever the operator gets to see them: `_triggered` is the place.
A request has the time that it names, a boundary of the schedule and the end of `maxRunTime` their
own. An edit has none: of it and a request the request wins, with the schedule it is of one mind,
and the end of `maxRunTime` beats it.

What is in AWS when it is first seen (adopted, taken back in a cluster built anew, its status lost)
is left as AWS shows it: people may have stopped it since, or started it, and nothing is started or
stopped for that it is seen. `_as_found` is the place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from studio_operator.api.running import RunningState
from studio_operator.api.schedule import RunState
from studio_operator.kinds.shared.running.effective_times import with_times
from studio_operator.kinds.shared.running.requests import NOTHING, Requests
from studio_operator.kinds.shared.running.run_time import run_deadline
from studio_operator.kinds.shared.running.situation import ACTIVE, ON, RunningT, RunSituation
from studio_operator.plan.schedule.timetable import Timetable, overruled_at

# Decisions, as against what was merely seen.
DECIDED_BY = frozenset({"Spec", "Schedule", "MaxRunTime", "Request"})
# What is told of something stopped that is left to people, until somebody starts it.
_TOLD_WHILE_STOPPED = frozenset({"Schedule", "MaxRunTime", "FirstSeen"})


@dataclass(frozen=True, slots=True)
class Standing:
    """What the spec and its schedule want for as long as nothing else is decided."""

    state: RunState
    by: str


def standing_of(situation: RunSituation[RunningT], timetable: Timetable | None) -> Standing | None:
    """What the spec wants now; None where it is left to people."""
    state: RunState | None = situation.declared.spec.state
    if state == "Stopped":
        return Standing("Stopped", "Spec")
    closed = _is_closed(timetable)
    if state is None:
        return Standing("Stopped", "Schedule") if closed and situation.is_enforced else None
    if closed:
        return Standing("Stopped", "Schedule")
    return Standing("Running", "Schedule" if timetable else "Spec")


def is_first_observation(situation: RunSituation[RunningT]) -> bool:
    """Whether something is first seen now, and was there before."""
    effective: RunningState | None = situation.status.effective
    if not situation.is_there or (effective is not None and not _is_unobserved(effective)):
        return False
    return effective is not None or not situation.is_interrupted_creation


def decide_run_state(
    situation: RunSituation[RunningT],
    timetable: Timetable | None = None,
    requests: Requests = NOTHING,
) -> RunningT:
    """The running state that holds now, which rule decided it, and what the clock will change.

    What a thing does that is not ours, or not yet known to be ours, says nothing.
    """
    deadline = run_deadline(situation, timetable) if situation.is_ours else None
    if not situation.is_ours and situation.is_still_to_be_found:
        # Whatever was decided was decided for what did not exist: what does is found as it is then.
        current = _unobserved(situation)
    else:
        current = _triggered(situation, timetable, requests, deadline)
    if situation.is_ours and not _is_away(situation):
        current = _follow(current, standing_of(situation, timetable), situation, timetable)
    return with_times(current, timetable, situation, deadline)


def _triggered(
    situation: RunSituation[RunningT],
    timetable: Timetable | None,
    requests: Requests,
    deadline: datetime | None,
) -> RunningT:
    """What holds by the newest trigger, before it is compared with what AWS shows."""
    decided, trigger = situation.kind.state_model, situation.trigger
    if deadline is not None and situation.now >= deadline:
        return decided(state="Stopped", by="MaxRunTime", trigger=trigger)
    asked = followed(requests, situation, timetable)
    if asked is not None:
        return decided(state=asked, by="Request", trigger=trigger)
    status: RunningT | None = situation.status.effective
    if status is None or _is_unobserved(status):
        return _first(situation, timetable)
    return _by_spec_and_clock(status, situation, timetable)


def followed(
    requests: Requests, situation: RunSituation[RunningT], timetable: Timetable | None
) -> RunState | None:
    """What a person asks for, unless it is refused or the schedule had its say later."""
    asked = requests.run_state
    if asked is None or is_refused(asked, situation, standing_of(situation, timetable)):
        return None
    later = overruled_at(situation.declared, asked, requests.asked_at, situation.now)
    return asked if later is None else None


def _by_spec_and_clock(
    status: RunningT, situation: RunSituation[RunningT], timetable: Timetable | None
) -> RunningT:
    """What an edit, or the schedule, makes of what held before."""
    decided, trigger = situation.kind.state_model, situation.trigger
    standing = standing_of(situation, timetable)
    opens_for_nothing = _opens_for_nothing(situation, timetable)
    crossed = _has_crossed(status, timetable) and not opens_for_nothing
    kept = _becomes(status, trigger)
    if not crossed and (
        status.trigger == trigger or _is_changed_out_of_hours(kept, timetable, status)
    ):
        return kept
    if crossed and _is_closed(timetable) and standing is None:
        return decided(state="Stopped", by="Schedule", trigger=trigger)
    if standing is not None:
        return decided(state=standing.state, by=standing.by, trigger=trigger)
    return kept if status.by == "Request" and not status.reached else _by_people(situation, trigger)


def _first(situation: RunSituation[RunningT], timetable: Timetable | None) -> RunningT:
    """The spec's own state for what is to be made; what AWS shows for what is there."""
    standing = standing_of(situation, timetable)
    wanted = _by_people(situation, situation.trigger)
    if standing is not None:
        wanted = wanted.model_copy(update={"state": standing.state, "by": standing.by})
    if not situation.is_ours or not is_first_observation(situation):
        return wanted
    return _as_found(situation, wanted, is_asleep=_is_asleep(timetable))


def _unobserved(situation: RunSituation[RunningT]) -> RunningT:
    """What holds of what is in AWS and not this resource's, or not yet: nothing so far."""
    return situation.kind.state_model(by="FirstSeen", trigger=situation.trigger)


def _is_unobserved(effective: RunningState) -> bool:
    """Whether it is that."""
    return effective.by == "FirstSeen" and effective.state is None


def _as_found(
    situation: RunSituation[RunningT], standing: RunningT, *, is_asleep: bool
) -> RunningT:
    """What holds from the first sight on. `standing`: what the spec and its schedule want.

    `is_asleep`: whether the schedule is snoozed, so that it has started nothing.
    """
    if situation.run.status in ON:
        if standing.state == "Stopped":
            standing = standing.model_copy(update={"by": "OutsideStart"})
        elif is_asleep and standing.by == "Schedule":
            standing = standing.model_copy(update={"by": "FirstSeen"})
        state = None if standing.state is None else "Running"
        return standing.model_copy(update={"state": state, "reached": bool(state) or None})
    by = "FirstSeen"
    if situation.run.status == "Failed" and standing.state != "Stopped":
        if standing.state is None:
            return standing
        by = "Failure"
    return standing.model_copy(update={"state": "Stopped", "by": by, "reached": True})


def _is_asleep(timetable: Timetable | None) -> bool:
    return timetable is not None and timetable.position == "Snoozed"


def _is_closed(timetable: Timetable | None) -> bool:
    return timetable is not None and timetable.position == "Closed"


def _is_changed_out_of_hours(now: RunningT, timetable: Timetable | None, status: RunningT) -> bool:
    """Whether `state` is as it was, and what acts like it is new when nothing is to be started.

    Who works then goes on after the change, and what is stopped stays so.
    """
    out_of_hours = timetable is not None and timetable.position != "Open"
    return out_of_hours and now.trigger.split()[0] == status.trigger.split()[0]


def _has_crossed(status: RunningState, timetable: Timetable | None) -> bool:
    """Whether the schedule opened or closed since it was handled last, came, or went.

    Going to sleep is no trigger, and neither is waking up where nothing happened meanwhile.
    """
    if timetable is None:
        return status.window is not None
    if timetable.position == "Snoozed":
        return False
    if status.window not in {timetable.position, "Snoozed"}:
        return True
    known, since = status.window_since, timetable.since
    if status.schedule not in {None, timetable.digest} and not timetable.woke:
        # Other times of the same position. Nothing begins or ends now, unless that ended by the
        # times that held when it was seen last, and began anew by those of now.
        until = status.window_until
        return since is not None and until is not None and since >= until
    if known is None:
        return status.window == "Snoozed" and timetable.position == "Closed"
    return since is not None and since > known


def _opens_for_nothing(situation: RunSituation[RunningT], timetable: Timetable | None) -> bool:
    is_open = timetable is None or timetable.position == "Open"
    return situation.declared.spec.state == "Stopped" and is_open


def is_refused(
    asked: RunState, situation: RunSituation[RunningT], standing: Standing | None
) -> bool:
    """Whether enforcement would undo at once what a person asks for."""
    return situation.is_enforced and standing is not None and standing.state != asked


def _is_away(situation: RunSituation[RunningT]) -> bool:
    """Whether it does not run because of us: what stopped it will start it again."""
    return situation.is_restarting and situation.run.status != "Running"


def _follow(
    current: RunningT,
    standing: Standing | None,
    situation: RunSituation[RunningT],
    timetable: Timetable | None,
) -> RunningT:
    """What was decided, compared with what AWS shows."""
    if current.by in DECIDED_BY and not current.reached:
        if not _shows(situation, current.state):
            return current
        current = current.model_copy(update={"reached": True})
    if standing is None:
        is_told = situation.run.status not in ON and current.by in _TOLD_WHILE_STOPPED
        return current if is_told else _by_people(situation, current.trigger)
    if (
        standing.state == "Running"
        and _shows(situation, "Stopped")
        and _sleeps_closed(current, timetable)
    ):
        return current
    if standing.state == "Running":
        by = _who_started(current, standing, is_asleep=_is_asleep(timetable))
        return _follow_running(current, Standing("Running", by), situation)
    return _follow_stopped(current, standing, situation)


def _sleeps_closed(current: RunningState, timetable: Timetable | None) -> bool:
    """Whether the schedule had stopped it before it fell asleep: then it starts nothing."""
    return _is_asleep(timetable) and (current.state, current.by) == ("Stopped", "Schedule")


def _who_started(current: RunningState, standing: Standing, *, is_asleep: bool) -> str:
    """Who counts as having started what runs: a schedule that is snoozed starts nothing."""
    if not is_asleep:
        return standing.by
    return "OutsideStart" if current.state == "Stopped" else current.by


def _follow_running(
    current: RunningT, standing: Standing, situation: RunSituation[RunningT]
) -> RunningT:
    if _shows(situation, "Running"):
        return _becomes(current, current.trigger, "Running", standing.by, reached=True)
    if not _shows(situation, "Stopped"):
        return current
    if situation.is_enforced:
        return _becomes(current, current.trigger, "Running", standing.by, reached=False)
    if current.state == "Stopped" and (current.by in DECIDED_BY or current.by == "FirstSeen"):
        return current
    by = "Failure" if situation.run.status == "Failed" else "OutsideStop"
    return _becomes(current, current.trigger, "Stopped", by, reached=True)


def _follow_stopped(
    current: RunningT, standing: Standing, situation: RunSituation[RunningT]
) -> RunningT:
    if _shows(situation, "Stopped"):
        by = current.by if current.by == "MaxRunTime" else standing.by
        return _becomes(current, current.trigger, "Stopped", by, reached=True)
    if situation.run.status == "Stopping":
        return current
    if situation.is_enforced:
        return _becomes(current, current.trigger, "Stopped", standing.by, reached=False)
    by = "Request" if current.by == "Request" else "OutsideStart"
    return _becomes(current, current.trigger, "Running", by, reached=True)


def _shows(situation: RunSituation[RunningT], state: str | None) -> bool:
    if state == "Running":
        return situation.run.status == "Running"
    return situation.run.status not in ACTIVE


def _by_people(situation: RunSituation[RunningT], trigger: str) -> RunningT:
    return situation.kind.state_model(by="People", trigger=trigger)


def _becomes(
    current: RunningT,
    trigger: str,
    state: str | None = None,
    by: str | None = None,
    *,
    reached: bool | None = None,
) -> RunningT:
    changes = {"trigger": trigger}
    if state is None:
        return current.with_members(changes)
    return current.with_members({**changes, "state": state, "by": by, "reached": reached or None})
