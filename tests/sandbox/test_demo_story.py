"""The demo tells what the API server says, and notices where that is not what was asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.demo_story import (
    EMPTY,
    Json,
    Line,
    Snapshot,
    SpaceInAws,
    actions,
    calls_in_words,
    columns_of,
    explain,
    holds_in_order,
    hours_around,
    is_current,
    is_ready,
    new_lines,
    space_in_aws,
    spec_changes,
    stops_at,
    without_age,
)

KEY = ("Space", "churn")


def space(
    phase: str = "", *, step: str = "", ready: str = "", generation: int = 2, observed: int = 2
) -> dict[str, Any]:
    status: dict[str, Any] = {"observedGeneration": observed}
    if phase:
        status["phase"] = phase
    if step:
        status["operation"] = {"type": "Resize", "step": step}
    if ready:
        condition = {"type": "Ready", "status": ready, "reason": "Resizing", "message": "it grows"}
        status["conditions"] = [{"type": "Reconciling", "status": "True"}, condition]
    metadata = {"name": "churn", "generation": generation}
    return {"kind": "Space", "metadata": metadata, "status": status}


def event(uid: str, second: int, action: str = "CreateApp", **fields: str) -> dict[str, Any]:
    return {
        "metadata": {"uid": uid},
        "eventTime": f"2026-01-01T00:00:{second:02}.000000Z",
        "regarding": {"kind": "Space", "name": "churn"},
        "action": action,
        "reason": "Starting",
        "note": f"note {uid}",
        **fields,
    }


@pytest.mark.parametrize(
    ("resource", "ready"),
    [
        (space(ready="True"), True),
        (space(ready="False"), False),
        (space(ready="True", generation=3), False),
        (space(), False),
        ({"metadata": {"generation": 1}}, False),
    ],
    ids=["ready", "not ready", "ready for an older spec", "no condition", "no status"],
)
def test_only_a_status_of_the_newest_spec_is_ready(resource: dict[str, Any], ready: bool) -> None:
    assert is_ready(resource) is ready


def test_a_status_may_be_of_the_newest_spec_and_not_ready() -> None:
    assert is_current(space(ready="False"))
    assert not is_current(space(ready="True", generation=3))
    assert not is_current({"metadata": {"generation": 1}})


def test_the_clock_stops_only_what_has_a_time_to_stop_at() -> None:
    until = "2026-01-01T19:00:00Z"
    assert stops_at({"status": {"effective": {"stopsAt": until}}}) == until
    assert stops_at(space("InService")) == stops_at({}) == ""


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        ("12:00", {"from": "08:00", "to": "15:00"}),
        ("12:59", {"from": "08:00", "to": "15:00"}),
        ("23:30", {"from": "19:00", "to": "02:00"}),
        ("01:10", {"from": "21:00", "to": "04:00"}),
    ],
)
def test_the_hours_of_the_schedule_are_open_at_any_time_of_day(
    now: str, hours: dict[str, str]
) -> None:
    hour, minute = map(int, now.split(":"))
    assert hours_around(datetime(2026, 1, 1, hour, minute, tzinfo=UTC)) == hours


def test_a_resource_is_explained_by_its_ready_condition() -> None:
    said = explain(space("Resizing", step="StoppingApp", ready="False"))
    assert said == "Space churn: Resizing StoppingApp, Ready=False (Resizing): it grows"
    assert explain(space()) == "Space churn: without a phase, no Ready condition yet"


def test_each_event_is_told_once_beside_the_status_of_its_moment() -> None:
    first = Snapshot({KEY: space("Starting")}, (event("b", 2), event("a", 1)))
    assert new_lines(EMPTY, first) == [
        Line("churn", "Starting", note="note a"),
        Line("churn", "Starting", note="note b"),
    ]
    assert new_lines(first, first) == []
    second = Snapshot({KEY: space("InService")}, (*first.events, event("c", 3, type="Warning")))
    assert new_lines(first, second) == [
        Line("churn", "InService", note="note c", is_warning=True),
    ]


def test_a_status_that_moves_without_an_event_is_told_too() -> None:
    stopping = Snapshot({KEY: space("Resizing", step="StoppingApp")})
    updating = Snapshot({KEY: space("Resizing", step="UpdatingSpace", ready="False")})
    assert new_lines(stopping, updating) == [Line("churn", "Resizing", "UpdatingSpace")]
    assert new_lines(updating, updating) == []


def test_a_status_that_is_gone_is_not_told() -> None:
    assert new_lines(Snapshot({KEY: space("Stopped")}), Snapshot({KEY: space()})) == []


def test_a_long_note_is_cut() -> None:
    (line,) = new_lines(EMPTY, Snapshot({}, (event("a", 1, note="x" * 500),)))
    assert len(line.note) < 200
    assert line.note.endswith("x...")


def test_actions_are_in_the_order_of_time_and_of_one_resource() -> None:
    other = event("z", 0, regarding={"kind": "Space", "name": "other"})  # type: ignore[arg-type]
    events = (event("b", 2, "UpdateSpace"), event("a", 1, "DeleteApp"), other)
    assert actions(events, *KEY) == ["DeleteApp", "UpdateSpace"]


@pytest.mark.parametrize(
    ("found", "held"),
    [
        (["stop", "update", "start"], True),
        (["look", "stop", "wait", "update", "start", "rest"], True),
        (["update", "stop", "start"], False),
        (["stop", "update"], False),
        ([], False),
    ],
)
def test_steps_must_come_in_order(found: list[str], held: bool) -> None:
    assert holds_in_order(["stop", "update", "start"], found) is held


def test_changes_of_a_spec_are_named_by_their_path() -> None:
    before = {"instanceType": "ml.t3.medium", "storage": {"sizeGiB": 20}, "app": "JupyterLab"}
    after = {"instanceType": "ml.m5.large", "storage": {"sizeGiB": 50}, "app": "JupyterLab"}
    assert spec_changes(before, after) == [
        "spec.instanceType: ml.t3.medium -> ml.m5.large",
        "spec.storage.sizeGiB: 20 -> 50",
    ]
    assert spec_changes({}, {"state": "Stopped"}) == ["spec.state: none -> Stopped"]
    assert spec_changes(before, before) == []


def test_a_table_without_its_age_changes_only_with_its_content() -> None:
    table = "NAME    STATUS      AGE\nchurn   InService   {}\n"
    assert without_age(table.format("9s")) == without_age(table.format("10s"))
    assert without_age(table.format("9s")) != without_age(table.replace("InService", "Stopped"))
    assert without_age("") == ""


def test_a_wide_table_is_shown_by_some_of_its_columns() -> None:
    table = (
        "NAME    APP          STATUS      COST/H   AGE   STOPS-AT               MESSAGE\n"
        "churn   JupyterLab   InService   0.0582   9s    2026-01-01T19:00:00Z   runs on ml.t3\n"
        "other   CodeEditor               unknown  10s                          is made\n"
    )
    assert columns_of(table, ("NAME", "STATUS", "STOPS-AT", "AGE")) == (
        "NAME    STATUS      STOPS-AT               AGE\n"
        "churn   InService   2026-01-01T19:00:00Z   9s\n"
        "other                                      10s"
    )
    assert columns_of(table, ("APP", "MESSAGE")).splitlines()[1] == "JupyterLab   runs on ml.t3"
    assert columns_of("", ("APP",)) == ""
    with pytest.raises(ValueError, match="no columns \\['PHASE'\\]"):
        columns_of(table, ("NAME", "PHASE"))


def test_calls_are_counted_as_changes_looks_and_refusals() -> None:
    counts = {
        "CreateApp": {"OK": 2, "ResourceInUse": 1},
        "ListSpaces": {"OK": 9},
        "DescribeSpace": {"OK": 10},
        "CreateSpace": {"OK": 3},
    }
    assert calls_in_words(counts) == {
        "changes": "6: CreateApp 3, CreateSpace 3",
        "looks": "19: DescribeSpace 10, ListSpaces 9",
        "refused": "1: CreateApp ResourceInUse 1",
    }
    assert calls_in_words({}) == {}


@pytest.mark.parametrize(
    ("status", "running_on"), [("InService", "ml.m5.large"), ("Deleted", None), ("Pending", None)]
)
def test_a_space_in_aws_runs_only_with_an_app_in_service(
    status: str, running_on: str | None
) -> None:
    size = {"SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 50}}}
    spec = {"InstanceType": "ml.m5.large"}
    state: dict[str, list[Json]] = {
        "spaces": [{"name": "churn", "settings": size}],
        "apps": [{"spaceName": "churn", "status": status, "resourceSpec": spec}],
    }
    assert space_in_aws(state, "churn") == SpaceInAws(50, running_on)
    assert space_in_aws(state, "other") is None
