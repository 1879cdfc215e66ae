"""Security groups that the apps of a space need in a VpcOnly domain."""

from __future__ import annotations

from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.plan.lifecycle import domain_resource
from studio_operator.plan.messages import Message, tell
from studio_operator.plan.remedies import Resource, another

_FIELD = "userSettings.securityGroups"
_FIELD_OF_DOMAIN = "defaultUserSettings.securityGroups"
_GROUPS = "the ids of security groups"


def why_space_lacks_groups(situation: SpaceSituation) -> Message | None:
    """Why no app of a space could start for want of security groups; None where it could.

    What is not known of the owner's profile is left to AWS.
    """
    domain, owner = situation.domain, situation.owner
    if domain is None or not domain.vpc_only:
        return None
    declared = situation.declared
    named = domain_resource(declared, declared.spec.domain_ref)
    if declared.spec.is_shared:
        if domain.shared_security_groups:
            return None
        return tell(
            f"StudioDomain {domain.name} is VpcOnly and has no security groups for shared spaces",
            another("defaultSpaceSettings.securityGroups", _GROUPS, on=named),
        )
    if domain.user_security_groups or owner is None or owner.security_groups is None:
        return None
    if owner.security_groups:
        return None
    return tell(
        f"StudioDomain {domain.name} is VpcOnly, and neither it nor the owner has security groups",
        another(_FIELD, "some", on=Resource("UserProfile", owner.name)),
        another(_FIELD_OF_DOMAIN, "some", on=named),
    )


def must_know_owners_groups(view: SpaceView) -> bool:
    """Whether a creation or a start hangs on groups of the owner that nobody has looked at."""
    situation = view.situation
    domain, owner = situation.domain, situation.owner
    if domain is None or owner is None or owner.security_groups is not None:
        return False
    if not domain.vpc_only or domain.user_security_groups:
        return False
    return situation.space is None or (view.wants_running and not view.app_is_active)
