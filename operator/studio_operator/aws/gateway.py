"""The one way to AWS: boto3 in a bounded pool of threads, behind the rate limits, errors sorted."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from enum import Enum
from typing import Any, NamedTuple

from studio_operator import tracing
from studio_operator.aws.clients import Clients, Outcome
from studio_operator.aws.errors import THROTTLING_CODES, AwsError
from studio_operator.aws.limiter import Pace, RateLimiter
from studio_operator.aws.ports import PAGE_SIZE, paging_of
from studio_operator.aws.threads import DaemonThreadPool
from studio_operator.metrics import Metrics
from studio_operator.plan.types import FailureKind
from studio_operator.settings import Settings

log = logging.getLogger(__name__)


class CallClass(Enum):
    """Calls that share a rate limit."""

    READ = "read"
    WRITE = "write"
    START = "start"  # starts and stops of apps: they move machines


def class_of(operation: str) -> CallClass:
    """The class of an operation, by its name in the API."""
    if operation.startswith(("Describe", "List", "Get")):
        return CallClass.READ
    return CallClass.START if operation in {"CreateApp", "DeleteApp"} else CallClass.WRITE


class BucketKey(NamedTuple):
    """What has a rate of its own. The account is always the same: that of our credentials."""

    region: str
    call_class: CallClass


class Gateway:
    """AWS by one set of credentials, in all regions. Call it from one event loop only."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._settings = settings
        self._metrics = metrics
        self._clients = Clients(settings)
        self._threads = DaemonThreadPool(settings.aws_threads, "aws")
        self._changing = asyncio.Semaphore(settings.aws_threads - settings.aws_threads_for_reads)
        self._closed = False
        self._limiter: RateLimiter[BucketKey] = RateLimiter(self._pace_of, time.monotonic)

    @property
    def default_region(self) -> str | None:
        """The region of boto3's standard chain; None when none is configured."""
        return self._clients.default_region

    async def call(
        self, region: str, operation: str, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """AWS's answer to one operation, by its name in the API; AwsError when it fails."""
        if self._closed:
            raise AwsError(operation, FailureKind.TRANSIENT, "Closed", "the operator is stopping")
        with tracing.call(operation, {"rpc.system": "aws-api", "rpc.method": operation}) as span:
            outcome = await self._perform(
                BucketKey(region, class_of(operation)), operation, parameters
            )
            _tell(span, region, outcome)
            if outcome.answer is None:
                assert outcome.error is not None  # an outcome is either
                raise outcome.error  # and who asked tells it, with what becomes of it
            level = logging.DEBUG if class_of(operation) is CallClass.READ else logging.INFO
            about = {"aws_operation": operation, "aws_request_id": outcome.request_id}
            log.log(level, "%s: done", operation, extra=about)
            return outcome.answer

    async def paginate(
        self, region: str, operation: str, parameters: Mapping[str, Any], items_key: str
    ) -> list[dict[str, Any]]:
        """The items of all pages of a listing, or AwsError: an incomplete listing is none."""
        size, token_name = paging_of(operation)
        items: list[dict[str, Any]] = []
        request = {**parameters, size: PAGE_SIZE}
        while True:
            answer = await self.call(region, operation, request)
            items += answer[items_key]
            token = answer.get(token_name)
            if not token:
                return items
            if token == request.get(token_name):
                message = "AWS gave the same page's token twice"
                raise AwsError(operation, FailureKind.TRANSIENT, "RepeatedToken", message)
            request[token_name] = token

    async def _perform(
        self, key: BucketKey, operation: str, parameters: Mapping[str, Any]
    ) -> Outcome:
        """Make the call when its turn has come, and learn from the answer."""
        async with AsyncExitStack() as room:
            admitted_at = await self._admit(key, room)
            began = time.monotonic()
            outcome = await asyncio.get_running_loop().run_in_executor(
                self._threads, self._clients.perform, key.region, operation, parameters
            )
            took = time.monotonic() - began
        self._metrics.aws_call_duration.labels(operation).observe(took)
        self._learn(key, operation, outcome, admitted_at)
        return outcome

    async def close(self) -> bool:
        """Take no more calls and wait a little for those under way; whether all of them ended.

        Stop those who call first: a call that still waits for a thread is cancelled.
        """
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        running = {asyncio.wrap_future(future) for future in self._threads.unfinished}
        if running:
            _, running = await asyncio.wait(running, timeout=self._settings.aws_close_timeout)
        self._clients.close()
        return not running

    async def _admit(self, key: BucketKey, room: AsyncExitStack) -> float:
        """Wait for a token, and for a thread if the call changes something; when the token came.

        Whoever waits for a thread while the rate is halved lines up for a token again: otherwise
        a crowd admitted at the old rate would go on running into AWS's limit.
        """
        began = time.monotonic()
        while True:
            admitted_at = await self._limiter.acquire(key)
            if admitted_at - began > 0.001:  # most calls need not wait
                labels = (key.region, key.call_class.value)
                self._metrics.aws_rate_wait_seconds.labels(*labels).inc(admitted_at - began)
            if key.call_class is CallClass.READ:
                return admitted_at
            await room.enter_async_context(self._changing)
            if not self._limiter.is_outdated(key, admitted_at):
                return admitted_at
            await room.aclose()
            began = time.monotonic()

    def _learn(self, key: BucketKey, operation: str, outcome: Outcome, admitted_at: float) -> None:
        """Count the requests, and let the rate follow what AWS said to them."""
        codes = outcome.codes or ((outcome.error.code,) if outcome.error else ())
        for code in codes:
            self._metrics.aws_calls.labels(operation, code).inc()
        if not THROTTLING_CODES.isdisjoint(codes):
            throttles = sum(code in THROTTLING_CODES for code in codes)
            self._metrics.aws_throttles.labels(key.region, key.call_class.value).inc(throttles)
            self._limiter.throttled(key, admitted_at)
        elif outcome.error is None:
            self._limiter.succeeded(key)
        else:
            return
        rate = self._limiter.bucket(key).rate
        self._metrics.aws_rate_limit.labels(key.region, key.call_class.value).set(rate)

    def _pace_of(self, key: BucketKey) -> Pace:
        settings = self._settings
        ceiling = {
            CallClass.READ: settings.rate_ceiling_read,
            CallClass.WRITE: settings.rate_ceiling_write,
            CallClass.START: settings.rate_ceiling_start,
        }[key.call_class]
        return Pace(
            ceiling=ceiling,
            floor=min(settings.rate_floor, ceiling),
            recovery=settings.rate_recovery,
            burst_seconds=settings.rate_burst_seconds,
        )


def _tell(span: tracing.Span, region: str, outcome: Outcome) -> None:
    """What came of a call, for its trace."""
    span.set("cloud.region", region)
    span.set("aws.request_id", outcome.request_id)
    span.set("aws.attempts", len(outcome.codes))
    if outcome.error is not None:
        span.set("studio.failure", outcome.error.kind.value)
        span.fail(outcome.error.code, outcome.error.message)
