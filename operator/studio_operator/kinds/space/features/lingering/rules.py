"""What goes on costing money when a space's app is stopped: looked for, told, or waited for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from studio_operator.api.common import ConditionType
from studio_operator.kinds.shared.ownership import look_at
from studio_operator.kinds.space.api.status import LingeringStatus, SpaceStatus, StopWait
from studio_operator.kinds.space.features.lingering.feature import LingeringTuning
from studio_operator.kinds.space.features.lingering.observed import AT_LINGERING, Lingering
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.plan.decisions import Decision, name_some
from studio_operator.plan.lifecycle import stalled
from studio_operator.plan.messages import at, tell
from studio_operator.plan.ownership import Claim
from studio_operator.plan.reasons import Reason, reason_told
from studio_operator.plan.remedies import field, in_aws, set_field
from studio_operator.plan.types import Note

# How many ARNs status names, and how many its condition.
NAMED_AT_MOST = 20
NAMED_IN_MESSAGES = 3


def look_before_stop(view: SpaceView) -> Decision | None:
    """Nothing is stopped before it was looked at what would linger; Block waits for people."""
    situation, found = view.situation, view.situation.lingering
    fresh = timedelta(seconds=situation.tuning.of(LingeringTuning).fresh_seconds)
    if found is None or situation.now - found.looked_at > fresh:
        return look_at(view, AT_LINGERING)
    until = _waits_until(view)
    if not _is_held(view) or situation.now >= until:
        return None
    held = stalled(
        Reason.LINGERING_RESOURCES,
        f"the app is not stopped before {at(until)}, since {field('stopPolicy')} is Block and "
        f"{_count(found)} made from it would go on: {_short(found)}",
        in_aws(f"delete {_them(found)}"),
        set_field("stopPolicy", "Warn"),
    )
    return replace(held, wake_at=until)


def after_wait(view: SpaceView) -> str:
    """That a stop goes ahead although something lingers, for its message; else nothing."""
    found = view.situation.lingering
    if found is None or not _is_held(view):
        return ""
    return f", and its wait for {_count(found)} made from it is over: {_short(found)}"


# --- how long a stop waits ------------------------------------------------------------------------
#
# Whoever may tag a job in AWS may name another's space there. So there is a limit for all stops of
# one run together: neither a tag that comes and goes nor a schedule that opens in between makes the
# wait longer. What is counted is on status.


def next_stop_wait(view: SpaceView) -> StopWait | None:
    """`status.stopWait`: goes on while a stop is due, rests while none is, ends with the run."""
    before, situation = view.status.stop_wait, view.situation
    if situation.is_observed and situation.space is None:
        return None
    if view.is_owner_unknown or view.claim is not Claim.OURS:
        return before
    if not view.app_is_active:
        return _told_of_end(view)
    before = _wait_of_this_run(view)
    since, now = _waits_since(view), _now(view)
    if not view.is_stop_asked:
        waited = min((now - since).total_seconds(), _limit(view).total_seconds())
        return StopWait(waited_seconds=int(waited)) if waited else None
    if before is None and not _is_held(view):
        return None
    ended_at = before.ended_at if before and before.since else None  # else of an earlier run
    if ended_at is None and _is_held(view) and now >= _waits_until(view):
        ended_at = now
    return StopWait(since=since, ended_at=ended_at)


def _told_of_end(view: SpaceView) -> StopWait | None:
    """Once the app is stopped, when the wait ended is told for as long as something lingers."""
    before = view.status.stop_wait
    if before is None or before.ended_at is None or lingering_status(view) is None:
        return None
    return StopWait(ended_at=before.ended_at)


def _is_held(view: SpaceView) -> bool:
    """Whether something stands against the stop that is due.

    Who asks for it stops the app as people do in Studio, where nothing waits.
    """
    found = view.situation.lingering
    is_named = found is not None and bool(found.arns)
    return is_named and view.spec.stop_policy == "Block" and view.run.effective.by != "Request"


def _waits_since(view: SpaceView) -> datetime:
    """Since when the stops of this run wait, in one piece; a time in the future counts as now."""
    before, now = _wait_of_this_run(view) or StopWait(), _now(view)
    if before.since is not None:
        return min(before.since, now)
    waited = min(max(before.waited_seconds or 0, 0), _limit(view).total_seconds())
    return now - timedelta(seconds=waited)


def _wait_of_this_run(view: SpaceView) -> StopWait | None:
    """`status.stopWait`, unless AWS made the app after that: then it is of an earlier run.

    Within 24 hours AWS keeps the creation time of an app that is started again (API reference of
    DescribeApp): such a run that no operator saw begin can't be told from the one before.
    """
    before, app = view.status.stop_wait, view.situation.app
    if before is None or app is None or app.created_at is None:
        return before
    made_at = app.created_at.replace(microsecond=0)
    seen = (before.since, view.status.running_since)
    return None if any(moment is not None and made_at > moment for moment in seen) else before


def _waits_until(view: SpaceView) -> datetime:
    return _waits_since(view) + _limit(view)


def _limit(view: SpaceView) -> timedelta:
    return timedelta(seconds=view.situation.tuning.of(LingeringTuning).wait_limit_seconds)


def _now(view: SpaceView) -> datetime:
    return view.situation.now.replace(microsecond=0)


# --- what is told of it ---------------------------------------------------------------------------


def lingering_status(view: SpaceView) -> LingeringStatus | None:
    """What status names; nothing while nobody has looked."""
    found = view.situation.lingering
    if found is None:
        return view.status.lingering_resources
    if not found.arns:
        return None
    return LingeringStatus(count=len(found.arns), arns=found.arns[:NAMED_AT_MOST])


def lingering_condition(view: SpaceView) -> dict[ConditionType, tuple[str, str]]:
    """The condition of a space whose app does not run, while what was made from it does."""
    found = view.situation.lingering
    told = view.status.condition(ConditionType.LINGERING_RESOURCES)
    if found is None and told is not None and not view.app_is_active:
        reason = reason_told(told.reason, Reason.LINGERING_RESOURCES)
        return {ConditionType.LINGERING_RESOURCES: (reason, told.message)}
    if found is None or not found.arns or view.app_is_active:
        return {}
    costs = "costs" if len(found.arns) == 1 else "cost"
    wait = view.status.stop_wait
    ended = f" at the end of its wait, {at(wait.ended_at)}" if wait and wait.ended_at else ""
    was = f"was stopped{ended}" if ended else "is stopped"
    message = tell(
        f"the app {was}, and {_count(found)} made from it {costs} money: {_short(found)}",
        in_aws(f"delete {_them(found)}"),
    )
    return {ConditionType.LINGERING_RESOURCES: (Reason.LINGERING_RESOURCES, message)}


def tell_lingering(old: SpaceStatus, status: SpaceStatus) -> tuple[Note, ...]:
    """The Event about what lingers, once each time that it is something else."""
    told = status.condition(ConditionType.LINGERING_RESOURCES)
    before = old.condition(ConditionType.LINGERING_RESOURCES)
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
    return name_some((arn.split(":", 5)[-1] for arn in found.arns), NAMED_IN_MESSAGES)
