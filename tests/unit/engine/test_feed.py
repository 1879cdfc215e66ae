"""Whom news concerns."""

from __future__ import annotations

from typing import Any

import pytest
from studio_operator.api.common import START_REQUEST
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.store import Store
from studio_operator.engine.feed import Feed
from studio_operator.kinds.resource_id import ResourceId, holder_of
from studio_operator.kube.client import ResourceList
from studio_operator.kube.resources import Key

from tests.aws_ids import scope_at
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
        self.feed.record_changed(
            ResourceId(kind, scope_at(region, "d-1"), name) if name else scope_at(region, "d-1")
        )
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


def test_a_domain_that_changes_concerns_who_waits_for_it_elsewhere(desk: Desk) -> None:
    """What has a resource's mark in another region is told as the scope that it is."""
    moved = Key("StudioDomain", "team", "moved")
    desk.feed.seen(body(moved, aws={"region": "us-east-1"}))
    desk.queued.clear()
    desk.store.await_change(moved, [holder_of(scope_at(REGION, "d-1"))])
    assert moved in desk.changed("StudioDomain")
    desk.store.await_change(moved, [])
    assert moved not in desk.changed("StudioDomain")


def test_a_rival_that_goes_makes_way_for_the_next(desk: Desk) -> None:
    younger = Key("Space", "team", "younger")
    desk.feed.seen(body(younger, created="2026-02-01T00:00:00Z", spaceName="notebooks"))
    desk.queued.clear()
    desk.feed.gone(body(NOTEBOOKS))
    assert younger in desk.queued


def test_what_a_domain_does_not_admit_concerns_nobody_in_it(desk: Desk) -> None:
    """A tenant who makes and deletes spaces in a loop costs those no pass whose names they use."""
    planted = Key("Space", "evil", "notebooks")
    reference: dict[str, Any] = {"domainRef": {"namespace": "team", "name": "research"}}
    for version in (5, 7, 9):
        desk.feed.seen(body(planted, version, **reference))
        desk.feed.gone(body(planted, version + 1, **reference))
    assert set(desk.queued) == {planted}


def test_annotations_and_finalizers_that_are_not_ours_lead_to_no_pass(desk: Desk) -> None:
    """A tenant who writes them in a loop costs nobody a pass, not even their own resource."""
    for version in range(5, 30):
        flapped = body(NOTEBOOKS, version)
        flapped["metadata"]["annotations"] = {"evil.example/n": str(version) * 10_000}
        flapped["metadata"]["labels"] = {"evil.example/n": str(version)}
        flapped["metadata"]["finalizers"] = ["evil.example/held"] if version % 2 else []
        desk.feed.seen(flapped)
    assert desk.queued == []
    entry = desk.store.get(NOTEBOOKS)
    assert entry is not None
    assert entry.version == 29
    assert entry.annotations == {}, "nothing of them is kept"
    flapped = body(NOTEBOOKS, 40)
    flapped["metadata"]["annotations"] = {START_REQUEST: "now", "evil.example/n": "1"}
    desk.feed.seen(flapped)
    assert desk.queued == [NOTEBOOKS]
    assert entry.annotations == {START_REQUEST: "now"}


def test_a_list_tells_of_what_is_new_and_of_what_is_gone(desk: Desk) -> None:
    listing = ResourceList([Entry.from_raw(body(BOB, 5))], "9")
    desk.feed.listed("UserProfile", None, listing)
    assert desk.forgotten == [ALICE]
    assert {BOB, NOTEBOOKS, DOMAIN} == set(desk.queued)
    desk.queued.clear()
    desk.feed.listed("UserProfile", None, listing)
    assert desk.queued == [], "the same list once more"


def test_news_from_aws_concerns_those_who_claim_the_record(desk: Desk) -> None:
    assert desk.changed("Space", "notebooks") == {NOTEBOOKS}
    assert desk.changed("UserProfile", "alice") == {ALICE}
    assert desk.changed("Space", "somebody-elses") == set()
    assert desk.changed("Space", "notebooks", region="us-east-1") == set()


def test_news_of_a_domain_concerns_all_in_it(desk: Desk) -> None:
    assert desk.changed("StudioDomain") == {DOMAIN, ALICE, NOTEBOOKS}


def test_the_list_of_a_regions_domains_concerns_the_domains_of_the_region(desk: Desk) -> None:
    desk.feed.record_changed(scope_at(REGION))
    assert DOMAIN in desk.queued


def test_what_waits_to_be_deleted_hears_of_every_change_in_its_domain(desk: Desk) -> None:
    going = body(ALICE, 2)
    going["metadata"]["deletionTimestamp"] = "2026-03-01T00:00:00Z"
    desk.feed.seen(going)
    desk.queued.clear()
    assert desk.changed("Space", "a-space-that-nobody-declares") == {ALICE}


def test_who_was_in_a_domain_that_nobody_declares_any_more_hears_of_it(desk: Desk) -> None:
    entry = desk.store.get(NOTEBOOKS)
    assert entry is not None
    seen_there = {"domain_id": "d-1", "region": REGION}
    desk.store.remember(entry, entry.status.model_copy(update=seen_there))
    desk.feed.gone(body(DOMAIN))
    desk.queued.clear()
    assert desk.changed("Space", "notebooks") == {NOTEBOOKS}


def test_everything_is_looked_at_in_the_order_of_dependence(desk: Desk) -> None:
    desk.feed.everything()
    assert desk.queued == [DOMAIN, ALICE, NOTEBOOKS]


def test_a_domain_that_waits_for_apps_or_profiles_hears_of_those_in_it(desk: Desk) -> None:
    assert desk.changed("space", "notebooks") == {NOTEBOOKS}
    refusal = {"fields": {"network": "digest"}, "reason": "AwsBusy", "message": "apps run"}
    for version, waits_for in ((2, "Apps"), (3, None)):
        raw = body(DOMAIN, version)
        raw["status"] = {**raw.get("status", {}), "refusals": [{**refusal, "waitsFor": waits_for}]}
        desk.feed.seen(raw)
        desk.queued.clear()
        heard = DOMAIN in desk.changed("space", "notebooks")
        assert heard == (waits_for == "Apps")
