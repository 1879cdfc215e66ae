"""What Flux makes of each recorded object, and that it reads our Kustomizations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.pages import all_blocks
from tests.gitops.expectations import expected_kstatus
from tests.gitops.folders import GITOPS
from tests.gitops.recorded import Recorded, read_all
from tests.gitops.tools import ask_kstatus

Raw = dict[str, Any]
EXAMPLES = GITOPS / "flux" / "kustomizations.yaml"
RECORDED = read_all()
AS_ARGO_CD_SAYS = {"Healthy": "Current", "Progressing": "InProgress", "Degraded": "Failed"}


@pytest.fixture(scope="module")
def kustomizations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Kustomizations of the examples, as JSON."""
    path = tmp_path_factory.mktemp("flux") / "kustomizations.json"
    documents = yaml.safe_load_all(EXAMPLES.read_text())
    path.write_text(json.dumps([one for one in documents if one["kind"] == "Kustomization"]))
    return path


@pytest.fixture(scope="module")
def verdicts(kustomizations: Path) -> dict[str, Raw]:
    """What the real libraries say, by scene."""
    answers = ask_kstatus((item.resource for item in RECORDED), kustomizations)
    return {str(item): verdict for item, verdict in zip(RECORDED, answers, strict=True)}


@pytest.mark.parametrize("item", RECORDED, ids=str)
def test_kstatus_agrees_with_argo_cd(verdicts: dict[str, Raw], item: Recorded) -> None:
    """Both call done, failed or on its way the same; what is being deleted is Terminating."""
    assert verdicts[str(item)]["status"] == expected_kstatus(item.scene, item.resource)


@pytest.mark.parametrize("item", RECORDED, ids=str)
def test_expressions_agree_with_argo_cd(verdicts: dict[str, Raw], item: Recorded) -> None:
    """The examples' expressions also cover the moment before the operator has seen a resource."""
    if "status" not in item.resource:
        assert verdicts[str(item)]["expressed"] == "Unknown"
    elif "deletionTimestamp" not in item.resource["metadata"]:  # Flux waits for none that goes
        assert verdicts[str(item)]["expressed"] == AS_ARGO_CD_SAYS[item.scene.health]


def test_a_field_that_flux_does_not_know_is_refused(kustomizations: Path, tmp_path: Path) -> None:
    [first, *_] = json.loads(kustomizations.read_text())
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps([first | {"spec": first["spec"] | {"healthChekcs": []}}]))
    with pytest.raises(AssertionError, match='unknown field "healthChekcs"'):
        ask_kstatus([], path)


def test_kustomizations_depend_only_on_each_other() -> None:
    documents = list(yaml.safe_load_all(EXAMPLES.read_text()))
    names = {one["metadata"]["name"] for one in documents}
    for one in documents:
        assert {other["name"] for other in one["spec"].get("dependsOn", [])} <= names


SHOWN = [
    pytest.param(document, id=f"{block}")
    for block in all_blocks("yaml")
    for document in yaml.safe_load_all(block.text)
    if str(document.get("apiVersion", "")).startswith("kustomize.toolkit.fluxcd.io/")
]


@pytest.mark.parametrize("document", SHOWN)
def test_flux_knows_every_field_that_the_documentation_shows(document: Raw, tmp_path: Path) -> None:
    path = tmp_path / "shown.json"
    path.write_text(json.dumps([document]))
    assert ask_kstatus([], path) == []
