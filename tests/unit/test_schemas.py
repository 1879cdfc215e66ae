"""JSON schemas of the kinds are what the CRDs say, and editors find them from each example."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from studio_operator.api.common import API_VERSION
from studio_operator.kinds.registry import KINDS

from generators.json_schemas import SCHEMAS
from tests.unit.json_schemas import check

ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")
# What is in gitops-resized is part of a resource, by which Kustomize changes the one here.
EXAMPLES = [
    path
    for folder in ("gitops", "tenants")
    for path in sorted((ROOT / "examples" / folder).glob("*.yaml"))
    if f"apiVersion: {API_VERSION}\n" in path.read_text(encoding="utf-8")
]


def test_every_kind_has_one_by_the_name_that_tools_look_for() -> None:
    group, version = API_VERSION.split("/")
    assert {path.relative_to(ROOT / SCHEMAS) for path in (ROOT / SCHEMAS).rglob("*.json")} == {
        Path(group, f"{kind.name.lower()}_{version}.json") for kind in KINDS
    }


def test_there_are_examples_of_every_kind() -> None:
    kinds = {yaml.safe_load(path.read_text(encoding="utf-8"))["kind"] for path in EXAMPLES}
    assert kinds == {kind.name for kind in KINDS}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_example_names_the_schema_that_takes_it_and_notices_slips(
    path: Path, tmp_path: Path
) -> None:
    text = path.read_text(encoding="utf-8")
    line = LINE.match(text)
    assert line is not None
    schema = path.parent / line[1]  # as editors resolve it
    assert check(schema, path) == (0, "ok -- validation done\n")
    for before, after in (("\nspec:\n", "\nspec:\n  tag: {}\n"), ("\nkind: ", "\nkind: Our")):
        slip = tmp_path / "slip.yaml"
        slip.write_text(text.replace(before, after), encoding="utf-8")
        code, said = check(schema, slip)
        assert code == 1
        assert "'tag' was unexpected" in said or "is not one of" in said
