"""The page of metrics, from the registry that the operator itself fills."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import Counter, Gauge, Histogram, Metric
from studio_operator.engine.health import EngineCollector
from studio_operator.engine.store import Store
from studio_operator.metrics import Metrics

INTRODUCTION = """\
# Metrics

<!-- Generated from the operator's code by `python docs/generate.py --write`. -->

The operator serves these at `/metrics` in Prometheus's text format. What to watch is on the page
[Operate](../how-to/operate.md#metrics).

| Metric | Type | Labels | What it says |
|---|---|---|---|
"""


def metrics_page() -> str:
    """The page in Markdown: one row for each metric."""
    return INTRODUCTION + "".join(f"| {' | '.join(row)} |\n" for row in _rows())


def _rows() -> Iterator[tuple[str, str, str, str]]:
    collectors = [
        one for one in vars(Metrics()).values() if isinstance(one, Counter | Gauge | Histogram)
    ]
    for collector in collectors:
        (family,) = collector.describe()
        name = family.name + ("_total" if family.type == "counter" else "")
        yield _row(name, family, collector._labelnames)
    for family in _empty_engine().collect():
        yield _row(family.name, family, getattr(family, "_labelnames", ()))


def _row(name: str, family: Metric, labels: Iterable[str]) -> tuple[str, str, str, str]:
    return (
        f"`{name}`",
        family.type,
        ", ".join(f"`{label}`" for label in labels),
        family.documentation,
    )


def _empty_engine() -> EngineCollector:
    """The collector of what is counted when it is asked for, with nothing to count."""
    return EngineCollector(
        Store(""),
        queue_depth=lambda: 0,
        queue_age=lambda: 0.0,
        working=lambda: 0,
        is_leader=lambda: False,
        loop_lag=lambda: 0.0,
        inventory_age=lambda: 0.0,
    )
