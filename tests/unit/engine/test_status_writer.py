"""The status writer, with an API server in a few lines that counts the writes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from studio_operator.engine.budget import TokenBucket
from studio_operator.engine.entries import Entry
from studio_operator.engine.status_writer import Outcome, StatusWriter
from studio_operator.engine.store import Store
from studio_operator.kube.client import ApiError
from studio_operator.kube.resources import Key

KEYS = [Key("UserProfile", "team", f"person-{n}") for n in range(3)]
CREATING = {"phase": "Pending", "conditions": [{"type": "Ready", "status": "False"}]}
UPDATING = {"phase": "Updating", "conditions": [{"type": "Ready", "status": "False"}]}
READY = {"phase": "InService", "conditions": [{"type": "Ready", "status": "True"}]}


class World:
    """An API server that keeps statuses, a store fed from it, a clock, and the writer."""

    def __init__(self) -> None:
        self.now = 0.0
        self.version = 0
        self.writes: list[tuple[Key, Mapping[str, Any]]] = []
        self.revisited: list[Key] = []
        self.extra: dict[str, Any] = {}
        self.refusal: ApiError | None = None
        self.store = Store("eu-central-1")
        budget = TokenBucket(rate=100.0, burst=1.0, clock=lambda: self.now)
        self.writer = StatusWriter(
            self, self.store, budget, revisit=self.revisited.append, count_held_back=lambda: None
        )
        for key in KEYS:
            self.store.apply(self.body(key, {}))

    def body(self, key: Key, status: Mapping[str, Any]) -> dict[str, Any]:
        self.version += 1
        metadata = {
            "namespace": key.namespace,
            "name": key.name,
            "uid": key.name,
            "generation": 1,
            "resourceVersion": str(self.version),
            "creationTimestamp": "2026-01-01T00:00:00Z",
        }
        return {"kind": key.kind, "metadata": metadata, "spec": {}, "status": dict(status)}

    async def patch_status(
        self, key: Key, resource_version: str, status: Mapping[str, Any]
    ) -> dict[str, Any]:
        if self.refusal is not None:
            raise self.refusal
        self.writes.append((key, status))
        return self.body(key, {**status, **self.extra})

    def entry(self, key: Key = KEYS[0]) -> Entry:
        entry = self.store.get(key)
        assert entry is not None
        return entry

    async def offer(self, status: Mapping[str, Any], key: Key = KEYS[0]) -> Outcome:
        return await self.writer.offer(self.entry(key), status)


def run(scenario: Callable[[World], Awaitable[None]]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(scenario(World()), 10)

    asyncio.run(bounded())


def test_the_same_status_is_written_once() -> None:
    async def scenario(world: World) -> None:
        assert await world.offer(CREATING) is Outcome.WRITTEN
        assert await world.offer(dict(CREATING)) is Outcome.SAME
        assert len(world.writes) == 1

    run(scenario)


def test_members_that_others_wrote_are_not_fought_over() -> None:
    async def scenario(world: World) -> None:
        world.extra = {"note": "somebody's"}
        await world.offer(CREATING)
        assert world.entry().shown == {**CREATING, "note": "somebody's"}
        assert await world.offer(CREATING) is Outcome.SAME
        world.store.apply(world.body(KEYS[0], {"phase": "Vandalised"}))
        assert await world.offer(CREATING) is Outcome.WRITTEN, "ours is put right"

    run(scenario)


def test_in_a_flood_steps_are_held_back_and_turning_points_are_not() -> None:
    async def scenario(world: World) -> None:
        for key in KEYS:
            assert await world.offer(CREATING, key) is Outcome.WRITTEN
        steps = [await world.offer(UPDATING, key) for key in KEYS]
        assert steps == [Outcome.WRITTEN, Outcome.HELD_BACK, Outcome.HELD_BACK]
        assert [await world.offer(READY, key) for key in KEYS] == [Outcome.WRITTEN] * 3
        assert world.writer.held_back == 0
        assert len(world.writes) == 7

    run(scenario)


def test_what_was_held_back_gets_its_turn_when_the_budget_allows() -> None:
    async def scenario(world: World) -> None:
        for key in KEYS:
            await world.offer(CREATING, key)
        for key in KEYS:
            await world.offer(UPDATING, key)
        running = asyncio.create_task(world.writer.run())
        while len(world.revisited) < 2:
            world.now += 0.01
            await asyncio.sleep(0.001)
        running.cancel()
        assert world.revisited == KEYS[1:]
        assert await world.offer(UPDATING, KEYS[1]) is Outcome.WRITTEN

    run(scenario)


def test_what_is_held_back_is_written_before_the_end() -> None:
    async def scenario(world: World) -> None:
        for key in KEYS:
            await world.offer(CREATING, key)
        for key in KEYS:
            await world.offer(UPDATING, key)
        await world.writer.flush()
        assert all(world.entry(key).shown == UPDATING for key in KEYS)

    run(scenario)


def test_a_resource_that_is_gone_is_dropped() -> None:
    async def scenario(world: World) -> None:
        entry = world.entry()
        world.refusal = ApiError(404, "NotFound", "no such resource")
        assert await world.writer.offer(entry, CREATING) is Outcome.GONE
        assert world.store.get(KEYS[0]) is None

    run(scenario)


def test_a_conflict_is_for_the_caller_to_plan_anew() -> None:
    async def scenario(world: World) -> None:
        world.refusal = ApiError(409, "Conflict", "changed meanwhile")
        with pytest.raises(ApiError):
            await world.offer(CREATING)

    run(scenario)
