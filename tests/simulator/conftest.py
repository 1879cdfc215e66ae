"""One simulator for all tests of a worker, empty at the start of each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from studio_simulator.process import SimulatorProcess

from tests.simulator.world import World


@pytest.fixture(scope="session")
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess() as process:
        yield process


@pytest.fixture(scope="session")
def _world(simulator: SimulatorProcess) -> World:
    return World(simulator.url)


@pytest.fixture
def world(_world: World) -> World:
    _world.begin()
    return _world
