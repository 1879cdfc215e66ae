"""The planner of spaces: from what is declared, observed and remembered to the next step.

`KEEPING` and `LETTING_GO` are the whole behaviour, to be read top to bottom: the first rule that
decides wins. Every rule sees the same `SpaceView`, and none acts: at most one AWS call comes out of
a pass, and the next pass sees what became of it. An update is only ever proposed while no app
exists, a deletion only when the resource is deleted under `deletionPolicy: Delete`.
"""

from __future__ import annotations

from dataclasses import replace

from studio_operator.api.common import ConditionType
from studio_operator.api.space_status import EffectiveState, SpaceStatus
from studio_operator.plan.backup_rules import await_backup, provide_script, report_script
from studio_operator.plan.decisions import Decision, Rule, first_decision, temper
from studio_operator.plan.drift import policy_of
from studio_operator.plan.idle_limits import report_idle_time
from studio_operator.plan.keeping import (
    await_moving,
    keep_tags,
    refuse_owned,
    stalled,
    take,
    waiting,
)
from studio_operator.plan.mounting import learn_owner_settings, report_unattached
from studio_operator.plan.observed import STABLE
from studio_operator.plan.ownership import Claim
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remote_access import report_too_small
from studio_operator.plan.situations import SpaceSituation
from studio_operator.plan.space_changes import CHANGING
from studio_operator.plan.space_comparison import describe_changes
from studio_operator.plan.space_creation import CREATING, begin_anew
from studio_operator.plan.space_deletion import LETTING_GO
from studio_operator.plan.space_derivation import derive
from studio_operator.plan.space_start import stall_when_late
from studio_operator.plan.space_status import finish
from studio_operator.plan.space_view import SpaceView, learn_owner, look_at
from studio_operator.plan.types import Health, Look, Plan


def plan_space(situation: SpaceSituation) -> Plan[SpaceStatus]:
    """What to do now for a space, and its complete new status."""
    anew = begin_anew(situation)
    view = derive(anew or situation)
    rules = LETTING_GO if situation.declared.deleting else KEEPING
    decision = first_decision(view, rules)
    decision = temper(decision, view.failure, situation.declared, situation.now)
    plan = finish(view, stall_when_late(view, decision))
    return replace(plan, record_first=plan.call is not None) if anew else plan


# --- whose space it is -------------------------------------------------------------------------


def refuse_owned_by_others(view: SpaceView) -> Decision | None:
    """Ours stays ours, what was let go comes back; the rest is refused without `adopt`."""
    space, claim = view.situation.space, view.claim
    if space is None or claim is None or claim in {Claim.OURS, Claim.FREE_TO_RETAKE}:
        return None
    if view.lost_its_tag or (view.spec.adopt and claim is Claim.UNOWNED):
        return None
    if view.spec.adopt and view.is_released_here:
        return None
    remedy = "Set spec.spaceName to another name."
    if claim is Claim.UNOWNED or view.is_released_here:
        remedy = "Set spec.adopt: true to take it over as it is, or spec.spaceName to another name."
    return refuse_owned(view.hold(space), claim, remedy)


def await_owner_to_adopt(view: SpaceView) -> Decision | None:
    """Only the namespace that has the owner's profile may take over a space of theirs."""
    reference, owner = view.spec.owner_ref, view.situation.owner
    adopts = view.claim in {Claim.UNOWNED, Claim.RELEASED} and not view.lost_its_tag
    if view.situation.space is None or reference is None or not adopts:
        return None
    if owner is not None and owner.problem is None:
        return None
    problem = owner.problem if owner else "it does not exist"
    return waiting(
        Reason.DEPENDENCY_NOT_READY,
        f"UserProfile {reference.name} is not ready: {problem}. "
        f"{view.title} is taken over only for an owner that is this namespace's.",
    )


def refuse_immutable(view: SpaceView) -> Decision | None:
    """A space keeps the owner, sharing and app of its creation; one that differs is not taken."""
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
            return stalled(
                Reason.IMMUTABLE_FIELD,
                f"{name} is {declared}, space {view.name} has {live}, and AWS never changes it. "
                f"Set {name} to {live}, or make a new Space of another name.",
            )
    return None


def take_ownership(view: SpaceView) -> Decision | None:
    """Put our mark on it: adopted, taken back, or stripped of its tag by others."""
    space = view.situation.space
    if space is None or view.claim is Claim.OURS:
        return None
    return look_at(view, Look.SETTINGS) if space.arn is None else take(view.hold(space))


# --- the space itself --------------------------------------------------------------------------


def await_space(view: SpaceView) -> Decision | None:
    """A space that moves is left alone; one that failed needs a person."""
    space = view.situation.space
    if space is None or space.status in STABLE:
        return None
    moving = await_moving(view.hold(space))
    if moving is not None:
        return moving
    if space.failure is None:
        return look_at(view, Look.SETTINGS)
    if space.status == "Failed":
        return stalled(
            Reason.CREATION_FAILED,
            f"AWS could not create {view.title}: {space.failure}. Delete it in AWS, then "
            "delete this resource and apply it again.",
            phase="Failed",
        )
    return stalled(
        Reason.DELETION_FAILED,
        f"someone's deletion of {view.title} failed: {space.failure}. Delete it again in AWS.",
        phase="Failed",
    )


def learn_settings(view: SpaceView) -> Decision | None:
    """Differences can be told only from the settings, which listings lack."""
    return look_at(view, Look.SETTINGS) if view.present is None else None


# --- all is where it should be, or has to wait --------------------------------------------------


