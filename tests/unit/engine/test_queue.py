"""The queue: each key once, never two workers on one key, nothing lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from studio_operator.engine.queue import Backoff, KeyedQueue, WorkQueue
from studio_operator.fairness import Flow, Priority

from tests import simulated_time

KEYS = st.sampled_from("abcde")
DELAYS = st.sampled_from([0.0, 0.5, 1.0, 3.0, 10.0])


class QueueModel(RuleBasedStateMachine):
    """Any order of adding, taking and finishing, compared with a plain model of what is owed.

    `owed` holds, for each key, the time from which on it has to be worked on (again).
    """

    def __init__(self) -> None:
        super().__init__()
        self.queue: KeyedQueue[str] = KeyedQueue()
        self.now = 0.0
        self.owed: dict[str, float] = {}
        self.working: set[str] = set()

    @rule(key=KEYS, delay=DELAYS)
    def add(self, key: str, delay: float) -> None:
        self.queue.add(key, self.now, delay)
        self.owed[key] = min(self.owed.get(key, float("inf")), self.now + delay)

    @rule(seconds=DELAYS)
    def let_time_pass(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def take(self) -> None:
        key = self.queue.take(self.now)
        due = {k for k, at in self.owed.items() if at <= self.now and k not in self.working}
        if key is None:
            assert not due, "a key that is due was not handed out"
        else:
            assert key in due, "a key was handed out too soon, twice, or unasked"
            del self.owed[key]
            self.working.add(key)

    @precondition(lambda self: self.working)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.working)))
        self.working.remove(key)
        self.queue.finish(key)

    @invariant()
    def nothing_is_lost_or_made_up(self) -> None:
        assert {key for key in "abcde" if key in self.queue} == set(self.owed)
        assert self.queue.working == len(self.working)

    @invariant()
    def a_timer_would_fire_in_time(self) -> None:
        self.queue.promote(self.now)
        later = [at for key, at in self.owed.items() if at > self.now]
        due = self.queue.next_due()
        assert due == (min(later) if later else None)


TestQueueModel = QueueModel.TestCase
TestQueueModel.settings = settings(max_examples=200, stateful_step_count=40)


def test_keys_are_handed_out_in_the_order_they_came() -> None:
    queue: KeyedQueue[str] = KeyedQueue()
    for moment, key in enumerate("abcab"):
        queue.add(key, float(moment))
    assert [queue.take(9.0) for _ in range(4)] == ["a", "b", "c", None]


def test_a_key_added_while_worked_on_runs_once_more_afterwards() -> None:
    queue: KeyedQueue[str] = KeyedQueue()
    queue.add("a", 0.0)
    queue.take(0.0)
    queue.add("a", 1.0)
    queue.add("a", 2.0)
    assert queue.take(3.0) is None
    queue.finish("a")
    assert queue.oldest_since() == 1.0
    assert queue.take(3.0) == "a"
    queue.finish("a")
    assert queue.take(3.0) is None


@given(failures=st.integers(1, 10_000), chance=st.floats(0, 1, exclude_max=True))
def test_the_pause_grows_and_stays_below_its_ceiling(failures: int, chance: float) -> None:
    backoff = Backoff(0.5, 300.0)
    assert 0.0 <= backoff.delay(failures, lambda: chance) <= backoff.limit(failures) <= 300.0
    assert backoff.limit(failures) <= backoff.limit(failures + 1)


def make_queue(base: float = 0.01) -> WorkQueue[str]:
    clock = asyncio.get_running_loop().time
    return WorkQueue(clock=clock, random=lambda: 0.5, backoff=Backoff(base, 1.0))


async def within(seconds: float, what: Awaitable[object]) -> object:
    return await asyncio.wait_for(what, seconds)


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    simulated_time.run(test())


def test_a_worker_that_waits_is_woken_by_an_add() -> None:
    async def scenario() -> None:
        queue = make_queue()
        waiting = asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        queue.add("a")
        assert await waiting == "a"

    run(scenario)


def test_a_delayed_key_wakes_a_worker_and_a_sooner_add_wins() -> None:
    async def scenario() -> None:
        queue = make_queue()
        queue.add("a", 60)
        queue.add("a", 0.02)
        queue.add("a", 30)
        waiting = asyncio.create_task(queue.get())
        assert await within(2, waiting) == "a"

    run(scenario)


def test_a_cancelled_worker_passes_its_wake_up_on() -> None:
    async def scenario() -> None:
        queue = make_queue()
        first, second = asyncio.create_task(queue.get()), asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        queue.add("a")
        first.cancel()
        assert await within(2, second) == "a"
        with pytest.raises(asyncio.CancelledError):
            await first

    run(scenario)


def test_failures_lengthen_the_pause_until_a_success() -> None:
    async def scenario() -> None:
        queue = make_queue(base=0.2)
        assert [queue.retry("a") for _ in range(4)] == [0.1, 0.2, 0.4, 0.5]
        queue.succeed("a")
        assert queue.retry("a") == 0.1

    run(scenario)


def test_closing_ends_all_workers_and_waits_for_the_work_under_way() -> None:
    async def scenario() -> None:
        queue = make_queue()
        queue.add("a")
        assert await queue.get() == "a"
        idle_workers = [asyncio.create_task(queue.get()) for _ in range(3)]
        await asyncio.sleep(0)
        queue.close()
        assert await asyncio.gather(*idle_workers) == [None, None, None]
        drained = asyncio.create_task(queue.wait_idle())
        await asyncio.sleep(0)
        assert not drained.done()
        queue.finish("a")
        await within(2, drained)
        queue.add("b")
        assert await queue.get() is None

    run(scenario)


def test_many_workers_never_share_a_key_and_miss_none() -> None:
    async def scenario() -> None:
        queue = make_queue()
        chance = random.Random(7)
        at_work: set[str] = set()
        worked: dict[str, int] = {}
        asked: dict[str, int] = {}

        async def work() -> None:
            while (key := await queue.get()) is not None:
                assert key not in at_work
                at_work.add(key)
                worked[key] = asked[key]  # what this turn has seen
                await asyncio.sleep(chance.random() * 0.003)
                at_work.remove(key)
                queue.finish(key)

        workers = [asyncio.create_task(work()) for _ in range(5)]
        for number in range(400):
            key = chance.choice("abcdefgh")
            asked[key] = number
            queue.add(key, chance.choice([0.0, 0.0, 0.002]))
            if number % 10 == 0:
                await asyncio.sleep(0.001)
        while queue.depth or queue.working or worked != asked:
            await asyncio.sleep(0.001)
        queue.close()
        await asyncio.gather(*workers)

    run(scenario)


def flow_of(key: str) -> Flow:
    """Keys such as `evil/stop-1`: namespace and, in a name, how urgent it is."""
    namespace, _, name = key.partition("/")
    return Flow(namespace, Priority.STOP if name.startswith("stop") else Priority.REST)


def test_a_neighbour_is_next_whatever_crowd_came_before() -> None:
    queue: KeyedQueue[str] = KeyedQueue(flow_of)
    for number in range(500):
        queue.add(f"evil/{number}", 0.0)
    queue.add("good/space", 1.0)
    assert [queue.take(2.0) for _ in range(2)] == ["evil/0", "good/space"]


def test_no_namespace_holds_more_workers_than_its_share() -> None:
    queue: KeyedQueue[str] = KeyedQueue(flow_of, share=2)
    for number in range(5):
        queue.add(f"evil/{number}", 0.0)
    assert queue.takeable == 2
    assert [queue.take(1.0) for _ in range(3)] == ["evil/0", "evil/1", None]
    assert queue.takeable == 0
    queue.add("good/space", 1.0)
    assert queue.takeable == 1
    assert queue.take(1.0) == "good/space"
    queue.finish("evil/0")
    assert queue.take(1.0) == "evil/2"


def test_it_is_told_how_long_a_key_waited_for_a_worker() -> None:
    waited: list[tuple[str, float]] = []
    queue: KeyedQueue[str] = KeyedQueue(flow_of, waited=lambda *told: waited.append(told))
    queue.add("good/space", 1.0)
    queue.take(3.5)
    assert waited == [("good/space", 2.5)]


def test_a_worker_of_a_namespace_at_its_share_is_woken_when_room_is_made() -> None:
    async def scenario() -> None:
        clock = asyncio.get_running_loop().time
        backoff = Backoff(0.01, 1.0)
        queue: WorkQueue[str] = WorkQueue(
            clock=clock, random=lambda: 0.5, backoff=backoff, flow_of=flow_of, share=1
        )
        queue.add("evil/1")
        queue.add("evil/2")
        first = await queue.get()
        waiting = asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        assert not waiting.done()
        assert first is not None
        queue.finish(first)
        assert await within(2, waiting) == "evil/2"

    run(scenario)
