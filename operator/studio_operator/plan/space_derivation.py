"""What follows from a space's situation, once, before any rule looks at it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from studio_operator.api.space_status import Substitute
from studio_operator.plan.backups import (
    provided_script,
)
from studio_operator.plan.idle_limits import is_idle_time_refused
from studio_operator.plan.observed import SpaceSettings
from studio_operator.plan.ownership import Claim, classify, mark_of
from studio_operator.plan.requests import NOTHING, read_requests
from studio_operator.plan.run_state import decide_run_state, followed
from studio_operator.plan.schedule import Timetable, timetable_at
from studio_operator.plan.settings_record import recall_settings
from studio_operator.plan.situations import SpaceSituation
from studio_operator.plan.space_settings import WantedSettings, want_settings
from studio_operator.plan.space_sorting import Basis, sort_changes
from studio_operator.plan.space_view import SpaceView
from studio_operator.plan.substitution import find_substitute
from studio_operator.plan.types import FailureKind


def derive(situation: SpaceSituation) -> SpaceView:
    """All that the rules look at."""
    mark = mark_of(situation.declared, situation.cluster)
    tags = situation.space.tags if situation.space else None
    claim = None if tags is None else classify(tags, mark)
    is_ours = claim is Claim.OURS
    requests = read_requests(situation.declared, situation.memory) if is_ours else NOTHING
    timetable = _timetable(situation)
    starts = followed(requests, situation, timetable) == "Running"
    substitute = find_substitute(situation, requests, starts=starts)
    present, grown_at = _present_settings(situation), _grown_at(situation)
    basis = Basis(
        situation=situation,
        present=present,
        wanted=_wanted(situation, present, substitute),
        requests=requests,
        substitute=substitute,
        grown_at=grown_at,
        is_ours=is_ours,
    )
    sorting = sort_changes(basis)
    return SpaceView(
        situation=situation,
        name=situation.declared.spec.space_name or situation.declared.name,
        mark=mark,
        claim=claim,
        effective=decide_run_state(situation, timetable, is_ours=is_ours, requests=requests),
        present=present,
        wanted=sorting.wanted,
        compared=sorting.compared,
        changes=sorting.changes,
        drifted=sorting.drifted,
        cooling=sorting.cooling,
        rejection=sorting.rejection,
        grown_at=grown_at,
        requests=requests,
        timetable=timetable,
        substitute=substitute,
        waiting_for_backup=sorting.waiting_for_backup,
        lacks_backup=sorting.lacks_backup,
        held=sorting.held,
        unattached=sorting.unattached,
        too_small=sorting.too_small,
        backup=sorting.backup,
    )


def _timetable(situation: SpaceSituation) -> Timetable | None:
    handled = situation.memory.effective
    was_snoozed = handled is not None and handled.window == "Snoozed"
    return timetable_at(situation.declared, situation.now, was_snoozed=was_snoozed)


def _present_settings(situation: SpaceSituation) -> SpaceSettings | None:
    """The space's settings: as described, else as on status if AWS shows no later change."""
    space, recorded = situation.space, situation.memory.settings
    if space is None or space.settings is not None:
        return space.settings if space else None
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
    managed, spec = situation.memory.managed_fields or (), situation.declared.spec
    if substitute is not None:
        spec = spec.model_copy(update={"instance_type": substitute.instance_type})
    live = present or SpaceSettings()
    wanted = want_settings(
        spec, situation.domain, live, managed, backup_script=provided_script(situation)
    )
    return replace(wanted, idle_minutes=None) if is_idle_time_refused(situation, live) else wanted


def _grown_at(situation: SpaceSituation) -> datetime | None:
    """When the volume last grew: by us, by others, or at the latest when AWS refused a growth."""
    memory, space, failure = situation.memory, situation.space, situation.failure
    known = memory.storage_grown_at
    before, live = memory.storage_gib, space.storage_gib if space else None
    if memory.arn and before and live and live > before:
        return situation.now.replace(microsecond=0)
    if failure is not None and failure.kind is FailureKind.COOLDOWN:
        return failure.at if known is None or failure.at > known else known
    return known
