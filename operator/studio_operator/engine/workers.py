"""Workers that take keys from the queue, and what becomes of errors."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable

from studio_operator.engine.context import about
from studio_operator.engine.executor import NotLeadingError
from studio_operator.engine.queue import WorkQueue
from studio_operator.fairness import Flow, working_for
from studio_operator.kube.resources import Key
from studio_operator.kube.transport import ApiError
from studio_operator.metrics import Metrics

log = logging.getLogger(__name__)


class Workers:
    """A number of workers on one queue. No error ends them: the key is tried again later."""

    def __init__(
        self,
        queue: WorkQueue[Key],
        reconcile: Callable[[Key], Awaitable[None]],
        metrics: Metrics,
        number: int,
        flow_of: Callable[[Key], Flow],
    ) -> None:
        """`flow_of` says for whom a key is worked on."""
        self._queue = queue
        self._reconcile = reconcile
        self._metrics = metrics
        self._number = number
        self._flow_of = flow_of

    async def run(self) -> None:
        """Work until the queue is closed."""
        async with asyncio.TaskGroup() as group:
            for number in range(self._number):
                group.create_task(self._work(), name=f"worker-{number}")

    async def _work(self) -> None:
        while (key := await self._queue.get()) is not None:
            try:
                await self._take_turn(key)
            finally:
                self._queue.finish(key)

    async def _take_turn(self, key: Key) -> None:
        began = time.monotonic()
        with about(object=key, reconcile_id=secrets.token_hex(8)), working_for(self._flow_of(key)):
            outcome = await self._outcome_of(key)
        self._metrics.reconciles.labels(key.kind, outcome).inc()
        self._metrics.reconcile_duration.labels(key.kind).observe(time.monotonic() - began)

    async def _outcome_of(self, key: Key) -> str:
        try:
            await self._reconcile(key)
        except NotLeadingError:
            return "not_leading"
        except ApiError as error:
            return self._retry_after(key, error)
        except Exception:
            pause = self._queue.retry(key)
            log.exception("An error nobody expected; tried again in %.1f s", pause)
            return "failed"
        self._queue.succeed(key)
        return "done"

    def _retry_after(self, key: Key, error: ApiError) -> str:
        """The Kubernetes API refused a write: what was planned from may be outdated."""
        pause = self._queue.retry(key, at_least=error.retry_after)
        if error.is_conflict or error.is_gone:
            log.debug("Changed meanwhile; planned anew in %.1f s: %s", pause, error)
            return "conflict"
        log.warning("The Kubernetes API refused; tried again in %.1f s: %s", pause, error)
        return "refused"
