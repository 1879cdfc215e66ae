"""Whoever may write a status may write anything there: no metric of others is hidden by it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import choose_encoder
from studio_operator.engine.declared.store import Store
from studio_operator.engine.monitoring.collector import EngineCollector
from studio_operator.engine.monitoring.cost_collector import CostCollector
from studio_operator.engine.monitoring.labelled_spaces import Naming
from studio_operator.kube.resources import Key

from tests.unit.engine.test_collector import LEADER, NOW, condition
from tests.unit.engine.test_store import body

CREATED = "2026-03-01T12:00:00Z"
HONEST: dict[str, Any] = {
    "arn": "arn:aws:sagemaker:eu-central-1:111122223333:space/d-1/honest",
    "owner": "alice",
    "phase": "InService",
    "instanceType": "ml.t3.medium",
    "cost": {"perHour": "0.05", "volumePerMonth": "2.24", "currency": "USD"},
    "conditions": [condition("Stalled", "QuotaExceeded", 20)],
}
STRANGE_TIMES: list[Any] = [
    "0000-01-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-03-02t11:00:00z",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "2026-03-02T11:00:00",
    "yesterday",
    "",
    "9" * 100_000,
    None,
    17,
    [],
]
STRANGE_FIGURES = ["NaN", "sNaN", "-Infinity", "1e999999", "9" * 100_000, "-5", "", "unknown"]

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([*STRANGE_TIMES, *STRANGE_FIGURES, "True", "Stalled", "InService"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "status", "reason", "lastTransitionTime", "perHour", "to"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


def page(*statuses: Any, kind: str = "Space", **spec: Any) -> str:
    store, registry = Store("eu-central-1"), CollectorRegistry()
    store.apply(body(Key("Space", "team", "honest"), status=HONEST, created=CREATED))
    for number, status in enumerate(statuses):
        strange = body(Key(kind, "evil", f"s{number}"), created=CREATED, **spec)
        store.apply(strange | {"status": status})
    registry.register(EngineCollector(store, LEADER))
    costs = CostCollector(store, Naming("team"), is_leader=lambda: True, now=lambda: NOW)
    registry.register(costs)
    assert choose_encoder("application/openmetrics-text")[0](registry)
    return generate_latest(registry).decode()


def honest_lines(said: str) -> set[str]:
    """What the honest space alone makes the page say."""
    return {line for line in said.splitlines() if "team" in line or "QuotaExceeded" in line}


EXPECTED = honest_lines(page())


def test_the_honest_space_is_told() -> None:
    assert any("cost_per_hour" in line for line in EXPECTED)
    assert any("condition_oldest_seconds" in line and "1200.0" in line for line in EXPECTED)


@pytest.mark.parametrize("time", STRANGE_TIMES, ids=lambda time: repr(time)[:30])
def test_a_condition_with_a_strange_time_hides_nothing_of_others(time: Any) -> None:
    strange = condition("Stalled", "SetByNobody", 5) | {"lastTransitionTime": time}
    assert honest_lines(page({"conditions": [strange]})) == EXPECTED


def test_an_invented_time_is_not_the_oldest_of_all() -> None:
    """A condition is no older than its resource."""
    invented = condition("Stalled", "SetByNobody", 5) | {
        "lastTransitionTime": "1970-01-01T00:00:00Z"
    }
    (told,) = [
        line
        for line in page({"conditions": [invented]}).splitlines()
        if "condition_oldest" in line and "SetByNobody" in line
    ]
    life = NOW - datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert Decimal(told.split()[-1]) == Decimal(life.total_seconds())


@pytest.mark.parametrize("figure", STRANGE_FIGURES, ids=lambda text: text[:20])
def test_a_strange_figure_spoils_no_sum(figure: str) -> None:
    cost = {"perHour": figure, "volumePerMonth": figure, "currency": "USD"}
    said = page(HONEST | {"cost": cost, "conditions": []})
    assert any("cost_per_hour{" in line and line.endswith(" 0.05") for line in honest_lines(said))
    assert "NaN" not in said
    assert "Inf\n" not in said.replace('le="+Inf"', "")


@pytest.mark.parametrize("word", ["x" * 100_000, "\ud800", 'a"b\nc', "\x1b[31m", ""])
def test_no_invented_word_becomes_a_label(word: str) -> None:
    strange = condition(word, word, 5) | {"type": word}
    said = page({"phase": word, "instanceType": word, "conditions": [strange], "owner": word})
    assert len(said) < 20_000
    assert 'resources{kind="Space",phase="unknown"} 1.0' in said


@pytest.mark.parametrize("word", ["x" * 100_000, "\ud800"])
def test_what_tags_and_owners_say_is_bounded(word: str) -> None:
    said = page(
        HONEST | {"owner": word, "cost": HONEST["cost"] | {"currency": word}}, tags={"team": word}
    )
    assert len(said) < 20_000


MEMBERS = [
    "conditions",
    "phase",
    "instanceType",
    "cost",
    "arn",
    "owner",
    "runningSince",
    "operation",
]
statuses: st.SearchStrategy[Any] = st.dictionaries(st.sampled_from(MEMBERS), anything, max_size=6)


@pytest.mark.parametrize("kind", ["StudioDomain", "UserProfile", "Space"])
@given(status=statuses | anything)
def test_whatever_a_status_holds_the_others_are_told(kind: str, status: Any) -> None:
    told = honest_lines(page(status, kind=kind))
    assert {line for line in EXPECTED if "condition" in line or "cost" in line} <= told
