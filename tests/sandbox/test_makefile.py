"""make tells what it can do, and what is wrong with the Python it is given."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OLD = """#!/bin/sh
# Carries out -c CODE as a Python 3.9 would.
exec python3 -c "import sys; sys.version_info = (3, 9, 18); exec(sys.argv[1])" "$2"
"""


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=60,
    )


def test_make_alone_lists_what_people_need() -> None:
    listed = re.findall(r"^  (\S+) +\S", make().stdout, re.MULTILINE)
    assert {"demo", "test", "sandbox", "sandbox-down", "lint", "benchmark"} <= {*listed}
    assert {"constraints", "clean", "help"} <= {*listed}


@pytest.fixture
def old_python(tmp_path: Path) -> Path:
    program = tmp_path / "python3.9"
    program.write_text(OLD)
    program.chmod(0o755)
    return program


def test_an_old_python_is_refused_with_a_remedy(old_python: Path, tmp_path: Path) -> None:
    answer = make("environment", f"PYTHON={old_python}", f"READY={tmp_path}/never")
    assert answer.returncode != 0
    assert f"{old_python} is Python 3.9, and 3.11 or newer is needed" in answer.stderr


def test_a_missing_python_is_named(tmp_path: Path) -> None:
    answer = make("environment", "PYTHON=no-such-python", f"READY={tmp_path}/never")
    assert answer.returncode != 0
    assert "There is no no-such-python: install Python 3.11 or newer" in answer.stderr
