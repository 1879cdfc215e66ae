"""The planner of spaces: from what is declared, observed and remembered to the next step.

Read the rules top to bottom: the first one that decides wins. Every rule sees the same
`SpaceView`, and none acts: at most one AWS call comes out of a pass, and the next pass sees what
became of it. An update is only ever proposed while no app exists, a deletion only when the resource
is deleted under `deletionPolicy: Delete`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from studio_operator.api.common import OWNER_TAG, ConditionType, Operation
from studio_operator.api.space import SpaceStatus
from studio_operator.plan.decisions import (
    Decision,
    Rule,
    decide_unseen,
    first_decision,
    temper,
)
from studio_operator.plan.observed import STABLE, ObservedSpace
from studio_operator.plan.ownership import Claim, as_tag_list, released_mark, tag_changes
from studio_operator.plan.reasons import Reason
from studio_operator.plan.situations import SpaceSituation
from studio_operator.plan.space_settings import (
    creation_settings,
    describe_changes,
    resource_spec,
    update_members,
    whole_settings,
)
from studio_operator.plan.space_start import explain_start_failure, next_start
from studio_operator.plan.space_status import finish
from studio_operator.plan.space_view import UPDATES_AT_MOST, SpaceView, derive
from studio_operator.plan.types import Call, Health, Look, Note, Plan

# AWS's own name for the one app of a space (Developer Guide, studio-updated-running-stop).
APP_NAME = "default"


def plan_space(situation: SpaceSituation) -> Plan[SpaceStatus]:
    """What to do now for a space, and its complete new status."""
    view = derive(situation)
    rules = LETTING_GO if situation.declared.deleting else KEEPING
    decision = first_decision(view, rules)
    failure = view.failure
    return finish(view, temper(decision, failure, situation.declared, situation.now))


# --- before there is a space -------------------------------------------------------------------


def refuse_rival(view: SpaceView) -> Decision | None:
    """Two resources claim one space: the older keeps it."""
    rival = view.situation.rival
    if rival is None:
        return None
    return _stalled(
        Reason.OWNERSHIP_CONFLICT,
        f"{rival} claims space {view.name} too and is older. Set spec.spaceName to another name.",
    )


def await_domain(view: SpaceView) -> Decision | None:
    """The domain must exist and admit this namespace; for a new space it must be in service."""
    reference, domain = view.spec.domain_ref, view.situation.domain
    namespace = reference.namespace or view.situation.declared.namespace
    named = f"StudioDomain {namespace}/{reference.name}"
    if domain is None:
        return _waiting(f"{named} does not exist: apply it, or correct spec.domainRef.")
    if not domain.admits:
        return _stalled(
            Reason.NAMESPACE_NOT_ALLOWED,
            f"{named} does not admit namespace {view.situation.declared.namespace}: "
            "add it to its spec.allowedNamespaces.",
        )
    if domain.domain_id is None or (domain.problem and view.memory.arn is None):
        return _waiting(f"{named} is not ready: {domain.problem or 'it has no domain id yet'}.")
    return None


def await_sight(view: SpaceView) -> Decision | None:
    """Nothing is decided before AWS has been seen whole."""
    if view.situation.visible:
        return None
    return decide_unseen(view.situation.declared, view.memory)


def refuse_silent_recreation(view: SpaceView) -> Decision | None:
    """A space that was ours and is gone held files: no empty one is put in its place."""
    if view.situation.space is not None or view.memory.arn is None:
        return None
    return _stalled(
        Reason.DELETED_OUTSIDE_OF_GIT,
        f"space {view.name} was deleted in AWS, with its volume. Delete this resource and apply "
        "it again to start with an empty one.",
        phase="Failed",
    )


def await_owner(view: SpaceView) -> Decision | None:
    """AWS creates a space only for an owner that is in service."""
    owner, reference = view.situation.owner, view.spec.owner_ref
    if view.situation.space is not None or reference is None:
        return None
    if owner is None:
        return _waiting(
            f"UserProfile {reference.name} does not exist: apply it, or correct spec.ownerRef."
        )
    if owner.problem or owner.user_profile_name is None:
        return _waiting(f"UserProfile {reference.name} is not ready: {owner.problem}.")
    return None


def refuse_unprepared_domain(view: SpaceView) -> Decision | None:
    """A shared space takes a role, and in a VpcOnly domain security groups, of the domain."""
    domain = view.situation.domain
    if view.situation.space is not None or not view.spec.is_shared or domain is None:
        return None
    if domain.shared_role is None:
        return _stalled(
            Reason.SHARED_SPACES_NOT_ENABLED,
            f"StudioDomain {domain.name} has no role for shared spaces: "
            "set its spec.defaultSpaceSettings.executionRole.",
        )
    if domain.vpc_only and not domain.shared_security_groups:
        return _stalled(
            Reason.VPC_SECURITY_GROUPS_MISSING,
            f"StudioDomain {domain.name} is VpcOnly and has no security groups for shared spaces: "
            "set its spec.defaultSpaceSettings.securityGroups.",
        )
    return None


def refuse_missing_image(view: SpaceView) -> Decision | None:
    """AWS starts no JupyterLab or Code Editor app without an image."""
    wanted, domain = view.wanted, view.situation.domain
    if wanted is None or wanted.image is not None or view.app_is_active:
        return None
    return _stalled(
        Reason.IMAGE_REQUIRED,
        f"no SageMaker Distribution is known for region {domain.region if domain else '?'}: "
        "set spec.image.imageArn.",
    )


def create_space(view: SpaceView) -> Decision | None:
    """Create the space, marked as ours from the first moment."""
    if view.situation.space is not None or view.wanted is None:
        return None
    spec, owner = view.spec, view.situation.owner
    parameters: dict[str, Any] = {
        "DomainId": view.domain_id,
        "SpaceName": view.name,
        "Tags": as_tag_list(_tags(view)),
        "SpaceSettings": creation_settings(spec, view.wanted),
        "SpaceSharingSettings": {"SharingType": spec.sharing or "Private"},
    }
    if owner is not None and owner.user_profile_name is not None:
        parameters["OwnershipSettings"] = {"OwnerUserProfileName": owner.user_profile_name}
    else:
        del parameters["SpaceSharingSettings"]
    if spec.display_name is not None:
        parameters["SpaceDisplayName"] = spec.display_name
    return Decision(
        Health.PROGRESSING,
        Reason.CREATING,
        f"creating space {view.name} in domain {view.domain_id}",
        call=Call("CreateSpace", parameters),
        notes=(Note("Creating", "CreateSpace", f"Creating space {view.name}"),),
    )


# --- whose space it is -------------------------------------------------------------------------


def learn_owner(view: SpaceView) -> Decision | None:
    """Tags say whose it is; nothing is touched before they are known."""
    if view.claim is not None:
        return None
    return Decision(
        Health.PROGRESSING,
        Reason.AWS_NOT_OBSERVED,
        f"looking whose space {view.name} is",
        phase=view.memory.phase,
        looks=frozenset({Look.TAGS}),
    )


def take_ownership(view: SpaceView) -> Decision | None:
    """Ours stays ours; what was let go comes back; the rest is refused without `adopt`."""
    if view.claim is Claim.OURS:
        return None
    space = view.situation.space
    known = view.memory.arn
    lost_its_tag = view.claim is Claim.UNOWNED and known and space and known == space.arn
    may_adopt = view.spec.adopt and view.claim in {Claim.UNOWNED, Claim.RELEASED}
    if not (view.claim is Claim.FREE_TO_RETAKE or lost_its_tag or may_adopt):
        return _stalled(Reason.OWNERSHIP_CONFLICT, _why_not_ours(view))
    if space is None or space.arn is None:
        return _look_at_settings(view)
    mark = {OWNER_TAG: str(view.mark)}
    message = f"taking over space {view.name}: only its ownership tag changes"
    return Decision(
        Health.PROGRESSING,
        Reason.RETAKING,
        message,
        call=Call("AddTags", {"ResourceArn": space.arn, "Tags": as_tag_list(mark)}),
        notes=(Note("TakenOver", "AddTags", f"Took over the existing space {view.name}"),),
    )


def _why_not_ours(view: SpaceView) -> str:
    if view.claim is Claim.FOREIGN:
        tags = view.situation.space.tags if view.situation.space else None
        return (
            f"space {view.name} exists and is owned by {(tags or {}).get(OWNER_TAG)} "
            "(cluster/namespace/name/uid). Set spec.spaceName to another name."
        )
    return (
        f"space {view.name} exists in domain {view.domain_id} and no resource here made it. "
        "Set spec.adopt: true to take it over as it is, or spec.spaceName to another name."
    )


def refuse_immutable(view: SpaceView) -> Decision | None:
    """An adopted space keeps the owner, sharing and app that it was created with."""
    space, owner = view.situation.space, view.situation.owner
    if space is None:
        return None
    pairs = (
        ("spec.app", view.spec.app, space.app_type),
        ("spec.sharing", view.spec.sharing or "Private", space.sharing),
        ("spec.ownerRef", owner.user_profile_name if owner else None, space.owner),
    )
    for name, declared, live in pairs:
        if declared and live and declared.lower() != live.lower():
            return _stalled(
                Reason.IMMUTABLE_FIELD,
                f"{name} is {declared}, space {view.name} has {live}, and AWS never changes it. "
                f"Set {name} to {live}, or make a new Space of another name.",
            )
    return None


# --- the space itself --------------------------------------------------------------------------


def await_space(view: SpaceView) -> Decision | None:
    """A space that moves is left alone; one that failed needs a person."""
    space = view.situation.space
    if space is None or space.status in STABLE:
        return None
    if space.status in {"Failed", "Delete_Failed"} and space.failure is None:
        return _look_at_settings(view)
    if space.status == "Failed":
        return _stalled(
            Reason.CREATION_FAILED,
            f"AWS could not create space {view.name}: {space.failure}. Delete it in AWS, then "
            "delete this resource and apply it again.",
            phase="Failed",
        )
    if space.status == "Delete_Failed":
        return _stalled(
            Reason.DELETION_FAILED,
            f"someone's deletion of space {view.name} failed: {space.failure}. "
            "Delete it again in AWS.",
            phase="Failed",
        )
    if space.status == "Deleting":
        return Decision(
            Health.PROGRESSING,
            Reason.DELETING,
            f"space {view.name} is being deleted in AWS, not by this resource",
            phase="Deleting",
        )
    reason = Reason.CREATING if space.status == "Pending" else Reason.UPDATING
    return Decision(Health.PROGRESSING, reason, f"AWS shows space {view.name} {space.status}")


def learn_settings(view: SpaceView) -> Decision | None:
    """Differences can be told only from the settings, which listings lack."""
    return _look_at_settings(view) if view.present is None else None


def await_stopping(view: SpaceView) -> Decision | None:
    """An app that stops is waited for."""
    app = view.situation.app
    if app is None or app.status != "Deleting":
        return None
    return Decision(Health.PROGRESSING, _stop_reason(view), f"{app.app_type} is being stopped")


def stop_for_spec(view: SpaceView) -> Decision | None:
    """`state: Stopped`, at its trigger."""
    if not view.app_is_active or not view.is_stop_asked:
        return None
    return Decision(
        Health.PROGRESSING,
        Reason.STOPPING,
        "stopping the app: spec.state is Stopped",
        call=_delete_app(view),
        notes=(Note("Stopping", "DeleteApp", "Stopping the app: spec.state is Stopped"),),
        operation=None,
    )


def stop_for_change(view: SpaceView) -> Decision | None:
    """The first step of a resize; whether to restart is recorded before the app is touched."""
    app = view.situation.app
    if app is None or not view.app_is_active or not view.disruptive:
        return None
    if view.spec.resize_policy == "WhenStopped" and not view.is_restarting:
        return None
    operation = _operation(view, step="StoppingApp", restart=True)
    message = f"stopping the app to change {operation.from_} to {operation.to}"
    return Decision(
        Health.PROGRESSING,
        Reason.RESIZING,
        message,
        call=_delete_app(view),
        notes=(Note(operation.type, "DeleteApp", _sentence(message)),),
        operation=operation,
        record_first=True,
    )


def update_space(view: SpaceView) -> Decision | None:
    """All changes in one update, only while no app exists."""
    if view.app_is_active or not view.changes or view.wanted is None or view.present is None:
        return None
    before = view.memory.operation
    operation = _operation(view, step="UpdatingSpace", restart=view.is_restarting)
    same = before is not None and before.to == operation.to
    updates = ((before.updates or 0) if before and same else 0) + 1
    operation = operation.model_copy(update={"updates": updates})
    members = update_members(view.spec, view.wanted, view.present, view.changes)
    message = f"updating space {view.name}: {operation.from_} to {operation.to}"
    return Decision(
        Health.PROGRESSING,
        Reason.RESIZING if operation.restart else Reason.UPDATING,
        message,
        call=Call("UpdateSpace", {"DomainId": view.domain_id, "SpaceName": view.name, **members}),
        notes=(Note(operation.type, "UpdateSpace", _sentence(message)),),
        operation=operation,
        record_first=True,
    )


def repair_space(view: SpaceView) -> Decision | None:
    """AWS asks for another update after one that failed: the settings it has will do."""
    space = view.situation.space
    if view.app_is_active or space is None or space.status != "Update_Failed":
        return None
    if view.wanted is None or view.present is None:
        return None
    operation = _operation(view, step="RepairingSpace", restart=view.is_restarting)
    updates = (view.memory.operation.updates or 0) + 1 if view.memory.operation else 1
    if updates > UPDATES_AT_MOST:
        return _look_at_settings(view) if space.failure is None else _update_failed(view, space)
    settings = whole_settings(view.spec, view.wanted.fall_back(view.present), view.present)
    message = f"updating space {view.name} again: its last update failed"
    return Decision(
        Health.PROGRESSING,
        Reason.UPDATING,
        message,
        call=Call(
            "UpdateSpace",
            {"DomainId": view.domain_id, "SpaceName": view.name, "SpaceSettings": settings},
        ),
        notes=(Note("Repairing", "UpdateSpace", _sentence(message)),),
        operation=operation.model_copy(update={"updates": updates}),
        record_first=True,
    )


def _update_failed(view: SpaceView, space: ObservedSpace) -> Decision:
    return _stalled(
        Reason.UPDATE_FAILED,
        f"AWS could not update space {view.name}: {space.failure or 'it gives no reason'}. "
        "Mend what it says, then update the space in the SageMaker console.",
        phase="Failed",
    )


def start_app(view: SpaceView) -> Decision | None:
    """Start the app on the full resource spec, unless its last start failed a moment ago."""
    if view.app_is_active or not view.wants_running:
        return None
    if view.wanted is None or view.present is None:
        return None
    app, now = view.situation.app, view.situation.now
    if app is not None and app.status == "Failed" and app.failure is None:
        return _look_at_app(view)
    due = next_start(view)
    if due is None or now < due:
        return explain_start_failure(view)
    settings = view.present if view.rejection else view.wanted
    operation = view.memory.operation
    if operation is not None:
        operation = operation.model_copy(update={"step": "StartingApp"})
    return Decision(
        Health.PROGRESSING,
        Reason.RESIZING if view.is_restarting else Reason.STARTING,
        f"starting {view.spec.app} on {settings.instance_type}",
        call=_create_app(view),
        notes=(
            Note("Starting", "CreateApp", f"Starting {view.spec.app} on {settings.instance_type}"),
        ),
        operation=operation,
    )


def await_start(view: SpaceView) -> Decision | None:
    """A start is waited for without a fixed timeout; past the deadline it counts as stalled."""
    app, since = view.situation.app, view.starting_since
    if app is None or app.status != "Pending":
        return None
    message = f"{app.app_type} is starting on {app.instance_type}"
    deadline = (since or view.situation.now) + timedelta(
        seconds=view.situation.tuning.start_deadline_seconds
    )
    if view.situation.now >= deadline:
        return _stalled(Reason.START_DEADLINE_EXCEEDED, f"{message} since {since:%H:%M} UTC")
    reason = Reason.RESIZING if view.is_restarting else Reason.STARTING
    return Decision(Health.PROGRESSING, reason, message, wake_at=deadline)


# --- all is where it should be, or has to wait --------------------------------------------------


def keep_tags(view: SpaceView) -> Decision | None:
    """Tags follow the spec, one request at a time; they never need a stop."""
    space = view.situation.space
    if space is None or space.tags is None:
        return None
    add, remove = tag_changes(_tags(view), space.tags, view.memory.tag_keys or ())
    if not add and not remove:
        return None
    if space.arn is None:
        return _look_at_settings(view)
    call = (
        Call("AddTags", {"ResourceArn": space.arn, "Tags": as_tag_list(add)})
        if add
        else Call("DeleteTags", {"ResourceArn": space.arn, "TagKeys": remove})
    )
    changed = ", ".join(sorted(add) or remove)
    return Decision(
        Health.PROGRESSING,
        Reason.UPDATING,
        f"updating tags: {changed}",
        call=call,
        notes=(Note("TagsUpdated", call.operation, f"Updated tags: {changed}"),),
        operation=None,
    )


def report_rejection(view: SpaceView) -> Decision | None:
    """The app runs again, and status says why the change was not made."""
    if view.rejection is None:
        return None
    return _stalled(Reason(view.rejection.reason), view.rejection.message, operation=None)


def report_pending_restart(view: SpaceView) -> Decision | None:
    """Changes that wait until the app is stopped by others."""
    if not view.changes:
        return None
    live, aim = describe_changes(view.changes)
    why = "resizePolicy is WhenStopped" if view.disruptive else "it is not worth a stop"
    message = f"waiting for the app to be stopped: {live} becomes {aim} then ({why})"
    return Decision(
        Health.PROGRESSING,
        Reason.PENDING_RESTART,
        message,
        operation=None,
        extra={ConditionType.PENDING_RESTART: (Reason.PENDING_RESTART, message)},
    )


def report_cooldown(view: SpaceView) -> Decision | None:
    """The space stays usable on its old size until AWS allows the growth."""
    retry_at = view.retry_at_of_growth
    if view.cooling is None or retry_at is None:
        return None
    return Decision(
        Health.PROGRESSING,
        Reason.STORAGE_COOLDOWN,
        f"the volume stays at {view.cooling.live}: AWS lets it grow once in six hours; "
        f"{view.cooling.wanted} is tried at {retry_at:%Y-%m-%d %H:%M} UTC",
        operation=None,
        wake_at=retry_at,
    )


def report_larger_volume(view: SpaceView) -> Decision | None:
    """A volume never shrinks, so a spec below it can't be carried out."""
    space, storage = view.situation.space, view.spec.storage
    if space is None or storage is None or (space.storage_gib or 0) <= storage.size_gib:
        return None
    return _stalled(
        Reason.VOLUME_CANNOT_SHRINK,
        f"the volume has {space.storage_gib} GiB and never shrinks: "
        f"set spec.storage.sizeGiB ({storage.size_gib}) to {space.storage_gib} or more",
        operation=None,
    )


