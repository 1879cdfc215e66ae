"""Fixtures: the recorded objects, and Argo CD's own code with our settings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import make_team, new_team
from tests.gitops.tools import ArgoCD, argo_cd

__all__ = ["engine", "make_team", "new_team"]


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArgoCD]:
    """Argo CD's health, actions, links and notifications; no cluster."""
    with argo_cd(tmp_path_factory.mktemp("argocd")) as started:
        yield started
