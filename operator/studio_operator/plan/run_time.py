"""Since when an app runs without a break, and when `maxRunTime` ends its run."""

from __future__ import annotations

from datetime import datetime, timedelta

from studio_operator.plan.requests import read_requests
from studio_operator.plan.schedule import last_opening
from studio_operator.plan.situations import SpaceSituation
from studio_operator.plan.space_settings import parse_minutes


def running_since(situation: SpaceSituation) -> datetime | None:
    """Since when the app runs, as far as it was seen; None while it does not.

    A run that has lasted for `maxRunTime` is counted anew from a later trigger that would have
    started the app again: nobody is stopped for a restart that nobody needs.
    """
    app, now = situation.app, situation.now.replace(microsecond=0)
    if app is None or app.status != "InService":
        return None
    seen = situation.memory.running_since or now
    # AWS keeps the creation time of an app that is started again within 24 hours, so only a later
    # one tells of a break (API reference of DescribeApp).
    made = app.created_at.replace(microsecond=0) if app.created_at else seen
    since = max(seen, made)
    limit = _limit(situation)
    if limit is None or since + limit > situation.now:
        return since
    return max((at for at in _starts(situation) if at > since + limit), default=since)


def run_deadline(situation: SpaceSituation) -> datetime | None:
    """When `maxRunTime` ends for an app that runs."""
    limit, since = _limit(situation), running_since(situation)
    return since + limit if limit is not None and since is not None else None


def _limit(situation: SpaceSituation) -> timedelta | None:
    given = situation.declared.spec.max_run_time
    return timedelta(minutes=parse_minutes(given)) if given else None


def _starts(situation: SpaceSituation) -> tuple[datetime, ...]:
    """When a window and a person's request, not handled yet, would last have started the app."""
    declared, now = situation.declared, situation.now.replace(microsecond=0)
    opened_at = last_opening(declared, situation.now)
    requests = read_requests(declared, situation.memory)
    asked_at = min(requests.asked_at or now, now) if requests.run_state == "Running" else None
    return tuple(at for at in (opened_at, asked_at) if at is not None)
