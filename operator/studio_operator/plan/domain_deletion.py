"""How a domain's resource goes: blocked while others need it, then released or deleted."""

from __future__ import annotations

from datetime import timedelta

from studio_operator.plan.decisions import (
    Decision,
    Rule,
    decide_unseen,
    name_some,
    started,
)
from studio_operator.plan.domain_view import DomainView
from studio_operator.plan.keeping import (
    await_moving,
    leave_if_not_ours,
    let_go,
    look,
    release,
    waiting,
)
from studio_operator.plan.reasons import Reason
from studio_operator.plan.types import Call, Health, Look, Note


def go_without_finalizer(view: DomainView) -> Decision | None:
    """Nothing was ever done for a resource that does not carry our finalizer."""
    return None if view.situation.declared.finalizer else let_go("nothing to let go of")


def await_dependents(view: DomainView) -> Decision | None:
    """Resources that refer to this one need it to go themselves."""
    dependents = view.situation.dependents
    if not dependents:
        return None
    return waiting(
        Reason.DELETION_BLOCKED,
        f"{len(dependents)} resources still refer to this one: {name_some(dependents)}. "
        "Delete them first.",
    )


def await_sight(view: DomainView) -> Decision | None:
    """Nothing is decided before AWS has been looked at."""
    if view.situation.visible:
        return None
    return decide_unseen(view.situation.declared, view.memory)


def find_unfinished(view: DomainView) -> Decision | None:
    """A creation that was begun may have left a domain whose id is not known yet."""
    if view.known_id is not None:
        return None
    mine = view.mine_among_namesakes
    if mine is not None:
        return Decision(
            Health.PROGRESSING,
            Reason.RELEASING,
            f"found domain {mine.name} as {mine.domain_id}",
            wake_at=view.situation.now,
            remember={"domain_id": mine.domain_id, "arn": mine.arn},
        )
    if any(one.tags is None for one in view.namesakes):
        message = f"a {view.title} exists: looking whose it is"
        return look(view.situation.declared, view.memory, message, Look.TAGS)
    settles_at = view.settles_at
    if settles_at is not None and view.situation.now < settles_at:
        return waiting(
            Reason.RELEASING,
            f"AWS was asked for {view.title}: waiting whether it shows up",
            wake_at=settles_at,
        )
    return let_go(f"{view.title} does not exist")


def go_when_gone(view: DomainView) -> Decision | None:
    """The domain is no more; its file system may outlive it, and goes on costing money."""
    if view.domain is not None:
        return None
    file_system = view.memory.home_efs_file_system_id
    operation = view.memory.operation
    deleted_by_us = operation is not None and operation.type == "Delete"
    notes: tuple[Note, ...] = ()
    if deleted_by_us and file_system and view.spec.home_efs_retention != "Delete":
        notes = (
            Note(
                "FileSystemKept",
                "DeleteDomain",
                f"EFS file system {file_system} with people's home folders was kept "
                "(homeEfsRetention is not Delete) and goes on costing money",
                "Warning",
            ),
        )
    return let_go(f"domain {view.known_id} is gone", *notes)


def leave_others(view: DomainView) -> Decision | None:
    """A domain that does not carry this resource's mark is not touched."""
    if view.domain is None:
        return None
    if view.claim is None:
        message = f"looking whose {view.title} is"
        return look(view.situation.declared, view.memory, message, Look.TAGS)
    return leave_if_not_ours(view.hold(view.domain), view.claim)


def release_domain(view: DomainView) -> Decision | None:
    """Retain and Orphan: only the ownership tag changes."""
    if view.domain is None or view.policy == "Delete":
        return None
    situation = view.situation
    return release(situation.declared, situation.cluster, view.hold(view.domain), view.policy)


def await_inhabitants(view: DomainView) -> Decision | None:
    """AWS deletes a domain only when nothing is left in it; this is left to those who made it."""
    spaces = [f"space {name}" for name in view.situation.spaces_in_aws]
    profiles = [f"user profile {name}" for name in view.situation.profiles_in_aws]
    left = spaces or profiles  # in the order in which they can go
    if not left:
        return None
    return waiting(
        Reason.DELETION_BLOCKED,
        f"{view.title} still holds {len(spaces)} spaces and {len(profiles)} user profiles in AWS. "
        f"Delete these first: {name_some(left)}.",
    )


def await_domain(view: DomainView) -> Decision | None:
    """AWS refuses to delete what moves."""
    return await_moving(view.hold(view.domain)) if view.domain else None


def pause_after_failure(view: DomainView) -> Decision | None:
    """A deletion that failed is asked for again, not at once."""
    domain = view.domain
    if domain is None or domain.status != "Delete_Failed" or domain.modified_at is None:
        return None
    pause = timedelta(seconds=view.situation.tuning.deletion_retry_seconds)
    due = domain.modified_at + pause
    if view.situation.now >= due:
        return None
    return Decision(
        Health.STALLED,
        Reason.DELETION_FAILED,
        f"AWS could not delete {view.title}: {domain.failure or 'it gives no reason'}",
        wake_at=due,
    )


def delete_domain(view: DomainView) -> Decision:
    """Delete it; the home folders' file system goes only where the spec says so."""
    assert view.domain is not None
    retention = view.spec.home_efs_retention or "Retain"
    return Decision(
        Health.PROGRESSING,
        Reason.DELETING,
        f"deleting {view.title}",
        call=Call(
            "DeleteDomain",
            {
                "DomainId": view.domain.domain_id,
                "RetentionPolicy": {"HomeEfsFileSystem": retention},
            },
        ),
        notes=(Note("Deleting", "DeleteDomain", f"Deleting {view.title}"),),
        operation=started(view.memory, "Delete", view.situation.now),
    )


LETTING_GO: tuple[Rule[DomainView], ...] = (
    go_without_finalizer,
    await_dependents,
    await_sight,
    find_unfinished,
    go_when_gone,
    leave_others,
    release_domain,
    await_inhabitants,
    await_domain,
    pause_after_failure,
    delete_domain,
)
