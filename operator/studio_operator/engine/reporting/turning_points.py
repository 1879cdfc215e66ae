"""Which changes of a status are turning points, and which can wait in a flood of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio_operator.plan.decisions import ADOPT, CREATE

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
        "operatorLease",
        "owner",
        "phase",
        "resourceUID",
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
# What a creation applies follows from the spec and the defaults, all of which its call carries.
_APPLIED_BY_CREATION = frozenset({"applied", "tagKeys"})
_GIVEN_BY_CREATION = frozenset({"settings"})  # within `effective`
_NOTHING: Raw = {}


def is_turning_point(shown: Raw, status: Raw) -> bool:
    """Whether somebody waits for this change, or a restarted operator would miss it.

    The first status is one: without it kstatus, and so Flux, takes the resource for ready. Then
    Ready and Stalled, a new intent, a new aim; not the steps on the way there.
    """
    if not shown:
        return True
    if _is_begun(shown):
        shown, status = _without_what_was_created(shown), _without_what_was_created(status)
    return _turns(shown) != _turns(status)


def goes_with_the_next(shown: Raw, status: Raw) -> bool:
    """Whether a change can wait for the next one, which is sure to come.

    While AWS makes a thing, its listings begin to tell the time of its creation and the like. That
    is one write more or less by chance of when it was looked at, and nobody waits for it.
    """
    on_its_way = status.get("phase") == "Pending" and "Reconciling" in _types(status)
    if on_its_way and _is_begun(shown) and shown.get("conditions") == status.get("conditions"):
        return True  # what was recorded before the creation says all of it
    return on_its_way and _without(shown, _OF_LATER_USE) == _without(status, _OF_LATER_USE)


def _without_what_was_created(status: Raw) -> Raw:
    """All but what the call of the creation carries."""
    effective = _without(status.get("effective") or _NOTHING, _GIVEN_BY_CREATION)
    return {**_without(status, _APPLIED_BY_CREATION), "effective": effective}


def _turns(status: Raw) -> tuple[Any, ...]:
    """What of a status cannot wait."""
    status = _without(status, {"operation"}) if _is_begun(status) else status
    within = [
        _without(status.get(member) or _NOTHING, steps) for member, steps in _STEPS_WITHIN.items()
    ]
    return _without(status, _SEEN_AGAIN), _verdict(status), within


def _is_begun(status: Raw) -> bool:
    """Whether a creation is on status: it is written before the call, and its end can wait."""
    operation = status.get("operation") or _NOTHING
    return operation.get("type") in {CREATE, ADOPT}


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
