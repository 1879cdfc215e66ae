"""What the inventory tells of its own health."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from studio_operator.aws.inventory.inventory import Inventory
from studio_operator.kinds.resource_id import Changed, ResourceId
from studio_operator.plan.types import Call, FailureKind, Look
from studio_operator.settings import Settings

from tests.aws_ids import scope_at
from tests.simulated_time import run
from tests.unit.aws.stage import ARNS, PLACE, REGION, WHERE, PlainAws, failure

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
        health.inventory.track(PLACE)
        health.inventory.track(scope_at(REGION))
        assert not health.inventory.ready
        await health.until_asked(aws, "ListDomains", 1)
        assert health.inventory.ready

    run(scene())


def test_a_place_that_can_not_be_seen_holds_readiness_up_for_a_few_tries_only() -> None:
    async def scene() -> None:
        aws = PlainAws()
        aws.failing["ListSpaces"] = failure("ListSpaces")
        health = Health(aws)
        health.inventory.track(PLACE)
        await health.until_asked(aws, "ListSpaces", 1)
        assert not health.inventory.ready
        assert health.inventory.problem(PLACE) is aws.failing["ListSpaces"]
        await health.until_asked(aws, "ListSpaces", 3, lambda: health.inventory.ready)
        assert health.inventory.view(PLACE) is None

    run(scene())


def test_the_age_grows_while_aws_gives_no_answer() -> None:
    async def scene() -> None:
        aws = PlainAws()
        health = Health(aws)
        health.inventory.track(PLACE)
        await health.until_asked(aws, "ListSpaces", 1)
        assert health.inventory.problem(PLACE) is None
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
        health.inventory.track(PLACE)
        health.ahead += 100
        await health.until_asked(aws, "ListSpaces", 1)
        assert health.inventory.oldest_success_age() < 50

    run(scene())


def test_a_region_that_is_never_seen_does_not_make_the_whole_look_dead() -> None:
    async def scene() -> None:
        aws = PlainAws()
        health = Health(aws)
        health.inventory.track(PLACE)
        health.inventory.track(scope_at("eu-nowhere-1"))
        aws.failing["ListDomains"] = failure("ListDomains")
        health.ahead += 100
        await health.until_asked(aws, "ListSpaces", 1)
        assert health.inventory.oldest_success_age() < 50
        health.inventory.untrack(PLACE)
        assert health.inventory.oldest_success_age() >= 100

    run(scene())


def test_what_is_watched_no_longer_has_no_view_and_costs_nothing() -> None:
    async def scene() -> None:
        aws, told = PlainAws(), list[Changed]()
        clock = asyncio.get_running_loop().time
        inventory = Inventory(aws, SOON, clock, told.append)
        stop = asyncio.Event()
        running = asyncio.create_task(inventory.run(stop))
        inventory.track(PLACE)
        while inventory.view(PLACE) is None:
            await asyncio.sleep(0.005)
        assert told == [PLACE]
        inventory.untrack(PLACE)
        assert inventory.view(PLACE) is None
        aws.calls.clear()
        await asyncio.sleep(1.2)  # longer than the rest interval: nothing is due any more
        assert aws.calls == []
        stop.set()
        await running

    run(scene())


@pytest.mark.parametrize("look", [Look.SETTINGS, Look.TAGS, Look.APP])
def test_what_has_no_domain_yet_is_not_asked_for_where_a_list_of_domains_is_polled(
    look: Look,
) -> None:
    aws = PlainAws()
    inventory = Inventory(aws, SOON, lambda: 0.0, lambda _: None)
    inventory.track(scope_at(REGION))
    run(inventory.look(ResourceId("Space", scope_at(REGION), "churn"), look))
    assert aws.calls == []


def test_only_a_call_that_a_list_shows_has_it_looked_at_soon() -> None:
    inventory = Inventory(PlainAws(), SOON, lambda: 0.0, lambda _: None)
    inventory.track(scope_at(REGION))
    polled = inventory._pollers[scope_at(REGION)]
    script = {"StudioLifecycleConfigName": "a"}
    for call in (
        Call("CreateStudioLifecycleConfig", script),
        Call("DeleteSpace", {"DomainId": "d"}),
    ):
        inventory.expect(call, {}, WHERE)
        assert not polled.schedule.is_moving
    made = {"DomainId": "d-new", "DomainArn": f"{ARNS}:domain/d-new"}
    inventory.expect(Call("CreateDomain", {"DomainName": "new"}), made, WHERE)
    assert polled.schedule.is_moving
    assert [one.domain_id for one in polled.domains] == ["d-new"]
