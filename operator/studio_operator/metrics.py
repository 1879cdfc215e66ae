"""What the operator counts and measures, for Prometheus, in a registry of its own."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
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
# Stands for all namespaces that have no series of their own; none can be called so.
OTHERS = "(others)"
# What is waited for in turn.
TURNS = ("worker", "aws")
# Of so many namespaces without series of their own it is known how long they waited.
_CANDIDATES = 1_000
_HOUR = 3600.0
_NO_WAIT = 0.001  # most things need not wait, and then there is nothing to tell


class LongestWaits:
    """The namespaces that have waited longest of late: so many of them at most.

    A further one takes the place of the one that has waited least, once it has waited twice as
    long: so whoever makes namespaces without end makes few series.
    """

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that only grow."""
        self._most = most
        self._clock = clock
        self._halved_at = clock()
        self._placed: dict[str, float] = {}  # seconds waited by namespace
        self._others: dict[str, float] = {}  # those who may get a place

    def __contains__(self, namespace: str) -> bool:
        return namespace in self._placed

    def add(self, namespace: str, seconds: float) -> str | None:
        """A namespace has waited; returns the one that loses its place by that, if any."""
        self._forget()
        if namespace in self._placed or len(self._placed) < self._most:
            self._placed[namespace] = self._placed.get(namespace, 0.0) + seconds
            return None
        waited = self._others.pop(namespace, 0.0) + seconds
        least = _least(self._placed) if self._placed else namespace
        if waited < 2.0 * self._placed.get(least, math.inf):
            self._keep(namespace, waited)
            return None
        self._keep(least, self._placed.pop(least))
        self._placed[namespace] = waited
        return least

    def _keep(self, namespace: str, waited: float) -> None:
        """Remember one without a place, unless there are enough who waited longer."""
        self._others[namespace] = waited
        if len(self._others) > _CANDIDATES:
            del self._others[_least(self._others)]

    def _forget(self) -> None:
        """Let what was long ago count for less: half after each hour."""
        hours = (self._clock() - self._halved_at) // _HOUR
        if hours:
            self._halved_at += hours * _HOUR
            for waits in (self._placed, self._others):
                for namespace in waits:
                    waits[namespace] *= 0.5**hours


def _least(waits: dict[str, float]) -> str:
    return min(waits, key=waits.__getitem__)


class Metrics:
    """All metrics of one operator. Label values are few by nature: operations, codes, kinds.

    What is counted from the store at each scrape is in `engine.monitoring.collector`.
    """

    def __init__(self, namespaces: int = 100, clock: Callable[[], float] = time.monotonic) -> None:
        """So many namespaces have series of their own; the others share those of `OTHERS`."""
        self.registry = CollectorRegistry()
        self._waits = LongestWaits(namespaces, clock)
        self._define_process()
        self._define_calls()
        self._define_rates()
        self._define_looks()
        self._define_work()
        self._define_telling()
        self._define_collectors()

    def observe_operation(self, kind: str, type_: str, outcome: str, seconds: float) -> None:
        """An operation has ended."""
        self.operation_duration.labels(kind, type_, outcome).observe(seconds)

    def observe_wait(self, namespace: str, turn: str, seconds: float) -> None:
        """Something of a namespace waited for its turn, at a "worker" or at "aws"."""
        if seconds < _NO_WAIT:
            return
        displaced = self._waits.add(namespace, seconds)
        if displaced is not None:
            for one in TURNS:
                self.turn_wait_seconds.remove(displaced, one)
        shown = namespace if namespace in self._waits else OTHERS
        self.turn_wait_seconds.labels(shown, turn).inc(seconds)

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
        self.turn_wait_seconds = self._counter(
            "turn_wait_seconds",
            "Time that resources waited for their turn, by their namespace and what they waited "
            "for: worker, or aws (the rate limit, and a free thread).",
            ("resource_namespace", "turn"),
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
            "Statuses of steps that were not written at once, and Events that were left out, to "
            "spare the API server: status, event.",
            ("what",),
        )

    def _define_collectors(self) -> None:
        self.collector_failures = self._counter(
            "collector_failures",
            "Pages of metrics that lack some, by what failed; the log has its error.",
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
