"""Metrics that are made at the moment they are asked for."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from studio_operator.metrics import PREFIX

Labels = tuple[str, ...]


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
