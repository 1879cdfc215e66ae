"""What metrics tell of costs and of hours outside the schedule, and by whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from studio_operator.engine.declared.store import Store
from studio_operator.engine.monitoring.cost_collector import CostCollector
from studio_operator.engine.monitoring.labelled_spaces import Naming
from studio_operator.kube.resources import Key

from tests.unit.engine.test_store import ALICE, DOMAIN, body

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
SEVEN = NINE.replace(hour=19)
WORK = {"timezone": "UTC", "windows": [{"days": "Mon-Fri", "from": "08:00", "to": "19:00"}]}
NAMING = Naming("team")
ALICES = {"space_namespace": "team", "domain": "research", "owner": "alice", "team": "none"}


@dataclass
class Told:
    """An operator's store, and what its metrics tell of it."""

    now: datetime = NINE
    leads: bool = True
    naming: Naming = NAMING
    store: Store = field(default_factory=lambda: Store("eu-central-1"))
    version: int = 0

    def __post_init__(self) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(
            CostCollector(
                self.store,
                self.naming,
                is_leader=lambda: self.leads,
                now=lambda: self.now,
            )
        )

    def apply(self, key: Key, status: Mapping[str, Any] | None = None, **spec: Any) -> None:
        self.version += 1
        self.store.apply(body(key, self.version, status=dict(status or {}), **spec))

    def families(self) -> Mapping[str, Metric]:
        return {one.name.removeprefix("studio_operator_"): one for one in self.registry.collect()}

    def value(self, name: str, **labels: str) -> float | None:
        """Of one series, by the labels that differ from alice's; None when there is none."""
        self.families()
        return self.registry.get_sample_value(f"studio_operator_{name}", ALICES | labels)

    def seconds(self, **labels: str) -> float | None:
        return self.value("outside_schedule_seconds_total", **labels)


def space(name: str, namespace: str = "team") -> Key:
    return Key("Space", namespace, name)


def status(
    hour: str = "0.05", month: str = "2.24", since: datetime | None = None, **more: Any
) -> dict[str, Any]:
    """Of a space that AWS shows as ours."""
    running = {"runningSince": f"{since:%Y-%m-%dT%H:%M:%SZ}"} if since else {}
    return {
        "arn": "arn:aws:sagemaker:eu-central-1:123456789012:space/d-1/x",
        "owner": "alice",
        "cost": {"perHour": hour, "volumePerMonth": month, "currency": "USD"},
        **running,
        **more,
    }


# --- costs --------------------------------------------------------------------------------------


def test_costs_of_one_owner_are_added_up() -> None:
    told = Told()
    told.apply(space("one"), status("0.1", "2.24"))
    told.apply(space("two"), status("0.2", "11.2"))
    assert told.value("cost_per_hour", currency="USD") == 0.3
    assert told.value("volume_cost_per_month", currency="USD") == 13.44
    assert told.families()["spaces_without_price"].samples == []


def test_what_is_stopped_costs_nothing_and_is_told_so() -> None:
    told = Told()
    told.apply(space("one"), status("0"))
    assert told.value("cost_per_hour", currency="USD") == 0


def test_a_price_that_is_not_known_is_counted_and_is_no_zero() -> None:
    told = Told()
    told.apply(space("one"), status("unknown", "unknown"))
    assert told.value("cost_per_hour", currency="USD") is None
    assert told.value("volume_cost_per_month", currency="USD") is None
    assert told.value("spaces_without_price", part="instance") == 1
    assert told.value("spaces_without_price", part="volume") == 1


def test_currencies_are_not_mixed() -> None:
    told = Told()
    told.apply(space("one"), status("0.1"))
    euros = {"perHour": "0.2", "volumePerMonth": "2", "currency": "EUR"}
    told.apply(space("two"), status() | {"cost": euros})
    assert told.value("cost_per_hour", currency="USD") == 0.1
    assert told.value("cost_per_hour", currency="EUR") == 0.2


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param({}, id="that is not in AWS yet"),
        pytest.param({"phase": "Failed"}, id="that is not ours"),
        pytest.param({**status(), "cost": None}, id="without any table of prices"),
    ],
)
def test_no_cost_is_told_of_a_space(shown: dict[str, Any]) -> None:
    told = Told()
    told.apply(space("one"), shown)
    assert [sample for family in told.families().values() for sample in family.samples] == []


