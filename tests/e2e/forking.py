"""Forks operators from a process that has imported them; run by `preloaded.py`."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from subprocess import Popen
from typing import Any, cast

from kubernetes.config import kube_config
from studio_operator.aws.clients import make_session
from studio_operator.cli import main
from studio_operator.kinds.registry import OPERATIONS

from sandbox import keeper

REQUEST_LIMIT = 1_000_000
NO_KEYS = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}


def read_models() -> None:
    """Read what boto3 knows of each API: 0.2 s of work that each operator would do again.

    No request is sent, and the clients are let go.
    """
    for api in sorted({operation.api for operation in OPERATIONS.values()}):
        make_session().client(api, region_name="us-east-1", **NO_KEYS)  # type: ignore[call-overload] # the stubs want literal names


def serve(asking: socket.socket) -> None:
    """Fork a keeper for each request, until nobody can ask any more."""
    read_models()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers tell their end themselves
    while True:
        message, given, _, _ = socket.recv_fds(asking, REQUEST_LIMIT, 4)
        if not message:
            return
        if os.fork() == 0:
            asking.close()
            code = given.pop()
            keep(json.loads(message), given, code)
        for one in given:
            os.close(one)


def keep(request: Any, given: Sequence[int], code: int) -> None:
    """Be a keeper, to the end of this process."""
    os.setsid()
    for number, one in enumerate(given):  # lifeline, announcements, log
        os.dup2(one, number)
        os.close(one)
    os.chdir(request["folder"])
    os.write(1, f"{os.getpid()}\n".encode())
    wake_up = keeper.watch_signals()
    child = Child(request, code, keeper.death_signal_setter())
    keeper.announce(child.pid)
    keeper.wait_for_end(cast("Popen[bytes]", child), wake_up)
    keeper.end_group(cast("Popen[bytes]", child), request["grace"], wake_up)
    ended = child.wait()
    os.write(code, str(ended if ended >= 0 else 128 - ended).encode())
    os._exit(0)


class Child:
    """The operator, as a keeper sees it: the part of `subprocess.Popen` that a keeper uses."""

    def __init__(self, request: Any, code: int, bind: Callable[[], None] | None) -> None:
        self._code: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            if bind is not None:
                bind()
            os.close(code)
            run(request)
        os.setpgid(self.pid, self.pid)

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""
        return self._reap(os.WNOHANG)

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code, negative for a signal's number."""
        ended = self._reap(0)
        assert ended is not None
        return ended

    def _reap(self, options: int) -> int | None:
        if self._code is None:
            pid, status = os.waitpid(self.pid, options)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code


def run(request: Any) -> None:
    """Be the operator, to the end of this process, as if it had just been started."""
    code = 1
    try:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, *keeper.STOP_SIGNALS):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        os.environ.clear()
        os.environ.update(request["environment"])
        # The library has read it when it was imported.
        kube_config.KUBE_CONFIG_DEFAULT_LOCATION = os.environ["KUBECONFIG"]
        sys.argv = ["studio-operator", *request["arguments"]]
        code = main(request["arguments"], prog_name="studio-operator")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as inherited:
        serve(inherited)
