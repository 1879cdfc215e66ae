"""What people ask of a space by annotation: start, stop, restart and apply-now, each handled once.

A value that status has not echoed yet is a request; by convention it is the time in RFC 3339, but
any new text will do, and counts as written just now. An annotation that a resource carries when it
is first seen asks for nothing: it is as old as the resource, or comes from a copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from studio_operator.api.common import (
    APPLY_NOW_REQUEST,
    RECREATE_REQUEST,
    RESTART_REQUEST,
    SNOOZE_UNTIL,
    START_REQUEST,
    STOP_REQUEST,
)
from studio_operator.api.space import SpaceSpec
from studio_operator.api.space_status import HandledRequests, RunState, SpaceStatus
from studio_operator.plan.schedule import overruled_at, parse_moment
from studio_operator.plan.types import Declared, Note

# Annotations and the members of `status.handledRequests` that echo them.
_MEMBERS = {
    START_REQUEST: "start",
    STOP_REQUEST: "stop",
    RESTART_REQUEST: "restart",
    APPLY_NOW_REQUEST: "apply_now",
}


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


def read_requests(declared: Declared[SpaceSpec], memory: SpaceStatus) -> Requests:
    """The requests that status has not echoed."""
    new = _new_values(declared, memory)
    asked = _newer_state(new)
    value = new[START_REQUEST if asked == "Running" else STOP_REQUEST] if asked else ""
    return Requests(asked, parse_moment(value), RESTART_REQUEST in new, APPLY_NOW_REQUEST in new)


def _new_values(declared: Declared[SpaceSpec], memory: SpaceStatus) -> dict[str, str]:
    """The annotations that status has not echoed; none on a resource that is first seen."""
    if memory.effective is None:
        return {}
    handled = memory.handled_requests or HandledRequests()
    return {
        name: declared.annotations[name]
        for name, member in _MEMBERS.items()
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


def refusal(asked: RunState, enforced: str) -> Note:
    """The Event that tells why nothing comes of a request. `enforced`: what stands against it."""
    verb = "start" if asked == "Running" else "stop"
    message = (
        f"not done: a request to {verb} the app, since {enforced} and spec.drift.state is Enforce. "
        "Change one of these in the spec."
    )
    return Note("RequestRefused", verb.capitalize(), message, "Warning")


def tell_overruled(
    declared: Declared[SpaceSpec], requests: Requests, now: datetime
) -> tuple[Note, ...]:
    """The Event about a start or stop that the schedule undid before the operator saw it."""
    asked, asked_at = requests.run_state, requests.asked_at
    later = overruled_at(declared, asked, asked_at, now) if asked else None
    if asked is None or later is None:
        return ()
    verb, did = ("start", "ended") if asked == "Running" else ("stop", "began")
    when = later.astimezone(UTC)  # a snooze has the zone that it was written in
    message = (
        f"not done: a request to {verb} the app of {asked_at}, since a window of the schedule "
        f"{did} later, at {when:%Y-%m-%d %H:%M} UTC. Ask again with the time of now."
    )
    return (Note("RequestRefused", verb.capitalize(), message, "Warning"),)


def refuse_foreign(declared: Declared[SpaceSpec], memory: SpaceStatus) -> tuple[Note, ...]:
    """The Event about requests for a space that is not this resource's."""
    new = sorted(name.rpartition("/")[2] for name in _new_values(declared, memory))
    if not new:
        return ()
    message = (
        f"not done: a request to {' and to '.join(new)}, since the space is not this resource's. "
        "Ask again when it is."
    )
    return (Note("RequestRefused", new[0].capitalize(), message, "Warning"),)


def refuse_snooze(declared: Declared[SpaceSpec], memory: SpaceStatus) -> tuple[Note, ...]:
    """The Event about a snooze whose time can't be read, once."""
    asked = declared.annotations.get(SNOOZE_UNTIL)
    seen = memory.handled_requests.snooze_until if memory.handled_requests else None
    if asked in {None, seen} or parse_moment(asked or "") is not None:
        return ()
    message = f"not done: {SNOOZE_UNTIL} is {asked!r}, and no time such as 2026-03-02T18:00:00Z"
    return (Note("RequestRefused", "Snooze", message, "Warning"),)


def echo(
    declared: Declared[SpaceSpec],
    memory: SpaceStatus,
    *,
    restart: bool,
    apply_now: bool,
    recreate: bool,
) -> HandledRequests | None:
    """`status.handledRequests` once start and stop are handled, and the others as told."""
    first = memory.effective is None
    done = {
        START_REQUEST: True,
        STOP_REQUEST: True,
        RESTART_REQUEST: restart or first,
        APPLY_NOW_REQUEST: apply_now or first,
    }
    before = memory.handled_requests or HandledRequests()
    values = {
        member: declared.annotations.get(name) if done[name] else None
        for name, member in _MEMBERS.items()
    }
    values["recreate"] = declared.annotations.get(RECREATE_REQUEST) if recreate else None
    after = before.model_copy(update={key: text for key, text in values.items() if text})
    return echo_snooze(declared, after)


def echo_snooze(
    declared: Declared[SpaceSpec], handled: HandledRequests | None
) -> HandledRequests | None:
    """The same with the snooze as it stands: it is read at each pass, whoever's the space is."""
    snooze = declared.annotations.get(SNOOZE_UNTIL)
    if snooze is None:
        return handled if handled is not None and handled.dump() else None
    return (handled or HandledRequests()).model_copy(update={"snooze_until": snooze})
