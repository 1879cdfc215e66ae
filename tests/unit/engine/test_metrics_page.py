"""The page of metrics: made now and then, and never without what can be told."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator

import pytest
from prometheus_client.core import GaugeMetricFamily, Metric
from studio_operator.engine.monitoring.http_server import Answer
from studio_operator.engine.monitoring.metric_families import Counting, Counts
from studio_operator.engine.monitoring.metrics_page import Guarded, MetricsPage
from studio_operator.metrics import Metrics

PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "text/plain;version=1.0.0;q=0.3,*/*;q=0.1"
)


class Clock:
    """A clock that a test sets; it goes on by `step` with each look at it."""

    def __init__(self) -> None:
        self.now, self.step = 100.0, 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


class Asked(Counting):
    """Counts how often it is asked."""

    times = 0

    def take(self) -> Counts:
        self.times += 1
        return lambda: [GaugeMetricFamily("asked", "How often.", value=self.times)]


class Broken(Counting):
    """Tells something, and then fails."""

    def take(self) -> Counts:
        return self._count

    def _count(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("before", "Before the error.", value=1)
        raise ValueError


class Unreadable(Counting):
    """Fails at once."""

    def take(self) -> Counts:
        raise ValueError


class Slow(Counting):
    """Has counted when the event loop has gone on."""

    def __init__(self) -> None:
        self.began, self.may_end = threading.Event(), threading.Event()

    def take(self) -> Counts:
        return self._count

    def _count(self) -> Iterator[Metric]:
        self.began.set()
        assert self.may_end.wait(5), "the event loop stands still"
        yield GaugeMetricFamily("counted", "In the end.", value=1)


class Page:
    """The page of some collectors."""

    def __init__(self, *collectors: Counting, clock: Clock) -> None:
        metrics = Metrics()
        guarded = [Guarded(collector, metrics) for collector in collectors]
        self.pages = MetricsPage(metrics.registry, guarded, 5, clock)

    def read(self, accept: str) -> Answer:
        return asyncio.run(asyncio.wait_for(self.pages.read(accept), 10))


def page_of(*collectors: Counting, clock: Clock) -> Page:
    return Page(*collectors, clock=clock)


@pytest.mark.parametrize("accept", ["", "text/plain", PROMETHEUS, "*/*"])
def test_the_page_is_made_once_within_its_life_and_anew_after_it(accept: str) -> None:
    clock, asked = Clock(), Asked()
    page = page_of(asked, clock=clock)
    before = asked.times
    for _ in range(100):
        assert b"\nasked" in page.read(accept).body
    assert asked.times == before + 1
    clock.now += 5
    assert f"asked {before + 2}.0".encode() in page.read(accept).body


def test_every_form_that_is_asked_for_is_one_of_two() -> None:
    """Else who thinks of new ones would have the page made anew each time."""
    page = page_of(Asked(), clock=Clock())
    asked_for = [f"application/openmetrics-text;version=1.0.{n}" for n in range(50)]
    answers = {id(page.read(accept)) for accept in (*asked_for, *asked_for, "nonsense/x;version=y")}
    assert len(answers) == 2


def test_prometheus_gets_openmetrics_and_all_others_plain_text() -> None:
    page = page_of(Asked(), clock=Clock())
    assert page.read(PROMETHEUS).content_type.startswith("application/openmetrics-text")
    assert page.read("").content_type.startswith("text/plain; version=0.0.4")


def test_a_page_that_takes_long_is_made_less_often() -> None:
    clock, asked = Clock(), Asked()
    page = page_of(asked, clock=clock)
    before = asked.times
    clock.step = 1.0
    page.read("")  # takes a second, which is a twentieth of its life
    clock.step = 0.0
    clock.now += 10
    page.read("")
    assert asked.times == before + 1
    clock.now += 10
    page.read("")
    assert asked.times == before + 2


def test_a_collector_that_fails_hides_nobody_else_and_is_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    page = page_of(Asked(), Broken(), Unreadable(), clock=Clock())
    with caplog.at_level(logging.ERROR):
        said = page.read("").body.decode()
    assert "\nasked " in said
    assert "\nbefore 1.0" in said
    for name in ("Broken", "Unreadable"):
        assert f'studio_operator_collector_failures_total{{what="{name}"}} 1.0' in said
        assert f"{name} failed" in caplog.text


def test_the_event_loop_goes_on_while_the_page_is_made_once_for_all_who_ask() -> None:
    async def scene() -> None:
        slow, asked = Slow(), Asked()
        pages = page_of(slow, asked, clock=Clock()).pages
        gone = asyncio.create_task(pages.read(""))
        while not slow.began.is_set():
            await asyncio.sleep(0.001)
        gone.cancel()  # whoever asks first does not wait
        readers = [asyncio.create_task(pages.read("")) for _ in range(20)]
        await asyncio.sleep(0.01)
        slow.may_end.set()
        assert {b"\ncounted 1.0" in answer.body for answer in await asyncio.gather(*readers)} == {
            True
        }
        assert asked.times == 1

    asyncio.run(asyncio.wait_for(scene(), 10))


def test_no_page_is_older_than_half_a_minute() -> None:
    clock, asked = Clock(), Asked()
    page = page_of(asked, clock=clock)
    before = asked.times
    clock.step = 60.0
    page.read("")
    clock.step = 0.0
    clock.now += 30
    page.read("")
    assert asked.times == before + 2
