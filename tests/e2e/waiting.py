"""Waiting for a condition, with a deadline and a story of what was there instead."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.05
# Everything here takes a second or two; the rest is for a machine that is busy with other tests.
PATIENCE_SECONDS = 60.0


def wait_until(
    probe: Callable[[], T],
    what: str,
    *,
    seconds: float = PATIENCE_SECONDS,
    story: Callable[[], str] = lambda: "",
) -> T:
    """Ask ``probe`` until it answers something true, and return that.

    Past the deadline it is an AssertionError that says ``what`` was waited for, and tells the
    ``story`` of what was there instead.
    """
    return next(one for one in within(_asked(probe), what, seconds=seconds, story=story) if one)


def within(
    looks: Iterable[T],
    what: str,
    *,
    seconds: float = PATIENCE_SECONDS,
    story: Callable[[], str] = lambda: "",
) -> Iterator[T]:
    """Yield endless looks at something for as long as the one who looks on waits for ``what``.

    Past the deadline it is an AssertionError as in :func:`wait_until`.
    """
    deadline = time.monotonic() + seconds
    for look in looks:
        yield look
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}\n{story()}")


def _asked(probe: Callable[[], T]) -> Iterator[T]:
    while True:
        yield probe()
        time.sleep(POLL_SECONDS)