def report_failed_app(view: SpaceView) -> Decision | None:
    """The app ran and then failed by itself: nobody asked for it, so a person should know."""
    app = view.situation.app
    if app is None or app.status != "Failed" or view.effective.by != "Failure":
        return None
    if app.failure is None:
        return _look_at_app(view)
    return _stalled(
        Reason.APP_FAILED,
        f"{app.app_type} failed after it ran: {app.failure or 'AWS gives no reason'}. "
        "Start it in Studio, or change spec.state or the instance type.",
        phase="Failed",
        operation=None,
    )


def settle(view: SpaceView) -> Decision:
    """AWS shows what the spec declares."""
    app, effective = view.situation.app, view.effective
    if app is not None and app.is_active:
        message = f"{app.app_type} runs on {app.instance_type}"
        extra: dict[ConditionType, tuple[str, str]] = {}
        if effective.by == "OutsideStart":
            told = "state: declared Stopped, live Running; drift.state is Report"
            extra[ConditionType.DRIFTED] = (Reason.STARTED_OUTSIDE, told)
        return Decision(Health.READY, Reason.RUNNING, message, operation=None, extra=extra)
    if effective.by == "OutsideStop":
        return Decision(
            Health.READY,
            Reason.STOPPED_OUTSIDE,
            "stopped by a person, the idle timer or AWS; it stays stopped until spec.state or "
            "the instance type changes",
            operation=None,
        )
    return Decision(Health.READY, Reason.STOPPED, "the app is stopped", operation=None)


