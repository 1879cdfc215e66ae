"""Durations such as "90m", "2h" or "1d12h": their form, and CEL that bounds them."""

from __future__ import annotations

import re

DURATION = r"^([0-9]+d)?([0-9]+h)?([0-9]+m)?$"


def duration_within(least: int, most: int) -> str:
    """CEL: whether a duration lies within these bounds, in minutes."""
    total = f"{_minutes('d', 1440)} + {_minutes('h', 60)} + {_minutes('m', 1)}"
    # CEL has no `let`: a list of one gives the sum a name.
    return f"[{total}].all(minutes, minutes >= {least} && minutes <= {most})"


def _minutes(unit: str, factor: int) -> str:
    """CEL: the part of a duration in that unit, in minutes; 0 when there is none."""
    return f"int('0' + self.find('[0-9]+{unit}').replace('{unit}', '')) * {factor}"


# SageMaker's own bounds of an idle time (botocore: IdleTimeoutInMinutes), 60m to 365d.
IDLE_RANGE = duration_within(60, 525600)
# A start takes minutes; one that takes a day is none.
START_RANGE = duration_within(5, 1440)

_MINUTES = {"d": 1440, "h": 60, "m": 1}


def parse_minutes(duration: str) -> int:
    """Minutes of a duration such as "90m", "2h" or "1d12h"."""
    return sum(int(n) * _MINUTES[unit] for n, unit in re.findall(r"(\d+)([dhm])", duration))
