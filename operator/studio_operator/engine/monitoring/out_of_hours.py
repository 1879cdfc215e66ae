"""Counts how long apps ran outside their schedules."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime

from studio_operator.api.schedule import Schedule
from studio_operator.engine.monitoring.labelled_spaces import Labelled
from studio_operator.engine.monitoring.metric_families import Labels
from studio_operator.plan.schedule.out_of_hours import (
    Stretch,
    closed_within,
    stretches_of,
    windows_of,
)


class OutOfHours:
    """Seconds that apps ran while their schedule was closed, snoozed or not, by owner.

    It counts when it is asked, for the time since it was asked last: no timer runs, and nothing is
    asked of AWS. How exact it is, for each run of an app:

    - It begins when the app was first seen to run, but not before this process's first answer as
      the leader.
    - It ends with the last answer before the app was seen to be stopped. So what is missing is at
      most the time between two scrapes, by whatever Prometheus.
    - Windows open and close to the second. Of a schedule that was edited, the new one counts from
      the last answer on; likewise another owner or team.
    - While AWS does not answer, what it showed last counts as running.

    A restart begins at 0, as counters do, and what ran meanwhile is not counted. An owner is told
    at 0 before anything ran, so that Prometheus sees the first increase; and only for as long as
    they have a space with a schedule, so that those of the past take no room.
    """

    def __init__(self) -> None:
        self.seconds: Mapping[Labels, float] = {}
        self._counted_at: datetime | None = None
        self._stretches: dict[Hashable, tuple[Stretch, ...]] = {}

    def count(self, spaces: Iterable[Labelled], now: datetime) -> None:
        """Add what has run since the last time."""
        before, self._counted_at = self._counted_at or now, now
        known, self._stretches = self._stretches, {}
        seconds: dict[Labels, float] = {}
        for one in spaces:
            if one.schedule is None:
                continue
            seconds.setdefault(one.labels, self.seconds.get(one.labels, 0.0))
            if one.running_since is not None:
                stretches = self._stretches_of(one.schedule, before, now, known)
                since = max(before, one.running_since)
                seconds[one.labels] += closed_within(stretches, since, now).total_seconds()
        self.seconds = seconds

    def pause(self) -> None:
        """Another one counts from here on."""
        self.seconds, self._counted_at, self._stretches = {}, None, {}

    def _stretches_of(
        self,
        schedule: Schedule,
        since: datetime,
        until: datetime,
        known: Mapping[Hashable, tuple[Stretch, ...]],
    ) -> tuple[Stretch, ...]:
        """Where a schedule stood: found out once for all spaces whose schedules are alike."""
        windows = windows_of(schedule)
        if windows not in self._stretches:
            last = known.get(windows) or (None,)
            self._stretches[windows] = stretches_of(schedule, since, until, last[-1])
        return self._stretches[windows]