# --- letting go ---------------------------------------------------------------------------------


def forget_unreachable(view: SpaceView) -> Decision | None:
    """Nothing in AWS can be this resource's: the domain never was, or is gone, or a rival's."""
    domain = view.situation.domain
    gone = domain is not None and domain.gone
    if view.domain_id and not gone and view.situation.rival is None:
        return None
    return _release("there is no space of this resource in AWS")


def await_sight_to_let_go(view: SpaceView) -> Decision | None:
    """A listing that failed never means gone."""
    if view.situation.visible:
        return None
    return Decision(
        Health.PROGRESSING,
        Reason.AWS_NOT_OBSERVED,
        "waiting to see AWS before letting go of the space",
        phase="Deleting",
    )


def forget_absent(view: SpaceView) -> Decision | None:
    """The space is gone, or never was."""
    return _release("the space is gone") if view.situation.space is None else None


def forget_foreign(view: SpaceView) -> Decision | None:
    """What is not ours, or was let go already, is not touched."""
    if view.claim is Claim.OURS:
        return None
    return _release("the space is kept in AWS")


def orphan(view: SpaceView) -> Decision | None:
    """`Orphan`: take our tag away and touch nothing else."""
    if view.spec.deletion_policy != "Orphan":
        return None
    space = view.situation.space
    if space is None or space.arn is None:
        return _look_at_settings(view)
    return _letting_go(
        Call("DeleteTags", {"ResourceArn": space.arn, "TagKeys": [OWNER_TAG]}),
        "letting go of the space (deletionPolicy Orphan): it goes on as it is",
    )


