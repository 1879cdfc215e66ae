"""Since when something runs without a break, and when `maxRunTime` ends its run."""

from __future__ import annotations

from datetime import datetime, timedelta

from studio_operator.api.durations import parse_minutes
from studio_operator.kinds.shared.running.requests import read_requests
from studio_operator.kinds.shared.running.situation import RunningT, RunSituation
from studio_operator.plan.schedule.timetable import Timetable, last_opening


def running_since(situation: RunSituation[RunningT]) -> datetime | None:
    """Since when it runs, as far as it was seen; None while it does not.

    A run that the schedule finds going on when it would start it counts from there, as if it
    had been started then. One that has lasted for `maxRunTime` also counts anew from a later
    request to start it: nobody is stopped for a restart that nobody needs.
    """
    run, now = situation.run, situation.now.replace(microsecond=0)
    if run.status != "Running":
        return None
    observed = situation.status.running_since or now
    # AWS keeps the creation time of an app that is started again within 24 hours, so only a later
    # one tells of a break (API reference of DescribeApp).
    made = run.made_at.replace(microsecond=0) if run.made_at else observed
    since, limit = max(observed, made), _limit_of(situation)
    if limit is None:
        return since
    since = max(since, _opened_at(situation) or since)
    asked_at = _asked_at(situation)
    return asked_at if asked_at is not None and asked_at > since + limit else since


def run_deadline(situation: RunSituation[RunningT], timetable: Timetable | None) -> datetime | None:
    """When `maxRunTime` ends for what runs, if a window to come does not count it anew."""
    limit = _limit_of(situation)
    since = running_since(situation) if limit is not None else None
    if limit is None or since is None:
        return None
    deadline, opens_at = since + limit, timetable.opens_at if timetable else None
    starts = situation.declared.spec.state == "Running"
    if starts and opens_at is not None and situation.now < opens_at <= deadline:
        return opens_at + limit
    return deadline


def _limit_of(situation: RunSituation[RunningT]) -> timedelta | None:
    """`spec.maxRunTime`."""
    given = situation.declared.spec.max_run_time
    return timedelta(minutes=parse_minutes(given)) if given else None


def _opened_at(situation: RunSituation[RunningT]) -> datetime | None:
    """When the schedule would last have started it."""
    handled = situation.status.effective
    return last_opening(
        situation.declared, situation.now, handled.window_since if handled else None
    )


def _asked_at(situation: RunSituation[RunningT]) -> datetime | None:
    """The time of a person's request to start it that is not handled yet."""
    requests = read_requests(situation)
    if requests.run_state != "Running":
        return None
    now = situation.now.replace(microsecond=0)
    return min(requests.asked_at or now, now)
