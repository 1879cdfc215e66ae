"""A change that AWS refused for good: it is held back until it is another, or somebody asks again.

Settings that were refused together are held back together, and no others: what else differs goes
its own way, on the settings that the space has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from studio_operator.api.common import APPLY_NOW_REQUEST, REQUESTED_AT, RESTART_REQUEST
from studio_operator.api.space_status import Rejection
from studio_operator.plan.decisions import (
    UPDATES_AT_MOST,
    applies,
    asked_by,
    asks_anew,
    decide_failure,
)
from studio_operator.plan.observed import ImageRef
from studio_operator.plan.reasons import Reason
from studio_operator.plan.requests import Requests
from studio_operator.plan.situations import SpaceSituation
from studio_operator.plan.space_comparison import Change, Comparison, describe_changes
from studio_operator.plan.space_settings import WantedSettings
from studio_operator.plan.types import FailureKind

# Refusals of an update that no waiting mends: the app runs again without it.
HOPELESS = frozenset({FailureKind.INVALID, FailureKind.ACCESS, FailureKind.QUOTA})
# Annotations that ask for another try of one, though the app runs.
RETRYING = (REQUESTED_AT, RESTART_REQUEST, APPLY_NOW_REQUEST)


def standing_rejection(
    situation: SpaceSituation,
    requests: Requests,
    compared: Iterable[Comparison],
    differing: Iterable[Change],
    wanted: WantedSettings | None,
) -> Rejection | None:
    """The refusal on status, if it still holds: the same is wanted, and nobody asks again.

    `compared` and `wanted`: the settings before anything is held back; `differing`: the changes
    that the spec asks for.
    """
    recorded = situation.memory.rejection
    if recorded is None or _is_asked_again(situation, recorded, requests):
        return None
    if recorded.changes is None:
        return recorded if recorded.generation == situation.declared.generation else None
    now = exact_values((one.change for one in compared), wanted)
    if not now:  # AWS was not seen
        return recorded
    is_same = all(now.get(name) == value for name, value in recorded.changes.items())
    is_unmade = any(change.field in recorded.changes for change in differing)
    return recorded if is_same and is_unmade else None


def refused_among(changes: Iterable[Change], rejection: Rejection | None) -> tuple[Change, ...]:
    """The changes that the refusal is about."""
    if rejection is None:
        return ()
    known = rejection.changes
    return tuple(change for change in changes if known is None or change.field in known)


def reject(
    situation: SpaceSituation,
    changes: tuple[Change, ...],
    wanted: WantedSettings | None,
    standing: Rejection | None,
) -> Rejection | None:
    """The refusal that holds from now on: `standing`, and what AWS refused of the other changes."""
    said = _refusal(situation, changes) if changes else None
    if said is None:
        return standing
    reason, message = said
    before = standing.changes or {} if standing else {}
    return Rejection(
        generation=situation.declared.generation,
        changes={**before, **exact_values(changes, wanted)},
        requested_at=asked_by(situation.declared),
        reason=reason,
        message=message,
    )


def exact_values(changes: Iterable[Change], wanted: WantedSettings | None) -> Mapping[str, str]:
    """What is wanted of each setting, by its field: two that differ never read the same."""
    image = wanted.image if wanted else None
    named = {
        "image": _exact_image(image) if image else None,
        "lifecycleConfigArn": wanted.lifecycle_config_arn if wanted else None,
    }
    return {change.field: named.get(change.field) or change.wanted for change in changes}


def _exact_image(image: ImageRef) -> str:
    parts = (image.image_arn, image.version_alias, image.version_arn)
    return " ".join(part for part in parts if part)


def _is_asked_again(situation: SpaceSituation, recorded: Rejection, requests: Requests) -> bool:
    """Whether a person asks for another try of what was refused.

    Who asks for a start of an app that runs has what they want: it is not stopped for another try.
    """
    app = situation.app
    is_started = requests.run_state == "Running" and (app is None or not app.is_active)
    return is_started or asks_anew(recorded.requested_at, situation.declared, RETRYING)


def _refusal(situation: SpaceSituation, changes: tuple[Change, ...]) -> tuple[str, str] | None:
    """Reason and message, where AWS refuses the changes or takes them without effect."""
    declared, failure = situation.declared, situation.failure
    if failure is not None and failure.operation == "UpdateSpace":
        if failure.kind not in HOPELESS or not applies(failure, declared):
            return None
        said = decide_failure(failure, declared, failure.at)
        return (said.reason, said.message) if said is not None else None
    operation = situation.memory.operation
    live, aim = describe_changes(changes)
    if operation and operation.to == aim and (operation.updates or 0) >= UPDATES_AT_MOST:
        return (
            Reason.NOT_APPLIED,
            f"AWS took the update {UPDATES_AT_MOST} times and still shows {live} instead of {aim}."
            " Check the values in the spec.",
        )
    return None
