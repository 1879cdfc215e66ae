"""Who stopped something, and what starts it again, in words."""

from __future__ import annotations

from studio_operator.kinds.shared.running.run import Run
from studio_operator.kinds.shared.running.situation import RunningT
from studio_operator.plan.messages import Message, at, tell
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import command, field

# Why it is stopped, by who decided that.
STOPPED_BY = {
    "Spec": f"{field('state')} is Stopped",
    "Schedule": "the schedule is closed",
    "MaxRunTime": f"it has run for {field('maxRunTime')}",
    "Request": "a person asked for it",
}


def reason_of_stop(run: Run[RunningT]) -> Reason:
    """The reason under which status tells of something stopped."""
    return Reason.STOPPED_OUTSIDE if run.effective.by == "OutsideStop" else Reason.STOPPED


def explain_stop(run: Run[RunningT]) -> str:
    """Who stopped it, and what starts it again."""
    effective, scheduled = run.effective, next_start(run)
    if effective.by == "Request" and effective.state == "Stopped":
        return f"stopped as a person asked; {_stays_until(run)}"
    if effective.by == "FirstSeen":
        return _explain_first_observation(run)
    if effective.by == "OutsideStop":
        return f"stopped by a person, the idle timer or AWS; {_stays_until(run)}"
    if effective.by == "MaxRunTime":
        return f"stopped after it had run for {field('maxRunTime')}; {_stays_until(run)}"
    if effective.by != "Schedule":
        return f"the {run.situation.kind.runs} is stopped"
    again = f", which starts it at {scheduled}" if scheduled else ""
    if effective.window == "Snoozed":
        again += "; it is snoozed, which starts nothing"
    return f"stopped by the schedule{again}"


def next_start(run: Run[RunningT]) -> str | None:
    """When the schedule starts it next, in words."""
    starts_at, schedule = run.effective.starts_at, run.situation.declared.spec.schedule
    return at(starts_at, schedule.timezone) if starts_at and schedule else None


def _explain_first_observation(run: Run[RunningT]) -> Message:
    """A change may have stopped it, of which no status tells any more."""
    kind, name = run.situation.kind, run.situation.declared.name
    scheduled = next_start(run)
    again = f"; the schedule starts it at {scheduled}" if scheduled else ""
    return tell(
        f"the {kind.runs} was stopped when this resource first saw the {kind.noun}, and nobody "
        f"knows whether it ran before{again}",
        command(f"start it with {kind.command('start', name)}"),
    )


def _stays_until(run: Run[RunningT]) -> str:
    """What starts it again, by the state that is declared."""
    scheduled, state, also = next_start(run), field("state"), run.situation.kind.also
    if run.situation.declared.spec.state == "Running":
        by_schedule = f", the schedule starts it at {scheduled}" if scheduled else ""
        changes = f"{state} or {also} changes" if also else f"{state} changes"
        return f"it stays stopped until somebody starts it{by_schedule}, or {changes}"
    return f"it stays stopped until somebody starts it, or {state} becomes Running"
