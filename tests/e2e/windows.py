"""Windows of a schedule by the real clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any


def window_around(moment: datetime) -> dict[str, str]:
    """A window of four hours with the moment in its middle."""
    begins, ends = moment - timedelta(hours=2), moment + timedelta(hours=2)
    return {"days": "Mon-Sun", "from": f"{begins:%H:%M}", "to": f"{ends:%H:%M}"}


def open_now() -> dict[str, Any]:
    return {"timezone": "UTC", "windows": [window_around(datetime.now(UTC))]}


def closed_now() -> dict[str, Any]:
    return {"timezone": "UTC", "windows": [window_around(datetime.now(UTC) + timedelta(hours=12))]}
