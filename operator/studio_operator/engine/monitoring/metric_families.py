"""Metrics that are made at the moment they are asked for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from studio_operator.metrics import PREFIX

Labels = tuple[str, ...]
# Counts what was taken, in whatever thread.
Counts = Callable[[], Iterable[Metric]]


class Counting(Collector):
    """A collector in two steps, since counting thousands of resources takes half a second.

    `take` is called in the event loop, which alone may read what changes. What it gives is counted
    in another thread, while the loop goes on.
    """

    @abstractmethod
    def take(self) -> Counts:
        """What there is at this moment, to be counted."""

    def collect(self) -> Iterable[Metric]:
        """Both steps at once."""
        return self.take()()


# The longest value of a label that is anybody's: names in AWS and in Kubernetes, values of tags.
LABEL_LIMIT = 256


def label(value: object, otherwise: str = "none") -> str:
    """Something of a spec or a status as the value of a label: text of a bounded length.

    What is none, and what UTF-8 has no form for, would spoil the page for everybody.
    """
    if not isinstance(value, str) or not value:
        return otherwise
    return value[:LABEL_LIMIT].encode(errors="replace").decode()


def gauge(name: str, text: str, value: float) -> Metric:
    """One value without labels."""
    return GaugeMetricFamily(f"{PREFIX}_{name}", text, value=float(value))


def gauges(name: str, text: str, labels: Labels, values: Mapping[Labels, float]) -> Metric:
    """Values by labels, each of which may rise and fall."""
    family = GaugeMetricFamily(f"{PREFIX}_{name}", text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def counters(name: str, text: str, labels: Labels, values: Mapping[Labels, float]) -> Metric:
    """Values by labels, which only rise; Prometheus reads the name with `_total` at its end."""
    family = CounterMetricFamily(f"{PREFIX}_{name}", text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family
