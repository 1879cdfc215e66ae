"""A change that AWS refused for good: it is held back until it is another, or somebody asks again.

Settings that were refused together are held back together, and no others: what else differs goes
its own way, on the settings that the space has.

What AWS refused may be right once what the space refers to has changed, or something that only AWS
knows of. Then it is tried again where no app has to be stopped for it, since it may be in vain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from studio_operator.api.common import APPLY_NOW_REQUEST, REQUESTED_AT, RESTART_REQUEST
from studio_operator.kinds.shared.running.requests import Requests
from studio_operator.kinds.space.api.status import Rejection
from studio_operator.kinds.space.in_aws.settings import BY_FIELD
from studio_operator.kinds.space.planner_input.comparison import (
    Change,
    Comparison,
    describe_changes,
)
from studio_operator.kinds.space.planner_input.settings import WantedSettings
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.plan.decisions import (
    UPDATES_AT_MOST,
    applies,
    asked_by,
    asks_anew,
    decide_failure,
    depends_on_another,
)
from studio_operator.plan.messages import tell
from studio_operator.plan.observed import STABLE
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import TRY_AGAIN, another
from studio_operator.plan.types import FailureKind

# Refusals of an update that no short wait mends: the app runs again without it.
HOPELESS = frozenset({FailureKind.INVALID, FailureKind.ACCESS, FailureKind.QUOTA})
# The step of an operation that asks AWS for the changes.
UPDATING = "UpdatingSpace"
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
    recorded = situation.status.rejection
    if recorded is None or _is_asked_again(situation, recorded, requests):
        return None
    if recorded.changes is None:
        return recorded if recorded.generation == situation.declared.generation else None
    now = exact_values((one.change for one in compared), wanted)
    if not now:  # AWS was not seen
        return recorded
    undecided = recorded.changes.keys() & (wanted.undecided if wanted else ())
    is_same = all(
        now.get(name) == value for name, value in recorded.changes.items() if name not in undecided
    )
    is_unmade = bool(undecided) or any(change.field in recorded.changes for change in differing)
    if is_same and undecided and recorded.generation != situation.declared.generation:
        # The rest may be right without what has left the spec, or is to come by a default again.
        return recorded.model_copy(
            update={"changes": {name: recorded.changes[name] for name in sorted(undecided)}}
        )
    return recorded if is_same and is_unmade else None


def may_try_again(situation: SpaceSituation, rejection: Rejection) -> bool:
    """Whether what AWS refused may be right by now, and no app would be stopped to find out."""
    app, due = situation.app, rejection.retry_at
    if app is not None and app.is_active:
        return False
    is_due = due is not None and situation.now >= due
    return is_due or depends_on_another(rejection.depends_on, situation.declared)


def is_spent(
    situation: SpaceSituation, compared: Iterable[Comparison], wanted: WantedSettings | None
) -> bool:
    """Whether the last failure speaks of values that nobody wants any more, though no spec changed.

    They came from a default, which is another now.
    """
    recorded, failure = situation.status.rejection, situation.failure
    if recorded is None or not recorded.changes or failure is None:
        return False
    if failure.operation != "UpdateSpace" or recorded.generation != situation.declared.generation:
        return False
    now = exact_values((one.change for one in compared), wanted)
    decided = recorded.changes.keys() - (wanted.undecided if wanted else ())
    return any(now.get(name, recorded.changes[name]) != recorded.changes[name] for name in decided)


def refused_among(
    situation: SpaceSituation, changes: Iterable[Change], rejection: Rejection | None
) -> tuple[Change, ...]:
    """The changes that are held back for a refusal; none where it is time to try them again."""
    if rejection is None or may_try_again(situation, rejection):
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
    before = standing.changes or {} if standing else {}
    return Rejection(
        generation=situation.declared.generation,
        changes={**before, **exact_values(changes, wanted)},
        requested_at=asked_by(situation.declared),
        reason=said.reason,
        message=said.message,
        depends_on=said.depends_on,
        retry_at=_whole_second_after(said.retry_at) if said.retry_at else None,
    )


def exact_values(changes: Iterable[Change], wanted: WantedSettings | None) -> Mapping[str, str]:
    """What is wanted of each setting, by its field: two that differ never read the same."""
    return {change.field: _exact_value(change, wanted) for change in changes}


def _exact_value(change: Change, wanted: WantedSettings | None) -> str:
    setting = BY_FIELD[change.field]
    value = wanted[setting] if wanted else None
    if value is None or setting.form.exact is None:
        return change.wanted
    return setting.form.exact(value)


def _is_asked_again(situation: SpaceSituation, recorded: Rejection, requests: Requests) -> bool:
    """Whether a person asks for another try of what was refused.

    Who asks for a start of an app that runs has what they want: it is not stopped for another try.
    """
    app = situation.app
    is_started = requests.run_state == "Running" and (app is None or not app.is_active)
    return is_started or asks_anew(recorded.requested_at, situation.declared, RETRYING)


class _Refusal(NamedTuple):
    """The members of a rejection that come from what AWS said."""

    reason: str
    message: str
    depends_on: str | None
    retry_at: datetime | None = None


def _refusal(situation: SpaceSituation, changes: tuple[Change, ...]) -> _Refusal | None:
    """What AWS said, where it refuses the changes or takes them without effect."""
    declared, failure = situation.declared, situation.failure
    if failure is not None and failure.operation == "UpdateSpace":
        if failure.kind not in HOPELESS or not applies(failure, declared):
            return None
        said = decide_failure(failure, declared, situation.now)
        if said is None:
            return None
        return _Refusal(said.reason, said.message, failure.depends_on, failure.retry_at)
    in_vain = _fruitless(situation, changes)
    return _Refusal(*in_vain, declared.depends_on) if in_vain is not None else None


def _whole_second_after(moment: datetime) -> datetime:
    """The time as status can hold it, and not before it."""
    whole = moment.replace(microsecond=0)
    return whole if whole == moment else whole + timedelta(seconds=1)


def _fruitless(situation: SpaceSituation, changes: tuple[Change, ...]) -> tuple[str, str] | None:
    """What AWS took as often as it is asked for anything, and did not carry out."""
    operation, space = situation.status.operation, situation.space
    if operation is None or operation.step != UPDATING:
        return None
    live, aim = describe_changes(changes)
    if operation.to != aim:
        return None
    if (operation.updates or 0) < UPDATES_AT_MOST or space is None or space.status not in STABLE:
        return None
    if space.status == "Update_Failed":
        return (
            Reason.UPDATE_FAILED,
            tell(
                f"AWS failed {UPDATES_AT_MOST} times to change {live} to {aim}",
                another(changes[0].field),
                TRY_AGAIN,
                aws=space.failure or "no reason",
            ),
        )
    return (
        Reason.NOT_APPLIED,
        tell(
            f"AWS took the update {UPDATES_AT_MOST} times and still shows {live} instead of {aim}",
            another(changes[0].field),
            TRY_AGAIN,
        ),
    )
