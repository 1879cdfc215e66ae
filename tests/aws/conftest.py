"""The real gateway and inventory against a simulator of SageMaker Studio, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from studio_simulator.client import SimulatorClient
from studio_simulator.process import SimulatorProcess

from tests.aws.live import REGION


@pytest.fixture(scope="session")
def _process() -> Iterator[SimulatorProcess]:
    with SimulatorProcess("--durations", "fast") as process:
        yield process


@pytest.fixture
def simulator(
    _process: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SimulatorClient]:
    """An empty simulator, and an environment in which boto3 finds it."""
    for name, value in {
        "AWS_ENDPOINT_URL": _process.url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    client = _process.client
    client.reset()
    yield client
    client.remove_faults()
    client.close()
