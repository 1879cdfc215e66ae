"""Back-ups that a resize or a deletion waits for: asked for, awaited, told.

A back-up counts when it was made after it was asked for, and that is when the change first came up;
for a day then (`backup_valid_seconds`). Only the script inside a running app can make one, so that
a stopped space has to be started once. Nothing here looks at AWS or S3 unless something waits.
What follows from the situation is here; the rules are in `script_rules` and `wait_rules`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from studio_operator.kinds.space.api.backup import BackedUpEvent, Backup, BackupStatus
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.features.backup.observed import BackupPlace, ScriptQuestion
from studio_operator.kinds.space.features.backup.script import (
    APPS,
    backup_arn,
    backup_content,
    backup_name,
    backup_place,
    bucket_of,
)
from studio_operator.kinds.space.features.backup.tuning import BackupTuning
from studio_operator.kinds.space.planner_input.comparison import Change
from studio_operator.kinds.space.planner_input.situation import SpaceSituation

_RESIZES = frozenset({"instanceType", "storage.sizeGiB"})
# What another instance type changes, where the declared one can't start.
_SUBSTITUTED = frozenset({"instanceType", "image"})
_BOTH: tuple[BackedUpEvent, ...] = ("Resize", "Delete")
# AWS lists an app for 24 hours after its end (Developer Guide, page studio-updated-running-stop):
# whether a space ever ran is known for a little less.
_APPS_ARE_LISTED = timedelta(hours=23)


# --- what follows from the situation ------------------------------------------------------------


def backup_of(spec: SpaceSpec) -> Backup | None:
    """The back-ups that the spec asks for; None for an app that has no volume to back up."""
    return spec.backup if spec.app in APPS else None


def backup_events(spec: SpaceSpec) -> tuple[BackedUpEvent, ...]:
    """What waits for a back-up, by the spec."""
    backup = backup_of(spec)
    return tuple(backup.before or _BOTH) if backup else ()


def script_arn(situation: SpaceSituation) -> str | None:
    """ARN of the lifecycle configuration that the space is to have.

    None without back-ups, and as long as the domain's ARN was never known.
    """
    spec, domain, recorded = situation.declared.spec, situation.domain, situation.status.backup
    backup = backup_of(spec)
    if backup is None:
        return None
    name = backup_name(spec.app, backup.s3_uri, named_owner(situation))
    if domain is None or domain.arn is None:
        known = recorded.lifecycle_config_arn if recorded else None
        return known if known and known.endswith(f"/{name}") else None
    _, partition, _, region, account, _ = domain.arn.split(":", 5)
    return backup_arn(partition, region, account, name)


def provided_script(situation: SpaceSituation) -> str | None:
    """`script_arn`, once that lifecycle configuration is known to be in AWS: else None."""
    wanted, recorded = script_arn(situation), situation.status.backup
    present = situation.space.settings if situation.space else None
    known = {
        present.lifecycle_config_arn if present else None,
        recorded.lifecycle_config_arn if recorded else None,
    }
    return wanted if situation.script.exists or wanted in known else None


def script_question(situation: SpaceSituation) -> ScriptQuestion | None:
    """What to ask AWS about the script; None without back-ups."""
    spec = situation.declared.spec
    backup = backup_of(spec)
    if backup is None:
        return None
    script = (spec.app, backup.s3_uri, named_owner(situation))
    return ScriptQuestion(backup_name(*script), made_for(situation), backup_content(*script))


def made_for(situation: SpaceSituation) -> str:
    """Whom a script is made for, as its tag says; spaces of others may use it too."""
    return f"{situation.cluster}/{situation.declared.namespace}"


def place_of(situation: SpaceSituation) -> BackupPlace | None:
    """Where the space's back-up is; None without back-ups, or before there is a domain."""
    declared, status = situation.declared, situation.status
    domain_id = (situation.domain.domain_id if situation.domain else None) or status.domain_id
    backup = backup_of(declared.spec)
    if backup is None or domain_id is None:
        return None
    name = declared.spec.space_name or declared.name
    return backup_place(backup.s3_uri, domain_id, name, owner_of(situation))


def owner_of(situation: SpaceSituation) -> str:
    """The account that the bucket has to belong to; empty while no ARN tells the space's own.

    Names of buckets are anybody's: who makes one that was given up gets the copies of whoever still
    names it, so S3 is told whose it has to be (S3 User Guide, page bucket-owner-condition).
    """
    named = named_owner(situation)
    if named:
        return named
    observed = (situation.space, situation.domain)
    arn = next((one.arn for one in observed if one is not None and one.arn), "")
    return arn.split(":")[4] if arn else ""


