"""What follows from a space's situation, once, before any rule looks at it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from studio_operator.api.space_status import Substitute
from studio_operator.plan.backup_script import is_same_place
from studio_operator.plan.backups import (
    counts,
    hold_back,
    next_backup_status,
    provided_script,
    script_arn,
    waits_for_backup,
)
from studio_operator.plan.drift import leave_as_is, split_drift
from studio_operator.plan.idle_limits import is_idle_time_refused
from studio_operator.plan.mounting import why_not_mounted
from studio_operator.plan.observed import SpaceSettings
from studio_operator.plan.ownership import Claim, classify, mark_of
from studio_operator.plan.rejections import refused_among, reject, standing_rejection
from studio_operator.plan.remote_access import hold_both, why_too_small
from studio_operator.plan.requests import NOTHING, read_requests
from studio_operator.plan.run_state import decide_run_state, followed
from studio_operator.plan.schedule import Timetable, timetable_at
from studio_operator.plan.settings_record import recall_settings
from studio_operator.plan.situations import SpaceSituation
from studio_operator.plan.space_comparison import (
    FILE_SYSTEMS,
    Change,
    Comparison,
    compare_settings,
)
from studio_operator.plan.space_settings import WantedSettings, want_settings
from studio_operator.plan.space_view import STORAGE, SpaceView
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
    present = _present_settings(situation)
    declared = wanted = _wanted(situation, present, substitute)
    grown_at = _grown_at(situation)
    compared = _compare(situation, wanted, present)
    applied = situation.memory.applied or {}
    differing, drifted = split_drift(situation.declared.spec, applied, compared)
    if wanted is not None and present is not None:
        wanted = leave_as_is(wanted, present, drifted)
    standing = standing_rejection(situation, requests, compared, differing, declared)
    refused = refused_among(differing, standing)
    cooling = _cooling(situation, differing, grown_at)
    unrefused = tuple(change for change in differing if change not in refused)
    if wanted is not None and present is not None:
        wanted = leave_as_is(wanted, present, refused)
    unattached = _why_not_mounted(situation, present, unrefused)
    too_small = why_too_small(situation, wanted, present or SpaceSettings(), unrefused, substitute)
    apart = _set_apart(unrefused, unattached, too_small)
    if wanted is not None and present is not None and substitute is None:
        wanted = leave_as_is(wanted, present, apart)
    allowed = tuple(one for one in unrefused if one is not cooling and one not in apart)
    has_substitute = substitute is not None
    waiting = waits_for_backup(situation, allowed, is_ours=is_ours, has_substitute=has_substitute)
    backup = next_backup_status(situation, waiting)
    lacks_backup = waiting is not None and not counts(situation, backup)
    held = hold_back(situation, allowed, has_substitute=has_substitute) if lacks_backup else ()
    if wanted is not None and present is not None:
        wanted = leave_as_is(wanted, present, held)
    allowed = _worth_telling(situation, tuple(one for one in allowed if one not in held), present)
    rejection = reject(situation, allowed, declared, standing)
    return SpaceView(
        situation=situation,
        name=situation.declared.spec.space_name or situation.declared.name,
        mark=mark,
        claim=claim,
        effective=decide_run_state(situation, timetable, is_ours=is_ours, requests=requests),
        present=present,
        wanted=wanted,
        compared=compared,
        changes=() if rejection is not standing else allowed,
        drifted=drifted,
        cooling=cooling,
        rejection=rejection,
        grown_at=grown_at,
        requests=requests,
        timetable=timetable,
        substitute=substitute,
        waiting_for_backup=waiting,
        lacks_backup=lacks_backup,
        held=held,
        unattached=unattached,
        too_small=too_small,
        backup=backup,
    )


def _timetable(situation: SpaceSituation) -> Timetable | None:
    handled = situation.memory.effective
    was_snoozed = handled is not None and handled.window == "Snoozed"
    return timetable_at(situation.declared, situation.now, was_snoozed=was_snoozed)


def _why_not_mounted(
    situation: SpaceSituation, present: SpaceSettings | None, differing: tuple[Change, ...]
) -> str | None:
    """What keeps file systems from being mounted; others' drift that is left to them is none."""
    if situation.space is not None and all(one.field != FILE_SYSTEMS for one in differing):
        return None
    return why_not_mounted(situation, present or SpaceSettings())


def _set_apart(
    changes: tuple[Change, ...], unattached: str | None, too_small: str | None
) -> tuple[Change, ...]:
    """The changes that AWS would refuse as things are."""
    mounts = tuple(change for change in changes if unattached and change.field == FILE_SYSTEMS)
    return (*mounts, *(hold_both(changes) if too_small else ()))


def _worth_telling(
    situation: SpaceSituation, changes: tuple[Change, ...], present: SpaceSettings | None
) -> tuple[Change, ...]:
    """A newer version of the back-up's script goes along unseen: the older one does as well."""
    app, live = situation.app, present.lifecycle_config_arn if present else None
    if app is None or not app.is_active or not is_same_place(live, script_arn(situation)):
        return changes
    return tuple(one for one in changes if one.field != "lifecycleConfigArn")


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


def _compare(
    situation: SpaceSituation, wanted: WantedSettings | None, present: SpaceSettings | None
) -> tuple[Comparison, ...]:
    if situation.space is None or wanted is None or present is None:
        return ()
    return compare_settings(wanted, situation.space, present, situation.app)


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
