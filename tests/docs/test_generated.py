"""Generated pages are what the code gives, and leave nothing out."""

from __future__ import annotations

import ast
import dataclasses

from studio_operator.plan.conditions import REASONS_PAGE
from studio_operator.plan.reasons import Reason
from studio_operator.settings import PREFIX, Settings

from generators.settings import explained_fields
from tests.docs.pages import ROOT, page, read_page, tables

PACKAGE = ROOT / "operator" / "studio_operator"


def test_conditions_point_at_a_heading_for_every_reason() -> None:
    anchors = read_page(ROOT / REASONS_PAGE).anchors
    assert [reason for reason in Reason if reason.lower() not in anchors] == []


# Where the functions that make decisions take the reason.
REASON_AT = {"Decision": 1, "stalled": 0, "waiting": 0}


def test_no_condition_is_made_with_a_word_that_is_no_reason() -> None:
    calls = [
        (path, call)
        for path in PACKAGE.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in REASON_AT
    ]
    assert len(calls) > 40
    wrong = [
        f"{path.name}:{call.lineno}"
        for path, call in calls
        if isinstance(call.args[REASON_AT[getattr(call.func, "id", "")]], ast.Constant)
    ]
    assert wrong == []


def test_every_setting_is_listed_with_its_default() -> None:
    rows = {row[0]: row for table in tables(page("reference/settings.md").text) for row in table}
    assert rows.keys() == {
        f"`{PREFIX}{field.name.upper()}`" for field in dataclasses.fields(Settings)
    }
    assert rows[f"`{PREFIX}REST_INTERVAL`"][1] == "`60`"
    assert [field.name for field in dataclasses.fields(Settings)] == [
        explained.name for explained in explained_fields()
    ]


def test_settings_named_in_other_pages_exist() -> None:
    named = {
        name for row in tables(page("how-to/operate.md").text)[1] for name in row[0].split(", ")
    }
    listed = page("reference/settings.md").text
    assert named
    assert [name for name in named if name not in listed] == []
