"""From the calls that a rehearsal ends in to words: what happens, and to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from studio_operator.api.common import OWNER_TAG, ConditionType
from studio_operator.api.space_status import SpaceStatus
from studio_operator.plan.reasons import Reason
from studio_operator.plan.types import Call
from studio_operator.plugin.planning.rehearsal import Outcome, Step
from studio_operator.plugin.planning.report import Action, Effect

Spec = Mapping[str, Any]
_NOUNS = {"StudioDomain": "domain", "UserProfile": "user profile", "Space": "space"}
# AWS changes these only while no app of the domain runs (API reference of UpdateDomain).
_WHILE_NOTHING_RUNS = frozenset({"network", "subnetIds", "domainSettings.executionRoleIdentity"})
# Reasons of waiting that end by themselves, and no earlier than AWS allows.
_LATER = frozenset({Reason.PENDING_RESTART, Reason.STORAGE_COOLDOWN})


def effects_of(outcome: Outcome, spec: Spec, *, deleting: bool) -> tuple[Effect, ...]:
    """What the calls of an outcome mean, and what its end means."""
    noun = _NOUNS[outcome.key.kind]
    if deleting:
        return tuple(_letting_go(outcome, spec, noun))
    return (*_carried_out(outcome.steps, noun, spec), *_left_over(outcome))


def _carried_out(steps: list[Step], noun: str, spec: Spec) -> Iterable[Effect]:
    """Calls in order; those of a restart are one effect."""
    names = [step.call.operation for step in steps]
    restarts = "DeleteApp" in names and "CreateApp" in names[names.index("DeleteApp") :]
    for step in steps:
        name = step.call.operation
        if restarts and name in {"UpdateSpace", "CreateApp"}:
            continue
        if restarts and name == "DeleteApp":
            yield _restart(step, spec)
        else:
            yield _EFFECTS[name](step, noun, spec)


def _restart(step: Step, spec: Spec) -> Effect:
    before, after = _from_to(step)
    text = f"stops {spec.get('app')}, changes {before} to {after}, starts it again"
    return Effect(Action.RESTART, text, before, after)


def _from_to(step: Step) -> tuple[str | None, str | None]:
    return (step.operation.from_, step.operation.to) if step.operation else (None, None)


def _create(step: Step, noun: str, spec: Spec) -> Effect:
    given = step.call.parameters
    if step.call.operation != "CreateSpace":
        return Effect(Action.CREATE, f"creates the {noun}")
    size = (spec.get("storage") or {}).get("sizeGiB")
    volume = f", {size} GiB" if size else ""
    where = _instance_type_of(given.get("SpaceSettings", {}))
    return Effect(Action.CREATE, f"creates the space: {spec.get('app')} on {where}{volume}")


def _instance_type_of(settings: Mapping[str, Any]) -> str:
    blocks = (value for name, value in settings.items() if name.endswith("AppSettings"))
    found = (block.get("DefaultResourceSpec", {}).get("InstanceType") for block in blocks)
    return next((str(one) for one in found if one), "the domain's instance type")


def _update(step: Step, noun: str, _spec: Spec) -> Effect:
    before, after = _from_to(step)
    if step.call.operation == "UpdateSpace":
        return Effect(Action.UPDATE, f"changes {before} to {after}: no app runs", before, after)
    fields = (after or "").split(", ")
    held = sorted(_WHILE_NOTHING_RUNS.intersection(fields))
    condition = (
        f"; AWS takes {', '.join(held)} only while no app of the domain runs" if held else ""
    )
    return Effect(Action.UPDATE, f"changes {after} of the {noun}{condition}")


def _start(step: Step, _noun: str, spec: Spec) -> Effect:
    type_ = step.call.parameters["ResourceSpec"]["InstanceType"]
    return Effect(Action.START, f"starts {spec.get('app')} on {type_}", None, type_)


def _stop(_step: Step, _noun: str, spec: Spec) -> Effect:
    return Effect(Action.STOP, f"stops {spec.get('app')}; the volume stays")


def _tag(step: Step, noun: str, _spec: Spec) -> Effect:
    keys = _tag_keys(step.call)
    others = [key for key in keys if key != OWNER_TAG]
    if OWNER_TAG not in keys:
        verb = "sets" if step.call.operation == "AddTags" else "removes"
        return Effect(Action.UPDATE, f"{verb} tags {', '.join(others)}")
    also = f" and tags {', '.join(others)}" if others else ""
    return Effect(
        Action.ADOPT, f"takes over the {noun} as it is: only the ownership tag{also} is set"
    )


def _tag_keys(call: Call) -> list[str]:
    if call.operation == "AddTags":
        return [tag["Key"] for tag in call.parameters["Tags"]]
    return list(call.parameters["TagKeys"])


def _delete(_step: Step, noun: str, _spec: Spec) -> Effect:
    return Effect(Action.DELETE, f"deletes the {noun}")


def _upload(_step: Step, _noun: str, _spec: Spec) -> Effect:
    return Effect(Action.UPDATE, "uploads the script that makes back-ups from inside")


def _back_up(_step: Step, _noun: str, _spec: Spec) -> Effect:
    return Effect(Action.WAIT, "waits for a back-up of the home folder, made from inside, first")


_EFFECTS: Mapping[str, Callable[[Step, str, Spec], Effect]] = {
    "CreateDomain": _create,
    "CreateUserProfile": _create,
    "CreateSpace": _create,
    "UpdateDomain": _update,
    "UpdateUserProfile": _update,
    "UpdateSpace": _update,
    "CreateStudioLifecycleConfig": _upload,
    "PutObject": _back_up,
    "CreateApp": _start,
    "DeleteApp": _stop,
    "AddTags": _tag,
    "DeleteTags": _tag,
    "DeleteDomain": _delete,
    "DeleteUserProfile": _delete,
    "DeleteSpace": _delete,
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
    if becomes == (None, None):
        return (Effect(Action.UPDATE, "no schedule starts or stops the app any more"),)
    named = zip(("starts", "stops"), becomes, strict=True)
    said = " and ".join(f"{verb} at {at:%Y-%m-%d %H:%M} UTC" for verb, at in named if at)
    return (Effect(Action.WAIT, f"later, by the clock: the app {said}"),)


def _times(outcome: Outcome | None) -> tuple[datetime | None, datetime | None]:
    """When the app is started and stopped next, as status would say."""
    status = outcome.plan.status if outcome and outcome.plan else None
    if not isinstance(status, SpaceStatus) or status.effective is None:
        return None, None
    return status.effective.starts_at, status.effective.stops_at


# --- deletions ---------------------------------------------------------------------------------


def _letting_go(outcome: Outcome, spec: Spec, noun: str) -> Iterable[Effect]:
    names = outcome.operations
    yield from (_back_up(step, noun, spec) for step in outcome.steps if _is_backup(step))
    policy = spec.get("deletionPolicy") or "Retain"
    if any(
        name.startswith("Delete") and name.endswith(("Domain", "Profile", "Space"))
        for name in names
    ):
        yield _deletion(spec, noun)
    elif not outcome.let_go:
        yield from _left_over(outcome)
    elif not names:
        yield Effect(Action.RELEASE, f"there is no {noun} of this resource in AWS")
    else:
        stops = "DeleteApp" in names
        if stops:
            yield Effect(Action.STOP, f"stops {spec.get('app')}: the resource is deleted")
        yield Effect(Action.RELEASE, _release_words(noun, policy))


def _is_backup(step: Step) -> bool:
    return step.call.operation == "PutObject"


def _release_words(noun: str, policy: str) -> str:
    stays = "the space and its volume stay" if noun == "space" else f"the {noun} stays"
    cost = ", and the volume goes on costing money" if noun == "space" else ""
    return f"{stays} in AWS without an owner{cost} (deletionPolicy {policy})"


def _deletion(spec: Spec, noun: str) -> Effect:
    if noun == "space":
        text = (
            "DATA LOSS: deletes the space, its volume and all files on it "
            "(deletionPolicy Delete); this can't be undone"
        )
        return Effect(Action.DELETE, text, data_loss=True)
    if noun == "domain" and spec.get("homeEfsRetention") == "Delete":
        text = (
            "DATA LOSS: deletes the domain and the file system with people's home folders "
            "(deletionPolicy Delete, homeEfsRetention Delete); this can't be undone"
        )
        return Effect(Action.DELETE, text, data_loss=True)
    kept = "; the file system with people's home folders stays" if noun == "domain" else ""
    return Effect(Action.DELETE, f"deletes the {noun} (deletionPolicy Delete){kept}")
