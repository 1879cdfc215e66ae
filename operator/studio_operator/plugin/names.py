"""Names: of kinds, as people write them, and of resources that are not there."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from studio_operator.api.common import GROUP
from studio_operator.api.kinds import KINDS


def suggest(name: str, names: Sequence[str]) -> str:
    """The end of a message about a name that is not there: what may have been meant."""
    alike = difflib.get_close_matches(name, names, n=3)
    if alike:
        return f" Did you mean {' or '.join(alike)}?"
    if names:
        return f" There is: {', '.join(sorted(names)[:10])}{', ...' if len(names) > 10 else ''}."
    return " There is none at all: is it another namespace (-n)?"


def kind_of(word: str) -> str | None:
    """The kind that a person names: Space, spaces, space, sp, or with the group behind a dot."""
    bare = word.lower().removesuffix(f".{GROUP}")
    for kind in KINDS:
        if bare in {
            kind.name.lower(),
            kind.plural,
            kind.short_name,
            *_NICKNAMES.get(kind.name, ()),
        }:
            return kind.name
    return None


_NICKNAMES = {"StudioDomain": ("domain", "domains"), "UserProfile": ("profile", "profiles")}
