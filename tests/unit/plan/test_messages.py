"""What the operator says, held to docs/style.md: `make messages` prints all of it for review."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import studio_operator
from studio_operator.kinds.crd import resource_schema
from studio_operator.kinds.registry import KINDS

from generators.messages import Phase, Said, all_phases, all_said
from tests.unit.plan.style import faults_of

PACKAGE = Path(studio_operator.__file__).parent
# These two make the words, and explain reasons on a page.
_MAKERS = {"remedies.py", "reasons.py"}
SCHEMAS = [resource_schema(kind) for kind in KINDS]
_NAMING = {"field", "set_field", "another", "leave_out", "add_to"}


def sources() -> Iterator[tuple[Path, ast.Module]]:
    """The modules with rules: those with fields and their descriptions are another matter."""
    for folder in ("kinds", "plan"):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            if not {"api", "kind", "managed_kind"} & {path.stem, path.parent.name}:
                yield path, ast.parse(path.read_text())


def docstrings(tree: ast.Module) -> set[ast.AST]:
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            found |= {
                one.value
                for one in body
                if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
            }
    return found


def test_no_text_of_a_planner_names_a_field_but_by_its_record() -> None:
    found = [
        f"{path.name}:{node.lineno}: {node.value}"
        for path, tree in sources()
        if path.name not in _MAKERS
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if "spec." in node.value and node not in docstrings(tree)
    ]
    assert found == []


def named_fields() -> Iterator[tuple[str, str]]:
    """Where a field is named by a literal, and its path."""
    for path, tree in sources():
        for node in ast.walk(tree):
            called = (
                node.func.id
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
                else ""
            )
            if called in _NAMING and isinstance(node, ast.Call) and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and first.value:
                    yield f"{path.name}:{node.lineno}", str(first.value)


def test_every_field_that_is_named_exists() -> None:
    fields = list(named_fields())
    assert len(fields) > 40
    assert [(where, path) for where, path in fields if not is_field(path)] == []


def is_field(path: str) -> bool:
    return any(_leads_somewhere(schema, path) for schema in SCHEMAS)


def _leads_somewhere(schema: dict[str, object], path: str) -> bool:
    at: object = schema
    for member in ("spec", *path.split(".")):
        properties = at.get("properties") if isinstance(at, dict) else None
        at = properties.get(member) if isinstance(properties, dict) else None
    return at is not None


def said() -> list[object]:
    return [
        pytest.param(one, id=f"{number} {one.kind} {one.reason}")
        for number, one in enumerate(all_said())
    ]


@pytest.mark.parametrize("one", said())
def test_a_message_follows_the_style(one: Said) -> None:
    assert faults_of(one.text) == []


@pytest.mark.parametrize("one", said())
def test_what_needs_a_person_offers_a_remedy(one: Said) -> None:
    if one.standing == "Stalled":
        assert one.remedies


PHASES = [
    pytest.param(one, id=f"{number} {one.kind} {one.reason}")
    for number, one in enumerate(all_phases())
]


@pytest.mark.parametrize("one", PHASES)
def test_the_phase_tells_what_is(one: Phase) -> None:
    """What AWS shows of it; Failed where nothing comes of it, Pending where it is to come."""
    if one.is_stalled:
        assert one.phase == "Failed" or one.phase in one.shown
    assert one.phase is not None
