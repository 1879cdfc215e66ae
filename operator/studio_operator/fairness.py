"""Who comes next where many wait: namespaces in turn, and within one the most urgent first.

A crowd in one namespace delays its own work only. This is the idea of fair queuing as Kubernetes'
API Priority and Fairness has it (KEP-1040), with a queue for each namespace instead of shuffled
ones: namespaces are few, and known by name.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT", bound=Hashable)


class Priority(IntEnum):
    """How urgent work is; the lower, the sooner."""

    STOP = 0  # stops and deletions: they end costs, and free what others wait for
    REQUEST = 1  # what a person asks for by an annotation
    REST = 2


@dataclass(frozen=True, slots=True)
class Flow:
    """For whom something is done. An empty namespace is the operator's own work, as listings."""

    namespace: str = ""
    priority: Priority = Priority.REST


_flow: ContextVar[Flow] = ContextVar("flow", default=Flow())  # noqa: B039 - it is frozen


def current_flow() -> Flow:
    """For whom this task works just now."""
    return _flow.get()


@contextmanager
def working_for(flow: Flow) -> Iterator[None]:
    """What waits within, waits in this namespace's turn."""
    token = _flow.set(flow)
    try:
        yield
    finally:
        _flow.reset(token)


class FairQueue(Generic[ItemT]):
    """Items of several namespaces: each namespace in turn gives one, its most urgent and oldest.

    A namespace that comes anew stands behind those that wait already, and so waits for one item of
    each at most. Each step takes constant time, unless namespaces are held back.
    """

    def __init__(self) -> None:
        # Namespaces in the order of their turns; items by priority, in the order of arrival.
        self._turns: dict[str, tuple[dict[ItemT, float], ...]] = {}
        self._flow_of: dict[ItemT, Flow] = {}

    def __len__(self) -> int:
        return len(self._flow_of)

    def __contains__(self, item: ItemT) -> bool:
        return item in self._flow_of

    def __iter__(self) -> Iterator[ItemT]:
        return iter(self._flow_of)

    def push(self, item: ItemT, flow: Flow, since: float) -> None:
        """Let an item wait since that time; one that waits already can only become more urgent."""
        before = self._flow_of.get(item)
        if before is not None:
            if before.namespace == flow.namespace and before.priority <= flow.priority:
                return
            since = min(since, self.since(item) or since)
            self.discard(item)
        if flow.namespace not in self._turns:
            self._turns[flow.namespace] = tuple({} for _ in Priority)
        self._turns[flow.namespace][flow.priority][item] = since
        self._flow_of[item] = flow

    def discard(self, item: ItemT) -> None:
        """Let an item wait no longer, if it does."""
        flow = self._flow_of.pop(item, None)
        if flow is None:
            return
        del self._turns[flow.namespace][flow.priority][item]
        if not any(self._turns[flow.namespace]):
            del self._turns[flow.namespace]

    def since(self, item: ItemT) -> float | None:
        """Since when an item waits."""
        flow = self._flow_of.get(item)
        return None if flow is None else self._turns[flow.namespace][flow.priority][item]

    def pop(self, may_go: Callable[[str], bool] = lambda _: True) -> tuple[ItemT, float] | None:
        """The next item and since when it waited; None where no namespace that `may_go` has any."""
        namespace = next((one for one in self._turns if may_go(one)), None)
        if namespace is None:
            return None
        lanes = self._turns.pop(namespace)
        lane = next(lane for lane in lanes if lane)
        item, since = next(iter(lane.items()))
        del lane[item], self._flow_of[item]
        if any(lanes):
            self._turns[namespace] = lanes  # behind all others
        return item, since

    def count(self, namespace: str) -> int:
        """How many items of a namespace wait."""
        return sum(map(len, self._turns.get(namespace, ())))

    def waiting(self) -> Iterator[tuple[str, int]]:
        """Each namespace that waits, and how many items it has."""
        for namespace, lanes in self._turns.items():
            yield namespace, sum(map(len, lanes))

    def oldest_since(self) -> float | None:
        """Since when the item waits that has waited longest."""
        firsts = (
            next(iter(lane.values())) for lanes in self._turns.values() for lane in lanes if lane
        )
        return min(firsts, default=None)
