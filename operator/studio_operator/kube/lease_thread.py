"""Renews the lease from a thread of its own, whatever the event loop does.

An event loop that is busy for seconds, since a tenant keeps it so, would else lose the lease, and
the process would end. One that hangs for good must lose it all the same: so the loop gives a sign
of life each second, and without one for too long the lease is not renewed any more.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress

from studio_operator.kube.lease import LeaderElection, LeaseLostError

_SIGN_OF_LIFE_SECONDS = 1.0
# A renewal under way is given up within milliseconds; its request may go on in its own thread.
_END_SECONDS = 1.0

_Task = tuple[asyncio.AbstractEventLoop, "asyncio.Task[None]"]


class LeaseThread:
    """Keeps one lease. The election's API must have connections of its own."""

    def __init__(
        self, election: LeaderElection, *, hang: float, clock: Callable[[], float]
    ) -> None:
        """`hang`: after so many seconds without a turn of the event loop the lease is let go."""
        self._election = election
        self._hang = hang
        self._clock = clock
        self._alive_at = clock()
        self._started: Future[_Task] = Future()
        self._ended: Future[None] = Future()

    async def keep(self) -> None:
        """Renew the lease for as long as that works; then LeaseLostError. For one call."""
        self._give_sign_of_life()
        threading.Thread(target=self._work, name="lease", daemon=True).start()
        loop, task = await asyncio.wrap_future(self._started)
        ended = asyncio.wrap_future(self._ended)
        try:
            while not ended.done():
                self._give_sign_of_life()
                await asyncio.wait([ended], timeout=_SIGN_OF_LIFE_SECONDS)
            ended.result()
        finally:
            if not self._ended.done():
                with suppress(RuntimeError):  # the thread's loop has closed just now
                    loop.call_soon_threadsafe(task.cancel)
                await asyncio.wait([ended], timeout=_END_SECONDS)

    def _give_sign_of_life(self) -> None:
        self._alive_at = self._clock()

    def _is_alive(self) -> bool:
        return self._clock() < self._alive_at + self._hang

    def _work(self) -> None:
        """The thread."""
        try:
            with asyncio.Runner() as runner:
                runner.run(self._keep())
        except asyncio.CancelledError:
            self._ended.set_result(None)
        except BaseException as error:
            self._ended.set_exception(error)
            if not self._started.done():  # as where the system has no file for another loop
                self._started.set_exception(LeaseLostError(f"it can't be renewed: {error}"))
        else:
            self._ended.set_result(None)

    async def _keep(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._started.set_result((asyncio.get_running_loop(), task))
        await self._election.keep(self._is_alive)
