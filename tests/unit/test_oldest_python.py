"""The oldest Python that pyproject.toml allows takes every package that is pinned."""

from __future__ import annotations

import tomllib
from importlib.metadata import distributions
from pathlib import Path

from packaging.specifiers import SpecifierSet

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def test_every_installed_package_runs_on_the_oldest_python() -> None:
    """`make constraints` resolves for the Python at hand, which may be newer."""
    asked = SpecifierSet(tomllib.loads(PROJECT.read_text())["project"]["requires-python"])
    (oldest,) = (f"{one.version}.0" for one in asked)
    # By `json`: to ask for a member that is missing is deprecated, and will raise KeyError.
    wanted = {one.name: one.metadata.json.get("requires_python", "") for one in distributions()}
    newer = {
        name: one for name, one in wanted.items() if not SpecifierSet(str(one)).contains(oldest)
    }
    assert newer == {}
