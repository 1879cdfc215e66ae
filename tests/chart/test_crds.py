"""CRDs come with a release, change with its upgrades, and outlive it with all that is declared."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.chart.cluster import NAMES, NEW_FIELD, PLACE, SPACE, Cluster
from tests.chart.helm import CHART, RELEASE, ROOT, HelmError


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


def test_a_rollback_drops_what_the_older_version_does_not_know(
    cluster: Cluster, later_chart: Path
) -> None:
    cluster.run("install", RELEASE, CHART)
    cluster.run("upgrade", RELEASE, later_chart)
    cluster.wait_for_crds()
    cluster.declare_space()
    patch = json.dumps({"spec": {NEW_FIELD: "sunny"}})
    cluster.access.kubectl("patch", "-f", SPACE, "--type=merge", "--patch", patch)
    assert cluster.space()["spec"][NEW_FIELD] == "sunny"
    cluster.run("rollback", RELEASE, "1")
    cluster.access.kubectl("annotate", "-f", SPACE, "written=again")
    assert NEW_FIELD not in cluster.space()["spec"]


def test_they_and_what_is_declared_outlive_an_uninstall(
    cluster: Cluster,
) -> None:
    cluster.run("install", RELEASE, CHART)
    cluster.wait_for_crds()
    before = cluster.declare_space()
    cluster.run("uninstall", RELEASE)
    assert cluster.crds().keys() == NAMES
    assert cluster.space() == before
    assert cluster.access.kubectl("get", "all", *PLACE[:2]) == ""
    cluster.run("install", RELEASE, CHART)
    assert cluster.space() == before


def test_a_release_that_no_longer_has_them_leaves_them_and_finds_them_again(
    cluster: Cluster, later_chart: Path
) -> None:
    cluster.run("install", RELEASE, CHART)
    cluster.run("upgrade", RELEASE, CHART, "--set", "crds.install=false")
    assert cluster.crds().keys() == NAMES
    cluster.run("upgrade", RELEASE, later_chart, "--reset-values")
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
