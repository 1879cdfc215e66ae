"""A bounded pool of threads for calls that block."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class DaemonThreadPool(Executor):
    """An executor whose threads don't hold up the end of the process.

    Python waits at its exit for the threads of a ThreadPoolExecutor: a call that AWS does not
    answer would keep a process that was told to stop alive until it is killed. Daemon threads are
    simply left. They start as they are needed and take jobs in the order in which these came.
    """

    def __init__(self, limit: int, name: str) -> None:
        self._limit = limit
        self._name = name
        self._jobs: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._unfinished: set[Future[Any]] = set()
        self._closed = False

    @property
    def unfinished(self) -> frozenset[Future[Any]]:
        """What waits or runs."""
        return frozenset(self._unfinished)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a function in one of the threads; RuntimeError after `shutdown`."""
        if self._closed:
            raise RuntimeError("the thread pool is shut down")
        future: Future[T] = Future()
        self._unfinished.add(future)
        future.add_done_callback(self._unfinished.discard)
        self._jobs.put((future, partial(fn, *args, **kwargs)))
        if len(self._threads) < min(self._limit, len(self._unfinished)):
            self._start_thread()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more jobs; those under way go on."""
        self._closed = True
        if cancel_futures:
            for future in self.unfinished:
                future.cancel()
        for _ in self._threads:
            self._jobs.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _start_thread(self) -> None:
        name = f"{self._name}-{len(self._threads)}"
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            _settle(*job)
            del job  # an idle thread must not keep the last answer alive


def _settle(future: Future[Any], function: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function()
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)
