"""What running spaces cost: what is not known is told, and in no sum."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from studio_operator.kube.resources import Key
from studio_operator.plugin.costs.spending import (
    COLUMNS,
    By,
    Spending,
    add_up,
    as_row,
    describe_total,
    domains_elsewhere,
    find_spending,
    share,
    share_columns,
    share_data,
    share_row,
    spending_data,
    sum_data,
)

from tests.unit.plugin.resources import Raw, resource

NOW = datetime(2026, 11, 22, 6, 30, 0, tzinfo=UTC)


def space(name: str = "churn", hour: str | None = "0.05", **changes: Any) -> Raw:
    """Alice's space that has run for an hour and a half; without `hour` no price is told at all."""
    currency = changes.pop("currency", "USD")
    spec = {
        "domainRef": {"name": "research"},
        "ownerRef": {"name": "alice"},
        "tags": {"team": "churn", "cost-centre": "77"},
    }
    status: Raw = {
        "phase": "InService",
        "instanceType": "ml.t3.medium",
        "runningSince": "2026-11-22T05:00:00Z",
    }
    if hour is not None:
        status["cost"] = {"perHour": hour, "volumePerMonth": "unknown", "currency": currency}
    spec |= changes.pop("spec", {})
    return resource(name=name, spec=spec, **(status | changes))


def found(*spaces: Raw, tag: str = "team", others: Sequence[Raw] = ()) -> list[Spending]:
    return find_spending(spaces, NOW, tag, others)


def test_the_table_tells_what_runs_for_how_long_and_for_how_much() -> None:
    (one,) = found(space())
    assert dict(zip(COLUMNS, as_row(one), strict=True)) == {
        "namespace": "team",
        "name": "churn",
        "domain": "research",
        "owner": "alice",
        "instance": "ml.t3.medium",
        "status": "InService",
        "uptime": "90m",
        "cost/h": "0.05 USD",
    }


RUNS = [
    ("it runs", space(), True),
    ("its price is not known", space(hour="unknown"), True),
    ("nothing runs", space(hour="0", phase="Stopped"), False),
    ("it is resized, and still runs", space(phase="Resizing"), True),
    ("it is resized, and does not run", space(hour="0", phase="Resizing"), False),
    ("no prices at all, it runs", space(hour=None), True),
    ("no prices at all, it is stopped", space(hour=None, phase="Stopped"), False),
    ("the operator has not seen it", resource(spec={"domainRef": {"name": "research"}}), False),
]


@pytest.mark.parametrize(("one", "runs"), [row[1:] for row in RUNS], ids=[row[0] for row in RUNS])
def test_what_runs_is_listed(one: Raw, runs: bool) -> None:
    assert bool(found(one)) is runs


@pytest.mark.parametrize("hour", ["unknown", None])
def test_an_unknown_price_reads_unknown_and_never_0(hour: str | None) -> None:
    (one,) = found(space(hour=hour))
    assert as_row(one)[-1] == "unknown"
    assert spending_data(one)["perHour"] is None
    assert describe_total(add_up([one])) == (
        "1 space of unknown price, not in any sum: `kubectl studio prices refresh` fetches prices."
    )


def test_the_dearest_come_first_and_before_them_what_may_be_dearer() -> None:
    rows = found(space("a"), space("b", "1.41"), space("c", "unknown"), space("d", "1.41"))
    assert [one.name for one in rows] == ["c", "b", "d", "a"]


def test_the_foot_sums_up_and_counts_what_it_leaves_out() -> None:
    total = add_up(found(space("a"), space("b", "1.41"), space("c", "unknown")))
    assert describe_total(total).startswith("2 spaces: 1.46 USD an hour. 1 space of unknown price")
    assert sum_data(total) == {"spaces": 3, "perHour": {"USD": "1.46"}, "unknown": 1}


def test_nothing_that_runs_is_said_so() -> None:
    assert describe_total(add_up([])) == "Nothing runs."


def test_currencies_are_not_added_up() -> None:
    total = add_up(found(space("a"), space("b", "0.3", currency="CNY")))
    assert describe_total(total) == "2 spaces: 0.3 CNY + 0.05 USD an hour."


def test_programs_get_hours() -> None:
    assert spending_data(found(space())[0])["hours"] == 1.5


