"""The page on pull requests shows what the plug-in says, and the files that are shipped."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import yaml
from studio_operator.engine.prices import shipped_prices
from studio_operator.plan.prices import parse_prices
from studio_operator.plugin.commands.plan import FAILURES, FOUND
from studio_operator.plugin.output import show
from studio_operator.plugin.planning.planner import PlanRequest, make_plan
from studio_operator.plugin.planning.rendering import as_text
from studio_operator.plugin.planning.report import Action

from tests.docs.pages import ROOT, page, section, tables
from tests.unit.plugin.plan_stage import document, documents

PAGE = page("how-to/pull-requests.md")
SHIPPED = ROOT / "gitops" / "pull-request"
SPACE = {
    "domainRef": {"name": "research"},
    "ownerRef": {"name": "alice"},
    "app": "JupyterLab",
    "instanceType": "ml.t3.medium",
    "storage": {"sizeGiB": 20},
}


def test_the_table_is_what_the_plug_in_prints() -> None:
    people = (
        document("StudioDomain", "research", {"aws": {"region": "us-east-1"}, "domainId": "d-1"}),
        document("UserProfile", "alice", {"domainRef": {"name": "research"}, "adopt": True}),
    )
    before = documents(
        *people,
        document("Space", "churn-notebooks", SPACE),
        document("Space", "old-experiments", SPACE | {"deletionPolicy": "Delete"}),
    )
    larger = {"instanceType": "ml.g5.xlarge", "storage": {"sizeGiB": 100}}
    pricing = {
        "app": "CodeEditor",
        "state": "Running",
        "instanceType": "ml.m5.large",
        "storage": {"sizeGiB": 50},
    }
    after = documents(
        *people,
        document("Space", "churn-notebooks", SPACE | larger),
        document("Space", "pricing", SPACE | pricing),
    )
    now = datetime(2026, 11, 22, tzinfo=UTC)
    stream = io.StringIO()
    show(as_text(make_plan(PlanRequest(before, after, None, shipped_prices(), now))), stream)
    assert stream.getvalue() == next(one.text for one in PAGE.blocks if one.language == "text")


def test_the_workflow_and_the_job_are_the_shipped_ones() -> None:
    shown = [block.text for block in PAGE.blocks if block.language == "yaml"]
    assert shown == [
        (SHIPPED / name).read_text(encoding="utf-8")
        for name in ("github-workflow.yml", "gitlab-ci.yml")
    ]


def test_every_action_is_explained() -> None:
    words = " ".join(row[0] for row in tables(section(PAGE, "What the words mean"))[0])
    assert set(re.findall(r"`(\w+)`", words)) == set(Action) - {Action.NONE}


def test_what_may_fail_is_named_with_its_exit_code() -> None:
    text = section(PAGE, "Let it fail")
    assert set(re.findall(r"--fail-on (\w+)", text)) == set(FAILURES)
    assert str(FOUND) in {row[0] for row in tables(text)[0]}


def test_the_prices_that_are_shown_can_be_read() -> None:
    blocks = (block for block in PAGE.blocks if block.text.startswith("currency"))
    assert parse_prices(yaml.safe_load(next(blocks).text)).instance_hour(
        "eu-central-1", "ml.t3.medium"
    )
