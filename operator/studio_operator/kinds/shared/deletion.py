"""How a resource goes: blocked while others need what it has, then released or deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.shared.ownership import Owned, look_at
from studio_operator.plan.decisions import (
    Decision,
    Rule,
    counted,
    delete_first,
    name_some,
    started,
)
from studio_operator.plan.lifecycle import calling, stalled, waiting
from studio_operator.plan.messages import at, sentence
from studio_operator.plan.ownership import Claim, as_tag_list, released_mark
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import Remedy, in_aws, in_kubernetes, wait
from studio_operator.plan.types import Call, Health, Look, Note

ViewT = TypeVar("ViewT")


def let_go(message: str, *notes: Note) -> Decision:
    """Nothing is left to do: the resource may go from Kubernetes."""
    return Decision(
        Health.PROGRESSING,
        Reason.RELEASED,
        message,
        notes=notes,
        finalizer=False,
        operation=None,
    )


def go_without_finalizer(view: Owned) -> Decision | None:
    """Nothing was ever done for a resource that does not carry our finalizer."""
    return None if view.situation.declared.finalizer else let_go("nothing to let go of")


def await_dependents(noun: str) -> Rule[Owned]:
    """Resources that refer to this one need it to go themselves; `noun` is what they are."""

    def await_users(view: Owned) -> Decision | None:
        users = view.situation.dependents
        return block_deletion(view, "is still needed by", {noun: users}, with_kubernetes(users))

    return await_users


def block_deletion(
    view: Owned, verb: str, left: Mapping[str, tuple[str, ...]], remedy: Remedy, where: str = ""
) -> Decision | None:
    """The deletion waits for what is left, by noun; what can go first is named."""
    there = {noun: names for noun, names in left.items() if names}
    if not there:
        return None
    held = " and ".join(counted(len(names), noun) for noun, names in there.items())
    named = name_some(next(iter(there.values())))
    return waiting(Reason.DELETION_BLOCKED, f"{view.title} {verb} {held}{where}: {named}", remedy)


def with_kubernetes(names: tuple[str, ...]) -> Remedy:
    """Resources, or what they stand for, are deleted in the cluster."""
    return in_kubernetes(delete_first(len(names)))


def in_console(names: tuple[str, ...]) -> Remedy:
    """Apps outside of spaces have no resource: they are deleted in AWS."""
    return in_aws(f"{delete_first(len(names))} in Studio or in the SageMaker console")


def await_settling(view: Owned) -> Decision | None:
    """A creation whose answer never came may still show up, and then has to be let go of too."""
    failure = view.situation.failure
    if view.holding is not None or failure is None:
        return None
    if failure.operation != f"Create{view.noun}":
        return None
    settles_at = failure.at + timedelta(seconds=view.situation.tuning.create_settle_seconds)
    return await_showing_up(view, settles_at)


def in_phase(phase: str, rule: Rule[ViewT]) -> Rule[ViewT]:
    """A rule whose decisions show that phase."""

    def decide(view: ViewT) -> Decision | None:
        decision = rule(view)
        return replace(decision, phase=phase) if decision else None

    return decide


def await_showing_up(view: Owned, settles_at: datetime | None) -> Decision | None:
    """Wait until then whether what AWS was asked for shows up."""
    if settles_at is None or view.situation.now >= settles_at:
        return None
    return waiting(
        Reason.RELEASING,
        f"AWS was asked for {view.title}: waiting whether it shows up",
        wake_at=settles_at,
    )


def go_when_gone(view: Owned) -> Decision | None:
    """It is no more, or never was."""
    return let_go(f"{view.title} is gone") if view.holding is None else None


def leave_others(view: Owned) -> Decision | None:
    """What does not carry this resource's mark is not touched; letting go ends like this, too."""
    if view.holding is None or view.claim is None:
        return None
    return None if view.claim is Claim.OURS else let_go(f"{view.title} stays in AWS as it is")


def release_unless_deleted(view: Owned) -> Decision | None:
    """Retain and Orphan: only the ownership tag changes."""
    return None if view.policy == "Delete" else release(view)


def release(view: Owned) -> Decision | None:
    """Retain marks it as let go, so that the same resource can take it back; Orphan unmarks it."""
    holding, situation = view.holding, view.situation
    if holding is None:
        return None
    if not holding.arn:
        return look_at(view, Look.SETTINGS)
    message = f"letting go of {view.title}, which stays in AWS (deletionPolicy {view.policy})"
    if view.policy == "Orphan":
        call = Call("DeleteTags", {"ResourceArn": holding.arn, "TagKeys": [OWNER_TAG]})
    else:
        mark = {OWNER_TAG: str(released_mark(situation.declared, situation.cluster))}
        call = Call("AddTags", {"ResourceArn": holding.arn, "Tags": as_tag_list(mark)})
    note = Note("Released", call.operation, sentence(message))
    return Decision(Health.PROGRESSING, Reason.RELEASING, message, call=call, notes=(note,))


def pause_after_failure(view: Owned) -> Decision | None:
    """A deletion that failed is asked for again, not at once."""
    holding, situation = view.holding, view.situation
    if holding is None or holding.status != "Delete_Failed" or holding.modified_at is None:
        return None
    due = holding.modified_at + timedelta(seconds=situation.tuning.deletion_retry_seconds)
    if situation.now >= due:
        return None
    if view.is_unexplained:
        return look_at(view, Look.SETTINGS)
    failed = stalled(
        Reason.DELETION_FAILED,
        f"AWS could not delete {view.title}",
        wait(f"it is asked again at {at(due)}"),
        aws=holding.failure or "no reason",
        phase="Failed",
    )
    return replace(failed, wake_at=due)


def delete(view: Owned, parameters: Mapping[str, Any]) -> Decision:
    """Delete it: nothing depends on it any more."""
    begun = started(view.situation.status, "Delete", view.situation.now)
    call = Call(f"Delete{view.noun}", parameters)
    return calling(Reason.DELETING, "Deleting", f"deleting {view.title}", call, begun)