def test_an_app_that_starts_has_run_for_no_time() -> None:
    starting = space(phase="Starting")
    del starting["status"]["runningSince"]
    assert as_row(found(starting)[0])[-2] == "-"


BOB = {"ownerRef": {"name": "bob"}, "tags": {"team": "fraud"}}
SHARED = {"domainRef": {"name": "research", "namespace": "platform"}, "tags": None}
GROUPS = [
    (By.OWNER, [("team", "bob", "2", "1.41 USD", "1"), ("team", "alice", "2", "0.1 USD", "0")]),
    (
        By.TEAM,
        [
            ("fraud", "2", "1.41 USD", "1"),
            ("churn", "1", "0.05 USD", "0"),
            ("-", "1", "0.05 USD", "0"),
        ],
    ),
    (
        By.DOMAIN,
        [
            ("team", "research", "3", "1.46 USD", "1"),
            ("platform", "research", "1", "0.05 USD", "0"),
        ],
    ),
]


@pytest.mark.parametrize(("by", "rows"), GROUPS)
def test_sums_by_owner_team_and_domain(by: By, rows: list[tuple[str, ...]]) -> None:
    spaces = (
        space("a"),
        space("b", "1.41", spec=BOB),
        space("c", "unknown", spec=BOB),
        space("d", spec=SHARED),
    )
    shares = share(found(*spaces), by)
    told = [share_row(one, by) for one in shares]
    assert sorted(told) == sorted(rows)
    assert told[0] == rows[0], "the dearest first"
    assert {len(row) for row in told} == {len(share_columns(by))}
    assert share_data(shares[0], by)[str(by)] == rows[0][-4]


def test_the_team_is_told_by_any_tag() -> None:
    (one,) = share(found(space(), tag="cost-centre"), By.TEAM)
    assert share_data(one, By.TEAM) == {
        "team": "77",
        "spaces": 1,
        "perHour": {"USD": "0.05"},
        "unknown": 0,
    }


def tagged(kind: str, name: str, namespace: str = "team", **tags: str) -> Raw:
    one = resource(kind, name, spec={"tags": tags})
    one["metadata"]["namespace"] = namespace
    return one


PROFILE, DOMAIN = (
    tagged("UserProfile", "alice", team="p"),
    tagged("StudioDomain", "research", team="d"),
)
OTHERS = tagged("StudioDomain", "research", "platform", team="other")


@pytest.mark.parametrize(
    ("spec", "others", "team"),
    [
        ({}, [PROFILE, DOMAIN], "churn"),
        ({"tags": {}}, [PROFILE, DOMAIN], "p"),
        ({"tags": None}, [tagged("UserProfile", "alice"), DOMAIN], "d"),
        ({"tags": {"team": ""}}, [DOMAIN, OTHERS], "d"),
        ({"tags": {}}, [OTHERS], None),
        (SHARED, [DOMAIN, OTHERS], "other"),
    ],
)
def test_a_team_is_that_of_the_space_else_of_its_owner_else_of_its_domain(
    spec: Raw, others: list[Raw], team: str | None
) -> None:
    (one,) = found(space(spec=spec), others=others)
    assert one.team == team


def test_domains_of_other_namespaces_are_looked_up_once() -> None:
    spaces = [space("a"), space("b", spec=SHARED), space("c", spec=SHARED)]
    assert domains_elsewhere(spaces) == [Key("StudioDomain", "platform", "research")]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["alice", "bob", "carol"]),
            st.one_of(st.just("unknown"), st.decimals("0.01", "99", places=2).map(str)),
        )
    ),
    st.sampled_from([*By]),
)
def test_the_sums_of_the_parts_are_the_sum(costs: list[tuple[str, str]], by: By) -> None:
    rows = found(
        *(
            space(f"s{number}", hour, spec={"ownerRef": {"name": owner}})
            for number, (owner, hour) in enumerate(costs)
        )
    )
    shares, total = share(rows, by), add_up(rows)
    assert sum(one.sum.spaces for one in shares) == total.spaces == len(costs)
    assert sum(one.sum.unknown for one in shares) == total.unknown
    assert sum((one.sum.hour.get("USD", Decimal(0)) for one in shares), Decimal(0)) == (
        total.hour.get("USD", Decimal(0))
    )
