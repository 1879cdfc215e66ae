"""Fixtures that many tests share."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # `sandbox` is a folder of the repository, not an installed package

from sandbox.access import Access  # noqa: E402 - after the path is set
from sandbox.sharing import shared_control_plane  # noqa: E402


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Access]:
    """A real API server with the project's CRDs, one for all of pytest-xdist's workers."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # the run's, of which each worker has a subfolder
    with shared_control_plane(folder / "control-plane", apply=[ROOT / "crds"]) as access:
        yield access


@pytest.fixture
def namespace(control_plane: Access) -> str:
    """A fresh namespace. Nothing removes it: there is no controller that could."""
    name = f"test-{uuid.uuid4().hex[:10]}"
    control_plane.create_namespace(name)
    return name
