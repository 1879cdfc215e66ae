"""What people ask for by annotation: start, stop, restart and apply-now, each handled once.

A value that status has not echoed yet is a request; by convention it is the time in RFC 3339, but
any new text will do, and counts as written just now. An annotation that a resource carries when it
is first seen asks for nothing: it is as old as the resource, or comes from a copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from studio_operator.api.common import (
    APPLY_NOW_REQUEST,
    RECREATE_REQUEST,
    RESTART_REQUEST,
    SNOOZE_UNTIL,
    START_REQUEST,
    STOP_REQUEST,
    CommonStatus,
)
from studio_operator.api.running import HandledRequests
from studio_operator.api.schedule import RunState
from studio_operator.kinds.shared.running.situation import RunningT, RunSituation
from studio_operator.plan.decisions import answers_reconcile
from studio_operator.plan.messages import at, shorten, tell
from studio_operator.plan.remedies import Remedy, annotate, field, set_field, wait
from studio_operator.plan.schedule.timetable import overruled_at, parse_moment
from studio_operator.plan.types import Note

# Annotations and the members of `status.handledRequests` that echo them.
_MEMBERS = {
    START_REQUEST: "start",
    STOP_REQUEST: "stop",
    RESTART_REQUEST: "restart",
    APPLY_NOW_REQUEST: "apply_now",
}
_RECREATE = {RECREATE_REQUEST: "recreate"}


# A value that is no time is newer than any that is one.
_JUST_NOW = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Requests:
    """What is asked for and not handled yet.

    `run_state`: the newer one of start and stop. `asked_at`: when that was asked for; None for a
    value that is no time, and so counts as new. `apply_now`: of a kind that takes that.
    """

    run_state: RunState | None = None
    asked_at: datetime | None = None
    restart: bool = False
    apply_now: bool = False


NOTHING = Requests()


def read_requests(situation: RunSituation[RunningT]) -> Requests:
    """The requests that status has not echoed."""
    new = new_values(situation)
    asked = _newer_state(new)
    value = new[START_REQUEST if asked == "Running" else STOP_REQUEST] if asked else ""
    asked_at = parse_moment(value) if value else None
    return Requests(asked, asked_at, RESTART_REQUEST in new, APPLY_NOW_REQUEST in new)


def new_values(situation: RunSituation[RunningT], *, with_recreate: bool = False) -> dict[str, str]:
    """The annotations that status has not echoed; none on a resource that is first seen."""
    declared, status = situation.declared, situation.status
    is_first = status.effective is None
    if declared.unreadable is not None:  # then nothing is decided, and a status may lack it
        is_first = status.observed_generation is None
    if is_first:
        return {}
    members = _MEMBERS | _RECREATE if with_recreate else _MEMBERS
    handled, taken = status.handled_requests, situation.kind.requests_model.model_fields
    return {
        name: declared.annotations[name]
        for name, member in members.items()
        if member in taken
        and declared.annotations.get(name) not in {None, getattr(handled, member, None)}
    }


def _newer_state(new: dict[str, str]) -> RunState | None:
    """Of two at once the later counts, and of two equal ones the one that costs nothing."""
    start, stop = new.get(START_REQUEST), new.get(STOP_REQUEST)
    if stop is not None and (start is None or _newness(stop) >= _newness(start)):
        return "Stopped"
    return "Running" if start is not None else None


def _newness(value: str) -> tuple[datetime, str]:
    """What orders two values: their time; texts that are none, by themselves."""
    moment = parse_moment(value)
    return (moment, "") if moment is not None else (_JUST_NOW, value)


def answers(before: CommonStatus, after: CommonStatus) -> bool:
    """Whether a status answers a request that the one before it did not.

    What a resource carries when it is first seen asks for nothing, and a snooze asks AWS nothing.
    """
    if not before.conditions:
        return False
    if answers_reconcile(before, after):
        return True
    if getattr(before, "effective", None) is None:
        return False
    return _without_snooze(before) != _without_snooze(after)


def _without_snooze(status: Any) -> dict[str, str]:
    handled: HandledRequests | None = status.handled_requests
    values: dict[str, str | None] = dict(handled or ())
    return {
        name: text for name, text in values.items() if text is not None and name != "snooze_until"
    }


def refusal(asked: RunState, enforced: str, situation: RunSituation[RunningT]) -> Note:
    """The Event that tells why nothing comes of a request. `enforced`: what stands against it."""
    verb = "start" if asked == "Running" else "stop"
    wanted = "Running" if asked == "Running" else "Stopped"
    message = tell(
        f"not done: a request to {verb} the {situation.kind.runs}, since {enforced} and "
        f"{field('drift.state')} is Enforce",
        set_field("state", wanted),
        set_field("drift.state", "Report"),
    )
    return Note("RequestRefused", verb.capitalize(), message, "Warning")


def tell_overruled(situation: RunSituation[RunningT], requests: Requests) -> tuple[Note, ...]:
    """The Event about a start or stop that the schedule undid before the operator saw it."""
    declared, now = situation.declared, situation.now
    asked, asked_at = requests.run_state, requests.asked_at
    later = overruled_at(declared, asked, asked_at, now) if asked else None
    if asked is None or later is None:
        return ()
    verb, did = ("start", "ended") if asked == "Running" else ("stop", "began")
    zone = declared.spec.schedule.timezone if declared.spec.schedule else None
    message = tell(
        f"not done: a request to {verb} the {situation.kind.runs} of {at(asked_at or now)}, since "
        f"a window of the schedule {did} later, at {at(later, zone)}",
        annotate(START_REQUEST if asked == "Running" else STOP_REQUEST, "to ask again"),
    )
    return (Note("RequestRefused", verb.capitalize(), message, "Warning"),)


def refuse_foreign(
    situation: RunSituation[RunningT], recreate: Remedy | None = None
) -> tuple[Note, ...]:
    """The Event about requests for what is not this resource's, or is gone from AWS.

    `recreate`: how to have another one where it is gone.
    """
    new = sorted(name.rpartition("/")[2] for name in new_values(situation))
    if not new:
        return ()
    noun, asked = situation.kind.noun, f"not done: a request to {' and to '.join(new)}"
    message = tell(
        f"{asked}, since the {noun} is not this resource's", wait("ask again when it is")
    )
    if recreate is not None:
        message = tell(f"{asked}, since the {noun} was deleted in AWS", recreate)
    return (Note("RequestRefused", new[0].capitalize(), message, "Warning"),)


def refuse_unreadable(situation: RunSituation[RunningT]) -> tuple[Note, ...]:
    """The Event about what is asked for and not done where the spec can't be read.

    A stop is, where there is what to stop.
    """
    asked = new_values(situation, with_recreate=True)
    verbs = sorted(name.rpartition("/")[2] for name in asked)
    left = [verb for verb in verbs if not (situation.is_ours and verb == "stop")]
    if not left:
        return ()
    message = (
        f"not done: a request to {' and to '.join(left)}, since the spec can't be read. "
        "Correct the spec, then ask again."
    )
    return (Note("RequestRefused", left[0].capitalize(), message, "Warning"),)


def refuse_snooze(situation: RunSituation[RunningT]) -> tuple[Note, ...]:
    """The Event about a snooze whose time can't be read, once."""
    handled_requests: HandledRequests | None = situation.status.handled_requests
    asked = situation.declared.annotations.get(SNOOZE_UNTIL)
    handled = handled_requests.snooze_until if handled_requests else None
    if asked in {None, handled} or parse_moment(asked or "") is not None:
        return ()
    message = tell(
        f"not done: annotation {SNOOZE_UNTIL} is no time: {shorten(asked or '', 40)}",
        annotate(SNOOZE_UNTIL, "such as 2026-03-02T18:00:00Z"),
    )
    return (Note("RequestRefused", "Snooze", message, "Warning"),)


