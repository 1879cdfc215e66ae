"""The simulator's time: real time, sped up and pushed forward on request."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock


class Clock:
    """Simulated seconds since the epoch.

    Args:
        speed: simulated seconds that pass in one real second.
        real: the real clock, in seconds; a test gives its own.
        start: where simulated time begins; now when left out.

    """

    def __init__(
        self,
        speed: float = 1.0,
        real: Callable[[], float] = time.monotonic,
        start: float | None = None,
    ) -> None:
        self._lock = Lock()
        self._real = real
        # One tuple, replaced as a whole, so that reading needs no lock.
        self._base = (real(), time.time() if start is None else start, speed)

    @property
    def speed(self) -> float:
        """Simulated seconds in a real second."""
        return self._base[2]

    def now(self) -> float:
        """Return the simulated time, in seconds since the epoch."""
        real, simulated, speed = self._base
        return simulated + (self._real() - real) * speed

    def set_speed(self, speed: float) -> None:
        """Let time pass faster or slower from here on; what has passed stays."""
        if speed < 0:
            raise ValueError("speed must not be negative")
        with self._lock:
            self._base = (self._real(), self.now(), speed)

    def advance(self, seconds: float) -> None:
        """Jump forward by so many simulated seconds."""
        if seconds < 0:
            raise ValueError("time does not go back")
        with self._lock:
            self._base = (self._real(), self.now() + seconds, self.speed)

    def restart(self, speed: float) -> None:
        """Return to the real time of day, at a speed."""
        with self._lock:
            self._base = (self._real(), time.time(), speed)
