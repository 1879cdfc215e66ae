"""Generated files are current, and one command shows and mends what is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generators.__main__ import COMMAND, GENERATORS, ROOT, main
from generators.chart import CHART, RULES

# What the generators read, and what they write beside it.
FOLDERS = (Path("crds"), CHART, Path("gitops", "argocd"), Path("schemas"), Path("docs"))
LUA = Path("gitops", "argocd", "resource_customizations", "studio-operator.dev", "Space")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The generated files, and those that they are made of."""
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def generate(action: str, root: Path) -> Result:
    return CliRunner().invoke(main, [action, "--root", str(root)])


def test_the_committed_files_are_current() -> None:
    checked = generate("--check", ROOT)
    assert checked.exit_code == 0, checked.output


def test_every_file_has_one_generator() -> None:
    paths = [path for generator in GENERATORS for path in generator.files(ROOT)]
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        (Path("crds", "spaces.yaml"), "kind: Space", "kind: Room"),
        (CHART / "files" / "crds" / "spaces.yaml", "kind: Space", "kind: Room"),
        (CHART / "values.yaml", "replicaCount: 2", "replicaCount: 3"),
        (CHART / "values.schema.json", '"restInterval"', '"restintervall"'),
        (RULES, "[studiodomains, userprofiles, spaces]", "[studiodomains, spaces]"),
        (RULES, "spaces/status]", "rooms/status]"),
        (CHART / "README.md", "| `crds.install` |", "| `crds.instal` |"),
        (Path("schemas", "studio-operator.dev", "space_v1alpha1.json"), "16384", "32768"),
        (LUA / "health.lua", "local", "local "),
        (Path("gitops", "argocd", "helm-values.yaml"), "local", "local "),
        (Path("docs", "reasons.md"), "## Creating", "## Making"),
        (Path("docs", "reference", "metrics.md"), "studio_operator", "studio"),
        (Path("docs", "reference", "settings.md"), "`60`", "`61`"),
    ],
    ids=str,
)
def test_a_change_on_one_side_is_noticed_and_mended(
    file: Path, before: str, after: str, copy: Path
) -> None:
    text = (copy / file).read_text()
    assert before in text
    (copy / file).write_text(text.replace(before, after))
    checked = generate("--check", copy)
    assert checked.exit_code == 1
    assert COMMAND in checked.output
    assert generate("--write", copy).exit_code == 0
    assert generate("--check", copy).exit_code == 0


def test_what_changes_is_shown_as_a_diff(copy: Path) -> None:
    edited = copy / "crds" / "spaces.yaml"
    edited.write_text(edited.read_text().replace("maximum: 16384", "maximum: 32768"))
    shown = generate("--check", copy).output
    assert "--- crds/spaces.yaml (present)" in shown
    of_the_crd = shown.split("--- ")[1]
    changed = [line.split() for line in of_the_crd.splitlines() if "maximum" in line]
    assert changed == [["-", "maximum:", "32768"], ["+", "maximum:", "16384"]]


def test_a_file_that_is_not_there_is_noticed_and_written(copy: Path) -> None:
    (copy / "docs" / "reference" / "space.md").unlink()
    checked = generate("--check", copy)
    assert checked.exit_code == 1
    assert "+++ docs/reference/space.md (generated)" in checked.output
    assert generate("--write", copy).exit_code == 0
    assert generate("--check", copy).exit_code == 0


@pytest.mark.parametrize(
    "file",
    [
        Path("crds", "notebooks.yaml"),  # it would be applied,
        CHART / "files" / "crds" / "notebooks.yaml",  # installed,
        Path("schemas", "studio-operator.dev", "notebook_v1.json"),  # or found by an editor
    ],
    ids=str,
)
def test_a_file_that_nothing_generates_is_noticed(file: Path, copy: Path) -> None:
    shutil.copy(ROOT / "crds" / "spaces.yaml", copy / file)
    checked = generate("--check", copy)
    assert checked.exit_code == 1
    assert f"--- {file} (present)" in checked.output
    assert "-kind: CustomResourceDefinition" in checked.output
