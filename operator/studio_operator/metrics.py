"""What the operator counts and measures, for Prometheus, in a registry of its own."""

from __future__ import annotations

from importlib import metadata

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
)

PREFIX = "studio_operator"


class Metrics:
    """All metrics of one operator. Label values are few by nature: operations, codes, kinds.

    What is counted from the store at each scrape is in `engine.collector`.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._define_process()
        self._define_calls()
        self._define_rates()
        self._define_looks()
        self._define_work()
        self._define_telling()

    def observe_operation(self, kind: str, type_: str, outcome: str, seconds: float) -> None:
        """An operation has ended."""
        self.operation_duration.labels(kind, type_, outcome).observe(seconds)

    def _define_process(self) -> None:
        ProcessCollector(registry=self.registry)  # memory, CPU, open files of the process
        self.build = Info(
            "build", "The version that runs.", namespace=PREFIX, registry=self.registry
        )
        self.build.info({"version": metadata.version("studio-operator")})

    def _define_calls(self) -> None:
        self.aws_calls = self._counter(
            "aws_calls",
            "Requests to AWS, each try counted, by operation and answer: OK or the error's code.",
            ("operation", "code"),
        )
        self.aws_throttles = self._counter(
            "aws_throttles",
            "Requests that AWS refused since there were too many, by region and class of calls.",
            ("region", "call_class"),
        )
        self.aws_call_duration = self._histogram(
            "aws_call_duration_seconds",
            "Time until AWS answered, without the wait for the rate limit, tries included.",
            ("operation",),
            buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
        )

    def _define_rates(self) -> None:
        self.aws_rate_limit = Gauge(
            "aws_rate_limit",
            "Calls a second that the operator allows itself at present.",
            ("region", "call_class"),
            namespace=PREFIX,
            registry=self.registry,
        )
        self.aws_rate_wait_seconds = self._counter(
            "aws_rate_wait_seconds",
            "Time that calls waited for the operator's own rate limit.",
            ("region", "call_class"),
        )

    def _define_looks(self) -> None:
        self.sweeps = self._counter(
            "sweeps",
            "Looks at a whole domain, by extent (full, moving) and outcome (complete, failed).",
            ("extent", "outcome"),
        )
        self.sweep_duration = self._histogram(
            "sweep_duration_seconds",
            "Time that a look at a whole domain took.",
            ("extent",),
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
        )

    def _define_work(self) -> None:
        self.reconciles = self._counter(
            "reconciles",
            "Turns of work on a resource, by kind and outcome: done, conflict (planned anew), "
            "refused (by the Kubernetes API), failed (unexpectedly), not_leading.",
            ("kind", "outcome"),
        )
        self.reconcile_duration = self._histogram(
            "reconcile_duration_seconds",
            "Time that a turn of work on a resource took, waiting for AWS and Kubernetes included.",
            ("kind",),
            buckets=(0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
        )
        self.operation_duration = self._histogram(
            "operation_duration_seconds",
            "Time that operations took, by kind, type (Create, Start, Stop, Resize, Update, Delete,"
            " else Reconcile) and outcome: ready, stalled, gone, replaced (by another one).",
            ("kind", "type", "outcome"),
            buckets=(1, 5, 15, 30, 60, 120, 300, 600, 1200, 3600),
        )

    def _define_telling(self) -> None:
        self.kubernetes_requests = self._counter(
            "kubernetes_requests",
            "Requests to the Kubernetes API, by verb, kind and HTTP status (0: no answer).",
            ("verb", "kind", "status"),
        )
        self.held_back = self._counter(
            "held_back",
            "Steps on the way that were not told at once, to spare the API server: status, event.",
            ("what",),
        )

    def _counter(self, name: str, text: str, labels: tuple[str, ...]) -> Counter:
        return Counter(name, text, labels, namespace=PREFIX, registry=self.registry)

    def _histogram(
        self, name: str, text: str, labels: tuple[str, ...], *, buckets: tuple[float, ...]
    ) -> Histogram:
        return Histogram(
            name, text, labels, namespace=PREFIX, registry=self.registry, buckets=buckets
        )
