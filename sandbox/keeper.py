"""Runs one command and never lets it outlive the process that asked for it.

Started by :class:`sandbox.processes.ManagedProcess` as ``python -I -S keeper.py GRACE COMMAND...``.
Its standard input is a pipe that only the asking process holds open: however that process ends,
even by SIGKILL, the pipe closes, and the keeper ends the command's whole process group with
SIGTERM and, GRACE seconds later, SIGKILL. Should the keeper itself be killed, the Linux kernel
kills the command (PR_SET_PDEATHSIG), which is sound here because the keeper has a single thread:
that signal is sent when the parent's *thread* ends.

It writes the command's process id as one line on standard output and ends with the command's exit
code, 128 plus the signal's number for a command ended by a signal, as shells do.
Only Python's standard library is used: it is started without site packages, to be quick.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
NOT_FOUND = 127
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> int:
    """Run the command until it ends or the lifeline on standard input closes."""
    grace_seconds, command = float(sys.argv[1]), sys.argv[2:]
    wake_up = watch_signals()
    bind_to_keeper = death_signal_setter()
    try:
        child = subprocess.Popen(  # noqa: S603 - the caller's own command
            command,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,  # the log
            process_group=0,
            preexec_fn=bind_to_keeper,  # noqa: PLW1509 - no threads here
        )
    except OSError as error:
        sys.stderr.write(f"cannot run {command[0]}: {error}\n")
        return NOT_FOUND
    announce(child.pid)
    wait_for_end(child, wake_up)
    end_group(child, grace_seconds, wake_up)
    code = child.wait()
    return code if code >= 0 else 128 - code


def watch_signals() -> int:
    """Make SIGCHLD and the signals that mean "stop" readable on the returned descriptor."""
    readable, writable = os.pipe()
    os.set_blocking(readable, False)
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, *STOP_SIGNALS):
        signal.signal(number, lambda *_: None)
    return readable


def death_signal_setter() -> Callable[[], None] | None:
    """Return what makes the command die with the keeper, or None where the kernel can't."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    keeper = os.getpid()

    def die_with_keeper() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != keeper:  # it went before the signal was asked for
            os._exit(NOT_FOUND)

    return die_with_keeper


def announce(pid: int) -> None:
    """Tell the caller the command's process id, and close standard output."""
    with contextlib.suppress(BrokenPipeError):  # the caller is gone: the lifeline says so too
        os.write(sys.stdout.fileno(), f"{pid}\n".encode())
    os.close(sys.stdout.fileno())


def wait_for_end(child: subprocess.Popen[bytes], wake_up: int) -> None:
    """Return when the command has ended, the lifeline has closed or a stop was asked for."""
    lifeline = sys.stdin.fileno()
    while child.poll() is None:
        ready, _, _ = select.select([lifeline, wake_up], [], [])
        stop_asked = wake_up in ready and set(os.read(wake_up, 512)) & set(STOP_SIGNALS)
        if stop_asked or (lifeline in ready and not os.read(lifeline, 512)):
            return


def end_group(child: subprocess.Popen[bytes], grace_seconds: float, wake_up: int) -> None:
    """End the command, if it still runs, and whatever it left behind in its process group."""
    signal_group(child.pid, signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    while child.poll() is None and (left := deadline - time.monotonic()) > 0:
        ready, _, _ = select.select([wake_up], [], [], left)
        if ready:
            os.read(wake_up, 512)
    signal_group(child.pid, signal.SIGKILL)
    child.wait()


def signal_group(group: int, number: signal.Signals) -> None:
    """Signal the process group, which may be gone already."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: EPERM for a zombie
        os.killpg(group, number)


if __name__ == "__main__":
    sys.exit(main())
