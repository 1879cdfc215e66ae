"""A space whose status was lost and whose name was edited: the engine, with what listings show."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from studio_operator.api.common import ConditionType
from studio_operator.aws.inventory.inventory import Inventory
from studio_operator.engine.assembly import Outside, make_core, make_queue
from studio_operator.engine.declared.flows import flow_of
from studio_operator.engine.declared.store import Store
from studio_operator.engine.feed import Feed
from studio_operator.kube.resources import Key
from studio_operator.metrics import Metrics
from studio_operator.plan.scope import AccountRegion
from studio_operator.settings import Settings

from tests.simulated_time import run
from tests.unit.aws.stage import ARNS, DOMAIN_ID, REGION
from tests.unit.engine.edit_world import CLUSTER, SPACE, SPECS, TURNS, ApiServer, Aws

RENAMED = {**SPECS[SPACE], "spaceName": "other", "state": "Stopped"}
CROWD = tuple(Key("Space", "team", f"new-{number}") for number in range(20))


class TakingAws(Aws):
    """The same, and it takes CreateSpace."""

    def __init__(self) -> None:
        super().__init__()
        self.created: list[str] = []

    async def call(
        self, where: AccountRegion, operation: str, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What CreateSpace answers, or the answer that was set."""
        if operation != "CreateSpace":
            return await super().call(where, operation, parameters)
        self.created.append(parameters["SpaceName"])
        return {"SpaceArn": f"{ARNS}:space/{DOMAIN_ID}/{parameters['SpaceName']}"}

    def take_tag_away(self) -> None:
        """An administrator removes the owner's tag of the space."""
        tagged = self.answers["GetResources"]
        self.answers["GetResources"] = [
            one for one in tagged if not one["ResourceARN"].endswith("/churn")
        ]


class Operator:
    """The engine without its workers: `due` are the keys that it would take up."""

    def __init__(self, aws: TakingAws) -> None:
        self.aws, self.api, settings = aws, ApiServer(), Settings()
        metrics, self.due = Metrics(), list[Key]()
        self.store = Store(REGION)
        feed = Feed(self.store, self.due.append)
        clock = asyncio.get_running_loop().time
        self.inventory = Inventory(aws, settings, clock, feed.record_changed, metrics)
        outside = Outside(
            calls=aws,
            inventory=self.inventory,
            kube=self.api,
            cluster=CLUSTER,
            instance="operator-1",
            lease=None,
            may_act=lambda: True,
            vanished=lambda _: None,
        )
        queue = make_queue(settings, metrics, lambda key: flow_of(self.store, key))
        self.reconciler = make_core(outside, self.store, queue, settings, metrics).reconciler

    def declare(self, key: Key, spec: Mapping[str, Any]) -> None:
        self.store.apply(self.api.declare(key, spec))
        entry = self.store.get(key)
        assert entry is not None
        self.reconciler.follow(entry)

    async def live(self, *keys: Key, turns: int = TURNS) -> None:
        for _ in range(turns):
            for key in keys or tuple(SPECS):
                await self.reconciler.reconcile(key)
            await asyncio.sleep(1)

    def ready(self, key: Key) -> tuple[str, str]:
        entry = self.store.get(key)
        assert entry is not None
        found = entry.status.condition(ConditionType.READY)
        assert found is not None
        return found.reason, found.message


@asynccontextmanager
async def operator(space: Mapping[str, Any]) -> AsyncIterator[Operator]:
    """At work, with the space declared so and nothing on its status."""
    made, stop = Operator(TakingAws()), asyncio.Event()
    for key, spec in {**SPECS, SPACE: space}.items():
        made.declare(key, spec)
    polling = asyncio.create_task(made.inventory.run(stop))
    await made.live()
    yield made
    stop.set()
    await polling


async def _refused() -> None:
    async with operator(RENAMED) as made:
        reason, message = made.ready(SPACE)
        assert (reason, made.aws.created) == ("ImmutableField", [])
        assert "Set spec.spaceName to churn" in message
        assert "arn" not in made.api.bodies[SPACE]["status"]
        asked = len(made.aws.calls)
        await made.live(turns=60)
        listings = {"DescribeDomain", "ListSpaces", "ListApps", "ListUserProfiles"}
        assert set(made.aws.calls[asked:]) == listings, "a refusal costs no look of its own"
        made.declare(SPACE, {**RENAMED, "spaceName": "churn"})
        await made.live()
        assert made.aws.created == []
        assert made.ready(SPACE)[0] != "ImmutableField"


def test_nothing_is_created_beside_what_has_its_tag() -> None:
    run(_refused())


async def _freed() -> None:
    async with operator(RENAMED) as made:
        made.aws.take_tag_away()
        made.due.clear()
        await asyncio.sleep(2 * Settings().tag_interval)
        assert SPACE in made.due
        await made.live(SPACE, turns=1)
        assert made.aws.created == ["other"]


def test_it_is_taken_up_as_soon_as_aws_shows_that_the_tag_is_gone() -> None:
    run(_freed())


async def _crowd() -> None:
    async with operator(SPECS[SPACE]) as made:
        for key in CROWD:
            made.declare(key, {**RENAMED, "spaceName": f"aws-{key.name}"})
        await made.live(*CROWD, turns=1)
        assert made.aws.created == [f"aws-{key.name}" for key in CROWD]


def test_a_crowd_of_new_spaces_is_created_in_one_pass_each() -> None:
    run(_crowd())
