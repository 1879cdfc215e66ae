"""Waiting with a call in hand: until let go, until the client has gone, or until time is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum
from threading import Event

POLL_SECONDS = 0.02
"""How soon a vanished client is noticed; a closed socket sends no signal to a waiting thread."""


class Ending(Enum):
    """Why the wait ended."""

    LET_GO = "let go"
    CLIENT_GONE = "client gone"
    TIMEOUT = "timeout"


def hold(let_go: Event, is_client_gone: Callable[[], bool], seconds: float) -> Ending:
    """Wait, and say why it ended."""
    deadline = time.monotonic() + seconds
    while not let_go.wait(POLL_SECONDS):
        if is_client_gone():
            return Ending.CLIENT_GONE
        if time.monotonic() >= deadline:
            return Ending.TIMEOUT
    return Ending.LET_GO
