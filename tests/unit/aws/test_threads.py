"""The pool of threads for calls that block."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from studio_operator.aws.threads import DaemonThreadPool


def test_it_gives_results_and_exceptions() -> None:
    pool = DaemonThreadPool(2, "test")
    assert pool.submit(pow, 2, 3).result(60) == 8
    with pytest.raises(ZeroDivisionError):
        pool.submit(lambda: 1 / 0).result(60)
    pool.shutdown()


def test_it_runs_as_many_at_once_as_it_may_and_no_more() -> None:
    pool, three_run = DaemonThreadPool(3, "crowd"), threading.Barrier(3, timeout=60)
    jobs = [pool.submit(three_run.wait) for _ in range(12)]
    for one in jobs:
        one.result(60)
    assert sum(thread.name.startswith("crowd-") for thread in threading.enumerate()) == 3
    pool.shutdown()


def test_shut_down_it_finishes_what_runs_and_drops_what_waits() -> None:
    pool, may_end = DaemonThreadPool(1, "test"), threading.Event()
    began = threading.Event()

    def job() -> str:
        began.set()
        may_end.wait(60)
        return "done"

    running, waiting = pool.submit(job), pool.submit(job)
    assert began.wait(60)
    pool.shutdown(wait=False, cancel_futures=True)
    assert waiting.cancelled()
    may_end.set()
    assert running.result(60) == "done"
    assert not pool.unfinished
    with pytest.raises(RuntimeError):
        pool.submit(job)


def test_a_call_that_never_ends_does_not_hold_up_the_end_of_the_process() -> None:
    script = (
        "import threading; from studio_operator.aws.threads import DaemonThreadPool\n"
        "DaemonThreadPool(1, 'test').submit(threading.Event().wait)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=30)