def stop_to_let_go(view: SpaceView) -> Decision | None:
    """An instance that nobody declares any more must not go on costing money."""
    app = view.situation.app
    if app is None or not app.is_active:
        return None
    stopping = app.status == "Deleting"
    return Decision(
        Health.PROGRESSING,
        Reason.DELETING,
        "stopping the app: the resource is deleted",
        phase="Deleting",
        call=None if stopping else _delete_app(view),
        notes=() if stopping else (Note("Stopping", "DeleteApp", "Stopping the app"),),
        operation=None,
    )


def await_space_to_let_go(view: SpaceView) -> Decision | None:
    """AWS deletes no space that is being created or updated."""
    space = view.situation.space
    if space is None or space.status not in {"Pending", "Updating", "Deleting"}:
        return None
    message = f"AWS shows space {view.name} {space.status}"
    return Decision(Health.PROGRESSING, Reason.DELETING, message, phase="Deleting")


def retain(view: SpaceView) -> Decision | None:
    """`Retain`: mark the space as released, so that the same resource can take it back."""
    if view.spec.deletion_policy == "Delete":
        return None
    space = view.situation.space
    if space is None or space.arn is None:
        return _look_at_settings(view)
    mark = released_mark(view.situation.declared, view.situation.cluster)
    return _letting_go(
        Call(
            "AddTags",
            {"ResourceArn": space.arn, "Tags": as_tag_list({OWNER_TAG: str(mark)})},
        ),
        "keeping the space and its volume (deletionPolicy Retain)",
    )


