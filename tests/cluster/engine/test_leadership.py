"""Leader election by a real Lease."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from studio_operator.kube.client import KubeClient
from studio_operator.kube.lease import LeaderElection, LeaseTimes

from sandbox.access import Access
from tests.cluster.engine.resources import Run

TIMES = LeaseTimes(duration=3.0, renew_deadline=2.0, renew_interval=0.3, candidate_interval=0.1)


def candidate(client: KubeClient, namespace: str, identity: str) -> LeaderElection:
    return LeaderElection(
        client,
        namespace=namespace,
        name="studio-operator",
        identity=identity,
        times=TIMES,
        clock=asyncio.get_running_loop().time,
    )


def read_lease(access: Access, namespace: str) -> Any:
    shown = access.kubectl("get", "lease", "studio-operator", "-n", namespace, "-o", "json")
    return json.loads(shown)["spec"]


def test_of_many_candidates_one_leads_and_a_released_lease_is_taken_at_once(
    control_plane: Access, namespace: str, run_with_client: Run
) -> None:
    async def scenario(client: KubeClient) -> None:
        candidates = [candidate(client, namespace, f"pod-{number}") for number in range(5)]
        waiting = {
            asyncio.create_task(one.acquire(), name=str(number)): one
            for number, one in enumerate(candidates)
        }
        done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(1.0)  # nobody else gets it meanwhile
        assert [one.is_leader for one in candidates].count(True) == 1
        leader = waiting[done.pop()]
        assert read_lease(control_plane, namespace)["holderIdentity"].startswith("pod-")
        await leader.release()
        done, pending = await asyncio.wait(
            pending, timeout=1.5, return_when=asyncio.FIRST_COMPLETED
        )
        assert len(done) == 1
        assert waiting[done.pop()].is_leader
        for task in pending:
            task.cancel()
        assert read_lease(control_plane, namespace)["leaseTransitions"] == 1

    run_with_client(scenario)


def test_a_leader_renews_and_a_dead_ones_lease_runs_out(
    control_plane: Access, namespace: str, run_with_client: Run
) -> None:
    async def scenario(client: KubeClient) -> None:
        leader, heir = (candidate(client, namespace, name) for name in ("leader", "heir"))
        await leader.acquire()
        keeping = asyncio.create_task(leader.keep())
        first = read_lease(control_plane, namespace)["renewTime"]
        waiting = asyncio.create_task(heir.acquire())
        await asyncio.sleep(TIMES.duration * 1.3)
        assert leader.is_leader
        assert not waiting.done()
        assert read_lease(control_plane, namespace)["renewTime"] > first
        keeping.cancel()  # it dies
        await asyncio.wait_for(waiting, TIMES.duration * 3)
        assert read_lease(control_plane, namespace)["holderIdentity"] == "heir"

    run_with_client(scenario)
