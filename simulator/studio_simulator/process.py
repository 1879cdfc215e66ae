"""Starts the simulator as a process of its own and surely ends it again."""

from __future__ import annotations

import selectors
import subprocess
import sys
from types import TracebackType
from typing import IO, Self

from studio_simulator.client import SimulatorClient

START_SECONDS = 30.0
STOP_SECONDS = 5.0


class SimulatorProcess:
    """A simulator on a free port, for as long as the ``with`` block lasts.

    Args:
        *arguments: for the command line, for example ``"--durations", "fast"``.

    """

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        """Start it and wait until it listens.

        Raises:
            RuntimeError: when it does not come up.

        """
        command = [sys.executable, "-m", "studio_simulator", "--port", "0", *self._arguments]
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            command, stdout=subprocess.PIPE, text=True
        )
        try:
            self.url = _announced_url(self._process)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self.stop()

    @property
    def client(self) -> SimulatorClient:
        """A new client of its control API."""
        return SimulatorClient(self.url)

    @property
    def pid(self) -> int:
        """The process's id."""
        if self._process is None:
            raise RuntimeError("The simulator was not started.")
        return self._process.pid

    def stop(self) -> None:
        """End the process and reap it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _announced_url(process: subprocess.Popen[str]) -> str:
    """Return the URL from the line that the server prints when it listens."""
    stdout: IO[str] | None = process.stdout
    if stdout is None:
        raise RuntimeError("The simulator's output is not read.")
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        ready = selector.select(START_SECONDS)
    line = stdout.readline() if ready else ""
    if "http://" not in line:
        raise RuntimeError(f"The simulator did not start: {line or 'no output'}")
    return line.split()[-1]
