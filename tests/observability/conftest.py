"""Fixtures: the product of the end-to-end tests with an operator that is watched."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from sandbox.prometheus import NoAptError, Programs, get_prometheus
from tests.e2e.product import run_product
from tests.e2e.team import Team
from tests.observability.receiver import receive
from tests.observability.watched import WatchedProduct


@pytest.fixture(scope="session")
def programs() -> Programs:
    """Prometheus and promtool; without them, nothing is left to test where apt is unknown."""
    try:
        return get_prometheus()
    except NoAptError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedProduct]:
    """Control plane, simulated AWS, a receiver of traces, and an operator."""
    folder = tmp_path_factory.mktemp("watched")
    with receive() as receiver, run_product(folder) as product:
        yield WatchedProduct(product, receiver)


@pytest.fixture
def team(watched: WatchedProduct) -> Iterator[Team]:
    """A team whose domain and whose user profile alice are ready."""
    namespace = f"team-{uuid.uuid4().hex[:8]}"
    watched.product.stack.access.create_namespace(namespace)
    team = Team(watched.product, namespace)
    team.settle_in()
    yield team
    watched.product.forget_mischief()
    team.clear()
