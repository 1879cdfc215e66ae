"""Traces by OpenTelemetry's SDK. Import it only where traces are wanted: it takes 7 MiB."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from importlib import metadata
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
)

from studio_operator.tracing import Attributes, Span, TracingError

PROTOCOL = "http/protobuf"
# A process that is told to stop has ten seconds for everything.
CLOSE_SECONDS = 2.0

_NOWHERE = Context()  # a span that begins here is the first of its trace


def start(instance: str) -> OpenTelemetryTracer:
    """A tracer that exports by OTLP over HTTP, as the variables OTEL_* say. Raises TracingError."""
    _check("OTEL_TRACES_EXPORTER", "otlp", "this operator sends by OTLP only")
    for variable in ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"):
        _check(variable, PROTOCOL, "collectors take it on port 4318")
    provider = TracerProvider(
        resource=_resource(instance), id_generator=OperationIds(), shutdown_on_exit=False
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return OpenTelemetryTracer(provider)


def _check(variable: str, supported: str, why: str) -> None:
    given = os.environ.get(variable, supported)
    if given not in {supported, ""}:
        raise TracingError(f"{variable} is {given!r}: must be {supported!r}, {why}.")


def _resource(instance: str) -> Resource:
    """Who we are; the environment may say it better."""
    known = {
        "service.name": "studio-operator",
        "service.version": metadata.version("studio-operator"),
        "service.instance.id": instance,
    }
    said = OTELResourceDetector().detect().attributes
    return Resource.create({name: value for name, value in known.items() if name not in said})


# The ids of the span to be made: those of a whole operation are known before it is.
_wanted: ContextVar[SpanContext | None] = ContextVar("wanted", default=None)


class OperationIds(IdGenerator):
    """Random ids, but for spans whose ids are wanted."""

    def __init__(self) -> None:
        self._random = RandomIdGenerator()

    def generate_trace_id(self) -> int:
        """The id of a trace that begins."""
        wanted = _wanted.get()
        return wanted.trace_id if wanted is not None else self._random.generate_trace_id()

    def generate_span_id(self) -> int:
        """The id of a span."""
        wanted = _wanted.get()
        return wanted.span_id if wanted is not None else self._random.generate_span_id()


class _Recorded:
    """A span of OpenTelemetry."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def set(self, name: str, value: Any) -> None:
        """Say more of it; None says nothing."""
        if value is not None:
            self._span.set_attribute(name, value)

    def fail(self, code: str, message: str) -> None:
        """It failed, by a code of few words."""
        self._span.set_attribute("error.type", code)
        self._span.set_status(Status(StatusCode.ERROR, f"{code}: {message}"))


class OpenTelemetryTracer:
    """Makes spans. `studio_operator.tracing` says what each function is for."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("studio_operator")

    @contextmanager
    def operation_pass(
        self, name: str, operation: str | None, attributes: Attributes
    ) -> Iterator[Span]:
        """A span below the operation's own, which is made when the operation has ended."""
        above = _NOWHERE if operation is None else self._within(identify(operation), name)
        with self._span(name, above, SpanKind.INTERNAL, attributes) as span:
            yield span

    @contextmanager
    def call(self, name: str, attributes: Attributes) -> Iterator[Span]:
        """A span below the one that is under way, if there is one."""
        if not trace.get_current_span().get_span_context().is_valid:
            yield _Recorded(trace.INVALID_SPAN)
            return
        # A refusal is told by `fail`, in AWS's or Kubernetes's own words.
        with self._span(name, None, SpanKind.CLIENT, attributes, fails_by_exception=False) as span:
            yield span

    def operation_ended(
        self, name: str, operation: str, since: datetime, until: datetime, attributes: Attributes
    ) -> None:
        """The span that the operation's passes have named as the one above them."""
        token = _wanted.set(identify(operation))
        try:
            span = self._tracer.start_span(
                name, _NOWHERE, attributes=dict(attributes), start_time=_nanoseconds(since)
            )
        finally:
            _wanted.reset(token)
        span.end(_nanoseconds(until))

    def ids(self) -> Mapping[str, str]:
        """The ids of the span under way, in the form in which backends show them."""
        context = trace.get_current_span().get_span_context()
        if not context.is_valid:
            return {}
        return {
            "trace_id": trace.format_trace_id(context.trace_id),
            "span_id": trace.format_span_id(context.span_id),
        }

    def close(self) -> None:
        """Send what waits; a collector that does not answer is not waited for."""
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)

    @contextmanager
    def _span(
        self,
        name: str,
        context: Context | None,
        kind: SpanKind,
        attributes: Attributes,
        *,
        fails_by_exception: bool = True,
    ) -> Iterator[Span]:
        with self._tracer.start_as_current_span(
            name,
            context,
            kind,
            dict(attributes),
            record_exception=False,
            set_status_on_exception=fails_by_exception,
        ) as span:
            yield _Recorded(span)

    def _within(self, above: SpanContext, name: str) -> Context:
        """A context as if the operation's own span were under way, sampled as that will be."""
        sampled = self._provider.sampler.should_sample(_NOWHERE, above.trace_id, name)
        samples = sampled.decision is Decision.RECORD_AND_SAMPLE
        flags = TraceFlags(TraceFlags.SAMPLED if samples else TraceFlags.DEFAULT)
        context = SpanContext(above.trace_id, above.span_id, is_remote=True, trace_flags=flags)
        return trace.set_span_in_context(NonRecordingSpan(context), _NOWHERE)


def identify(operation: str) -> SpanContext:
    """The ids of an operation's trace and of its own span, from its identity."""
    digest = hashlib.sha256(operation.encode()).digest()
    return SpanContext(int.from_bytes(digest[:16]), int.from_bytes(digest[16:24]), is_remote=True)


def _nanoseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000) * 1_000
