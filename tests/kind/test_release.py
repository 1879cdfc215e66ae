"""Upgrade, rollback, uninstallation and a new installation change nothing in AWS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from kubernetes.utils import parse_quantity
from studio_operator.api.common import FINALIZER

from tests.e2e.team import Tenant
from tests.kind.cleaning import CRDS
from tests.kind.kubectl import Kubectl
from tests.kind.nodes import working_set_bytes
from tests.kind.release import NAME, NAMESPACE, Release
from tests.kind.suite import Suite

MEBIBYTE = 2**20

# What a release is made of, besides the CRDs.
PARTS = (
    "deployments,replicasets,pods,services,serviceaccounts,poddisruptionbudgets,networkpolicies,"
    "roles,rolebindings,clusterroles,clusterrolebindings,configmaps"
)


class Unchanged:
    """What must stay as it is: AWS, and the space down to its version."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._call = tenant.last_call()
        self._seen = self._look()

    def check(self, *, looks: int = 2, changes: Sequence[str] = ()) -> None:
        """See that it has, once the operator has looked at all of AWS so many times more.

        ``changes`` are the calls that something else took.
        """
        if looks:
            self._tenant.wait_looks(looks)
        assert self._tenant.changes(since=self._call) == list(changes)
        assert self._look() == self._seen

    def _look(self) -> tuple[Any, ...]:
        tenant = self._tenant
        space = tenant.get("Space", "churn")
        assert space is not None
        return (space.version, tenant.aws_space(), tenant.aws_app())


@pytest.fixture
def running(operator: Release, tenant: Tenant) -> Unchanged:
    """A running space that nobody wants changed."""
    tenant.run_space()
    return Unchanged(tenant)


def test_upgrade_and_rollback_stop_nothing(
    operator: Release, tenant: Tenant, running: Unchanged
) -> None:
    revision, pods = operator.revision, {pod.uid for pod in operator.pods()}
    operator.upgrade(log={"format": "text"}, settings={"workers": 16})
    upgraded = {pod.uid for pod in operator.pods()}
    assert not upgraded & pods
    running.check()

    operator.rollback(revision)
    assert not {pod.uid for pod in operator.pods()} & upgraded
    running.check()
    tenant.edit("Space", "churn", instanceType="ml.m5.large")
    tenant.wait_ready("Space", "churn")
    assert tenant.instance_type() == "ml.m5.large"


def test_uninstalling_leaves_what_is_declared_and_what_runs(
    operator: Release, tenant: Tenant, kubectl: Kubectl
) -> None:
    tenant.run_space("spare")
    tenant.run_space()
    running = Unchanged(tenant)
    operator.uninstall()
    left = kubectl.get(PARTS, "-A", "-l", f"app.kubernetes.io/instance={NAME}")
    # By these people are told that no operator runs.
    reader = f"{NAME}-lease-reader"
    assert [(one["kind"], one["metadata"]["name"]) for one in left] == [
        ("Role", reader),
        ("RoleBinding", reader),
    ]
    assert len(kubectl.get("crd", *CRDS)) == len(CRDS)
    running.check(looks=0)

    # What is deleted now waits for an operator to come back.
    tenant.delete("Space", "spare")
    spare = tenant.get("Space", "spare")
    assert spare is not None
    assert spare.raw["metadata"]["finalizers"] == [FINALIZER]
    running.check(looks=0)

    operator.ensure()
    tenant.wait_gone("Space", "spare")
    running.check(changes=["DeleteApp", "AddTags"])


def test_the_charts_own_test_passes(operator: Release) -> None:
    assert "Succeeded" in operator.helm("test", NAME, "--logs")


def test_metrics_are_served_by_the_service(operator: Release, kubectl: Kubectl) -> None:
    service = f"/api/v1/namespaces/{NAMESPACE}/services/{NAME}:metrics/proxy/metrics"
    assert "studio_operator_reconciles_total" in kubectl("get", "--raw", service)


def test_it_stays_within_the_memory_that_is_reserved(
    suite: Suite, operator: Release, tenant: Tenant, measured: Callable[[str], None]
) -> None:
    tenant.run_space()
    leader = operator.leader()
    container = leader.raw["spec"]["containers"][0]
    request = container["resources"]["requests"]["memory"]
    reserved = parse_quantity(request)  # type: ignore[no-untyped-call]
    used = working_set_bytes(suite, leader)
    measured(f"memory of the one that leads: {used / MEBIBYTE:.0f} MiB")
    assert used < reserved
