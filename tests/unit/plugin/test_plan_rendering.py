"""A plan as people and programs read it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt
from studio_operator.plugin.output import show
from studio_operator.plugin.planning.rendering import (
    MARKER,
    NO_CHANGE,
    as_data,
    as_markdown,
    as_text,
    summarise,
)
from studio_operator.plugin.planning.report import PlanReport

from tests.unit.plugin.plan_stage import documents, domain, estate, plan, profile, space


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
    restart = next(one for one in data["resources"] if one["name"] == "one")
    assert restart["effects"][0]["from"] == "ml.t3.medium"
    assert restart["cost"] == {
        "before": {"hour": "0.05", "volumeMonth": "2.0"},
        "after": {"hour": "0.12", "volumeMonth": "2.0"},
    }


def test_the_comment_warns_of_data_loss_before_anything_else(mixed: PlanReport) -> None:
    comment = as_markdown(mixed)
    assert comment.startswith(MARKER)
    assert comment.index("**Data loss**: `Space ml-team/two`") < comment.index("| Resource |")
    rows = [line for line in comment.splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) == 1


@pytest.mark.parametrize("words", ["a|b", "<script>", "@everyone", "`code`", "[x](y)", "*bold*"])
def test_nothing_from_a_file_becomes_markup_in_the_comment(words: str) -> None:
    after: Any = estate(space(displayName=words, instanceType="ml.m5.large"))
    comment = as_markdown(plan(estate(), after))
    row = next(line for line in comment.splitlines() if "churn" in line)
    assert row.count("|") == 7
    assert words not in row
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(comment)
    assert "<script>" not in html
