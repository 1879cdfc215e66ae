"""What metrics tell of the engine at the moment they are asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from studio_operator.aws.features.reader import FeatureGauge
from studio_operator.engine.declared.store import Store
from studio_operator.engine.monitoring.collector import EngineCollector, Readings
from studio_operator.kube.resources import Key

from tests.aws_ids import scope_at
from tests.unit.engine.test_store import body

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LEADER = Readings(
    queue_depth=lambda: 3,
    queue_age=lambda: 1.5,
    working=lambda: 2,
    is_leader=lambda: True,
    loop_lag=lambda: 0.0,
    inventory_ages=lambda: {scope_at("eu-central-1", "d-1"): 7.0, scope_at("eu-central-1"): 8.0},
    starting_since=lambda: NOW - timedelta(seconds=90),
    features=lambda: [
        FeatureGauge(
            "lingering_resources",
            "What outlives apps.",
            ("region", "type"),
            lambda: {("eu-central-1", "sagemaker:endpoint"): 2},
        )
    ],
    now=lambda: NOW,
)


def condition(type_: str, reason: str, minutes: int, status: str = "True") -> dict[str, Any]:
    since = NOW - timedelta(minutes=minutes)
    return {
        "type": type_,
        "status": status,
        "reason": reason,
        "message": "words",
        "lastTransitionTime": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def scrape(readings: Readings, *statuses: dict[str, Any]) -> list[str]:
    store, registry = Store("eu-central-1"), CollectorRegistry()
    for number, shown in enumerate(statuses):
        store.apply(body(Key("Space", "team", f"s{number}"), status=shown))
    registry.register(EngineCollector(store, readings))
    lines = generate_latest(registry).decode().splitlines()
    return [line.removeprefix("studio_operator_") for line in lines if not line.startswith("#")]


def test_spaces_are_counted_by_phase_and_instance_type() -> None:
    running = {"phase": "InService", "instanceType": "ml.t3.medium"}
    said = scrape(LEADER, running, running, {"phase": "Pending"})
    assert 'spaces{instance_type="ml.t3.medium",phase="InService"} 2.0' in said
    assert 'spaces{instance_type="unknown",phase="Pending"} 1.0' in said
    assert 'resources{kind="Space",phase="InService"} 2.0' in said


def test_what_the_engine_has_at_hand_is_told() -> None:
    said = scrape(LEADER)
    for line in ("queue_depth 3.0", "queue_oldest_seconds 1.5", "workers_busy 2.0", "leader 1.0"):
        assert line in said


def test_conditions_are_counted_by_reason_with_the_age_of_the_oldest() -> None:
    stalled = [condition("Stalled", "QuotaExceeded", minutes) for minutes in (5, 20)]
    refused = condition("Ready", "QuotaExceeded", 20, "False")
    said = scrape(LEADER, *({"conditions": [refused, one]} for one in stalled))
    labels = 'condition="Stalled",kind="Space",reason="QuotaExceeded"'
    assert f"conditions{{{labels}}} 2.0" in said
    assert f"condition_oldest_seconds{{{labels}}} 1200.0" in said
    assert not [line for line in said if "Ready" in line]


def test_what_is_ready_is_counted_and_has_no_age() -> None:
    said = scrape(LEADER, {"conditions": [condition("Ready", "Running", 60)]})
    labels = 'condition="Ready",kind="Space",reason="Running"'
    assert [line for line in said if "Ready" in line] == [f"conditions{{{labels}}} 1.0"]


def test_the_age_of_each_view_of_aws_and_the_longest_start_are_told() -> None:
    said = scrape(LEADER)
    assert 'inventory_age_seconds{domain_id="d-1",region="eu-central-1"} 7.0' in said
    assert "app_start_oldest_seconds 90.0" in said


def test_the_longest_start_is_zero_when_nothing_starts() -> None:
    said = scrape(replace(LEADER, starting_since=lambda: None))
    assert "app_start_oldest_seconds 0.0" in said


def test_what_outlives_its_space_is_told_by_region_and_type() -> None:
    said = scrape(LEADER)
    assert 'lingering_resources{region="eu-central-1",type="sagemaker:endpoint"} 2.0' in said


def test_one_that_stands_by_tells_of_itself_only() -> None:
    running = {"phase": "InService", "conditions": [condition("Ready", "Running", 1)]}
    said = scrape(replace(LEADER, is_leader=lambda: False), running)
    assert {line.split(" ")[0] for line in said} == {
        *("leader", "loop_lag_seconds", "queue_depth", "queue_oldest_seconds", "workers_busy")
    }
