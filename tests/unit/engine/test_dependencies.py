"""How what a resource refers to stands, as a digest by which refusals are tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from studio_operator.engine.declared.dependencies import Dependencies
from studio_operator.kube.resources import Key
from studio_operator.plan.observed import Observed

from tests.unit.engine.test_facts import ALICES, World, domain
from tests.unit.engine.test_store import ALICE, DOMAIN, NOTEBOOKS, body

THEN = datetime(2026, 1, 1, tzinfo=UTC)
LATER = THEN + timedelta(hours=1)
FURTHER = Key("Space", "team", "further")


def status(ready: str = "True", reason: str = "InService", generation: int = 1) -> dict[str, Any]:
    return {
        "domainId": "d-1",
        "observedGeneration": generation,
        "conditions": [
            {
                "type": "Ready",
                "status": ready,
                "reason": reason,
                "message": "as it is",
                "lastTransitionTime": THEN.isoformat(),
            }
        ],
    }


class Estate(World):
    """A domain and alice in service, as planned."""

    def __init__(self) -> None:
        super().__init__(domain(modified_at=THEN))
        self.has_profile(tags=ALICES, modified_at=THEN)
        self.dependencies = Dependencies(self.store, self.facts)
        self.version = 1
        for key in (DOMAIN, ALICE):
            self.plan(key)

    def plan(self, key: Key, shown: dict[str, Any] | None = None) -> None:
        """It was planned, with that status."""
        self.version += 1
        uid = f"{key.name}-uid"
        self.store.apply(body(key, self.version, uid=uid, status=shown or status()))
        entry = self.store.get(key)
        assert entry is not None
        self.dependencies.note(entry)

    def aws_shows(self, **changes: Any) -> None:
        """The domain changes in AWS, and is planned."""
        assert self.seen is not None
        found = self.seen.domain
        assert isinstance(found, Observed)
        self.seen.domain = replace(found, **changes)
        self.plan(DOMAIN)

    def of(self, key: Key = NOTEBOOKS) -> str | None:
        entry = self.store.get(key)
        assert entry is not None
        return self.dependencies.of(entry)


def test_it_is_the_same_after_a_restart() -> None:
    assert Estate().of() == Estate().of() is not None


def test_what_is_not_planned_yet_is_not_known() -> None:
    world = Estate()
    world.dependencies.forget(DOMAIN)
    assert world.of() is None
    assert world.of(ALICE) is None


def test_what_refers_to_nothing_depends_on_nothing() -> None:
    world = Estate()
    before = world.of(DOMAIN)
    world.aws_shows(modified_at=LATER)
    assert world.of(DOMAIN) == before is not None


@pytest.mark.parametrize("key", [NOTEBOOKS, ALICE], ids=str)
def test_a_change_in_aws_and_another_spec_are_news(key: Key) -> None:
    world = Estate()
    seen = [world.of(key)]
    world.aws_shows(modified_at=LATER)
    seen.append(world.of(key))
    world.plan(DOMAIN, status(ready="False", reason="RejectedByAWS"))
    seen.append(world.of(key))
    assert len(set(seen)) == 3
    assert None not in seen


def test_the_owners_profile_counts_for_a_space_and_for_no_profile() -> None:
    world = Estate()
    space, profile = world.of(), world.of(ALICE)
    assert world.seen is not None
    found = world.seen.profiles["alice"]
    assert isinstance(found, Observed)
    world.seen.profiles["alice"] = replace(found, modified_at=LATER)
    world.plan(ALICE)
    assert world.of() != space
    assert world.of(ALICE) == profile


@pytest.mark.parametrize("moving", ["Updating", "Pending", "Deleting"])
def test_nothing_is_told_while_aws_changes_it(moving: str) -> None:
    world = Estate()
    before = world.of()
    world.aws_shows(status=moving)
    assert world.of() is None
    world.aws_shows(status="InService")
    assert world.of() == before


@pytest.mark.parametrize("reason", ["Updating", "Throttled", "CredentialsInvalid"])
def test_nothing_is_told_while_another_word_follows_by_itself(reason: str) -> None:
    world = Estate()
    world.plan(DOMAIN, status(ready="False", reason=reason))
    assert world.of() is None


def test_a_spec_that_was_not_taken_up_yet_is_on_its_way() -> None:
    world = Estate()
    world.plan(DOMAIN, status(generation=0))
    assert world.of() is None


def test_what_does_not_exist_is_news_when_it_comes() -> None:
    world = Estate()
    world.store.apply(body(FURTHER, ownerRef={"name": "bob"}))
    missing = world.of(FURTHER)
    assert missing is not None
    bob = Key("UserProfile", "team", "bob")
    world.store.apply(body(bob))
    assert world.of(FURTHER) is None
    world.plan(bob, status(ready="False", reason="RejectedByAWS"))
    assert world.of(FURTHER) not in {None, missing}


def test_what_was_ready_is_not_known_until_aws_was_seen() -> None:
    """After a restart it stays Ready: another digest for so long would try refusals again."""
    world = Estate()
    before, seen = world.of(), world.seen
    world.seen = None
    world.plan(DOMAIN)
    world.plan(ALICE)
    assert world.of() is None
    assert world.of(ALICE) is None
    world.seen = seen
    world.plan(DOMAIN)
    world.plan(ALICE)
    assert world.of() == before
