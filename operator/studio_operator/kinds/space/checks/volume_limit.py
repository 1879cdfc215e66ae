"""A volume above what the domain or the owner's profile allows: refused before an app is stopped.

AWS takes a size only up to MaximumEbsVolumeSizeInGb of the settings that the space inherits (API
reference, DefaultEbsStorageSettings): for a private space its owner's profile, else the domain's
DefaultUserSettings; for a shared one DefaultSpaceSettings. Where an admin sets none, a volume may
have 100 GiB (Developer Guide, studio-updated-jl-admin-guide).
"""

from __future__ import annotations

from studio_operator.kinds.space.planner_input.comparison import STORAGE
from studio_operator.kinds.space.planner_input.findings import CheckInput, Finding, unfit
from studio_operator.plan.messages import tell
from studio_operator.plan.remedies import command, field, in_kubernetes, set_field

# Where nothing is set, so the Developer Guide says; AWS decides where no app would be stopped.
USUAL_MAXIMUM_GIB = 100


def check_volume_size(given: CheckInput) -> Finding | None:
    """The declared size, if it would have to be set."""
    storage = given.spec.storage
    if storage is None or not given.changes_field(STORAGE):
        return None
    maximum, whose = _maximum_of(given)
    if maximum is None and _is_known_to_set_none(given):
        maximum, whose = USUAL_MAXIMUM_GIB, _sets_none(given)
    if maximum is None or storage.size_gib <= maximum:
        return None
    return unfit(
        tell(
            f"{field(STORAGE)} is {storage.size_gib}, and {whose}",
            set_field(STORAGE, maximum, words=f"{maximum} or less"),
            in_kubernetes("set a larger maximumGiB there"),
        ),
        fields=frozenset({STORAGE}),
    )


def check_present_volume(given: CheckInput) -> Finding | None:
    """A volume above a maximum that was lowered since: AWS may refuse each update of the space.

    Where nobody sets a maximum, a volume above the usual one shows that AWS allows more.
    """
    space = given.situation.space
    if not given.app_is_active:
        return None
    size, (maximum, whose) = (space.storage_gib if space else None) or 0, _maximum_of(given)
    if maximum is None or size <= maximum:
        return None
    return unfit(
        tell(
            f"AWS may refuse the change: the volume has {size} GiB, and {whose}",
            in_kubernetes(f"set maximumGiB there to {size} or more"),
            command(f"stop it with kubectl studio stop {given.name}"),
        ),
        refuses_update=True,
        is_told=False,
    )


def _maximum_of(given: CheckInput) -> tuple[int | None, str]:
    """The largest volume in GiB, and whose limit it is in words; None where nobody knows."""
    situation, spec = given.situation, given.spec
    domain, owner = situation.domain, situation.owner
    if owner is not None and not spec.is_shared and owner.maximum_gib is not None:
        path = "userSettings.spaceStorage"
        return owner.maximum_gib, _allows(f"UserProfile {owner.name}", path, owner.maximum_gib)
    if domain is None or not domain.is_described:
        return None, ""
    maximum = domain.maximum_gib
    title = f"StudioDomain {domain.name}"
    return maximum, _allows(title, _path(given), maximum) if maximum is not None else ""


def _is_known_to_set_none(given: CheckInput) -> bool:
    """Whether a running app would be stopped to learn that AWS allows no more than usual."""
    domain = given.situation.domain
    return domain is not None and domain.is_described and given.app_is_active


def _sets_none(given: CheckInput) -> str:
    domain = given.situation.domain
    title = f"StudioDomain {domain.name if domain else ''}"
    return f"{title} ({_path(given)}) sets no maximum: AWS allows {USUAL_MAXIMUM_GIB}"


def _path(given: CheckInput) -> str:
    block = "defaultSpaceSettings" if given.spec.is_shared else "defaultUserSettings"
    return f"{block}.spaceStorage"


def _allows(title: str, path: str, maximum: int) -> str:
    return f"{title} ({path}) allows {maximum}"
