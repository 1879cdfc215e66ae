"""The steps of a release that are about files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from charts.release import CHART, main

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "registry.example.com:5000/team/studio-operator"
DIGEST = "sha256:" + "0a" * 32
CHANGES = """\
# Changelog

## [Unreleased]

## [0.1.0] - 2026-12-01

- Spaces.

## [0.0.9]

- Old.
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The files of a release of 0.1.0."""
    for name in ("pyproject.toml", "Dockerfile"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / CHART, tmp_path / CHART)
    (tmp_path / "CHANGELOG.md").write_text(CHANGES)
    for name, before in (("pyproject.toml", 'version = "'), ("Dockerfile", "ARG VERSION=")):
        assert f"{before}0.1.0" in (tmp_path / name).read_text()
    return tmp_path


def run(project: Path, *words: str) -> int:
    return main(["--root", str(project), *words])


def test_a_tag_has_the_version_of_all_files(project: Path) -> None:
    assert run(project, "version", "v0.1.0") == 0


@pytest.mark.parametrize("tag", ["0.1.0", "v0.1", "v0.1.0;id", "vnext"])
def test_a_tag_of_another_form_is_refused(
    tag: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "version", tag) == 1
    assert "no tag such as v0.2.0" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("file", "before"),
    [
        ("pyproject.toml", '\nversion = "0.1.0"'),
        ("Dockerfile", "\nARG VERSION=0.1.0"),
        (f"{CHART}/Chart.yaml", "\nversion: 0.1.0"),
        (f"{CHART}/Chart.yaml", "\nappVersion: 0.1.0"),
        ("CHANGELOG.md", "[0.1.0]"),
    ],
)
def test_a_file_that_was_forgotten_is_named(
    file: str, before: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (project / file).read_text()
    assert before in text
    (project / file).write_text(text.replace(before, before.replace("0.1.0", "0.1.1")))
    assert run(project, "version", "v0.1.0") == 1
    assert file in capsys.readouterr().err


def test_a_version_without_changes_is_refused(project: Path) -> None:
    (project / "CHANGELOG.md").write_text(CHANGES.replace("- Spaces.\n", ""))
    assert run(project, "version", "v0.1.0") == 1


def test_notes_are_the_version_s_own_changes(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chart = "oci://registry.example.com/charts/studio-operator:0.1.0"
    assert run(project, "notes", "v0.1.0", "--image", IMAGE, "--chart", chart) == 0
    assert capsys.readouterr().out == f"- Spaces.\n\n- Image: `{IMAGE}`\n- Chart: `{chart}`\n"


def publish(project: Path, into: Path, image: str = IMAGE, digest: str = DIGEST) -> int:
    return run(project, "chart", "--image", image, "--digest", digest, "--into", str(into))


def test_a_published_chart_names_its_image_by_digest(project: Path, tmp_path: Path) -> None:
    assert publish(project, tmp_path / "out") == 0
    folder = tmp_path / "out" / CHART.name
    values = yaml.safe_load((folder / "values.yaml").read_text())
    before = yaml.safe_load((ROOT / CHART / "values.yaml").read_text())
    assert values == before | {"image": before["image"] | {"repository": IMAGE, "digest": DIGEST}}
    annotations = yaml.safe_load((folder / "Chart.yaml").read_text())["annotations"]
    assert yaml.safe_load(annotations["artifacthub.io/images"]) == [
        {"name": "studio-operator", "image": f"{IMAGE}@{DIGEST}"}
    ]
    assert f'| `image.repository` | `"{IMAGE}"` |' in (folder / "README.md").read_text()


@pytest.mark.parametrize(
    ("image", "digest"),
    [
        ("", DIGEST),
        ("studio operator", DIGEST),
        (f"{IMAGE}@{DIGEST}", DIGEST),
        (IMAGE, ""),
        (IMAGE, "latest"),
    ],
)
def test_no_chart_is_written_for_an_image_that_is_none(
    image: str, digest: str, project: Path, tmp_path: Path
) -> None:
    assert publish(project, tmp_path / "out", image, digest) == 1
    assert not (tmp_path / "out").exists()


def test_a_chart_that_no_longer_has_the_lines_is_refused(project: Path, tmp_path: Path) -> None:
    values = project / CHART / "values.yaml"
    values.write_text(values.read_text().replace("  repository: studio-operator\n", ""))
    assert publish(project, tmp_path / "out") == 1


def test_artifact_hub_is_told_of_every_crd() -> None:
    annotations = yaml.safe_load((ROOT / CHART / "Chart.yaml").read_text())["annotations"]
    told = yaml.safe_load(annotations["artifacthub.io/crds"])
    assert all(
        one.keys() == {"kind", "version", "name", "displayName", "description"} for one in told
    )
    assert sorted((one["kind"], one["version"], one["name"]) for one in told) == sorted(
        (crd["spec"]["names"]["kind"], version["name"], crd["metadata"]["name"])
        for crd in (yaml.safe_load(path.read_text()) for path in (ROOT / "crds").glob("*.yaml"))
        for version in crd["spec"]["versions"]
    )
