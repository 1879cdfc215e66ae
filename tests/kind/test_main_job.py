"""From committed YAML to running spaces, as a team does it: with kubectl, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from kubernetes.client import ApiClient
from studio_simulator.client import SimulatorClient

from tests.e2e.team import Tenant
from tests.kind.images import ROOT
from tests.kind.kubectl import Kubectl
from tests.kind.release import SUITE_LABEL, Release

NAMESPACE = "ml-team"
COMMITTED = ROOT / "examples" / "gitops"
RESIZED = ROOT / "examples" / "gitops-resized"
KINDS = "studiodomains,userprofiles,spaces"
IN = ("--namespace", NAMESPACE)
SPACE = "space/churn-notebooks"
TABLE = """
NAME DOMAIN OWNER SHARING APP INSTANCE STORAGE STATUS READY
churn-notebooks research alice Private JupyterLab ml.t3.medium 20 InService True
feature-store research bob Shared JupyterLab ml.t3.large 50 InService True
"""


@pytest.fixture(scope="module")
def team(
    release: Release, simulator: SimulatorClient, kubectl: Kubectl, client: ApiClient
) -> Iterator[Tenant]:
    """The team of the examples, once all that it committed is ready."""
    release.ensure()
    kubectl("create", "namespace", NAMESPACE)
    kubectl("label", "namespace", NAMESPACE, SUITE_LABEL)
    team = Tenant(client, simulator, NAMESPACE, release.logs)
    apply(kubectl, COMMITTED)
    yield team
    team.clear()
    kubectl("delete", "namespace", NAMESPACE, "--wait=false")


def apply(kubectl: Kubectl, folder: Path) -> None:
    """Apply what is committed, and wait until all of it is ready."""
    kubectl("apply", "--server-side", "--kustomize", str(folder))
    kubectl("wait", "--for=condition=Ready", KINDS, "--all", *IN, "--timeout=60s")


@pytest.fixture(scope="module")
def resize(team: Tenant, kubectl: Kubectl) -> list[str]:
    """What it took in AWS to make a space larger, by an edit of what is committed."""
    before = team.last_call()
    apply(kubectl, RESIZED)
    return team.changes(since=before)


def table(text: str) -> list[list[str]]:
    """Return the words of each line, but for the age at its end."""
    return [line.split() for line in text.strip().splitlines()]


def test_kubectl_get_shows_what_aws_has(team: Tenant, kubectl: Kubectl) -> None:
    shown = [row[:-1] for row in table(kubectl("get", "spaces", *IN))]
    assert shown == table(TABLE)
    assert team.domain_id
    for name, instance_type in (
        ("churn-notebooks", "ml.t3.medium"),
        ("feature-store", "ml.t3.large"),
    ):
        space = team.aws_space(name)
        assert space is not None
        assert space["status"] == "InService"
        assert team.instance_type(name) == instance_type


def test_a_space_is_resized_by_an_edit(team: Tenant, resize: list[str]) -> None:
    assert resize == ["DeleteApp", "UpdateSpace", "CreateApp"]
    space = team.wait_ready("Space", "churn-notebooks")
    assert team.instance_type("churn-notebooks") == space.spec["instanceType"] == "ml.m5.large"
    assert space.status["storageGiB"] == space.spec["storage"]["sizeGiB"]


@pytest.mark.usefixtures("resize")
def test_kubectl_describe_tells_the_story_in_order(kubectl: Kubectl) -> None:
    told = kubectl("describe", SPACE, *IN)
    events = re.findall(r"^ +Normal +(\w+)", told.partition("Events:")[2], re.MULTILINE)
    created, resized = ["Creating", "Starting", "Running"], ["Resize", "Resize", "Starting"]
    assert events == [*created, *resized, "Resized", "Running"]


def test_a_stop_is_waited_for_by_its_field(team: Tenant, kubectl: Kubectl) -> None:
    kubectl("patch", SPACE, *IN, "--type=merge", "--patch", '{"spec": {"state": "Stopped"}}')
    kubectl("wait", "--for=jsonpath={.status.phase}=Stopped", SPACE, *IN, "--timeout=30s")
    assert team.aws_app("churn-notebooks") is None
    found = kubectl("get", "spaces", *IN, "--field-selector", "status.phase=Stopped", "-o", "name")
    assert found.split() == ["space.studio-operator.dev/churn-notebooks"]


def test_a_wrong_value_is_refused_with_the_field(team: Tenant, kubectl: Kubectl) -> None:
    with pytest.raises(RuntimeError, match=r"spec\.instanceType"):
        kubectl(
            *("patch", SPACE, *IN, "--type=merge"),
            *("--patch", '{"spec": {"instanceType": "t3.medium"}}'),
        )


def test_explain_speaks_to_people(team: Tenant, kubectl: Kubectl) -> None:
    assert "ml.t3.medium" in kubectl("explain", "space.spec.instanceType")
