"""Token buckets that answer "Rate exceeded" to callers who ask too fast."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from studio_simulator.errors import ServiceError
from studio_simulator.settings import Rate, Throttling

MUTATING = ("Create", "Update", "Delete", "Add", "Start", "Stop")
TAGGING_SERVICE = "resourcegroupstaggingapi"


@dataclass
class Bucket:
    """Tokens left at a time."""

    tokens: float
    at: float


class Throttle:
    """One bucket per class of operation, account and region, in real time."""

    def __init__(
        self, settings: Callable[[], Throttling], real: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._real = real
        self._lock = Lock()
        self._buckets: dict[tuple[str, str, str], Bucket] = {}

    def take(self, service: str, operation: str, place: tuple[str, str]) -> None:
        """Take a token for a call from an account and region.

        Raises:
            ServiceError: when there is none left.

        """
        kind = class_of(service, operation)
        limit: Rate = getattr(self._settings(), kind)
        if limit.rate is not None and not self._take((kind, *place), limit.rate, limit.burst):
            code = "ThrottledException" if kind == "tagging" else "ThrottlingException"
            raise ServiceError(code, "Rate exceeded")

    def _take(self, key: tuple[str, str, str], rate: float, burst: int) -> bool:
        now = self._real()
        with self._lock:
            bucket = self._buckets.setdefault(key, Bucket(float(burst), now))
            bucket.tokens = min(float(burst), bucket.tokens + (now - bucket.at) * rate)
            bucket.at = now
            if bucket.tokens < 1:
                return False
            bucket.tokens -= 1
            return True

    def reset(self) -> None:
        """Fill all buckets."""
        with self._lock:
            self._buckets.clear()


def class_of(service: str, operation: str) -> str:
    """Return an operation's class: mutating, reading or tagging."""
    if service == TAGGING_SERVICE:
        return "tagging"
    return "mutating" if operation.startswith(MUTATING) else "reading"
