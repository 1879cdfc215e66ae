"""Tells a waiting person that a long build goes on."""

from __future__ import annotations

import shutil
import sys
import time
from types import TracebackType
from typing import Self, TextIO

from sandbox.processes import ManagedProcess, ProcessError

TERMINAL_INTERVAL_SECONDS = 0.5
PLAIN_INTERVAL_SECONDS = 10.0
CLEAR_LINE = "\r\x1b[K"
# A compiler or pip may say hundreds of names in one line.
PLAIN_WIDTH = 100


class Progress:
    """A line that is redrawn on a terminal; elsewhere a new line every ten seconds."""

    def __init__(self, title: str, *, limit_seconds: float, output: TextIO | None = None) -> None:
        self.title = title
        self.limit_seconds = limit_seconds
        self.output = output or sys.stderr
        self.live = self.output.isatty()
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        self._started = time.monotonic()
        if not self.live:
            self._write(f"{self.title}\n")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        end = "done" if kind is None else "given up"
        clear = CLEAR_LINE if self.live else ""
        self._write(f"{clear}{self.title}: {end} after {self._seconds():.0f} s\n")

    def follow(self, process: ManagedProcess) -> int:
        """Wait for the process, naming the last line of its log; its exit code.

        Raises ProcessError when it takes longer than the limit.
        """
        interval = TERMINAL_INTERVAL_SECONDS if self.live else PLAIN_INTERVAL_SECONDS
        while (code := process.wait(interval)) is None:
            self._tell(process.log_tail(1).strip())
            if self._seconds() > self.limit_seconds:
                raise ProcessError(f"{process.name} took longer than {self.limit_seconds:g} s")
        return code

    def _tell(self, detail: str) -> None:
        state = f"{self._seconds():.0f} s, {detail or 'starting'}"
        if self.live:
            width = shutil.get_terminal_size().columns - 1  # a full line would wrap
            self._write(CLEAR_LINE + f"{self.title}: {state}"[:width])
        else:
            self._write(f"  {state}"[:PLAIN_WIDTH] + "\n")

    def _seconds(self) -> float:
        return time.monotonic() - self._started

    def _write(self, text: str) -> None:
        self.output.write(text)
        self.output.flush()
