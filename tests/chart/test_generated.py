"""What the chart repeats is what it repeats, and its table says all of its values."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from charts.generate import CHART, UnexplainedValueError, main, read_values
from tests.chart.helm import ROOT

VALUES = (ROOT / CHART / "values.yaml").read_text()
SCHEMA = json.loads((ROOT / CHART / "values.schema.json").read_text())


def test_what_is_generated_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--check"])
    assert code == 0, capsys.readouterr()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The files that are generated, and those that they are made of."""
    for folder in (Path("crds"), CHART):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        (Path("crds", "spaces.yaml"), "kind: Space", "kind: Room"),
        (CHART / "files" / "crds" / "spaces.yaml", "kind: Space", "kind: Room"),
        (CHART / "values.yaml", "replicaCount: 2", "replicaCount: 3"),
        (CHART / "values.schema.json", '"restInterval"', '"restintervall"'),
        (CHART / "README.md", "| `crds.install` |", "| `crds.instal` |"),
    ],
    ids=str,
)
def test_a_change_on_one_side_is_noticed_and_mended(
    file: Path, before: str, after: str, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (copy / file).read_text()
    assert before in text
    (copy / file).write_text(text.replace(before, after))
    assert main(["--check", "--root", str(copy)]) == 1
    assert "python charts/generate.py --write" in capsys.readouterr().err
    assert main(["--write", "--root", str(copy)]) == 0
    assert main(["--check", "--root", str(copy)]) == 0


def test_a_crd_that_is_the_chart_s_alone_is_noticed(copy: Path) -> None:
    (copy / CHART / "files" / "crds" / "old.yaml").write_text("kind: CustomResourceDefinition\n")
    assert main(["--check", "--root", str(copy)]) == 1


def test_a_value_without_an_explanation_is_noticed() -> None:
    with pytest.raises(UnexplainedValueError, match=r"aws\.profile"):
        read_values("aws:\n  # The region.\n  region: ''\n\n  profile: ''\n")


def test_chart_image_and_package_have_one_version() -> None:
    chart = yaml.safe_load((ROOT / CHART / "Chart.yaml").read_text())
    package = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    image = re.search(r"^ARG VERSION=(.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert image is not None
    assert {chart["version"], chart["appVersion"], image[1]} == {package}


def test_the_schema_and_the_values_have_the_same_members() -> None:
    known = set(_paths_of_schema(SCHEMA, ""))
    present = set(_paths_of_values(yaml.safe_load(VALUES), SCHEMA, ""))
    # What a user may add has no default.
    prices = {"prices.currency", "prices.regions", "prices.sources"}
    assert known - present == {"global", "resources.claims"} | prices
    assert present - known == set()


def _paths_of_schema(schema: dict[str, Any], prefix: str) -> Iterator[str]:
    """Each value by its path; settings count as one, as everything with free members does."""
    for name, member in schema["properties"].items():
        if "properties" in member and name != "settings":
            yield from _paths_of_schema(member, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def _paths_of_values(values: dict[str, Any], schema: dict[str, Any], prefix: str) -> Iterator[str]:
    for name, value in values.items():
        member = schema["properties"].get(name, {})
        if "properties" in member and name != "settings":
            yield from _paths_of_values(value, member, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def test_every_group_refuses_unknown_members() -> None:
    assert list(_open_groups(SCHEMA, "values")) == ["values.global"]


def _open_groups(schema: dict[str, Any], path: str) -> Iterator[str]:
    """Groups that would take any member; maps of labels and the like name their members' schema."""
    ours = path != "values.affinity"  # Kubernetes' own form
    if schema.get("type") == "object" and "additionalProperties" not in schema and ours:
        yield path
    for name, member in schema.get("properties", {}).items():
        yield from _open_groups(member, f"{path}.{name}")
