"""CRDs come with a release, change with its upgrades, and outlive it with all that is declared."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest
import yaml

from sandbox.access import KubectlError
from tests.chart.cluster import ALLOWED, NAMES, NEW_FIELD, PLACE, PROTECTION, SPACE, Cluster
from tests.chart.helm import CHART, RELEASE, ROOT, Helm, HelmError, of_kind


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


# --- nobody deletes them in passing ---

SPACES = "spaces.studio-operator.dev"
OTHERS = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.org}
spec:
  group: example.org
  names: {kind: Thing, plural: things}
  scope: Namespaced
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
"""


def refusal(cluster: Cluster, *words: str) -> str:
    """Why the API server refuses to delete CRDs; empty when it would do it."""
    try:
        cluster.access.kubectl("delete", "crd", *words, "--dry-run=server")
    except KubectlError as error:
        return str(error)
    return ""


def install_protected(cluster: Cluster) -> None:
    """Install, and wait until the API server has taken up the policy."""
    cluster.run("install", RELEASE, CHART)
    cluster.wait_for_crds()
    deadline = time.monotonic() + 30
    while not refusal(cluster, SPACES):
        assert time.monotonic() < deadline, "the policy has no effect"
        time.sleep(0.1)


def test_the_api_server_deletes_none_that_nobody_has_annotated(cluster: Cluster) -> None:
    install_protected(cluster)
    cluster.declare_space()
    for name in NAMES:
        said = refusal(cluster, name)
        assert f"kubectl annotate crd {name} {ALLOWED}=true" in said
        assert "stops the apps" in said
    assert "denied request" in refusal(cluster, "--all")
    with pytest.raises(KubectlError, match="denied request"):
        cluster.access.kubectl("delete", "-f", str(ROOT / "crds"), "--wait=false")
    with pytest.raises(KubectlError, match="denied request"):
        cluster.access.kubectl("replace", "--force", "-f", str(ROOT / "crds" / "spaces.yaml"))
    every = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    with pytest.raises(KubectlError, match="denied request"):
        cluster.access.kubectl("delete", "--raw", every)
    assert all("deletionTimestamp" not in one["metadata"] for one in cluster.crds().values())
    cluster.access.kubectl("annotate", "crd", SPACES, f"{ALLOWED}=false")
    assert "denied request" in refusal(cluster, SPACES)
    cluster.access.kubectl("annotate", "crd", SPACES, f"{ALLOWED}=true", "--overwrite")
    assert refusal(cluster, SPACES) == ""


def test_upgrades_rollbacks_and_other_crds_are_no_matter_of_the_policy(
    cluster: Cluster, later_chart: Path
) -> None:
    install_protected(cluster)
    cluster.run("upgrade", RELEASE, later_chart)
    assert cluster.knows_new_field()
    cluster.run("rollback", RELEASE, "1")
    cluster.access.kubectl("apply", "--server-side", "--force-conflicts", "-f", ROOT / "crds")
    cluster.access.kubectl("apply", "-f", "-", text_input=OTHERS)
    cluster.access.kubectl("delete", "crd", "things.example.org")


def test_the_protection_outlives_a_release_and_is_found_again(cluster: Cluster) -> None:
    install_protected(cluster)
    cluster.run("uninstall", RELEASE)
    assert "denied request" in refusal(cluster, SPACES)
    cluster.run("install", RELEASE, CHART)
    assert "denied request" in refusal(cluster, SPACES)


@pytest.mark.parametrize("values", [{"protect": False}, {"install": False}], ids=str)
def test_crds_that_are_not_protected_have_no_policy(values: dict[str, bool], helm: Helm) -> None:
    rendered = helm.template({"crds": values})
    policies = {
        one["metadata"]["name"]
        for kind in ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
        for one in of_kind(rendered, kind)
    }
    assert PROTECTION not in policies
    assert len(of_kind(rendered, "CustomResourceDefinition")) == (
        len(NAMES) if "protect" in values else 0
    )
