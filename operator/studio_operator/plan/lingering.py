"""What goes on costing money when a space's app is stopped: looked for, told, or waited for."""

from __future__ import annotations

from datetime import timedelta

from studio_operator.api.common import ConditionType
from studio_operator.api.space_status import LingeringStatus, SpaceStatus
from studio_operator.plan.decisions import Decision, name_some
from studio_operator.plan.keeping import stalled
from studio_operator.plan.observed import Lingering
from studio_operator.plan.reasons import Reason
from studio_operator.plan.space_view import SpaceView, look_at
from studio_operator.plan.types import Look, Note

# How many ARNs status and its condition name.
NAMED_AT_MOST = 20


def look_before_stop(view: SpaceView) -> Decision | None:
    """Nothing is stopped before it was looked at what would linger; Block waits for people."""
    situation, found = view.situation, view.situation.lingering
    fresh = timedelta(seconds=situation.tuning.lingering_fresh_seconds)
    if found is None or situation.now - found.looked_at > fresh:
        return look_at(view, Look.LINGERING)
    if view.spec.stop_policy != "Block" or not found.arns:
        return None
    return stalled(
        Reason.LINGERING_RESOURCES,
        f"the app is not stopped, since spec.stopPolicy is Block and {_count(found)} made from it "
        f"would go on: {_short(found)}. Delete {_them(found)}, or set spec.stopPolicy to Warn.",
    )


def lingering_status(view: SpaceView) -> LingeringStatus | None:
    """What status names; nothing while nobody has looked."""
    found = view.situation.lingering
    if found is None:
        return view.memory.lingering_resources
    if not found.arns:
        return None
    return LingeringStatus(count=len(found.arns), arns=found.arns[:NAMED_AT_MOST])


def lingering_condition(view: SpaceView) -> dict[ConditionType, tuple[str, str]]:
    """The condition of a space whose app does not run, while what was made from it does."""
    found = view.situation.lingering
    told = view.memory.condition(ConditionType.LINGERING_RESOURCES)
    if found is None and told is not None and not view.app_is_active:
        return {ConditionType.LINGERING_RESOURCES: (Reason(told.reason), told.message)}
    if found is None or not found.arns or view.app_is_active:
        return {}
    costs = "costs" if len(found.arns) == 1 else "cost"
    message = f"the app is stopped, and {_count(found)} made from it {costs} money: {_short(found)}"
    return {ConditionType.LINGERING_RESOURCES: (Reason.LINGERING_RESOURCES, message)}


def tell_lingering(memory: SpaceStatus, status: SpaceStatus) -> tuple[Note, ...]:
    """The Event about what lingers, once each time that it is something else."""
    told = status.condition(ConditionType.LINGERING_RESOURCES)
    before = memory.condition(ConditionType.LINGERING_RESOURCES)
    if told is None or (before is not None and before.message == told.message):
        return ()
    return (Note(Reason.LINGERING_RESOURCES, "Stop", told.message, "Warning"),)


def _count(found: Lingering) -> str:
    at_least = "" if found.is_complete else "at least "
    noun = "resource" if len(found.arns) == 1 else "resources"
    return f"{at_least}{len(found.arns)} {noun}"


def _them(found: Lingering) -> str:
    return "it" if len(found.arns) == 1 else "them"


def _short(found: Lingering) -> str:
    """ARNs without what they have in common: `endpoint/churn`."""
    return name_some((arn.split(":", 5)[-1] for arn in found.arns), NAMED_AT_MOST)
