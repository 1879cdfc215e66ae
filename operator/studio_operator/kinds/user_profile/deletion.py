"""How a user profile's resource goes: blocked while others need it, then released or deleted."""

from __future__ import annotations

from studio_operator.kinds.shared.deletion import (
    await_dependents,
    await_settling,
    block_deletion,
    delete,
    go_when_gone,
    go_without_finalizer,
    in_console,
    leave_others,
    let_go,
    pause_after_failure,
    release_unless_deleted,
    with_kubernetes,
)
from studio_operator.kinds.shared.existing import await_standstill
from studio_operator.kinds.shared.ownership import await_observation, learn_owner, look_at
from studio_operator.kinds.user_profile.view import ProfileView
from studio_operator.plan.decisions import Decision, Rule
from studio_operator.plan.types import Look


def go_without_domain(view: ProfileView) -> Decision | None:
    """No domain, no profile: there never was one, or AWS deleted it along."""
    domain = view.situation.domain
    if domain is not None and domain.gone:
        return let_go(f"{view.title} went with its domain")
    return None if view.domain_id else let_go(f"{view.title} was never created")


def learn_owner_and_failure(view: ProfileView) -> Decision | None:
    """Whose it is, its ARN, and why something failed, which listings lack."""
    if view.is_nameless or view.is_unexplained:
        looks = {Look.SETTINGS} | ({Look.TAGS} if view.claim is None else set())
        return look_at(view, *looks)
    return learn_owner(view)


def await_apps(view: ProfileView) -> Decision | None:
    """AWS deletes a profile only when no app outside of spaces is left of it, such as Canvas."""
    apps = view.situation.apps_in_aws
    return block_deletion(view, "still has", {"app": apps}, in_console(apps), " in AWS")


def await_spaces(view: ProfileView) -> Decision | None:
    """AWS deletes a profile only when it owns no space; spaces hold data and are not ours here."""
    spaces = view.situation.spaces_in_aws
    return block_deletion(view, "still owns", {"space": spaces}, with_kubernetes(spaces), " in AWS")


def delete_profile(view: ProfileView) -> Decision:
    """Delete it: nothing depends on it any more."""
    return delete(view, view.identity)


DELETION_RULES: tuple[Rule[ProfileView], ...] = (
    go_without_finalizer,
    await_dependents("Space"),
    go_without_domain,
    await_observation,
    await_settling,
    go_when_gone,
    learn_owner_and_failure,
    leave_others,
    release_unless_deleted,
    await_apps,
    await_spaces,
    await_standstill,
    pause_after_failure,
    delete_profile,
)
