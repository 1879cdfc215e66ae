"""Back-ups that a resize or a deletion waits for: asked for, awaited, told.

A back-up counts when it was made after it was asked for, and that is when the change first came up;
for a day then (`backup_valid_seconds`). Only the script inside a running app can make one, so that
a stopped space has to be started once. Nothing here looks at AWS or S3 unless something waits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from studio_operator.api.backup import BackedUpEvent, BackupStatus
from studio_operator.api.space_status import SpaceStatus
from studio_operator.plan.backup_script import (
    BackupPlace,
    backup_arn,
    backup_content,
    backup_name,
    backup_place,
    render_request,
)
from studio_operator.plan.decisions import Decision
from studio_operator.plan.keeping import stalled
from studio_operator.plan.reasons import Reason
from studio_operator.plan.situations import SpaceSituation
from studio_operator.plan.space_comparison import Change, describe_changes
from studio_operator.plan.space_view import SpaceView, look_at, sentence
from studio_operator.plan.types import Call, Health, Look, Note

_RESIZES = frozenset({"instanceType", "storage.sizeGiB"})
_BOTH: tuple[BackedUpEvent, ...] = ("Resize", "Delete")


@dataclass(frozen=True, slots=True)
class BackupQuestion:
    """Where to look: the script by the name of its lifecycle configuration, and the place in S3."""

    script: str
    place: BackupPlace


# --- what follows from the situation ------------------------------------------------------------


def script_arn(situation: SpaceSituation) -> str | None:
    """ARN of the lifecycle configuration that the space is to have; None without back-ups."""
    spec, domain = situation.declared.spec, situation.domain
    if spec.backup is None or domain is None or domain.arn is None:
        return None
    _, partition, _, region, account, _ = domain.arn.split(":", 5)
    return backup_arn(partition, region, account, backup_name(spec.app, spec.backup.s3_uri))


def question_of(situation: SpaceSituation) -> BackupQuestion | None:
    """What to look at for the space's back-ups; None without any."""
    spec, place = situation.declared.spec, place_of(situation)
    if spec.backup is None or place is None:
        return None
    return BackupQuestion(backup_name(spec.app, spec.backup.s3_uri), place)


def place_of(situation: SpaceSituation) -> BackupPlace | None:
    """Where the space's back-up is; None without back-ups, or before there is a domain."""
    declared, memory = situation.declared, situation.memory
    domain_id = (situation.domain.domain_id if situation.domain else None) or memory.domain_id
    if declared.spec.backup is None or domain_id is None:
        return None
    name = declared.spec.space_name or declared.name
    return backup_place(declared.spec.backup.s3_uri, domain_id, name)


def waits_for_backup(
    situation: SpaceSituation, changes: Iterable[Change], *, is_ours: bool
) -> BackedUpEvent | None:
    """What there is to do that a back-up has to come before; None when nothing has to wait.

    A space that was made for this resource and never ran holds nothing to be lost. A substitute
    takes the place of a type that can't start, when no app can run and make a back-up.
    """
    spec, memory = situation.declared.spec, situation.memory
    if spec.backup is None or not is_ours or situation.space is None or _never_ran(situation):
        return None
    before = spec.backup.before or _BOTH
    if situation.declared.deleting:
        deletes = spec.deletion_policy == "Delete" and "Delete" in before
        return "Delete" if deletes else None
    resizes = any(change.field in _RESIZES for change in changes)
    return "Resize" if resizes and "Resize" in before and memory.substitute is None else None


def next_backup_status(
    situation: SpaceSituation, waiting: BackedUpEvent | None
) -> BackupStatus | None:
    """`status.backup`: what was asked for, and what came of it as far as anybody has looked."""
    if situation.declared.spec.backup is None:
        return None
    seen = _as_seen(situation)
    asked = seen.requested_at
    if waiting is not None and (
        asked is None or (seen.answers == asked and not _is_recent(situation, seen))
    ):
        asked = situation.now.replace(microsecond=0)
    return seen.model_copy(update={"requested_at": asked})


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
    return backup.model_copy(update={"requested_at": None}) if backup is not None else None


def expires_at(view: SpaceView) -> datetime | None:
    """When a back-up no longer counts for a change that still waits for something else."""
    made_at = view.backup.completed_at if view.backup else None
    if view.waiting_for_backup is None or view.lacks_backup or made_at is None:
        return None
    return made_at + timedelta(seconds=view.situation.tuning.backup_valid_seconds)


