"""What a Lease tells of the operator, by the API server's clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from studio_operator.kube.resources import Key
from studio_operator.plugin.commands.why import as_data
from studio_operator.plugin.explanation.why import WAITS_FOR_OPERATOR, explain
from studio_operator.plugin.kube.presence import (
    Operator,
    Presence,
    find_operator,
    find_operators,
    judge,
    operator_for,
)
from studio_operator.plugin.output import Format, serialise

from tests.unit.plugin.resources import Raw, ready, resource

NAME = "studio-operator-system/studio-operator"
NOW = datetime(2026, 11, 28, 9, 30, 0, tzinfo=UTC)
SPACE = Key("Space", "team", "churn")


def lease(renewed: str | None = "2026-11-28T09:00:00.000000Z", **spec: Any) -> Raw:
    times = {} if renewed is None else {"renewTime": renewed}
    metadata = {"name": "studio-operator", "creationTimestamp": "2026-11-01T00:00:00Z"}
    return {"metadata": metadata, "spec": {"leaseDurationSeconds": 15, **times, **spec}}


@pytest.mark.parametrize(
    ("found", "presence", "message"),
    [
        (lease("2026-11-28T09:29:58.123456Z"), "Present", ""),
        # Its clock may be ahead, and a successor needs a moment.
        (lease("2026-11-28T09:30:20Z"), "Present", ""),
        (lease("2026-11-28T09:29:00Z"), "Present", ""),
        (
            lease("2026-11-28T09:28:59Z"),
            "Absent",
            f"No operator has renewed its Lease {NAME} since 2026-11-28 09:28 UTC.",
        ),
        (
            lease("2026-11-28T10:00:00+01:00"),
            "Absent",
            f"No operator has renewed its Lease {NAME} since 2026-11-28 09:00 UTC.",
        ),
        # A Lease that holds for an hour is nobody's only after that.
        (lease(leaseDurationSeconds=3600), "Present", ""),
        # It was given back, as at the end of an uninstallation.
        (
            lease(holderIdentity="", leaseDurationSeconds=1),
            "Absent",
            f"No operator has renewed its Lease {NAME} since 2026-11-28 09:00 UTC.",
        ),
        (
            lease(None),
            "Absent",
            f"No operator has renewed its Lease {NAME} since 2026-11-01 00:00 UTC.",
        ),
        (None, "Absent", f"No operator runs: its Lease {NAME} is gone."),
        (
            lease("soon"),
            "Unknown",
            "Whether an operator runs is not known: its Lease has no time that can be read.",
        ),
    ],
)
def test_a_lease_that_nobody_renews_tells_since_when(
    found: Raw | None, presence: Presence, message: str
) -> None:
    operator = judge(NAME, found, NOW)
    assert (operator.presence, operator.message) == (presence, message)
    assert operator.is_absent == (presence == "Absent")


def test_nothing_happens_by_itself_where_no_operator_runs() -> None:
    found = resource(phase="InService", conditions=ready())
    absent = judge(NAME, lease(), NOW)
    told = explain(SPACE, {SPACE: found}, {}, NOW, absent)
    assert told.operator == absent
    assert told.next == (WAITS_FOR_OPERATOR,)
    assert "docs/how-to/operate.md#no-operator-runs" in told.remedy
    unknown = Operator("Unknown", message="Whether an operator runs is not known: …")
    assert explain(SPACE, {SPACE: found}, {}, NOW, unknown).next != (WAITS_FOR_OPERATOR,)


def test_what_was_to_come_is_told_behind_what_it_waits_for() -> None:
    found = resource(phase="InService", conditions=ready())
    found["metadata"]["generation"] = 2
    told = explain(SPACE, {SPACE: found}, {}, NOW, judge(NAME, None, NOW))
    assert told.next[0] == WAITS_FOR_OPERATOR
    assert "The operator takes up the latest spec" in told.next[1]


def test_the_explanation_is_printed_in_each_format() -> None:
    found = resource(phase="InService", conditions=ready())
    data = as_data(explain(SPACE, {SPACE: found}, {}, NOW, judge(NAME, lease(), NOW)))
    for format_ in (Format.JSON, Format.YAML):
        assert yaml.safe_load(serialise(format_, data))["operator"]["presence"] == "Absent"


class Leases:
    """A cluster of which only Leases are read, at NOW."""

    def __init__(self, **leases: Raw) -> None:
        self._leases = leases

    def lease(self, namespace: str, name: str) -> tuple[Raw | None, datetime]:
        """The Lease of that name, in any namespace."""
        return self._leases.get(name), NOW


@pytest.mark.parametrize(
    ("leases", "others", "presence"),
    [
        pytest.param({"studio-operator": lease()}, [], "Absent", id="a Lease that nobody renews"),
        pytest.param({}, [], "Unknown", id="it may be elsewhere"),
        pytest.param(
            {"studio-operator": lease("2026-11-28T09:29:58Z")},
            [],
            "Present",
            id="it has just begun",
        ),
        pytest.param(
            {"studio-operator": lease(), "theirs": lease("2026-11-28T09:29:58Z")},
            [{"status": {"operatorLease": "ops/theirs"}}],
            "Present",
            id="others beside it name theirs",
        ),
        pytest.param(
            {"gone": lease(), "theirs": lease("2026-11-28T09:29:58Z")},
            [{"status": {"operatorLease": f"ops/{name}"}} for name in ("gone", "theirs")],
            "Present",
            id="one of several runs",
        ),
    ],
)
def test_a_resource_without_status_has_the_usual_operator(
    leases: dict[str, Raw], others: list[Raw], presence: Presence
) -> None:
    cluster: Any = Leases(**leases)
    unseen: Raw = {"metadata": {"name": "churn"}}
    found = operator_for(find_operators(cluster, [*others, unseen]), unseen)
    assert found is not None
    assert found.presence == presence


def test_a_status_without_a_lease_is_no_sign_of_anything() -> None:
    cluster: Any = Leases(**{"studio-operator": lease()})
    unled: Raw = {"status": {"phase": "InService"}}
    assert operator_for(find_operators(cluster, [unled, {}]), unled) is None


class NoCluster:
    """A cluster that must not be asked."""

    def lease(self, namespace: str, name: str) -> tuple[Raw | None, datetime]:
        """What is in no form of a name is never looked for."""
        raise AssertionError(f"{namespace!r}, {name!r} was looked for")


@pytest.mark.parametrize(
    "named",
    ["studio", "a/b/c", "../leases", "a/..", "A/b", "a/b\n", "a/\x1b]0;x\x07", f"a/{'b' * 254}", 7],
    ids=repr,
)
def test_a_lease_of_another_form_is_neither_looked_for_nor_repeated(named: object) -> None:
    space = {"status": {"operatorLease": named}}
    found = find_operator(NoCluster(), [space])  # type: ignore[arg-type] # all that is called of it
    assert (found.presence, found.lease) == ("Unknown", None)
    assert found.message == (
        "Whether an operator runs is not known: status.operatorLease is not NAMESPACE/NAME."
    )