def follow_tags(view: SpaceView) -> Decision | None:
    """Tags follow the spec, one request at a time; they never need a stop."""
    space = view.situation.space
    if space is None or view.has_foreign_tags:
        return None
    decision = keep_tags(view.hold(space))
    if decision is not None and space.arn is None:
        return look_at(view, Look.SETTINGS)
    return decision


def report_rejection(view: SpaceView) -> Decision | None:
    """The app runs again, and status says why the change was not made; others go their own way."""
    if view.rejection is None:
        return None
    said = stalled(Reason(view.rejection.reason), view.rejection.message, operation=None)
    return _beside_the_rest(view, said)


def report_refused_settings(view: SpaceView) -> Decision | None:
    """What can't be set as things are, and why; others go their own way."""
    decision = report_too_small(view) or report_unattached(view)
    return None if decision is None else _beside_the_rest(view, decision)


def _beside_the_rest(view: SpaceView, said: Decision) -> Decision:
    """Told along with what waits for a stop, and planned again when a growth is allowed."""
    pending = report_pending_restart(view)
    due = (pending.wake_at if pending else None, view.retry_at_of_growth if view.cooling else None)
    return replace(
        said,
        extra=pending.extra if pending else {},
        wake_at=min((moment for moment in due if moment), default=None),
    )


_NOT_WORTH_IT = "it is not worth a stop"


def report_pending_restart(view: SpaceView) -> Decision | None:
    """Changes that wait until the app is stopped by others, or may be stopped for them."""
    if not view.changes:
        return None
    live, aim = describe_changes(view.changes)
    opens_at = view.resize_opens_at if view.disruptive else None
    why = f"resizePolicy is {view.spec.resize_policy}" if view.disruptive else _NOT_WORTH_IT
    until = f" or, at the latest, for {opens_at:%Y-%m-%d %H:%M} UTC" if opens_at else ""
    message = f"waiting for the app to be stopped{until}: {live} becomes {aim} then ({why})"
    return Decision(
        Health.PROGRESSING,
        Reason.PENDING_RESTART,
        message,
        operation=None,
        wake_at=opens_at,
        extra={ConditionType.PENDING_RESTART: (Reason.PENDING_RESTART, message)},
    )


def report_rollback(view: SpaceView) -> Decision | None:
    """The app runs where it ran before, and status says why not where it was declared to run."""
    taken = view.substitute
    if taken is None or taken.kind != "Rollback":
        return None
    return stalled(
        Reason(taken.reason),
        f"{taken.message.rstrip('.')}. The space is back on {taken.instance_type}, where its app "
        "ran last. Ask for quota, or declare another type; a request to start tries again.",
        operation=None,
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
    if policy_of(view.spec, "storage") != "Enforce":
        return None
    return stalled(
        Reason.VOLUME_CANNOT_SHRINK,
        f"the volume has {space.storage_gib} GiB and never shrinks: "
        f"set spec.storage.sizeGiB ({storage.size_gib}) to {space.storage_gib} or more, or "
        "spec.drift.storage to Report",
        operation=None,
    )


def report_failed_app(view: SpaceView) -> Decision | None:
    """The app ran and then failed by itself: nobody asked for it, so a person should know."""
    app = view.situation.app
    if app is None or app.status != "Failed" or view.effective.by != "Failure":
        return None
    if app.failure is None:
        return look_at(view, Look.APP)
    return stalled(
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
        message = f"{app.app_type} runs on {app.instance_type}{_explain_fallback(view)}"
        return Decision(Health.READY, Reason.RUNNING, message, operation=None)
    if effective.by == "Request" and effective.state == "Stopped":
        return Decision(
            Health.READY,
            Reason.STOPPED,
            f"stopped as a person asked; it stays stopped until {_next_start(effective)}",
            operation=None,
        )
    if effective.by == "OutsideStop":
        return Decision(
            Health.READY,
            Reason.STOPPED_OUTSIDE,
            "stopped by a person, the idle timer or AWS; it stays stopped until "
            f"{_next_start(effective)}",
            operation=None,
        )
    return Decision(Health.READY, Reason.STOPPED, _explain_stop(effective), operation=None)


def _next_start(effective: EffectiveState) -> str:
    starts_at = effective.starts_at
    scheduled = f", the schedule starts it at {starts_at:%Y-%m-%d %H:%M} UTC" if starts_at else ""
    return f"somebody starts it{scheduled}, or spec.state or the instance type changes"


def _explain_fallback(view: SpaceView) -> str:
    taken = view.substitute
    return f", a fallback: {taken.message}" if taken is not None else ""


def _explain_stop(effective: EffectiveState) -> str:
    if effective.by == "MaxRunTime":
        return "stopped after it had run for spec.maxRunTime; start it again to go on"
    if effective.by != "Schedule":
        return "the app is stopped"
    again = (
        f"; it starts at {effective.starts_at:%Y-%m-%d %H:%M} UTC" if effective.starts_at else ""
    )
    return f"stopped by the schedule{again}"


KEEPING: tuple[Rule[SpaceView], ...] = (
    *CREATING,
    learn_owner,
    refuse_owned_by_others,
    await_owner_to_adopt,
    refuse_immutable,
    take_ownership,
    await_space,
    learn_settings,
    learn_owner_settings,
    provide_script,
    *CHANGING,
    follow_tags,
    await_backup,
    report_rejection,
    report_refused_settings,
    report_script,
    report_pending_restart,
    report_rollback,
    report_cooldown,
    report_larger_volume,
    report_idle_time,
    report_failed_app,
    settle,
)
