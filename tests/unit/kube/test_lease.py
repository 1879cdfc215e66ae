"""Leader election: one leads, the next takes over, a loser notices. The API is a small model."""

from __future__ import annotations

import asyncio
import copy
import errno
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest
from studio_operator.kube.lease import LeaderElection, LeaseLostError, LeaseTimes
from studio_operator.kube.lease_thread import LeaseThread
from studio_operator.kube.transport import ApiError

from tests import simulated_time

TIMES = LeaseTimes(duration=1.0, renew_deadline=0.4, renew_interval=0.05, candidate_interval=0.02)
# Threads take real time: no machine is so busy that the lease is lost by its clock.
NEVER = replace(TIMES, duration=600.0, renew_deadline=500.0)


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


def candidate(
    server: LeaseServer,
    identity: str,
    clock: Callable[[], float] | None = None,
    times: LeaseTimes = TIMES,
    **told: str,
) -> LeaderElection:
    return LeaderElection(
        server,
        namespace="ops",
        name="studio-operator",
        identity=identity,
        times=times,
        clock=clock or asyncio.get_running_loop().time,
        annotations=told,
    )


def run(scenario: Callable[[LeaseServer], Coroutine[Any, Any, None]]) -> None:
    simulated_time.run(scenario(LeaseServer()))


