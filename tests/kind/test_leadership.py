"""A leader lost in the middle of a resize is followed by the other, which repeats nothing."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from studio_simulator.client import SimulatorClient

from tests.e2e.team import Tenant
from tests.e2e.waiting import wait_until
from tests.kind.programs import run
from tests.kind.release import NAMESPACE, Pod, Release
from tests.kind.suite import Suite

TAKEN_OVER_WITHIN_SECONDS = 20.0
PID_TEMPLATE = "{{.info.pid}}"

Strike = Callable[[Suite, Release, Pod], None]


def delete_by_force(suite: Suite, release: Release, pod: Pod) -> None:
    """As a node's drain that lost its patience."""
    words = ("delete", "pod", pod.name, "--namespace", NAMESPACE)
    release.kubectl(*words, "--grace-period=0", "--force", "--wait=false")


def kill_process(suite: Suite, release: Release, pod: Pod) -> None:
    """As the kernel does when memory runs out: nothing can be given back."""
    pid = on_node(suite, pod, *inspection(pod)).strip()
    on_node(suite, pod, "kill", "-KILL", pid)


def inspection(pod: Pod) -> tuple[str, ...]:
    """The words that ask the node's runtime for the operator's process."""
    output = ("--output", "go-template", "--template", PID_TEMPLATE)
    return ("crictl", "inspect", *output, pod.container)


def on_node(suite: Suite, pod: Pod, *words: str) -> str:
    """Run a command on the Pod's node, which kind makes a container of Docker's."""
    return run([suite.docker, "exec", pod.node, *words], seconds=30)


@pytest.mark.parametrize(
    ("strike", "step", "position"),
    [(delete_by_force, "UpdateSpace", "before"), (kill_process, "CreateApp", "after")],
)
def test_a_resize_outlives_its_leader(
    strike: Strike,
    step: str,
    position: str,
    suite: Suite,
    operator: Release,
    simulator: SimulatorClient,
    tenant: Tenant,
    measured: Callable[[str], None],
) -> None:
    tenant.run_space()
    before, leader, lease = tenant.last_call(), operator.leader(), operator.lease()
    simulator.add_barrier(step, position, parameters={"SpaceName": "churn"})
    tenant.edit("Space", "churn", instanceType="ml.m5.large", storage={"sizeGiB": 50})
    simulator.wait_for_barrier(20)

    began = time.monotonic()
    strike(suite, operator, leader)
    # A call that waits before it is carried out goes with its caller.
    wait_until(lambda: not simulator.barriers(), f"the caller of {step} is gone")
    gone = time.monotonic() - began
    wait_until(
        lambda: operator.lease()["holderIdentity"] not in {"", lease["holderIdentity"]},
        "another one leads",
        seconds=TAKEN_OVER_WITHIN_SECONDS,
        story=operator.logs,
    )
    taken_over = time.monotonic() - began
    space = tenant.wait_ready("Space", "churn")
    ready = time.monotonic() - began
    measured(
        f"{strike.__name__} at {step}: dead after {gone:.1f} s, another leads after "
        f"{taken_over:.1f} s, the resize is done after {ready:.1f} s"
    )

    assert taken_over <= TAKEN_OVER_WITHIN_SECONDS
    assert tenant.changes(since=before) == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert (space.phase, tenant.instance_type()) == ("InService", "ml.m5.large")
    assert space.status["storageGiB"] == 50
