"""From the calls that a dry run ends in to words: what happens, and to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from studio_operator.api.common import OWNER_TAG, ConditionType
from studio_operator.api.running import RunningState
from studio_operator.kinds.aws_type import Companion
from studio_operator.kinds.managed_kind import ManagedKind
from studio_operator.kinds.registry import BY_NAME, CALLS_OF_FEATURES, COMPANIONS, OPERATIONS
from studio_operator.plan.operations import Does
from studio_operator.plan.reasons import Reason
from studio_operator.plan.types import Call
from studio_operator.plugin.planning.dry_run import MadeCall, Outcome
from studio_operator.plugin.planning.report import Action, Effect

Spec = Mapping[str, Any]
# AWS changes these only while no app of the domain runs (API reference of UpdateDomain).
_WHILE_NOTHING_RUNS = frozenset({"network", "subnetIds", "domainSettings.executionRoleIdentity"})
# Reasons of waiting that end by themselves, and no earlier than AWS allows.
_LATER = frozenset({Reason.PENDING_RESTART, Reason.STORAGE_COOLDOWN})


def effects_of(outcome: Outcome, spec: Spec, *, deleting: bool) -> tuple[Effect, ...]:
    """What the calls of an outcome mean, and what its end means."""
    kind = BY_NAME[outcome.key.kind]
    if deleting:
        return tuple(_letting_go(outcome, spec, kind))
    return (*_carried_out(outcome.calls, kind, spec), *_left_over(outcome))


def _carried_out(calls: list[MadeCall], kind: ManagedKind, spec: Spec) -> Iterable[Effect]:
    """Calls in order; those of a restart are one effect."""
    done = [_does(made) for made in calls]
    stops = _stops_companion(calls)
    restarts = stops and Does.START in done[done.index(Does.STOP) :]
    for made, does in zip(calls, done, strict=True):
        if restarts and does in {Does.UPDATE, Does.START}:
            continue
        if restarts and does is Does.STOP:
            yield _restart(made, spec)
        else:
            yield EFFECTS[does](made, kind, spec)


def _does(made: MadeCall) -> Does:
    return OPERATIONS[made.call.operation].does


def _stops_companion(calls: list[MadeCall]) -> bool:
    """Whether what is stopped is beside the resource itself, such as the app of a space."""
    return any(_does(made) is Does.STOP and _companion(made) is not None for made in calls)


def _restart(made: MadeCall, spec: Spec) -> Effect:
    before, after = _from_to(made)
    text = f"stops {spec.get('app')}, changes {before} to {after}, starts it again"
    return Effect(Action.RESTART, text, before, after)


def _from_to(made: MadeCall) -> tuple[str | None, str | None]:
    return (made.operation.from_, made.operation.to) if made.operation else (None, None)


def _create(made: MadeCall, kind: ManagedKind, spec: Spec) -> Effect:
    companion, words = _companion(made), kind.plan_words.created
    if companion is not None:
        return Effect(Action.UPDATE, f"makes the {companion.noun} of the {kind.noun}")
    said = words(made.call.parameters, spec) if words else f"creates the {kind.noun}"
    return Effect(Action.CREATE, said)


def _update(made: MadeCall, kind: ManagedKind, _spec: Spec) -> Effect:
    before, after = _from_to(made)
    if kind.plan_words.updated is not None:
        return Effect(Action.UPDATE, kind.plan_words.updated(before, after), before, after)
    fields = (after or "").split(", ")
    held = sorted(_WHILE_NOTHING_RUNS.intersection(fields))
    condition = (
        f"; AWS takes {', '.join(held)} only while no app of the domain runs" if held else ""
    )
    return Effect(Action.UPDATE, f"changes {after} of the {kind.noun}{condition}")


def _companion(made: MadeCall) -> Companion | None:
    """What a call is about that resources have besides."""
    return COMPANIONS.get(OPERATIONS[made.call.operation].type)


def _start(made: MadeCall, kind: ManagedKind, spec: Spec) -> Effect:
    if _companion(made) is None:
        return Effect(Action.START, f"starts the {kind.noun}")
    type_ = made.call.parameters["ResourceSpec"]["InstanceType"]
    return Effect(Action.START, f"starts {spec.get('app')} on {type_}", None, type_)


def _stop(made: MadeCall, kind: ManagedKind, spec: Spec) -> Effect:
    if _companion(made) is None:
        return Effect(Action.STOP, f"stops the {kind.noun}")
    return Effect(Action.STOP, f"stops {spec.get('app')}; the volume stays")


def _tag(made: MadeCall, kind: ManagedKind, _spec: Spec) -> Effect:
    keys = _tag_keys(made.call)
    others = [key for key in keys if key != OWNER_TAG]
    if OWNER_TAG not in keys:
        verb = "sets" if made.call.operation == "AddTags" else "removes"
        return Effect(Action.UPDATE, f"{verb} tags {', '.join(others)}")
    also = f" and tags {', '.join(others)}" if others else ""
    return Effect(
        Action.ADOPT, f"takes over the {kind.noun} as it is: only the ownership tag{also} is set"
    )


def _tag_keys(call: Call) -> list[str]:
    if call.operation == "AddTags":
        return [tag["Key"] for tag in call.parameters["Tags"]]
    return list(call.parameters["TagKeys"])


def _delete(made: MadeCall, kind: ManagedKind, _spec: Spec) -> Effect:
    companion = _companion(made)
    if companion is not None:
        return Effect(Action.UPDATE, f"deletes the {companion.noun} of the {kind.noun}")
    return Effect(Action.DELETE, f"deletes the {kind.noun}")


def _prepare(made: MadeCall, _kind: ManagedKind, _spec: Spec) -> Effect:
    words = CALLS_OF_FEATURES[made.call.operation]
    return Effect(Action.WAIT if words.is_waited_for else Action.UPDATE, words.text)


EFFECTS: Mapping[Does, Callable[[MadeCall, ManagedKind, Spec], Effect]] = {
    Does.CREATE: _create,
    Does.UPDATE: _update,
    Does.DELETE: _delete,
    Does.START: _start,
    Does.STOP: _stop,
    Does.TAG: _tag,
    Does.PREPARE: _prepare,
}


def _left_over(outcome: Outcome) -> Iterable[Effect]:
    """What the last status says is not done."""
    status = outcome.plan.status if outcome.plan else None
    ready = status.condition(ConditionType.READY) if status else None
    if status is None or ready is None or ready.status == "True":
        return
    if status.condition(ConditionType.STALLED) is not None:
        yield Effect(Action.REFUSE, f"{ready.reason}: {ready.message}")
    elif ready.reason in _LATER:
        yield Effect(Action.WAIT, ready.message)
    else:
        yield Effect(Action.BLOCKED, ready.message)


def later(outcome: Outcome, before: Outcome | None) -> tuple[Effect, ...]:
    """What a schedule or a limit of the running time will do, where that is new."""
    becomes, was = _times(outcome), _times(before)
    if becomes == was:
        return ()
    runs = BY_NAME[outcome.key.kind].runs
    what = runs.runs if runs else ""
    if becomes == (None, None):
        return (Effect(Action.SCHEDULE, f"no schedule starts or stops the {what} any more"),)
    named = zip(("starts", "stops"), becomes, strict=True)
    said = " and ".join(f"{verb} at {at:%Y-%m-%d %H:%M} UTC" for verb, at in named if at)
    return (Effect(Action.SCHEDULE, f"later, by the clock: the {what} {said}"),)


def without_effect(outcome: Outcome, before: Outcome | None) -> tuple[Effect, ...]:
    """What is declared and will not act, where that is new."""
    told = _idle_message(outcome)
    return () if told is None or told == _idle_message(before) else (Effect(Action.NOTE, told),)


def _idle_message(outcome: Outcome | None) -> str | None:
    status = outcome.plan.status if outcome and outcome.plan else None
    found = status.condition(ConditionType.IDLE_SHUTDOWN_INACTIVE) if status else None
    return found.message if found else None


def _times(outcome: Outcome | None) -> tuple[datetime | None, datetime | None]:
    """When it is started and stopped next, as status would say."""
    status = outcome.plan.status if outcome and outcome.plan else None
    state = getattr(status, "effective", None)
    return (state.starts_at, state.stops_at) if isinstance(state, RunningState) else (None, None)


# --- deletions ---------------------------------------------------------------------------------


def _letting_go(outcome: Outcome, spec: Spec, kind: ManagedKind) -> Iterable[Effect]:
    yield from (_prepare(made, kind, spec) for made in outcome.calls if _is_waited_for(made))
    policy = spec.get("deletionPolicy") or "Retain"
    if any(_deletes_resource(made) for made in outcome.calls):
        yield _deletion(spec, kind)
    elif not outcome.let_go:
        yield from _left_over(outcome)
    elif not outcome.calls:
        yield Effect(Action.RELEASE, f"there is no {kind.noun} of this resource in AWS")
    else:
        if _stops_companion(outcome.calls):
            yield Effect(Action.STOP, f"stops {spec.get('app')}: the resource is deleted")
        said = kind.plan_words.released or _STAYS
        yield Effect(Action.RELEASE, said.format(noun=kind.noun, policy=policy))


_STAYS = "the {noun} stays in AWS without an owner (deletionPolicy {policy})"


def _deletes_resource(made: MadeCall) -> bool:
    return _does(made) is Does.DELETE and _companion(made) is None


def _is_waited_for(made: MadeCall) -> bool:
    words = CALLS_OF_FEATURES.get(made.call.operation)
    return words is not None and words.is_waited_for


def _deletion(spec: Spec, kind: ManagedKind) -> Effect:
    text, data_loss = f"deletes the {kind.noun} (deletionPolicy Delete)", False
    if kind.plan_words.deleted is not None:
        text, data_loss = kind.plan_words.deleted(spec)
    return Effect(Action.DELETE, text, data_loss=data_loss)
