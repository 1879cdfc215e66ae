"""Whose a space in AWS is, before anything is done with it."""

from __future__ import annotations

from studio_operator.kinds.shared.existing import Fixed, refuse_fixed
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.plan.decisions import Decision
from studio_operator.plan.lifecycle import (
    waiting,
)
from studio_operator.plan.ownership import Claim
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import (
    Edit,
    another,
    in_kubernetes,
)

_APPLY_ANOTHER = in_kubernetes("apply a new Space of another name")


def await_owner_to_adopt(view: SpaceView) -> Decision | None:
    """Only the namespace that has the owner's profile may take over a space of theirs."""
    reference, owner = view.spec.owner_ref, view.situation.owner
    adopts = view.claim is Claim.UNOWNED and not view.lost_its_tag
    if view.situation.space is None or reference is None or not adopts:
        return None
    if owner is not None and owner.problem is None:
        return None
    problem = owner.problem if owner else "it does not exist"
    return waiting(
        Reason.DEPENDENCY_NOT_READY,
        f"{view.title} is taken over only for an owner that is this namespace's: UserProfile "
        f"{reference.name} is not ready: {problem}",
    )


def refuse_immutable(view: SpaceView) -> Decision | None:
    """A space keeps the owner, sharing and app of its creation; one that differs is not taken."""
    space, owner = view.situation.space, view.situation.owner
    if space is None:
        return None
    pairs = (
        ("app", view.spec.app, space.app_type),
        ("sharing", view.spec.sharing or "Private", space.sharing),
        ("ownerRef", owner.user_profile_name if owner else None, space.owner),
    )
    wrong = [
        Fixed(name, declared, live, _owner(live) if name == "ownerRef" else None)
        for name, declared, live in pairs
        if declared and live and declared.lower() != live.lower()
    ]
    return refuse_fixed(view, wrong[:1], _APPLY_ANOTHER)


def _owner(name: str) -> Edit:
    """The edit by which that profile of AWS's is the owner: a resource's name is another one."""
    return another("ownerRef.name", f"the UserProfile of {name}")
