"""How a domain's resource goes: blocked while others need it, then released or deleted."""

from __future__ import annotations

from studio_operator.kinds.shared.deletion import (
    await_dependents,
    await_showing_up,
    block_deletion,
    delete,
    go_without_finalizer,
    in_console,
    leave_others,
    let_go,
    pause_after_failure,
    release_unless_deleted,
    with_kubernetes,
)
from studio_operator.kinds.shared.existing import await_standstill
from studio_operator.kinds.shared.ownership import await_observation, learn_owner
from studio_operator.kinds.studio_domain.view import DomainView
from studio_operator.plan.decisions import Decision, Rule
from studio_operator.plan.lifecycle import look
from studio_operator.plan.messages import tell
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import field
from studio_operator.plan.types import Health, Look, Note


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
            remember={"domain_id": mine.domain_id},
        )
    if any(one.tags is None for one in view.namesakes):
        message = f"a {view.title} exists: looking whose it is"
        return look(view.situation.declared, view.status, message, Look.TAGS)
    settling = await_showing_up(view, view.settles_at)
    return settling or let_go(f"{view.title} does not exist")


def go_when_gone(view: DomainView) -> Decision | None:
    """The domain is no more; its file system may outlive it, and goes on costing money."""
    if view.found is not None:
        return None
    file_system = view.status.home_efs_file_system_id
    operation = view.status.operation
    deleted_by_us = operation is not None and operation.type == "Delete"
    notes: tuple[Note, ...] = ()
    if deleted_by_us and file_system and view.spec.home_efs_retention != "Delete":
        notes = (
            Note(
                "FileSystemKept",
                "DeleteDomain",
                tell(
                    f"EFS file system {file_system} with people's home folders was kept "
                    f"({field('homeEfsRetention')} is not Delete) and goes on costing money"
                ),
                "Warning",
            ),
        )
    return let_go(f"domain {view.known_id} is gone", *notes)


def await_apps(view: DomainView) -> Decision | None:
    """AWS deletes no domain with an app outside of spaces: a person's, or RStudio's server.

    Apps can go before all else.
    """
    apps = view.situation.apps_in_aws
    where = " outside of spaces in AWS"
    return block_deletion(view, "still holds", {"app": apps}, in_console(apps), where)


def await_inhabitants(view: DomainView) -> Decision | None:
    """Nor one with anything else in it; this is left to those who made it, spaces first."""
    situation = view.situation
    left = {"space": situation.spaces_in_aws, "user profile": situation.profiles_in_aws}
    named = {noun: tuple(f"{noun} {name}" for name in names) for noun, names in left.items()}
    first = named["space"] or named["user profile"]
    return block_deletion(view, "still holds", named, with_kubernetes(first), " in AWS")


def delete_domain(view: DomainView) -> Decision:
    """Delete it; the home folders' file system goes only where the spec says so."""
    retention = {"HomeEfsFileSystem": view.spec.home_efs_retention or "Retain"}
    return delete(view, {**view.identity, "RetentionPolicy": retention})


DELETION_RULES: tuple[Rule[DomainView], ...] = (
    go_without_finalizer,
    await_dependents("resource"),
    await_observation,
    find_unfinished,
    go_when_gone,
    learn_owner,
    leave_others,
    release_unless_deleted,
    await_apps,
    await_inhabitants,
    await_standstill,
    pause_after_failure,
    delete_domain,
)
