"""The machinery knows features by what their kind tells of them: no other module names one.

A feature that has a folder of its own is named in that kind, by its readers in `aws/features`, and
in the settings. What counts as naming one: an import, an identifier, and a text that is one word,
such as a key. What is said in sentences does not.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import studio_operator

ROOT = Path(studio_operator.__file__).parent
FOLDERS = sorted(
    path for path in (ROOT / "kinds").glob("*/features/*") if (path / "__init__.py").is_file()
)
FEATURES = [folder.name for folder in FOLDERS]
# Where features may be named.
HOMES = ("aws/features/", "settings.py", *(f"kinds/{one.parts[-3]}/" for one in FOLDERS))
# Other modules that name one, and why they may: a module goes from the list as soon as it does not.
WORDS = "reasons and types of conditions are one list for all, since people's alerts match them"
POLICY = "the IAM policy says which right is for what, and back-ups have their own buckets"
COMMAND = "a command of kubectl studio of that name, its table and where it is offered"
EXCEPTIONS = {
    "api/common.py": WORDS,
    "plan/reasons.py": WORDS,
    "plugin/explanation/advice.py": WORDS,
    "plugin/aws/permissions.py": POLICY,
    "plugin/commands/iam_policy.py": POLICY,
    "plugin/commands/lingering.py": COMMAND,
    "plugin/costs/lingering.py": COMMAND,
    "plugin/explanation/upcoming.py": COMMAND,
    "plugin/main.py": COMMAND,
    "plugin/planning/values.py": "values of the chart, by their names there",
}


def named_in(source: str) -> set[str]:
    """The features that a module names."""
    words = " ".join(_words(source)).replace("_", "").replace("-", "").lower()
    return {feature for feature in FEATURES if feature.replace("_", "") in words}


def _words(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(module=str(name)) | ast.alias(name=name) | ast.Name(id=name):
                yield name
            case ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Constant(value=str(text)) if re.fullmatch(r"\S+", text):
                yield text


def test_features_have_folders() -> None:
    assert {"backup", "lingering"} <= set(FEATURES)


def test_no_module_but_a_features_own_names_it() -> None:
    modules = (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))
    others = [module for module in modules if not module.startswith(HOMES)]
    found = {module: named_in((ROOT / module).read_text("utf-8")) for module in others}
    named = {module: features for module, features in found.items() if features}
    assert {module: named[module] for module in named if module not in EXCEPTIONS} == {}
    assert [module for module in EXCEPTIONS if module not in named] == [], "take these off the list"


@pytest.mark.parametrize(
    "source",
    [
        "from studio_operator.kinds.space.features.backup.observed import BackupPlace",
        "def look_at_backup(): ...",
        "plan.backup",
        "plan(backup=1)",
        "def plan(backup): ...",
        "spec.get('backup')",
        "LOOKS_AT_BACKUPS = ()",
        "name = f'{PREFIX}BACKUP_PLACES'",
    ],
)
def test_what_counts_as_naming_one(source: str) -> None:
    assert named_in(source) == {"backup"}


def test_what_is_only_spoken_of_is_not_named() -> None:
    assert (
        named_in('"""Restored by a back-up tool."""\nhelp = "Allow back-ups in this bucket."')
        == set()
    )
