"""The alerts are rules that Prometheus takes; each fires when it should and has a remedy."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.prometheus import Programs
from tests.docs.pages import ROOT, read_page

RULES = ROOT / "charts" / "studio-operator" / "files" / "alerts.yaml"
CASES = Path(__file__).with_name("alerts_test.yaml")


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


NAMES = [alert["alert"] for alert in alerts()]


@pytest.mark.parametrize("words", [("check", "rules", RULES), ("test", "rules", CASES)])
def test_promtool_is_content(words: tuple[str | Path, ...], programs: Programs) -> None:
    done = subprocess.run(
        [programs.promtool, *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_each_alert_is_expected_to_fire_by_a_case(name: str) -> None:
    cases = yaml.safe_load(CASES.read_text(encoding="utf-8"))["tests"]
    expected = [
        sample["labels"]
        for case in cases
        for check in case["promql_expr_test"]
        for sample in check["exp_samples"]
    ]
    assert any(f'alertname="{name}"' in labels for labels in expected)


@pytest.mark.parametrize("alert", alerts(), ids=NAMES)
def test_each_alert_says_what_to_do_and_where_more_is_said(alert: dict[str, Any]) -> None:
    said = alert["annotations"]
    assert alert["labels"]["severity"] in {"critical", "warning", "info"}
    assert said["summary"]
    assert len(said["description"].split(". ")) > 1, "what it means, and what to do"
    path, _, anchor = said["runbook_url"].partition("#")
    assert anchor == alert["alert"].lower()
    assert anchor in read_page(ROOT / path).anchors
