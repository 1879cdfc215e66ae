"""What the inventory tells of its own health."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from studio_operator.aws.inventory import Inventory
from studio_operator.aws.keys import RecordKey
from studio_operator.plan.types import FailureKind
from studio_operator.settings import Settings

from tests.unit.aws.stage import DOMAIN_ID, REGION, PlainAws, failure, run

SOON = Settings(sweep_retry=0.01, rest_interval=1)


class Health:
    """An inventory whose sweeps really run, on a clock that may be set ahead."""

    def __init__(self, aws: PlainAws) -> None:
        self.ahead = 0.0
        self.inventory = Inventory(aws, SOON, self.clock, lambda _: None)

    def clock(self) -> float:
        return asyncio.get_running_loop().time() + self.ahead

    async def until_asked(
        self,
        aws: PlainAws,
        operation: str,
        times: int,
        holds: Callable[[], bool] = lambda: True,
    ) -> None:
        """Run until that was asked so often, and what has to follow from it holds."""
        stop = asyncio.Event()
        running = asyncio.create_task(self.inventory.run(stop))
        async with asyncio.timeout(5):
            while aws.calls.count(operation) < times or not holds():
                await asyncio.sleep(0.005)
        await asyncio.sleep(0.005)
        stop.set()
        await running


def test_without_anything_to_watch_it_is_ready_and_not_late() -> None:
    async def scene() -> None:
        health = Health(PlainAws())
        assert health.inventory.ready
        assert health.inventory.oldest_success_age() == 0

    run(scene())


def test_it_is_ready_once_all_was_seen() -> None:
    async def scene() -> None:
        aws = PlainAws()
        health = Health(aws)
        health.inventory.track(REGION, DOMAIN_ID)
        health.inventory.track_region(REGION)
        assert not health.inventory.ready
        await health.until_asked(aws, "ListDomains", 1)
        assert health.inventory.ready

    run(scene())


def test_a_place_that_can_not_be_seen_holds_readiness_up_for_a_few_tries_only() -> None:
    async def scene() -> None:
        aws = PlainAws()
        aws.failing["ListSpaces"] = failure("ListSpaces")
        health = Health(aws)
        health.inventory.track(REGION, DOMAIN_ID)
        await health.until_asked(aws, "ListSpaces", 1)
        assert not health.inventory.ready
        assert health.inventory.problem(REGION, DOMAIN_ID) is aws.failing["ListSpaces"]
        await health.until_asked(aws, "ListSpaces", 3, lambda: health.inventory.ready)
        assert health.inventory.view(REGION, DOMAIN_ID) is None

    run(scene())


def test_the_age_grows_while_aws_gives_no_answer() -> None:
    async def scene() -> None:
        aws = PlainAws()
        health = Health(aws)
        health.inventory.track(REGION, DOMAIN_ID)
        await health.until_asked(aws, "ListSpaces", 1)
        assert health.inventory.problem(REGION, DOMAIN_ID) is None
        health.ahead += 100
        aws.failing["ListSpaces"] = failure("ListSpaces")
        await health.until_asked(aws, "ListSpaces", 2)
        assert health.inventory.oldest_success_age() >= 100

    run(scene())


def test_a_refusal_is_an_answer() -> None:
    async def scene() -> None:
        aws = PlainAws()
        aws.failing["ListSpaces"] = failure("ListSpaces", FailureKind.ACCESS)
        health = Health(aws)
        health.inventory.track(REGION, DOMAIN_ID)
        health.ahead += 100
        await health.until_asked(aws, "ListSpaces", 1)
        assert health.inventory.oldest_success_age() < 50

    run(scene())


def test_a_region_that_is_never_seen_does_not_make_the_whole_look_dead() -> None:
    async def scene() -> None:
        aws = PlainAws()
        health = Health(aws)
        health.inventory.track(REGION, DOMAIN_ID)
        health.inventory.track_region("eu-nowhere-1")
        aws.failing["ListDomains"] = failure("ListDomains")
        health.ahead += 100
        await health.until_asked(aws, "ListSpaces", 1)
        assert health.inventory.oldest_success_age() < 50
        health.inventory.untrack(REGION, DOMAIN_ID)
        assert health.inventory.oldest_success_age() >= 100

    run(scene())


def test_what_is_watched_no_longer_has_no_view_and_costs_nothing() -> None:
    async def scene() -> None:
        aws, told = PlainAws(), list[RecordKey]()
        clock = asyncio.get_running_loop().time
        inventory = Inventory(aws, SOON, clock, told.append)
        stop = asyncio.Event()
        running = asyncio.create_task(inventory.run(stop))
        inventory.track(REGION, DOMAIN_ID)
        while inventory.view(REGION, DOMAIN_ID) is None:
            await asyncio.sleep(0.005)
        assert told == [RecordKey("domain", REGION, DOMAIN_ID)]
        inventory.untrack(REGION, DOMAIN_ID)
        assert inventory.view(REGION, DOMAIN_ID) is None
        aws.calls.clear()
        await asyncio.sleep(1.2)  # longer than the rest interval: nothing is due any more
        assert aws.calls == []
        stop.set()
        await running

    run(scene())
