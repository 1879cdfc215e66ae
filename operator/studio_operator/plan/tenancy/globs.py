"""Names with stars, as admins write them: `arn:aws:iam::123456789012:role/team-*`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

STAR = "*"


class Globs:
    """A list of patterns: a star is for any characters, slashes and colons too.

    Names without a star are looked up, and of globs only those are tried that begin and end as the
    text does, up to the first star and from the last one. None is tried twice from another place:
    between two stars the first place that fits is as good as any later one.
    """

    __slots__ = ("_between", "_exact", "_lengths")

    def __init__(self, patterns: Iterable[str]) -> None:
        """The patterns, cut at their stars."""
        exact: set[str] = set()
        between: dict[tuple[str, str], list[Sequence[str]]] = {}
        for pattern in patterns:
            head, *others = pattern.split(STAR)
            if others:
                *parts, tail = others
                between.setdefault((head, tail), []).append(parts)
            else:
                exact.add(head)
        self._exact, self._between = frozenset(exact), between
        self._lengths = tuple(dict.fromkeys((len(head), len(tail)) for head, tail in between))

    def match(self, text: str) -> bool:
        """Whether one of the patterns means the text."""
        if text in self._exact:
            return True
        length = len(text)
        for begin, tail in self._lengths:
            end = length - tail
            ends = (text[:begin], text[end:]) if begin <= end else None
            if ends in self._between and any(
                _follow(parts, text, begin, end) for parts in self._between[ends]
            ):
                return True
        return False


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern means a text."""
    return matches_any((pattern,), text)


def matches_any(patterns: Iterable[str], text: str) -> bool:
    """Whether one of the patterns means the text. For more than one text, make Globs of them."""
    return Globs(patterns).match(text)


def _follow(parts: Sequence[str], text: str, begin: int, end: int) -> bool:
    """Whether these parts stand there one after the other, with anything between them."""
    for part in parts:
        found = text.find(part, begin, end)
        if found < 0:
            return False
        begin = found + len(part)
    return True