def run_with_threads(scenario: Callable[[LeaseServer], Awaitable[None]]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(scenario(LeaseServer()), 60)

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


def test_a_leader_tells_its_cluster_id_on_the_lease_and_the_next_one_its_own() -> None:
    async def scenario(server: LeaseServer) -> None:
        first, second = candidate(server, "first", id="a"), candidate(server, "second", id="b")
        await first.acquire()
        assert server.lease is not None
        server.lease["metadata"]["annotations"]["others"] = "kept"
        assert server.lease["metadata"]["annotations"]["id"] == "a"
        server.lease["spec"]["holderIdentity"] = ""
        await asyncio.wait_for(second.acquire(), TIMES.duration / 2)
        assert server.lease["metadata"]["annotations"] == {"id": "b", "others": "kept"}

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


class InFlightServer(LeaseServer):
    """A write arrives, and its answer never does: the one who wrote gave up waiting for it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = asyncio.Event()
        self.swallows_answers = False

    def _store(self, lease: dict[str, Any]) -> dict[str, Any]:
        self.written.set()
        return super()._store(lease)

    async def create_lease(self, namespace: str, lease: dict[str, Any]) -> dict[str, Any]:
        return await self._answered(await super().create_lease(namespace, lease))

    async def replace_lease(self, namespace: str, lease: dict[str, Any]) -> dict[str, Any]:
        return await self._answered(await super().replace_lease(namespace, lease))

    async def _answered(self, lease: dict[str, Any]) -> dict[str, Any]:
        if self.swallows_answers:
            await asyncio.Event().wait()
        return lease


@pytest.mark.parametrize("phase", ["while it renews", "while it takes the lease"])
def test_a_leader_that_stops_in_the_middle_of_a_write_gives_its_lease_back(phase: str) -> None:
    async def scenario(_: LeaseServer) -> None:
        server = InFlightServer()
        leader = candidate(server, "first")
        if phase == "while it renews":
            await leader.acquire()
        server.written.clear()
        server.swallows_answers = True
        working = asyncio.create_task(
            leader.keep() if phase == "while it renews" else leader.acquire()
        )
        await server.written.wait()
        working.cancel()
        await asyncio.wait([working])
        server.swallows_answers = False
        assert server.holder == "first"
        await leader.release()
        assert server.holder == ""

    run(scenario)


def test_a_renewal_whose_answer_is_lost_costs_nobody_the_lead() -> None:
    class Forgetful(LeaseServer):
        """Each other renewal arrives, and a proxy says that it did not."""

        asked = 0

        async def replace_lease(self, namespace: str, lease: dict[str, Any]) -> dict[str, Any]:
            stored = await super().replace_lease(namespace, lease)
            self.asked += 1
            if self.asked % 2:
                raise ApiError(503, "Unavailable", "a proxy had no patience")
            return stored

    async def scenario(_: LeaseServer) -> None:
        server = Forgetful()
        leader = candidate(server, "first")
        await leader.acquire()
        keeping = asyncio.create_task(leader.keep())
        await asyncio.sleep(TIMES.renew_deadline * 3)
        assert not keeping.done()
        assert leader.is_leader
        keeping.cancel()

    run(scenario)


@pytest.mark.parametrize("cause", ["the API server", "the event loop"])
def test_a_lease_that_was_lost_is_left_to_run_out(cause: str) -> None:
    """Calls to AWS may still be under way: nobody may take it at once."""

    async def scenario(server: LeaseServer) -> None:
        leader = candidate(server, "first")
        await leader.acquire()
        server.out_of_order = cause == "the API server"
        with pytest.raises(LeaseLostError):
            await leader.keep(lambda: cause != "the event loop")
        server.out_of_order = False
        await leader.release()
        assert server.holder == "first"

    run(scenario)


def test_a_lease_that_changes_while_it_is_given_back_is_given_back_all_the_same() -> None:
    class Late(LeaseServer):
        """Our own last renewal arrives between the reading and the writing."""

        late = True

        async def replace_lease(self, namespace: str, lease: dict[str, Any]) -> dict[str, Any]:
            if self.late:
                self.late = False
                assert self.lease is not None
                self._store(self.lease)
            return await super().replace_lease(namespace, lease)

    async def scenario(_: LeaseServer) -> None:
        server = Late()
        leader = candidate(server, "first")
        await leader.acquire()
        await leader.release()
        assert server.holder == ""

    run(scenario)


def test_who_does_not_hold_the_lease_leaves_it_to_its_holder() -> None:
    async def scenario(server: LeaseServer) -> None:
        first, second = candidate(server, "first"), candidate(server, "second")
        await first.acquire()
        assert server.lease is not None
        await server.replace_lease("ops", server.lease | {"spec": {"holderIdentity": "thief"}})
        await first.release()
        await second.release()
        assert server.holder == "thief"

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


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class SlowServer(LeaseServer):
    """Time passes with each renewal: half of what a holder has until it gives up."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def _answer(self) -> None:
        super()._answer()
        self._clock.now += TIMES.renew_deadline / 2


def in_a_thread(leader: LeaderElection, hang: float, clock: Clock | None = None) -> LeaseThread:
    return LeaseThread(leader, hang=hang, clock=clock or time.monotonic)


async def keep_begun(thread: LeaseThread, server: LeaseServer) -> asyncio.Task[None]:
    """The lease is kept, and was renewed once."""
    before = server.version
    keeping = asyncio.create_task(thread.keep())
    while server.version == before:
        await asyncio.sleep(0.001)
    return keeping


def hold_the_loop_while(condition: Callable[[], bool]) -> None:
    """No turn for anything else, as where a tenant keeps the operator computing."""
    until = time.monotonic() + 60
    while condition() and time.monotonic() < until:
        sum(range(1000))


def test_a_busy_event_loop_does_not_lose_the_lease() -> None:
    """A tenant keeps the operator computing for longer than the lease lasts."""

    async def scenario(_: LeaseServer) -> None:
        clock = Clock()
        server = SlowServer(clock)
        leader = candidate(server, "first", clock)
        await leader.acquire()
        keeping = await keep_begun(in_a_thread(leader, 30.0, clock), server)
        since, renewed = clock.now, server.version
        hold_the_loop_while(lambda: clock.now < since + 1.5 * TIMES.duration)
        assert clock.now >= since + 1.5 * TIMES.duration
        assert leader.is_leader
        assert server.version >= renewed + 5
        assert not keeping.done()
        keeping.cancel()
        await asyncio.wait([keeping])
        await leader.release()
        assert server.holder == ""

    run_with_threads(scenario)


def test_an_event_loop_that_hangs_lets_the_lease_go() -> None:
    """Else nobody would work, and nobody else might."""

    async def scenario(server: LeaseServer) -> None:
        clock = Clock()
        leader = candidate(server, "first", times=NEVER)
        await leader.acquire()
        keeping = await keep_begun(in_a_thread(leader, 30.0, clock), server)
        hold_the_loop_while(lambda: server.version < 4)
        assert leader.is_leader
        clock.now += 30.0
        hold_the_loop_while(lambda: leader.is_leader)  # nothing in the loop can end the process
        assert not leader.is_leader
        with pytest.raises(LeaseLostError, match="the event loop hangs"):
            await keeping

    run_with_threads(scenario)


def test_a_lease_that_is_taken_by_another_is_lost_by_the_thread_too() -> None:
    async def scenario(server: LeaseServer) -> None:
        leader = candidate(server, "first", times=NEVER)
        await leader.acquire()
        server.version += 1
        with pytest.raises(LeaseLostError, match="another instance"):
            await in_a_thread(leader, hang=30.0).keep()
        assert not leader.is_leader

    run_with_threads(scenario)


def test_a_thread_that_cannot_begin_ends_the_lead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the process would stay, change nothing any more, and look healthy."""

    def no_file() -> asyncio.AbstractEventLoop:
        raise OSError(errno.EMFILE, "Too many open files")

    async def scenario(server: LeaseServer) -> None:
        leader = candidate(server, "first", times=NEVER)
        await leader.acquire()
        monkeypatch.setattr("asyncio.events.new_event_loop", no_file)
        with pytest.raises(LeaseLostError, match="Too many open files"):
            await asyncio.wait_for(in_a_thread(leader, hang=30.0).keep(), 60)
        monkeypatch.undo()

    run_with_threads(scenario)
