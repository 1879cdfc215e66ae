"""What differs from the spec, sorted: changed now, left to others, refused, or waiting for what.

One kind after the other is set aside, and the rest goes on. What is set aside is also taken out of
the settings that an app is started on meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from studio_operator.kinds.space.checks.stop_checks import find_all, held_by
from studio_operator.kinds.space.features.backup.questions import (
    counts,
    hold_back,
    next_backup_status,
    script_arn,
    waits_for_backup,
)
from studio_operator.kinds.space.features.backup.script import is_same_place
from studio_operator.kinds.space.in_aws.observed import SpaceSettings
from studio_operator.kinds.space.planner_input.comparison import (
    LIFECYCLE_CONFIG,
    STORAGE,
    Change,
    Comparison,
    compare_settings,
)
from studio_operator.kinds.space.planner_input.drift import leave_as_is, split_drift
from studio_operator.kinds.space.planner_input.findings import CheckInput, Finding
from studio_operator.kinds.space.planner_input.rejections import (
    is_spent,
    refused_among,
    reject,
    standing_rejection,
)
from studio_operator.kinds.space.planner_input.settings import WantedSettings
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.plan.ownership import Claim


def sort_changes(view: SpaceView) -> SpaceView:
    """Which of the differences are changed now, and what becomes of the others.

    `view`: the situation and all that does not hang on that. A failure that speaks of a change that
    nobody wants any more is taken out of it.
    """
    situation, present = view.situation, view.present
    is_ours, has_substitute = view.claim is Claim.OURS, view.substitute is not None
    compared = _compare(situation, view.wanted, present)
    applied = view.status.applied or {}
    if is_ours and view.run.is_first_observation:  # what differs was there before this resource
        applied = {one.change.field: one.change.wanted for one in compared if one.is_declared}
    differing, drifted = split_drift(view.spec, applied, compared)
    if is_spent(situation, compared, view.wanted):
        situation = replace(situation, failure=None)
        view = replace(view, situation=situation)
    standing = standing_rejection(situation, view.run.requests, compared, differing, view.wanted)
    refused = refused_among(situation, differing, standing)
    wanted = _leave(view, view.wanted, (*drifted, *refused))
    changes = _without(differing, refused)
    made = changes
    findings = find_all(_ask(view, wanted, compared, made))
    apart = held_by(findings, changes)
    if not has_substitute:
        wanted = _leave(view, wanted, apart)
    wanted = _leave(view, wanted, _not_given(findings, compared))
    cooling = _cooling(situation, _without(differing, apart), view.grown_at)
    changes = _without(changes, (*apart, *([cooling] if cooling else [])))
    waiting = waits_for_backup(situation, changes, is_ours=is_ours, has_substitute=has_substitute)
    backup = next_backup_status(situation, waiting)
    lacks_backup = waiting is not None and not counts(situation, backup)
    held = hold_back(situation, changes, has_substitute=has_substitute) if lacks_backup else ()
    changes = _worth_telling(situation, _without(changes, held), present)
    rejection = reject(situation, changes, view.wanted, standing)
    if rejection is not standing:
        changes = made = ()
    left = _leave(view, wanted, held)
    if rejection is not standing or held:  # it stays as it is: what stands against that counts now
        findings = find_all(_ask(view, left, compared, _without(made, held)))
    return replace(
        view,
        wanted=left,
        compared=compared,
        changes=changes,
        drifted=drifted,
        cooling=cooling,
        rejection=rejection,
        waiting_for_backup=waiting,
        lacks_backup=lacks_backup,
        held=held,
        findings=findings,
        backup=backup,
    )


def _leave(
    view: SpaceView, wanted: WantedSettings | None, left: Sequence[Change]
) -> WantedSettings | None:
    """The settings to start an app on while these changes are not made."""
    if wanted is None or view.present is None or not left:
        return wanted
    return leave_as_is(wanted, view.present, left)


def _not_given(findings: Sequence[Finding], compared: Sequence[Comparison]) -> tuple[Change, ...]:
    fields = {name for one in findings for name in one.not_given}
    return tuple([one.change for one in compared if one.change.field in fields]) if fields else ()


def _ask(
    view: SpaceView,
    wanted: WantedSettings | None,
    compared: tuple[Comparison, ...],
    changes: tuple[Change, ...],
) -> CheckInput:
    """What the checks decide from."""
    return CheckInput(
        situation=view.situation,
        spec=view.spec,
        present=view.present or SpaceSettings(),
        wanted=wanted,
        compared=compared,
        changes={change.field: change for change in changes},
        app_is_active=view.app_is_active,
        requests=view.run.requests,
        substitute=view.substitute,
    )


def _without(changes: tuple[Change, ...], aside: Sequence[Change]) -> tuple[Change, ...]:
    if not aside:
        return changes
    return tuple(change for change in changes if change not in aside)


def _compare(
    situation: SpaceSituation, wanted: WantedSettings | None, present: SpaceSettings | None
) -> tuple[Comparison, ...]:
    if situation.space is None or wanted is None or present is None:
        return ()
    return compare_settings(wanted, situation.space, present, situation.app)


def _cooling(
    situation: SpaceSituation, changes: tuple[Change, ...], grown_at: datetime | None
) -> Change | None:
    """The growth that must wait, since AWS allows one in six hours.

    A space whose second growth is asked for too soon may neither start nor be deleted meanwhile.
    """
    if grown_at is None:
        return None
    if situation.now >= grown_at + timedelta(seconds=situation.tuning.storage_cooldown_seconds):
        return None
    return next((change for change in changes if change.field == STORAGE), None)


def _worth_telling(
    situation: SpaceSituation, changes: tuple[Change, ...], present: SpaceSettings | None
) -> tuple[Change, ...]:
    """A newer version of the back-up's script goes along unseen: the older one does as well."""
    app, others = situation.app, tuple([one for one in changes if one.field != LIFECYCLE_CONFIG])
    if app is None or not app.is_active or others == changes:
        return changes
    live = present.lifecycle_config_arn if present else None
    return others if is_same_place(live, script_arn(situation)) else changes
