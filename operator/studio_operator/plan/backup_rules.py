"""The rules about back-ups: the script comes, a resize or deletion waits, people are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from studio_operator.api.backup import BackedUpEvent, BackupStatus
from studio_operator.api.space_status import SpaceStatus
from studio_operator.plan.backup_script import (
    REQUEST_UNREADABLE,
    backup_content,
    backup_name,
    is_same_place,
    render_request,
)
from studio_operator.plan.backups import backup_of, place_of, provided_script, script_arn
from studio_operator.plan.decisions import Decision, applies, decide_failure
from studio_operator.plan.keeping import stalled, waiting
from studio_operator.plan.reasons import Reason
from studio_operator.plan.run_state import is_refused, standing_of
from studio_operator.plan.space_comparison import describe_changes
from studio_operator.plan.space_view import SpaceView, look_at, sentence
from studio_operator.plan.types import Call, Health, Look, Note

_OF_SCRIPT = frozenset({"DescribeStudioLifecycleConfig", "CreateStudioLifecycleConfig"})
_OF_BACKUP = frozenset({"GetObject"})
# After so many times the usual pause is looked again at what AWS called invalid: a bucket may be
# made meanwhile.
_RARELY = 10


# --- the script ---------------------------------------------------------------------------------


def provide_script(view: SpaceView) -> Decision | None:
    """The lifecycle configuration is there before a space names it.

    Where AWS refuses that, all goes on without it, and `report_script` tells.
    """
    spec, arn = view.spec, script_arn(view.situation)
    backup = backup_of(spec)
    if backup is None or arn is None or provided_script(view.situation) is not None:
        return None
    if _held_up(view, _OF_SCRIPT) is not None:
        return None
    if view.situation.backup.has_script is None:
        return look_at(view, Look.SCRIPT)
    name = backup_name(spec.app, backup.s3_uri)
    return Decision(
        Health.PROGRESSING,
        Reason.UPDATING if view.situation.space else Reason.CREATING,
        f"making lifecycle configuration {name}, which makes back-ups from inside",
        call=Call(
            "CreateStudioLifecycleConfig",
            {
                "StudioLifecycleConfigName": name,
                "StudioLifecycleConfigContent": backup_content(spec.app, backup.s3_uri),
                "StudioLifecycleConfigAppType": spec.app,
            },
        ),
    )


def provide_script_first(view: SpaceView) -> Decision | None:
    """No space is made without the script: it would run without back-ups."""
    if view.situation.space is not None or backup_of(view.spec) is None:
        return None
    if script_arn(view.situation) is None:
        return waiting(
            Reason.DEPENDENCY_NOT_READY,
            f"StudioDomain {view.spec.domain_ref.name} is not ready: its ARN is not known yet.",
        )
    return provide_script(view) or _held_up(view, _OF_SCRIPT)


def report_script(view: SpaceView) -> Decision | None:
    """AWS refuses the script: back-ups can't be made before that is mended."""
    live = view.present.lifecycle_config_arn if view.present else None
    if is_same_place(live, script_arn(view.situation)):
        return None  # an older version makes them
    problem = _held_up(view, _OF_SCRIPT)
    return replace(problem, operation=None) if problem else None


def lacks_script(view: SpaceView) -> bool:
    """Whether the app runs without the script that makes back-ups in the declared place.

    What the app was started with counts; where AWS does not say it, what the space has.
    """
    wanted, app = script_arn(view.situation), view.situation.app
    own = view.present.lifecycle_config_arn if view.present else None
    runs_with = (app.lifecycle_config_arn if app else None) or own
    if wanted is None or is_same_place(runs_with, wanted):
        return False
    return not _was_started_for_it(view)


def _was_started_for_it(view: SpaceView) -> bool:
    """A space that is deleted is not updated any more: only its app is given the script then."""
    asked, started = view.backup.requested_at if view.backup else None, view.last_start_at
    if not view.situation.declared.deleting or view.rejection is not None:
        return False
    return asked is not None and started is not None and started >= asked


def _held_up(view: SpaceView, operations: frozenset[str]) -> Decision | None:
    """Why none of these is asked of AWS just now, in its words; None when nothing failed."""
    failure, situation = view.failure, view.situation
    if failure is None or failure.operation not in operations:
        return None
    if not applies(failure, situation.declared):
        return None
    rarely = _RARELY * timedelta(seconds=situation.tuning.backup_look_seconds)
    again = replace(failure, retry_at=failure.retry_at or failure.at + rarely)
    return decide_failure(again, situation.declared, situation.now)


# --- the wait -----------------------------------------------------------------------------------


def await_backup(view: SpaceView) -> Decision | None:
    """Nothing that a back-up has to come before is done before there is one.

    That is no operation yet: nothing was stopped for it, so no start is owed.
    """
    if not view.lacks_backup or view.backup is None:
        return None
    situation, seen = view.situation, view.situation.backup
    problem = _held_up(view, _OF_BACKUP)
    if problem is not None:
        return _unseen(view, problem)
    every = timedelta(seconds=situation.tuning.backup_look_seconds)
    if seen.looked_at is None or situation.now - seen.looked_at >= every:
        return look_at(view, Look.BACKUP)
    if seen.requested_at != view.backup.requested_at:
        return _ask(view)
    return _explain_wait(view, due=seen.looked_at + every)


