"""Steps that all kinds have in common: whose it is, tags, letting go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from studio_operator.api.common import OWNER_TAG, Operation
from studio_operator.plan.decisions import (
    KEEP,
    UPDATES_AT_MOST,
    Decision,
    Keep,
    decide_unseen,
    requested_at,
    started,
)
from studio_operator.plan.ownership import (
    Claim,
    OwnerMark,
    as_tag_list,
    released_mark,
    tag_changes,
)
from studio_operator.plan.reasons import Reason
from studio_operator.plan.types import Call, Declared, Failure, Health, Look, Note, SpecT, StatusT

PHASES: Mapping[str, str] = {
    "Pending": "Pending",
    "InService": "InService",
    "Updating": "Updating",
    "Deleting": "Deleting",
    "Failed": "Failed",
    "Update_Failed": "Failed",
    "Delete_Failed": "Failed",
}
_MOVES = {
    "Pending": (Reason.CREATING, "being created"),
    "Updating": (Reason.UPDATING, "being updated"),
    "Deleting": (Reason.DELETING, "being deleted"),
}


@dataclass(frozen=True, slots=True)
class Holding:
    """A domain, profile or space in AWS that a resource may hold.

    - `title`: what it is, for messages: "domain research".
    - `tags`: None while not known. `declared_tags`: spec.tags.
    - `tag_keys`: `status.tagKeys`.
    """

    title: str
    status: str
    arn: str
    failure: str | None
    tags: Mapping[str, str] | None
    declared_tags: Mapping[str, str]
    tag_keys: tuple[str, ...]
    mark: OwnerMark


def waiting(reason: Reason, message: str, *, wake_at: datetime | None = None) -> Decision:
    """Nothing to do but wait."""
    return Decision(Health.PROGRESSING, reason, message, wake_at=wake_at)


def stalled(
    reason: Reason,
    message: str,
    *,
    phase: str | None = None,
    operation: Operation | Keep | None = KEEP,
) -> Decision:
    """Nothing to do before a person acts."""
    return Decision(Health.STALLED, reason, message, phase=phase, operation=operation)


def look(declared: Declared[SpecT], memory: StatusT, message: str, *looks: Look) -> Decision:
    """Ask AWS before anything is decided; what was Ready stays so meanwhile."""
    return replace(decide_unseen(declared, memory, message), looks=frozenset(looks))


def await_moving(holding: Holding) -> Decision | None:
    """What AWS is changing is left alone until it stands still."""
    if holding.status not in _MOVES:
        return None
    reason, words = _MOVES[holding.status]
    return waiting(reason, f"{holding.title} is {words} in AWS")


def refuse_rival(title: str, rival: str | None, remedy: str) -> Decision | None:
    """Two resources claim the same: the older keeps it."""
    if rival is None:
        return None
    return stalled(Reason.OWNERSHIP_CONFLICT, f"{rival} claims {title} too and is older. {remedy}")


def refuse_owned(holding: Holding, claim: Claim, remedy: str) -> Decision:
    """It exists, and it is not this resource's."""
    value = (holding.tags or {}).get(OWNER_TAG)
    owner = OwnerMark.parse(value) if value else None
    if claim is not Claim.FOREIGN:
        said = f"{holding.title} exists in AWS and this resource did not make it"
    elif owner is not None and owner.cluster == holding.mark.cluster:
        said = f"{holding.title} belongs to {owner.resource}"
    else:
        said = f"{holding.title} belongs to {value}, of another cluster"
    return stalled(Reason.OWNERSHIP_CONFLICT, f"{said}. {remedy}")


def take(holding: Holding) -> Decision:
    """Put the ownership tag on it, and the declared tags along with that."""
    add, _ = tag_changes(holding.declared_tags, holding.tags or {}, holding.tag_keys)
    tags = {**add, OWNER_TAG: str(holding.mark)}
    message = f"taking over {holding.title}: only its tags change"
    return Decision(
        Health.PROGRESSING,
        Reason.RETAKING,
        message,
        call=Call("AddTags", {"ResourceArn": holding.arn, "Tags": as_tag_list(tags)}),
        notes=(Note("TakenOver", "AddTags", f"Taking over the existing {holding.title}"),),
    )


def keep_tags(holding: Holding) -> Decision | None:
    """Tags follow the spec; those that others set stay."""
    add, remove = tag_changes(holding.declared_tags, holding.tags or {}, holding.tag_keys)
    if add:
        message = f"setting tags {', '.join(sorted(add))} of {holding.title}"
        call = Call("AddTags", {"ResourceArn": holding.arn, "Tags": as_tag_list(add)})
        return Decision(Health.PROGRESSING, Reason.UPDATING, message, call=call)
    if remove:
        message = f"removing tags {', '.join(remove)} of {holding.title}"
        call = Call("DeleteTags", {"ResourceArn": holding.arn, "TagKeys": remove})
        return Decision(Health.PROGRESSING, Reason.UPDATING, message, call=call)
    return None


def next_tag_keys(holding: Holding) -> tuple[str, ...] | None:
    """`status.tagKeys`: what the spec sets, and what it once set and AWS still shows."""
    seen = set(holding.tags if holding.tags is not None else holding.tag_keys)
    keys = set(holding.declared_tags) | (set(holding.tag_keys) & seen)
    return tuple(sorted(keys)) or None


def update_operation(
    declared: Declared[SpecT],
    memory: StatusT,
    failure: Failure | None,
    now: datetime,
    words: str,
) -> Operation | None:
    """The update to ask for next, counted; None when it was asked for often enough in vain.

    A new spec or a person's request starts the count again. An attempt that AWS refused does not
    count: the rule of failed calls takes care of those.
    """
    before = memory.operation
    fresh = (
        before is None
        or before.type != "Update"
        or memory.observed_generation != declared.generation
        or requested_at(declared) not in {None, memory.last_handled_reconcile_at}
    )
    done = 0 if fresh or before is None else before.updates or 0
    if failure is None and done >= UPDATES_AT_MOST:
        return None
    updates = done if failure is not None and done else done + 1
    operation = started(memory, "Update", now)
    if fresh:
        operation = Operation(type="Update", started_at=now.replace(microsecond=0))
    return operation.model_copy(update={"to": words, "updates": updates})


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


def leave_if_not_ours(holding: Holding, claim: Claim) -> Decision | None:
    """What is not ours is not touched; after our mark is off, this is also how letting go ends."""
    return None if claim is Claim.OURS else let_go(f"{holding.title} stays in AWS as it is")


def release(declared: Declared[SpecT], cluster: str, holding: Holding, policy: str) -> Decision:
    """Retain marks it as let go, so that the same resource can take it back; Orphan unmarks it."""
    message = f"letting go of {holding.title}, which stays in AWS (deletionPolicy {policy})"
    if policy == "Orphan":
        call = Call("DeleteTags", {"ResourceArn": holding.arn, "TagKeys": [OWNER_TAG]})
    else:
        mark = {OWNER_TAG: str(released_mark(declared, cluster))}
        call = Call("AddTags", {"ResourceArn": holding.arn, "Tags": as_tag_list(mark)})
    note = Note("Released", call.operation, message[0].upper() + message[1:])
    return Decision(Health.PROGRESSING, Reason.RELEASING, message, call=call, notes=(note,))