def hold_back(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes that wait along with a resize, since one stop carries them all."""
    return tuple(change for change in changes if change.needs_stop)


def _never_ran(situation: SpaceSituation) -> bool:
    space, memory = situation.space, situation.memory
    if memory.last_ran_on is not None or situation.app is not None or space is None:
        return False
    return space.created_at is None or space.created_at >= situation.declared.created_at


def _as_seen(situation: SpaceSituation) -> BackupStatus:
    recorded, seen = situation.memory.backup or BackupStatus(), situation.backup
    present = situation.space.settings if situation.space else None
    wanted = script_arn(situation)
    there = seen.has_script or (present is not None and present.lifecycle_config_arn == wanted)
    place = place_of(situation)
    update: dict[str, object] = {
        "lifecycle_config_arn": wanted if there else recorded.lifecycle_config_arn,
        "location": place.home_uri if place else recorded.location,
    }
    if seen.looked_at is not None:
        update |= {"completed_at": seen.completed_at, "answers": seen.answers}
    return recorded.model_copy(update=update)


def _is_recent(situation: SpaceSituation, backup: BackupStatus) -> bool:
    valid = timedelta(seconds=situation.tuning.backup_valid_seconds)
    return backup.completed_at is not None and situation.now - backup.completed_at < valid


# --- rules --------------------------------------------------------------------------------------


def provide_script(view: SpaceView) -> Decision | None:
    """The lifecycle configuration is there before a space names it."""
    arn, spec = script_arn(view.situation), view.spec
    present = view.present.lifecycle_config_arn if view.present else None
    known = view.backup.lifecycle_config_arn if view.backup else None
    if arn is None or spec.backup is None or arn in {present, known}:
        return None
    if view.situation.backup.has_script is None:
        return look_at(view, Look.SCRIPT)
    name = backup_name(spec.app, spec.backup.s3_uri)
    return Decision(
        Health.PROGRESSING,
        Reason.UPDATING if view.situation.space else Reason.CREATING,
        f"making lifecycle configuration {name}, which makes back-ups from inside",
        call=Call(
            "CreateStudioLifecycleConfig",
            {
                "StudioLifecycleConfigName": name,
                "StudioLifecycleConfigContent": backup_content(spec.app, spec.backup.s3_uri),
                "StudioLifecycleConfigAppType": spec.app,
            },
        ),
    )


def await_backup(view: SpaceView) -> Decision | None:
    """Nothing that a back-up has to come before is done before there is one."""
    if not view.lacks_backup or view.backup is None:
        return None
    situation, seen = view.situation, view.situation.backup
    every = timedelta(seconds=situation.tuning.backup_look_seconds)
    if seen.looked_at is None or situation.now - seen.looked_at >= every:
        return look_at(view, Look.BACKUP)
    if seen.requested_at != view.backup.requested_at:
        return _ask(view)
    return _explain_wait(view, due=seen.looked_at + every)


def _explain_wait(view: SpaceView, due: datetime) -> Decision:
    """Why there is no back-up yet; `due`: when S3 is looked at again."""
    app, failure = view.situation.app, view.situation.backup.failure
    if app is None or app.status != "InService":
        return _blocked(view, f"its app does not run: {_START}, since one is made from inside")
    if view.lacks_script:
        remedy = _RESTART[_for(view)]
        return _blocked(view, f"its app runs without the script that makes one: {remedy}")
    if failure is not None:
        why = f"the last try failed: {failure.rstrip('.')}. The script tries again"
        return replace(_blocked(view, why), wake_at=due)
    return _wait(view, due)


_START = "start it, also by kubectl studio start"
_RESTART = {
    "Resize": "restart it, also by kubectl studio restart",
    "Delete": "stop and start it, also by kubectl studio start",
}
_WAY_ON = {
    "Resize": "take Resize out of spec.backup.before",
    "Delete": "set spec.deletionPolicy to Retain, or take Delete out of spec.backup.before",
}


def tell_backup(memory: SpaceStatus, status: SpaceStatus) -> tuple[Note, ...]:
    """The Event about a back-up that was waited for, once."""
    before, after = memory.backup or BackupStatus(), status.backup
    if after is None or after.answers is None or after.answers == before.answers:
        return ()
    return (Note("BackedUp", "BackUp", f"The home folder was copied to {after.location}"),)


def _for(view: SpaceView) -> BackedUpEvent:
    assert view.waiting_for_backup is not None
    return view.waiting_for_backup


def _ask(view: SpaceView) -> Decision:
    place = place_of(view.situation)
    assert place is not None
    assert view.backup is not None
    assert view.backup.requested_at is not None
    message = f"asking for a back-up before {_what(view)}"
    return Decision(
        Health.PROGRESSING,
        Reason.BACKUP_STALE,
        message,
        call=Call(
            "PutObject",
            {
                "Bucket": place.bucket,
                "Key": place.request_key,
                "Body": render_request(view.backup.requested_at),
                "ContentType": "application/json",
            },
        ),
        notes=(Note("BackingUp", "BackUp", sentence(message)),),
    )


def _wait(view: SpaceView, due: datetime) -> Decision:
    situation, backup = view.situation, view.backup
    assert backup is not None
    assert backup.requested_at is not None
    message = f"waiting for a back-up before {_what(view)}; {_last(view)}"
    limit = timedelta(seconds=situation.tuning.backup_deadline_seconds)
    since = max(backup.requested_at, view.memory.running_since or backup.requested_at)
    if situation.now - since < limit:
        return Decision(Health.PROGRESSING, Reason.BACKUP_STALE, message, wake_at=due)
    return replace(
        _blocked(
            view,
            f"none was made since {since:%Y-%m-%d %H:%M} UTC; see its log in the space, "
            "~/.studio-operator/backup.log",
        ),
        wake_at=due,
    )


def _blocked(view: SpaceView, why: str) -> Decision:
    message = (
        f"{_what(view)} waits for a back-up, and {why}. To go on without: {_WAY_ON[_for(view)]}. "
    )
    return stalled(Reason.BACKUP_STALE, f"{sentence(message)}{sentence(_last(view))}.")


def _what(view: SpaceView) -> str:
    if _for(view) == "Delete":
        return f"deleting {view.title} and its volume"
    live, aim = describe_changes(view.held)
    return f"changing {live} to {aim}"


def _last(view: SpaceView) -> str:
    made_at = view.backup.completed_at if view.backup else None
    return f"the last one is of {made_at:%Y-%m-%d %H:%M} UTC" if made_at else "there is none yet"
