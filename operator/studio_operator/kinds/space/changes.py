"""How a space's app is stopped, changed and started: the heart of a resize."""

from __future__ import annotations

from studio_operator.api.common import Operation
from studio_operator.kinds.shared.ownership import look_at
from studio_operator.kinds.shared.running.words import STOPPED_BY
from studio_operator.kinds.space.checks.policy_stop import stop_for_policy
from studio_operator.kinds.space.checks.stop_checks import (
    refuse_vain_start,
    refuse_vain_stop,
    refuse_vain_update,
)
from studio_operator.kinds.space.features.instance_fallback import start_limit
from studio_operator.kinds.space.features.lingering.rules import after_wait, look_before_stop
from studio_operator.kinds.space.in_aws.observed import ObservedSpace
from studio_operator.kinds.space.in_aws.parameters import (
    resource_spec,
    update_members,
    whole_settings,
)
from studio_operator.kinds.space.planner_input.comparison import Change, describe_changes
from studio_operator.kinds.space.planner_input.drift import because_of, ways_to_keep
from studio_operator.kinds.space.planner_input.rejections import UPDATING
from studio_operator.kinds.space.planner_input.settings import WantedSettings
from studio_operator.kinds.space.planner_input.view import RESTART, SpaceView, delete_app
from studio_operator.kinds.space.start import (
    await_start_to_change,
    await_start_to_stop,
    explain_start_failure,
    next_start,
)
from studio_operator.kinds.space.tags import with_tags
from studio_operator.plan.decisions import KEEP, UPDATES_AT_MOST, Decision, Rule
from studio_operator.plan.lifecycle import calling, stalled
from studio_operator.plan.messages import Message, at, tell
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import TRY_AGAIN, another, in_aws
from studio_operator.plan.types import Call, Health, Look, Note

# AWS's own name for the one app of a space (Developer Guide, studio-updated-running-stop).
APP_NAME = "default"
# The step of an operation that updates a space again with what it has.
REPAIRING = "RepairingSpace"


def await_stopping(view: SpaceView) -> Decision | None:
    """An app that stops is waited for."""
    app = view.situation.app
    if app is None or app.status != "Deleting":
        return None
    operation = view.status.operation
    if operation is not None and operation.type == RESTART:
        # The stop is done: an app that runs later was started by somebody, and is left alone.
        operation = operation.model_copy(update={"step": "StartingApp"})
    return Decision(
        Health.PROGRESSING,
        _reason_of_restart(view) or Reason.STOPPING,
        f"{app.app_type} is being stopped",
        operation=operation or KEEP,
    )


def stop_for_spec(view: SpaceView) -> Decision | None:
    """`state: Stopped` at its trigger, the schedule's end, too long a run, a person's request."""
    if not view.app_is_active or not view.is_stop_asked:
        return None
    waiting = look_before_stop(view)
    if waiting is not None:
        return waiting
    held = await_start_to_stop(view)
    if held is not None:
        return held
    message = f"stopping the app: {STOPPED_BY[view.run.effective.by]}{after_wait(view)}"
    return calling(Reason.STOPPING, "Stopping", message, delete_app(view), None)


def stop_for_tenant(view: SpaceView) -> Decision | None:
    """The tenant says Stop, and does not allow what the app runs with."""
    return stop_for_policy(view) if view.situation.policy.judges else None


def stop_for_change(view: SpaceView) -> Decision | None:
    """The first step of a resize; whether to restart is recorded before the app is touched."""
    app = view.situation.app
    if app is None or not view.app_is_active or not view.may_stop_for_changes:
        return None
    operation = _operation(view, step="StoppingApp", restart=True)
    change = f"change {operation.from_} to {operation.to}"
    starting = await_start_to_change(view, change)
    if starting is not None:
        return starting
    message = _with_cause(f"stopping the app to {change}{view.by_default}", view.corrections)
    return calling(
        Reason.RESIZING, operation.type, message, delete_app(view), operation, record_first=True
    )


def stop_for_restart(view: SpaceView) -> Decision | None:
    """A restart that a person asked for; that it is owed a start is recorded before the stop."""
    before = view.status.operation
    begun = before is not None and before.type == RESTART and before.step == "StoppingApp"
    if not view.app_is_active or not view.is_restart_asked:
        return None
    starting = await_start_to_change(view, "restart it, as a person asked")
    if starting is not None:
        return starting
    started_at = view.situation.now.replace(microsecond=0)
    operation = Operation(type=RESTART, step="StoppingApp", started_at=started_at, restart=True)
    message = "restarting the app: a person asked for it"
    return calling(
        Reason.RESTARTING,
        "Restarting",
        message,
        delete_app(view),
        before if begun else operation,
        record_first=True,
    )


def update_space(view: SpaceView) -> Decision | None:
    """All changes in one update, only while no app exists."""
    if view.app_is_active or not view.changes or view.wanted is None or view.present is None:
        return None
    operation = _operation(view, step=UPDATING, restart=view.is_restarting)
    operation = operation.model_copy(update={"updates": _count_update(view, operation)})
    members = update_members(view.spec, view.wanted, view.present, view.changes)
    message = _with_cause(
        f"updating space {view.name}: {operation.from_} to {operation.to}{view.by_default}",
        view.corrections,
    )
    return calling(
        Reason.RESIZING if operation.restart else Reason.UPDATING,
        operation.type,
        message,
        Call("UpdateSpace", {"DomainId": view.domain_id, "SpaceName": view.name, **members}),
        operation,
        record_first=True,
    )


