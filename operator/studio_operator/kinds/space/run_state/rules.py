"""Who decides whether a space's app runs: one pure function, the table on the Space page.

Something is done at a trigger only: a new `state` or instance type in the spec, a window of the
schedule that opens or closes, a person's request by annotation, the end of `maxRunTime`. It is
pursued until AWS shows it. Then people, the idle timer and AWS may start and stop the app, and are
left alone until the next trigger, unless `drift.state` is Enforce. What was handled is on status,
so that a restart of the operator is never a trigger, and a trigger that came while it was down is
not missed.

Of two triggers the later wins, whenever the operator gets to see them: `_triggered` is the place.
A request has the time that it names, a boundary of the schedule and the end of `maxRunTime` their
own. An edit has none: of it and a request the request wins, with the schedule it is of one mind,
and the end of `maxRunTime` beats it.

A space that is in AWS when it is first seen (adopted, taken back in a cluster built anew, its
status lost) is left as AWS shows it: `planner_input.first_observation` is the place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from studio_operator.api.schedule import RunState
from studio_operator.kinds.shared.running.effective_times import with_times
from studio_operator.kinds.shared.running.requests import NOTHING, Requests
from studio_operator.kinds.shared.running.run_time import run_deadline
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.api.status import EffectiveState
from studio_operator.kinds.space.in_aws.apps import ObservedApp
from studio_operator.kinds.space.planner_input.drift import policy_of
from studio_operator.kinds.space.planner_input.first_observation import (
    as_found,
    is_first_observation,
    is_there_unowned,
    is_unobserved,
    unobserved,
)
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.plan.schedule.timetable import Timetable, overruled_at

# Decisions, as against what was merely seen.
DECIDED_BY = frozenset({"Spec", "Schedule", "MaxRunTime", "Request"})
# What is told of a stopped app that is left to people, until somebody starts it.
_TOLD_WHILE_STOPPED = frozenset({"Schedule", "MaxRunTime", "FirstSeen"})


@dataclass(frozen=True, slots=True)
class Standing:
    """What the spec and its schedule want for as long as nothing else is decided."""

    state: RunState
    by: str


def trigger_of(spec: SpaceSpec) -> str:
    """What the running state is triggered by in the spec, as recorded on status."""
    return f"{spec.state or 'unset'} {spec.instance_type or 'unset'}"


def standing_of(spec: SpaceSpec, timetable: Timetable | None) -> Standing | None:
    """What the spec wants now; None where it is left to people."""
    if spec.state == "Stopped":
        return Standing("Stopped", "Spec")
    closed = _is_closed(timetable)
    if spec.state is None:
        return Standing("Stopped", "Schedule") if closed and is_enforced(spec) else None
    if closed:
        return Standing("Stopped", "Schedule")
    return Standing("Running", "Schedule" if timetable else "Spec")


def is_enforced(spec: SpaceSpec) -> bool:
    """Whether the spec's running state is restored at once when others change it."""
    return policy_of(spec, "state") == "Enforce"


def decide_run_state(
    situation: SpaceSituation,
    timetable: Timetable | None = None,
    *,
    is_ours: bool,
    requests: Requests = NOTHING,
) -> EffectiveState:
    """The running state that holds now, which rule decided it, and what the clock will change.

    What the app of a space that is not ours does, or not yet known to be ours, says nothing.
    """
    deadline = run_deadline(situation, timetable) if is_ours else None
    if not is_ours and is_there_unowned(situation):
        # Whatever was decided was decided for a space that did not exist: that of others is found
        # as it is when it becomes ours.
        current = unobserved(trigger_of(situation.declared.spec))
    else:
        current = _triggered(situation, timetable, requests, deadline, is_ours=is_ours)
    if is_ours and not _is_restarting(situation):
        standing = standing_of(situation.declared.spec, timetable)
        current = _follow(current, standing, situation, timetable)
    return with_times(current, timetable, situation, deadline)


def _triggered(
    situation: SpaceSituation,
    timetable: Timetable | None,
    requests: Requests,
    deadline: datetime | None,
    *,
    is_ours: bool,
) -> EffectiveState:
    """What holds by the newest trigger, before it is compared with what AWS shows."""
    spec, status = situation.declared.spec, situation.status.effective
    if deadline is not None and situation.now >= deadline:
        return EffectiveState(state="Stopped", by="MaxRunTime", trigger=trigger_of(spec))
    asked = followed(requests, situation, timetable)
    if asked is not None:
        return EffectiveState(state=asked, by="Request", trigger=trigger_of(spec))
    if status is None or is_unobserved(status):
        return _first(situation, timetable, is_ours=is_ours)
    return _by_spec_and_clock(status, spec, timetable)


def followed(
    requests: Requests, situation: SpaceSituation, timetable: Timetable | None
) -> RunState | None:
    """What a person asks for, unless it is refused or the schedule had its say later."""
    asked, spec = requests.run_state, situation.declared.spec
    if asked is None or is_refused(asked, spec, standing_of(spec, timetable)):
        return None
    later = overruled_at(situation.declared, asked, requests.asked_at, situation.now)
    return asked if later is None else None


def _by_spec_and_clock(
    status: EffectiveState, spec: SpaceSpec, timetable: Timetable | None
) -> EffectiveState:
    """What an edit, or the schedule, makes of what held before."""
    trigger, standing = trigger_of(spec), standing_of(spec, timetable)
    crossed = _has_crossed(status, timetable) and not _opens_for_nothing(spec, timetable)
    kept = _becomes(status, trigger)
    if not crossed and (
        status.trigger == trigger or _is_resized_out_of_hours(kept, timetable, status)
    ):
        return kept
    if crossed and _is_closed(timetable) and standing is None:
        return EffectiveState(state="Stopped", by="Schedule", trigger=trigger)
    if standing is not None:
        return EffectiveState(state=standing.state, by=standing.by, trigger=trigger)
    return kept if status.by == "Request" and not status.reached else _by_people(trigger)


