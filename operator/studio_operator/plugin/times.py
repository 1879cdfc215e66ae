"""Times as people read and write them at a terminal."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import click


def span(length: timedelta) -> str:
    """A length of time as kubectl shows ages: 45s, 12m, 3h5m, 4d."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 120:
        return f"{seconds}s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 120:
        return f"{minutes}m"
    if hours < 48:
        return f"{hours}h{minutes % 60}m" if minutes % 60 else f"{hours}h"
    return f"{days}d"


def parse_time(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The moment that a person means, in UTC.

    `2026-03-02T22:00:00Z` and other times with an offset; `2026-03-02`, `2026-03-02T22:00` by the
    clock of `zone`; `22:00` for the next time that this clock shows it. Raises BadParameter.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _next_time(text, zone, now)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _next_time(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    try:
        clock = time.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(
            f"{text!r} is no time such as 22:00, 2026-03-02T22:00 or 2026-03-02T22:00:00Z"
        ) from error
    here = now.astimezone(zone)
    today = datetime.combine(here.date(), clock, clock.tzinfo or zone)
    return today if today > here else today + timedelta(days=1)
