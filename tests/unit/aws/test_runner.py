"""Looks at one domain do not come late since a tenant keeps another one moving."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from studio_operator.aws.inventory.inventory import Inventory
from studio_operator.plan.scope import AccountRegion
from studio_operator.settings import Settings

from tests.aws_ids import scope_at
from tests.simulated_time import run
from tests.unit.aws.stage import DOMAIN_ID, REGION, PlainAws, app_item, space_item

FLAPPED = "d-flapped"
SECONDS = 60.0
# A look at all of a domain: its description and three listings.
PAGES = 4


class Counting(PlainAws):
    """Counts the listings of apps of each domain; everywhere an app starts for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.answers["ListSpaces"] = [space_item()]
        self.answers["ListApps"] = [app_item(status="Pending")]
        self.looks: dict[str, int] = {DOMAIN_ID: 0, FLAPPED: 0}

    async def paginate(
        self, where: AccountRegion, operation: str, parameters: Mapping[str, Any], items_key: str
    ) -> list[dict[str, Any]]:
        if operation == "ListApps":
            self.looks[parameters["DomainIdEquals"]] += 1
        return await super().paginate(where, operation, parameters, items_key)


async def looks_at(*domains: str, flaps: bool) -> Mapping[str, int]:
    """How often each domain is looked at in a while, with resources of one flapped or not."""
    aws = Counting()
    clock = asyncio.get_running_loop().time
    inventory = Inventory(aws, Settings(), clock, lambda _: None)
    for domain_id in domains:
        inventory.track(scope_at(REGION, domain_id))
    stop = asyncio.Event()
    running = asyncio.create_task(inventory.run(stop))
    until = clock() + SECONDS
    while clock() < until:
        if flaps:  # its calls fail, one after the other, and each time it is to be looked at
            inventory.nudge(scope_at(REGION, FLAPPED))
        await asyncio.sleep(0.005)
    stop.set()
    await running
    return aws.looks


def test_a_domain_whose_resources_are_flapped_delays_no_look_at_another() -> None:
    async def scene() -> None:
        alone = await looks_at(DOMAIN_ID, flaps=False)
        beside = await looks_at(DOMAIN_ID, FLAPPED, flaps=True)
        assert beside[DOMAIN_ID] >= alone[DOMAIN_ID] - 1, (alone, beside)
        # ... and has its share of the pages: it costs no more than others do
        assert beside[FLAPPED] <= 1 + SECONDS * Settings().fast_pages_per_second / 2 / PAGES

    run(scene())
