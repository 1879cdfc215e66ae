"""Barriers: where crash tests kill their client."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError

from tests.simulator.world import World

CLIENT = """
import sys
from tests.simulator.world import World
World(sys.argv[1]).domain(ready=False)
"""


@pytest.fixture
def caller() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def create(world: World) -> str:
    """Create a domain over a connection of its own."""
    return World(world.url).domain(ready=False)


def names(world: World) -> list[str]:
    return [domain["name"] for domain in world.control.state()["domains"]]


def kill_a_client_at_the_barrier(world: World) -> None:
    client = subprocess.Popen([sys.executable, "-c", CLIENT, world.url])
    try:
        world.control.wait_for_barrier()
    finally:
        client.kill()
        client.wait()


def wait_until_no_barrier_is_left(world: World) -> None:
    """A vanished client is noticed within a few hundredths of a second."""
    for _ in range(200):
        if not world.control.barriers():
            return
        world.control._ask("GET", "/barriers", wait=0.01)
    pytest.fail("the barrier was not given up")


def test_before_means_not_yet_carried_out(world: World, caller: ThreadPoolExecutor) -> None:
    world.control.add_barrier("CreateDomain", "before")
    call = caller.submit(create, world)
    barrier = world.control.wait_for_barrier()
    assert barrier["callParameters"]["DomainName"] == "research"
    assert names(world) == []
    assert world.control.release_barriers() == 1
    assert call.result(60).startswith("d-")
    assert names(world) == ["research"]
    assert world.control.barriers() == []


def test_after_means_carried_out_and_not_yet_answered(
    world: World, caller: ThreadPoolExecutor
) -> None:
    world.control.add_barrier("CreateDomain", "after")
    call = caller.submit(create, world)
    world.control.wait_for_barrier()
    assert names(world) == ["research"]
    assert not call.done()
    world.control.release_barriers()
    assert call.result(60).startswith("d-")


def test_other_calls_pass_while_one_waits(world: World, caller: ThreadPoolExecutor) -> None:
    world.control.add_barrier("Create*", parameters={"DomainName": "held"})
    world.domain("free")
    call = caller.submit(lambda: World(world.url).domain("held", ready=False))
    world.control.wait_for_barrier()
    world.domain("free-too")
    world.control.release_barriers()
    call.result(60)
    assert sorted(names(world)) == ["free", "free-too", "held"]


@pytest.mark.parametrize("position", ["before", "after"])
def test_a_dropped_call_is_never_answered(
    world: World, caller: ThreadPoolExecutor, position: str
) -> None:
    world.control.add_barrier("CreateDomain", position)
    call: Future[Any] = caller.submit(create, world)
    world.control.wait_for_barrier()
    world.control.release_barriers(drop=True)
    with pytest.raises(BotoCoreError):
        call.result(60)
    assert names(world) == ([] if position == "before" else ["research"])


def test_the_call_of_a_client_killed_before_it_is_not_carried_out(world: World) -> None:
    world.control.add_barrier("CreateDomain", "before")
    kill_a_client_at_the_barrier(world)
    wait_until_no_barrier_is_left(world)
    assert names(world) == []
    (call,) = world.control.calls("CreateDomain")
    assert (call["code"], call["carriedOut"]) == ("dropped", False)


def test_the_call_of_a_client_killed_after_it_is_carried_out(world: World) -> None:
    world.control.add_barrier("CreateDomain", "after")
    kill_a_client_at_the_barrier(world)
    wait_until_no_barrier_is_left(world)
    assert names(world) == ["research"]


@pytest.mark.parametrize(
    ("drop", "left"),
    [pytest.param(True, [], id="dropped"), pytest.param(False, ["research"], id="carried out")],
)
def test_a_held_call_outlives_its_client_until_it_is_released(
    world: World, drop: bool, left: list[str]
) -> None:
    world.control.add_barrier("CreateDomain", "before", on_disconnect="hold")
    kill_a_client_at_the_barrier(world)
    assert names(world) == []
    assert world.control.release_barriers(drop=drop) == 1
    for _ in range(200):
        (call,) = world.control.calls("CreateDomain")
        if call["code"] != "unanswered":
            break
        world.control._ask("GET", "/barriers", wait=0.01)
    assert names(world) == left


def test_a_call_on_its_way_can_be_carried_out_though_its_client_died(world: World) -> None:
    world.control.add_barrier("CreateDomain", "before", on_disconnect="continue")
    kill_a_client_at_the_barrier(world)
    wait_until_no_barrier_is_left(world)
    for _ in range(200):
        if names(world):
            break
    assert names(world) == ["research"]


def test_a_forgotten_barrier_gives_way_after_its_time(
    world: World, caller: ThreadPoolExecutor
) -> None:
    world.control.add_barrier("CreateDomain", timeout_seconds=0.1)
    assert caller.submit(create, world).result(60).startswith("d-")


def test_each_barrier_stops_one_call(world: World) -> None:
    world.control.add_barrier("ListDomains", timeout_seconds=0.05)
    world.sm.list_domains()
    assert world.control.barriers() == []
    world.sm.list_domains()


def test_waiting_for_a_call_that_does_not_come_ends(world: World) -> None:
    world.control.add_barrier("ListDomains")
    with pytest.raises(TimeoutError):
        world.control.wait_for_barrier(0.1)
    assert world.control.release_barriers() == 0


def test_a_reset_drops_what_waits(world: World, caller: ThreadPoolExecutor) -> None:
    world.control.add_barrier("CreateDomain", "before")
    call: Future[Any] = caller.submit(create, world)
    world.control.wait_for_barrier()
    world.begin()
    with pytest.raises(BotoCoreError):
        call.result(60)
    assert names(world) == []
