"""An idle time outside of what the domain or the owner's profile allows: refused before AWS would.

AWS takes IdleTimeoutInMinutes of a space only between MinIdleTimeoutInMinutes and
MaxIdleTimeoutInMinutes of the settings that the space inherits (API reference, IdleSettings): for a
private space its owner's profile, else the domain's DefaultUserSettings; for a shared one
DefaultSpaceSettings. A value outside is never asked for, and all else of the space is kept.
"""

from __future__ import annotations

from studio_operator.api.durations import parse_minutes
from studio_operator.kinds.space.planner_input.comparison import IDLE_TIME
from studio_operator.kinds.space.planner_input.findings import CheckInput, Finding, unfit
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.plan.messages import tell
from studio_operator.plan.remedies import Edit, command, field, in_kubernetes, set_field
from studio_operator.plan.types import IdleLimits

# The fields of settings that hold what an app type is set to.
APP_FIELDS = {"JupyterLab": "jupyterLab", "CodeEditor": "codeEditor"}


def check_idle_time(given: CheckInput) -> Finding | None:
    """The declared idle time, if it would have to be set.

    One that AWS shows already stays, also where an admin has narrowed the limits since.
    """
    spec = given.spec
    if spec.idle_shutdown is None or not given.changes_field(IDLE_TIME):
        return None
    minutes = parse_minutes(spec.idle_shutdown.after)
    limits, owner = limits_of(given.situation)
    if limits is None or minutes in limits:
        return None
    return unfit(
        tell(
            f"{field(IDLE_TIME)} is {spec.idle_shutdown.after}, and {owner} allows {limits}",
            _within(limits, minutes),
            in_kubernetes("change minTimeoutMinutes and maxTimeoutMinutes there"),
        ),
        fields=frozenset({IDLE_TIME}),
    )


def check_present_idle_time(given: CheckInput) -> Finding | None:
    """An idle time outside of limits that were narrowed since: AWS may refuse each update."""
    minutes = given.present.idle_minutes
    if minutes is None or not given.app_is_active or IDLE_TIME in given.changes:
        return None
    limits, owner = limits_of(given.situation)
    if limits is None or minutes in limits:
        return None
    return unfit(
        tell(
            f"AWS may refuse the change: the idle time is {minutes}m, and {owner} allows {limits}",
            _within(limits, minutes),
            command(f"stop it with kubectl studio stop {given.name}"),
        ),
        refuses_update=True,
        is_told=False,
    )


def _within(limits: IdleLimits, minutes: int) -> Edit:
    nearest = min(max(minutes, limits.lowest), limits.highest)
    return set_field(IDLE_TIME, f"{nearest}m", words=f"a time within, such as {nearest}m")


def limits_of(situation: SpaceSituation) -> tuple[IdleLimits | None, str]:
    """The limits that hold for the space, and whose they are: the resource and its field."""
    spec, domain, owner = situation.declared.spec, situation.domain, situation.owner
    path = f"{APP_FIELDS.get(spec.app, spec.app)}.idle"
    if owner is not None and not spec.is_shared and spec.app in owner.idle_limits:
        return owner.idle_limits[spec.app], f"UserProfile {owner.name} (userSettings.{path})"
    if domain is None:
        return None, ""
    block = "defaultSpaceSettings" if spec.is_shared else "defaultUserSettings"
    return domain.idle_limits.get(spec.app), f"StudioDomain {domain.name} ({block}.{path})"
