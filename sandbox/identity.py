"""Tells a process from a later one that was given the same number."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

POLL_SECONDS = 0.05
ASK_LIMIT_SECONDS = 10
# Fields of /proc/PID/stat after the command's name: the state, and the start in ticks since boot.
STATE_FIELD = 0
START_FIELD = 19


@dataclass(frozen=True)
class ProcessIdentity:
    """A process id with the moment it began, as the kernel tells it."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Self:
        """Return the identity of a running process; raises ProcessLookupError."""
        started = _start_of(pid)
        if started is None:
            raise ProcessLookupError(f"no process {pid}")
        return cls(pid, started)

    @property
    def is_alive(self) -> bool:
        """Whether that very process still runs; one that only waits to be reaped does not."""
        return _start_of(self.pid) == self.started

    def send_signal(self, number: signal.Signals) -> None:
        """Signal the process if it is still the same one."""
        if self.is_alive:
            os.kill(self.pid, number)


def wait_until_gone(identities: Iterable[ProcessIdentity], timeout_seconds: float) -> bool:
    """Wait for the end of processes that need not be our children; False if one outlasts it."""
    deadline = time.monotonic() + timeout_seconds
    waiting = list(identities)
    while waiting := [identity for identity in waiting if identity.is_alive]:
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _start_of(pid: int) -> str | None:
    if Path("/proc/self/stat").exists():
        return _start_by_proc(pid)
    return _start_by_ps(pid)


def _start_by_proc(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it may hold spaces
    if fields[STATE_FIELD] in "ZX":
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}/{fields[START_FIELD]}"


def _start_by_ps(pid: int) -> str | None:
    ps = shutil.which("ps") or "/bin/ps"
    answer = subprocess.run(  # noqa: S603 - a fixed question
        [ps, "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        timeout=ASK_LIMIT_SECONDS,
    )
    state, _, started = answer.stdout.strip().partition(" ")
    return started.strip() if state and not state.startswith("Z") else None
