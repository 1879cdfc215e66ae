"""Operators that need not import anything: forked from a process that has.

The imports are two seconds of work, and hundreds of tests restart their operator. So one process a
worker imports them once, and forks (`forking.py`) a keeper for each operator, as `sandbox.keeper`
is one, and that one forks the operator: a process like any other, that is killed, frozen and
stopped alike. Starts as a program are tested by `tests/cluster/engine/test_process.py`.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from sandbox.processes import ProcessError

ROOT = Path(__file__).resolve().parents[2]
KILLED = 128 + signal.SIGKILL


class Preloaded:
    """The process that has imported the operator, for as long as the block lasts."""

    def __enter__(self) -> Self:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.forking", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                cwd=ROOT,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ours.close()
        self._process.wait()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def launch(
        self,
        grace_seconds: float,
        command: Sequence[str],
        environment: Mapping[str, str] | None,
        folder: Path | None,
        log: IO[bytes],
    ) -> ForkedKeeper:
        """Fork a keeper and its operator; the command has to be `python -m studio_operator ...`."""
        assert list(command[:3]) == [sys.executable, "-m", "studio_operator"]
        request = {
            "grace": grace_seconds,
            "arguments": list(command[3:]),
            "environment": dict(os.environ if environment is None else environment),
            "folder": str(folder or Path.cwd()),
        }
        lifeline, stdin = os.pipe()
        stdout, announced = os.pipe()
        status, code = os.pipe()
        theirs = [lifeline, announced, log.fileno(), code]
        socket.send_fds(self._ours, [json.dumps(request).encode()], theirs)
        for one in (lifeline, announced, code):
            os.close(one)
        return ForkedKeeper(os.fdopen(stdin, "wb"), os.fdopen(stdout, "rb"), status)


class ForkedKeeper:
    """A keeper that is no child of ours: it tells its end by a pipe."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes], status: int) -> None:
        self.stdin, self.stdout = stdin, stdout
        self._status = status
        line = stdout.readline()  # the keeper's own id, before that of its command
        if not line:
            raise ProcessError("no operator can be forked: the process that imports it has ended")
        self._pid = int(line)
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code; subprocess.TimeoutExpired when it runs on."""
        if self._code is None:
            ready, _, _ = select.select([self._status], [], [], timeout)
            if not ready:
                raise subprocess.TimeoutExpired("keeper", timeout or 0.0)
            told = os.read(self._status, 100)
            self._code = int(told) if told else KILLED
            os.close(self._status)
        return self._code

    def kill(self) -> None:
        """End it by SIGKILL."""
        os.kill(self._pid, signal.SIGKILL)
