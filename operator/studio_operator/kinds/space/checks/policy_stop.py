"""Under enforcement Stop: an app that runs with what its tenant does not allow is stopped.

At once where `resizePolicy` lets it be stopped for a change, else when the tenant's hours of grace
are over. Since when they are counted stands on status: a restart of the operator begins no other
count.
"""

from __future__ import annotations

from datetime import datetime

from studio_operator.kinds.space.checks.policy import is_role_unknown
from studio_operator.kinds.space.features.lingering.rules import look_before_stop
from studio_operator.kinds.space.planner_input.view import SpaceView, delete_app
from studio_operator.kinds.space.start import await_start_to_stop
from studio_operator.plan.decisions import Decision
from studio_operator.plan.messages import sentence
from studio_operator.plan.ownership import Claim
from studio_operator.plan.reasons import Reason
from studio_operator.plan.types import Health, Note


def grace_since(view: SpaceView) -> datetime | None:
    """Since when the hours of grace are counted; None where nothing is to be stopped.

    A count goes on while it is not known what the app runs with.
    """
    app, situation = view.situation.app, view.situation
    known = view.status.policy_grace_since
    if not situation.policy.stops:
        return None
    if view.is_owner_unknown:
        return known
    runs = app is not None and app.is_active and app.status != "Deleting"
    if view.claim is not Claim.OURS or not runs:
        return None
    if any(one.stops for one in view.findings):
        return known or situation.now.replace(microsecond=0)
    return known if view.present is None or is_role_unknown(situation) else None


def next_policy_stop(view: SpaceView) -> datetime | None:
    """When the app is stopped at the latest: other hours of grace count from when it began."""
    since = grace_since(view)
    return None if since is None else since + view.situation.policy.grace


def stop_for_policy(view: SpaceView) -> Decision | None:
    """The stop; AWS's own words about an app that starts would help nobody."""
    due, now = next_policy_stop(view), view.situation.now
    said = next((one.message for one in view.findings if one.stops), None)
    if said is None or due is None or _is_mended_by_change(view):
        return None
    if now < due and not _may_stop_now(view):
        return None
    waiting = look_before_stop(view)
    if waiting is not None and (waiting.looks or now < due):
        return waiting
    held = await_start_to_stop(view)
    if held is not None:
        return held
    message = f"stopping the app: {said}"
    return Decision(
        Health.PROGRESSING,
        Reason.STOPPING,
        message,
        call=delete_app(view),
        notes=(Note("Stopping", "DeleteApp", sentence(message), "Warning"),),
        operation=None,
    )


def _is_mended_by_change(view: SpaceView) -> bool:
    """Whether it is stopped for a change that takes all of it away, and so is started again."""
    stands = any(one.refuses_update or one.refuses_start for one in view.findings)
    return view.may_stop_for_changes and not stands


def _may_stop_now(view: SpaceView) -> bool:
    """As for a change that needs a stop."""
    policy = view.spec.resize_policy
    if policy == "Window":
        return view.resize_opens_at is None
    return policy in {None, "Immediate"} and view.found_running_at is None
