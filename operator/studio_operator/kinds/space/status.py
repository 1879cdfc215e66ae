"""How a decision about a space becomes its complete status, its events and its plan."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from studio_operator.api.common import RECREATE_REQUEST, ConditionType, Operation
from studio_operator.api.running import HandledRequests
from studio_operator.kinds.shared.running.requests import (
    echo,
    echo_snooze,
)
from studio_operator.kinds.shared.tags import next_tag_keys
from studio_operator.kinds.space.api.backup import BackupStatus
from studio_operator.kinds.space.api.status import (
    EffectiveState,
    SettingsStatus,
    SpaceStatus,
)
from studio_operator.kinds.space.checks.instance_types import is_unknown, nearest_known
from studio_operator.kinds.space.checks.policy_stop import grace_since, next_policy_stop
from studio_operator.kinds.space.features.backup.questions import backup_of, settled
from studio_operator.kinds.space.features.backup.script import is_backup_script
from studio_operator.kinds.space.features.backup.wait_rules import expires_at, tell_backup
from studio_operator.kinds.space.features.cost import cost_of
from studio_operator.kinds.space.features.idle_shutdown import idle_condition, keep_idle_condition
from studio_operator.kinds.space.features.lingering.rules import (
    lingering_condition,
    lingering_status,
    next_stop_wait,
    tell_lingering,
)
from studio_operator.kinds.space.in_aws.forms import record_image
from studio_operator.kinds.space.in_aws.observed import ObservedSpace, SpaceSettings
from studio_operator.kinds.space.in_aws.settings import managed_fields, still_managed
from studio_operator.kinds.space.planner_input.comparison import Change
from studio_operator.kinds.space.planner_input.drift import (
    TAGS,
    describe,
    next_applied,
    ways_to_keep,
)
from studio_operator.kinds.space.planner_input.inheritance import FROM_OTHERS, record_origins
from studio_operator.kinds.space.planner_input.settings_record import record_settings
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.kinds.space.unreadable import held_members
from studio_operator.plan.decisions import ADOPT, CREATE, Decision, Keep, as_plan, common_status
from studio_operator.plan.lifecycle import drop_creation
from studio_operator.plan.messages import tell
from studio_operator.plan.ownership import HELD_BY_OTHERS, Claim, tag_changes
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import annotate, another, field, in_kubernetes, set_field
from studio_operator.plan.types import Health, Note, Plan

_APP_PHASES = {"InService": "InService", "Pending": "Starting", "Deleting": "Stopping"}
_DONE = {"Resize": "Resized", "Update": "Updated", "Restart": "Restarted"}
_BESIDE = (
    ConditionType.DRIFTED,
    ConditionType.PENDING_RESTART,
    ConditionType.LINGERING_RESOURCES,
    ConditionType.POLICY_VIOLATION,
)
_SPACE_PHASES = {"Pending": "Pending", "Updating": "Updating", "Deleting": "Deleting"}


def finish(view: SpaceView, decision: Decision) -> Plan[SpaceStatus]:
    """The plan that carries out a decision, with the complete status.

    What a call relies on after a crash (the trigger that was handled, a refusal, the hour of a
    growth) is stored before it; a resource that never had a status has nothing to forget.
    """
    situation, old = view.situation, view.status
    operation = _operation(view, drop_creation(decision, old, view.claim))
    status = old.with_members(
        {
            "last_start_at": view.last_start_at,
            **common_status(situation.declared, old, decision, situation.now, _further(view)),
            "operation": operation,
            **_location(view),
            **(_observed(view) if situation.is_observed else {}),
            "phase": _phase(view, decision, operation),
            "effective": old.effective if view.is_owner_unknown else _effective(view),
            "applied": _applied(view) if situation.is_observed else old.applied,
            "handled_requests": _handled(view, decision, operation),
            "substitute": view.substitute,
            "last_ran_on": _last_ran_on(view),
            "lingering_resources": lingering_status(view),
            "stop_wait": next_stop_wait(view),
            "policy_grace_since": grace_since(view) if situation.policy.judges else None,
            "policy_stops_at": next_policy_stop(view) if situation.policy.judges else None,
            "rejection": view.rejection,
            "backup": _backup(view, operation),
            "storage_grown_at": view.grown_at,
            "storage_retry_at": _retry_at(view),
            "running_since": view.run.since if situation.is_observed else old.running_since,
            "found_running_at": _found_running_at(view),
            "starting_since": view.starting_since if situation.is_observed else old.starting_since,
        }
    )
    if situation.declared.unreadable is not None:
        status = status.with_members(held_members(view))
    notes = (
        *_type_warning(view),
        *_refused_requests(view, decision),
        *tell_lingering(old, status),
        *tell_backup(old, status),
        *_end_of_operation(view, decision, status),
    )
    return as_plan(
        decision,
        old,
        status,
        notes=notes,
        must_record=decision.call is not None and _must_record(view, status),
        due=(view.run.changes_at, expires_at(view), _policy_stop_at(view, status)),
    )


def _policy_stop_at(view: SpaceView, status: SpaceStatus) -> datetime | None:
    """When the tenant has the app stopped, and when the window opens in which it may be before."""
    due = status.policy_stops_at
    if due is None or due <= view.situation.now:
        return None
    opens_at = view.resize_opens_at if view.spec.resize_policy == "Window" else None
    return min(due, opens_at or due)


def _operation(view: SpaceView, decision: Decision) -> Operation | None:
    """The operation from now on; a creation is over for it as soon as AWS shows the space."""
    operation = (
        view.status.operation if isinstance(decision.operation, Keep) else decision.operation
    )
    space, begins = view.situation.space, {CREATE, ADOPT}
    shown = space is not None and space.arn is not None and view.claim is Claim.OURS
    is_over = operation is not None and operation.type in begins and shown
    return None if is_over else operation


def _backup(view: SpaceView, operation: Operation | None) -> BackupStatus | None:
    if not view.situation.is_observed:
        return view.status.backup
    is_done = view.waiting_for_backup is None and operation is None
    return settled(view.backup) if is_done else view.backup


def _found_running_at(view: SpaceView) -> int | None:
    """Only while something differs: what others change after that is drift like any other."""
    differs = view.present is None or any(one.differs for one in view.compared)
    return view.found_running_at if differs or not view.situation.is_observed else None


def _retry_at(view: SpaceView) -> datetime | None:
    retry_at = view.retry_at_of_growth if view.cooling else None
    return retry_at.replace(microsecond=0) if retry_at else None


def _last_ran_on(view: SpaceView) -> str | None:
    app = view.situation.app
    runs = view.claim is Claim.OURS and app is not None and app.status == "InService"
    return app.instance_type if runs and app else view.status.last_ran_on


def _further(view: SpaceView) -> dict[ConditionType, tuple[str, str]]:
    """Conditions beside the main ones; nothing of a space that is not ours."""
    if view.situation.declared.deleting:
        return {}
    if view.claim is not Claim.OURS:
        return _keep_further(view) if view.is_owner_unknown else {}
    if view.situation.declared.unreadable is not None:  # nothing to compare AWS with
        return lingering_condition(view)
    found = (finding.conditions for finding in view.findings)
    standing = {type_: said for one in found for type_, said in one.items()}
    return {**standing, **_drift(view), **lingering_condition(view), **idle_condition(view)}


def _keep_further(view: SpaceView) -> dict[ConditionType, tuple[str, str]]:
    """The conditions beside the main ones as status has them, until AWS has been seen."""
    kept = {type_: view.status.condition(type_) for type_ in _BESIDE}
    standing = {type_: (one.reason, one.message) for type_, one in kept.items() if one is not None}
    return {**standing, **keep_idle_condition(view)}


def _drift(view: SpaceView) -> dict[ConditionType, tuple[str, str]]:
    """The condition about what others changed."""
    told = view.reported_drift
    back = tuple((one.field, one.live, one.wanted) for one in view.corrections)
    if not told:
        return {ConditionType.DRIFTED: (Reason.CHANGED_OUTSIDE, _back(view, back))} if back else {}
    settings = any(name != "state" for name, _, _ in told)
    reason = Reason.CHANGED_OUTSIDE if settings or back else Reason.STARTED_OUTSIDE
    return {ConditionType.DRIFTED: (reason, _drift_message((*back, *told)))}


def _back(view: SpaceView, back: tuple[tuple[str, str, str], ...]) -> str:
    problem = f"changed outside, and {field('drift')} says Enforce: {describe(back)}"
    return tell(problem, *ways_to_keep(view.corrections))


def _drift_message(told: tuple[tuple[str, str, str], ...]) -> str:
    return tell(
        f"changed outside, and {field('drift')} says Report: {describe(told)}",
        in_kubernetes("declare what AWS has"),
        set_field("drift.default", "Enforce", goal="to have it changed back"),
    )


def _applied(view: SpaceView) -> dict[str, str] | None:
    """What was declared and has been seen in AWS since; nothing of a space that is not ours."""
    before = view.status.applied or {change.field: change.wanted for change in view.drifted}
    if view.claim is not Claim.OURS or not view.compared:
        return before or None
    declared = {one.change.field: one.change.wanted for one in view.compared if one.is_declared}
    undecided = _undecided_defaults(view)
    declared |= {name: text for name, text in before.items() if name in undecided}
    differing = [one.change for one in view.compared if one.differs]
    tags, managed = view.spec.tags or {}, view.status.tag_keys or ()
    live = (view.situation.space.tags if view.situation.space else None) or {}
    if tags or managed:
        declared[TAGS] = view.digest_of_tags
        if any(tag_changes(tags, live, managed)):
            differing.append(Change(TAGS, "", "", needs_stop=False))
    return next_applied(before, declared, differing)


def _undecided_defaults(view: SpaceView) -> frozenset[str]:
    """What was given by a default that is not known now; what left the spec is declared no more."""
    given = (view.status.effective.settings if view.status.effective else None) or {}
    undecided = view.wanted.undecided if view.wanted else frozenset()
    return frozenset(
        name for name in undecided if name in given and given[name].from_ in FROM_OTHERS
    )


_RECREATE = annotate(RECREATE_REQUEST, "to have a new space with an empty volume")
# Where no space in AWS is this resource's.
_NOTHING_TO_ASK = frozenset({Reason.OWNERSHIP_CONFLICT, Reason.DELETED_OUTSIDE_OF_GIT})


def _is_refused(view: SpaceView, decision: Decision) -> bool:
    """Whether the space is another's or gone, so that requests to this resource come to nothing.

    One that only lost its tag, or is being taken over, will be ours in a moment.
    """
    is_not_ours = view.situation.is_observed and view.claim is not Claim.OURS
    return is_not_ours and decision.reason in _NOTHING_TO_ASK


def _refused_requests(view: SpaceView, decision: Decision) -> tuple[Note, ...]:
    is_gone = decision.reason is Reason.DELETED_OUTSIDE_OF_GIT
    return view.run.refused_requests(
        is_observed=view.situation.is_observed,
        is_foreign=_is_refused(view, decision),
        recreate=_RECREATE if is_gone else None,
    )


def _handled(
    view: SpaceView, decision: Decision, operation: Operation | None
) -> HandledRequests | None:
    """The requests that are taken up by now.

    A restart is, once the app is being stopped for it or there is none to restart; apply-now is,
    once the waiting changes are under way or none is left. What is asked of a space of others is
    refused, and so not left to be done whenever it should become ours.
    """
    situation, status = view.situation, view.status
    unreadable = situation.declared.unreadable is not None
    refused = _is_refused(view, decision) or unreadable
    is_new_or_ours = status.effective is None or view.claim is Claim.OURS
    if not situation.is_observed or not (is_new_or_ours or refused):
        return echo_snooze(view.run.situation, status.handled_requests)
    restarting = operation is not None and bool(operation.restart)
    return echo(
        view.run.situation,
        restart=refused or restarting or not view.app_is_active,
        apply_now=refused
        or (operation is not None and operation.step not in {None, "StartingApp"})
        or (view.present is not None and not view.changes and not view.held),
        # What was asked for before a loss must not answer it; one that is under way is a loss.
        recreate=unreadable
        or (situation.space is not None and situation.space.status != "Deleting"),
    )


def _must_record(view: SpaceView, status: SpaceStatus) -> bool:
    old = view.status
    if old.effective is None:
        return False
    decides = not view.is_owner_unknown and view.run.is_decided_anew
    return (
        decides
        or old.handled_requests != status.handled_requests
        or old.rejection != status.rejection
        or old.storage_grown_at != status.storage_grown_at
        or old.substitute != status.substitute
        or _asked_at(old) != _asked_at(status)
    )


def _asked_at(status: SpaceStatus) -> datetime | None:
    return status.backup.requested_at if status.backup else None


def _location(view: SpaceView) -> dict[str, Any]:
    domain = view.situation.domain
    told = domain if domain and (domain.admits or view.claim is Claim.OURS) else None
    return {
        "domain_id": (told.domain_id if told else None) or view.status.domain_id,
        "region": (told.region if told else None) or view.status.region,
        "space_name": view.name,
    }


def _observed(view: SpaceView) -> dict[str, Any]:
    """The columns, as AWS shows them; nothing of a space that is not ours."""
    space, app, status = view.situation.space, view.situation.app, view.status
    if space is None or view.claim is not Claim.OURS:
        # Nothing is owed for what is gone or others'; of tags that can't be read nothing follows.
        return {} if space is not None and view.claim is None else {"cost": None}
    present = view.present
    running_on = app.instance_type if app and app.is_active else None
    configured = present.instance_type if present else status.instance_type
    return {
        "arn": space.arn or status.arn,
        "url": space.url or status.url,
        "created_at": _listed_age(space) or status.created_at,
        "owner": space.owner or status.owner,
        "sharing": space.sharing or status.sharing,
        "app": space.app_type or status.app,
        "storage_gib": space.storage_gib or status.storage_gib,
        "instance_type": running_on or configured,
        "image": record_image(present.image) if present else status.image,
        "settings": _settings(space, present) or status.settings,
        "cost": cost_of(
            view.situation.prices,
            (view.situation.domain.region if view.situation.domain else None) or status.region,
            running_on=running_on,
            storage_gib=space.storage_gib,
        ),
        "execution_role": _execution_role(view) or status.execution_role,
        "tag_keys": next_tag_keys(view.holding) if view.holding else None,
        "managed_fields": _managed_fields(view),
    }


def _effective(view: SpaceView) -> EffectiveState:
    """What holds now; where settings come from stays as it was while nobody can tell."""
    settings = view.status.effective.settings if view.status.effective else None
    if view.claim is Claim.OURS and view.present is not None and view.wanted is not None:
        settings = record_origins(view.wanted.resolved, settings)
    return view.run.effective.with_members({"settings": settings})


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
    left = still_managed(view.status.managed_fields or (), view.present)
    script = view.present.lifecycle_config_arn if view.present else None
    if backup_of(view.spec) is not None and is_backup_script(script):
        left |= {"lifecycleConfigArn"}  # not before: one that others set is theirs
    return tuple(sorted(left | managed_fields(view.spec))) or None


def _phase(view: SpaceView, decision: Decision, operation: Operation | None) -> str | None:
    """One word for people: what AWS shows, or the operation that explains it."""
    situation = view.situation
    if decision.phase is not None or not situation.is_observed:
        return decision.phase or view.status.phase or "Pending"
    if situation.declared.deleting:
        return "Deleting"
    stalled = decision.health is Health.STALLED
    space = situation.space
    if space is None or view.claim in (*HELD_BY_OTHERS, Claim.UNOWNED):
        return "Failed" if stalled else "Pending"
    changes = operation is not None and operation.type in {"Resize", "Update"}
    if operation is not None and changes and not stalled and space.status != "Deleting":
        return "Resizing" if operation.type == "Resize" else "Updating"
    return _SPACE_PHASES.get(space.status) or _app_phase(view, decision)


def _app_phase(view: SpaceView, decision: Decision) -> str:
    """What is seen of the app; a start that something else holds back has not begun."""
    app = view.situation.app
    if app is not None and app.status in _APP_PHASES:
        return _APP_PHASES[app.status]
    if not view.wants_running or decision.reason is Reason.DEPENDENCY_NOT_READY:
        return "Stopped"
    return "Failed" if decision.health is Health.STALLED else "Starting"


def _end_of_operation(view: SpaceView, decision: Decision, status: SpaceStatus) -> tuple[Note, ...]:
    """The Event that closes the story of a resize."""
    operation = view.status.operation
    if operation is None or status.operation is not None or decision.health is not Health.READY:
        return ()
    seconds = (view.situation.now - operation.started_at).total_seconds()
    done = _DONE.get(operation.type)
    if done is None:
        return ()
    change = f" from {operation.from_} to {operation.to}" if operation.to else ""
    return (Note(done, operation.type, f"{done}{change} in {seconds:.0f} s"),)


def _type_warning(view: SpaceView) -> tuple[Note, ...]:
    """A warning, once a generation, for instance types that the AWS SDK does not know."""
    situation, spec = view.situation, view.spec
    if view.status.observed_generation == situation.declared.generation:
        return ()
    named = [("instanceType", spec.instance_type)] if spec.instance_type else []
    named += [("fallbackInstanceTypes", one) for one in spec.fallback_instance_types or ()]
    return tuple(
        Note("UnknownInstanceType", "Validate", _unknown_type(view, path, one), "Warning")
        for path, one in named
        if is_unknown(situation, one)
    )


def _unknown_type(view: SpaceView, path: str, instance_type: str) -> str:
    near = nearest_known(view.situation, instance_type)
    if path == "instanceType":
        remedy = set_field(path, near) if near else another(path, "another type")
    else:
        remedy = another(path, f"known types, such as {near}" if near else "known types")
    return tell(f"the AWS SDK does not know {instance_type} in {field(path)}", remedy)