def delete_space(view: SpaceView) -> Decision:
    """`Delete`: the one place that proposes DeleteSpace."""
    message = f"deleting space {view.name} and its volume (deletionPolicy Delete)"
    return Decision(
        Health.PROGRESSING,
        Reason.DELETING,
        message,
        phase="Deleting",
        call=Call("DeleteSpace", {"DomainId": view.domain_id, "SpaceName": view.name}),
        notes=(Note("Deleting", "DeleteSpace", _sentence(message)),),
        operation=None,
    )


KEEPING: tuple[Rule[SpaceView], ...] = (
    refuse_rival,
    await_domain,
    await_sight,
    refuse_silent_recreation,
    await_owner,
    refuse_unprepared_domain,
    refuse_missing_image,
    create_space,
    learn_owner,
    take_ownership,
    refuse_immutable,
    await_space,
    learn_settings,
    await_stopping,
    stop_for_spec,
    stop_for_change,
    update_space,
    repair_space,
    start_app,
    await_start,
    keep_tags,
    report_rejection,
    report_pending_restart,
    report_cooldown,
    report_larger_volume,
    report_failed_app,
    settle,
)

LETTING_GO: tuple[Rule[SpaceView], ...] = (
    forget_unreachable,
    await_sight_to_let_go,
    forget_absent,
    learn_owner,
    forget_foreign,
    orphan,
    stop_to_let_go,
    await_space_to_let_go,
    retain,
    delete_space,
)