def _explain_wait(view: SpaceView, due: datetime) -> Decision:
    """Why there is no back-up yet; `due`: when S3 is looked at again."""
    app, seen = view.situation.app, view.situation.backup
    if app is None or app.status != "InService":
        return _blocked(view, f"its app does not run: {_start(view)}")
    if lacks_script(view):
        problem = _held_up(view, _OF_SCRIPT)
        remedy = problem.message.rstrip(".") if problem else _RESTART[_for(view)]
        why = f"its app runs without the script that makes one: {remedy}"
        return _blocked(view, why)
    if seen.failure is not None and _stands_in_the_way(view, seen.failure):
        said = seen.failure.rstrip(".") or "it gives no reason"
        why = f"the last try failed: {said}. The script tries again"
        return replace(_blocked(view, why), wake_at=due)
    return _wait(view, due)


def _stands_in_the_way(view: SpaceView, failure: str) -> bool:
    """Whether a failure is of the try that is waited for; no try hears a request it can't read."""
    asked = view.backup.requested_at if view.backup else None
    return view.situation.backup.failed_for == asked or failure.startswith(REQUEST_UNREADABLE)


_RESTART = {
    "Resize": "restart it, also by kubectl studio restart",
    "Delete": "stop and start it, also by kubectl studio start",
}
_ENFORCED = {
    "Spec": "set spec.state to Running",
    "Schedule": "let its schedule open, or snooze it",
}
_WAY_ON = {
    "Resize": "take Resize out of spec.backup.before",
    "Delete": "set spec.deletionPolicy to Retain, or take Delete out of spec.backup.before",
}


def _start(view: SpaceView) -> str:
    """How the app gets to run; where its stop is enforced, a request to start is refused."""
    spec, standing = view.spec, standing_of(view.spec, view.timetable)
    if standing is not None and is_refused("Running", spec, standing):
        return f"{_ENFORCED[standing.by]} (spec.drift.state is Enforce), since one is made inside"
    return "start it, also by kubectl studio start, since one is made from inside"


def expires_at(view: SpaceView) -> datetime | None:
    """When a back-up no longer counts for a change that still waits for something else."""
    made_at = view.backup.completed_at if view.backup else None
    if view.waiting_for_backup is None or view.lacks_backup or made_at is None:
        return None
    return made_at + timedelta(seconds=view.situation.tuning.backup_valid_seconds)


def tell_backup(memory: SpaceStatus, status: SpaceStatus) -> tuple[Note, ...]:
    """The Event about a back-up that was waited for, once."""
    before, after = memory.backup or BackupStatus(), status.backup
    if after is None or after.answers is None or after.answers == before.answers:
        return ()
    if after.answers not in {before.requested_at, after.requested_at}:
        return ()  # made for another, such as an earlier space of that name
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
        operation=None,
    )


def _wait(view: SpaceView, due: datetime) -> Decision:
    situation, backup, failure = view.situation, view.backup, view.situation.backup.failure
    assert backup is not None
    assert backup.requested_at is not None
    message = f"waiting for a back-up before {_what(view)}; {_last(view)}"
    if failure is not None:
        message += f"; an earlier try failed: {failure}"
    limit = timedelta(seconds=situation.tuning.backup_deadline_seconds)
    since = max(backup.requested_at, view.memory.running_since or backup.requested_at)
    if situation.now - since < limit:
        return Decision(
            Health.PROGRESSING, Reason.BACKUP_STALE, message, wake_at=due, operation=None
        )
    return replace(
        _blocked(
            view,
            f"none was made since {since:%Y-%m-%d %H:%M} UTC; see its log in the space, "
            "~/.studio-operator/backup.log",
        ),
        wake_at=due,
    )


def _blocked(view: SpaceView, why: str) -> Decision:
    message = f"{_what(view)} waits for a back-up, and {why}. {_go_on(view)}"
    said = f"{sentence(message)} {sentence(_last(view))}."
    return stalled(Reason.BACKUP_STALE, said, operation=None)


def _unseen(view: SpaceView, problem: Decision) -> Decision:
    """What AWS says instead of what is in S3."""
    what = f"{sentence(_what(view))} waits for a back-up, which can't be looked at"
    return replace(problem, message=f"{what}: {problem.message} {_go_on(view)}", operation=None)


def _go_on(view: SpaceView) -> str:
    return f"To go on without: {_WAY_ON[_for(view)]}."


def _what(view: SpaceView) -> str:
    if _for(view) == "Delete":
        return f"deleting {view.title} and its volume"
    live, aim = describe_changes(view.held)
    return f"changing {live} to {aim}"


def _last(view: SpaceView) -> str:
    made_at = view.backup.completed_at if view.backup else None
    return f"the last one is of {made_at:%Y-%m-%d %H:%M} UTC" if made_at else "there is none yet"
