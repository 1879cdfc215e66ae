"""Which settings of an update AWS refused, by its words; and how they are taken apart otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from studio_operator.plan.settings.mapping import Changes, Setting, field_in_message

# Members of a setting that make sense only with each other.
_STRUCTURES = frozenset({"defaultResourceSpec", "docker", "idle", "posixUser", "spaceStorage"})
_CONTAINERS = re.compile(r"(User|Space|Domain|App)Settings$")
# Shorter values of settings, and words such as ENABLED, may stand in any message.
_TELLING = 6


def parts(changes: Changes) -> list[list[str]]:
    """The fields by the parts of a request in which they are sent, in a stable order."""
    by_block: dict[tuple[str, ...], list[str]] = {}
    for setting in sorted((*changes.sets, *changes.clears), key=lambda one: one.field):
        by_block.setdefault(setting.block, []).append(setting.field)
    return [by_block[block] for block in sorted(by_block)]


def halves(changes: Changes) -> Iterator[Changes]:
    """The changes in two, by the parts of a request."""
    listed = parts(changes)
    middle = len(listed) // 2
    for half in (listed[:middle], listed[middle:]):
        yield changes.only(name for part in half for name in part)


def with_structure(names: Iterable[str], changes: Changes) -> frozenset[str]:
    """The fields, and those that make sense only along with them: a uid has its gid."""
    wanted = frozenset(names)
    heads = {name.rpartition(".")[0] for name in wanted}
    together = {head for head in heads if head.rpartition(".")[2] in _STRUCTURES}
    return wanted | {name for name in changes.fields if name.rpartition(".")[0] in together}


def constrained(message: str, changes: Changes) -> set[str]:
    """The field that broke a constraint, where AWS's words say which."""
    named = field_in_message(message, (*changes.sets, *changes.clears))
    return {named} & set(changes.fields) if named else set()


def named_in(message: str, changes: Changes) -> set[str]:
    """The fields whose member or value AWS's words hold: those that fit best."""
    words = frozenset(re.findall(r"\w+", message))
    scores = {setting.field: _score(setting, words) for setting in (*changes.sets, *changes.clears)}
    best = max(scores.values(), default=0)
    by_member = {name for name, score in scores.items() if score == best > 0}
    by_value = {one.field for one, value in changes.sets.items() if _holds(message, value)}
    return by_value or by_member


def _score(setting: Setting, words: frozenset[str]) -> int:
    """How much of the setting's path in AWS is named; what many settings are in tells nothing."""
    named = [member for member in setting.member if member in words]
    return len(named) if any(not _CONTAINERS.search(member) for member in named) else 0


def _holds(message: str, value: Any) -> bool:
    """Whether the message holds the value, such as an ARN or an id, as a word of its own."""
    if isinstance(value, Mapping):
        return any(_holds(message, one) for one in value.values())
    if isinstance(value, list | tuple):
        return any(_holds(message, one) for one in value)
    if not isinstance(value, str) or len(value) < _TELLING or value.isupper():
        return False
    return re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", message) is not None
