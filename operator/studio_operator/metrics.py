"""What the operator counts and measures, for Prometheus, in a registry of its own."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

PREFIX = "studio_operator"


class Metrics:
    """All metrics of one operator. Label values are few by nature: operations, codes, kinds."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.aws_calls = Counter(
            "aws_calls",
            "Requests to AWS, each try counted, by operation and answer: OK or the error's code.",
            ["operation", "code"],
            namespace=PREFIX,
            registry=self.registry,
        )
        self.aws_call_seconds = Histogram(
            "aws_call_seconds",
            "Time until AWS answered, without the wait for the rate limit, tries included.",
            ["operation"],
            namespace=PREFIX,
            registry=self.registry,
            buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
        )
        self.aws_rate_limit = Gauge(
            "aws_rate_limit",
            "Calls a second that the operator allows itself at present.",
            ["region", "call_class"],
            namespace=PREFIX,
            registry=self.registry,
        )
        self.aws_rate_wait_seconds = Counter(
            "aws_rate_wait_seconds",
            "Time that calls waited for the operator's own rate limit.",
            ["region", "call_class"],
            namespace=PREFIX,
            registry=self.registry,
        )
        self.sweeps = Counter(
            "sweeps",
            "Looks at a whole domain, by extent (full, moving) and outcome (complete, failed).",
            ["extent", "outcome"],
            namespace=PREFIX,
            registry=self.registry,
        )
        self.sweep_seconds = Histogram(
            "sweep_seconds",
            "Time that a look at a whole domain took.",
            ["extent"],
            namespace=PREFIX,
            registry=self.registry,
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
        )

        self.reconciles = Counter(
            "reconciles",
            "Turns of work on a resource, by kind and outcome: done, conflict (planned anew), "
            "refused (by the Kubernetes API), failed (unexpectedly), not leading.",
            ["kind", "outcome"],
            namespace=PREFIX,
            registry=self.registry,
        )
        self.reconcile_seconds = Histogram(
            "reconcile_seconds",
            "Time that a turn of work on a resource took, waiting for AWS and Kubernetes included.",
            ["kind"],
            namespace=PREFIX,
            registry=self.registry,
            buckets=(0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
        )
        self.operation_seconds = Histogram(
            "operation_seconds",
            "Time that operations took from start to end, by kind and type such as Resize.",
            ["kind", "type"],
            namespace=PREFIX,
            registry=self.registry,
            buckets=(1, 5, 15, 30, 60, 120, 300, 600, 1200, 3600),
        )
        self.kubernetes_requests = Counter(
            "kubernetes_requests",
            "Requests to the Kubernetes API, by verb, kind and HTTP status (0: no answer).",
            ["verb", "kind", "status"],
            namespace=PREFIX,
            registry=self.registry,
        )
        self.held_back = Counter(
            "held_back",
            "Steps on the way that were not told at once, to spare the API server: status, event.",
            ["what"],
            namespace=PREFIX,
            registry=self.registry,
        )
