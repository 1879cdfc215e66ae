"""Fixtures of the end-to-end tests: nothing is mocked but AWS, and that answers over HTTP."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.product import OPERATOR_USER, Product, run_product
from tests.e2e.rights import missing
from tests.e2e.team import Team


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A control plane, a simulated AWS and an operator; each of pytest-xdist's workers has its own.

    So no test sees another's faults, and a test may kill its operator. In all of their tests the
    operator asks for nothing that the chart's account may not.
    """
    with run_product(tmp_path_factory.mktemp("product")) as started:
        yield started
        # An API server that has just been started may refuse even what is granted, for a moment.
        assert missing(started.rights, started.requests(OPERATOR_USER)) == []


@pytest.fixture
def make_team(product: Product) -> Iterator[Callable[[], Team]]:
    """Makes teams that have a namespace each and nothing in it yet."""
    product.ensure_operator()
    teams: list[Team] = []

    def make() -> Team:
        namespace = f"team-{uuid.uuid4().hex[:8]}"
        product.stack.access.create_namespace(namespace)
        teams.append(Team(product, namespace))
        return teams[-1]

    yield make
    product.forget_mischief()
    for team in teams:
        team.clear()


@pytest.fixture
def new_team(make_team: Callable[[], Team]) -> Team:
    """A team that has a namespace and nothing in it yet."""
    return make_team()


@pytest.fixture
def team(new_team: Team) -> Team:
    """A team whose domain and whose user profile alice are ready."""
    new_team.settle_in()
    return new_team
