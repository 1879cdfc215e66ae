"""Why a resource stands as it does: a pure function from resources and Events to an explanation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from studio_operator.kube.resources import Key
from studio_operator.plan.conditions import REASONS_PAGE
from studio_operator.plan.reasons import REASONS, Reason
from studio_operator.plan.types import Tuning
from studio_operator.plugin.advice import AWS_MEMBERS, RULES, STEPS, advice_of
from studio_operator.plugin.chain import (
    Resources,
    Standing,
    follow_chain,
    lags_behind,
    reason_of,
    stand,
)
from studio_operator.plugin.options import duration
from studio_operator.plugin.requests import REQUESTS, echoed, find_condition
from studio_operator.plugin.times import span

Raw = Mapping[str, Any]
# Fields as messages name them: spec.storage.sizeGiB, but not the full stop that ends a sentence.
_FIELD = re.compile(r"\bspec(?:\.[A-Za-z]+)+")
# kubectl words for the kinds, as this plug-in takes them too.
WORDS = {"Space": "space", "UserProfile": "profile", "StudioDomain": "domain"}


@dataclass(frozen=True, slots=True)
class Link:
    """One resource of a chain of dependencies, and how it stands."""

    kind: str
    namespace: str
    name: str
    standing: Standing
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Happening:
    """An Event: when, what, and in words."""

    at: str
    type: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Why:
    """Why a resource stands as it does; times are RFC 3339 in UTC.

    - `since`: when it last changed between ready and not ready; None while never seen.
    - `decided`: which running state holds for a space, and which rule decided so.
    - `next`: what happens by itself, in order, with the time where there is one.
    - `fields`: fields of a spec that a person may change, `commands` what may be typed.
    - `chain`: from the resource to the root cause, if that is another resource; `root` explains it.
    """

    kind: str
    namespace: str
    name: str
    standing: Standing
    reason: str
    message: str
    phase: str | None = None
    since: str | None = None
    meaning: str = ""
    remedy: str = ""
    page: str = ""
    decided: str | None = None
    operation: Mapping[str, Any] | None = None
    next: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    events: tuple[Happening, ...] = ()
    chain: tuple[Link, ...] = ()
    root: Why | None = field(default=None)


_STARTING = frozenset({Reason.STARTING, Reason.RESIZING, Reason.RESTARTING})
Events = Mapping[Key, Sequence[Raw]]


def explain(key: Key, resources: Resources, events: Events, now: datetime) -> Why:
    """Why the resource stands as it does, down to the root cause.

    `resources` holds it and what it depends on, None for what does not exist. A domain of a
    namespace that the person may not read is not in it: the chain then ends before.
    """
    path = follow_chain(key, resources)
    found = _explain_one(key, resources[key], events.get(key, ()), now)
    if len(path) == 1:
        return found
    links = tuple(_link(one, resources[one]) for one in path)
    root = _explain_one(path[-1], resources[path[-1]], events.get(path[-1], ()), now)
    return _with_chain(found, links, root)


def _explain_one(key: Key, resource: Raw | None, events: Sequence[Raw], now: datetime) -> Why:
    told = tuple(_happening(event) for event in events)
    if resource is None:
        return _missing(key)
    standing, status = stand(resource), resource.get("status", {})
    if standing == "Unseen":
        return _unseen(key, told)
    ready = find_condition(status, "Ready")
    reason, message = ready["reason"], ready["message"]
    advice = advice_of(reason)
    meaning = REASONS.get(reason)
    fields = dict.fromkeys((*find_fields(message), *advice.fields))
    return Why(
        *key,
        standing=standing,
        reason=reason,
        message=message,
        phase=status.get("phase"),
        since=ready["lastTransitionTime"],
        meaning=meaning.meaning if meaning else "",
        remedy=meaning.remedy if meaning else "",
        page=f"{REASONS_PAGE}#{reason.lower()}",
        decided=_decided(status),
        operation=status.get("operation"),
        next=_next(resource, advice.next, now),
        fields=tuple(fields),
        commands=_commands(key, advice.command),
        also=_also(resource),
        events=told,
    )


def find_fields(message: str) -> tuple[str, ...]:
    """The fields of the spec that a message is about: by name, or by AWS's name for them."""
    lowered = message.lower()
    meant = (field for member, field in AWS_MEMBERS.items() if member.lower() in lowered)
    return tuple(dict.fromkeys((*_FIELD.findall(message), *meant)))


def _missing(key: Key) -> Why:
    where = f"namespace {key.namespace} has no {key.kind} {key.name}"
    return Why(
        *key,
        standing="Missing",
        reason="Missing",
        message=where,
        remedy="Apply it, or correct the reference to it.",
        next=("What refers to it goes on by itself as soon as it is there and ready.",),
    )


def _unseen(key: Key, events: tuple[Happening, ...]) -> Why:
    return Why(
        *key,
        standing="Unseen",
        reason="Unseen",
        message="the operator has not written a status yet",
        remedy="See that the operator runs, leads, and watches this namespace.",
        next=("The operator writes a status within seconds of seeing it.",),
        events=events,
    )


