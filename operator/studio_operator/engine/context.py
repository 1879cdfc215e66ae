"""What a log line is about: the resource at work on, and what is being done to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

# By the names that logs use:
# - object: the resource's Key
# - generation: of the spec that is worked for
# - reconcile_id: of the turn of work, the same on all of its lines and on no other's
# - operation: type of the operation under way, such as Resize
# - aws_operation, aws_request_id: of the call of AWS that the line is about
Fields = Mapping[str, Any]

_about: ContextVar[Fields | None] = ContextVar("about", default=None)


def current() -> Fields:
    """What is at work on."""
    return _about.get() or {}


@contextmanager
def about(**fields: Any) -> Iterator[None]:
    """Log lines within are about this."""
    token = _about.set({**current(), **fields})
    try:
        yield
    finally:
        _about.reset(token)
