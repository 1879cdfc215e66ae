"""A long build tells a waiting person that it goes on."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from sandbox.processes import ManagedProcess, ProcessError
from sandbox.progress import Progress


class Terminal(io.StringIO):
    """A terminal; once it has shown `words`, there is the file `shown`."""

    def __init__(self, words: str = "", shown: Path | None = None) -> None:
        super().__init__()
        self._words, self._shown = words, shown

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self._shown is not None and self._words in text:
            self._shown.touch()
        return super().write(text)


def talker(folder: Path, script: str) -> ManagedProcess:
    return ManagedProcess("talker", ["sh", "-c", script], log=folder / "log")


@pytest.mark.parametrize("output", [io.StringIO(), Terminal()], ids=["pipe", "terminal"])
def test_it_tells_the_title_and_the_end(tmp_path: Path, output: io.StringIO) -> None:
    process = talker(tmp_path, "exit 4")
    with process, Progress("building", limit_seconds=60, output=output) as progress:
        assert progress.follow(process) == 4
    assert re.search(r"building: done after \d+ s$", output.getvalue().splitlines()[-1])


def test_a_terminal_sees_the_logs_last_line_in_one_line(tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    output = Terminal("second", shown)
    process = talker(
        tmp_path, f"echo first; echo second; until [ -e {shown} ]; do sleep 0.05; done"
    )
    with process, Progress("building", limit_seconds=60, output=output) as progress:
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
