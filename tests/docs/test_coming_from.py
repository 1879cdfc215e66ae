"""The pages for those who come from another tool: fields that exist, and a way that is quiet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import botocore.session
import pytest
import yaml
from botocore.model import ListShape, Shape, StructureShape
from pydantic import BaseModel
from studio_operator.kinds.registry import KINDS
from studio_operator.kinds.space.api.spec import SpaceSpec

from tests.docs.pages import DOCS, ROOT, Page, page, read_page, section, tables
from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_space import existing_space, ready

PAGES = [read_page(path) for path in sorted((DOCS / "coming-from").glob("*.md"))]
SPECS: dict[str, Any] = {
    kind.model.__name__: kind.model.model_fields["spec"].annotation for kind in KINDS
}
FIELD_TABLE = re.compile(r"^### (.+) to (\w+)$", re.MULTILINE)
NOTHING = "none"

by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def field_rows(page: Page) -> Iterator[tuple[str, str, list[str]]]:
    """For each row of the tables of fields: what is read, our kind, and the row's cells."""
    for what, kind in FIELD_TABLE.findall(page.text):
        (table,) = tables(section(page, f"{what} to {kind}"))
        yield from ((what, kind, row) for row in table)


@by_page
def test_each_field_of_ours_exists(page: Page) -> None:
    named = [
        (kind, path)
        for _, kind, row in field_rows(page)
        if row[1] != NOTHING
        for path in re.findall(r"`([^`]+)`", row[1])
    ]
    assert len(named) > 25
    assert [pair for pair in named if not _exists(SPECS[pair[0]], pair[1])] == []


@by_page
def test_each_row_names_a_field_on_at_least_one_side(page: Page) -> None:
    assert [row for *_, row in field_rows(page) if row[0] == row[1] == NOTHING] == []
    assert [row for *_, row in field_rows(page) if row[1] != NOTHING and "`" not in row[1]] == []


@by_page
def test_a_field_that_is_said_to_be_missing_here_is_missing(page: Page) -> None:
    """`customFileSystems` of AWS would be `fileSystems` here, or a part of `storage`."""
    missing = [
        (kind, path.rpartition(".")[2].replace("_", "").lower())
        for _, kind, row in field_rows(page)
        if row[1] == NOTHING
        for path in re.findall(r"`([^`]+)`", row[0])
    ]
    ours = {kind: list(_names_in(model)) for kind, model in SPECS.items()}
    there = [pair for pair in missing if any(pair[1].endswith(name) for name in ours[pair[0]])]
    assert there == []


def _names_in(annotation: Any) -> Iterator[str]:
    """The names of all fields, long enough to say what they are, in lower case."""
    model = _model_in(annotation)
    for key, field in model.model_fields.items() if model else ():
        name = (field.alias or key).lower()
        if len(name) > 6:
            yield name
        yield from _names_in(field.annotation)


def test_a_field_that_does_not_exist_would_be_noticed() -> None:
    assert _exists(SPECS["Space"], "storage.sizeGiB")
    assert not _exists(SPECS["Space"], "storage.sizeGb")
    assert not _exists(SPECS["Space"], "storage.sizeGiB.more")


def _exists(annotation: Any, path: str) -> bool:
    """Whether the model has the path, by the names that YAML has for its fields."""
    for name in path.split("."):
        model = _model_in(annotation)
        found = {one.alias or key: one for key, one in model.model_fields.items()} if model else {}
        if name not in found:
            return False
        annotation = found[name].annotation
    return True


def _model_in(annotation: Any) -> type[BaseModel] | None:
    choices = [annotation, *get_args(annotation)]
    models = [one for one in choices if isinstance(one, type) and issubclass(one, BaseModel)]
    return models[0] if models else None


DESCRIBING = {
    "describe-domain": "DescribeDomain",
    "describe-user-profile": "DescribeUserProfile",
    "describe-space": "DescribeSpace",
}


