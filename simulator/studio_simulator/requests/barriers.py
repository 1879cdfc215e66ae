"""Barriers: the next matching call stops just before or just after it is carried out.

A crash test arms one, lets the client run into it, kills the client exactly there, and then lets
the call go on or drops it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Condition, Event
from typing import Any, Literal

from pydantic import Field

from studio_simulator.requests.holding import Ending, hold
from studio_simulator.requests.matching import Matcher

Position = Literal["before", "after"]


class BarrierRequest(Matcher):
    """A barrier as it is asked for."""

    position: Position = "before"
    """Before the call is carried out, or after that and before it is answered."""
    on_disconnect: Literal["drop", "continue", "hold"] = "drop"
    """What becomes of a call whose client goes away at ``before``: it is never carried out, it is
    carried out at once, or it stays until the barrier is released."""
    timeout_seconds: float = Field(60.0, gt=0)
    """Real seconds after which a waiting call goes on by itself."""


class Release(Matcher):
    """Which barriers to release; all when left out."""

    operation: str = "*"
    drop: bool = False
    """Do not carry out the calls that wait at ``before``."""


class Barrier:
    """An armed barrier, or one at which a call waits."""

    def __init__(self, number: int, request: BarrierRequest) -> None:
        self.number = number
        self.request = request
        self.call: int | None = None
        """The number of the call that waits here."""
        self.parameters: dict[str, Any] = {}
        self.client_gone = False
        self.let_go = Event()
        self.drop = False

    def shown(self) -> dict[str, Any]:
        """Return the barrier as the control API shows it."""
        return {
            "id": self.number,
            **self.request.model_dump(by_alias=True),
            "waiting": self.call is not None,
            "call": self.call,
            "callParameters": self.parameters,
            "clientGone": self.client_gone,
        }


class Barriers:
    """All barriers; each stops one call and is gone when that call is let go."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._barriers: list[Barrier] = []
        self._number = 0

    def add(self, request: BarrierRequest) -> Barrier:
        """Arm a barrier."""
        with self._changed:
            self._number += 1
            barrier = Barrier(self._number, request)
            self._barriers = [*self._barriers, barrier]
        return barrier

    def all(self) -> list[Barrier]:
        """Return the barriers that are armed or hold a call."""
        return self._barriers

    def wait_for_call(self, seconds: float) -> bool:
        """Wait until a call stands at a barrier; return whether one does."""
        with self._changed:
            return self._changed.wait_for(
                lambda: any(barrier.call is not None for barrier in self._barriers), seconds
            )

    def pass_by(
        self,
        position: Position,
        call: tuple[int, str, dict[str, Any]],
        is_client_gone: Callable[[], bool],
    ) -> bool:
        """Stop a call if a barrier is there; return whether to go on with it.

        Args:
            position: where the call stands.
            call: its number, operation and parameters.
            is_client_gone: whether nobody waits for the answer any more.

        """
        if not self._barriers:
            return True
        number, operation, parameters = call
        barrier = self._occupy(position, number, operation, parameters)
        if barrier is None:
            return True
        try:
            return self._wait(barrier, is_client_gone)
        finally:
            self._discard(barrier)

    def _occupy(
        self, position: Position, number: int, operation: str, parameters: dict[str, Any]
    ) -> Barrier | None:
        with self._changed:
            for barrier in self._barriers:
                free = barrier.call is None and barrier.request.position == position
                if free and barrier.request.matches(operation, parameters):
                    barrier.call, barrier.parameters = number, parameters
                    self._changed.notify_all()
                    return barrier
        return None

    def _wait(self, barrier: Barrier, is_client_gone: Callable[[], bool]) -> bool:
        request = barrier.request
        deadline = time.monotonic() + request.timeout_seconds
        ending = hold(barrier.let_go, is_client_gone, request.timeout_seconds)
        if ending is Ending.CLIENT_GONE:
            barrier.client_gone = True
            if request.on_disconnect == "hold":
                barrier.let_go.wait(max(0.0, deadline - time.monotonic()))
            elif request.on_disconnect == "drop":
                return False
        return not barrier.drop

    def _discard(self, barrier: Barrier) -> None:
        with self._changed:
            self._barriers = [other for other in self._barriers if other is not barrier]

    def release(self, wanted: Release) -> int:
        """Let the calls at matching barriers go on, and disarm those without a call.

        Returns:
            How many calls were let go.

        """
        with self._changed:
            chosen = [
                barrier
                for barrier in self._barriers
                if wanted.operation in {"*", barrier.request.operation}
            ]
            self._barriers = [barrier for barrier in self._barriers if barrier not in chosen]
        for barrier in chosen:
            barrier.drop = wanted.drop
            barrier.let_go.set()
        return sum(barrier.call is not None for barrier in chosen)
