"""The example team in Git: applied, applied again, resized; the cluster says what was committed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.access import Access, KubectlError

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "examples"
MANAGER = "--field-manager=gitops"


@pytest.fixture
def team(tmp_path: Path, namespace: str) -> Path:
    """A kustomization of the example team in a namespace of the test's own."""
    return overlay(tmp_path / "team", "gitops", namespace)


@pytest.fixture
def resized_team(tmp_path: Path, namespace: str) -> Path:
    """The same with the resized space."""
    return overlay(tmp_path / "resized", "gitops-resized", namespace)


def overlay(folder: Path, example: str, namespace: str) -> Path:
    """Write a kustomization that moves an example to a namespace."""
    folder.mkdir()
    content = {
        "namespace": namespace,
        "resources": [os.path.relpath(EXAMPLES / example, folder)],  # no absolute path is allowed
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(content))
    return folder


def committed(control_plane: Access, folder: Path) -> dict[tuple[str, str], Any]:
    """The specs by kind and name, as the kustomization gives them."""
    documents = yaml.safe_load_all(control_plane.kubectl("kustomize", folder))
    return {_key(item): item["spec"] for item in documents if "spec" in item}


def stored(control_plane: Access, namespace: str) -> dict[tuple[str, str], Any]:
    """The custom resources of the namespace by kind and name."""
    items = json.loads(control_plane.kubectl("get", "studio", "-n", namespace, "-o", "json"))
    return {_key(item): item for item in items["items"]}


def _key(item: dict[str, Any]) -> tuple[str, str]:
    return item["kind"], item["metadata"]["name"]


def apply(control_plane: Access, folder: Path) -> None:
    control_plane.kubectl("apply", "--server-side", MANAGER, "-k", folder)


def test_the_cluster_holds_exactly_what_was_committed(
    control_plane: Access, namespace: str, team: Path
) -> None:
    apply(control_plane, team)
    specs = {key: item["spec"] for key, item in stored(control_plane, namespace).items()}
    assert specs == committed(control_plane, team)
    assert sorted(specs) == [
        ("Space", "churn-notebooks"),
        ("Space", "feature-store"),
        ("StudioDomain", "research"),
        ("UserProfile", "alice"),
        ("UserProfile", "bob"),
    ]


def test_applying_again_changes_nothing(control_plane: Access, namespace: str, team: Path) -> None:
    apply(control_plane, team)
    before = stored(control_plane, namespace)
    difference = control_plane.kubectl("diff", "--server-side", MANAGER, "-k", team)
    apply(control_plane, team)
    assert difference == ""
    assert stored(control_plane, namespace) == before


def test_a_client_side_apply_settles_as_well(control_plane: Access, team: Path) -> None:
    control_plane.kubectl("apply", "-k", team)
    again = control_plane.kubectl("apply", "-k", team).splitlines()
    assert len(again) == 6
    assert [line for line in again if not line.endswith(" unchanged")] == []


def test_the_resize_is_one_resource_and_two_fields(
    control_plane: Access, namespace: str, team: Path, resized_team: Path
) -> None:
    apply(control_plane, team)
    before = stored(control_plane, namespace)
    with pytest.raises(KubectlError, match="ended with 1"):  # diff's way to say: they differ
        control_plane.kubectl("diff", "--server-side", MANAGER, "-k", resized_team)
    apply(control_plane, resized_team)
    after = stored(control_plane, namespace)
    changed = [key for key in after if after[key] != before[key]]
    assert changed == [("Space", "churn-notebooks")]
    (space,) = changed
    resized = {"instanceType": "ml.m5.large", "storage": {"sizeGiB": 50}}
    assert after[space]["spec"] == before[space]["spec"] | resized


def test_going_back_to_the_smaller_volume_is_refused_once_aws_shows_the_larger_one(
    control_plane: Access, namespace: str, team: Path, resized_team: Path
) -> None:
    apply(control_plane, resized_team)
    apply(control_plane, team)
    apply(control_plane, resized_team)
    grown = json.dumps({"status": {"storageGiB": 50}})
    options = ("--subresource=status", "--type=merge", "-p", grown, "-n", namespace)
    control_plane.kubectl("patch", "space", "churn-notebooks", *options)
    with pytest.raises(KubectlError) as refusal:
        apply(control_plane, team)
    assert "a volume can grow but never shrink" in str(refusal.value)
