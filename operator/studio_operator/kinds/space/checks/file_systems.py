"""File systems that are not attached: waited for, before AWS would refuse to mount them.

A space mounts only what its admin attached (Developer Guide, on custom file systems): for a private
space what its owner's profile lists, or where that lists none the domain's DefaultUserSettings (API
reference, UserSettings); for a shared one DefaultSpaceSettings. The list of a space is set as a
whole, once all that is new in it may be mounted: a running app is stopped for it once, not twice.
What a space mounts already and is no longer attached stays while its app runs, and keeps it from
being stopped for a change: it could not start again.
"""

from __future__ import annotations

from studio_operator.kinds.space.in_aws import settings
from studio_operator.kinds.space.in_aws.settings import declared_file_systems
from studio_operator.kinds.space.planner_input.comparison import FILE_SYSTEMS
from studio_operator.kinds.space.planner_input.findings import CheckInput, Finding, unready
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.plan.decisions import name_some
from studio_operator.plan.lifecycle import domain_resource
from studio_operator.plan.messages import Message, tell
from studio_operator.plan.observed import FileSystem
from studio_operator.plan.remedies import Resource, add_to, field


def check_new_mounts(given: CheckInput) -> Finding | None:
    """What the spec newly mounts has to be attached.

    Where it is not known what the owner's profile attaches, AWS is left to decide. While the
    domain's update may still bring it, nothing else is stopped or started either, so that one
    commit that attaches, mounts and resizes takes one stop, whatever is seen of it first.
    """
    situation = given.situation
    new = _new_mounts(given)
    if not new or situation.domain is None:
        return None
    missing = _missing(situation, new)
    message = _explain_new(situation, missing) if missing else _unready(situation)
    if message is None:
        return None
    is_updating = situation.domain.problem is not None
    return unready(
        message,
        fields=frozenset({FILE_SYSTEMS}),
        refuses_update=is_updating,
        refuses_start=is_updating,
    )


def check_present_mounts(given: CheckInput) -> Finding | None:
    """What the space mounts already, and would still mount after its changes."""
    situation, kept = given.situation, _kept_mounts(given)
    if not kept or situation.domain is None:
        return None
    missing = _missing(situation, kept)
    message = _explain_present(situation, missing) if missing else _unready(situation)
    if message is None:
        return None
    is_changed = FILE_SYSTEMS in given.changes
    return unready(
        message,
        fields=frozenset({FILE_SYSTEMS} if is_changed and missing else ()),
        refuses_update=True,
        refuses_start=True,
        is_told=False,
    )


def _new_mounts(given: CheckInput) -> tuple[FileSystem, ...]:
    if not given.changes_field(FILE_SYSTEMS):
        return ()
    declared = declared_file_systems(given.spec) or ()
    return tuple(one for one in declared if one not in given.present.file_systems)


def _kept_mounts(given: CheckInput) -> tuple[FileSystem, ...]:
    """What is mounted before and after: all of it while the list can't be changed."""
    present, change = given.present.file_systems, given.changes.get(FILE_SYSTEMS)
    if change is None or check_new_mounts(given) is not None:
        return present
    wanted = (given.wanted[settings.FILE_SYSTEMS] if given.wanted else None) or ()
    return tuple(one for one in present if one in wanted)


def _missing(situation: SpaceSituation, systems: tuple[FileSystem, ...]) -> list[FileSystem]:
    """Those that nobody attaches; none while that is not known."""
    attached = _attached(situation)
    return [one for one in systems if one not in attached] if attached is not None else []


def _attached(situation: SpaceSituation) -> tuple[FileSystem, ...] | None:
    """What the space may mount; None where that is not known."""
    domain, owner = situation.domain, situation.owner
    of_domain = domain.file_systems if domain else None
    if situation.declared.spec.is_shared:
        return of_domain
    if owner is None or owner.file_systems is None:
        return None
    return owner.file_systems or of_domain


def _unready(situation: SpaceSituation) -> Message | None:
    """Why it is too early, though all seems to be attached."""
    domain, owner = situation.domain, situation.owner
    if domain is not None and domain.problem:
        return tell(f"StudioDomain {domain.name} is not ready: {domain.problem}")
    if owner is None or not owner.problem or situation.declared.spec.is_shared:
        return None
    if situation.status.operation is not None:
        return None  # an app that was stopped for it waits no longer: AWS decides
    return tell(f"UserProfile {owner.name} is not ready: {owner.problem}")


def _explain_new(situation: SpaceSituation, missing: list[FileSystem]) -> Message:
    named = name_some(one.address for one in missing)
    nobody = f"{field(FILE_SYSTEMS)} names {named}, which nobody has attached"
    return _with_remedy(situation, nobody, missing)


def _explain_present(situation: SpaceSituation, missing: list[FileSystem]) -> Message:
    named = name_some(one.address for one in missing)
    nobody = f"the app could not start: it mounts {named}, which is no longer attached"
    return _with_remedy(situation, nobody, missing)


def _with_remedy(situation: SpaceSituation, nobody: str, missing: list[FileSystem]) -> Message:
    declared, owner = situation.declared, situation.owner
    its, added = "them" if len(missing) > 1 else "it", [one.name for one in missing]
    if owner is not None and owner.file_systems and not declared.spec.is_shared:
        said = f"{nobody}: the list of UserProfile {owner.name} takes the place of the domain's"
        profile = Resource("UserProfile", owner.name)
        return tell(said, add_to("userSettings.fileSystems", added, words=its, on=profile))
    block = "defaultSpaceSettings" if declared.spec.is_shared else "defaultUserSettings"
    on = domain_resource(declared, declared.spec.domain_ref)
    return tell(nobody, add_to(f"{block}.fileSystems", added, words=its, on=on))
