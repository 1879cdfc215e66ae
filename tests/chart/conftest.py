"""Helm, and a cluster to install into."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.access import Access
from sandbox.control_plane import ControlPlane
from sandbox.tools import get_tool
from tests.chart.cluster import Cluster
from tests.chart.helm import Helm


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """The pinned Helm."""
    return Helm(get_tool("helm"), tmp_path_factory.mktemp("helm"))


@pytest.fixture(scope="session")
def bare_access() -> Iterator[Access]:
    """A control plane without our CRDs, but with the namespaces that the examples speak of."""
    with ControlPlane() as started:
        for name in ("ml-team", "team-a", "team-b"):
            started.access.create_namespace(name)
        yield started.access


@pytest.fixture
def cluster(helm: Helm, bare_access: Access) -> Iterator[Cluster]:
    """That control plane, from which everything is taken away after the test."""
    shared = Cluster(helm, bare_access)
    yield shared
    shared.clear()
