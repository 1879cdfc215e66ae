"""Outside of the kinds' folders no module names a kind, but for those that are listed here.

Kinds are known by the registry. What counts as naming one: its module or a part of it imported, a
text that is its name, plural, word or noun, a field by which it is referred to, and an identifier
that begins or ends with its name, such as SpaceStatus. `domain` alone is no kind's name: it is
AWS's word for where names count, too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import studio_operator
from studio_operator.kinds.registry import KINDS

ROOT = Path(studio_operator.__file__).parent
# Modules that name a kind, and why they may: a module goes from the list as soon as it does not.
READER = "answers what a feature of spaces asks of AWS, which no folder of a kind may call"
TABLE = "a table about spaces: its text and its JSON, which scripts read, name them"
EXCEPTIONS: dict[str, str] = {
    "api/studio_settings": "is called as AWS's own member is, SpaceStorageSettings",
    "aws/features/backup_scripts": READER,
    "aws/features/backups": READER,
    "aws/features/lingering": READER,
    "engine/declared/facts": "what a domain or a person tells those who refer to it comes from the "
    "store and from AWS, which no folder of a kind may import",
    "kinds/views": "has properties for AWS's own types, by the names that AWS gives them",
    "plan/lifecycle": "messages name the kind in which others live, in a layer below the registry",
    "plugin/costs/lingering": TABLE,
    "plugin/costs/spending": TABLE,
}
LONGEST = 12


def texts() -> frozenset[str]:
    """Texts that mean a kind."""
    found = {
        text
        for kind in KINDS
        for text in (kind.name, kind.plural, kind.word, kind.noun, kind.arn_segment)
    }
    found |= {reference.field for kind in KINDS for reference in kind.references}
    return frozenset(found | {kind.name_field for kind in KINDS}) - {"", "domain"}


TEXTS = texts()
FOLDERS = tuple(
    f"studio_operator.kinds.{re.sub(r'(?<!^)(?=[A-Z])', '_', kind.name).lower()}" for kind in KINDS
)
OF_KINDS = (*FOLDERS, "studio_operator.kinds.registry")
NAMES = re.compile("|".join(f"{kind.name}(?![a-z])" for kind in KINDS))


def named_in(source: str) -> Iterator[tuple[int, str]]:
    """The lines of a source that name a kind, each with what it names."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(FOLDERS):
            yield node.lineno, f"from {node.module}"
        elif isinstance(node, ast.alias) and node.name.startswith(FOLDERS):
            yield node.lineno, f"import {node.name}"
        elif isinstance(node, ast.Constant) and node.value in TEXTS:
            yield node.lineno, repr(node.value)
        elif isinstance(node, ast.Name) and NAMES.search(node.id):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and NAMES.search(node.attr):
            yield node.lineno, node.attr


def modules() -> Iterator[str]:
    """All but the folders of kinds and the registry, as paths without an ending."""
    for path in sorted(ROOT.rglob("*.py")):
        module = str(path.relative_to(ROOT).with_suffix(""))
        if not f"studio_operator.{module.replace('/', '.')}".startswith(OF_KINDS):
            yield module


def test_no_other_module_names_a_kind() -> None:
    sources = {module: (ROOT / f"{module}.py").read_text() for module in modules()}
    found = {module: sorted({what for _, what in named_in(sources[module])}) for module in sources}
    strangers = {one: names for one, names in found.items() if names and one not in EXCEPTIONS}
    assert strangers == {}
    assert [module for module in EXCEPTIONS if not found.get(module)] == [], (
        "take these off the list"
    )


def test_the_list_is_short_and_each_has_a_reason() -> None:
    assert len(EXCEPTIONS) <= LONGEST
    assert all(reason and "for now" not in reason for reason in EXCEPTIONS.values())


def imported_in(path: Path) -> Iterator[str]:
    """The modules that a source imports, by their whole names."""
    package = f"studio_operator.{'.'.join(path.relative_to(ROOT).parent.parts)}"
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            yield ".".join([*(above if node.level else ()), *filter(None, [node.module])])


@pytest.mark.parametrize("folder", [*FOLDERS, "studio_operator.kinds.shared"])
def test_no_kind_imports_another(folder: str) -> None:
    """For any kind of the registry what import-linter checks for those that it lists."""
    others = tuple(one for one in OF_KINDS if one != folder)
    sources = (ROOT.parent / folder.replace(".", "/")).rglob("*.py")
    imported = {one for path in sources for one in imported_in(path)}
    assert imported
    assert [one for one in imported if f"{one}.".startswith(tuple(f"{it}." for it in others))] == []


@pytest.mark.parametrize(
    "source",
    [
        "from studio_operator.kinds.space.api.spec import x",
        "import studio_operator.kinds.user_profile.api",
        "kind == 'StudioDomain'",
        "spec['ownerRef']",
        "isinstance(spec, SpaceSpec)",
        "found = plan.ObservedSpace",
        "def told(space: Space) -> None: ...",
        "f'{kind}' == 'spaces'",
    ],
)
def test_what_names_a_kind(source: str) -> None:
    assert list(named_in(source))


@pytest.mark.parametrize(
    "source",
    [
        "from studio_operator.kinds.registry import KINDS",
        "kind.name == 'Lease'",
        "workspace = 'a space is told in words'",
        "domain_id = scope.domain_id",
        "Spacecraft()",
    ],
)
def test_what_names_none(source: str) -> None:
    assert not list(named_in(source))
