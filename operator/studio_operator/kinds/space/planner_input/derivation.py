"""What follows from a space's situation, once, before any rule looks at it."""

from __future__ import annotations

from datetime import datetime

from studio_operator.kinds.shared.running.requests import NOTHING, Requests, read_requests
from studio_operator.kinds.space.api.status import EffectiveState, Substitute
from studio_operator.kinds.space.features.backup.questions import (
    provided_script,
)
from studio_operator.kinds.space.features.instance_fallback import find_substitute
from studio_operator.kinds.space.in_aws.observed import SpaceSettings
from studio_operator.kinds.space.planner_input import inheritance
from studio_operator.kinds.space.planner_input.first_observation import (
    is_first_observation,
    is_there_unowned,
    may_have_grown_at,
)
from studio_operator.kinds.space.planner_input.settings import WantedSettings, want_settings
from studio_operator.kinds.space.planner_input.settings_record import recall_settings
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.kinds.space.planner_input.sorting import sort_changes
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.kinds.space.run_state.held import hold_run_state
from studio_operator.kinds.space.run_state.rules import decide_run_state, followed, trigger_of
from studio_operator.plan.ownership import Claim, classify, has_owned, mark_of
from studio_operator.plan.schedule.timetable import Timetable, timetable_at
from studio_operator.plan.types import FailureKind


def derive(situation: SpaceSituation) -> SpaceView:
    """All that the rules look at."""
    mark = mark_of(situation.declared, situation.cluster)
    tags = situation.space.tags if situation.space else None
    known = has_owned(situation.status)
    claim = None if tags is None else classify(tags, mark, owned_before=known)
    is_ours = claim is Claim.OURS
    requests = read_requests(situation.declared, situation.status) if is_ours else NOTHING
    timetable = _timetable(situation)
    substitute = _substitute(situation, requests, timetable)
    present = _present_settings(situation)
    view = SpaceView(
        situation=situation,
        spec=situation.declared.spec,
        status=situation.status,
        name=situation.declared.spec.space_name or situation.declared.name,
        app_is_active=situation.app is not None and situation.app.is_active,
        mark=mark,
        claim=claim,
        effective=_effective(situation, timetable, requests, is_ours=is_ours),
        present=present,
        wanted=_wanted(situation, present, substitute),
        grown_at=_grown_at(situation),
        requests=requests,
        timetable=timetable,
        substitute=substitute,
    )
    return sort_changes(view)


def _substitute(
    situation: SpaceSituation, requests: Requests, timetable: Timetable | None
) -> Substitute | None:
    if situation.declared.unreadable is not None:
        return situation.status.substitute
    starts = followed(requests, situation, timetable) == "Running"
    return find_substitute(situation, requests, starts=starts)


def _effective(
    situation: SpaceSituation, timetable: Timetable | None, requests: Requests, *, is_ours: bool
) -> EffectiveState:
    if situation.declared.unreadable is None:
        return decide_run_state(situation, timetable, is_ours=is_ours, requests=requests)
    held = hold_run_state(situation, requests, is_ours=is_ours)
    return held or EffectiveState(by="People", trigger=trigger_of(situation.declared.spec))


def _timetable(situation: SpaceSituation) -> Timetable | None:
    if situation.declared.unreadable is not None:
        return None
    handled = situation.status.effective
    return timetable_at(
        situation.declared,
        situation.now,
        was_snoozed=handled is not None and handled.window == "Snoozed",
        handled=handled.window_since if handled else None,
    )


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
    situation: SpaceSituation, present: SpaceSettings | None, substitute: Substitute | None
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
        is_first_observation=is_first_observation(situation),
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
