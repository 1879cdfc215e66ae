"""A leader lost in the middle of a resize is followed by the other, which repeats nothing."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.e2e.team import Tenant
from tests.e2e.waiting import wait_until
from tests.kind.nodes import send_signal
from tests.kind.release import NAMESPACE, Pod, Release
from tests.kind.suite import Suite

TAKEN_OVER_WITHIN_SECONDS = 20.0
PATIENCE_SECONDS = 20.0

STEPS = ["DeleteApp", "UpdateSpace", "CreateApp"]

Strike = Callable[[Suite, Release, Pod], None]
Measured = Callable[[str], None]


def delete_by_force(suite: Suite, release: Release, pod: Pod) -> None:
    """As a drain of the node that has lost its patience; the kubelet gives the process a moment."""
    words = ("delete", "pod", pod.name, "--namespace", NAMESPACE)
    release.kubectl(*words, "--grace-period=0", "--force", "--wait=false")


def kill_process(suite: Suite, release: Release, pod: Pod) -> None:
    """As the kernel does when memory runs out: nothing can be given back."""
    send_signal(suite, pod, "KILL")


def begin_resize(tenant: Tenant, step: str, position: str) -> None:
    """Begin a resize, and wait until one of its calls stands before or after it is carried out."""
    tenant.simulator.add_barrier(step, position, parameters={"SpaceName": "churn"})
    tenant.edit("Space", "churn", instanceType="ml.m5.large", storage={"sizeGiB": 50})
    tenant.simulator.wait_for_barrier(PATIENCE_SECONDS)


def wait_for_another(release: Release, holder: str) -> None:
    """Wait until the lease has another holder, for as long as a takeover may take."""
    wait_until(
        lambda: release.holder() not in {"", holder},
        "another one leads",
        seconds=TAKEN_OVER_WITHIN_SECONDS,
        story=release.logs,
    )


def check_resized(tenant: Tenant, since: int) -> None:
    """Wait for the end of the resize; see that no step was missed or repeated."""
    space = tenant.wait_ready("Space", "churn")
    assert tenant.changes(since=since) == STEPS
    assert (space.phase, tenant.instance_type()) == ("InService", "ml.m5.large")
    assert space.status["storageGiB"] == 50
    assert "operation" not in space.status


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
    tenant: Tenant,
    measured: Measured,
) -> None:
    tenant.run_space()
    before, leader, holder = tenant.last_call(), operator.leader(), operator.holder()
    begin_resize(tenant, step, position)

    began = time.monotonic()
    strike(suite, operator, leader)
    # The barrier goes with the caller, and a call that waits before it is never carried out.
    wait_until(lambda: not tenant.simulator.barriers(), f"the caller of {step} is gone")
    gone = time.monotonic() - began
    wait_for_another(operator, holder)
    taken_over = time.monotonic() - began
    check_resized(tenant, before)
    measured(
        f"{strike.__name__} at {step}: gone after {gone:.1f} s, another leads after "
        f"{taken_over:.1f} s, the resize is done after {time.monotonic() - began:.1f} s"
    )


def test_a_leader_that_was_frozen_does_not_act_when_it_wakes(
    suite: Suite, operator: Release, tenant: Tenant, measured: Measured
) -> None:
    tenant.run_space()
    before, leader, holder = tenant.last_call(), operator.leader(), operator.holder()
    begin_resize(tenant, "DeleteApp", "after")

    began = time.monotonic()
    send_signal(suite, leader, "STOP")
    tenant.simulator.release_barriers()  # its answer waits for it
    wait_for_another(operator, holder)
    measured(f"frozen at DeleteApp: another leads after {time.monotonic() - began:.1f} s")
    send_signal(suite, leader, "CONT")
    wait_until(
        lambda: has_ended(operator, leader), "the one that woke has ended", story=operator.logs
    )
    check_resized(tenant, before)
    tenant.wait_looks()
    assert tenant.changes(since=before) == STEPS


def has_ended(release: Release, pod: Pod) -> bool:
    """Whether the Pod's container has given way to another one, or is about to."""
    running = {other.container for other in release.pods() if other.is_running}
    return pod.container not in running
