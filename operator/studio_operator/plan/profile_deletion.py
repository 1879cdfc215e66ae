"""How a user profile's resource goes: blocked while others need it, then released or deleted."""

from __future__ import annotations

from datetime import timedelta

from studio_operator.plan.decisions import (
    Decision,
    Rule,
    decide_unseen,
    name_some,
    started,
)
from studio_operator.plan.keeping import (
    await_moving,
    leave_if_not_ours,
    let_go,
    look,
    release,
    waiting,
)
from studio_operator.plan.profile_view import ProfileView
from studio_operator.plan.reasons import Reason
from studio_operator.plan.types import Call, Health, Look, Note


def go_without_finalizer(view: ProfileView) -> Decision | None:
    """Nothing was ever done for a resource that does not carry our finalizer."""
    return None if view.situation.declared.finalizer else let_go("nothing to let go of")


def await_dependents(view: ProfileView) -> Decision | None:
    """Space resources that name this profile as their owner need it to go themselves."""
    dependents = view.situation.dependents
    if not dependents:
        return None
    return waiting(
        Reason.DELETION_BLOCKED,
        f"{len(dependents)} Space resources still name this profile: {name_some(dependents)}. "
        "Delete them first.",
    )


def go_without_domain(view: ProfileView) -> Decision | None:
    """No domain, no profile: there never was one, or AWS deleted it along."""
    domain = view.situation.domain
    if domain is not None and domain.gone:
        return let_go(f"{view.title} went with its domain")
    return None if view.domain_id else let_go(f"{view.title} was never created")


def await_sight(view: ProfileView) -> Decision | None:
    """Nothing is decided before AWS has been seen whole."""
    if view.situation.visible:
        return None
    return decide_unseen(view.situation.declared, view.memory)


def await_settling(view: ProfileView) -> Decision | None:
    """A creation whose answer never came may still show up, and then has to be let go of too."""
    failure, situation = view.situation.failure, view.situation
    if view.profile is not None or failure is None or failure.operation != "CreateUserProfile":
        return None
    settles_at = failure.at + timedelta(seconds=situation.tuning.create_settle_seconds)
    if situation.now >= settles_at:
        return None
    return waiting(
        Reason.RELEASING,
        f"AWS was asked for {view.title}: waiting whether it shows up",
        wake_at=settles_at,
    )


def go_when_gone(view: ProfileView) -> Decision | None:
    """The profile is no more."""
    return let_go(f"{view.title} is gone") if view.profile is None else None


def leave_others(view: ProfileView) -> Decision | None:
    """A profile that does not carry this resource's mark is not touched."""
    if view.profile is None:
        return None
    looks = {Look.TAGS} if view.claim is None else set()
    if view.arn is None or view.is_unexplained:
        looks |= {Look.SETTINGS}
    if looks or view.claim is None:
        return look(view.situation.declared, view.memory, f"looking at {view.title}", *looks)
    return leave_if_not_ours(view.hold(view.profile), view.claim)


def release_profile(view: ProfileView) -> Decision | None:
    """Retain and Orphan: only the ownership tag changes."""
    if view.profile is None or view.policy == "Delete":
        return None
    situation = view.situation
    return release(situation.declared, situation.cluster, view.hold(view.profile), view.policy)


def await_spaces(view: ProfileView) -> Decision | None:
    """AWS deletes a profile only when it owns no space; spaces hold data and are not ours here."""
    spaces = view.situation.spaces_in_aws
    if not spaces:
        return None
    return waiting(
        Reason.DELETION_BLOCKED,
        f"{view.title} still owns {len(spaces)} spaces in AWS: {name_some(spaces)}. "
        "Delete them first.",
    )


def await_profile(view: ProfileView) -> Decision | None:
    """AWS refuses to delete what moves."""
    return await_moving(view.hold(view.profile)) if view.profile else None


def pause_after_failure(view: ProfileView) -> Decision | None:
    """A deletion that failed is asked for again, not at once."""
    profile = view.profile
    if profile is None or profile.status != "Delete_Failed" or profile.modified_at is None:
        return None
    due = profile.modified_at + timedelta(seconds=view.situation.tuning.deletion_retry_seconds)
    if view.situation.now >= due:
        return None
    return Decision(
        Health.STALLED,
        Reason.DELETION_FAILED,
        f"AWS could not delete {view.title}: {profile.failure or 'it gives no reason'}",
        wake_at=due,
    )


def delete_profile(view: ProfileView) -> Decision:
    """Delete it: nothing depends on it any more."""
    assert view.profile is not None
    parameters = {"DomainId": view.domain_id, "UserProfileName": view.profile.name}
    return Decision(
        Health.PROGRESSING,
        Reason.DELETING,
        f"deleting {view.title}",
        call=Call("DeleteUserProfile", parameters),
        notes=(Note("Deleting", "DeleteUserProfile", f"Deleting {view.title}"),),
        operation=started(view.memory, "Delete", view.situation.now),
    )


LETTING_GO: tuple[Rule[ProfileView], ...] = (
    go_without_finalizer,
    await_dependents,
    go_without_domain,
    await_sight,
    await_settling,
    go_when_gone,
    leave_others,
    release_profile,
    await_spaces,
    await_profile,
    pause_after_failure,
    delete_profile,
)
