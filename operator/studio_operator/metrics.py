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