FIGURES = st.one_of(
    st.decimals(0, 200, places=4, allow_nan=False).map(str), st.just("unknown"), st.just("0")
)
SPACES = st.lists(
    st.tuples(
        st.sampled_from(["team", "other"]),
        st.sampled_from(["alice", "bob"]),
        st.sampled_from(["churn", "search", None]),
        FIGURES,
        FIGURES,
    ),
    max_size=20,
)


@given(SPACES)
def test_no_figure_is_lost_or_counted_twice(
    spaces: list[tuple[str, str, str | None, str, str]],
) -> None:
    told = Told()
    for number, (namespace, owner, team, hour, month) in enumerate(spaces):
        tags = {"tags": {"team": team}} if team else {}
        shown = status(hour, month, owner=owner)
        told.apply(space(f"s{number}", namespace), shown, **tags)
    families = told.families()
    figures = {
        "instance": ("cost_per_hour", [hour for *_, hour, _ in spaces]),
        "volume": ("volume_cost_per_month", [month for *_, month in spaces]),
    }
    for part, (name, texts) in figures.items():
        known = [Decimal(text) for text in texts if text != "unknown"]
        total = sum(sample.value for sample in families[name].samples)
        assert total == pytest.approx(float(sum(known)))
        missing = [
            sample.value
            for sample in families["spaces_without_price"].samples
            if sample.labels["part"] == part
        ]
        assert sum(missing) == len(texts) - len(known)
    who = Counter((namespace, owner, team) for namespace, owner, team, *_ in spaces)
    for family in families.values():
        series = Counter(
            tuple(sample.labels[label] for label in ALICES) for sample in family.samples
        )
        parts = 2 if family.name.endswith("without_price") else 1
        assert len(series) <= len(who)
        assert all(count <= parts for count in series.values())


# --- whose it is --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on_space", "on_profile", "on_domain", "team"),
    [
        ("a", "b", "c", "a"),
        (None, "b", "c", "b"),
        (None, None, "c", "c"),
        (None, None, None, "none"),
        ("", "b", None, "b"),
    ],
)
def test_the_team_is_the_nearest_that_a_tag_names(
    on_space: str | None, on_profile: str | None, on_domain: str | None, team: str
) -> None:
    told = Told(naming=Naming("cost-center"))
    for key, tag, shown in (
        (DOMAIN, on_domain, None),
        (ALICE, on_profile, None),
        (space("one"), on_space, status()),
    ):
        tags = {} if tag is None else {"tags": {"cost-center": tag, "team": "wrong"}}
        told.apply(key, shown, **tags)
    assert told.value("cost_per_hour", team=team, currency="USD") == 0.05


def test_a_domain_of_another_namespace_is_told_with_it() -> None:
    told = Told()
    told.apply(space("one"), status(), domainRef={"name": "research", "namespace": "platform"})
    assert told.value("cost_per_hour", domain="platform/research", currency="USD") == 0.05


def test_a_space_without_an_owner_is_told() -> None:
    told = Told()
    told.apply(space("one"), status(owner=None))
    assert told.value("cost_per_hour", owner="none", currency="USD") == 0.05


def test_owners_are_not_named_where_they_are_not_to_be() -> None:
    told = Told(SEVEN, naming=Naming("team", owners=False))
    for owner in ("alice", "bob"):
        told.apply(space(owner), status(owner=owner, since=NINE), schedule=WORK)
    assert told.value("cost_per_hour", owner="all", currency="USD") == 0.1
    assert told.seconds(owner="all") == 0
    told.now += timedelta(seconds=30)
    assert told.seconds(owner="all") == 60
    samples = [sample for family in told.families().values() for sample in family.samples]
    assert {sample.labels["owner"] for sample in samples} == {"all"}


# --- hours outside the schedule -----------------------------------------------------------------


def test_what_runs_when_the_schedule_is_closed_is_counted_to_the_second() -> None:
    told = Told(SEVEN - timedelta(minutes=10))
    told.apply(space("one"), status(since=NINE), schedule=WORK)
    assert told.seconds() == 0
    told.now = SEVEN + timedelta(minutes=5)
    assert told.seconds() == 300
    assert told.seconds() == 300, "asked twice, it is counted once"
    told.now = SEVEN + timedelta(minutes=6)
    assert told.seconds() == 360


