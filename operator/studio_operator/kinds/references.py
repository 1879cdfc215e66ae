"""Which kinds refer to which, as a graph, and the ways through it. No kind is named here.

Of resources it follows who waits for whom, who is told of a change, who holds up a deletion, and
in which order all of them are worked on.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from studio_operator.kinds.managed_kind import Reference

NodeT = TypeVar("NodeT", bound=Hashable)


class Referring(Protocol):
    """What the graph has to know of a kind."""

    @property
    def name(self) -> str:
        """The kind's name, for example StudioDomain."""

    @property
    def references(self) -> tuple[Reference, ...]:
        """What it refers to, the nearest first."""


class ReferencesError(ValueError):
    """The references of kinds leave no order in which they could be worked on."""


def reached_from(start: NodeT, next_of: Callable[[NodeT], Iterable[NodeT]]) -> Iterator[NodeT]:
    """All that is reached from a node, the nearest first, each once and never the node itself."""
    seen, waiting = {start}, [start]
    while waiting:
        further = [one for node in waiting for one in next_of(node)]
        waiting = [one for one in dict.fromkeys(further) if one not in seen]
        seen.update(waiting)
        yield from waiting


class ReferenceGraph:
    """The kinds and their references.

    Kinds come in the order in which they are listed, each after those that it refers to.
    """

    def __init__(self, kinds: Iterable[Referring]) -> None:
        """ReferencesError for a cycle, and for a kind that comes before one that it refers to."""
        self._references = {kind.name: kind.references for kind in kinds}
        self._ranks = {name: rank for rank, name in enumerate(self._references)}
        self._refuse_unknown()
        for name in self._references:
            self._refuse_cycle(name)
            self._refuse_late(name)
        # The kinds that others refer to.
        self.referred_to = frozenset(one for name in self._references for one in self._next(name))

    def rank_of(self, kind: str) -> int:
        """The place of a kind in the list: what it refers to has a lower one."""
        return self._ranks[kind]

    def kinds_before(self, kind: str) -> tuple[str, ...]:
        """The kinds that a kind refers to, near and far, in the order of the list."""
        return tuple(sorted(reached_from(kind, self._next), key=self.rank_of))

    def named_by(
        self, kind: str, namespace: str, spec: Mapping[str, Any]
    ) -> tuple[tuple[str, str, str], ...]:
        """What a spec refers to, the nearest first: kind, namespace and name of each."""
        return tuple(
            (reference.kind, named[0] or namespace, named[1])
            for reference in self._references[kind]
            if (named := reference.name_in(spec)) is not None
        )

    def _next(self, kind: str) -> tuple[str, ...]:
        return tuple(reference.kind for reference in self._references[kind])

    def _refuse_unknown(self) -> None:
        for name in self._references:
            for one in self._next(name):
                if one not in self._references:
                    raise ReferencesError(f"{name} refers to {one}, which is no kind")

    def _refuse_cycle(self, name: str) -> None:
        for one in self._next(name):
            if name in {one, *reached_from(one, self._next)}:
                raise ReferencesError(f"{name} refers to {one}, and that to {name}")

    def _refuse_late(self, name: str) -> None:
        for one in self._next(name):
            if self.rank_of(one) > self.rank_of(name):
                raise ReferencesError(f"{name} comes before {one}, which it refers to")
