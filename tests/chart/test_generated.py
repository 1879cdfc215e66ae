"""What the chart repeats is what it repeats, and its table says all of its values."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from generators.chart import CHART, UnexplainedValueError, read_values
from tests.chart.helm import ROOT

VALUES = (ROOT / CHART / "values.yaml").read_text()
SCHEMA = json.loads((ROOT / CHART / "values.schema.json").read_text())


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
