"""Waiting for a condition, with a deadline and a story of what was there instead."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.05
# Everything here takes a second or two; the rest is for a machine that is busy with other tests.
PATIENCE_SECONDS = 20.0


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
    deadline = time.monotonic() + seconds
    while not (found := probe()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}\n{story()}")
        time.sleep(POLL_SECONDS)
    return found
