"""An idle time outside of what the domain or the owner's profile allows: refused before AWS would.

AWS takes IdleTimeoutInMinutes of a space only between MinIdleTimeoutInMinutes and
MaxIdleTimeoutInMinutes of the settings that the space inherits (API reference, IdleSettings): for a
private space its owner's profile, else the domain's DefaultUserSettings; for a shared one
DefaultSpaceSettings. A value outside is never asked for, and all else of the space is kept.
"""

from __future__ import annotations

from studio_operator.plan.decisions import Decision
from studio_operator.plan.keeping import stalled
from studio_operator.plan.observed import SpaceSettings
from studio_operator.plan.reasons import Reason
from studio_operator.plan.situations import SpaceSituation
from studio_operator.plan.space_settings import parse_minutes
from studio_operator.plan.space_view import SpaceView
from studio_operator.plan.types import IdleLimits

_FIELDS = {"JupyterLab": "jupyterLab", "CodeEditor": "codeEditor"}


def is_idle_time_refused(situation: SpaceSituation, present: SpaceSettings) -> bool:
    """Whether the declared idle time would have to be set, and lies outside of the limits.

    One that AWS shows already stays, also where an admin has narrowed the limits since: AWS checks
    it when it is set.
    """
    idle, (limits, _) = situation.declared.spec.idle_shutdown, _limits_of(situation)
    if idle is None or limits is None:
        return False
    minutes = parse_minutes(idle.after)
    return minutes not in limits and minutes != present.idle_minutes


def refuse_idle_time(view: SpaceView) -> Decision | None:
    """A new space without the idle time that was asked for would cost what nobody expects."""
    return _refuse(view, SpaceSettings()) if view.situation.space is None else None


def report_idle_time(view: SpaceView) -> Decision | None:
    """A space that exists is kept without it, and status says what to change."""
    return _refuse(view, view.present) if view.present is not None else None


def _refuse(view: SpaceView, present: SpaceSettings) -> Decision | None:
    spec = view.spec
    limits, owner = _limits_of(view.situation)
    if limits is None or spec.idle_shutdown is None:
        return None
    if not is_idle_time_refused(view.situation, present):
        return None
    return stalled(
        Reason.INVALID_SPEC,
        f"spec.idleShutdown.after is {spec.idle_shutdown.after}, and {owner} allows {limits} for "
        f"{spec.app}. Set it to a time within, or change minTimeoutMinutes and maxTimeoutMinutes "
        "there.",
        operation=None,
    )


def _limits_of(situation: SpaceSituation) -> tuple[IdleLimits | None, str]:
    """The limits that hold for the space, and whose they are: the resource and its field."""
    spec, domain, owner = situation.declared.spec, situation.domain, situation.owner
    field = f"{_FIELDS.get(spec.app, spec.app)}.idle"
    if owner is not None and not spec.is_shared and spec.app in owner.idle_limits:
        return owner.idle_limits[spec.app], f"UserProfile {owner.name} (userSettings.{field})"
    if domain is None:
        return None, ""
    block = "defaultSpaceSettings" if spec.is_shared else "defaultUserSettings"
    return domain.idle_limits.get(spec.app), f"StudioDomain {domain.name} ({block}.{field})"
