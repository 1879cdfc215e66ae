"""The page of metrics, from the registry that the operator itself fills."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import Counter, Gauge, Histogram
from studio_operator.metrics import Metrics

INTRODUCTION = """\
# Metrics

<!-- Generated from operator/studio_operator/metrics.py by `python docs/generate.py --write`. -->

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
        labels = ", ".join(f"`{label}`" for label in collector._labelnames)
        yield f"`{name}`", family.type, labels, family.documentation
