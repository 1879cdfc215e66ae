"""Room for a number of calls at once, given to the namespaces in turn."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest
from studio_operator.aws.slots import Slots
from studio_operator.fairness import Flow


def test_no_more_hold_a_slot_than_there_are_and_namespaces_take_turns() -> None:
    order: list[str] = []
    most = 0

    async def scene() -> None:
        nonlocal most
        slots, holding = Slots(4), 0

        async def call(name: str, namespace: str) -> None:
            nonlocal holding, most
            with ExitStack() as room:
                await slots.hold(Flow(namespace), room)
                holding += 1
                most = max(most, holding)
                order.append(name)
                await asyncio.sleep(0)
                holding -= 1

        crowd = [call(f"crowd-{number}", "crowd") for number in range(10)]
        await asyncio.gather(*crowd, call("neighbour", "quiet"))

    asyncio.run(asyncio.wait_for(scene(), 10))
    assert most == 4 - 1
    assert len(order) == 11
    assert order.index("neighbour") <= 3


def test_a_caller_that_gives_up_loses_no_slot() -> None:
    async def scene() -> None:
        slots = Slots(1)

        async def hold(until: asyncio.Event) -> None:
            with ExitStack() as room:
                await slots.hold(Flow(), room)
                await until.wait()

        done = asyncio.Event()
        first = asyncio.create_task(hold(done))
        await asyncio.sleep(0)
        second, third = asyncio.create_task(hold(done)), asyncio.create_task(hold(done))
        await asyncio.sleep(0)
        done.set()
        await first
        second.cancel()  # in the moment in which it was given the slot
        await asyncio.gather(second, return_exceptions=True)
        await third

    asyncio.run(asyncio.wait_for(scene(), 10))


@pytest.mark.parametrize("crowds", [1, 2, 3, 4])
def test_namespaces_whose_calls_hang_leave_a_slot_for_the_next_one(crowds: int) -> None:
    async def scene() -> None:
        slots, room = Slots(32), ExitStack()
        hanging = [
            asyncio.create_task(slots.hold(Flow(f"crowd-{crowd}"), room))
            for crowd in range(crowds)
            for _ in range(40)
        ]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await slots.hold(Flow("quiet"), room)
        assert sum(task.done() for task in hanging) >= 16  # no more are left idle than must be
        for task in hanging:
            task.cancel()

    asyncio.run(asyncio.wait_for(scene(), 10))


def test_what_a_namespace_gives_back_others_may_have() -> None:
    async def scene() -> None:
        slots, held = Slots(8), ExitStack()
        for _ in range(4):
            await slots.hold(Flow("crowd"), held)
        next_one = asyncio.create_task(slots.hold(Flow("crowd"), ExitStack()))
        others = [asyncio.create_task(slots.hold(Flow("other"), ExitStack())) for _ in range(3)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not next_one.done()
        assert [other.done() for other in others] == [True, True, False]
        held.close()
        await asyncio.gather(next_one, *others)

    asyncio.run(asyncio.wait_for(scene(), 10))