def repair_space(view: SpaceView) -> Decision | None:
    """AWS asks for another update after one that failed: the settings it has will do."""
    space = view.situation.space
    if view.app_is_active or space is None or not view.has_failed_update:
        return None
    if view.wanted is None or view.present is None:
        return None
    operation = _operation(view, step=REPAIRING, restart=view.is_restarting)
    updates = _count_update(view, operation)
    if updates > UPDATES_AT_MOST:
        return (
            look_at(view, Look.SETTINGS) if space.failure is None else _update_failed(view, space)
        )
    members = whole_settings(view.spec, view.wanted.fall_back(view.present), view.present)
    message = f"updating space {view.name} again: its last update failed"
    return calling(
        Reason.UPDATING,
        "Repairing",
        message,
        Call("UpdateSpace", {"DomainId": view.domain_id, "SpaceName": view.name, **members}),
        operation.model_copy(update={"updates": updates}),
        record_first=True,
    )


def _update_failed(view: SpaceView, space: ObservedSpace) -> Decision:
    return stalled(
        Reason.UPDATE_FAILED,
        f"AWS could not carry out the update of {view.title}",
        another(""),
        TRY_AGAIN,
        aws=space.failure or "no reason",
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
        return look_at(view, Look.APP)
    due = next_start(view)
    if due is None or now < due:
        return explain_start_failure(view)
    settings = _settings_of_start(view)
    operation = view.status.operation
    if operation is not None:
        operation = operation.model_copy(update={"step": "StartingApp"})
    return Decision(
        Health.PROGRESSING,
        _reason_of_restart(view) or Reason.STARTING,
        f"starting {view.spec.app} on {settings.instance_type}",
        call=_create_app(view, settings),
        notes=(
            Note("Starting", "CreateApp", f"Starting {view.spec.app} on {settings.instance_type}"),
        ),
        operation=operation,
        # Else a crash after this call would leave a restart that looks as if it were still owed.
        record_first=operation is not None and operation.type == RESTART,
        remember={"last_start_at": now.replace(microsecond=0)},
    )


def await_start(view: SpaceView) -> Decision | None:
    """A start is waited for without a fixed timeout; past the deadline it counts as stalled."""
    app, since = view.situation.app, view.starting_since
    if app is None or app.status != "Pending":
        return None
    message = f"{app.app_type} is starting on {app.instance_type}"
    deadline = (since or view.situation.now) + start_limit(view.situation)
    if view.situation.now >= deadline:
        began = at(since or view.situation.now)
        late = f"{app.app_type} has been starting on {app.instance_type} since {began}"
        look = in_aws("look at the app in the SageMaker console")
        return stalled(Reason.START_DEADLINE_EXCEEDED, late, look)
    reason = _reason_of_restart(view) or Reason.STARTING
    return Decision(Health.PROGRESSING, reason, message, wake_at=deadline)


CHANGING: tuple[Rule[SpaceView], ...] = (
    await_stopping,
    stop_for_spec,
    stop_for_tenant,
    with_tags(refuse_vain_stop),
    stop_for_change,
    stop_for_restart,
    with_tags(refuse_vain_update),
    update_space,
    with_tags(repair_space),
    with_tags(refuse_vain_start),
    with_tags(start_app),
    with_tags(await_start),
)


def _reason_of_restart(view: SpaceView) -> Reason | None:
    """Why the app is away for a moment; None when no operation owes it a start."""
    operation = view.status.operation
    if operation is None or not view.is_restarting:
        return None
    return Reason.RESTARTING if operation.type == RESTART else Reason.RESIZING


def _with_cause(message: str, corrections: tuple[Change, ...]) -> Message:
    """The message, and where others changed something in AWS, that and how it could stay."""
    return tell(f"{because_of(corrections)}{message}", *ways_to_keep(corrections))


def _operation(view: SpaceView, *, step: str, restart: bool) -> Operation:
    """The operation on status: a new spec in the middle of one changes its aim, not its start."""
    before = view.status.operation
    if before is not None and not view.changes:
        return before.model_copy(update={"step": step, "restart": restart or None})
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


def _count_update(view: SpaceView, asked: Operation) -> int:
    """How often the update will have been asked for; an attempt that AWS refused does not count.

    A new spec, or whoever asks, starts the count again. After a change that was given up, one
    repair more is tried: the app that ran needs it.
    """
    before, failure = view.status.operation, view.situation.failure
    done = 0
    if before is not None and not view.is_begun_anew:
        counts = asked.step == REPAIRING or (before.step, before.to) == (UPDATING, asked.to)
        done = (before.updates or 0) if counts else 0
        if asked.step != before.step:
            done = min(done, UPDATES_AT_MOST - 1)
    refused = failure is not None and failure.operation == "UpdateSpace"
    return max(done, 1) if refused else done + 1


def _settings_of_start(view: SpaceView) -> WantedSettings:
    """The wanted settings, or what the space has where a change was refused."""
    assert view.wanted is not None
    assert view.present is not None
    wanted = view.wanted.fall_back(view.present) if view.rejection else view.wanted
    domain = view.situation.domain
    if domain is None or view.spec.app == "JupyterServer":  # which needs no image
        return wanted
    return wanted.with_image(domain.region or "")


def _create_app(view: SpaceView, settings: WantedSettings) -> Call:
    assert view.present is not None
    return Call(
        "CreateApp",
        {
            "DomainId": view.domain_id,
            "SpaceName": view.name,
            "AppType": view.spec.app,
            "AppName": APP_NAME,
            "ResourceSpec": resource_spec(settings, view.present),
        },
    )
