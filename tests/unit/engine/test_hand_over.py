"""The lease is given back last of all: after the calls to AWS that are under way."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from studio_operator.engine.app import App

from tests import simulated_time


class Parts:
    """An engine and an election that write down what is done to them."""

    def __init__(self, *, calls_end: bool, words_fail: bool) -> None:
        self._calls_end = calls_end
        self.done: list[str] = []
        self.is_leader = True
        ended = self._ended
        flush = self._fail if words_fail else ended
        self.engine: Any = SimpleNamespace(
            store=[],
            feed=SimpleNamespace(everything=lambda: None),
            queue=SimpleNamespace(close=lambda: None),
            resync=SimpleNamespace(run=self._forever, fill=ended),
            workers=SimpleNamespace(run=ended),
            inventory=SimpleNamespace(run=self._forever),
            core=SimpleNamespace(
                writer=SimpleNamespace(run=self._forever, flush=flush),
                event_recorder=SimpleNamespace(run=self._forever, flush=ended),
            ),
            gateway=SimpleNamespace(close=self._close),
        )

    async def acquire(self) -> None:
        pass

    async def keep(self, is_alive: Any = None) -> None:
        await asyncio.Event().wait()

    async def release(self) -> None:
        self.done.append("lease given back")

    async def _close(self) -> bool:
        self.done.append("calls ended" if self._calls_end else "calls go on")
        return self._calls_end

    async def _ended(self) -> None:
        pass

    async def _fail(self) -> None:
        raise RuntimeError("an answer that can't be read")

    async def _forever(self, *_: Any) -> None:
        await asyncio.Event().wait()


def hand_over(parts: Parts) -> None:
    """Lead until the workers end, and hand over."""

    async def scenario() -> None:
        setup: Any = SimpleNamespace(settings=SimpleNamespace(drain_timeout=4.0, lease_hang=30.0))
        app = App(setup, lambda *_: pytest.fail("nothing is watched"))
        app._election = parts  # type: ignore[assignment] # has what is needed of one
        app._take_over = _keep_nothing  # type: ignore[method-assign,assignment]
        watching: asyncio.Task[None] = asyncio.create_task(asyncio.Event().wait())  # type: ignore[arg-type]
        try:
            await app._lead(parts.engine, watching)
        finally:
            watching.cancel()

    simulated_time.run(scenario())


def test_the_lease_is_given_back_after_the_calls() -> None:
    parts = Parts(calls_end=True, words_fail=False)
    hand_over(parts)
    assert parts.done == ["calls ended", "lease given back"]


def test_the_lease_is_given_back_after_the_calls_where_the_last_words_fail() -> None:
    parts = Parts(calls_end=True, words_fail=True)
    with pytest.raises(RuntimeError):
        hand_over(parts)
    assert parts.done == ["calls ended", "lease given back"]


def test_the_lease_is_left_to_run_out_while_a_call_goes_on() -> None:
    parts = Parts(calls_end=False, words_fail=False)
    hand_over(parts)
    assert parts.done == ["calls go on"]


async def _keep_nothing(*_: Any) -> asyncio.Task[None]:
    return asyncio.create_task(asyncio.Event().wait())  # type: ignore[arg-type]