# --- parts of decisions -------------------------------------------------------------------------


def _stalled(reason: Reason, message: str, **parts: Any) -> Decision:
    return Decision(Health.STALLED, reason, message, **parts)


def _waiting(message: str) -> Decision:
    return Decision(Health.PROGRESSING, Reason.DEPENDENCY_NOT_READY, message)


def _release(message: str) -> Decision:
    return Decision(
        Health.PROGRESSING,
        Reason.RELEASED,
        message,
        phase="Deleting",
        finalizer=False,
        operation=None,
    )


def _letting_go(call: Call, message: str) -> Decision:
    return Decision(
        Health.PROGRESSING,
        Reason.RELEASING,
        message,
        phase="Deleting",
        call=call,
        notes=(Note("Releasing", call.operation, _sentence(message)),),
        operation=None,
    )


def _look_at_settings(view: SpaceView) -> Decision:
    return Decision(
        Health.PROGRESSING,
        Reason.AWS_NOT_OBSERVED,
        f"looking at space {view.name}",
        phase=view.memory.phase,
        looks=frozenset({Look.SETTINGS}),
    )


def _look_at_app(view: SpaceView) -> Decision:
    return Decision(
        Health.PROGRESSING,
        Reason.AWS_NOT_OBSERVED,
        f"looking at the app of space {view.name}",
        phase=view.memory.phase,
        looks=frozenset({Look.APP}),
    )


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:]


