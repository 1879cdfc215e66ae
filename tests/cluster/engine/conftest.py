"""Fixtures of the tests against a real API server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from kubernetes.client import Configuration
from kubernetes.config import load_kube_config
from studio_operator.kube.client import KubeClient

from sandbox.access import Access

Scenario = Callable[[KubeClient], Coroutine[Any, Any, None]]


@pytest.fixture
def run_with_client(control_plane: Access) -> Callable[[Scenario], None]:
    """Runs a scenario with a client of the administrator, bounded in time."""

    async def bounded(scenario: Scenario) -> None:
        async with connected(control_plane) as client:
            await asyncio.wait_for(scenario(client), 60)

    return lambda scenario: asyncio.run(bounded(scenario))


@asynccontextmanager
async def connected(access: Access) -> AsyncIterator[KubeClient]:
    """A client of the administrator."""
    configuration = Configuration()
    load_kube_config(  # type: ignore[no-untyped-call]
        config_file=str(access.kubeconfig), client_configuration=configuration
    )
    client = KubeClient(configuration, threads=4, timeout_seconds=10, page_size=3)
    try:
        yield client
    finally:
        await client.close()
