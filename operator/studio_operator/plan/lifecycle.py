"""What AWS has of a resource, and the decisions that rules of all kinds are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from studio_operator.api.common import CommonStatus, NamespacedReference, Operation
from studio_operator.plan.decisions import (
    CREATE,
    KEEP,
    UPDATES_AT_MOST,
    Decision,
    Keep,
    decide_unobserved,
    requested_at,
    started,
)
from studio_operator.plan.messages import sentence, tell
from studio_operator.plan.ownership import (
    Claim,
    OwnerMark,
)
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import (
    Edit,
    Remedy,
    Resource,
    Steps,
    apply_anew,
)
from studio_operator.plan.types import Call, Declared, Failure, Health, Look, Note, SpecT, StatusT

PHASES: Mapping[str, str] = {
    "Pending": "Pending",
    "InService": "InService",
    "Updating": "Updating",
    "Starting": "Starting",
    "Stopping": "Stopping",
    "Stopped": "Stopped",
    "Deleting": "Deleting",
    "Failed": "Failed",
    "Update_Failed": "Failed",
    "Delete_Failed": "Failed",
}


def phase_without(decision: Decision, status: CommonStatus) -> str:
    """The phase of what AWS does not show as this resource's: refused, or to come.

    What was shown last holds on while AWS is not seen.
    """
    if decision.health is Health.STALLED:
        return "Failed"
    unobserved = decision.reason is Reason.AWS_NOT_OBSERVED
    return (status.phase if unobserved or status.arn else None) or "Pending"


@dataclass(frozen=True, slots=True)
class Holding:
    """A domain, profile or space in AWS that a resource may hold.

    - `title`: what it is, for messages: "domain research".
    - `tags`: None while not known. `declared_tags`: spec.tags.
    - `tag_keys`: `status.tagKeys`.
    - `had_tags`: whether AWS has shown the declared tags before, so that others changed what
      differs; `keep_tags_by`: how that could stay.
    """

    title: str
    status: str
    arn: str
    failure: str | None
    tags: Mapping[str, str] | None
    declared_tags: Mapping[str, str]
    tag_keys: tuple[str, ...]
    mark: OwnerMark
    had_tags: bool
    modified_at: datetime | None = None
    keep_tags_by: tuple[Remedy, ...] = ()


def domain_resource(declared: Declared[SpecT], reference: NamespacedReference) -> Resource:
    """The StudioDomain that a profile or space refers to."""
    return Resource("StudioDomain", reference.name, reference.namespace or declared.namespace)


def is_begun(status: CommonStatus, claim: Claim | None) -> bool:
    """Whether a creation was begun, as status says or is about to: what is ours, it names."""
    if claim is Claim.OURS or status.arn is not None:
        return True
    return status.operation is not None and not _came_to_nothing(status, claim)


def drop_creation(decision: Decision, status: CommonStatus, claim: Claim | None) -> Decision:
    """The decision without a creation that came to nothing: others have what it names."""
    kept = isinstance(decision.operation, Keep) and _came_to_nothing(status, claim)
    return replace(decision, operation=None) if kept else decision


def _came_to_nothing(status: CommonStatus, claim: Claim | None) -> bool:
    """Names are unique in AWS: where others have one, no creation of ours has made it."""
    operation = status.operation
    begun = operation is not None and operation.type == CREATE and status.arn is None
    return begun and claim not in {None, Claim.OURS}


def edit_or_apply_anew(begun: bool, *edits: Edit) -> Remedy:
    """How to change what AWS fixes at creation: by an edit until that was begun (see the CRDs)."""
    if begun:
        return apply_anew(*edits)
    return edits[0] if len(edits) == 1 else Steps(edits)


def waiting(
    reason: Reason, problem: str, *remedies: Remedy, wake_at: datetime | None = None
) -> Decision:
    """Nothing to do but wait; what people can do to end the wait."""
    return Decision(Health.PROGRESSING, reason, tell(problem, *remedies), wake_at=wake_at)


def stalled(
    reason: Reason,
    problem: str,
    *remedies: Remedy,
    aws: str | None = "",
    phase: str | None = None,
    operation: Operation | Keep | None = KEEP,
) -> Decision:
    """Nothing to do before a person acts. `aws`: what AWS says, in its words."""
    message = tell(problem, *remedies, aws=aws)
    return Decision(Health.STALLED, reason, message, phase=phase, operation=operation)


def calling(
    reason: Reason,
    event: str,
    message: str,
    call: Call,
    operation: Operation | Keep | None = KEEP,
    *,
    record_first: bool = False,
) -> Decision:
    """A call to AWS, and the Event of that reason that tells it in the words of the message."""
    return Decision(
        Health.PROGRESSING,
        reason,
        message,
        call=call,
        notes=(Note(event, call.operation, sentence(message)),),
        operation=operation,
        record_first=record_first,
    )


def look(declared: Declared[SpecT], status: StatusT, message: str, *looks: Look) -> Decision:
    """Ask AWS before anything is decided; what was Ready stays so meanwhile."""
    return replace(decide_unobserved(declared, status, message), looks=frozenset(looks))


def refuse_namesake(namesake: str | None, *remedies: Remedy) -> Decision | None:
    """AWS has something else under the name; it would refuse the creation again and again."""
    if namesake is None:
        return None
    return stalled(
        Reason.OWNERSHIP_CONFLICT,
        f"AWS has {namesake}, and names in a domain must differ in more than case",
        *remedies,
    )


def update_operation(
    declared: Declared[SpecT],
    status: StatusT,
    failure: Failure | None,
    now: datetime,
    words: str,
    *,
    repeats: bool,
) -> Operation | None:
    """The update to ask for next, counted; None when it was asked for often enough in vain.

    A new spec, other settings or a person's request start the count again; `repeats`: whether the
    update says again what AWS has. An attempt that AWS refused does not count: that is told from
    its failure.
    """
    before = status.operation
    fresh = (
        before is None
        or before.type != "Update"
        or (before.to != words and not repeats)
        or status.observed_generation != declared.generation
        or requested_at(declared) not in {None, status.last_handled_reconcile_at}
    )
    done = 0 if fresh or before is None else before.updates or 0
    if failure is None and done >= UPDATES_AT_MOST:
        return None
    updates = done if failure is not None and done else done + 1
    operation = started(status, "Update", now)
    if fresh:
        operation = Operation(type="Update", started_at=now.replace(microsecond=0))
    return operation.model_copy(update={"to": words, "updates": updates})
