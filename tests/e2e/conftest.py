"""Fixtures of the end-to-end tests: nothing is mocked but AWS, and that answers over HTTP."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.product import Product
from tests.e2e.team import Team


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
