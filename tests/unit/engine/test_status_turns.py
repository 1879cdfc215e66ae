"""Statuses that may wait are written in turn, also where a crowd never ceases to come."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.store import Store
from studio_operator.engine.reporting.budget import Budget
from studio_operator.engine.reporting.status_writer import StatusWriter, WriteOutcome
from studio_operator.kube.resources import Key

from tests.simulated_time import run


class NoApi:
    """Nothing is to be written here."""

    async def patch_status(
        self, key: Key, resource_version: str, status: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        raise AssertionError(f"{key} was written before those who waited")


def profile(namespace: str, name: str) -> Entry:
    """A profile in the midst of its creation."""
    return Entry.from_raw(
        {
            "kind": "UserProfile",
            "metadata": {
                "namespace": namespace,
                "name": name,
                "uid": f"{namespace}-{name}",
                "resourceVersion": "1",
                "creationTimestamp": "2026-11-28T09:00:00Z",
            },
            "spec": {},
            "status": {"phase": "Pending"},
        }
    )


def test_a_crowd_that_comes_later_takes_no_token_from_those_who_wait() -> None:
    async def scene() -> None:
        now = 0.0
        revisited: list[Key] = []
        budget = Budget(rate=1.0, burst=1.0, clock=lambda: now)
        writer = StatusWriter(
            NoApi(),
            Store(""),
            budget,
            revisit=revisited.append,
            vanished=lambda _: None,
            count_held_back=lambda: None,
        )
        assert budget.take()
        quiet, step = profile("quiet", "alice"), {"phase": "Updating"}
        assert await writer.offer(quiet, step) is WriteOutcome.HELD_BACK
        turns = asyncio.create_task(writer.run())
        now = 1.0  # a token has come, and before anybody else the crowd
        for number in range(3):
            late = await writer.offer(profile("crowd", f"person-{number}"), step)
            assert late is WriteOutcome.HELD_BACK
        await asyncio.sleep(0.01)
        assert revisited == [quiet.key]
        turns.cancel()

    run(scene())
