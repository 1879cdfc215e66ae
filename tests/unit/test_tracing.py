"""How spans of one operation come together, whoever makes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, Sampler, TraceIdRatioBased
from studio_operator import tracing
from studio_operator.tracing_sdk import OpenTelemetryTracer, OperationIds, identify

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
ENDED = BEGAN + timedelta(minutes=3)


class Process:
    """A tracer as one process has it, and the spans it made."""

    def __init__(self, sampler: Sampler | None = None) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider(sampler=sampler, id_generator=OperationIds())
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = OpenTelemetryTracer(provider)

    def work_on(self, operation: str | None) -> None:
        with self.tracer.operation_pass("pass", operation, {}), self.tracer.call("call", {}):
            pass

    def end(self, operation: str) -> None:
        self.tracer.operation_ended("whole", operation, BEGAN, ENDED, {})

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()

    @property
    def traces(self) -> set[int]:
        return {span.context.trace_id for span in self.spans if span.context}


def test_passes_of_two_processes_are_below_the_span_of_the_operation() -> None:
    first, second = Process(), Process()
    first.work_on("uid/when")
    second.work_on("uid/when")
    second.end("uid/when")
    above = identify("uid/when")
    assert first.traces == second.traces == {above.trace_id}
    passes = [span for span in first.spans + second.spans if span.name == "pass"]
    assert [span.parent and span.parent.span_id for span in passes] == [above.span_id] * 2
    (whole,) = [span for span in second.spans if span.name == "whole"]
    assert whole.context is not None
    assert (whole.parent, whole.context.span_id) == (None, above.span_id)
    assert (whole.start_time, whole.end_time) == tuple(
        int(moment.timestamp()) * 10**9 for moment in (BEGAN, ENDED)
    )


def test_operations_and_passes_without_one_have_a_trace_each() -> None:
    process = Process()
    for operation in ("uid/when", "uid/later", None, None):
        process.work_on(operation)
    assert len(process.traces) == 4


def test_a_call_outside_of_a_pass_has_no_span() -> None:
    process = Process()
    with process.tracer.call("call", {}) as span:
        span.set("aws.request_id", "1")
    assert process.spans == ()
    assert process.tracer.ids() == {}


@pytest.mark.parametrize("sampler", [TraceIdRatioBased(0.5), ParentBased(TraceIdRatioBased(0.5))])
def test_an_operation_is_sampled_as_a_whole_or_not_at_all(sampler: Sampler) -> None:
    first, second = Process(sampler), Process(sampler)
    operations = [f"uid-{number}/when" for number in range(100)]
    for operation in operations:
        first.work_on(operation)
        second.work_on(operation)
        second.end(operation)
    assert first.traces == second.traces
    assert 20 < len(first.traces) < 80
    assert (len(first.spans), len(second.spans)) == (
        2 * len(first.traces),
        3 * len(second.traces),
    )


def test_what_fails_unexpectedly_fails_the_pass() -> None:
    process = Process()
    with pytest.raises(ValueError, match="oh"), process.tracer.operation_pass("pass", None, {}):
        raise ValueError("oh")
    assert process.spans[0].status.description == "ValueError: oh"


def test_off_spans_take_everything_and_keep_nothing() -> None:
    with (
        tracing.tracing(enabled=False, instance="one"),
        tracing.operation_pass("pass", "uid/when", dict),
        tracing.call("call", {}) as span,
    ):
        span.set("name", 1)
        span.fail("Code", "words")
        tracing.operation_ended("whole", "uid/when", BEGAN, ENDED, dict)
        assert tracing.current_ids() == {}
