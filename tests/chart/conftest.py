"""Helm, and what of a cluster the chart is held against."""

from __future__ import annotations

import pytest

from sandbox.tools import get_tool
from tests.chart.helm import Helm


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """The pinned Helm."""
    return Helm(get_tool("helm"), tmp_path_factory.mktemp("helm"))
