"""The planner of spaces: from what is declared, observed and remembered to the next step.

`RULES` and `DELETION_RULES` are the whole behaviour (`UNREADABLE_RULES` where a spec can't be
read), to be read top to bottom: the first rule that decides wins. Every rule sees the same
`SpaceView`, and none acts: at most one AWS call comes out of a pass, and the next pass sees what
became of it. An update is only ever proposed while no app exists, a deletion only when the resource
is deleted under `deletionPolicy: Delete`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from studio_operator.api.common import ConditionType
from studio_operator.kinds.shared.admission import refuse_stranger
from studio_operator.kinds.shared.existing import await_or_report
from studio_operator.kinds.shared.ownership import (
    learn_owner,
    look_at,
    refuse_adoption,
    refuse_unless_adopted,
    take_ownership,
    tell_loss,
)
from studio_operator.kinds.space.api.status import SpaceStatus
from studio_operator.kinds.space.at_rest import report_failed_app, settle
from studio_operator.kinds.space.changes import CHANGING
from studio_operator.kinds.space.checks.stop_checks import report_findings
from studio_operator.kinds.space.creation import CREATION_RULES, begin_anew
from studio_operator.kinds.space.deletion import DELETION_RULES
from studio_operator.kinds.space.features.backup.script_rules import (
    confirm_script,
    provide_script,
    report_script,
)
from studio_operator.kinds.space.features.backup.wait_rules import await_backup, confirm_backup
from studio_operator.kinds.space.features.idle_shutdown import learn_idle_switch
from studio_operator.kinds.space.ownership import await_owner_to_adopt, refuse_immutable
from studio_operator.kinds.space.planner_input.comparison import STORAGE, describe_changes
from studio_operator.kinds.space.planner_input.derivation import derive
from studio_operator.kinds.space.planner_input.drift import because_of, policy_of, ways_to_keep
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.kinds.space.start import stall_when_late
from studio_operator.kinds.space.status import finish
from studio_operator.kinds.space.tags import follow_tags
from studio_operator.kinds.space.unreadable import UNREADABLE_RULES
from studio_operator.plan.decisions import Decision, Rule, apply_failure, first_decision
from studio_operator.plan.lifecycle import (
    stalled,
)
from studio_operator.plan.messages import at, recall, tell
from studio_operator.plan.reasons import Reason, reason_told
from studio_operator.plan.remedies import (
    TRY_AGAIN,
    Steps,
    another,
    apply_anew,
    command,
    field,
    in_aws,
    set_field,
    wait,
)
from studio_operator.plan.types import Health, Look, Plan


def plan_space(situation: SpaceSituation) -> Plan[SpaceStatus]:
    """What to do now for a space, and its complete new status."""
    declared, now = situation.declared, situation.now
    refused = refuse_stranger(declared, situation.status, situation.domain, now)
    if refused is not None:
        return refused
    anew = begin_anew(situation)
    view = derive(anew or situation)
    decision = confirm(view, first_decision(view, _rules_for(situation)))
    decision = apply_failure(decision, view.failure, situation.declared, situation.now)
    if situation.declared.unreadable is None:
        decision = stall_when_late(view, decision)
    plan = finish(view, decision)
    return replace(plan, record_first=plan.call is not None) if anew else plan


def _rules_for(situation: SpaceSituation) -> tuple[Rule[SpaceView], ...]:
    if situation.declared.deleting:
        return DELETION_RULES
    return RULES if situation.declared.unreadable is None else UNREADABLE_RULES


_MAKE_ANEW = Steps((in_aws("delete it in AWS"), apply_anew()))

# --- the space itself --------------------------------------------------------------------------


def await_space(view: SpaceView) -> Decision | None:
    """A space that moves is left alone; one that failed needs a person."""
    return await_or_report(view, _MAKE_ANEW, is_over=False)


def learn_settings(view: SpaceView) -> Decision | None:
    """Differences can be told only from the settings, which listings lack."""
    return look_at(view, Look.SETTINGS) if view.present is None else None


# --- all is where it should be, or has to wait --------------------------------------------------


def confirm(view: SpaceView, decision: Decision) -> Decision:
    """Nothing is done by what status alone tells of AWS: whoever may write it chose that.

    Status spares the looks at what rests. What this process has seen itself needs no other.
    """
    space, call = view.situation.space, decision.call
    if space is None or call is None:
        return decision
    if call.operation in {"UpdateSpace", "CreateApp"} and space.settings is None:
        return look_at(view, Look.SETTINGS)
    if call.operation == "CreateApp":
        return confirm_script(view, call) or decision
    changes_files = call.operation in {"UpdateSpace", "DeleteSpace"}
    return (confirm_backup(view) if changes_files else None) or decision


def report_rejection(view: SpaceView) -> Decision | None:
    """The app runs again, and status says why the change was not made; others go their own way."""
    if view.rejection is None or view.is_rejection_moot:
        return None
    fields = [another(name) for name in view.rejection.changes or ()][:1] or [another("")]
    message = recall(view.rejection.message, *fields, TRY_AGAIN)
    said = stalled(
        reason_told(view.rejection.reason, Reason.REJECTED_BY_AWS), message, operation=None
    )
    due, now = view.rejection.retry_at, view.situation.now
    if due is None or due <= now or view.app_is_active:
        return _beside_the_rest(view, said)
    return _beside_the_rest(view, replace(said, wake_at=due))


def report_refused_settings(view: SpaceView) -> Decision | None:
    """What can't be set as things are, and why; others go their own way."""
    decision = report_findings(view)
    return None if decision is None else _beside_the_rest(view, decision)


