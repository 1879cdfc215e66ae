"""The page of metrics, from the registry that the operator itself fills."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from prometheus_client import Counter, Gauge, Histogram, Info, Metric
from prometheus_client.registry import Collector
from studio_operator.aws.gateway import Gateway
from studio_operator.aws.inventory.inventory import Inventory
from studio_operator.engine.declared.store import Store
from studio_operator.engine.monitoring.collector import EngineCollector, Readings
from studio_operator.engine.monitoring.cost_collector import CostCollector
from studio_operator.engine.monitoring.labelled_spaces import Naming
from studio_operator.metrics import Metrics
from studio_operator.settings import Settings

INTRODUCTION = """\
# Metrics

<!-- Generated from the operator's code by `python -m generators --write`. -->

The operator serves these at `/metrics` in Prometheus's text format. What to watch is on the page
[Observe](../how-to/observe.md#metrics). No label names a single space. Metrics about costs have
labels for the owner and the team, so each has as many series as there are people. The time that
namespaces waited has a series for each of the hundred that waited longest of late. The others do
not grow with what is declared. The process's memory, CPU and open files come with them, under
Prometheus's own names `process_*`.

| Metric | Type | Labels | What it says |
|---|---|---|---|
"""


# What the text format adds to a metric's name.
SUFFIXES = {"counter": "_total", "info": "_info"}


def metrics_page() -> str:
    """The page in Markdown: one row for each metric."""
    return INTRODUCTION + "".join(f"| {' | '.join(row)} |\n" for row in _rows())


def _rows() -> Iterator[tuple[str, str, str, str]]:
    collectors = [
        one
        for one in vars(Metrics()).values()
        if isinstance(one, Counter | Gauge | Histogram | Info)
    ]
    for collector in collectors:
        (family,) = collector.describe()
        labels = ("version",) if isinstance(collector, Info) else collector._labelnames
        yield _row(family, labels)
    for counted in _counting_nothing():
        for family in counted.collect():
            yield _row(family, getattr(family, "_labelnames", ()))


def _row(family: Metric, labels: Iterable[str]) -> tuple[str, str, str, str]:
    return (
        f"`{family.name}{SUFFIXES.get(family.type, '')}`",
        family.type,
        ", ".join(f"`{label}`" for label in labels),
        family.documentation,
    )


def _counting_nothing() -> tuple[Collector, ...]:
    """The collectors of what is counted when it is asked for, with nothing to count."""
    nothing = Readings(
        queue_depth=lambda: 0,
        queue_age=lambda: 0.0,
        working=lambda: 0,
        is_leader=lambda: True,
        loop_lag=lambda: 0.0,
        inventory_ages=dict,
        starting_since=lambda: None,
        features=_make_inventory().feature_gauges,
        now=_now,
    )
    costs = CostCollector(Store(""), Naming("team"), is_leader=lambda: True, now=_now)
    return EngineCollector(Store(""), nothing), costs


def _make_inventory() -> Inventory:
    settings = Settings()
    gateway = Gateway(settings, Metrics())
    return Inventory(gateway, settings, time.monotonic, lambda _: None)


def _now() -> datetime:
    return datetime.now(UTC)
