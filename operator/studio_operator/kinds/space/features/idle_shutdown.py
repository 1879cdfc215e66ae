"""An idle time that nothing acts on: the space is as declared, and a condition tells it.

Idle shutdown works where the settings that the space inherits switch it on, and on SageMaker
Distribution 2.0 or newer (Developer Guide, studio-updated-idle-shutdown). For a private space its
owner's profile decides, else the domain's DefaultUserSettings; for a shared one
DefaultSpaceSettings. AWS takes IdleTimeoutInMinutes of a space all the same. What says neither
ENABLED nor DISABLED, and an image of one's own, are left to AWS.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio_operator.api.common import ConditionType
from studio_operator.kinds.shared.ownership import look_at
from studio_operator.kinds.space.checks.idle_limits import APP_FIELDS
from studio_operator.kinds.space.planner_input.images import distribution_version
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.plan.decisions import Decision
from studio_operator.plan.messages import Message, tell
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import (
    Edit,
    Resource,
    Steps,
    another,
    field,
    leave_out,
    set_field,
)
from studio_operator.plan.types import Look

# The first version with idle shutdown.
_FIRST_MAJOR = 2
_FIRST_VERSIONS = "2.0 or newer"
_MAJOR = re.compile(r"^(\d+)(?:\.\d+)*$")


@dataclass(frozen=True, slots=True)
class _Obstacle:
    """Why no idle app is stopped, and the edit that helps."""

    problem: str
    edit: Edit


def learn_idle_switch(view: SpaceView) -> Decision | None:
    """Whether the owner's profile decides otherwise than the domain, where that tells something.

    It is known where the UserProfile declares it. A space in whose domain idle shutdown is on asks
    nothing of AWS.
    """
    domain, owner = view.situation.domain, view.situation.owner
    if domain is None or owner is None or owner.problem or not _is_owners_switch_missing(view):
        return None
    is_off = domain.idle_enabled.get(view.spec.app) is False
    return look_at(view, Look.OWNER) if is_off or keep_idle_condition(view) else None


def idle_condition(view: SpaceView) -> dict[ConditionType, tuple[str, str]]:
    """The condition, for as long as the declared idle time has no effect.

    While that is not known, as in the middle of an update of the domain, it stays as it is.
    """
    if view.spec.idle_shutdown is None:
        return {}
    obstacles = [one for one in (_find_switch(view), _find_image(view)) if one is not None]
    if obstacles:
        message = _tell(obstacles)
        return {ConditionType.IDLE_SHUTDOWN_INACTIVE: (Reason.IDLE_SHUTDOWN_INACTIVE, message)}
    return keep_idle_condition(view) if _is_unknown(view) else {}


def keep_idle_condition(view: SpaceView) -> dict[ConditionType, tuple[str, str]]:
    """The condition as status has it, while nothing new is known."""
    if view.spec.idle_shutdown is None:
        return {}
    found = view.status.condition(ConditionType.IDLE_SHUTDOWN_INACTIVE)
    return {ConditionType.IDLE_SHUTDOWN_INACTIVE: (found.reason, found.message)} if found else {}


def _is_unknown(view: SpaceView) -> bool:
    domain = view.situation.domain
    is_domain_unknown = domain is None or not domain.is_described
    return view.wanted is None or is_domain_unknown or _is_owners_switch_missing(view)


def _is_owners_switch_missing(view: SpaceView) -> bool:
    """Whether the owner's profile may have a switch of its own that nobody has seen."""
    owner = view.situation.owner
    if view.spec.idle_shutdown is None or view.spec.is_shared:
        return False
    if owner is None:
        return True
    return view.spec.app not in owner.idle_enabled and not owner.is_described


def _find_switch(view: SpaceView) -> _Obstacle | None:
    """The settings that switch idle shutdown off, as far as it is known that they count."""
    spec, domain, owner = view.spec, view.situation.domain, view.situation.owner
    path = f"{APP_FIELDS.get(spec.app, spec.app)}.idle.enabled"
    if owner is not None and not spec.is_shared and spec.app in owner.idle_enabled:
        if owner.idle_enabled[spec.app]:
            return None
        profile = Resource("UserProfile", owner.name)
        edit = set_field(f"userSettings.{path}", True, on=profile)
        return _Obstacle("the owner's profile switches it off", edit)
    if domain is None or domain.idle_enabled.get(spec.app) is not False:
        return None
    if _is_owners_switch_missing(view):
        return None
    block = "defaultSpaceSettings" if spec.is_shared else "defaultUserSettings"
    edit = set_field(f"{block}.{path}", True, on=view.domain_resource)
    return _Obstacle("the domain switches it off", edit)


def _find_image(view: SpaceView) -> _Obstacle | None:
    """The image that is to be, or that the app runs on where the space leaves the version open."""
    app, wanted = view.situation.app, view.wanted
    if wanted is None or wanted.image is None:
        return None
    image = wanted.image
    is_open = image.version_alias is None and image.version_arn is None
    if is_open and app is not None and app.is_active:
        image = app.image
    version = distribution_version(image)
    major = _MAJOR.match(version or "")
    if major is None or int(major.group(1)) >= _FIRST_MAJOR:
        return None
    declared = view.spec.image
    by_arn = declared is not None and declared.image_arn is not None
    edit = another("image.versionAlias" if by_arn else "image.distribution", _FIRST_VERSIONS)
    return _Obstacle(f"SageMaker Distribution {version} lacks it", edit)


def _tell(obstacles: list[_Obstacle]) -> Message:
    why = " and ".join(one.problem for one in obstacles)
    problem = f"{field('idleShutdown')} has no effect: {why}"
    edits = tuple(one.edit for one in obstacles)
    if len(edits) > 1:
        return tell(problem, Steps(edits))
    return tell(problem, *edits, leave_out("idleShutdown"))
