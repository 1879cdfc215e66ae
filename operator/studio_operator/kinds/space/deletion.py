"""How a space's resource goes: the app is stopped, then the space is kept, left or deleted."""

from __future__ import annotations

from dataclasses import replace

from studio_operator.kinds.shared.deletion import (
    await_settling,
    go_when_gone,
    in_phase,
    leave_others,
    let_go,
    pause_after_failure,
    release,
)
from studio_operator.kinds.shared.ownership import learn_owner, look_at
from studio_operator.kinds.space.changes import (
    await_start,
    await_stopping,
    repair_space,
    start_app,
)
from studio_operator.kinds.space.checks.stop_checks import learn_owner_settings, refuse_vain_start
from studio_operator.kinds.space.features.backup.script_rules import provide_script
from studio_operator.kinds.space.features.backup.wait_rules import await_backup, await_place
from studio_operator.kinds.space.planner_input.view import SpaceView, delete_app
from studio_operator.kinds.space.start import await_start_to_stop
from studio_operator.plan.decisions import Decision, Rule
from studio_operator.plan.lifecycle import calling
from studio_operator.plan.messages import sentence
from studio_operator.plan.reasons import Reason
from studio_operator.plan.types import Call, Health, Look, Note


def forget_unreachable(view: SpaceView) -> Decision | None:
    """Nothing in AWS can be this resource's: the domain never was, or is gone."""
    domain = view.situation.domain
    gone = domain is not None and domain.gone
    if view.domain_id and not gone:
        return None
    return let_go("there is no space of this resource in AWS")


def await_observation_to_let_go(view: SpaceView) -> Decision | None:
    """A listing that failed never means gone."""
    if view.situation.is_observed:
        return None
    return Decision(
        Health.PROGRESSING,
        Reason.AWS_NOT_OBSERVED,
        "waiting to see AWS before letting go of the space",
        phase="Deleting",
    )


def orphan(view: SpaceView) -> Decision | None:
    """`Orphan`: take our tag away and touch nothing else, a running app included."""
    return _release(view) if view.policy == "Orphan" else None


def back_up_first(view: SpaceView) -> Decision | None:
    """`Delete` with a back-up asked for: nothing is stopped or deleted before it is made.

    A person may start the app for it: only from inside is one made. Where it may not go to its
    place, no start helps.
    """
    if not view.lacks_backup or view.is_kept_for_backup:
        return None
    if view.present is None:
        return look_at(view, Look.SETTINGS)
    decision = provide_script(view) or await_stopping(view) or await_space_to_let_go(view)
    decision = decision or await_place(view) or _start_to_back_up(view)
    decision = decision or await_start(view) or await_backup(view)
    return replace(decision, phase="Deleting") if decision else None


def _start_to_back_up(view: SpaceView) -> Decision | None:
    """The start that people ask for; AWS starts nothing after an update that failed.

    Nor does it on an instance too small for remote access, or with file systems that the owner's
    profile does not attach, which is looked at first.
    """
    space = view.situation.space
    if not view.wants_running or space is None:
        return None
    if space.status != "InService":
        return repair_space(view)
    return learn_owner_settings(view) or refuse_vain_start(view) or start_app(view)


def stop_to_let_go(view: SpaceView) -> Decision | None:
    """An instance that nobody declares any more must not go on costing money."""
    app = view.situation.app
    if app is None or not app.is_active:
        return None
    starting = await_start_to_stop(view)
    if starting is not None:
        return replace(starting, phase="Deleting", operation=None)
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
    return _release(view) if view.policy != "Delete" else None


def _release(view: SpaceView) -> Decision | None:
    decision = release(view)
    if decision is None or decision.looks or view.spec.deletion_policy != "Delete":
        return decision
    kept = Note(
        "SpaceKept",
        "Release",
        f"{sentence(view.title)} stays in AWS with its volume, which costs money: the spec can't "
        "be read, and the back-up that it asks for was not made. Apply a corrected one and delete "
        "it again.",
        "Warning",
    )
    return replace(decision, notes=(*decision.notes, kept))


def delete_space(view: SpaceView) -> Decision:
    """`Delete`: the one place that proposes DeleteSpace."""
    message = f"deleting space {view.name} and its volume (deletionPolicy Delete)"
    call = Call("DeleteSpace", {"DomainId": view.domain_id, "SpaceName": view.name})
    return replace(calling(Reason.DELETING, "Deleting", message, call, None), phase="Deleting")


DELETION_RULES: tuple[Rule[SpaceView], ...] = (
    forget_unreachable,
    await_observation_to_let_go,
    in_phase("Deleting", await_settling),
    go_when_gone,
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
