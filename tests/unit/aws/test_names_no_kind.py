"""The machinery below the planners knows kinds by their descriptions only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from studio_operator import aws
from studio_operator.kinds.registry import KINDS, OPERATIONS

PACKAGE = Path(aws.__file__).parent
FOLDERS = {path.parent.name for path in (PACKAGE.parent / "kinds").glob("*/kind.py")}
# Where a kind is named, and why.
NAMED_IN = {
    "errors.py": "the same words of AWS mean another failure for another operation",
    "features/backup_scripts.py": "looks whether scripts of back-ups of spaces exist",
    "features/backups.py": "looks at back-ups of spaces",
    "features/lingering.py": "looks for what outlives the apps of spaces",
}


def words_of_kinds() -> set[str]:
    companions = (kind.companion for kind in KINDS)
    types = {one.name for one in (*(kind.aws_type for kind in KINDS), *companions) if one}
    operations = {one.name for one in OPERATIONS.values() if one.type in types}
    return {kind.name for kind in KINDS} | types | operations


def named_in(path: Path) -> Iterator[str]:
    """Kinds that a module's texts name, or whose folder it imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from words_of_kinds() & {node.value, node.value.strip("^$")}
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from FOLDERS & set(node.module.split("."))


def test_no_module_names_a_kind_but_those_that_have_a_reason() -> None:
    named = {
        path.relative_to(PACKAGE).as_posix(): set(named_in(path)) for path in PACKAGE.rglob("*.py")
    }
    assert {name for name, kinds in named.items() if kinds} == set(NAMED_IN)