def _tags(view: SpaceView) -> dict[str, str]:
    return {**(view.spec.tags or {}), OWNER_TAG: str(view.mark)}


def _stop_reason(view: SpaceView) -> Reason:
    return Reason.RESIZING if view.is_restarting else Reason.STOPPING


def _operation(view: SpaceView, *, step: str, restart: bool) -> Operation:
    """The operation on status: a new spec in the middle of one changes its aim, not its start."""
    before = view.memory.operation
    live, aim = describe_changes(view.changes)
    resizes = any(change.field in {"instanceType", "storage.sizeGiB"} for change in view.changes)
    return Operation(
        type="Resize" if resizes else "Update",
        step=step,
        from_=before.from_ if before and before.from_ else live,
        to=aim,
        started_at=before.started_at if before else view.situation.now.replace(microsecond=0),
        restart=restart or None,
    )


def _app_identity(view: SpaceView) -> dict[str, str]:
    app = view.situation.app
    return {
        "DomainId": view.domain_id,
        "SpaceName": view.name,
        "AppType": app.app_type if app else view.spec.app,
        "AppName": app.name if app else APP_NAME,
    }


def _delete_app(view: SpaceView) -> Call:
    return Call("DeleteApp", _app_identity(view))


def _create_app(view: SpaceView) -> Call:
    """On the wanted settings, or on what the space has where a change was refused."""
    assert view.wanted is not None
    assert view.present is not None
    wanted = view.wanted.fall_back(view.present) if view.rejection else view.wanted
    return Call(
        "CreateApp",
        {
            "DomainId": view.domain_id,
            "SpaceName": view.name,
            "AppType": view.spec.app,
            "AppName": APP_NAME,
            "ResourceSpec": resource_spec(wanted, view.present),
        },
    )
