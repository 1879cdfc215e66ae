"""References between kinds, made-up ones above all, as a graph."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from studio_operator.kinds.managed_kind import Reference
from studio_operator.kinds.references import ReferenceGraph, ReferencesError, reached_from
from studio_operator.kinds.registry import KINDS, REFERENCES


@dataclass(frozen=True)
class Kind:
    """A made-up kind."""

    name: str
    references: tuple[Reference, ...] = ()


LAND = Kind("Land")
TOWN = Kind("Town", (Reference("landRef", "Land", crosses_namespaces=True),))
HOUSE = Kind("House", (Reference("townRef", "Town"), Reference("parentTownRef", "Town")))
SHIP = Kind("Ship")
GRAPH = ReferenceGraph((LAND, TOWN, HOUSE, SHIP))


def test_a_chain_of_three_goes_from_near_to_far() -> None:
    assert GRAPH.kinds_before("House") == ("Land", "Town")
    assert GRAPH.kinds_before("Town") == ("Land",)
    assert GRAPH.kinds_before("Land") == ()


def test_a_kind_without_references_is_alone() -> None:
    assert GRAPH.kinds_before("Ship") == ()
    assert GRAPH.named_by("Ship", "here", {"landRef": {"name": "x"}}) == ()
    assert GRAPH.referred_to == {"Land", "Town"}


def test_two_references_to_one_kind_are_two() -> None:
    spec = {"townRef": {"name": "north"}, "parentTownRef": {"name": "south"}}
    assert GRAPH.named_by("House", "here", spec) == (
        ("Town", "here", "north"),
        ("Town", "here", "south"),
    )


@pytest.mark.parametrize(
    ("kind", "spec", "named"),
    [
        ("Town", {"landRef": {"name": "x", "namespace": "there"}}, ("Land", "there", "x")),
        ("Town", {"landRef": {"name": "x"}}, ("Land", "here", "x")),
        ("House", {"townRef": {"name": "x", "namespace": "there"}}, ("Town", "here", "x")),
    ],
)
def test_a_namespace_counts_only_where_a_reference_may_cross(
    kind: str, spec: dict[str, object], named: tuple[str, str, str]
) -> None:
    assert GRAPH.named_by(kind, "here", spec) == (named,)


@pytest.mark.parametrize("spec", [{}, {"landRef": None}, {"landRef": {"name": 3}}, {"landRef": []}])
def test_what_is_no_reference_names_nothing(spec: dict[str, object]) -> None:
    assert GRAPH.named_by("Town", "here", spec) == ()


def test_ranks_follow_the_list() -> None:
    assert [GRAPH.rank_of(name) for name in ("Land", "Town", "House", "Ship")] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        ((Kind("A", (Reference("a", "A"),)),), "A refers to A, and that to A"),
        (
            (Kind("A", (Reference("b", "B"),)), Kind("B", (Reference("a", "A"),))),
            "A refers to B, and that to A",
        ),
        (
            (
                Kind("A", (Reference("c", "C"),)),
                Kind("B", (Reference("a", "A"),)),
                Kind("C", (Reference("b", "B"),)),
            ),
            "A refers to C, and that to A",
        ),
        ((Kind("A", (Reference("b", "B"),)), Kind("B")), "A comes before B, which it refers to"),
        ((Kind("A", (Reference("b", "B"),)),), "A refers to B, which is no kind"),
    ],
)
def test_what_has_no_order_is_refused(kinds: tuple[Kind, ...], words: str) -> None:
    with pytest.raises(ReferencesError, match=words):
        ReferenceGraph(kinds)


def test_a_walk_goes_to_the_nearest_first_and_ends() -> None:
    ways = {1: (2, 3), 2: (4, 1), 3: (4, 5), 4: (2,), 5: ()}
    assert list(reached_from(1, lambda one: ways[one])) == [2, 3, 4, 5]


def test_the_registry_lists_each_kind_after_those_that_it_refers_to() -> None:
    assert REFERENCES.kinds_before("Space") == ("StudioDomain", "UserProfile")
    names = [kind.name for kind in KINDS]
    for kind in KINDS:
        assert all(
            names.index(one) < names.index(kind.name) for one in REFERENCES.kinds_before(kind.name)
        )
