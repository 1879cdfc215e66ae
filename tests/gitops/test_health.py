"""Argo CD's health of each recorded object: as its table says, by Lua alone and by Argo CD."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gitops.folders import CUSTOMIZATIONS, KINDS, health_script
from tests.gitops.lua import run_script
from tests.gitops.recorded import load
from tests.gitops.tools import ArgoCD

Raw = dict[str, Any]


def read_tables() -> Iterator[tuple[str, str, Raw]]:
    """The entries of each health_test.yaml, in the form of Argo CD's own repository."""
    for kind in KINDS:
        for entry in load(CUSTOMIZATIONS / kind / "health_test.yaml")["tests"]:
            assert set(entry) == {"healthStatus", "inputPath"}
            yield kind, entry["inputPath"], entry["healthStatus"]


TABLE = [pytest.param(*row, id=f"{row[0]}-{Path(row[1]).stem}") for row in read_tables()]


@pytest.mark.parametrize(("kind", "path", "expected"), TABLE)
def test_health_by_the_script_alone(kind: str, path: str, expected: Raw) -> None:
    assert run_script(health_script(kind), load(CUSTOMIZATIONS / kind / path)) == expected


@pytest.mark.parametrize(("kind", "path", "expected"), TABLE)
def test_health_by_argo_cd(engine: ArgoCD, kind: str, path: str, expected: Raw) -> None:
    assert engine.ask("health", object=load(CUSTOMIZATIONS / kind / path)) == expected


def test_all_kinds_have_the_same_script() -> None:
    assert len({health_script(kind).read_text() for kind in KINDS}) == 1
