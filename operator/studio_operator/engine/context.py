"""What a log line is about: the resource at work on, and the AWS operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_about: ContextVar[Mapping[str, str] | None] = ContextVar("about", default=None)


def current() -> Mapping[str, str]:
    """What is at work on, by the names that logs use: object, operation, request_id."""
    return _about.get() or {}


@contextmanager
def about(**names: str) -> Iterator[None]:
    """Log lines within are about this."""
    token = _about.set({**current(), **names})
    try:
        yield
    finally:
        _about.reset(token)
