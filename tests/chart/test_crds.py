"""CRDs come with a release, change with its upgrades, and outlive it with all that is declared."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.access import Access
from sandbox.control_plane import ControlPlane
from tests.chart.helm import CHART, RELEASE, ROOT, Helm, HelmError

PLACE = ("--namespace", "studio-operator-system", "--create-namespace")
NAMES = {f"{kind}.studio-operator.dev" for kind in ("spaces", "studiodomains", "userprofiles")}
ESTABLISHED = ("--for=condition=Established", "--timeout=30s", "crd", *sorted(NAMES))
SPACE = ROOT / "examples" / "gitops" / "churn-notebooks.yaml"
NEW_FIELD = "mood"


@dataclass(frozen=True)
class Cluster:
    """A cluster for these tests alone, for CRDs belong to no namespace."""

    helm: Helm
    access: Access

    def run(self, verb: str, *words: str | Path) -> str:
        """A command of Helm about our namespace."""
        place = PLACE if verb == "install" else PLACE[:2]
        return self.helm.run(verb, *words, *place, kubeconfig=self.access.kubeconfig)

    def wait_for_crds(self) -> None:
        """Wait until they can be used."""
        self.access.kubectl("wait", *ESTABLISHED)

    def declare_space(self) -> dict[str, Any]:
        """Declare a space."""
        self.access.kubectl("apply", "--server-side", "-f", SPACE)
        return self.space()

    def space(self) -> dict[str, Any]:
        """That space."""
        found: dict[str, Any] = json.loads(self.access.kubectl("get", "-o", "json", "-f", SPACE))
        return found

    def crds(self) -> dict[str, dict[str, Any]]:
        """Our CRDs by name."""
        found = json.loads(self.access.kubectl("get", "crd", "-o", "json"))["items"]
        return {one["metadata"]["name"]: one for one in found}

    def knows_new_field(self) -> bool:
        """Whether the cluster's CRD of spaces has the field that our later chart adds."""
        (version,) = self.crds()["spaces.studio-operator.dev"]["spec"]["versions"]
        schema = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
        return NEW_FIELD in schema["properties"]


@pytest.fixture(scope="module")
def access() -> Iterator[Access]:
    """A control plane without our CRDs."""
    with ControlPlane() as started:
        started.access.create_namespace("ml-team")
        yield started.access


@pytest.fixture
def cluster(helm: Helm, access: Access) -> Iterator[Cluster]:
    """The control plane, from which everything is taken away after the test."""
    shared = Cluster(helm, access)
    yield shared
    for release in json.loads(shared.run("list", "--output", "json")):
        shared.run("uninstall", release["name"])
    access.kubectl("delete", "crd", "--all")


@pytest.fixture(scope="module")
def later_chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chart of a later version, whose spaces have a field more."""
    chart = tmp_path_factory.mktemp("later") / "studio-operator"
    shutil.copytree(CHART, chart)
    file = chart / "files" / "crds" / "spaces.yaml"
    crd = yaml.safe_load(file.read_text())
    (version,) = crd["spec"]["versions"]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["properties"][NEW_FIELD] = {"type": "string"}
    file.write_text(f"# Generated.\n{yaml.safe_dump(crd, sort_keys=False)}")
    return chart


def test_an_upgrade_changes_them_and_a_rollback_changes_them_back(
    cluster: Cluster, later_chart: Path
) -> None:
    cluster.run("install", RELEASE, CHART)
    cluster.wait_for_crds()
    before = cluster.declare_space()
    assert not cluster.knows_new_field()
    cluster.run("upgrade", RELEASE, later_chart)
    assert cluster.knows_new_field()
    cluster.run("rollback", RELEASE, "1")
    assert not cluster.knows_new_field()
    assert cluster.space() == before


def test_they_are_those_of_the_repository(cluster: Cluster) -> None:
    cluster.run("install", RELEASE, CHART)
    for file in (ROOT / "crds").glob("*.yaml"):
        wanted = yaml.safe_load(file.read_text())
        found = cluster.crds()[wanted["metadata"]["name"]]
        for version, stored in zip(
            wanted["spec"]["versions"], found["spec"]["versions"], strict=True
        ):
            assert stored["schema"] == version["schema"]


def test_an_uninstall_leaves_them_and_what_is_declared(cluster: Cluster) -> None:
    cluster.run("install", RELEASE, CHART)
    cluster.wait_for_crds()
    before = cluster.declare_space()
    cluster.run("uninstall", RELEASE)
    assert cluster.crds().keys() == NAMES
    assert cluster.space() == before
    assert cluster.access.kubectl("get", "all", *PLACE[:2]) == ""


def test_the_same_release_finds_them_again(cluster: Cluster, later_chart: Path) -> None:
    cluster.run("install", RELEASE, CHART)
    cluster.run("uninstall", RELEASE)
    cluster.run("install", RELEASE, later_chart)
    assert cluster.knows_new_field()


def test_another_release_asks_before_it_takes_them(cluster: Cluster, later_chart: Path) -> None:
    cluster.run("install", RELEASE, CHART)
    cluster.run("uninstall", RELEASE)
    with pytest.raises(HelmError, match="invalid ownership metadata"):
        cluster.run("install", "other", later_chart)
    cluster.run("install", "other", later_chart, "--take-ownership")
    assert cluster.knows_new_field()


def test_crds_that_kubectl_applied_can_be_taken_over(cluster: Cluster, later_chart: Path) -> None:
    cluster.access.apply_folder(ROOT / "crds")
    with pytest.raises(HelmError, match="invalid ownership metadata"):
        cluster.run("install", RELEASE, later_chart)
    cluster.run("install", RELEASE, later_chart, "--take-ownership", "--force-conflicts")
    assert cluster.knows_new_field()


def test_they_can_be_kept_out(cluster: Cluster, later_chart: Path) -> None:
    cluster.access.apply_folder(ROOT / "crds")
    before = cluster.crds()
    cluster.run("install", RELEASE, later_chart, "--set", "crds.install=false")
    assert cluster.crds() == before


def test_they_stay_when_a_release_no_longer_has_them(cluster: Cluster) -> None:
    cluster.run("install", RELEASE, CHART)
    cluster.run("upgrade", RELEASE, CHART, "--set", "crds.install=false")
    assert cluster.crds().keys() == NAMES