def named_owner(situation: SpaceSituation) -> str:
    """The account that the operator's settings name for the bucket; empty for the space's own."""
    backup = backup_of(situation.declared.spec)
    owners = dict(situation.tuning.of(BackupTuning).bucket_owners)
    return owners.get(bucket_of(backup.s3_uri), "") if backup else ""


def waits_for_backup(
    situation: SpaceSituation,
    changes: Iterable[Change],
    *,
    is_ours: bool,
    has_substitute: bool,
) -> BackedUpEvent | None:
    """What there is to do that a back-up has to come before; None when nothing has to wait.

    A space that was made for this resource and never ran holds nothing to be lost. Where another
    instance type takes the place of one that can't start, no app can run and make a back-up.
    """
    spec = situation.declared.spec
    backup = backup_of(spec)
    if backup is None or not is_ours or situation.space is None:
        return None
    before = backup_events(spec)
    if situation.declared.deleting:
        deletes = spec.deletion_policy == "Delete" and "Delete" in before
        return "Delete" if deletes and not _surely_never_ran(situation) else None
    exempt = _exempt(situation, has_substitute=has_substitute)
    resizes = any(change.field in _RESIZES - exempt for change in changes)
    waits = resizes and "Resize" in before and not _never_ran(situation)
    return "Resize" if waits else None


def next_backup_status(
    situation: SpaceSituation, waiting: BackedUpEvent | None
) -> BackupStatus | None:
    """`status.backup`: what was asked for, and what came of it as far as anybody has looked."""
    if backup_of(situation.declared.spec) is None:
        return None
    observed = _as_observed(situation)
    asked = observed.requested_at
    if waiting is None:
        return observed
    is_spent = observed.answers == asked and not _is_recent(situation, observed)
    if asked is None or is_spent or observed.requested_for != waiting:
        asked = situation.now.replace(microsecond=0)
        if asked == observed.answers:  # that one was made for something else
            asked += timedelta(seconds=1)
    return observed.model_copy(update={"requested_at": asked, "requested_for": waiting})


def counts(situation: SpaceSituation, backup: BackupStatus | None) -> bool:
    """Whether the back-up that was asked for has been made, and not too long ago."""
    return (
        backup is not None
        and backup.requested_at is not None
        and backup.answers == backup.requested_at
        and _is_recent(situation, backup)
    )


def settled(backup: BackupStatus | None) -> BackupStatus | None:
    """`status.backup` when nothing waits any more: the next back-up is asked for anew."""
    if backup is None:
        return None
    return backup.model_copy(update={"requested_at": None, "requested_for": None})


def hold_back(
    situation: SpaceSituation, changes: tuple[Change, ...], *, has_substitute: bool
) -> tuple[Change, ...]:
    """The changes that wait along with a resize, since one stop carries them all."""
    exempt = _exempt(situation, has_substitute=has_substitute)
    return tuple(one for one in changes if one.needs_stop and one.field not in exempt)


def _exempt(situation: SpaceSituation, *, has_substitute: bool) -> frozenset[str]:
    """The changes without which no app can run to make a back-up."""
    runs = situation.app is not None and situation.app.is_active
    return _SUBSTITUTED if has_substitute and not runs else frozenset()


def _never_ran(situation: SpaceSituation) -> bool:
    """Whether nobody saw an app of a space that was made for this resource."""
    space, status = situation.space, situation.status
    if status.last_ran_on is not None or situation.app is not None or space is None:
        return False
    return space.created_at is None or space.created_at >= situation.declared.created_at


def _surely_never_ran(situation: SpaceSituation) -> bool:
    """The same where files are at stake: people may have started it while no operator ran."""
    made_at = situation.space.created_at if situation.space else None
    is_young = made_at is not None and situation.now - made_at < _APPS_ARE_LISTED
    return is_young and _never_ran(situation)


def _as_observed(situation: SpaceSituation) -> BackupStatus:
    """What is known by now. What was asked for, or made, in another place says nothing here."""
    recorded, observed = situation.status.backup or BackupStatus(), situation.backup
    place, script = place_of(situation), provided_script(situation)
    if place is not None and recorded.location not in {None, place.home_uri}:
        recorded = BackupStatus(lifecycle_config_arn=recorded.lifecycle_config_arn)
    update: dict[str, object] = {
        "lifecycle_config_arn": script or recorded.lifecycle_config_arn,
        "location": place.home_uri if place else recorded.location,
    }
    if observed.looked_at is not None:
        update |= {"completed_at": observed.completed_at, "answers": observed.answers}
    return recorded.model_copy(update=update)


def _is_recent(situation: SpaceSituation, backup: BackupStatus) -> bool:
    valid = timedelta(seconds=situation.tuning.of(BackupTuning).valid_seconds)
    return backup.completed_at is not None and situation.now - backup.completed_at < valid
