"""Why a resource stands as it does: a pure function from resources and Events to an explanation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from studio_operator.kinds.registry import BY_NAME
from studio_operator.kube.resources import Key
from studio_operator.plan.conditions import REASONS_PAGE
from studio_operator.plan.reasons import REASONS, Reason
from studio_operator.plugin.explanation.advice import AWS_MEMBERS, NOTHING
from studio_operator.plugin.explanation.dependency_chain import (
    Readiness,
    Resources,
    follow_chain,
    stand,
)
from studio_operator.plugin.explanation.upcoming import (
    advise,
    decided,
    further_commands,
    inherited,
    upcoming,
)
from studio_operator.plugin.kube.presence import Operator
from studio_operator.plugin.names import target_of
from studio_operator.plugin.requests.requests import find_condition
from studio_operator.plugin.requests.turns import WAITS_FOR_TURN, turn_of

Raw = Mapping[str, Any]
# Fields as messages name them: spec.storage.sizeGiB, but not the full stop that ends a sentence.
_FIELD = re.compile(r"\bspec(?:\.[A-Za-z]+)+")
OURS = "kubectl studio "
WAITS_FOR_OPERATOR = "Nothing until an operator runs again."
OPERATOR_PAGE = "docs/how-to/operate.md#no-operator-runs"


@dataclass(frozen=True, slots=True)
class Link:
    """One resource of a chain of dependencies, and how it stands."""

    kind: str
    namespace: str
    name: str
    standing: Readiness
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
    - `operator`: whether an operator runs; None where nobody looked.
    - `chain`: from the resource to the root cause, if that is another resource; `root` explains it.
    """

    kind: str
    namespace: str
    name: str
    standing: Readiness
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
    operator: Operator | None = None
    chain: tuple[Link, ...] = ()
    root: Why | None = field(default=None)


Events = Mapping[Key, Sequence[Raw]]


def explain(
    key: Key,
    resources: Resources,
    events: Events,
    now: datetime,
    operator: Operator | None = None,
    siblings: Sequence[Raw] = (),
) -> Why:
    """Why the resource stands as it does, down to the root cause.

    `siblings` are those of its kind and namespace, where it may wait for its turn behind them.
    `resources` holds it and what it depends on, None for what does not exist. A domain of a
    namespace that the person may not read is not in it: the chain then ends before.
    """
    path = follow_chain(key, resources)
    found = _explain_one(key, resources[key], events.get(key, ()), now)
    found = _with_turn(found, resources[key], siblings)
    found = replace(_without_operator(found, operator), operator=operator)
    if len(path) == 1:
        return found
    links = tuple(_link(one, resources[one]) for one in path)
    root = _explain_one(path[-1], resources[path[-1]], events.get(path[-1], ()), now)
    return replace(found, chain=links, root=_without_operator(root, operator))


def _with_turn(found: Why, resource: Raw | None, siblings: Sequence[Raw]) -> Why:
    """The explanation with a word on the turn that it waits for, if it does."""
    turn = turn_of(resource, siblings) if resource is not None else None
    return found if turn is None else replace(found, next=(turn, *found.next))


def _without_operator(found: Why, operator: Operator | None) -> Why:
    """The explanation where no operator runs: nothing happens by itself, whatever the reason."""
    if operator is None or not operator.is_absent:
        return found
    further = () if found.standing == "Unseen" else found.next
    further = tuple(line for line in further if not line.startswith(WAITS_FOR_TURN))
    return replace(
        found,
        next=(WAITS_FOR_OPERATOR, *(line for line in further if line != NOTHING)),
        remedy=f"Have the operator started again: {OPERATOR_PAGE}",
        commands=(),
    )


def _explain_one(key: Key, resource: Raw | None, events: Sequence[Raw], now: datetime) -> Why:
    told = tuple(_happening(event) for event in events)
    if resource is None:
        return _missing(key)
    standing, status = stand(resource), resource.get("status", {})
    if standing == "Unseen":
        return _unseen(key, told)
    ready = find_condition(status, "Ready")
    reason, message = ready["reason"], ready["message"]
    advice, meaning = advise(resource), REASONS.get(reason)
    fields = dict.fromkeys((*find_fields(message), *_own_fields(key.kind, advice.fields)))
    return Why(
        *key,
        standing=standing,
        reason=reason,
        message=message,
        phase=status.get("phase"),
        since=ready["lastTransitionTime"],
        meaning=meaning.meaning if meaning else "",
        remedy=_remedy(reason, status),
        page=f"{REASONS_PAGE}#{reason.lower()}",
        decided=decided(resource),
        operation=status.get("operation"),
        next=upcoming(resource, advice.next, now),
        fields=tuple(fields),
        commands=_commands(key, (advice.command, *further_commands(resource))),
        also=_also(resource),
        events=told,
    )


def find_fields(message: str) -> tuple[str, ...]:
    """The fields of the spec that a message is about: by name, or by AWS's name for them."""
    lowered = message.lower()
    meant = (field for member, field in AWS_MEMBERS.items() if member.lower() in lowered)
    return tuple(dict.fromkeys((*_FIELD.findall(message), *meant)))


def _own_fields(kind: str, fields: Iterable[str]) -> tuple[str, ...]:
    """Those of the fields that specs of the kind have: an advice is for all kinds."""
    fields_of_spec = BY_NAME[kind].spec.model_fields
    members = {field.alias or name for name, field in fields_of_spec.items()}
    return tuple(field for field in fields if field.split(".")[1] in members)


def _missing(key: Key) -> Why:
    place = f"namespace {key.namespace}" if key.namespace else "the cluster"
    where = f"{place} has no {key.kind} {key.name}"
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


def _link(key: Key, resource: Raw | None) -> Link:
    ready = find_condition((resource or {}).get("status", {}), "Ready")
    standing = stand(resource)
    return Link(*key, standing, ready.get("reason", standing), ready.get("message", ""))


def _remedy(reason: str, status: Raw) -> str:
    """What helps; where it is ready, what helps with the conditions that hold beside that."""
    beside = [one["reason"] for one in _beside(status) if one["reason"] in REASONS]
    ready = find_condition(status, "Ready")["status"] == "True"
    reasons = beside if ready and beside else [reason]
    told = (REASONS[Reason(one)].remedy for one in reasons if one in REASONS)
    return " ".join(dict.fromkeys(told))


def _beside(status: Raw) -> list[Raw]:
    """The conditions beside those that tell how a resource stands."""
    usual = {"Ready", "Reconciling", "Stalled"}
    return [one for one in status.get("conditions", ()) if one["type"] not in usual]


def _commands(key: Key, commands: Iterable[str]) -> tuple[str, ...]:
    target = target_of(key)
    # Commands of kubectl studio take the kind along with the name, where it is not the usual one.
    named = (
        command.format(name=target if command.startswith(OURS) else key.name, target=target)
        for command in commands
        if command
    )
    place = f" -n {key.namespace}" if key.namespace else ""
    return tuple(dict.fromkeys(f"{command}{place}" for command in named))


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
    found += inherited(resource)
    found += [
        f"{one['type']} since {one['lastTransitionTime']}: {one['message']}"
        for one in _beside(resource["status"])
    ]
    return tuple(found)


def _happening(event: Raw) -> Happening:
    at = str(event.get("eventTime") or event["metadata"]["creationTimestamp"])
    return Happening(at, event.get("type", ""), event["reason"], event.get("note", ""))
