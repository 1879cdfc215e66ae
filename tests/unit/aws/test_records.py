"""Records against an AWS that lags: whatever happens in whatever order, our own acts hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from studio_operator.api.common import OWNER_TAG
from studio_operator.aws.inventory.expectations import Act
from studio_operator.aws.inventory.merging import merge_described, merge_listed
from studio_operator.aws.inventory.records import Records
from studio_operator.kinds.space.in_aws.observe import SPACE_TYPE
from studio_operator.kinds.space.in_aws.observed import ObservedSpace
from studio_operator.plan.observed import MOVING
from studio_operator.plan.ownership import owner_in

from tests.unit.aws.stage import DOMAIN_ID, at

GRACE = 10.0
LONGEST_LAG = 8.0  # AWS lags less than the grace; each listing as it likes
NAMES = st.sampled_from(["a", "b"])
Truth = dict[str, ObservedSpace]


class LaggingAws(RuleBasedStateMachine):
    """AWS as it is, with all of its past, and records that see it through lagging listings."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0
        self.truth: Truth = {}
        self.past: list[tuple[float, Truth]] = [(0.0, {})]
        self.records: Records[ObservedSpace] = Records(
            merge_listed(SPACE_TYPE), merge_described, GRACE
        )
        self.under_way: list[tuple[float, Truth]] = []
        self.ours: dict[str, Act] = {}  # our last act on a name, while nobody else touched it

    def become(self, name: str, space: ObservedSpace | None) -> None:
        self.now += 0.001  # no two things happen at once
        self.truth = {key: value for key, value in self.truth.items() if key != name}
        if space is not None:
            self.truth[name] = space
        self.past.append((self.now, self.truth))

    def made(self, name: str, status: str) -> ObservedSpace:
        return ObservedSpace(
            DOMAIN_ID, name, status, created_at=at(self.now), modified_at=at(self.now)
        )

    def changed(self, name: str, status: str) -> ObservedSpace:
        return replace(self.truth[name], status=status, modified_at=at(self.now))

    def status(self, name: str) -> str | None:
        return self.truth[name].status if name in self.truth else None

    def shown_in_service(self, name: str) -> ObservedSpace | None:
        """What planners may act on: it is InService, and seen to be."""
        shown = self.records.shown.get(name)
        fit = self.status(name) == "InService" and shown and shown.status == "InService"
        return shown if fit else None

    def expect(self, act: Act, name: str, record: ObservedSpace) -> None:
        self.now += 0.001  # the answer travels
        self.records.expect(act, name, record, self.now)
        self.ours[name] = act

    @rule(seconds=st.sampled_from([0.1, 1.0, 2.5, 6.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(name=NAMES)
    def we_create(self, name: str) -> None:
        if name not in self.truth:
            self.become(name, self.made(name, "Pending"))
            self.expect(Act.CREATED, name, ObservedSpace(DOMAIN_ID, name, "Pending"))

    @rule(name=NAMES)
    def we_update(self, name: str) -> None:
        shown = self.shown_in_service(name)
        if shown is not None:
            self.become(name, self.changed(name, "Updating"))
            updating = replace(shown, status="Updating", modified_at=None)
            self.expect(Act.UPDATED, name, updating)

    @rule(name=NAMES)
    def we_delete(self, name: str) -> None:
        shown = self.shown_in_service(name)
        if shown is not None:
            self.become(name, self.changed(name, "Deleting"))
            self.expect(Act.DELETED, name, replace(shown, status="Deleting"))

    @rule(name=NAMES)
    def aws_finishes(self, name: str) -> None:
        status = self.status(name)
        if status in {"Pending", "Updating"}:
            self.become(name, self.changed(name, "InService"))
        elif status == "Deleting":
            self.become(name, None)

    @rule(name=NAMES)
    def somebody_creates_or_deletes(self, name: str) -> None:
        if name not in self.truth:
            self.become(name, self.made(name, "Pending"))
        elif self.status(name) == "InService":
            self.become(name, self.changed(name, "Deleting"))
        else:
            return
        self.ours.pop(name, None)

    @rule(lag=st.sampled_from([0.0, 3.0, LONGEST_LAG]))
    def a_listing_begins(self, lag: float) -> None:
        self.now += 0.001
        seen_as_of = self.now - lag
        snapshot = [truth for since, truth in self.past if since <= seen_as_of][-1]
        self.under_way.append((self.now, snapshot))

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def a_listing_ends(self, data: Any) -> None:
        began, seen = self.under_way.pop(data.draw(st.integers(0, len(self.under_way) - 1)))
        self.records.fold_listing(seen, began, self.now)

    @invariant()
    def what_we_made_and_nobody_deleted_is_never_missing(self) -> None:
        for name, act in self.ours.items():
            if act is not Act.DELETED:
                assert name in self.records.shown

    @invariant()
    def what_we_deleted_never_seems_to_live_on(self) -> None:
        for name, act in self.ours.items():
            if act is Act.DELETED and name in self.records.shown:
                assert self.records.shown[name].status == "Deleting"

    @invariant()
    def what_we_update_is_not_settled_before_aws_is_done(self) -> None:
        for name, act in self.ours.items():
            if act is Act.UPDATED and self.status(name) == "Updating":
                assert self.records.shown[name].status == "Updating"

    @invariant()
    def what_is_shown_to_move_is_looked_at_again_soon(self) -> None:
        moving = [one for one in self.records.shown.values() if one.status in MOVING]
        assert len(list(self.records.moving_since)) >= len(moving)

    def teardown(self) -> None:
        """Once AWS is quiet, three honest listings show it as it is, and nothing moves for us."""
        for name in list(self.truth):
            self.aws_finishes(name)
        self.now += GRACE + LONGEST_LAG
        for _ in range(3):
            self.now += 1
            self.records.fold_listing(self.truth, self.now, self.now)
        assert dict(self.records.shown) == self.truth
        assert not self.records.is_moving


TestLaggingAws = LaggingAws.TestCase
TestLaggingAws.settings = settings(max_examples=200, stateful_step_count=40)


def space(status: str, made: float = 0.0, modified: float = 0.0) -> ObservedSpace:
    return ObservedSpace(DOMAIN_ID, "a", status, created_at=at(made), modified_at=at(modified))


def records_with(seen: ObservedSpace, listed_at: float = 1.0) -> Records[ObservedSpace]:
    records: Records[ObservedSpace] = Records(merge_listed(SPACE_TYPE), merge_described, GRACE)
    records.fold_listing({"a": seen}, listed_at, listed_at)
    return records


def test_a_listing_that_began_earlier_and_ends_later_tells_nothing() -> None:
    records = records_with(space("InService"))
    deleted_at = 10.0
    records.expect(Act.DELETED, "a", space("Deleting"), deleted_at)
    late = deleted_at + GRACE + 1  # by then nothing is held against listings any more
    records.fold_listing({"a": space("Deleting")}, late, late)
    assert not records.fold_listing({"a": space("InService")}, late - 2, late + 1)
    assert records.shown["a"].status == "Deleting"


@pytest.mark.parametrize(
    "seen",
    [
        space("Pending", made=0.0, modified=1.0),
        space("InService", made=2.0, modified=9.0),
    ],
    ids=["as it was before", "another one of the name"],
)
def test_what_a_listing_shows_of_before_is_not_the_update(seen: ObservedSpace) -> None:
    before = space("InService", made=0.0, modified=5.0)
    records = records_with(before)
    records.expect(Act.UPDATED, "a", replace(before, status="Updating", modified_at=None), 10.0)
    records.fold_listing({"a": seen}, 12.0, 12.0)
    assert records.shown["a"].status == "Updating"


def test_an_update_that_a_listing_shows_is_believed() -> None:
    before = space("InService", modified=5.0)
    records = records_with(before)
    records.expect(Act.UPDATED, "a", replace(before, status="Updating", modified_at=None), 10.0)
    records.fold_listing({"a": space("InService", modified=11.0)}, 12.0, 12.0)
    assert records.shown["a"].status == "InService"


# --- who has what, by tags ---

TAGS = st.none() | st.sampled_from(
    [{}, *({OWNER_TAG: f"{cluster}/team/{name}/uid"} for cluster in "xy" for name in "ab")]
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["list", "amend", "expect", "gone", "clear"]), NAMES, TAGS),
    max_size=12,
)


@given(STEPS, st.integers(0, 12))
def test_carrying_is_what_a_look_at_each_record_would_show(
    steps: list[tuple[str, str, Mapping[str, str] | None]], asked_at: int
) -> None:
    """Whatever becomes of the records, before it is first asked for and after."""
    records: Records[ObservedSpace] = Records(merge_listed(SPACE_TYPE), merge_described, GRACE)
    for number, (step, name, tags) in enumerate(steps):
        now = float(number)
        space = ObservedSpace(DOMAIN_ID, name, "InService", created_at=at(now), tags=tags)
        if number == asked_at:
            records.carrying("team/a")
        if step == "list":
            records.fold_listing({**records.shown, name: space}, now, now)
        elif step == "amend" and name in records.shown:
            records.amend(name, replace(records.shown[name], tags=tags))
        elif step == "expect":
            records.expect(Act.CREATED, name, space, now)
        elif step == "gone":
            records.fold_look(name, None, now, now)
        elif step == "clear":
            records.clear()
    for resource in ("team/a", "team/b"):
        shown = {name: one for name, one in records.shown.items() if owner_in(one.tags) == resource}
        assert records.carrying(resource) == shown


def test_a_crowd_of_creations_looks_through_the_records_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks = []

    def look(tags: Mapping[str, str] | None) -> str | None:
        looks.append(tags)
        return owner_in(tags)

    monkeypatch.setattr("studio_operator.kinds.owner_index.owner_in", look)
    records: Records[ObservedSpace] = Records(merge_listed(SPACE_TYPE), merge_described, GRACE)
    for number in range(1000):
        tags = {OWNER_TAG: f"x/team/space-{number}/uid"}
        name = f"space-{number}"
        assert looks == [] or records.carrying(f"team/{name}") == {}
        made = ObservedSpace(DOMAIN_ID, name, "Pending", tags=tags)
        records.expect(Act.CREATED, name, made, 0.0)
        if number == 499:
            assert looks == [], "who creates nothing keeps no index"
            records.carrying("team/other")
    assert len(looks) == 1000
