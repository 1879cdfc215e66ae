"""Another instance type in place of one that can't start: a fallback, or the size that ran last.

Only where the spec asks for it. What was chosen is on status before anything is done for it, and
holds until the types in the spec change or a person asks for another try.
"""

from __future__ import annotations

from datetime import timedelta

from studio_operator.api.space import SpaceSpec
from studio_operator.api.space_status import Substitute
from studio_operator.plan.decisions import applies
from studio_operator.plan.reasons import Reason
from studio_operator.plan.requests import Requests
from studio_operator.plan.situations import SpaceSituation
from studio_operator.plan.space_settings import parse_minutes
from studio_operator.plan.start_causes import cause_of
from studio_operator.plan.types import FailureKind

# Causes that another instance type may not have.
_MENDED_BY_ANOTHER_TYPE = frozenset({Reason.INSUFFICIENT_CAPACITY, Reason.QUOTA_EXCEEDED})
_CAUSES_OF_CALLS = {
    FailureKind.CAPACITY: Reason.INSUFFICIENT_CAPACITY,
    FailureKind.QUOTA: Reason.QUOTA_EXCEEDED,
}


def start_limit(situation: SpaceSituation) -> timedelta:
    """How long a start may take before it counts as stalled."""
    given = situation.declared.spec.start_timeout
    if given is not None:
        return timedelta(minutes=parse_minutes(given))
    return timedelta(seconds=situation.tuning.start_deadline_seconds)


def find_substitute(
    situation: SpaceSituation, requests: Requests, *, starts: bool
) -> Substitute | None:
    """The instance type to take in place of the declared one; None for the declared one.

    `starts`: whether a person's request to start the app is followed.
    """
    spec, known = situation.declared.spec, situation.memory.substitute
    if known and known.basis != _basis_of(spec):
        known = None
    if spec.instance_type is None or not (spec.rollback or spec.fallback_instance_types):
        return None
    if known and _begins_again(situation, known, requests, starts=starts):
        return None
    failed = _why_it_cannot_start(situation, known) if situation.visible else None
    if failed is None or (known is not None and known.kind == "Rollback"):
        return known
    cause, said = failed
    return _next(situation, known, cause, said) or known


def _begins_again(
    situation: SpaceSituation, known: Substitute, requests: Requests, *, starts: bool
) -> bool:
    """Whether a person asks for the declared type again.

    Who asks for a start while a fallback runs has what they want; a restart stops it anyway. A
    rollback is what nobody asked for, and says itself that a start tries again; a restart keeps it,
    since the old size would come back only when all of the time for a start is over.
    """
    app = situation.app
    runs = app is not None and app.status in {"Pending", "InService"}
    if known.kind == "Fallback" and runs:
        return requests.restart or requests.apply_now
    return starts or requests.apply_now


def _basis_of(spec: SpaceSpec) -> str:
    """What a substitute depends on: no other edit sends the app back to a type that can't start."""
    types = [spec.instance_type or "", *(spec.fallback_instance_types or ())]
    return " ".join([*types, "rollback"] if spec.rollback else types)


def _next(
    situation: SpaceSituation, known: Substitute | None, cause: Reason, said: str
) -> Substitute | None:
    """The next type to try after another failure; None when nothing is left, or it is not time."""
    declared, memory = situation.declared, situation.memory
    wanted = declared.spec.instance_type or ""
    tried = known.tried if known else (wanted,)

    def take(kind: str, instance_type: str) -> Substitute:
        return Substitute(
            basis=_basis_of(declared.spec),
            taken_at=situation.now,
            kind=kind,
            instance_type=instance_type,
            reason=cause,
            message=f"{tried[-1]} can't start: {said}",
            tried=(*tried, instance_type),
        )

    for fallback in declared.spec.fallback_instance_types or ():
        if fallback not in tried:
            return take("Fallback", fallback)
    last = memory.last_ran_on
    if not declared.spec.rollback or last is None or last in tried:
        return None
    since, now = memory.starting_since, situation.now
    late = since is not None and now >= since + start_limit(situation)
    return take("Rollback", last) if late or cause is Reason.QUOTA_EXCEEDED else None


def _why_it_cannot_start(
    situation: SpaceSituation, known: Substitute | None
) -> tuple[Reason, str] | None:
    """Why the app could not start on the type it was last tried on, in AWS's words."""
    app, failure, memory = situation.app, situation.failure, situation.memory
    if failure is not None and failure.operation == "CreateApp":
        kind = _CAUSES_OF_CALLS.get(failure.kind)
        is_new = known is None or failure.at >= known.taken_at
        if kind is not None and is_new and applies(failure, situation.declared):
            return kind, failure.message
    if app is None or app.status != "Failed" or not app.failure:
        return None
    started, since = memory.last_start_at, memory.starting_since
    if memory.observed_generation != situation.declared.generation or started is None:
        return None
    if since is None or started < since:  # it failed before this try
        return None
    cause = cause_of(app.failure)
    return (cause, app.failure) if cause in _MENDED_BY_ANOTHER_TYPE else None
