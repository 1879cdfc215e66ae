"""How a space's resource goes: the app is stopped, then the space is kept, left or deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from studio_operator.plan.backup_rules import await_backup, provide_script
from studio_operator.plan.decisions import Decision, Rule
from studio_operator.plan.keeping import leave_if_not_ours, let_go, release
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remote_access import refuse_vain_start
from studio_operator.plan.space_changes import (
    await_start,
    await_stopping,
    repair_space,
    start_app,
)
from studio_operator.plan.space_view import SpaceView, delete_app, learn_owner, look_at, sentence
from studio_operator.plan.types import Call, Health, Look, Note


def forget_unreachable(view: SpaceView) -> Decision | None:
    """Nothing in AWS can be this resource's: the domain never was, or is gone."""
    domain = view.situation.domain
    gone = domain is not None and domain.gone
    if view.domain_id and not gone:
        return None
    return let_go("there is no space of this resource in AWS")


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


def await_settling(view: SpaceView) -> Decision | None:
    """A creation whose answer never came may still show up, and then has to be let go of too."""
    failure, situation = view.situation.failure, view.situation
    if situation.space is not None or failure is None or failure.operation != "CreateSpace":
        return None
    settles_at = failure.at + timedelta(seconds=situation.tuning.create_settle_seconds)
    if situation.now >= settles_at:
        return None
    return Decision(
        Health.PROGRESSING,
        Reason.RELEASING,
        f"AWS was asked for {view.title}: waiting whether it shows up",
        phase="Deleting",
        wake_at=settles_at,
    )


def forget_absent(view: SpaceView) -> Decision | None:
    """The space is gone, or never was."""
    return let_go(f"{view.title} is gone") if view.situation.space is None else None


def leave_others(view: SpaceView) -> Decision | None:
    """What is not ours, or was let go already, is not touched."""
    space = view.situation.space
    if space is None or view.claim is None:
        return None
    return leave_if_not_ours(view.hold(space), view.claim)


def orphan(view: SpaceView) -> Decision | None:
    """`Orphan`: take our tag away and touch nothing else, a running app included."""
    return _release(view) if view.spec.deletion_policy == "Orphan" else None


def back_up_first(view: SpaceView) -> Decision | None:
    """`Delete` with a back-up asked for: nothing is stopped or deleted before it is made.

    A person may start the app for it: only from inside is one made.
    """
    if not view.lacks_backup:
        return None
    if view.present is None:
        return look_at(view, Look.SETTINGS)
    decision = provide_script(view) or await_stopping(view) or await_space_to_let_go(view)
    decision = decision or _start_to_back_up(view) or await_start(view) or await_backup(view)
    return replace(decision, phase="Deleting") if decision else None


def _start_to_back_up(view: SpaceView) -> Decision | None:
    """The start that people ask for; AWS starts nothing after an update that failed.

    Nor does it on an instance too small for remote access.
    """
    space = view.situation.space
    if not view.wants_running or space is None:
        return None
    if space.status != "InService":
        return repair_space(view)
    return refuse_vain_start(view) or start_app(view)


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
        call=None if stopping else delete_app(view),
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
    return _release(view) if view.spec.deletion_policy != "Delete" else None


def _release(view: SpaceView) -> Decision | None:
    space, situation = view.situation.space, view.situation
    if space is None or space.arn is None:
        return look_at(view, Look.SETTINGS)
    policy = view.spec.deletion_policy or "Retain"
    return release(situation.declared, situation.cluster, view.hold(space), policy)


def pause_after_failure(view: SpaceView) -> Decision | None:
    """A deletion that failed is asked for again, not at once."""
    space, situation = view.situation.space, view.situation
    if space is None or space.status != "Delete_Failed" or space.modified_at is None:
        return None
    due = space.modified_at + timedelta(seconds=situation.tuning.deletion_retry_seconds)
    if situation.now >= due:
        return None
    if space.failure is None:
        return look_at(view, Look.SETTINGS)
    return Decision(
        Health.STALLED,
        Reason.DELETION_FAILED,
        f"AWS could not delete {view.title}: {space.failure.rstrip('. ')}. "
        f"It is asked again at {due:%H:%M:%S} UTC.",
        phase="Failed",
        wake_at=due,
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
        notes=(Note("Deleting", "DeleteSpace", sentence(message)),),
        operation=None,
    )


LETTING_GO: tuple[Rule[SpaceView], ...] = (
    forget_unreachable,
    await_sight_to_let_go,
    await_settling,
    forget_absent,
    learn_owner,
    leave_others,
    orphan,
    back_up_first,
    stop_to_let_go,
    await_space_to_let_go,
    retain,
    pause_after_failure,
    delete_space,
)
