"""Leader election by a real Lease."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from studio_operator.kube.client import KubeClient
from studio_operator.kube.lease import LeaderElection, LeaseTimes

from tests.cluster.engine.resources import Run

# On a busy machine a lease is not lost, but where a test sets a clock ahead.
TIMES = LeaseTimes(
    duration=600.0, renew_deadline=500.0, renew_interval=0.1, candidate_interval=0.05
)
PATIENCE = 50.0


class Clock:
    """The event loop's clock, which a test may set ahead."""

    ahead = 0.0

    def __call__(self) -> float:
        return asyncio.get_running_loop().time() + self.ahead


def candidate(
    client: KubeClient, namespace: str, identity: str, clock: Callable[[], float]
) -> LeaderElection:
    return LeaderElection(
        client,
        namespace=namespace,
        name="studio-operator",
        identity=identity,
        times=TIMES,
        clock=clock,
    )


async def read_lease(client: KubeClient, namespace: str) -> Any:
    return (await client.get_lease(namespace, "studio-operator"))["spec"]


def test_of_many_candidates_one_leads_and_a_released_lease_is_taken_at_once(
    namespace: str, run_with_client: Run
) -> None:
    async def scenario(client: KubeClient) -> None:
        candidates = [candidate(client, namespace, f"pod-{n}", Clock()) for n in range(5)]
        waiting = {
            asyncio.create_task(one.acquire(), name=str(number)): one
            for number, one in enumerate(candidates)
        }
        done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(1.0)  # nobody else gets it meanwhile
        assert [one.is_leader for one in candidates].count(True) == 1
        leader = waiting[done.pop()]
        assert (await read_lease(client, namespace))["holderIdentity"].startswith("pod-")
        await leader.release()
        done, pending = await asyncio.wait(
            pending, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED
        )
        assert len(done) == 1
        assert waiting[done.pop()].is_leader
        for task in pending:
            task.cancel()
        assert (await read_lease(client, namespace))["leaseTransitions"] == 1

    run_with_client(scenario)


def test_a_leader_renews_and_a_dead_ones_lease_runs_out(
    namespace: str, run_with_client: Run
) -> None:
    async def scenario(client: KubeClient) -> None:
        clock = Clock()
        leader = candidate(client, namespace, "leader", Clock())
        heir = candidate(client, namespace, "heir", clock)
        await leader.acquire()
        keeping = asyncio.create_task(leader.keep())
        waiting = asyncio.create_task(heir.acquire())
        for _ in range(4):  # twice the time for which the lease would last without a renewal
            before = heir._seen
            async with asyncio.timeout(PATIENCE):
                while heir._seen in {None, before}:
                    await asyncio.sleep(0.01)
            clock.ahead += TIMES.duration / 2
        assert leader.is_leader
        assert not waiting.done()
        keeping.cancel()  # it dies
        clock.ahead += TIMES.duration
        await asyncio.wait_for(waiting, PATIENCE)
        assert (await read_lease(client, namespace))["holderIdentity"] == "heir"

    run_with_client(scenario)