def echo(
    situation: RunSituation[RunningT],
    *,
    restart: bool,
    apply_now: bool = False,
    recreate: bool = False,
) -> HandledRequests | None:
    """`status.handledRequests` once start and stop are handled, and the others as told."""
    annotations, status = situation.declared.annotations, situation.status
    first = status.effective is None
    done = {
        START_REQUEST: True,
        STOP_REQUEST: True,
        RESTART_REQUEST: restart or first,
        APPLY_NOW_REQUEST: apply_now or first,
        RECREATE_REQUEST: recreate,
    }
    model = situation.kind.requests_model
    before: HandledRequests = status.handled_requests or model()
    values = {
        member: annotations[name]
        for name, member in (_MEMBERS | _RECREATE).items()
        if done[name] and annotations.get(name) and member in model.model_fields
    }
    return echo_snooze(situation, before.with_members(values))


def echo_snooze(
    situation: RunSituation[RunningT], handled: HandledRequests | None
) -> HandledRequests | None:
    """The same with the snooze as it stands: it is read at each pass, whoever's the thing is."""
    snooze = situation.declared.annotations.get(SNOOZE_UNTIL)
    none = situation.kind.requests_model()
    if snooze is None:
        return None if handled == none else handled
    return (handled or none).with_members({"snooze_until": snooze})
