"""A space whose spec can't be read: status follows AWS, a person's stop is carried out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio_operator.kinds.shared.ownership import learn_owner, look_at
from studio_operator.kinds.shared.unreadable import report_unreadable
from studio_operator.kinds.space.features.lingering.rules import look_before_stop
from studio_operator.kinds.space.planner_input.view import SpaceView, delete_app
from studio_operator.kinds.space.start import await_start_to_stop
from studio_operator.plan.decisions import KEEP, Decision, Rule
from studio_operator.plan.messages import sentence
from studio_operator.plan.ownership import Claim
from studio_operator.plan.types import Look, Note

_PHASES = {"Pending": "Pending", "Updating": "Updating", "Deleting": "Deleting", "Failed": "Failed"}
_APP_PHASES = {
    "InService": "InService",
    "Pending": "Starting",
    "Deleting": "Stopping",
    "Failed": "Failed",
}


def learn_whose(view: SpaceView) -> Decision | None:
    """Tags say whose it is, settings what status shows of it."""
    if view.situation.space is None:
        return None
    lacks_settings = view.claim is Claim.OURS and view.present is None
    return learn_owner(view) or (look_at(view, Look.SETTINGS) if lacks_settings else None)


def stop_as_asked(view: SpaceView) -> Decision | None:
    """A stop costs nothing and loses nothing; what waits for the app to be stopped is dropped."""
    app = view.situation.app
    if app is None or not app.is_active or app.status == "Deleting" or not view.is_stop_asked:
        return None
    waiting = look_before_stop(view)
    if waiting is not None:
        return waiting
    starting = await_start_to_stop(view)
    if starting is not None:
        return replace(tell(view), wake_at=starting.wake_at)
    message = "stopping the app: a person asked for it"
    return replace(
        tell(view),
        call=delete_app(view),
        notes=(Note("Stopping", "DeleteApp", sentence(message)),),
        operation=None,
    )


def tell(view: SpaceView) -> Decision:
    """What is wrong with the spec. Who asks for a stop is not owed a start any more."""
    unreadable = view.situation.declared.unreadable
    assert unreadable is not None
    asked = view.run.requests.run_state == "Stopped"
    said = report_unreadable(unreadable, is_observed=False, is_known=False)
    return replace(said, phase=_phase(view), operation=None if asked else KEEP)


def _phase(view: SpaceView) -> str:
    """What AWS shows, or showed last."""
    space, app = view.situation.space, view.situation.app
    if not view.situation.is_observed:
        return view.status.phase or "Failed"
    if space is None or view.claim is not Claim.OURS:
        return "Failed"
    if space.status in _PHASES:
        return _PHASES[space.status]
    if app is None or (app.status == "Failed" and view.run.effective.state == "Stopped"):
        return "Stopped"
    return _APP_PHASES.get(app.status, "Stopped")


UNREADABLE_RULES: tuple[Rule[SpaceView], ...] = (learn_whose, stop_as_asked, tell)


def held_members(view: SpaceView) -> dict[str, Any]:
    """Members of status that only a spec that can be read changes."""
    status = view.status
    held: dict[str, Any] = {
        "backup": status.backup,
        "rejection": status.rejection,
        "substitute": status.substitute,
        "storage_retry_at": status.storage_retry_at,
    }
    if status.managed_fields is not None:
        held["managed_fields"] = status.managed_fields
    if status.effective is None and view.run.effective.by != "Request":
        held["effective"] = None
    return held
