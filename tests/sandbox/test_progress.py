"""A long build tells a waiting person that it goes on."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from sandbox.processes import ManagedProcess, ProcessError
from sandbox.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def talker(folder: Path, script: str) -> ManagedProcess:
    return ManagedProcess("talker", ["sh", "-c", script], log=folder / "log")


@pytest.mark.parametrize("output", [io.StringIO(), Terminal()], ids=["pipe", "terminal"])
def test_it_tells_the_title_and_the_end(tmp_path: Path, output: io.StringIO) -> None:
    process = talker(tmp_path, "exit 4")
    with process, Progress("building", limit_seconds=10, output=output) as progress:
        assert progress.follow(process) == 4
    assert output.getvalue().splitlines()[-1].endswith("building: done after 0 s")


def test_a_terminal_sees_the_logs_last_line_in_one_line(tmp_path: Path) -> None:
    output = Terminal()
    process = talker(tmp_path, "echo first; echo second; sleep 0.8")
    with process, Progress("building", limit_seconds=10, output=output) as progress:
        progress.follow(process)
    assert re.search(r"building: \d+ s, second", output.getvalue())
    assert output.getvalue().count("\n") == 1


def test_one_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    output = Terminal()
    process = talker(tmp_path, "exec sleep 60")
    with (
        pytest.raises(ProcessError, match=r"longer than 0\.1 s"),
        process,
        Progress("building", limit_seconds=0.1, output=output) as progress,
    ):
        progress.follow(process)
    assert not process.is_running
    assert "given up" in output.getvalue()