def test_an_app_that_started_since_counts_from_its_start() -> None:
    told = Told(SEVEN)
    told.apply(space("one"), status(), schedule=WORK)
    assert told.seconds() == 0
    told.apply(space("one"), status(since=SEVEN + timedelta(minutes=50)), schedule=WORK)
    told.now = SEVEN + timedelta(hours=1)
    assert told.seconds() == 600


def test_what_ran_before_this_process_told_anything_is_not_counted() -> None:
    told = Told(SEVEN + timedelta(hours=3))
    told.apply(space("one"), status(since=NINE), schedule=WORK)
    assert told.seconds() == 0


def test_a_snoozed_schedule_is_closed_all_the_same() -> None:
    told = Told(SEVEN)
    snoozed = {**WORK, "snoozeUntil": "2026-03-03T00:00:00Z"}
    told.apply(space("one"), status(since=NINE), schedule=snoozed)
    assert told.seconds() == 0
    told.now = SEVEN + timedelta(hours=1)
    assert told.seconds() == 3600


def test_a_stopped_app_adds_nothing() -> None:
    told = Told(SEVEN)
    told.apply(space("one"), status(since=NINE), schedule=WORK)
    told.seconds()
    told.now = SEVEN + timedelta(minutes=1)
    assert told.seconds() == 60
    told.apply(space("one"), status(), schedule=WORK)
    told.now = SEVEN + timedelta(hours=5)
    assert told.seconds() == 60


def test_spaces_of_one_owner_are_counted_together_each_from_its_start() -> None:
    told = Told(SEVEN - timedelta(minutes=1))
    told.apply(space("one"), status(since=NINE), schedule=WORK)
    told.apply(space("two"), status(), schedule=WORK)
    told.seconds()
    told.apply(space("two"), status(since=SEVEN + timedelta(seconds=50)), schedule=WORK)
    told.now = SEVEN + timedelta(minutes=1)
    assert told.seconds() == 60 + 10


def test_an_edited_schedule_holds_from_then_on() -> None:
    told = Told(SEVEN)
    told.apply(space("one"), status(since=NINE), schedule=WORK)
    told.seconds()
    longer = {**WORK, "windows": [{"days": "Mon-Fri", "from": "08:00", "to": "22:00"}]}
    told.version += 1
    edited = body(space("one"), told.version, status=status(since=NINE), schedule=longer)
    edited["metadata"]["generation"] = 2
    told.store.apply(edited)
    told.now = SEVEN + timedelta(minutes=1)
    assert told.seconds() == 0


def test_a_space_without_a_schedule_has_no_hours() -> None:
    told = Told(SEVEN)
    told.apply(space("one"), status(since=NINE))
    assert told.seconds() is None


def test_who_has_no_schedule_any_more_is_forgotten() -> None:
    told = Told(SEVEN)
    told.apply(space("one"), status(since=NINE), schedule=WORK)
    assert told.seconds() == 0
    told.store.drop(space("one"))
    assert told.seconds() is None


def test_only_the_one_that_leads_counts_and_begins_at_nothing() -> None:
    told = Told(SEVEN, leads=False)
    told.apply(space("one"), status(since=NINE), schedule=WORK)
    assert [sample for family in told.families().values() for sample in family.samples] == []
    told.now, told.leads = SEVEN + timedelta(hours=1), True
    assert told.seconds() == 0
    told.now += timedelta(seconds=30)
    assert told.seconds() == 30


@given(st.lists(st.integers(0, 40 * 3600), min_size=1, max_size=8))
def test_the_count_does_not_depend_on_how_often_it_is_asked_for(moments: list[int]) -> None:
    often, seldom = Told(), Told()
    for told in (often, seldom):
        told.apply(space("one"), status(since=NINE), schedule=WORK)
        told.seconds()
    before = 0.0
    for moment in sorted(moments):
        often.now = NINE + timedelta(seconds=moment)
        after = often.seconds()
        assert after is not None
        assert after >= before
        before = after
    seldom.now = often.now
    assert seldom.seconds() == pytest.approx(before)
