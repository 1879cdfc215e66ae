"""The rules about the wait for a back-up: a resize or deletion waits, people are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from studio_operator.kinds.shared.ownership import look_at
from studio_operator.kinds.shared.running.rules import is_refused, standing_of
from studio_operator.kinds.space.api.backup import BackedUpEvent, BackupStatus
from studio_operator.kinds.space.api.status import SpaceStatus
from studio_operator.kinds.space.features.backup.limits import refuse_place, refuse_script
from studio_operator.kinds.space.features.backup.questions import backup_events, place_of
from studio_operator.kinds.space.features.backup.script import (
    REQUEST_UNREADABLE,
    owner_condition,
    render_request,
)
from studio_operator.kinds.space.features.backup.script_rules import (
    held_up,
    lacks_script,
    script_held_up,
)
from studio_operator.kinds.space.features.backup.tuning import BackupTuning
from studio_operator.kinds.space.planner_input.comparison import describe_changes
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.plan.decisions import Decision
from studio_operator.plan.lifecycle import stalled
from studio_operator.plan.messages import at, remedies_of, sentence, tell
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import Remedy, command, in_aws, leave_out, set_field
from studio_operator.plan.types import Call, Health, Look, Note

_OF_BACKUP = frozenset({"GetObject"})


def await_backup(view: SpaceView) -> Decision | None:
    """Nothing that a back-up has to come before is done before there is one.

    That is no operation yet: nothing was stopped for it, so no start is owed.
    """
    if not view.lacks_backup or view.backup is None:
        return None
    if (refused := await_place(view)) is not None:
        return refused
    situation, observed = view.situation, view.situation.backup
    problem = _backup_held_up(view)
    if problem is not None:
        return _unobserved(view, problem)
    every = timedelta(seconds=situation.tuning.of(BackupTuning).look_seconds)
    if observed.looked_at is None or situation.now - observed.looked_at >= every:
        return _look_at_backup(view)
    if observed.requested_at != view.backup.requested_at:
        return _ask(view)
    return _explain_wait(view, due=observed.looked_at + every)


def await_place(view: SpaceView) -> Decision | None:
    """The back-up may not go where the spec says: what waits for it goes on waiting."""
    refusal = refuse_place(view)
    if refusal is None:
        return None
    why = _OF_TENANTS.get(refusal.reason, "this operator lets none go to its place")
    if _for(view) == "Delete" and refusal.reason in _OF_TENANTS:
        return _blocked(view, why, leave_out("backup", goal="to delete without one"))
    elsewhere, *_ = remedies_of(refusal.message)
    return _blocked(view, why, elsewhere)


_OF_TENANTS = {
    Reason.POLICY_VIOLATION: "its tenant does not allow its place",
    Reason.TENANT_CONFLICT: "several tenants claim its namespace",
    Reason.TENANT_REQUIRED: "its namespace has no tenant",
}


def confirm_backup(view: SpaceView) -> Decision | None:
    """A back-up that only status tells of is looked for, before what waited for it is done."""
    is_told = view.waiting_for_backup is not None and not view.lacks_backup
    if not is_told or view.situation.backup.looked_at is not None:
        return None
    if (refused := await_place(view)) is not None:
        return refused
    problem = _backup_held_up(view)
    return _unobserved(view, problem) if problem else _look_at_backup(view)


def _backup_held_up(view: SpaceView) -> Decision | None:
    """Why S3 is not looked at just now; what it refuses as wrong is the place."""
    return held_up(view, _OF_BACKUP, "backup.s3Uri")


def _look_at_backup(view: SpaceView) -> Decision:
    return look_at(view, Look("backup", place_of(view.situation), may_fail=True))


def _explain_wait(view: SpaceView, due: datetime) -> Decision:
    """Why there is no back-up yet; `due`: when S3 is looked at again."""
    app, observed = view.situation.app, view.situation.backup
    if lacks_script(view) and (refusal := refuse_script(view)) is not None:
        return _without_leave(view, refusal)
    if app is None or app.status != "InService":
        return _blocked(view, "its app does not run", _start(view))
    if lacks_script(view):
        return _without_script(view)
    if observed.failure is not None and _stands_in_the_way(view, observed.failure):
        said = observed.failure or "no reason"
        return replace(_blocked(view, "the last try failed", aws=said), wake_at=due)
    return _wait(view, due)


def _without_leave(view: SpaceView, refusal: Decision) -> Decision:
    """No start helps: the script is refused."""
    is_foreign = view.situation.script.is_foreign
    why = "others hold its script's name" if is_foreign else "no script may be made for its place"
    first, *_ = remedies_of(refusal.message)
    return replace(_blocked(view, why, first), wake_at=refusal.wake_at)


def _without_script(view: SpaceView) -> Decision:
    """The app has to start once more, with the script; what AWS says where it refuses that one."""
    why = "its app runs without the script that makes one"
    problem = script_held_up(view)
    if problem is None:
        return _blocked(view, why, _restart(view))
    said = view.failure.message if view.failure else ""
    return _blocked(view, why, *remedies_of(problem.message), aws=said)


def _stands_in_the_way(view: SpaceView, failure: str) -> bool:
    """Whether a failure is of the try that is waited for; no try hears a request it can't read."""
    asked = view.backup.requested_at if view.backup else None
    return view.situation.backup.failed_for == asked or failure.startswith(REQUEST_UNREADABLE)


