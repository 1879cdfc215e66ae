"""Fixtures of the tests against a real API server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from studio_operator.kube.client import KubeClient

from sandbox.access import Access
from tests.cluster.engine.resources import connected

Scenario = Callable[[KubeClient], Coroutine[Any, Any, None]]


@pytest.fixture
def run_with_client(control_plane: Access) -> Callable[[Scenario], None]:
    """Runs a scenario with a client of the administrator, bounded in time."""

    async def bounded(scenario: Scenario) -> None:
        async with connected(control_plane) as client:
            await asyncio.wait_for(scenario(client), 120)

    return lambda scenario: asyncio.run(bounded(scenario))
