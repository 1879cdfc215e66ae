"""File systems that nobody has attached yet: waited for, before AWS would refuse to mount them.

A space mounts only what its admin attached (Developer Guide, on custom file systems): for a private
space what its owner's profile lists, or where that lists none the domain's DefaultUserSettings (API
reference, UserSettings); for a shared one DefaultSpaceSettings. The list of a space is set as a
whole, once all that is new in it may be mounted: a running app is stopped for it once, not twice.
"""

from __future__ import annotations

from dataclasses import replace

from studio_operator.plan.decisions import Decision
from studio_operator.plan.keeping import waiting
from studio_operator.plan.observed import FileSystem, SpaceSettings
from studio_operator.plan.reasons import Reason
from studio_operator.plan.situations import SpaceSituation
from studio_operator.plan.space_comparison import FILE_SYSTEMS
from studio_operator.plan.space_settings import declared_file_systems
from studio_operator.plan.space_view import SpaceView, look_at
from studio_operator.plan.types import Look


def why_not_mounted(situation: SpaceSituation, present: SpaceSettings) -> str | None:
    """What keeps the declared file systems from being mounted, and the remedy; None for nothing.

    What a space mounts already stays: AWS looks at the list when it is set. Where it is not known
    what the owner's profile attaches, AWS is left to decide.
    """
    new = _new_mounts(situation, present)
    if not new or situation.domain is None:
        return None
    attached = _attached(situation)
    missing = [one for one in new if one not in attached] if attached is not None else []
    return _explain(situation, missing) if missing else _unready(situation)


def learn_owner_settings(view: SpaceView) -> Decision | None:
    """What the owner's profile attaches counts before the domain's, so it has to be known."""
    situation, owner = view.situation, view.situation.owner
    if owner is None or owner.file_systems is not None or owner.problem or view.spec.is_shared:
        return None
    is_new = situation.space is None and _new_mounts(situation, SpaceSettings())
    if not is_new and all(change.field != FILE_SYSTEMS for change in view.changes):
        return None
    return look_at(view, Look.OWNER)


def await_update(view: SpaceView) -> Decision | None:
    """No stop and no start for changes while the domain's update may bring what is to be mounted.

    So one commit that attaches, mounts and resizes takes one stop, whatever is seen of it first.
    AWS starts no app before the update is over.
    """
    domain = view.situation.domain
    if view.unattached is None or domain is None or not domain.problem:
        return None
    concerned = view.may_stop_for_changes if view.app_is_active else view.wants_running
    return waiting(Reason.DEPENDENCY_NOT_READY, view.unattached) if concerned else None


def await_attachment(view: SpaceView) -> Decision | None:
    """A new space without the file systems asked for would need a stop to get them."""
    return _await(view) if view.situation.space is None else None


def report_unattached(view: SpaceView) -> Decision | None:
    """A space that exists is kept as it is, and status says what to attach where."""
    decision = _await(view)
    return None if decision is None else replace(decision, operation=None)


def _await(view: SpaceView) -> Decision | None:
    if view.unattached is None:
        return None
    return waiting(Reason.DEPENDENCY_NOT_READY, view.unattached)


def _new_mounts(situation: SpaceSituation, present: SpaceSettings) -> tuple[FileSystem, ...]:
    declared = declared_file_systems(situation.declared.spec) or ()
    return tuple(one for one in declared if one not in present.file_systems)


def _attached(situation: SpaceSituation) -> tuple[FileSystem, ...] | None:
    """What the space may mount; None where that is not known."""
    domain, owner = situation.domain, situation.owner
    of_domain = domain.file_systems if domain else None
    if situation.declared.spec.is_shared:
        return of_domain
    if owner is None or owner.file_systems is None:
        return None
    return owner.file_systems or of_domain


def _unready(situation: SpaceSituation) -> str | None:
    """Why it is too early, though all seems to be attached."""
    domain, owner = situation.domain, situation.owner
    if domain is not None and domain.problem:
        return f"StudioDomain {domain.name} is not ready: {domain.problem}."
    if owner is None or not owner.problem or situation.declared.spec.is_shared:
        return None
    if situation.memory.operation is not None:
        return None  # an app that was stopped for it waits no longer: AWS decides
    return f"UserProfile {owner.name} is not ready: {owner.problem}."


def _explain(situation: SpaceSituation, missing: list[FileSystem]) -> str:
    spec, domain, owner = situation.declared.spec, situation.domain, situation.owner
    named = ", ".join(one.address for one in missing)
    nobody = f"spec.storage.fileSystems names {named}, which nobody has attached. Add it to"
    if owner is not None and owner.file_systems and not spec.is_shared:
        return (
            f"{nobody} spec.userSettings.fileSystems of UserProfile {owner.name}: its list takes "
            "the place of the domain's."
        )
    block = "defaultSpaceSettings" if spec.is_shared else "defaultUserSettings"
    return f"{nobody} spec.{block}.fileSystems of StudioDomain {domain.name if domain else '?'}."
