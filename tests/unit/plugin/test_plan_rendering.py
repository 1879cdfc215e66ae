"""A plan as people and programs read it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import yaml
from studio_operator.plugin.output import show
from studio_operator.plugin.planning.rendering import (
    _COUNTED_AS,
    NO_CHANGE,
    as_data,
    as_text,
    summarise,
)
from studio_operator.plugin.planning.report import Action, PlanReport

from tests.unit.plugin.plan_stage import (
    ROLE,
    Documents,
    documents,
    domain,
    estate,
    plan,
    profile,
    record,
    space,
)


@pytest.fixture
def mixed() -> PlanReport:
    """A space that restarts, one that is deleted with its files, one without change."""
    before = documents(
        domain(), profile(), space("one"), space("two", deletionPolicy="Delete"), space("three")
    )
    after = documents(domain(), profile(), space("one", instanceType="ml.m5.large"), space("three"))
    return plan(before, after)


def text(report: PlanReport) -> str:
    stream = io.StringIO()
    show(as_text(report), stream)
    return stream.getvalue()


def test_the_gravest_comes_first_and_the_summary_counts(mixed: PlanReport) -> None:
    lines = text(mixed).splitlines()
    assert lines[0].split()[:2] == ["ACTION", "RESOURCE"]
    assert lines[1].split()[:3] == ["delete", "Space", "ml-team/two"]
    assert "DATA LOSS" in lines[1]
    assert lines[2].split()[:3] == ["restart", "Space", "ml-team/one"]
    assert "1 delete, 1 restart; 3 without change." in text(mixed)


OFFICE_HOURS = {
    "timezone": "Europe/Berlin",
    "windows": [{"days": "Sun", "from": "09:00", "to": "19:00"}],
}
LATER = {"instanceType": "ml.m5.large", "resizePolicy": "WhenStopped"}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ((), (space(),), "1 create"),
        ((), (space(schedule=OFFICE_HOURS),), "1 create"),
        ((), (space(schedule=OFFICE_HOURS, state=None),), "1 create"),
        ((), (space(maxRunTime="8h"),), "1 create"),
        ((), (space(adopt=True, state=None, schedule=OFFICE_HOURS),), "1 adopt"),
        ((), (space(storage={"sizeGiB": 1}, schedule=OFFICE_HOURS),), "1 refused"),
        ((), (space(ownerRef={"name": "bob"}),), "1 blocked"),
        ((space(),), (space(schedule=OFFICE_HOURS),), "1 by the clock"),
        ((space(schedule=OFFICE_HOURS),), (space(),), "1 by the clock"),
        ((space(),), (space(schedule=OFFICE_HOURS, tags={"a": "b"}),), "1 update"),
        ((space(),), (space(schedule=OFFICE_HOURS, **LATER),), "1 waiting"),
        ((space(),), (space(**LATER),), "1 waiting"),
        ((space(),), (space(instanceType="ml.m5.large"),), "1 restart"),
        ((space(),), (space(state="Stopped"),), "1 stop"),
        ((space(),), (space(storage={"sizeGiB": 10}),), "1 refused"),
        ((space(),), (space(tags={"a": "b"}),), "1 update"),
        ((space(state="Stopped"),), (space(),), "1 start"),
        ((space(deletionPolicy="Delete"),), (), "1 delete"),
        ((space(state="Stopped"),), (), "1 release"),
        ((space(),), (space(resizePolicy="WhenStopped"),), "No change in AWS."),
    ],
)
def test_the_summary_counts_what_happens(
    before: tuple[Any, ...], after: tuple[Any, ...], said: str
) -> None:
    """A table of all verdicts; what a clock does later never hides what happens at once."""
    report = summary_of(before, after)
    assert report.split(";")[0].split(". ")[0] == said


def test_the_table_has_every_verdict() -> None:
    table = test_the_summary_counts_what_happens.pytestmark[0].args[1]
    words = {said.removeprefix("1 ") for _, _, said in table} | {"with a note"}
    assert words == {
        *(_COUNTED_AS.get(one, one) for one in Action if one is not Action.NONE),
        NO_CHANGE,
    }


def test_a_space_has_a_note_alone_where_its_domain_switches_idle_shutdown_off() -> None:
    def with_switch(enabled: bool) -> Documents:
        settings = {"executionRole": ROLE, "jupyterLab": {"idle": {"enabled": enabled}}}
        idle = space(idleShutdown={"after": "2h"})
        return documents(domain(defaultUserSettings=settings), profile(), idle)

    on, off = with_switch(True), with_switch(False)
    assert summarise(plan(on, off, records=record(on))).startswith("1 update, 1 with a note; ")


def summary_of(before: tuple[Any, ...], after: tuple[Any, ...]) -> str:
    around = (domain(), profile())
    was = documents(*around, *before)
    return summarise(plan(was, documents(*around, *after), records=record(was)))


def test_cost_is_told_by_the_hour_and_by_the_month(mixed: PlanReport) -> None:
    assert summarise(mixed).endswith(
        "Cost while the apps run: +0.02 USD an hour; volumes: -2.00 USD a month; "
        "together at most +12.60 USD a month."
    )


def test_an_unknown_price_is_said_to_be_unknown() -> None:
    report = plan(estate(), estate(space(instanceType="ml.p5.48xlarge")))
    assert "an hour; volumes" in summarise(report)
    assert "Cost while the apps run: unknown an hour" in summarise(report)
    assert "together" not in summarise(report)
    costs = [one["cost"]["after"]["hour"] for one in as_data(report)["resources"] if "cost" in one]
    assert costs == [None]


def test_no_change_is_one_line() -> None:
    assert text(plan(estate(), estate())).splitlines()[0] == NO_CHANGE


def test_data_are_plain_json_types(mixed: PlanReport) -> None:
    data = as_data(mixed)
    assert json.loads(json.dumps(data)) == data
    assert yaml.safe_load(yaml.safe_dump(data)) == data
    assert data["summary"]["restart"] == 1
    assert data["dataLoss"] is True
    assert data["changed"] is True
    assert as_data(plan(estate(), estate()))["changed"] is False
    restart = next(one for one in data["resources"] if one["name"] == "one")
    assert restart["effects"][0]["from"] == "ml.t3.medium"
    assert restart["cost"] == {
        "before": {"hour": "0.05", "volumeMonth": "2.0"},
        "after": {"hour": "0.12", "volumeMonth": "2.0"},
    }
