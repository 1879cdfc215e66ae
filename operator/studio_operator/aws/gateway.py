"""The one way to AWS: boto3 in a bounded pool of threads, behind the rate limits, errors sorted."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from enum import Enum
from functools import partial
from typing import Any, NamedTuple

from studio_operator import tracing
from studio_operator.aws.clients import CallOutcome, Clients
from studio_operator.aws.errors import THROTTLING_CODES, AwsError
from studio_operator.aws.limiter import RateBounds, RateLimiter
from studio_operator.aws.ports import PAGE_SIZE, paging_of
from studio_operator.aws.slots import Slots
from studio_operator.aws.threads import DaemonThreadPool
from studio_operator.fairness import Flow, Priority, current_flow
from studio_operator.kinds.registry import OPERATIONS
from studio_operator.metrics import Metrics
from studio_operator.plan.scope import AccountRegion
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
    known = OPERATIONS[operation]
    if known.is_read:
        return CallClass.READ
    return CallClass.START if known.moves_machines else CallClass.WRITE


def flow_of(operation: str) -> Flow:
    """In whose turn a call waits, and how urgent it is: stops and deletions come first."""
    flow = current_flow()
    goes_first = OPERATIONS[operation].goes_first
    return Flow(flow.namespace, Priority.STOP) if goes_first else flow


class BucketKey(NamedTuple):
    """What has a rate of its own."""

    where: AccountRegion
    call_class: CallClass


class Gateway:
    """AWS by one set of credentials, in all regions. Call it from one event loop only."""

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics,
        check_change: Callable[[], None] = lambda: None,
    ) -> None:
        """`check_change` raises where nothing may be changed, just now.

        It is asked last of all, since a call may have waited for its turn for minutes.
        """
        self._settings = settings
        self._check_change = check_change
        self._metrics = metrics
        self._clients = Clients(settings)
        self._threads = DaemonThreadPool(settings.aws_threads, "aws")
        self._calling = Slots(settings.aws_threads)
        self._changing = Slots(settings.aws_threads - settings.aws_threads_for_reads)
        self._closed = False
        self._is_distrusted = False  # whether AWS refused our credentials since it last took them
        self._when_trusted_again: list[Callable[[], None]] = []
        self._limiter: RateLimiter[BucketKey] = RateLimiter(
            self._pace_of, time.monotonic, share_of_stops=settings.rate_share_of_stops
        )

    @property
    def default_region(self) -> str | None:
        """The region of boto3's standard chain; None when none is configured."""
        return self._clients.default_region

    def when_trusted_again(self, listener: Callable[[], None]) -> None:
        """Have somebody told when AWS takes our credentials again after it refused them."""
        self._when_trusted_again.append(listener)

    async def call(
        self, where: AccountRegion, operation: str, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """AWS's answer to one operation, by its name in the API; AwsError when it fails."""
        if self._closed:
            raise AwsError(operation, FailureKind.TRANSIENT, "Closed", "the operator is stopping")
        with tracing.call(operation, {"rpc.system": "aws-api", "rpc.method": operation}) as span:
            outcome = await self._perform(
                BucketKey(where, class_of(operation)), operation, parameters
            )
            _tell(span, where.region, outcome)
            if outcome.answer is None:
                assert outcome.error is not None  # an outcome is either
                raise outcome.error  # and who asked tells it, with what becomes of it
            level = logging.DEBUG if class_of(operation) is CallClass.READ else logging.INFO
            about = {"aws_operation": operation, "aws_request_id": outcome.request_id}
            log.log(level, "%s: done", operation, extra=about)
            return outcome.answer

    async def paginate(
        self, where: AccountRegion, operation: str, parameters: Mapping[str, Any], items_key: str
    ) -> list[dict[str, Any]]:
        """The items of all pages of a listing, or AwsError: an incomplete listing is none."""
        size, token_name = paging_of(operation)
        items: list[dict[str, Any]] = []
        request = {**parameters, size: PAGE_SIZE}
        while True:
            answer = await self.call(where, operation, request)
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
    ) -> CallOutcome:
        """Make the call when its turn has come, and learn from the answer."""
        with ExitStack() as room:
            await self._admit(key, flow_of(operation), room)
            if key.call_class is not CallClass.READ:
                self._check_change()
            began = time.monotonic()
            call = partial(self._clients.perform, key.where, operation, parameters)
            outcome = await self._run(call, room)
            took = time.monotonic() - began
        self._metrics.aws_call_duration.labels(operation).observe(took)
        self._learn(key, operation, outcome)
        self._note_trust(outcome)
        return outcome

    async def _run(self, call: Callable[[], CallOutcome], room: ExitStack) -> CallOutcome:
        """Make a call in a thread. Its slots are held until it ends, also if nobody waits for it.

        Else calls that hang and are given up, again and again, would hold all threads.
        """
        future = self._threads.submit(call)
        asked = asyncio.wrap_future(future)
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:
            if not future.cancel():
                slots = room.pop_all()
                asked.add_done_callback(lambda _: slots.close())
            raise

    def _note_trust(self, outcome: CallOutcome) -> None:
        """Tell of the first success after AWS refused our credentials, or there were none."""
        if outcome.error is not None:
            self._is_distrusted |= outcome.error.kind is FailureKind.CREDENTIALS
        elif self._is_distrusted:
            self._is_distrusted = False
            log.warning("AWS takes the operator's credentials again")
            for listener in self._when_trusted_again:
                listener()

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

    async def _admit(self, key: BucketKey, flow: Flow, room: ExitStack) -> None:
        """Wait for a token and for a thread.

        Whoever waits for a thread while the rate falls lines up for a token again: otherwise
        a crowd admitted at the old rate would go on running into AWS's limit.
        """
        asked_at = began = time.monotonic()
        while True:
            admitted_at = await self._limiter.acquire(key, flow)
            if admitted_at - began > 0.001:  # most calls need not wait
                labels = (key.where.region, key.call_class.value)
                self._metrics.aws_rate_wait_seconds.labels(*labels).inc(admitted_at - began)
            try:
                await self._hold_thread(key, flow, room)
            except asyncio.CancelledError:
                self._limiter.give_back(key)
                raise
            if not self._limiter.is_outdated(key, admitted_at):
                break
            room.close()
            began = time.monotonic()
        if flow.namespace:
            self._metrics.observe_wait(flow.namespace, "aws", time.monotonic() - asked_at)

    async def _hold_thread(self, key: BucketKey, flow: Flow, room: ExitStack) -> None:
        """Wait for a thread. Our own listings line up by region: a region may not answer."""
        turn = Flow(flow.namespace or f"({key.where})", flow.priority)
        if key.call_class is not CallClass.READ:
            await self._changing.hold(turn, room)
        await self._calling.hold(turn, room)

    def _learn(self, key: BucketKey, operation: str, outcome: CallOutcome) -> None:
        """Count the requests, and let the rate follow what AWS said to them."""
        codes = outcome.codes or ((outcome.error.code,) if outcome.error else ())
        for code in codes:
            self._metrics.aws_calls.labels(operation, code).inc()
        refused = sum(code in THROTTLING_CODES for code in codes)
        labels = (key.where.region, key.call_class.value)
        if refused:
            self._metrics.aws_throttles.labels(*labels).inc(refused)
        if outcome.request_id is not None:  # AWS answered
            self._limiter.answered(key, len(codes), refused)
            self._metrics.aws_rate_limit.labels(*labels).set(self._limiter.bucket(key).rate)

    def _pace_of(self, key: BucketKey) -> RateBounds:
        settings = self._settings
        ceiling = {
            CallClass.READ: settings.rate_ceiling_read,
            CallClass.WRITE: settings.rate_ceiling_write,
            CallClass.START: settings.rate_ceiling_start,
        }[key.call_class]
        return RateBounds(
            ceiling=ceiling,
            floor=min(settings.rate_floor, ceiling),
            burst_seconds=settings.rate_burst_seconds,
        )


def _tell(span: tracing.Span, region: str, outcome: CallOutcome) -> None:
    """What came of a call, for its trace."""
    span.set("cloud.region", region)
    span.set("aws.request_id", outcome.request_id)
    span.set("aws.attempts", len(outcome.codes))
    if outcome.error is not None:
        span.set("studio.failure", outcome.error.kind.value)
        span.fail(outcome.error.code, outcome.error.message)