def test_what_the_console_page_says_that_aws_prints_is_in_the_model_of_aws() -> None:
    service = botocore.session.get_session().get_service_model("sagemaker")
    named = [
        (DESCRIBING[what], path)
        for what, _, row in field_rows(page("coming-from/console.md"))
        for path in re.findall(r"`([^`]+)`", row[0])
    ]
    assert len(named) > 40
    shown = {name: service.operation_model(name).output_shape for name in DESCRIBING.values()}
    assert [pair for pair in named if not _is_shown(shown[pair[0]], pair[1])] == []


def _is_shown(shape: Shape | None, path: str) -> bool:
    for name in path.split("."):
        shape = shape.member if isinstance(shape, ListShape) else shape
        if not isinstance(shape, StructureShape) or name not in shape.members:
            return False
        shape = shape.members[name]
    return True


@pytest.fixture
def world(page: Page) -> SpaceWorld:
    """AWS with a space that nobody here made, and the page's spec for it."""
    resources = [
        document
        for block in page.blocks
        if block.language == "yaml"
        for document in yaml.safe_load_all(block.text)
    ]
    (space,) = (one for one in resources if one["kind"] == "Space")
    world = SpaceWorld(SpaceSpec.model_validate(space["spec"]))
    existing_space(world)
    return world


@by_page
def test_taking_over_a_running_space_changes_only_its_tag(page: Page, world: SpaceWorld) -> None:
    world.person_starts()
    world.run()
    assert world.names_of_calls() == ["AddTags"]
    assert world.app is not None
    assert ready(world)


@by_page
def test_taking_over_a_stopped_space_changes_only_its_tag(page: Page, world: SpaceWorld) -> None:
    world.run()
    assert world.names_of_calls() == ["AddTags"]
    assert world.app is None
    assert ready(world)


OURS = "Studio Operator"
# What a claim was checked against: a version, a month in figures, or one in words.
DATED = re.compile(
    r"\bv?\d+\.\d+(\.\d+)?\b|\b20\d\d-\d\d\b|\b(January|February|March|April|May|June|July|August|"
    r"September|October|November|December) 20\d\d\b"
)
OUTSIDE = re.compile(r"\]\(https?://[^)]+\)")


def comparisons() -> list[list[list[str]]]:
    """The tables of the comparison, less that of measurements, which has other columns."""
    found = tables(page("comparison.md").text)
    return [table for table in found if table[0][0] == OURS]


def claims(text: str) -> list[str]:
    """The points of a list that have a source outside of the project, each as one line."""
    points = re.split(r"^- ", text, flags=re.MULTILINE)[1:]
    lines = (" ".join(point.split("\n\n")[0].split()) for point in points)
    return [line for line in lines if OUTSIDE.search(line)]


def test_each_claim_of_the_comparison_has_a_source_and_a_date() -> None:
    rows = [row for table in comparisons() for row in table]
    assert len(rows) > 30
    assert [row for row in rows if not (row[1] and "](" in row[2])] == []
    others = [row for row in rows if row[0] != OURS]
    assert [row for row in others if not (OUTSIDE.search(row[2]) and DATED.search(row[3]))] == []


@by_page
def test_each_difference_to_another_tool_that_has_a_source_has_a_date(page: Page) -> None:
    found = claims(section(page, "What is different"))
    assert [line for line in found if not DATED.search(OUTSIDE.sub("", line))] == []


def test_the_readme_dates_what_it_says_of_others() -> None:
    text = section(read_page(ROOT / "README.md"), "Why another tool")
    found = claims(text)
    assert len(found) > 3
    assert [line for line in found if not DATED.search(OUTSIDE.sub("", line))] == []


def test_a_claim_without_a_date_would_be_noticed() -> None:
    (undated,) = claims("- It waits ([issue](https://example.org/v1.2/2026-11)). Here it does not.")
    assert DATED.search(OUTSIDE.sub("", undated)) is None


def test_each_tool_is_compared_only_once_in_a_table() -> None:
    for table in comparisons():
        names = [row[0] for row in table]
        assert names[0] == "Studio Operator"
        assert len(names) == len(set(names))
