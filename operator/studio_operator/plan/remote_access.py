"""Remote access on a machine that is too small for it: told, before an app is stopped in vain.

AWS takes the setting on any space, and refuses to start its app on an instance with less than 8 GiB
of memory (Developer Guide, remote-access). So neither the setting nor such an instance type is
asked for next to the other, and an app that runs goes on as it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from studio_operator.api.space_rules import TOO_SMALL_FOR_REMOTE_ACCESS
from studio_operator.api.space_status import Substitute
from studio_operator.plan.decisions import Decision
from studio_operator.plan.keeping import stalled
from studio_operator.plan.observed import SpaceSettings
from studio_operator.plan.reasons import Reason
from studio_operator.plan.situations import SpaceSituation
from studio_operator.plan.space_comparison import REMOTE_ACCESS, Change
from studio_operator.plan.space_settings import FALLBACK_FOR_REMOTE_ACCESS, WantedSettings
from studio_operator.plan.space_view import SpaceView

INSTANCE_TYPE = "instanceType"


def why_too_small(
    situation: SpaceSituation,
    wanted: WantedSettings | None,
    present: SpaceSettings,
    changes: Iterable[Change],
    substitute: Substitute | None,
) -> str | None:
    """Why the app could not start on what is wanted, and the remedy; None where it could."""
    if wanted is None or wanted.instance_type not in TOO_SMALL_FOR_REMOTE_ACCESS:
        return None
    is_changed = situation.space is None or any(one.field == REMOTE_ACCESS for one in changes)
    if not (wanted.remote_access if is_changed else present.remote_access):
        return None
    said = "spec.remoteAccess is Enabled" if is_changed else "remote access is enabled in AWS"
    origin = _origin(situation, wanted.instance_type, present, substitute)
    return (
        f"{said}, {origin}, and AWS starts apps with remote access on instances with 8 GiB of "
        f"memory or more. Set spec.instanceType to {FALLBACK_FOR_REMOTE_ACCESS} or a larger type, "
        "or spec.remoteAccess to Disabled."
    )


def hold_both(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes not to be made while type and remote access don't go together.

    The image goes with the type: each has its variant for one sort of instance.
    """
    listed = tuple(changes)
    held = {REMOTE_ACCESS, INSTANCE_TYPE}
    if any(change.field == INSTANCE_TYPE for change in listed):
        held.add("image")
    return tuple(change for change in listed if change.field in held)


def refuse_too_small(view: SpaceView) -> Decision | None:
    """A new space that could never start its app."""
    return _refuse(view) if view.situation.space is None else None


def refuse_vain_stop(view: SpaceView) -> Decision | None:
    """No stop for a change or a restart that the app would not come back from."""
    stops = view.may_stop_for_changes or view.requests.restart
    return _refuse(view) if view.app_is_active and stops and _cannot_start(view) else None


def refuse_vain_start(view: SpaceView) -> Decision | None:
    """No start that AWS would refuse; one that an operation owes stays owed."""
    starts = view.wants_running and not view.app_is_active
    if view.too_small is None or not starts or not _cannot_start(view):
        return None
    return stalled(Reason.INVALID_SPEC, view.too_small, phase="Failed")


def report_too_small(view: SpaceView) -> Decision | None:
    """All else of the space is kept, and status says what to change."""
    held = hold_both(one.change for one in view.compared if one.differs)
    return _refuse(view) if held else None


def _refuse(view: SpaceView) -> Decision | None:
    if view.too_small is None:
        return None
    return stalled(Reason.INVALID_SPEC, view.too_small, operation=None)


def _cannot_start(view: SpaceView) -> bool:
    """Whether the space as it is by then has remote access and a type that is too small."""
    if view.wanted is None or view.present is None:
        return False
    if any(change.field == REMOTE_ACCESS for change in view.changes):
        return False  # a change is made only to what goes together
    wanted = view.wanted.fall_back(view.present) if view.rejection else view.wanted
    return view.present.remote_access and wanted.instance_type in TOO_SMALL_FOR_REMOTE_ACCESS


def _origin(
    situation: SpaceSituation,
    instance_type: str,
    present: SpaceSettings,
    substitute: Substitute | None,
) -> str:
    """Where the type comes from, in words."""
    spec, domain = situation.declared.spec, situation.domain
    if substitute is not None and substitute.instance_type == instance_type:
        field = "rollback" if substitute.kind == "Rollback" else "fallbackInstanceTypes"
        return f"spec.{field} leads to {instance_type}"
    if spec.instance_type == instance_type:
        return f"spec.instanceType is {instance_type}"
    if present.instance_type == instance_type or domain is None:
        return f"the space has {instance_type}"
    return f"StudioDomain {domain.name} has {instance_type} as its default for {spec.app}"
