"""The page of metrics: made anew now and then, however often it is asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from studio_operator.engine.monitoring.http_server import Answer
from studio_operator.engine.monitoring.metric_families import Counting, Counts
from studio_operator.metrics import Metrics

log = logging.getLogger(__name__)

# The two forms that there are. Prometheus names versions and escapings besides: a page for each
# combination would be one more to make for whoever thinks of another.
OPENMETRICS, PLAIN = "application/openmetrics-text", "text/plain"

# Making the page takes at most this share of the time, whoever asks for it and however often.
_SHARE = 0.05
# ... as long as it is no older than this many seconds: Prometheus asks every 15 to 60 s.
_LONGEST = 30.0


class Guarded:
    """A collector whose error hides its own metrics and nobody else's. It is logged and counted."""

    def __init__(self, collector: Counting, metrics: Metrics) -> None:
        self._collector = collector
        self._name = type(collector).__name__
        self._failures = metrics.collector_failures.labels(self._name)

    def take(self) -> Counts:
        """What there is at this moment, to be counted."""
        try:
            return partial(self._count, self._collector.take())
        except Exception:
            self._note_failure()
            return tuple

    def _count(self, counts: Counts) -> Iterator[Metric]:
        """What the collector tells, up to its error."""
        try:
            yield from counts()
        except Exception:
            self._note_failure()

    def _note_failure(self) -> None:
        self._failures.inc()
        log.exception("Metrics are missing: %s failed", self._name)


class MetricsPage:
    """What a registry and collectors hold, as text.

    It is made at most once in `lifetime` seconds, in a thread: the event loop goes on meanwhile.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        collectors: Sequence[Guarded],
        lifetime: float,
        clock: Callable[[], float],
    ) -> None:
        """`clock` gives seconds that only grow."""
        self._registry = registry
        self._collectors = collectors
        self._lifetime = lifetime
        self._clock = clock
        self._fresh_until = float("-inf")
        self._collected = _Collected(())
        self._answers: dict[str, Answer] = {}
        self._one_at_a_time = asyncio.Lock()

    async def read(self, accept: str) -> Answer:
        """The page in the form that an Accept header asks for.

        Whoever comes while it is made waits for it; and it is made to the end, whoever leaves.
        """
        form = OPENMETRICS if OPENMETRICS in accept.lower() else PLAIN
        if form not in self._answers or self._clock() >= self._fresh_until:
            await asyncio.shield(self._renew(form))
        return self._answers[form]

    async def _renew(self, form: str) -> None:
        async with self._one_at_a_time:
            began = self._clock()
            if began >= self._fresh_until:
                counts = [collector.take() for collector in self._collectors]
                self._collected = await asyncio.to_thread(self._collect, counts)
                self._answers = {}
            if form not in self._answers:
                self._answers[form] = await asyncio.to_thread(_write, self._collected, form)
                taken = self._clock() - began
                lifetime = max(self._lifetime, min(taken / _SHARE, _LONGEST))
                self._fresh_until = max(self._fresh_until, began + lifetime)

    def _collect(self, counts: Iterable[Counts]) -> _Collected:
        own = (family for count in counts for family in count())
        return _Collected((*own, *self._registry.collect()))


def _write(collected: _Collected, form: str) -> Answer:
    encode, content_type = choose_encoder(form)
    return Answer(encode(collected), content_type)


@dataclass(frozen=True, slots=True)
class _Collected(Collector):
    """Metrics that were collected before."""

    families: Iterable[Metric] = field(default=())

    def collect(self) -> Iterable[Metric]:
        """The same each time."""
        return self.families
