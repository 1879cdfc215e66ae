"""The chart as a release publishes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from charts.release import write_chart
from tests.chart.helm import ROOT, Helm, container_of

IMAGE = "registry.example.com/team/studio-operator"
DIGEST = "sha256:" + "0a" * 32


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return write_chart(ROOT, IMAGE, DIGEST, tmp_path)


def test_it_installs_the_image_that_was_built_with_it(published: Path, helm: Helm) -> None:
    helm.run("lint", published)
    rendered = helm.template(chart=published)
    assert container_of(rendered)["image"] == f"{IMAGE}@{DIGEST}"


def test_a_mirror_gets_the_same_image(published: Path, helm: Helm) -> None:
    values = {"image": {"repository": "mirror.example.com/studio-operator"}}
    rendered = helm.template(values, chart=published)
    assert container_of(rendered)["image"] == f"mirror.example.com/studio-operator@{DIGEST}"


def test_the_image_alone_is_rolled_back_as_the_page_says(published: Path, helm: Helm) -> None:
    page = (ROOT / "docs" / "how-to" / "install.md").read_text(encoding="utf-8")
    assert "`helm upgrade … --set image.tag=… --set image.digest=`" in page
    options = ("--set", "image.tag=0.0.9", "--set", "image.digest=")
    rendered = helm.template(chart=published, options=options)
    assert container_of(rendered)["image"] == f"{IMAGE}:0.0.9"
