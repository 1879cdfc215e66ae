"""OpenTelemetry traces of operations, where a setting asks for them.

Off, this module does nothing and imports nothing of OpenTelemetry. On, `tracing_sdk` does the work.
All passes of one operation are in one trace, whichever process made them: the trace's id is made
from what status says of the operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any, Protocol

Attributes = Mapping[str, Any]

PACKAGES = "pip install 'studio-operator[tracing]'"


class TracingError(Exception):
    """Traces are wanted and can't be had; the message says what to do."""


class Span(Protocol):
    """A piece of work in a trace."""

    def set(self, name: str, value: Any) -> None:
        """Say more of it; None says nothing."""

    def fail(self, code: str, message: str) -> None:
        """It failed, by a code of few words."""


class Tracer(Protocol):
    """What makes spans."""

    def operation_pass(
        self, name: str, operation: str | None, attributes: Attributes
    ) -> AbstractContextManager[Span]:
        """See the function of that name."""

    def call(self, name: str, attributes: Attributes) -> AbstractContextManager[Span]:
        """See the function of that name."""

    def operation_ended(
        self, name: str, operation: str, since: datetime, until: datetime, attributes: Attributes
    ) -> None:
        """See the function of that name."""

    def ids(self) -> Mapping[str, str]:
        """See `current_ids`."""

    def close(self) -> None:
        """Send what waits, within seconds."""


class _NoSpan:
    """Takes what is said of a span that nobody wants. Entered and left by all at once."""

    def __enter__(self) -> _NoSpan:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def set(self, name: str, value: Any) -> None:
        """Forget it."""

    def fail(self, code: str, message: str) -> None:
        """Forget it."""


_NO_SPAN = _NoSpan()
_NO_IDS: Mapping[str, str] = {}
_tracer: Tracer | None = None


@contextmanager
def tracing(*, enabled: bool, instance: str) -> Iterator[None]:
    """Trace within, as the variables OTEL_* say. TracingError when a package or a value is wrong.

    `instance` is this process's name in the traces.
    """
    global _tracer  # noqa: PLW0603 - as with logs, who makes spans can't be handed to all
    if not enabled:
        yield
        return
    try:
        from studio_operator.tracing_sdk import start  # noqa: PLC0415 - costs nothing while off
    except ImportError as error:
        raise TracingError(
            f"STUDIO_OPERATOR_TRACING is true, but a package of the extra `tracing` is missing "
            f"({error}): install it with `{PACKAGES}`, or unset the variable."
        ) from error
    _tracer = tracer = start(instance)
    try:
        yield
    finally:
        _tracer = None
        tracer.close()


def operation_pass(
    name: str, operation: str | None, describe: Callable[[], Attributes]
) -> AbstractContextManager[Span]:
    """A pass of an operation, by the operation's identity; in a trace of its own without one."""
    if _tracer is None:
        return _NO_SPAN
    return _tracer.operation_pass(name, operation, describe())


def call(name: str, attributes: Attributes) -> AbstractContextManager[Span]:
    """A request to another system, where it is part of a pass; what runs beside has no span."""
    return _NO_SPAN if _tracer is None else _tracer.call(name, attributes)


def operation_ended(
    name: str,
    operation: str,
    since: datetime,
    until: datetime,
    describe: Callable[[], Attributes],
) -> None:
    """The span of a whole operation, above those of its passes."""
    if _tracer is not None:
        _tracer.operation_ended(name, operation, since, until, describe())


def current_ids() -> Mapping[str, str]:
    """`trace_id` and `span_id` in hexadecimal, for log lines; empty outside of a span."""
    return _NO_IDS if _tracer is None else _tracer.ids()
