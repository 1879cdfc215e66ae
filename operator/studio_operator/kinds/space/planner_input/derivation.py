"""What follows from a space's situation, once, before any rule looks at it."""

from __future__ import annotations

from datetime import datetime

from studio_operator.kinds.shared.running.rules import followed
from studio_operator.kinds.shared.running.run import Run, decide_run
from studio_operator.kinds.space.api.status import EffectiveState, Substitute
from studio_operator.kinds.space.features.backup.questions import (
    provided_script,
)
from studio_operator.kinds.space.features.instance_fallback import find_substitute
from studio_operator.kinds.space.in_aws.observed import SpaceSettings
from studio_operator.kinds.space.planner_input import inheritance
from studio_operator.kinds.space.planner_input.first_observation import (
    is_there_unowned,
    may_have_grown_at,
)
from studio_operator.kinds.space.planner_input.running import run_situation
from studio_operator.kinds.space.planner_input.settings import WantedSettings, want_settings
from studio_operator.kinds.space.planner_input.settings_record import recall_settings
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.kinds.space.planner_input.sorting import sort_changes
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.plan.ownership import Claim, classify, has_owned, mark_of
from studio_operator.plan.types import FailureKind


def derive(situation: SpaceSituation) -> SpaceView:
    """All that the rules look at."""
    mark = mark_of(situation.declared, situation.cluster)
    tags = situation.space.tags if situation.space else None
    known = has_owned(situation.status)
    claim = None if tags is None else classify(tags, mark, owned_before=known)
    run = decide_run(run_situation(situation, is_ours=claim is Claim.OURS))
    substitute = _substitute(situation, run)
    present = _present_settings(situation)
    view = SpaceView(
        situation=situation,
        spec=situation.declared.spec,
        status=situation.status,
        name=situation.declared.spec.space_name or situation.declared.name,
        app_is_active=situation.app is not None and situation.app.is_active,
        mark=mark,
        claim=claim,
        run=run,
        present=present,
        wanted=_wanted(situation, present, substitute, run),
        grown_at=_grown_at(situation),
        substitute=substitute,
    )
    return sort_changes(view)


def _substitute(situation: SpaceSituation, run: Run[EffectiveState]) -> Substitute | None:
    if situation.declared.unreadable is not None:
        return situation.status.substitute
    starts = followed(run.requests, run.situation, run.timetable) == "Running"
    return find_substitute(situation, run.requests, starts=starts)


def _present_settings(situation: SpaceSituation) -> SpaceSettings | None:
    """The space's settings: as described, else as on status if AWS shows no later change."""
    space, recorded = situation.space, situation.status.settings
    if space is None or space.settings is not None:
        return space.settings if space else None
    taken = situation.status.substitute
    if taken is not None and taken.kind == "Rollback":  # which AWS has to confirm
        return None
    if recorded is None or space.modified_at is None:
        return None
    if recorded.modified_at != space.modified_at.isoformat():
        return None
    return recall_settings(recorded)


def _wanted(
    situation: SpaceSituation,
    present: SpaceSettings | None,
    substitute: Substitute | None,
    run: Run[EffectiveState],
) -> WantedSettings | None:
    if situation.domain is None or (situation.space is not None and present is None):
        return None
    if situation.declared.unreadable is not None:
        return None  # half a spec says nothing about the rest
    managed, spec = situation.status.managed_fields or (), situation.declared.spec
    if substitute is not None:
        spec = spec.model_copy(update={"instance_type": substitute.instance_type})
    status, app = situation.status.effective, situation.app
    basis = inheritance.DefaultsInput(
        spec=spec,
        domain=situation.domain,
        owner=situation.owner,
        recorded=status.settings if status else None,
        is_first_observation=run.is_first_observation,
    )
    return want_settings(
        basis,
        present or SpaceSettings(),
        managed,
        backup_script=provided_script(situation),
        running_on=app.instance_type if app and app.is_active else None,
    )


def _grown_at(situation: SpaceSituation) -> datetime | None:
    """When the volume last grew: by us, by others, or at the latest when AWS refused a growth."""
    status, space, failure = situation.status, situation.space, situation.failure
    known = status.storage_grown_at
    before, live = status.storage_gib, space.storage_gib if space else None
    if status.arn and before and live and live > before:
        return situation.now.replace(microsecond=0)
    if known is None and is_there_unowned(situation):
        known = may_have_grown_at(situation)
    if failure is not None and failure.kind is FailureKind.COOLDOWN:
        return failure.at if known is None or failure.at > known else known
    return known