def _first(
    situation: SpaceSituation, timetable: Timetable | None, *, is_ours: bool
) -> EffectiveState:
    """The spec's own state for a space that is to be made; what AWS shows for one that is there."""
    standing = standing_of(situation.declared.spec, timetable)
    wanted = _by_people(trigger_of(situation.declared.spec))
    if standing is not None:
        wanted = wanted.model_copy(update={"state": standing.state, "by": standing.by})
    if not is_ours or not is_first_observation(situation):
        return wanted
    return as_found(situation, wanted, is_asleep=_is_asleep(timetable))


def _is_asleep(timetable: Timetable | None) -> bool:
    return timetable is not None and timetable.position == "Snoozed"


def _is_closed(timetable: Timetable | None) -> bool:
    return timetable is not None and timetable.position == "Closed"


def _is_resized_out_of_hours(
    now: EffectiveState, timetable: Timetable | None, status: EffectiveState
) -> bool:
    """Whether only the instance type is new, at a time when nothing is to be started.

    Who works then goes on after the resize, and what is stopped stays so.
    """
    out_of_hours = timetable is not None and timetable.position != "Open"
    return out_of_hours and now.trigger.split()[0] == status.trigger.split()[0]


def _has_crossed(status: EffectiveState, timetable: Timetable | None) -> bool:
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


def _opens_for_nothing(spec: SpaceSpec, timetable: Timetable | None) -> bool:
    return spec.state == "Stopped" and (timetable is None or timetable.position == "Open")


def is_refused(asked: RunState, spec: SpaceSpec, standing: Standing | None) -> bool:
    """Whether enforcement would undo at once what a person asks for."""
    return is_enforced(spec) and standing is not None and standing.state != asked


def _is_restarting(situation: SpaceSituation) -> bool:
    """Whether the app is away because of us: a resize stopped it and will start it again."""
    operation, app = situation.status.operation, situation.app
    runs = app is not None and app.status == "InService"
    return operation is not None and bool(operation.restart) and not runs


def _follow(
    current: EffectiveState,
    standing: Standing | None,
    situation: SpaceSituation,
    timetable: Timetable | None,
) -> EffectiveState:
    """What was decided, compared with what AWS shows."""
    app = situation.app
    if current.by in DECIDED_BY and not current.reached:
        if not _shows(app, current.state):
            return current
        current = current.model_copy(update={"reached": True})
    if standing is None:
        is_off = app is None or app.status not in {"Pending", "InService"}
        is_told = is_off and current.by in _TOLD_WHILE_STOPPED
        return current if is_told else _by_people(current.trigger)
    enforced = is_enforced(situation.declared.spec)
    if (
        standing.state == "Running"
        and _shows(app, "Stopped")
        and _sleeps_closed(current, timetable)
    ):
        return current
    if standing.state == "Running":
        by = _who_started(current, standing, is_asleep=_is_asleep(timetable))
        return _follow_running(current, Standing("Running", by), app, enforced=enforced)
    return _follow_stopped(current, standing, app, enforced=enforced)


def _sleeps_closed(current: EffectiveState, timetable: Timetable | None) -> bool:
    """Whether the schedule had stopped the app before it fell asleep: then it starts nothing."""
    return _is_asleep(timetable) and (current.state, current.by) == ("Stopped", "Schedule")


def _who_started(current: EffectiveState, standing: Standing, *, is_asleep: bool) -> str:
    """Who counts as having started an app that runs: a schedule that is snoozed starts nothing."""
    if not is_asleep:
        return standing.by
    return "OutsideStart" if current.state == "Stopped" else current.by


def _follow_running(
    current: EffectiveState, standing: Standing, app: ObservedApp | None, *, enforced: bool
) -> EffectiveState:
    if _shows(app, "Running"):
        return _becomes(current, current.trigger, "Running", standing.by, reached=True)
    if not _shows(app, "Stopped"):
        return current
    if enforced:
        return _becomes(current, current.trigger, "Running", standing.by, reached=False)
    if current.state == "Stopped" and (current.by in DECIDED_BY or current.by == "FirstSeen"):
        return current
    failed = app is not None and app.status == "Failed"
    by = "Failure" if failed else "OutsideStop"
    return _becomes(current, current.trigger, "Stopped", by, reached=True)


def _follow_stopped(
    current: EffectiveState, standing: Standing, app: ObservedApp | None, *, enforced: bool
) -> EffectiveState:
    if _shows(app, "Stopped"):
        by = current.by if current.by == "MaxRunTime" else standing.by
        return _becomes(current, current.trigger, "Stopped", by, reached=True)
    if app is None or app.status == "Deleting":
        return current
    if enforced:
        return _becomes(current, current.trigger, "Stopped", standing.by, reached=False)
    by = "Request" if current.by == "Request" else "OutsideStart"
    return _becomes(current, current.trigger, "Running", by, reached=True)


def _shows(app: ObservedApp | None, state: str | None) -> bool:
    if state == "Running":
        return app is not None and app.status == "InService"
    return app is None or not app.is_active


def _by_people(trigger: str) -> EffectiveState:
    return EffectiveState(by="People", trigger=trigger)


def _becomes(
    current: EffectiveState,
    trigger: str,
    state: str | None = None,
    by: str | None = None,
    *,
    reached: bool | None = None,
) -> EffectiveState:
    changes = {"trigger": trigger}
    if state is None:
        return current.with_members(changes)
    return current.with_members({**changes, "state": state, "by": by, "reached": reached or None})
