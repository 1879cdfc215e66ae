"""How a decision about a space becomes its complete status, its events and its plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from studio_operator.api.backup import BackupStatus
from studio_operator.api.common import ConditionType, Operation
from studio_operator.api.space_status import (
    EffectiveState,
    HandledRequests,
    SettingsStatus,
    SpaceStatus,
)
from studio_operator.plan.backup_rules import expires_at, tell_backup
from studio_operator.plan.backup_script import is_backup_script
from studio_operator.plan.backups import backup_of, settled
from studio_operator.plan.decisions import KEEP, Decision, as_plan, common_status
from studio_operator.plan.drift import TAGS, digest_tags, next_applied, tell
from studio_operator.plan.keeping import next_tag_keys
from studio_operator.plan.lingering import (
    lingering_condition,
    lingering_status,
    tell_lingering,
)
from studio_operator.plan.observed import ObservedSpace, SpaceSettings
from studio_operator.plan.ownership import Claim, tag_changes
from studio_operator.plan.reasons import Reason
from studio_operator.plan.requests import (
    echo,
    echo_snooze,
    refusal,
    refuse_foreign,
    refuse_snooze,
    tell_overruled,
)
from studio_operator.plan.run_state import DECIDED_BY
from studio_operator.plan.run_time import running_since
from studio_operator.plan.settings_record import record_image, record_settings
from studio_operator.plan.space_comparison import Change
from studio_operator.plan.space_cost import cost_of
from studio_operator.plan.space_settings import managed_fields, still_managed
from studio_operator.plan.space_view import SpaceView
from studio_operator.plan.types import Health, Note, Plan

_APP_PHASES = {"InService": "InService", "Pending": "Starting", "Deleting": "Stopping"}
_SPACE_PHASES = {"Pending": "Pending", "Updating": "Updating", "Deleting": "Deleting"}


def finish(view: SpaceView, decision: Decision) -> Plan[SpaceStatus]:
    """The plan that carries out a decision, with the complete status.

    What a call relies on after a crash (the trigger that was handled, a refusal, the hour of a
    growth) is stored before it; a resource that never had a status has nothing to forget.
    """
    situation, memory = view.situation, view.memory
    operation = memory.operation if decision.operation is KEEP else decision.operation
    decision = replace(decision, extra={**decision.extra, **_further(view)})
    since = running_since(situation) if view.claim is Claim.OURS else None
    status = memory.model_copy(
        update={
            "last_start_at": view.last_start_at,
            **common_status(situation.declared, memory, decision, situation.now),
            **_location(view),
            **(_observed(view) if situation.visible else {}),
            "phase": _phase(view, decision, operation),
            "effective": view.effective if situation.visible else memory.effective,
            "applied": _applied(view) if situation.visible else memory.applied,
            "handled_requests": _handled(view, decision),
            "substitute": view.substitute,
            "last_ran_on": _last_ran_on(view),
            "lingering_resources": lingering_status(view),
            "rejection": view.rejection,
            "backup": _backup(view, operation),
            "storage_grown_at": view.grown_at,
            "storage_retry_at": _retry_at(view),
            "running_since": since if situation.visible else memory.running_since,
            "starting_since": view.starting_since if situation.visible else memory.starting_since,
        }
    )
    plan = as_plan(decision, memory, status)
    return replace(
        plan,
        notes=(
            *_type_warning(view),
            *_refused_requests(view, decision),
            *tell_lingering(memory, status),
            *tell_backup(memory, status),
            *_end_of_operation(view, decision, status),
            *plan.notes,
        ),
        record_first=plan.record_first or (plan.call is not None and _must_record(memory, status)),
        wake_at=_earliest(plan.wake_at, view.clock_changes_at, expires_at(view)),
    )


def _backup(view: SpaceView, operation: Operation | None) -> BackupStatus | None:
    if not view.situation.visible:
        return view.memory.backup
    is_done = view.waiting_for_backup is None and operation is None
    return settled(view.backup) if is_done else view.backup


def _retry_at(view: SpaceView) -> datetime | None:
    retry_at = view.retry_at_of_growth if view.cooling else None
    return retry_at.replace(microsecond=0) if retry_at else None


def _last_ran_on(view: SpaceView) -> str | None:
    app = view.situation.app
    runs = view.claim is Claim.OURS and app is not None and app.status == "InService"
    return app.instance_type if runs and app else view.memory.last_ran_on


def _further(view: SpaceView) -> dict[ConditionType, tuple[str, str]]:
    """Conditions beside the main ones; nothing of a space that is not ours."""
    if view.claim is not Claim.OURS or view.situation.declared.deleting:
        return {}
    return {**_drift(view), **lingering_condition(view)}


def _drift(view: SpaceView) -> dict[ConditionType, tuple[str, str]]:
    """The condition about what others changed."""
    told = view.reported_drift
    if not told:
        return {}
    settings = any(name != "state" for name, _, _ in told)
    reason = Reason.CHANGED_OUTSIDE if settings else Reason.STARTED_OUTSIDE
    return {ConditionType.DRIFTED: (reason, f"{tell(told)} (spec.drift says Report)")}


def _applied(view: SpaceView) -> dict[str, str] | None:
    """What was declared and has been seen in AWS since; nothing of a space that is not ours."""
    before = view.memory.applied or {}
    if view.claim is not Claim.OURS or not view.compared:
        return before or None
    declared = {one.change.field: one.change.wanted for one in view.compared if one.is_declared}
    differing = [one.change for one in view.compared if one.differs]
    tags, managed = view.spec.tags or {}, view.memory.tag_keys or ()
    live = (view.situation.space.tags if view.situation.space else None) or {}
    if tags or managed:
        declared[TAGS] = digest_tags(tags)
        if any(tag_changes(tags, live, managed)):
            differing.append(Change(TAGS, "", "", needs_stop=False))
    return next_applied(before, declared, differing)


def _is_refused(view: SpaceView, decision: Decision) -> bool:
    """Whether the space is another's, so that requests to this resource come to nothing.

    One that only lost its tag, or is being taken over, will be ours in a moment.
    """
    is_not_ours = view.situation.visible and view.claim is not Claim.OURS
    return is_not_ours and decision.reason is Reason.OWNERSHIP_CONFLICT


def _refused_requests(view: SpaceView, decision: Decision) -> tuple[Note, ...]:
    asked, enforced = view.requests.run_state, view.enforced_against_request
    declared, now = view.situation.declared, view.situation.now
    notes = refuse_snooze(declared, view.memory)
    if _is_refused(view, decision):
        return (*refuse_foreign(declared, view.memory), *notes)
    if asked and enforced:
        return (refusal(asked, enforced), *notes)
    return (*tell_overruled(declared, view.requests, now), *notes)


def _handled(view: SpaceView, decision: Decision) -> HandledRequests | None:
    """The requests that are taken up by now.

    A restart is, once the app is being stopped for it or there is none to restart; apply-now is,
    once the waiting changes are under way or none is left. What is asked of a space of others is
    refused, and so not left to be done whenever it should become ours.
    """
    situation, memory = view.situation, view.memory
    refused = _is_refused(view, decision)
    is_new_or_ours = memory.effective is None or view.claim is Claim.OURS
    if not situation.visible or not (is_new_or_ours or refused):
        return echo_snooze(situation.declared, memory.handled_requests)
    operation = memory.operation if decision.operation is KEEP else decision.operation
    restarting = operation is not None and bool(operation.restart)
    return echo(
        situation.declared,
        memory,
        restart=refused or restarting or not view.app_is_active,
        apply_now=refused
        or (operation is not None and operation.step != "StartingApp")
        or (view.present is not None and not view.changes and not view.held),
        # What was asked for before a loss must not answer it; one that is under way is a loss.
        recreate=situation.space is not None and situation.space.status != "Deleting",
    )


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _must_record(memory: SpaceStatus, status: SpaceStatus) -> bool:
    if memory.effective is None:
        return False
    decided = status.effective or memory.effective
    return (
        _decision(memory.effective) != _decision(decided)
        or memory.handled_requests != status.handled_requests
        or memory.rejection != status.rejection
        or memory.storage_grown_at != status.storage_grown_at
        or memory.substitute != status.substitute
        or _asked_at(memory) != _asked_at(status)
    )


def _asked_at(status: SpaceStatus) -> datetime | None:
    return status.backup.requested_at if status.backup else None


def _decision(effective: EffectiveState) -> tuple[object, ...]:
    """What a crash between a decision and its first call must not lose."""
    if effective.by not in DECIDED_BY:
        return (effective.trigger, effective.window, effective.window_since)
    return (effective.trigger, effective.window, effective.window_since, effective.by)


def _location(view: SpaceView) -> dict[str, Any]:
    domain = view.situation.domain
    return {
        "domain_id": (domain.domain_id if domain else None) or view.memory.domain_id,
        "region": (domain.region if domain else None) or view.memory.region,
        "space_name": view.name,
    }


def _observed(view: SpaceView) -> dict[str, Any]:
    """The columns, as AWS shows them; nothing of a space that is not ours."""
    space, app, memory = view.situation.space, view.situation.app, view.memory
    if space is None or view.claim is not Claim.OURS:
        # Nothing is owed for what is gone or others'; of tags that can't be read nothing follows.
        return {} if space is not None and view.claim is None else {"cost": None}
    present = view.present
    running_on = app.instance_type if app and app.is_active else None
    configured = present.instance_type if present else memory.instance_type
    return {
        "arn": space.arn or memory.arn,
        "url": space.url or memory.url,
        "created_at": _listed_age(space) or memory.created_at,
        "owner": space.owner or memory.owner,
        "sharing": space.sharing or memory.sharing,
        "app": space.app_type or memory.app,
        "storage_gib": space.storage_gib or memory.storage_gib,
        "instance_type": running_on or configured,
        "image": record_image(present.image) if present else memory.image,
        "settings": _settings(space, present) or memory.settings,
        "cost": cost_of(
            view.situation.prices,
            (view.situation.domain.region if view.situation.domain else None) or memory.region,
            running_on=running_on,
            storage_gib=space.storage_gib,
        ),
        "execution_role": _execution_role(view) or memory.execution_role,
        "tag_keys": next_tag_keys(view.hold(space)),
        "managed_fields": _managed_fields(view),
    }


def _execution_role(view: SpaceView) -> str | None:
    """All shared spaces of a domain run with one role, private ones with their owner's.

    Source: Developer Guide, page execution-roles-and-spaces.
    """
    domain = view.situation.domain
    return domain.shared_role if view.spec.is_shared and domain else None


def _listed_age(space: ObservedSpace) -> datetime | None:
    """When AWS made the space, once a listing says so; before that it is our own guess."""
    if space.created_at is None or space.modified_at is None:
        return None
    return space.created_at.replace(microsecond=0)


def _settings(space: ObservedSpace, present: SpaceSettings | None) -> SettingsStatus | None:
    if present is None or space.modified_at is None:
        return None
    return record_settings(present, space.modified_at)


def _managed_fields(view: SpaceView) -> tuple[str, ...] | None:
    """Settings we answer for: the declared ones, and removed ones until AWS has cleared them."""
    left = still_managed(view.memory.managed_fields or (), view.present)
    script = view.present.lifecycle_config_arn if view.present else None
    if backup_of(view.spec) is not None and is_backup_script(script):
        left |= {"lifecycleConfigArn"}  # not before: one that others set is theirs
    return tuple(sorted(left | managed_fields(view.spec))) or None


def _phase(view: SpaceView, decision: Decision, operation: Operation | None) -> str | None:
    """One word for people: what AWS shows, or the operation that explains it."""
    situation = view.situation
    if decision.phase is not None or not situation.visible:
        return decision.phase or view.memory.phase or "Pending"
    if situation.declared.deleting:
        return "Deleting"
    stalled = decision.health is Health.STALLED
    space = situation.space
    if space is None or view.claim in {Claim.FOREIGN, Claim.UNOWNED, Claim.RELEASED}:
        return "Failed" if stalled else "Pending"
    if operation is not None and operation.type != "Restart" and space.status != "Deleting":
        return "Resizing" if operation.type == "Resize" else "Updating"
    return _SPACE_PHASES.get(space.status) or _app_phase(view, stalled=stalled)


def _app_phase(view: SpaceView, *, stalled: bool) -> str:
    app = view.situation.app
    if app is not None and app.status in _APP_PHASES:
        return _APP_PHASES[app.status]
    if not view.wants_running:
        return "Stopped"
    return "Failed" if stalled else "Starting"


def _end_of_operation(view: SpaceView, decision: Decision, status: SpaceStatus) -> tuple[Note, ...]:
    """The Event that closes the story of a resize."""
    operation = view.memory.operation
    if operation is None or status.operation is not None or decision.health is not Health.READY:
        return ()
    seconds = (view.situation.now - operation.started_at).total_seconds()
    done = {"Resize": "Resized", "Update": "Updated", "Restart": "Restarted"}[operation.type]
    change = f" from {operation.from_} to {operation.to}" if operation.to else ""
    message = f"{done}{change} in {seconds:.0f} s"
    return (Note(done, operation.type, message),)


def _type_warning(view: SpaceView) -> tuple[Note, ...]:
    """A warning, once a generation, for an instance type that the AWS SDK does not know."""
    situation, wanted = view.situation, view.spec.instance_type
    known = situation.known_instance_types
    if wanted is None or not known or wanted in known:
        return ()
    if view.memory.observed_generation == situation.declared.generation:
        return ()
    near = ", ".join(get_close_matches(wanted, known, n=3))
    hint = f" Did you mean {near}?" if near else ""
    message = f"spec.instanceType {wanted} is not among the types the AWS SDK knows.{hint}"
    return (Note("UnknownInstanceType", "Validate", message, "Warning"),)
