"""Whom news concerns."""

from __future__ import annotations

import pytest
from studio_operator.aws.keys import RecordKey
from studio_operator.engine.feed import Feed
from studio_operator.engine.store import Store
from studio_operator.kube.client import Listing
from studio_operator.kube.resources import Key

from tests.unit.engine.test_store import ALICE, DOMAIN, NOTEBOOKS, body

REGION = "eu-central-1"
BOB = Key("UserProfile", "team", "bob")


class Desk:
    """A store with a domain, alice and her notebooks, and what is queued after that."""

    def __init__(self) -> None:
        self.queued: list[Key] = []
        self.forgotten: list[Key] = []
        self.store = Store(REGION)
        self.feed = Feed(self.store, self.queued.append)
        self.feed.when_gone(self.forgotten.append)
        for key in (DOMAIN, ALICE, NOTEBOOKS):
            self.feed.seen(body(key))
        self.queued.clear()

    def changed(self, kind: str, name: str = "", region: str = REGION) -> set[Key]:
        self.feed.record_changed(RecordKey(kind, region, "d-1", name))  # type: ignore[arg-type]
        found = set(self.queued)
        self.queued.clear()
        return found


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_change_concerns_the_resource_only(desk: Desk) -> None:
    edited = body(ALICE, 2)
    edited["metadata"]["generation"] = 2
    desk.feed.seen(edited)
    assert desk.queued == [ALICE]


def test_a_dependency_that_appears_or_goes_concerns_those_who_wait_for_it(desk: Desk) -> None:
    desk.feed.gone(body(ALICE))
    assert set(desk.queued) == {DOMAIN, NOTEBOOKS}
    assert desk.forgotten == [ALICE]
    desk.queued.clear()
    desk.feed.seen(body(ALICE, 2))
    assert set(desk.queued) == {DOMAIN, NOTEBOOKS, ALICE}


def test_a_rival_that_goes_makes_way_for_the_next(desk: Desk) -> None:
    younger = Key("Space", "team", "younger")
    desk.feed.seen(body(younger, created="2026-02-01T00:00:00Z", spaceName="notebooks"))
    desk.queued.clear()
    desk.feed.gone(body(NOTEBOOKS))
    assert younger in desk.queued


def test_a_list_tells_of_what_is_new_and_of_what_is_gone(desk: Desk) -> None:
    listing = Listing([body(BOB, 5)], "9")
    desk.feed.listed("UserProfile", None, listing)
    assert desk.forgotten == [ALICE]
    assert {BOB, NOTEBOOKS, DOMAIN} == set(desk.queued)
    desk.queued.clear()
    desk.feed.listed("UserProfile", None, listing)
    assert desk.queued == [], "the same list once more"


def test_news_from_aws_concerns_those_who_claim_the_record(desk: Desk) -> None:
    assert desk.changed("space", "notebooks") == {NOTEBOOKS}
    assert desk.changed("profile", "alice") == {ALICE}
    assert desk.changed("space", "somebody-elses") == set()
    assert desk.changed("space", "notebooks", region="us-east-1") == set()


def test_news_of_a_domain_concerns_all_in_it(desk: Desk) -> None:
    assert desk.changed("domain") == {DOMAIN, ALICE, NOTEBOOKS}


def test_the_list_of_a_regions_domains_concerns_the_domains_of_the_region(desk: Desk) -> None:
    desk.feed.record_changed(RecordKey("domain", REGION, ""))
    assert DOMAIN in desk.queued


def test_what_waits_to_be_deleted_hears_of_every_change_in_its_domain(desk: Desk) -> None:
    going = body(ALICE, 2)
    going["metadata"]["deletionTimestamp"] = "2026-03-01T00:00:00Z"
    desk.feed.seen(going)
    desk.queued.clear()
    assert desk.changed("space", "a-space-that-nobody-declares") == {ALICE}


def test_who_was_in_a_domain_that_nobody_declares_any_more_hears_of_it(desk: Desk) -> None:
    entry = desk.store.get(NOTEBOOKS)
    assert entry is not None
    seen_there = {"domain_id": "d-1", "region": REGION}
    desk.store.remember(entry, entry.memory.model_copy(update=seen_there))
    desk.feed.gone(body(DOMAIN))
    desk.queued.clear()
    assert desk.changed("space", "notebooks") == {NOTEBOOKS}


def test_everything_is_looked_at_in_the_order_of_dependence(desk: Desk) -> None:
    desk.feed.everything()
    assert desk.queued == [DOMAIN, ALICE, NOTEBOOKS]
