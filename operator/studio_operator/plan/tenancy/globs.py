"""Names with stars, as admins write them: `arn:aws:iam::123456789012:role/team-*`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

STAR = "*"


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern means a text: a star is for any characters, slashes and colons too."""
    return matches_any((pattern,), text)


def matches_any(patterns: Iterable[str], text: str) -> bool:
    """Whether one of the patterns means the text."""
    return _expression(tuple(patterns)).fullmatch(text) is not None


# Each list of each tenant is compiled once; of forty tenants with fourteen lists all fit.
@lru_cache(maxsize=1024)
def _expression(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """All patterns as one, which takes time that grows with the lengths and never with tries.

    Between two stars the first place that fits is as good as any later one: the group is atomic.
    """
    return re.compile("|".join(map(_translate, patterns)) or r"(?!)", re.DOTALL)


def _translate(pattern: str) -> str:
    first, *others = map(re.escape, pattern.split(STAR))
    if not others:
        return first
    last = others.pop()
    return f"{first}{''.join(f'(?>.*?{one})' for one in others if one)}.*{last}"
