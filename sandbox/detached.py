"""A stack that goes on after the command that started it: `up`, `down`, `status`.

A supervisor process owns the stack and writes down what runs, with each process's start time, so
that `down` ends exactly what `up` started and nothing that later got the same number.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from sandbox.access import KubectlError
from sandbox.identity import ProcessIdentity, wait_until_gone
from sandbox.stack import ROOT, Stack

OPERATOR_NAMESPACE = "studio-operator-system"
STATE_FOLDER = ROOT / ".sandbox"
READY_WITHIN_SECONDS = 180.0
POLL_SECONDS = 0.1
# More than any process's grace period, so that an orderly end is given its time.
END_WITHIN_SECONDS = 30.0


class SandboxError(RuntimeError):
    """The sandbox could not be started or ended; the message says why."""


@dataclass(frozen=True)
class Parts:
    """What to start beside the control plane. The operator needs the simulator."""

    simulator: bool = True
    operator: bool = True
    speed: float = 1.0
    audit: bool = False


@dataclass(frozen=True)
class State:
    """What the supervisor wrote down; ``ready`` once everything answers."""

    supervisor: ProcessIdentity
    ready: bool = False
    variables: dict[str, str] = field(default_factory=dict)
    kubectl: str = ""
    health_url: str = ""
    processes: dict[str, ProcessIdentity] = field(default_factory=dict)

    @property
    def is_alive(self) -> bool:
        """Whether the supervisor still runs."""
        return self.supervisor.is_alive

    def save(self, folder: Path) -> None:
        """Write the state so that a reader sees all of it or none."""
        partial = folder / "state.json.part"
        partial.write_text(json.dumps(asdict(self), indent=2))
        partial.rename(folder / "state.json")

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """Read the state; None where there is none."""
        path = folder / "state.json"
        if not path.exists():
            return None
        known: dict[str, Any] = json.loads(path.read_text())
        supervisor = ProcessIdentity(**known.pop("supervisor"))
        processes = known.pop("processes").items()
        identities = {name: ProcessIdentity(**identity) for name, identity in processes}
        return cls(supervisor=supervisor, processes=identities, **known)


def start(parts: Parts, folder: Path = STATE_FOLDER) -> State:
    """Start a stack that outlives this process; the one that runs already, if one does.

    Raises SandboxError, with the end of the supervisor's log, when it does not come up.
    """
    with _exclusive(folder):
        state = State.load(folder)
        if state is not None and state.is_alive:
            supervisor = state.supervisor
            return _wait_until_ready(lambda: supervisor.is_alive, folder)
        (folder / "state.json").unlink(missing_ok=True)
        launched = _launch(parts, folder)
        try:
            return _wait_until_ready(lambda: launched.poll() is None, folder)
        except BaseException:
            launched.terminate()
            launched.wait(END_WITHIN_SECONDS)
            raise


def stop(folder: Path = STATE_FOLDER) -> bool:
    """End the stack and wait for it; False when none runs. Raises SandboxError if one stays.

    Namespaces that hang in their deletion go first, so that whoever waits for one is told. The
    data go too; logs stay.
    """
    with _exclusive(folder):
        state = State.load(folder)
        if state is None:
            return False
        was_alive = state.is_alive
        state.supervisor.send_signal(signal.SIGTERM)
        if not wait_until_gone([state.supervisor], END_WITHIN_SECONDS):
            state.supervisor.send_signal(signal.SIGKILL)  # its processes end with it
        everything = [state.supervisor, *state.processes.values()]
        if not wait_until_gone(everything, END_WITHIN_SECONDS):
            left = [str(identity.pid) for identity in everything if identity.is_alive]
            raise SandboxError(f"still running: process {', '.join(left)}")
        (folder / "state.json").unlink()
        _remove_data(folder / "stack")
        return was_alive


def supervise(parts: Parts, folder: Path) -> None:
    """Run a stack until SIGTERM; the body of the supervisor process."""
    me = ProcessIdentity.of(os.getpid())
    State(me).save(folder)
    shutil.rmtree(folder / "stack", ignore_errors=True)  # the last one's logs and keys
    audit_log = folder / "stack" / "audit.log" if parts.audit else None
    with Stack(folder / "stack", audit_log=audit_log) as stack:
        health_url = _start_parts(stack, parts)
        State(
            supervisor=me,
            ready=True,
            variables=stack.client_variables(),
            kubectl=str(stack.access.kubectl_path),
            health_url=health_url,
            processes={item.name: ProcessIdentity.of(item.pid) for item in stack.processes},
        ).save(folder)
        try:
            while True:
                signal.pause()  # SIGTERM raises SystemExit
        finally:
            with contextlib.suppress(KubectlError, subprocess.TimeoutExpired):  # it may be dead
                stack.access.finish_namespace_deletions()


def _remove_data(folder: Path) -> None:
    """Remove all but logs: data of the control plane, keys, kubeconfigs that lead nowhere now."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            with contextlib.suppress(OSError):  # it holds logs
                path.rmdir()
        elif path.suffix != ".log":
            path.unlink()


def _start_parts(stack: Stack, parts: Parts) -> str:
    """Start the wanted parts; the operator's health URL, empty without one."""
    if parts.simulator:
        stack.start_simulator(speed=parts.speed)
    if not parts.operator:
        return ""
    # As the chart does it: a Lease tells people whether the operator runs.
    stack.access.create_namespace(OPERATOR_NAMESPACE)
    lease = {"STUDIO_OPERATOR_LEASE_NAMESPACE": OPERATOR_NAMESPACE}
    return stack.start_operator(settings=lease, arguments=["--leader-election=on"]).health_url


def _launch(parts: Parts, folder: Path) -> subprocess.Popen[bytes]:
    (folder / "supervisor.log").unlink(missing_ok=True)
    options = [f"--speed={parts.speed}"]
    options += [] if parts.simulator else ["--without-simulator"]
    options += [] if parts.operator else ["--without-operator"]
    options += ["--audit"] if parts.audit else []
    with (folder / "supervisor.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "sandbox", "supervise", f"--folder={folder}", *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=ROOT,
            start_new_session=True,
        )


def _wait_until_ready(is_alive: Callable[[], bool], folder: Path) -> State:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while is_alive() and time.monotonic() < deadline:
        state = State.load(folder)
        if state is not None and state.ready:
            return state
        time.sleep(POLL_SECONDS)
    log = folder / "supervisor.log"
    raise SandboxError(f"the sandbox did not come up; {log} says:\n{log.read_text()}")


@contextmanager
def _exclusive(folder: Path) -> Iterator[None]:
    """Let one `up` or `down` at a time work on the folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
