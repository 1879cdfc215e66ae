"""What the operator's Pods may do, on a cluster that minds."""

from __future__ import annotations

import pytest

from sandbox.access import KubectlError
from tests.kind.kubectl import Kubectl
from tests.kind.release import NAMESPACE, Release

IN = ("--namespace", NAMESPACE)
WRITE = "open('/opt/studio-operator/probe', 'w')"
IDENTITY = "import os; print(os.getuid(), os.getgid())"
SIMULATOR_PORT = 5000


def test_pods_run_where_only_the_restricted_level_is_let_in(
    operator: Release, kubectl: Kubectl
) -> None:
    assert len(operator.pods()) == 2
    with pytest.raises(KubectlError, match="violates PodSecurity"):
        kubectl("run", "probe", "--image=probe", *IN, "--dry-run=server")


def test_the_root_file_system_is_read_only(operator: Release, kubectl: Kubectl) -> None:
    with pytest.raises(KubectlError, match="Read-only file system"):
        kubectl("exec", operator.leader().name, *IN, "--", "python", "-c", WRITE)


def test_nobody_is_root(operator: Release, kubectl: Kubectl) -> None:
    told = kubectl("exec", operator.leader().name, *IN, "--", "python", "-c", IDENTITY)
    assert told.split() == ["10001", "10001"]


def test_a_network_policy_names_what_is_needed(operator: Release, kubectl: Kubectl) -> None:
    """The API server takes it. Whether it is enforced is up to the cluster's network plug-in."""
    (policy,) = kubectl.get("networkpolicy", *IN)
    labels = policy["spec"]["podSelector"]["matchLabels"]
    selector = ",".join(f"{key}={value}" for key, value in labels.items())
    chosen = kubectl.get("pods", *IN, "--selector", selector)
    assert {one["metadata"]["name"] for one in chosen} == {pod.name for pod in operator.pods()}
    ports = {port["port"] for rule in policy["spec"]["egress"] for port in rule.get("ports", ())}
    assert {53, 443, SIMULATOR_PORT} <= ports
