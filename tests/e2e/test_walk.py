"""The way of an edit through the code is the one that docs/architecture.md tells."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from tests.e2e.product import Product
from tests.e2e.team import Team
from tests.e2e.waiting import wait_until

PAGE = Path(__file__).resolve().parents[2] / "docs" / "architecture.md"
# A step of the walk: a link to a module, and the function that is called there.
STEP = re.compile(r"^\d+\. \[`([\w/]+\.py)`\]\([^)]*\), `([\w.]+)`", re.MULTILINE)


class Called(NamedTuple):
    """A function of the operator, by its module's path within the package."""

    path: str
    function: str


def steps_of_the_page() -> list[Called]:
    section = PAGE.read_text(encoding="utf-8").partition("\n## The way of an edit\n")[2]
    return [Called(*found.groups()) for found in STEP.finditer(section.partition("\n## ")[0])]


def test_an_edit_takes_the_way_that_the_page_tells(
    team: Team, product: Product, tmp_path: Path
) -> None:
    log = tmp_path / "calls"
    variables = {"PYTHONPATH": str(Path(__file__).parent / "call_log"), "CALL_LOG": str(log)}
    with product.program("walk", variables):
        team.run_space()
        before, size = team.last_call(), log.stat().st_size
        team.edit("Space", "churn", instanceType="ml.m5.large")
        wait_until(lambda: "UpdateSpace" in team.changes(since=before), "AWS has the new type")
    with log.open(encoding="utf-8") as lines:
        lines.seek(size)
        called = iter([Called(*line.split()) for line in lines])
    walk = steps_of_the_page()
    assert len(walk) > 15
    assert [step for step in walk if step not in called] == []