def _with_chain(found: Why, links: tuple[Link, ...], root: Why) -> Why:
    values = {name: getattr(found, name) for name in found.__slots__}
    return Why(**{**values, "chain": links, "root": root})


def _link(key: Key, resource: Raw | None) -> Link:
    ready = find_condition((resource or {}).get("status", {}), "Ready")
    standing = stand(resource)
    return Link(*key, standing, ready.get("reason", standing), ready.get("message", ""))


def _decided(status: Raw) -> str | None:
    effective = status.get("effective")
    if effective is None:
        return None
    rule = RULES.get(effective["by"], effective["by"])
    state = effective.get("state")
    reached = "" if effective.get("reached") or not state else " (not reached yet)"
    return f"{state or 'Running or Stopped, as people like'}{reached}: by {rule}"


def _next(resource: Raw, general: str, now: datetime) -> tuple[str, ...]:
    status, metadata = resource["status"], resource["metadata"]
    found = []
    if lags_behind(resource):
        seen, wanted = status.get("observedGeneration"), metadata["generation"]
        found.append(
            f"The operator takes up the latest spec: this speaks of generation {seen}, and "
            f"{wanted} is there."
        )
    found += [
        f"The operator takes up the request to {request.verb} of {asked}."
        for request in REQUESTS
        if (asked := metadata.get("annotations", {}).get(request.annotation))
        and asked != echoed(request, status)
    ]
    if operation := status.get("operation"):
        found.append(_describe_operation(operation))
    found.append(general)
    if due := _due(resource, now):
        found.append(due)
    return (*found, *_by_the_clock(status, now))


# Times on status.effective at which something happens by the clock.
_CLOCK = (
    ("stopsAt", "The app is stopped, if it still runs, by schedule or maxRunTime"),
    ("startsAt", "The app is started by the schedule"),
)


def _by_the_clock(status: Raw, now: datetime) -> tuple[str, ...]:
    effective: Raw = status.get("effective") or {}
    return tuple(
        f"{what} at {effective[member]}, {_from_now(_time(effective[member]), now)}."
        for member, what in _CLOCK
        if effective.get(member)
    )


def _describe_operation(operation: Raw) -> str:
    change = f" from {operation['from']} to {operation['to']}" if operation.get("to") else ""
    step = operation.get("step", "")
    then = STEPS.get(step, "it goes on step by step")
    again = ", and the app is started again" if operation.get("restart") else ""
    if step == "StartingApp":
        again = ""
    return f"{operation['type']}{change} is at {step or 'its first step'}: {then}{again}."


def _due(resource: Raw, now: datetime) -> str | None:
    """The time of what comes next, where status lets one tell it."""
    status, reason, tuning = resource["status"], reason_of(resource), Tuning()
    if reason == Reason.STORAGE_COOLDOWN and "storageGrownAt" in status:
        due = _time(status["storageGrownAt"]) + timedelta(seconds=tuning.storage_cooldown_seconds)
        return f"That is at {_format(due)}, {_from_now(due, now)}."
    if reason in _STARTING and "startingSince" in status:
        timeout = resource["spec"].get("startTimeout")
        seconds = duration(timeout) if timeout else tuning.start_deadline_seconds
        due = _time(status["startingSince"]) + timedelta(seconds=seconds)
        return f"A start that takes until {_format(due)}, {_from_now(due, now)}, counts as stalled."
    return None


def _commands(key: Key, command: str) -> tuple[str, ...]:
    if not command:
        return ()
    target = key.name if key.kind == "Space" else f"{WORDS[key.kind]}/{key.name}"
    return (f"{command.format(name=key.name, target=target)} -n {key.namespace}",)


def _also(resource: Raw) -> tuple[str, ...]:
    """What else is worth knowing: further conditions, and a deletion that is asked for."""
    found = []
    if deleted_at := resource["metadata"].get("deletionTimestamp"):
        policy = resource["spec"].get("deletionPolicy", "Retain")
        found.append(f"Its deletion was asked for at {deleted_at}; deletionPolicy is {policy}.")
    if substitute := resource["status"].get("substitute"):
        found.append(
            f"{substitute['instanceType']} is taken in place of the declared instance type "
            f"({substitute['kind']}): {substitute['message']}"
        )
    found += [
        f"{one['type']} since {one['lastTransitionTime']}: {one['message']}"
        for one in resource["status"].get("conditions", ())
        if one["type"] not in {"Ready", "Reconciling", "Stalled"}
    ]
    return tuple(found)


def _happening(event: Raw) -> Happening:
    at = str(event.get("eventTime") or event["metadata"]["creationTimestamp"])
    return Happening(at, event.get("type", ""), event["reason"], event.get("note", ""))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _format(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _from_now(moment: datetime, now: datetime) -> str:
    return f"in {span(moment - now)}" if moment > now else f"{span(now - moment)} ago"