def _beside_the_rest(view: SpaceView, said: Decision) -> Decision:
    """Told along with what waits for a stop, and planned again when a growth is allowed."""
    pending = report_pending_restart(view)
    growth = view.retry_at_of_growth if view.cooling else None
    due = (said.wake_at, pending.wake_at if pending else None, growth)
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
    why = _why_it_waits(view) if view.disruptive else _NOT_WORTH_IT
    until = f" or, at the latest, for {_resize_time(view, opens_at)}" if opens_at else ""
    message = tell(
        f"{because_of(view.corrections)}waiting for the app to be stopped{until} ({why}): "
        f"then {live} becomes {aim}{view.by_default}",
        *ways_to_keep(view.corrections),
        command(f"stop it with kubectl studio stop {view.situation.declared.name}"),
    )
    return Decision(
        Health.PROGRESSING,
        Reason.PENDING_RESTART,
        message,
        operation=None,
        wake_at=opens_at,
        extra={ConditionType.PENDING_RESTART: (Reason.PENDING_RESTART, message)},
    )


def _why_it_waits(view: SpaceView) -> str:
    policy = view.spec.resize_policy
    if policy in {None, "Immediate"}:
        return "it ran when this resource first saw the space"
    return f"{field('resizePolicy')} is {policy}"


def _resize_time(view: SpaceView, moment: datetime) -> str:
    window = view.spec.resize_window
    return at(moment, window.timezone if window else None)


def report_failed_update(view: SpaceView) -> Decision | None:
    """An app that runs is not stopped to update its space again; the next stop does."""
    if not view.has_failed_update or not view.app_is_active:
        return None
    message = tell(
        f"the last update of {view.title} failed in AWS: it is updated again when the app is "
        "stopped",
        command(f"restart it with kubectl studio restart {view.situation.declared.name}"),
    )
    return Decision(
        Health.PROGRESSING,
        Reason.PENDING_RESTART,
        message,
        operation=None,
        extra={ConditionType.PENDING_RESTART: (Reason.PENDING_RESTART, message)},
    )


def report_rollback(view: SpaceView) -> Decision | None:
    """The app runs where it ran before, and status says why not where it was declared to run."""
    taken = view.substitute
    if taken is None or taken.kind != "Rollback":
        return None
    problem, _, said = taken.message.partition(": ")
    return stalled(
        reason_told(taken.reason, Reason.INSUFFICIENT_CAPACITY),
        f"{problem}; the space is back on {taken.instance_type}, where its app ran last",
        another("instanceType", "another type"),
        command(f"try again with kubectl studio start {view.situation.declared.name}"),
        aws=said,
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
        tell(
            f"the volume stays at {view.cooling.live}: AWS lets it grow once in six hours",
            wait(f"{view.cooling.wanted} is tried at {at(retry_at)}"),
        ),
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
        f"the volume has {space.storage_gib} GiB and never shrinks, and {field(STORAGE)} is "
        f"{storage.size_gib}",
        set_field(STORAGE, space.storage_gib, words=f"{space.storage_gib} or more"),
        set_field("drift.storage", "Report"),
        operation=None,
    )


RULES: tuple[Rule[SpaceView], ...] = (
    tell_loss,
    *CREATION_RULES,
    learn_owner,
    refuse_unless_adopted(set_field("adopt", True, goal="to take it over as it is")),
    refuse_adoption,
    await_owner_to_adopt,
    refuse_immutable,
    take_ownership,
    await_space,
    learn_settings,
    provide_script,
    *CHANGING,
    follow_tags,
    await_backup,
    learn_idle_switch,
    report_rejection,
    report_refused_settings,
    report_script,
    report_pending_restart,
    report_failed_update,
    report_rollback,
    report_cooldown,
    report_larger_volume,
    report_failed_app,
    settle,
)
