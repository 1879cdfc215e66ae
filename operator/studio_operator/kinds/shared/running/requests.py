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
from studio_operator.plan.decisions import answers_reconcile
from studio_operator.plan.messages import at, shorten, tell
from studio_operator.plan.remedies import annotate, field, set_field, wait
from studio_operator.plan.schedule.timetable import overruled_at, parse_moment
from studio_operator.plan.types import Declared, Note

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
    value that is no time, and so counts as new.
    """

    run_state: RunState | None = None
    asked_at: datetime | None = None
    restart: bool = False
    apply_now: bool = False


NOTHING = Requests()
NONE_HANDLED = HandledRequests()


def read_requests(declared: Declared[Any], status: Any) -> Requests:
    """The requests that status has not echoed."""
    new = new_values(declared, status)
    asked = _newer_state(new)
    value = new[START_REQUEST if asked == "Running" else STOP_REQUEST] if asked else ""
    asked_at = parse_moment(value) if value else None
    return Requests(asked, asked_at, RESTART_REQUEST in new, APPLY_NOW_REQUEST in new)


def new_values(
    declared: Declared[Any], status: Any, *, with_recreate: bool = False
) -> dict[str, str]:
    """The annotations that status has not echoed; none on a resource that is first seen."""
    is_first = status.effective is None
    if declared.unreadable is not None:  # then nothing is decided, and a status may lack it
        is_first = status.observed_generation is None
    if is_first:
        return {}
    handled = status.handled_requests or NONE_HANDLED
    return {
        name: declared.annotations[name]
        for name, member in (_MEMBERS | _RECREATE if with_recreate else _MEMBERS).items()
        if declared.annotations.get(name) not in {None, getattr(handled, member)}
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


def _without_snooze(status: Any) -> HandledRequests:
    handled: HandledRequests = status.handled_requests or NONE_HANDLED
    return handled.with_members({"snooze_until": None})


def refusal(asked: RunState, enforced: str) -> Note:
    """The Event that tells why nothing comes of a request. `enforced`: what stands against it."""
    verb = "start" if asked == "Running" else "stop"
    wanted = "Running" if asked == "Running" else "Stopped"
    message = tell(
        f"not done: a request to {verb} the app, since {enforced} and {field('drift.state')} is "
        "Enforce",
        set_field("state", wanted),
        set_field("drift.state", "Report"),
    )
    return Note("RequestRefused", verb.capitalize(), message, "Warning")


def tell_overruled(declared: Declared[Any], requests: Requests, now: datetime) -> tuple[Note, ...]:
    """The Event about a start or stop that the schedule undid before the operator saw it."""
    asked, asked_at = requests.run_state, requests.asked_at
    later = overruled_at(declared, asked, asked_at, now) if asked else None
    if asked is None or later is None:
        return ()
    verb, did = ("start", "ended") if asked == "Running" else ("stop", "began")
    zone = declared.spec.schedule.timezone if declared.spec.schedule else None
    message = tell(
        f"not done: a request to {verb} the app of {at(asked_at or now)}, since a window of the "
        f"schedule {did} later, at {at(later, zone)}",
        annotate(START_REQUEST if asked == "Running" else STOP_REQUEST, "to ask again"),
    )
    return (Note("RequestRefused", verb.capitalize(), message, "Warning"),)


def refuse_foreign(declared: Declared[Any], status: Any, *, is_gone: bool) -> tuple[Note, ...]:
    """The Event about requests for a space that is not this resource's, or is gone from AWS."""
    new = sorted(name.rpartition("/")[2] for name in new_values(declared, status))
    if not new:
        return ()
    asked = f"not done: a request to {' and to '.join(new)}"
    message = tell(f"{asked}, since the space is not this resource's", wait("ask again when it is"))
    if is_gone:
        recreate = annotate(RECREATE_REQUEST, "to have a new space with an empty volume")
        message = tell(f"{asked}, since the space was deleted in AWS", recreate)
    return (Note("RequestRefused", new[0].capitalize(), message, "Warning"),)


def refuse_snooze(declared: Declared[Any], status: Any) -> tuple[Note, ...]:
    """The Event about a snooze whose time can't be read, once."""
    asked = declared.annotations.get(SNOOZE_UNTIL)
    handled = status.handled_requests.snooze_until if status.handled_requests else None
    if asked in {None, handled} or parse_moment(asked or "") is not None:
        return ()
    message = tell(
        f"not done: annotation {SNOOZE_UNTIL} is no time: {shorten(asked or '', 40)}",
        annotate(SNOOZE_UNTIL, "such as 2026-03-02T18:00:00Z"),
    )
    return (Note("RequestRefused", "Snooze", message, "Warning"),)


def echo(
    declared: Declared[Any],
    status: Any,
    *,
    restart: bool,
    apply_now: bool,
    recreate: bool,
) -> HandledRequests | None:
    """`status.handledRequests` once start and stop are handled, and the others as told."""
    first = status.effective is None
    done = {
        START_REQUEST: True,
        STOP_REQUEST: True,
        RESTART_REQUEST: restart or first,
        APPLY_NOW_REQUEST: apply_now or first,
    }
    before = status.handled_requests or NONE_HANDLED
    values = {
        member: declared.annotations.get(name) if done[name] else None
        for name, member in _MEMBERS.items()
    }
    values["recreate"] = declared.annotations.get(RECREATE_REQUEST) if recreate else None
    after = before.with_members({key: text for key, text in values.items() if text})
    return echo_snooze(declared, after)


def echo_snooze(declared: Declared[Any], handled: HandledRequests | None) -> HandledRequests | None:
    """The same with the snooze as it stands: it is read at each pass, whoever's the space is."""
    snooze = declared.annotations.get(SNOOZE_UNTIL)
    if snooze is None:
        return None if handled == NONE_HANDLED else handled
    return (handled or NONE_HANDLED).with_members({"snooze_until": snooze})