def _restart(view: SpaceView) -> Remedy:
    name = view.situation.declared.name
    restart = command(f"restart it with kubectl studio restart {name}")
    stop = command(f"stop it and start it with kubectl studio start {name}")
    return restart if _for(view) == "Resize" else stop


def _start(view: SpaceView) -> Remedy:
    """How the app gets to run; where its stop is enforced, a request to start is refused."""
    run = view.run.situation
    standing = standing_of(run, view.run.timetable)
    name = view.situation.declared.name
    if standing is None or not is_refused("Running", run, standing):
        return command(f"start it with kubectl studio start {name}")
    if standing.by == "Spec":
        return set_field("state", "Running")
    return command(f"let it run with kubectl studio snooze {name}")


def _go_on(view: SpaceView) -> Remedy:
    """How to go on without a back-up; a list of events can't be empty."""
    if _for(view) == "Delete":
        return set_field("deletionPolicy", "Retain", goal="to keep the space")
    left = [event for event in backup_events(view.spec) if event != _for(view)]
    if not left:
        return leave_out("backup", goal="to go on without one")
    words = f"[{', '.join(left)}]"
    return set_field("backup.before", left, words=words, goal="to go on without one")


def expires_at(view: SpaceView) -> datetime | None:
    """When a back-up no longer counts for a change that still waits for something else."""
    made_at = view.backup.completed_at if view.backup else None
    if view.waiting_for_backup is None or view.lacks_backup or made_at is None:
        return None
    return made_at + timedelta(seconds=view.situation.tuning.of(BackupTuning).valid_seconds)


def tell_backup(old: SpaceStatus, status: SpaceStatus) -> tuple[Note, ...]:
    """The Event about a back-up that was waited for, once."""
    before, after = old.backup or BackupStatus(), status.backup
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
                **owner_condition(place),
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
    last = f"waiting for a back-up before {_what(view)}; {_last(view)}"
    message = tell(f"{last}; an earlier try failed" if failure else last, aws=failure)
    limit = timedelta(seconds=situation.tuning.of(BackupTuning).deadline_seconds)
    since = max(backup.requested_at, view.status.running_since or backup.requested_at)
    if situation.now - since < limit:
        return Decision(
            Health.PROGRESSING, Reason.BACKUP_STALE, message, wake_at=due, operation=None
        )
    return replace(
        _blocked(
            view,
            f"none was made since {at(since)}",
            in_aws("see its log in the space, ~/.studio-operator/backup.log"),
        ),
        wake_at=due,
    )


def _blocked(view: SpaceView, why: str, *remedies: Remedy, aws: str = "") -> Decision:
    problem = f"{sentence(_what(view))} waits for a back-up, and {why}; {_last(view)}"
    return stalled(Reason.BACKUP_STALE, problem, *remedies, _go_on(view), aws=aws, operation=None)


def _unobserved(view: SpaceView, problem: Decision) -> Decision:
    """What AWS says instead of what is in S3."""
    failed, said = (view.failure.operation, view.failure.message) if view.failure else ("", "")
    what = f"{sentence(_what(view))} waits for a back-up, which can't be looked at: {failed} failed"
    message = tell(what, *remedies_of(problem.message), _go_on(view), aws=said)
    return replace(problem, message=message, operation=None)


def _what(view: SpaceView) -> str:
    if _for(view) == "Delete":
        return f"deleting {view.title} and its volume"
    live, aim = describe_changes(view.held or view.changes)
    return f"changing {live} to {aim}"


def _last(view: SpaceView) -> str:
    made_at = view.backup.completed_at if view.backup else None
    return f"the last one is of {at(made_at)}" if made_at else "there is none yet"
