"""Several processes of one run share one control plane."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from sandbox.access import Access
from sandbox.sharing import shared_control_plane

ROOT = Path(__file__).resolve().parents[2]

# Says where its control plane is, then keeps it until its standard input closes.
USER = """
import sys
from pathlib import Path
from sandbox.sharing import shared_control_plane
with shared_control_plane(Path(sys.argv[1])) as access:
    print(access.server, flush=True)
    sys.stdin.read()
"""


class User:
    """Another process that uses the folder's control plane."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert self.process.stdout is not None
        self.server = self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.communicate()


def test_the_second_user_is_led_to_the_firsts(tmp_path: Path) -> None:
    with shared_control_plane(tmp_path) as access:
        other = User(tmp_path)
        other.leave()
        assert other.server == access.server
        assert answers(access)
    assert not answers(access)


def test_the_owner_waits_for_the_last_user(tmp_path: Path) -> None:
    owner = User(tmp_path)
    with shared_control_plane(tmp_path) as access:
        stdin: IO[str] | None = owner.process.stdin
        assert stdin is not None
        stdin.close()  # the owner wants to go now
        with pytest.raises(subprocess.TimeoutExpired):
            owner.process.wait(1)
        assert answers(access)
    assert owner.process.wait(60) == 0
    assert not answers(access)


def test_a_killed_owners_control_plane_is_replaced(tmp_path: Path) -> None:
    owner = User(tmp_path)
    owner.process.kill()
    owner.leave()
    with shared_control_plane(tmp_path) as access:
        assert access.server != owner.server
        assert answers(access)


def answers(access: Access) -> bool:
    return access.readiness_probe()()
