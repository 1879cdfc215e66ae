"""Which news on a status can wait when there is a flood of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Raw = Mapping[str, Any]

# What AWS shows and is seen again at every look, or follows from that: leaving a change of it out
# for a while loses nothing. All else on a status is an intent, a promise or an answer to a person.
_SEEN_AGAIN = frozenset(
    {
        "app",
        "arn",
        "conditions",
        "cost",
        "createdAt",
        "effective",
        "image",
        "instanceType",
        "lastStartAt",
        "operation",
        "owner",
        "phase",
        "settings",
        "sharing",
        "startingSince",
        "storageGiB",
        "url",
    }
)
# Of these two only some members can wait: the step on the way to an aim, and what the clock will do
# to an app by its schedule, which begins and ends with the app.
_STEPS_WITHIN = {
    "operation": frozenset({"step"}),
    "effective": frozenset({"startsAt", "stopsAt"}),
}
# What AWS tells of a thing that it is still making, before it is of use to anybody.
_OF_LATER_USE = frozenset({"createdAt", "settings", "settingsHash", "settingsModifiedAt"})
_NOTHING: Raw = {}


def is_turning_point(shown: Raw, status: Raw) -> bool:
    """Whether somebody waits for this change, or a restarted operator would miss it.

    The first status is one: without it kstatus, and so Flux, takes the resource for ready. Then
    Ready and Stalled, a new intent, a new aim; not the steps on the way there.
    """
    return not shown or _turns(shown) != _turns(status)


def goes_with_the_next(shown: Raw, status: Raw) -> bool:
    """Whether a change can wait for the next one, which is sure to come.

    While AWS makes a thing, its listings begin to tell the time of its creation and the like. That
    is one write more or less by chance of when it was looked at, and nobody waits for it.
    """
    on_its_way = status.get("phase") == "Pending" and "Reconciling" in _types(status)
    return on_its_way and _without(shown, _OF_LATER_USE) == _without(status, _OF_LATER_USE)


def _turns(status: Raw) -> tuple[Any, ...]:
    """What of a status cannot wait."""
    within = [
        _without(status.get(member) or _NOTHING, steps) for member, steps in _STEPS_WITHIN.items()
    ]
    return _without(status, _SEEN_AGAIN), _verdict(status), within


def _types(status: Raw) -> frozenset[str]:
    return frozenset(condition["type"] for condition in status.get("conditions", ()))


def _without(members: Raw, names: frozenset[str] | set[str]) -> Raw:
    return {name: value for name, value in members.items() if name not in names}


def _verdict(status: Raw) -> tuple[Any, ...]:
    """What the conditions say to those who wait: Ready, and which further ones there are."""
    conditions = {condition["type"]: condition for condition in status.get("conditions", ())}
    ready = conditions.pop("Ready", _NOTHING)
    why = ready.get("reason") if "Stalled" in conditions else None
    return ready.get("status"), why, frozenset(conditions)
