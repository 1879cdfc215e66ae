"""When to look at AWS again: rarely at rest, soon while something moves, patiently after errors."""

from __future__ import annotations

import math
from collections.abc import Iterable

from studio_operator.settings import Settings


def next_look(since: float, looked_at: float, settings: Settings) -> float:
    """When to look again at what has been moving since then and was last looked at then.

    After a tenth of the time it had been moving when last looked at: its end is noticed at most
    a tenth late, and looks grow with the logarithm of the wait: 25 in half a minute, 85 in ten.
    """
    base = max(since, looked_at)
    pause = settings.moving_fraction * (base - since)
    return base + min(settings.moving_interval_max, max(settings.moving_interval_min, pause))


class PollingSchedule:
    """The timetable of one thing that is looked at. All times are of one monotonic clock."""

    def __init__(self, settings: Settings, now: float, rest_interval: float | None = None) -> None:
        self._settings = settings
        self._rest_interval = rest_interval or settings.rest_interval
        self._rest_due = now
        self._nudged_at = -math.inf
        self._moving_due = math.inf
        self._not_before = now
        self._failures = 0

    @property
    def due(self) -> float:
        """When to look next."""
        return max(self._not_before, min(self._rest_due, self._moving_due))

    @property
    def is_moving(self) -> bool:
        """Whether something moves, as far as known."""
        return self._moving_due < math.inf

    def is_full_due(self, now: float) -> bool:
        """Whether all is to be looked at, not only what moves."""
        return now >= self._rest_due

    def stir(self, now: float) -> None:
        """Something was set in motion just now."""
        self._moving_due = min(self._moving_due, now + self._settings.moving_interval_min)

    def nudge(self, now: float) -> None:
        """Look at all as soon as may be."""
        self._rest_due = min(self._rest_due, now)
        self._nudged_at = now

    def succeeded(
        self,
        began: float,
        *,
        full: bool,
        pages: int,
        pages_per_second: float,
        moving_since: Iterable[float],
    ) -> None:
        """A look that began then saw all it was to see, in so many pages of answers."""
        self._failures = 0
        self._not_before = began + pages / pages_per_second
        if full:
            # Whoever asked while the look was under way wants one that began later.
            asked_since = self._nudged_at > began
            self._rest_due = self._nudged_at if asked_since else began + self._rest_interval
        looks = (next_look(since, began, self._settings) for since in moving_since)
        self._moving_due = min(looks, default=math.inf)

    def failed(self, now: float) -> None:
        """A look failed: try again after a pause that doubles each time."""
        pause = self._settings.sweep_retry * 2.0 ** min(self._failures, 32)
        self._failures += 1
        self._not_before = now + min(self._rest_interval, pause)
