"""Listings in pages."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pytest

from tests.simulator.world import World


@pytest.fixture
def domain_id(world: World) -> str:
    """A domain with 25 user profiles, p00 to p24, a second apart."""
    made = world.domain()
    for number in range(25):
        world.sm.create_user_profile(DomainId=made, UserProfileName=f"p{number:02}")
        world.pass_time(1)
    return made


def names(page: Any) -> list[str]:
    return [profile["UserProfileName"] for profile in page["UserProfiles"]]


def test_a_page_holds_ten_unless_more_are_asked_for(world: World, domain_id: str) -> None:
    assert len(names(world.sm.list_user_profiles())) == 10
    everything = world.sm.list_user_profiles(MaxResults=100)
    assert len(names(everything)) == 25
    assert "NextToken" not in everything


def test_pages_follow_each_other_without_gap_or_overlap(world: World, domain_id: str) -> None:
    pages = world.sm.get_paginator("list_user_profiles").paginate(DomainIdEquals=domain_id)
    found = [names(page) for page in pages]
    assert [len(page) for page in found] == [10, 10, 5]
    assert list(chain.from_iterable(found)) == [f"p{number:02}" for number in range(25)]


def test_pages_follow_backwards_too(world: World, domain_id: str) -> None:
    paginator = world.sm.get_paginator("list_user_profiles")
    found = [names(page) for page in paginator.paginate(SortOrder="Descending")]
    assert list(chain.from_iterable(found)) == [f"p{number:02}" for number in reversed(range(25))]


def test_what_vanishes_between_two_pages_hides_nothing_else(world: World, domain_id: str) -> None:
    world.pass_time(10)
    first = world.sm.list_user_profiles()
    world.sm.delete_user_profile(DomainId=domain_id, UserProfileName="p09")
    world.sm.delete_user_profile(DomainId=domain_id, UserProfileName="p03")
    world.pass_time(10)
    second = world.sm.list_user_profiles(NextToken=first["NextToken"])
    assert names(second) == [f"p{number:02}" for number in range(10, 20)]


def test_sorting_by_modification(world: World, domain_id: str) -> None:
    world.pass_time(10)
    world.sm.update_user_profile(DomainId=domain_id, UserProfileName="p00")
    listed = world.sm.list_user_profiles(SortBy="LastModifiedTime", SortOrder="Descending")
    assert names(listed)[0] == "p00"


def test_a_token_of_another_question_or_of_none_is_refused(world: World, domain_id: str) -> None:
    token = world.sm.list_user_profiles()["NextToken"]
    asked: list[Any] = [
        {"NextToken": token, "SortOrder": "Descending"},
        {"NextToken": "nonsense"},
        {"NextToken": ""},
    ]
    for query in asked:
        assert world.code_of(world.sm.list_user_profiles, **query) == "ValidationException"


@pytest.mark.parametrize("size", [0, 101])
def test_a_page_holds_one_to_a_hundred(world: World, size: int) -> None:
    code, message = world.refusal(world.sm.list_user_profiles, MaxResults=size)
    assert code == "ValidationException"
    assert f"Value '{size}' at 'maxResults' failed to satisfy constraint" in message
