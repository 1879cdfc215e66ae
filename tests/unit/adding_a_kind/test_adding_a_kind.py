"""A kind is added by one folder and its name in the registry; all else knows it by that.

Each made-up kind is added to a copy of the project, whose generators then write their files. What
has to know the kind is checked there, in a process of its own: see the checks of each kind.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from generators.__main__ import ROOT

HERE = Path(__file__).parent
# The operator, the generators, what these read and write, and what has to be true of any kind.
COPIED = ("operator", "generators", "crds", "schemas", "charts", "gitops", "docs")
KINDS = Path("operator", "studio_operator", "kinds")
UNIT = ROOT / "tests" / "unit"
OF_ALL_KINDS = (UNIT / "test_layers.py", UNIT / "kinds" / "test_running_kinds.py")
# The last kind of the registry, and the last of its imports.
LAST_IMPORT = "from studio_operator.kinds.user_profile.kind import USER_PROFILE\n"
LAST_KIND = "SPACE)\n"


def add(folder: str, root: Path) -> None:
    """Do what CONTRIBUTING.md says of a new kind: a folder, its name in the registry, generate."""
    shutil.copytree(HERE / folder, root / KINDS / folder)
    registry = root / KINDS / "registry.py"
    text, name = registry.read_text(), folder.upper()
    for known, becomes in (
        (LAST_IMPORT, f"{LAST_IMPORT}from studio_operator.kinds.{folder}.kind import {name}\n"),
        (LAST_KIND, f"SPACE, {name})\n"),
    ):
        assert text.count(known) == 1
        text = text.replace(known, becomes)
    registry.write_text(text)
    run_in(root, "-m", "generators", "--write", "--root", str(root))


def run_in(root: Path, *arguments: str, **environment: str) -> None:
    """Run Python with the copy in place of the operator and the generators."""
    paths = os.pathsep.join(str(path) for path in (root / "operator", root, ROOT))
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env={**os.environ, **environment, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def check_in(root: Path, name: str, *others: str, **environment: str) -> None:
    """Run the checks of that name in the copy, and further tests."""
    checks = root / f"test_{name}.py"
    shutil.copy(HERE / f"checks_of_{name}.py", checks)
    options = ("-q", "--noconftest", "-p", "no:cacheprovider", "-c", os.devnull)
    run_in(root, "-m", "pytest", *options, f"--rootdir={root}", str(checks), *others, **environment)


@contextmanager
def project_copy(folder: Path) -> Iterator[Path]:
    """The project without its tests."""
    root = folder / "copy"
    for one in COPIED:
        shutil.copytree(ROOT / one, root / one)
    yield root
    shutil.rmtree(root)


@pytest.mark.parametrize("folder", ["roster", "query_server"])
def test_a_folder_and_its_name_in_the_registry_make_a_kind(folder: str, tmp_path: Path) -> None:
    with project_copy(tmp_path) as root:
        add(folder, root)
        check_in(root, folder, *map(str, OF_ALL_KINDS))
