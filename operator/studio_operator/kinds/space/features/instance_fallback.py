"""Another instance type in place of one that can't start: a fallback, or the size that ran last.

Only where the spec asks for it. What was chosen is on status before anything is done for it, and
holds until the types in the spec change or a person asks for another try.
"""

from __future__ import annotations

from datetime import timedelta

from studio_operator.api.durations import parse_minutes
from studio_operator.kinds.shared.running.requests import Requests
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.api.status import Substitute
from studio_operator.kinds.space.checks.start_causes import cause_of
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.plan.decisions import applies
from studio_operator.plan.reasons import Reason
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
    spec, known = situation.declared.spec, situation.status.substitute
    if known and (known.basis != _basis_of(spec) or not _is_proven(situation, known)):
        known = None
    if spec.instance_type is None or not (spec.rollback or spec.fallback_instance_types):
        return None
    if known and _begins_again(situation, known, requests, starts=starts):
        return None
    failed = _why_it_cannot_start(situation, known) if situation.is_observed else None
    if failed is None or (known is not None and known.kind == "Rollback"):
        return known
    cause, said = failed
    return _next(situation, known, cause, said) or known


def _is_proven(situation: SpaceSituation, known: Substitute) -> bool:
    """Whether a substitute on status is what the spec allows, or AWS shows: status can be forged.

    Nothing is done before the settings are described, so until then it is kept.
    """
    if known.kind == "Fallback":
        return known.instance_type in (situation.declared.spec.fallback_instance_types or ())
    space = situation.space
    if space is None or space.settings is None:
        return True
    return known.instance_type in _shown_types(situation)


def _shown_types(situation: SpaceSituation) -> frozenset[str | None]:
    """The instance types that AWS shows for the space, or has shown this process a run on."""
    space, app = situation.space, situation.app
    configured = space.settings.instance_type if space and space.settings else None
    running = app.instance_type if app else None
    return frozenset({configured, running, situation.ran_on})


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
    declared, status = situation.declared, situation.status
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
    last = status.last_ran_on if status.last_ran_on in _shown_types(situation) else None
    if not declared.spec.rollback or last is None or last in tried:
        return None
    since, now = status.starting_since, situation.now
    late = since is not None and now >= since + start_limit(situation)
    return take("Rollback", last) if late or cause is Reason.QUOTA_EXCEEDED else None


def _why_it_cannot_start(
    situation: SpaceSituation, known: Substitute | None
) -> tuple[Reason, str] | None:
    """Why the app could not start on the type it was last tried on, in AWS's words."""
    app, failure, status = situation.app, situation.failure, situation.status
    if failure is not None and failure.operation == "CreateApp":
        kind = _CAUSES_OF_CALLS.get(failure.kind)
        is_new = known is None or failure.at >= known.taken_at
        if kind is not None and is_new and applies(failure, situation.declared):
            return kind, failure.message
    if app is None or app.status != "Failed" or not app.failure:
        return None
    started, since = status.last_start_at, status.starting_since
    if status.observed_generation != situation.declared.generation or started is None:
        return None
    if since is None or started < since:  # it failed before this try
        return None
    cause = cause_of(app.failure)
    return (cause, app.failure) if cause in _MENDED_BY_ANOTHER_TYPE else None
