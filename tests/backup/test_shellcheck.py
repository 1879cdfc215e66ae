"""The scripts hold to what shellcheck knows of shells."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHELLCHECK = Path(sys.executable).with_name("shellcheck")


@pytest.mark.parametrize(
    "script",
    ["operator/studio_operator/kinds/space/features/backup/backup.sh", ".ci/run", ".ci/kind"],
)
def test_shellcheck_finds_nothing(script: str) -> None:
    found = subprocess.run(
        [SHELLCHECK, ROOT / script], capture_output=True, text=True, check=False, timeout=60
    )
    assert found.returncode == 0, found.stdout + found.stderr
