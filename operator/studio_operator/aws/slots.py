"""Room for so many calls at once, given out fairly."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass

from studio_operator.fairness import FairQueue, Flow


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    """A caller that waits for a slot."""

    namespace: str
    comes: asyncio.Future[None]


class Slots:
    """A semaphore whose slots go to the namespaces in turn. For one event loop.

    A namespace takes one only while it holds fewer than are free: so half of them at most, and the
    next one half of the rest. Whoever holds slots for long leaves some to others. These are the
    dynamic thresholds of switches whose ports share a memory (Choudhury and Hahne, 1998).
    """

    def __init__(self, number: int) -> None:
        self._free = number
        self._held: Counter[str] = Counter()  # by namespace
        self._waiting: FairQueue[_Turn] = FairQueue()

    async def hold(self, flow: Flow, room: ExitStack) -> None:
        """Wait for a slot, and hold it until `room` is closed."""
        loop = asyncio.get_running_loop()
        turn = _Turn(flow.namespace, loop.create_future())
        self._waiting.push(turn, flow, loop.time())
        self._give()
        try:
            await turn.comes
        except asyncio.CancelledError:
            self._waiting.discard(turn)
            if turn.comes.done() and not turn.comes.cancelled():
                self._release(turn.namespace)  # it was given a slot in the same moment
            raise
        room.callback(self._release, turn.namespace)

    def _give(self) -> None:
        """Give free slots to whose turn it is."""
        while (first := self._waiting.pop(self._may_hold_more)) is not None:
            turn = first[0]
            if not turn.comes.done():
                turn.comes.set_result(None)
                self._held[turn.namespace] += 1
                self._free -= 1

    def _release(self, namespace: str) -> None:
        self._held[namespace] -= 1
        if not self._held[namespace]:
            del self._held[namespace]
        self._free += 1
        self._give()

    def _may_hold_more(self, namespace: str) -> bool:
        return self._held[namespace] < self._free
