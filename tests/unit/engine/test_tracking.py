"""Which places in AWS are looked at: those where a resource lives, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from studio_operator.aws.errors import AwsError
from studio_operator.aws.keys import RecordKey
from studio_operator.aws.views import DomainView, RegionView
from studio_operator.engine.gather import Place
from studio_operator.engine.tracking import Tracker
from studio_operator.kube.resources import Key
from studio_operator.plan.backups import BackupQuestion
from studio_operator.plan.observed import Lingering, ObservedBackup
from studio_operator.plan.types import Call, Look

KEYS = [Key("StudioDomain", "team", "research")] + [Key("Space", "team", f"s{n}") for n in range(3)]
PLACES = st.builds(
    Place, st.sampled_from(["eu-central-1", "us-east-1"]), st.sampled_from(["", "d-1", "d-2"])
)


class Inventory:
    """Keeps what is tracked, and fails when something is tracked twice or untracked in vain."""

    def __init__(self) -> None:
        self.tracked: set[Place] = set()

    def track(self, region: str, domain_id: str) -> None:
        assert domain_id
        assert Place(region, domain_id) not in self.tracked
        self.tracked.add(Place(region, domain_id))

    def untrack(self, region: str, domain_id: str) -> None:
        self.tracked.remove(Place(region, domain_id))

    def track_region(self, region: str) -> None:
        assert Place(region, "") not in self.tracked
        self.tracked.add(Place(region, ""))

    def untrack_region(self, region: str) -> None:
        self.tracked.remove(Place(region, ""))

    def view(self, region: str, domain_id: str) -> DomainView | None:
        raise NotImplementedError

    def region_view(self, region: str) -> RegionView | None:
        raise NotImplementedError

    def lingering(self, space: RecordKey) -> Lingering | None:
        raise NotImplementedError

    def backup(self, region: str, question: BackupQuestion) -> ObservedBackup:
        raise NotImplementedError

    async def look_at_backup(self, region: str, question: BackupQuestion, look: Look) -> None:
        raise NotImplementedError

    def problem(self, region: str, domain_id: str) -> AwsError | None:
        raise NotImplementedError

    def nudge(self, region: str, domain_id: str) -> None:
        raise NotImplementedError

    def expect(self, call: Call, response: Mapping[str, Any], region: str) -> None:
        raise NotImplementedError

    async def look(self, key: RecordKey, look: Look) -> None:
        raise NotImplementedError


@given(st.lists(st.tuples(st.sampled_from(KEYS), st.one_of(st.none(), PLACES)), max_size=30))
def test_what_is_tracked_is_where_resources_live(steps: list[tuple[Key, Place | None]]) -> None:
    """Whatever the order in which they come, move and go (None)."""
    inventory = Inventory()
    tracker = Tracker(inventory)
    lives: dict[Key, Place] = {}
    for key, place in steps:
        if place is None:
            tracker.forget(key)
            lives.pop(key, None)
        else:
            tracker.follow(key, place)
            lives[key] = place
        needed = {p for k, p in lives.items() if p.domain_id or k.kind == "StudioDomain"}
        assert inventory.tracked == needed
