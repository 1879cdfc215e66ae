"""What differs from the spec, sorted: changed now, left to others, refused, or waiting for what.

One kind after the other is set aside, and the rest goes on. What is set aside is also taken out of
the settings that an app is started on meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from studio_operator.api.backup import BackedUpEvent, BackupStatus
from studio_operator.api.space_status import Rejection, Substitute
from studio_operator.plan.backup_script import is_same_place
from studio_operator.plan.backups import (
    counts,
    hold_back,
    next_backup_status,
    script_arn,
    waits_for_backup,
)
from studio_operator.plan.drift import leave_as_is, split_drift
from studio_operator.plan.mounting import why_not_mounted
from studio_operator.plan.observed import SpaceSettings
from studio_operator.plan.rejections import refused_among, reject, standing_rejection
from studio_operator.plan.remote_access import hold_both, why_too_small
from studio_operator.plan.requests import Requests
from studio_operator.plan.situations import SpaceSituation
from studio_operator.plan.space_comparison import (
    FILE_SYSTEMS,
    Change,
    Comparison,
    compare_settings,
)
from studio_operator.plan.space_settings import WantedSettings
from studio_operator.plan.space_view import STORAGE


@dataclass(frozen=True, slots=True)
class Basis:
    """What changes are sorted by. `wanted`: the spec's settings; None while they can't be told."""

    situation: SpaceSituation
    present: SpaceSettings | None
    wanted: WantedSettings | None
    requests: Requests
    substitute: Substitute | None
    grown_at: datetime | None
    is_ours: bool

    def leave(self, wanted: WantedSettings | None, left: Iterable[Change]) -> WantedSettings | None:
        """The settings to start an app on while these changes are not made."""
        if wanted is None or self.present is None:
            return wanted
        return leave_as_is(wanted, self.present, left)


@dataclass(frozen=True, slots=True)
class Sorting:
    """The same members as in `SpaceView`, where each is explained."""

    wanted: WantedSettings | None
    compared: tuple[Comparison, ...]
    changes: tuple[Change, ...]
    drifted: tuple[Change, ...]
    cooling: Change | None
    rejection: Rejection | None
    waiting_for_backup: BackedUpEvent | None
    lacks_backup: bool
    held: tuple[Change, ...]
    unattached: str | None
    too_small: str | None
    backup: BackupStatus | None


def sort_changes(basis: Basis) -> Sorting:
    """Which of the differences are changed now, and what becomes of the others."""
    situation, present = basis.situation, basis.present
    compared = _compare(situation, basis.wanted, present)
    applied = situation.memory.applied or {}
    differing, drifted = split_drift(situation.declared.spec, applied, compared)
    standing = standing_rejection(situation, basis.requests, compared, differing, basis.wanted)
    refused = refused_among(differing, standing)
    wanted = basis.leave(basis.wanted, (*drifted, *refused))
    changes = _without(differing, refused)
    unattached = _why_not_mounted(situation, present, changes)
    live = present or SpaceSettings()
    too_small = why_too_small(situation, wanted, live, changes, basis.substitute)
    apart = _set_apart(changes, unattached, too_small)
    if basis.substitute is None:
        wanted = basis.leave(wanted, apart)
    cooling = _cooling(situation, differing, basis.grown_at)
    changes = _without(changes, (*apart, *([cooling] if cooling else [])))
    has_substitute = basis.substitute is not None
    waiting = waits_for_backup(
        situation, changes, is_ours=basis.is_ours, has_substitute=has_substitute
    )
    backup = next_backup_status(situation, waiting)
    lacks_backup = waiting is not None and not counts(situation, backup)
    held = hold_back(situation, changes, has_substitute=has_substitute) if lacks_backup else ()
    changes = _worth_telling(situation, _without(changes, held), present)
    rejection = reject(situation, changes, basis.wanted, standing)
    return Sorting(
        wanted=basis.leave(wanted, held),
        compared=compared,
        changes=() if rejection is not standing else changes,
        drifted=drifted,
        cooling=cooling,
        rejection=rejection,
        waiting_for_backup=waiting,
        lacks_backup=lacks_backup,
        held=held,
        unattached=unattached,
        too_small=too_small,
        backup=backup,
    )


def _without(changes: Iterable[Change], others: Iterable[Change]) -> tuple[Change, ...]:
    aside = tuple(others)
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
