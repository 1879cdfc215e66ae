"""Names: of kinds, as people write them, and of resources that are not there."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from studio_operator.api.common import GROUP
from studio_operator.kinds.registry import BY_NAME, KINDS, RUNNING
from studio_operator.kube.resources import Key

# The kind that a name without one before it is of.
DEFAULT_KIND = RUNNING[0]


def suggest(name: str, names: Sequence[str]) -> str:
    """The end of a message about a name that is not there: what may have been meant."""
    alike = difflib.get_close_matches(name, names, n=3)
    if alike:
        return f" Did you mean {' or '.join(alike)}?"
    if names:
        return f" There is: {', '.join(sorted(names)[:10])}{', ...' if len(names) > 10 else ''}."
    return " There is none at all: is it another namespace (-n)?"


def target_of(key: Key) -> str:
    """A resource as the words of a command name it."""
    return key.name if key.kind == DEFAULT_KIND else f"{BY_NAME[key.kind].word}/{key.name}"


def kind_of(word: str) -> str | None:
    """The kind that a person names: Space, spaces, space, sp, or with the group behind a dot."""
    bare = word.lower().removesuffix(f".{GROUP}")
    for kind in KINDS:
        names = {kind.name.lower(), kind.plural, kind.short_name, kind.word, f"{kind.word}s"}
        if bare in names:
            return kind.name
    return None
