"""The status writer, counted by what a real API server has afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import pytest
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.store import Store
from studio_operator.engine.feed import Feed
from studio_operator.engine.reporting.budget import Budget
from studio_operator.engine.reporting.status_writer import StatusWriter, WriteOutcome
from studio_operator.kube.client import KubeClient
from studio_operator.kube.resources import Key
from studio_operator.kube.transport import ApiError

from sandbox.access import Access
from tests.cluster.engine.resources import (
    Run,
    alice,
    apply_profile,
    delete_profile,
    read_profile,
    until,
)


def status(phase: str, ready: str = "False") -> dict[str, Any]:
    condition = {
        "type": "Ready",
        "status": ready,
        "reason": phase,
        "message": "words",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }
    return {"phase": phase, "conditions": [condition]}


LEASE = "studio-operator-system/studio-operator"
CREATING, UPDATING, READY = status("Pending"), status("Updating"), status("InService", "True")


class Desk:
    """A writer with its store, in which one token is left for steps on the way."""

    def __init__(self, client: KubeClient, access: Access, namespace: str) -> None:
        self.now = 0.0
        self.access, self.namespace = access, namespace
        self.keys = [alice(namespace, f"person-{number}") for number in range(3)]
        self.revisited: list[Key] = []
        self.queued: list[Key] = []
        self.forgotten: list[Key] = []
        self.store = Store("eu-central-1")
        feed = Feed(self.store, self.queued.append)
        feed.when_gone(self.forgotten.append)
        self.writer = self.make_writer(client, feed)
        self.signing = self.make_writer(client, feed, LEASE)
        for key in self.keys:
            self.store.apply(apply_profile(access, namespace, key.name))

    def make_writer(self, client: KubeClient, feed: Feed, lease: str | None = None) -> StatusWriter:
        return StatusWriter(
            client,
            self.store,
            Budget(rate=100.0, burst=1.0, clock=lambda: self.now),
            revisit=self.revisited.append,
            vanished=feed.vanished,
            count_held_back=lambda: None,
            lease=lease,
        )

    def entry(self, number: int = 0) -> Entry:
        entry = self.store.get(self.keys[number])
        assert entry is not None
        return entry

    async def offer(self, said: Mapping[str, Any], number: int = 0) -> WriteOutcome:
        return await self.writer.offer(self.entry(number), said)

    def shown(self, number: int = 0) -> Any:
        return read_profile(self.access, self.namespace, self.keys[number].name).get("status")

    def version(self, number: int = 0) -> str:
        found = read_profile(self.access, self.namespace, self.keys[number].name)
        return str(found["metadata"]["resourceVersion"])


Scenario = Callable[[Desk], Coroutine[Any, Any, None]]


@pytest.fixture
def at_desk(
    control_plane: Access, namespace: str, run_with_client: Run
) -> Callable[[Scenario], None]:
    def run(scenario: Scenario) -> None:
        run_with_client(lambda client: scenario(Desk(client, control_plane, namespace)))

    return run


def test_the_same_status_is_written_once(at_desk: Callable[[Scenario], None]) -> None:
    async def scenario(desk: Desk) -> None:
        assert await desk.offer(CREATING) is WriteOutcome.WRITTEN
        assert desk.shown() == CREATING
        version = desk.version()
        assert await desk.offer(dict(CREATING)) is WriteOutcome.SAME
        assert desk.version() == version

    at_desk(scenario)


def test_the_echo_of_a_write_is_no_news(at_desk: Callable[[Scenario], None]) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.offer(CREATING)
        echo = read_profile(desk.access, desk.namespace, desk.keys[0].name)
        assert not desk.store.apply(echo)

    at_desk(scenario)


def test_members_that_others_wrote_are_not_fought_over_and_ours_are_put_right(
    at_desk: Callable[[Scenario], None],
) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.offer(CREATING)
        name = desk.keys[0].name
        vandalism = '{"status": {"phase": "Failed", "userProfileName": "x"}}'
        desk.access.kubectl(
            "patch", "userprofile", name, "-n", desk.namespace,
            "--subresource=status", "--type=merge", "-p", vandalism,
        )  # fmt: skip
        desk.store.apply(read_profile(desk.access, desk.namespace, name))
        assert await desk.offer(CREATING) is WriteOutcome.WRITTEN
        assert desk.shown() == {**CREATING, "userProfileName": "x"}
        assert await desk.offer(CREATING) is WriteOutcome.SAME

    at_desk(scenario)


def test_what_aws_notes_on_a_thing_it_makes_costs_no_write(
    at_desk: Callable[[Scenario], None],
) -> None:
    async def scenario(desk: Desk) -> None:
        made = status("Pending")
        made["conditions"].append(made["conditions"][0] | {"type": "Reconciling", "status": "True"})
        noted = {"settingsModifiedAt": "2026-01-01T00:00:00Z"}
        await desk.offer(made)
        assert await desk.offer(made | noted) is WriteOutcome.HELD_BACK
        assert desk.shown() == made
        assert await desk.offer(READY | noted) is WriteOutcome.WRITTEN
        assert desk.shown() == READY | noted

    at_desk(scenario)


def test_in_a_flood_steps_are_held_back_and_turning_points_are_not(
    at_desk: Callable[[Scenario], None],
) -> None:
    async def scenario(desk: Desk) -> None:
        everybody = range(len(desk.keys))
        for number in everybody:
            assert await desk.offer(CREATING, number) is WriteOutcome.WRITTEN
        steps = [await desk.offer(UPDATING, number) for number in everybody]
        assert steps == [WriteOutcome.WRITTEN, WriteOutcome.HELD_BACK, WriteOutcome.HELD_BACK]
        assert [desk.shown(n)["phase"] for n in everybody] == ["Updating", "Pending", "Pending"]
        for number in everybody:
            assert await desk.offer(READY, number) is WriteOutcome.WRITTEN
        assert desk.writer.held_back == 0

    at_desk(scenario)


def test_what_was_held_back_gets_its_turn_when_the_budget_allows(
    at_desk: Callable[[Scenario], None],
) -> None:
    async def scenario(desk: Desk) -> None:
        for said in (CREATING, UPDATING):
            for number in range(len(desk.keys)):
                await desk.offer(said, number)
        running = asyncio.create_task(desk.writer.run())
        assert desk.revisited == []
        desk.now += 1.0
        await until(lambda: len(desk.revisited) == 1, "the first is planned again")
        desk.now += 1.0
        await until(lambda: len(desk.revisited) == 2, "the second is planned again")
        running.cancel()
        assert desk.revisited == desk.keys[1:]
        assert await desk.offer(UPDATING, 1) is WriteOutcome.WRITTEN

    at_desk(scenario)


def test_what_is_held_back_of_a_crowd_holds_up_no_other_namespace(
    at_desk: Callable[[Scenario], None],
) -> None:
    async def scenario(desk: Desk) -> None:
        for number in range(3):
            await desk.offer(CREATING, number)
        for number in range(3):
            await desk.offer(UPDATING, number)
        body = read_profile(desk.access, desk.namespace, desk.keys[0].name)
        metadata = body["metadata"] | {"namespace": "neighbour"}
        neighbour = Entry.from_raw(body | {"metadata": metadata, "status": CREATING})
        assert await desk.writer.offer(neighbour, UPDATING) is WriteOutcome.HELD_BACK
        turns = asyncio.create_task(desk.writer.run())
        for number in range(1, 4):
            desk.now += 1.0
            await until(lambda n=number: len(desk.revisited) == n, "the next one's turn")  # type: ignore[misc]
        assert desk.revisited == [desk.keys[1], neighbour.key, desk.keys[2]]
        turns.cancel()

    at_desk(scenario)


def test_what_is_held_back_is_written_before_the_end(
    at_desk: Callable[[Scenario], None],
) -> None:
    async def scenario(desk: Desk) -> None:
        for said in (CREATING, UPDATING):
            for number in range(len(desk.keys)):
                await desk.offer(said, number)
        await desk.writer.flush()
        assert [desk.shown(number)["phase"] for number in range(3)] == ["Updating"] * 3

    at_desk(scenario)


def test_a_resource_that_is_gone_is_dropped_and_those_who_wait_for_it_hear_of_it(
    at_desk: Callable[[Scenario], None],
) -> None:
    async def scenario(desk: Desk) -> None:
        gone, waiting = desk.keys[0], alice(desk.namespace, "waits-for-the-name")
        desk.store.apply(
            apply_profile(desk.access, desk.namespace, waiting.name, userProfileName=gone.name)
        )
        delete_profile(desk.access, desk.namespace, gone.name)
        assert await desk.offer(CREATING) is WriteOutcome.GONE
        assert desk.store.get(gone) is None
        assert desk.forgotten == [gone]
        assert desk.queued == [waiting]

    at_desk(scenario)


def test_what_was_planned_from_an_older_spec_is_refused(
    at_desk: Callable[[Scenario], None],
) -> None:
    async def scenario(desk: Desk) -> None:
        apply_profile(desk.access, desk.namespace, desk.keys[0].name, tags={"team": "churn"})
        with pytest.raises(ApiError) as caught:
            await desk.offer(CREATING)
        assert caught.value.is_conflict

    at_desk(scenario)


def test_a_status_names_the_lease_of_its_writer_and_is_written_once(
    at_desk: Callable[[Scenario], None],
) -> None:
    async def scenario(desk: Desk) -> None:
        assert await desk.offer(READY) is WriteOutcome.WRITTEN
        assert "operatorLease" not in desk.shown()
        assert await desk.signing.offer(desk.entry(), READY) is WriteOutcome.WRITTEN
        assert desk.shown() == {**READY, "operatorLease": LEASE}
        assert await desk.signing.offer(desk.entry(), READY) is WriteOutcome.SAME

    at_desk(scenario)


def test_a_writer_without_a_lease_takes_the_name_of_another_away(
    at_desk: Callable[[Scenario], None],
) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.signing.write(desk.entry(), READY)
        carried = dict(desk.shown())
        assert await desk.writer.offer(desk.entry(), carried) is WriteOutcome.WRITTEN
        assert desk.shown() == READY

    at_desk(scenario)
