"""Namespaces in turn, the most urgent first within one, and nothing lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from studio_operator.fairness import FairQueue, Flow, Priority, current_flow, working_for
from studio_operator.metrics import Metrics

NAMESPACES = st.sampled_from(["a", "b", "c"])
FLOWS = st.builds(Flow, NAMESPACES, st.sampled_from(Priority))


def drain(queue: FairQueue[str]) -> list[str]:
    items = []
    while (first := queue.pop()) is not None:
        items.append(first[0])
    return items


def test_a_crowd_of_one_namespace_lets_another_pass_after_one_item() -> None:
    queue: FairQueue[str] = FairQueue()
    for number in range(500):
        queue.push(f"crowd-{number}", Flow("crowd"), 0.0)
    queue.push("neighbour", Flow("quiet"), 1.0)
    assert drain(queue)[:3] == ["crowd-0", "neighbour", "crowd-1"]


def test_within_a_namespace_stops_come_first_and_requests_before_the_rest() -> None:
    queue: FairQueue[str] = FairQueue()
    for item, priority in (
        ("rest", Priority.REST),
        ("asked", Priority.REQUEST),
        ("stop", Priority.STOP),
    ):
        queue.push(item, Flow("a", priority), 0.0)
    assert drain(queue) == ["stop", "asked", "rest"]


def test_what_waits_can_become_more_urgent_and_keeps_its_age() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.push("first", Flow("a"), 1.0)
    queue.push("second", Flow("a"), 2.0)
    queue.push("second", Flow("a", Priority.STOP), 3.0)
    queue.push("second", Flow("a"), 4.0)  # not less urgent again
    assert queue.pop() == ("second", 2.0)
    assert queue.pop() == ("first", 1.0)


def test_a_namespace_that_may_not_go_is_passed_over_and_keeps_its_turn() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.push("a1", Flow("a"), 0.0)
    queue.push("b1", Flow("b"), 0.0)
    queue.push("b2", Flow("b"), 0.0)
    assert queue.pop(lambda namespace: namespace != "a") == ("b1", 0.0)
    assert queue.pop(lambda _: False) is None
    assert drain(queue) == ["a1", "b2"]


@given(st.lists(st.tuples(st.integers(0, 40), FLOWS), max_size=60), st.sets(st.integers(0, 40)))
def test_nothing_is_lost_or_made_up(pushed: list[tuple[int, Flow]], gone: set[int]) -> None:
    queue: FairQueue[int] = FairQueue()
    for moment, (item, flow) in enumerate(pushed):
        queue.push(item, flow, float(moment))
    for item in gone:
        queue.discard(item)
    left = {item for item, _ in pushed} - gone
    assert set(queue) == left
    assert len(queue) == sum(number for _, number in queue.waiting()) == len(left)
    popped = []
    while (first := queue.pop()) is not None:
        popped.append(first[0])
    assert sorted(popped) == sorted(left)
    assert queue.oldest_since() is None


@given(st.lists(st.tuples(NAMESPACES, st.sampled_from(Priority)), min_size=1, max_size=80))
def test_no_namespace_is_served_twice_before_another_that_waits(
    pushed: list[tuple[str, Priority]],
) -> None:
    queue: FairQueue[int] = FairQueue()
    for item, (namespace, priority) in enumerate(pushed):
        queue.push(item, Flow(namespace, priority), 0.0)
    left = dict(queue.waiting())
    since: dict[str, set[str]] = {name: set() for name in left}  # served since each one's turn
    while (first := queue.pop()) is not None:
        namespace = pushed[first[0]][0]
        for name, served in since.items():
            assert name == namespace or not left[name] or namespace not in served
            served.add(namespace)
        since[namespace] = set()
        left[namespace] -= 1


def test_what_is_done_within_is_done_for_that_namespace() -> None:
    assert current_flow() == Flow()
    with working_for(Flow("a", Priority.REQUEST)):
        assert current_flow() == Flow("a", Priority.REQUEST)
    assert current_flow() == Flow()


def waited(metrics: Metrics) -> dict[str, float]:
    """The series of waits: seconds by namespace."""
    (family,) = metrics.turn_wait_seconds.collect()
    return {
        one.labels["resource_namespace"]: one.value
        for one in family.samples
        if one.name.endswith("_total")
    }


def test_however_many_namespaces_there_are_the_series_of_their_waits_are_bounded() -> None:
    metrics = Metrics(namespaces=3)
    seen: set[str] = set()
    for number in range(5_000):  # as many are made and deleted again
        metrics.observe_wait(f"team-{number}", "worker", 1.0)
        seen |= set(waited(metrics)) if number % 100 == 0 else set()
    metrics.observe_wait("team-0", "worker", 0.0)  # no wait, nothing to tell
    assert waited(metrics) == {"team-0": 1.0, "team-1": 1.0, "team-2": 1.0, "(others)": 4_997.0}
    assert seen <= set(waited(metrics))
    assert len(metrics._waits._others) <= 1_000


def test_a_namespace_that_waits_longer_than_those_who_came_first_is_shown() -> None:
    metrics = Metrics(namespaces=3)
    for number in range(100):
        metrics.observe_wait(f"early-{number}", "worker", 0.01)
    for _ in range(10):
        metrics.observe_wait("slowed", "aws", 1.0)
    shown = waited(metrics)
    assert shown["slowed"] == 10.0
    assert len(shown) == 4


def test_a_namespace_that_waited_long_ago_makes_room_for_one_that_waits_now() -> None:
    now = 0.0
    metrics = Metrics(namespaces=1, clock=lambda: now)
    metrics.observe_wait("gone", "worker", 600.0)
    metrics.observe_wait("slowed", "worker", 5.0)
    assert set(waited(metrics)) == {"gone", "(others)"}
    now += 12 * 3600
    metrics.observe_wait("slowed", "worker", 5.0)
    assert waited(metrics) == {"slowed": 5.0, "(others)": 5.0}


def test_without_room_for_series_all_waits_are_counted_together() -> None:
    metrics = Metrics(namespaces=0)
    metrics.observe_wait("a", "worker", 1.0)
    metrics.observe_wait("b", "aws", 2.0)
    assert set(waited(metrics)) == {"(others)"}
