"""Leader election: one leads, the next takes over, a loser notices. The API is a small model."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from studio_operator.kube.client import ApiError
from studio_operator.kube.lease import LeaderElection, LeaseLostError, LeaseTimes

TIMES = LeaseTimes(duration=1.0, renew_deadline=0.4, renew_interval=0.05, candidate_interval=0.02)


class LeaseServer:
    """Keeps one lease as the API server does: with versions, and conflicts over them."""

    def __init__(self) -> None:
        self.lease: dict[str, Any] | None = None
        self.version = 0
        self.out_of_order = False

    async def get_lease(self, namespace: str, name: str) -> dict[str, Any]:
        self._answer()
        if self.lease is None:
            raise ApiError(404, "NotFound", name)
        return copy.deepcopy(self.lease)

    async def create_lease(self, namespace: str, lease: dict[str, Any]) -> dict[str, Any]:
        self._answer()
        if self.lease is not None:
            raise ApiError(409, "AlreadyExists", "lease")
        return self._store(lease)

    async def replace_lease(self, namespace: str, lease: dict[str, Any]) -> dict[str, Any]:
        self._answer()
        if self.lease is None:
            raise ApiError(404, "NotFound", "lease")
        if lease["metadata"]["resourceVersion"] != str(self.version):
            raise ApiError(409, "Conflict", "lease")
        return self._store(lease)

    @property
    def holder(self) -> str:
        return str(self.lease["spec"]["holderIdentity"]) if self.lease else ""

    def _answer(self) -> None:
        if self.out_of_order:
            raise ApiError(503, "Unavailable", "the server is down")

    def _store(self, lease: dict[str, Any]) -> dict[str, Any]:
        self.version += 1
        metadata = lease["metadata"] | {"resourceVersion": str(self.version)}
        self.lease = copy.deepcopy(lease) | {"metadata": metadata}
        return copy.deepcopy(self.lease)


def candidate(server: LeaseServer, identity: str) -> LeaderElection:
    return LeaderElection(
        server,
        namespace="ops",
        name="studio-operator",
        identity=identity,
        times=TIMES,
        clock=asyncio.get_running_loop().time,
    )


def run(scenario: Callable[[LeaseServer], Awaitable[None]]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(scenario(LeaseServer()), 15)

    asyncio.run(bounded())


def test_the_first_candidate_leads_and_the_second_waits_for_as_long_as_it_renews() -> None:
    async def scenario(server: LeaseServer) -> None:
        first, second = candidate(server, "first"), candidate(server, "second")
        await first.acquire()
        keeping = asyncio.create_task(first.keep())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(second.acquire(), TIMES.duration * 1.5)
        assert server.holder == "first"
        assert first.is_leader
        assert not second.is_leader
        keeping.cancel()

    run(scenario)


def test_a_released_lease_is_taken_at_once() -> None:
    async def scenario(server: LeaseServer) -> None:
        first, second = candidate(server, "first"), candidate(server, "second")
        await first.acquire()
        waiting = asyncio.create_task(second.acquire())
        await asyncio.sleep(0)
        await first.release()
        assert not first.is_leader
        await asyncio.wait_for(waiting, TIMES.duration / 2)
        assert server.holder == "second"
        assert server.lease is not None
        assert server.lease["spec"]["leaseTransitions"] == 1

    run(scenario)


def test_the_lease_of_a_dead_leader_is_taken_when_it_has_run_out() -> None:
    async def scenario(server: LeaseServer) -> None:
        first, second = candidate(server, "first"), candidate(server, "second")
        await first.acquire()
        clock = asyncio.get_running_loop().time
        since = clock()
        await second.acquire()
        assert clock() - since >= TIMES.duration
        assert not first.is_leader, "the first knows from its own clock that it leads no more"

    run(scenario)


def test_a_leader_that_cannot_renew_stops_before_others_may_take_over() -> None:
    async def scenario(server: LeaseServer) -> None:
        leader = candidate(server, "first")
        await leader.acquire()
        clock = asyncio.get_running_loop().time
        since = clock()
        server.out_of_order = True
        with pytest.raises(LeaseLostError):
            await leader.keep()
        assert clock() - since < TIMES.duration
        assert not leader.is_leader

    run(scenario)


def test_a_short_failure_of_the_api_server_costs_nobody_the_lead() -> None:
    async def scenario(server: LeaseServer) -> None:
        leader = candidate(server, "first")
        await leader.acquire()
        keeping = asyncio.create_task(leader.keep())
        server.out_of_order = True
        await asyncio.sleep(TIMES.renew_interval * 2)
        server.out_of_order = False
        await asyncio.sleep(TIMES.renew_deadline * 1.5)
        assert leader.is_leader
        keeping.cancel()

    run(scenario)


def test_a_leader_whose_lease_was_taken_notices_at_its_next_renewal() -> None:
    async def scenario(server: LeaseServer) -> None:
        leader = candidate(server, "first")
        await leader.acquire()
        assert server.lease is not None
        await server.replace_lease("ops", server.lease | {"spec": {"holderIdentity": "thief"}})
        with pytest.raises(LeaseLostError):
            await leader.keep()

    run(scenario)


def test_a_restarted_holder_of_the_same_identity_goes_on() -> None:
    async def scenario(server: LeaseServer) -> None:
        await candidate(server, "same").acquire()
        await asyncio.wait_for(candidate(server, "same").acquire(), TIMES.duration / 2)

    run(scenario)


def test_a_forbidden_lease_is_an_error_and_no_endless_wait() -> None:
    class Forbidding(LeaseServer):
        async def get_lease(self, namespace: str, name: str) -> dict[str, Any]:
            raise ApiError(403, "Forbidden", "no access to leases")

    async def scenario(_: LeaseServer) -> None:
        with pytest.raises(ApiError):
            await candidate(Forbidding(), "first").acquire()

    run(scenario)
