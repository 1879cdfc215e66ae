"""An event loop whose clock jumps to whatever is due next: hours of waiting cost no time.

What a scene does depends on nothing but its own order then, however busy the machine is. It is for
scenes that wait for nothing but each other: a thread, a process or a socket takes real time.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Waits for no time: what the loop would have waited for has passed on its clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready now; and if nothing is, the time until something else is due."""
        ready: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        if not ready:
            assert timeout is not None, "everything waits, and nothing is due"
            self.now += max(timeout, 0.0)
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._simulated = _Selector()
        super().__init__(self._simulated)

    def time(self) -> float:
        return self._simulated.now


def run(scene: Coroutine[Any, Any, T], seconds: float = 3600.0) -> T:
    """Run a scene to its end, within so many seconds of its own clock."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(asyncio.wait_for(scene, seconds))
