"""Processes with a log, a readiness probe and a certain end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from ssl import SSLContext
from types import TracebackType
from typing import IO, Protocol, Self

Probe = Callable[[], bool]

KEEPER = Path(__file__).with_name("keeper.py")
PROBE_INTERVAL_SECONDS = 0.05
PROBE_TIMEOUT_SECONDS = 2.0
# The keeper needs a moment of its own after it has sent SIGKILL.
KEEPER_MARGIN_SECONDS = 5.0
TAIL_LINES = 30


class ProcessError(RuntimeError):
    """A process could not be started, was not ready in time, or ended too early."""


def local_opener(tls: SSLContext | None = None) -> urllib.request.OpenerDirector:
    """Return what opens URLs of this machine: no proxy is asked."""
    return urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls)
    )


def http_probe(url: str, *, tls: SSLContext | None = None) -> Probe:
    """Return a probe that holds when ``url`` answers 200; a refused connection means not yet."""
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"a probe needs an http or https URL, not {url}")
    opener = local_opener(tls)

    def answers() -> bool:
        try:
            with opener.open(url, timeout=PROBE_TIMEOUT_SECONDS) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    return answers


class Keeper(Protocol):
    """What is known of a keeper: the part of `subprocess.Popen` that is used here."""

    @property
    def stdin(self) -> IO[bytes] | None:
        """Open for as long as the command is to run."""

    @property
    def stdout(self) -> IO[bytes] | None:
        """Tells the command's process id in a line."""

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code; subprocess.TimeoutExpired when it runs on."""

    def kill(self) -> None:
        """End it by SIGKILL."""


# Starts a keeper: (seconds of grace, command, environment, folder, log).
Launch = Callable[[float, Sequence[str], Mapping[str, str] | None, Path | None, IO[bytes]], Keeper]


def launch_keeper(
    grace_seconds: float,
    command: Sequence[str],
    environment: Mapping[str, str] | None,
    folder: Path | None,
    log: IO[bytes],
) -> Keeper:
    """Start a keeper that runs the command as a program."""
    return subprocess.Popen(  # noqa: S603 - a command of our own making
        [sys.executable, "-I", "-S", str(KEEPER), str(grace_seconds), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env=environment,
        cwd=folder,
        start_new_session=True,
    )


class ManagedProcess:
    """One command, run by a keeper that ends it whenever this Python process is gone.

    Use it as a context manager, or call :meth:`start` and :meth:`stop`. The command runs in a
    process group of its own, so Ctrl-C in a terminal reaches this process and not the command.
    ``environment`` is the command's whole environment, this process's own when left out. Both of
    the command's output streams are appended to ``log``.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        probe: Probe | None = None,
        ready_within_seconds: float = 30.0,
        grace_seconds: float = 5.0,
    ) -> None:
        self.name = name
        self.command = [str(word) for word in command]
        self.log = log
        self.environment = None if environment is None else dict(environment)
        self.folder = folder
        self.probe = probe
        self.ready_within_seconds = ready_within_seconds
        self.grace_seconds = grace_seconds
        self.launch: Launch = launch_keeper  # at the next start
        self._keeper: Keeper | None = None
        self._pid: int | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The command's own process id (not the keeper's). Raises ProcessError before a start."""
        if self._pid is None:
            raise ProcessError(f"{self.name} was never started")
        return self._pid

    @property
    def is_running(self) -> bool:
        """Whether the command was started and has not ended."""
        return self._keeper is not None and self._keeper.poll() is None

    def start(self) -> None:
        """Start the command and wait until its probe holds.

        Raises ProcessError, with the end of the log, if the command ends first or the deadline
        passes; nothing is left running then.
        """
        self.spawn()
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def spawn(self) -> None:
        """Start the command without waiting for its readiness."""
        if self.is_running:
            raise ProcessError(f"{self.name} runs already (pid {self._pid})")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._keeper = self.launch(
                self.grace_seconds, self.command, self.environment, self.folder, log
            )
        self._pid = self._read_pid(self._keeper)

    def wait_until_ready(self) -> None:
        """Wait until the probe holds; raises ProcessError like :meth:`start`."""
        deadline = time.monotonic() + self.ready_within_seconds
        while self.probe is not None and not self.probe():
            if time.monotonic() > deadline:
                raise self._failure(f"was not ready within {self.ready_within_seconds:g} s")
            if (code := self.wait(PROBE_INTERVAL_SECONDS)) is not None:
                raise self._failure(f"ended with code {code} before it was ready")

    def wait(self, timeout_seconds: float | None = None) -> int | None:
        """Wait for the command's end; its exit code, or None when it still runs by then."""
        if self._keeper is None:
            return None
        try:
            return self._keeper.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, number: signal.Signals) -> None:
        """Signal the command itself, for instance to kill or to freeze it in a test."""
        if self.is_running:
            os.kill(self.pid, number)

    def stop(self) -> int | None:
        """End the command (SIGTERM, then SIGKILL after the grace period) and reap it.

        Returns its exit code: 128 plus the signal's number when a signal ended it.
        """
        keeper = self._keeper
        if keeper is None:
            return None
        _close(keeper.stdin)
        try:
            return keeper.wait(self.grace_seconds + KEEPER_MARGIN_SECONDS)
        except subprocess.TimeoutExpired:
            keeper.kill()  # and the kernel kills its command
            return keeper.wait()

    def log_tail(self, lines: int = TAIL_LINES) -> str:
        """Return the last lines of the log."""
        if not self.log.exists():
            return ""
        with self.log.open(errors="replace") as log:
            return "".join(deque(log, maxlen=lines))

    def _read_pid(self, keeper: Keeper) -> int:
        assert keeper.stdout is not None
        line = keeper.stdout.readline()
        _close(keeper.stdout)
        if not line:
            code = self.stop()
            raise self._failure(f"could not be started (code {code})")
        return int(line)

    def _failure(self, what: str) -> ProcessError:
        return ProcessError(f"{self.name} {what}; the end of {self.log}:\n{self.log_tail()}")


def _close(stream: IO[bytes] | None) -> None:
    if stream is not None and not stream.closed:
        stream.close()
