"""A queue of keys: each at most once, never worked on by two workers at the same time.

`KeyedQueue` is the bookkeeping, without a clock or waiting of its own; `WorkQueue` puts asyncio
around it. Delayed keys stand in one heap: there is no task and no timer per key. Namespaces are
served in turn, and none has more than its share of the workers.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from studio_operator.fairness import FairQueue, Flow

KeyT = TypeVar("KeyT", bound=Hashable)
# Beyond this the exponent changes nothing but could overflow a float.
_LARGEST_EXPONENT = 32


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential back-off with full jitter: between zero and a limit that doubles each time.

    Full jitter spreads the retries of many keys that failed together over the whole interval.
    """

    base_seconds: float
    ceiling_seconds: float

    def limit(self, failures: int) -> float:
        """The longest pause after that many failures in a row, in seconds."""
        exponent = min(max(failures - 1, 0), _LARGEST_EXPONENT)
        return min(self.ceiling_seconds, self.base_seconds * 2.0**exponent)

    def delay(self, failures: int, random: Callable[[], float]) -> float:
        """The pause after that many failures in a row; `random` gives a number in [0, 1)."""
        return self.limit(failures) * random()


class KeyedQueue(Generic[KeyT]):
    """Which keys are ready, delayed, worked on, and to be worked on again.

    All times are seconds of one clock, given by the caller.
    """

    def __init__(
        self,
        flow_of: Callable[[KeyT], Flow] = lambda _: Flow(),
        *,
        share: int | None = None,
        waited: Callable[[KeyT, float], None] = lambda _, __: None,
    ) -> None:
        """`flow_of` says for whom a key is worked on; `share` how many of one namespace may be.

        `waited` is told how many seconds a key waited for a worker.
        """
        self._flow_of = flow_of
        self._share = share
        self._waited = waited
        self._ready: FairQueue[KeyT] = FairQueue()
        self._busy: Counter[str] = Counter()  # keys worked on, by namespace
        self._due: dict[KeyT, float] = {}  # of delayed keys
        self._heap: list[tuple[float, int, KeyT]] = []  # may hold outdated entries
        self._serial = 0
        self._working: dict[KeyT, str] = {}  # with their namespaces
        self._again: dict[KeyT, float] = {}  # came while worked on, with its time

    def add(self, key: KeyT, now: float, delay: float = 0.0) -> None:
        """Have a key worked on after `delay` seconds; of several wishes the soonest counts."""
        if delay <= 0:
            self._make_ready(key, now)
        elif key not in self._ready and key not in self._again:
            due = now + delay
            if due < self._due.get(key, float("inf")):
                self._due[key] = due
                self._serial += 1
                heapq.heappush(self._heap, (due, self._serial, key))

    def promote(self, now: float) -> None:
        """Make the delayed keys ready whose time has come."""
        while self._heap and self._heap[0][0] <= now:
            due, _, key = heapq.heappop(self._heap)
            if self._due.get(key) == due:
                self._make_ready(key, now)

    def take(self, now: float) -> KeyT | None:
        """The key whose turn it is, now worked on; None when none is ready and may be."""
        self.promote(now)
        first = self._ready.pop(self._has_room)
        if first is None:
            return None
        key, since = first
        self._waited(key, max(0.0, now - since))
        # The work that begins now finds out anew when to look again.
        self._due.pop(key, None)
        namespace = self._flow_of(key).namespace
        self._working[key] = namespace
        self._busy[namespace] += 1
        return key

    def finish(self, key: KeyT) -> None:
        """The work on a key has ended; it is ready again if it was added meanwhile."""
        namespace = self._working.pop(key)
        self._busy[namespace] -= 1
        if not self._busy[namespace]:
            del self._busy[namespace]
        added_at = self._again.pop(key, None)
        if added_at is not None:
            self._make_ready(key, added_at)

    def next_due(self) -> float | None:
        """When the next delayed key is due."""
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def __contains__(self, key: KeyT) -> bool:
        return key in self._ready or key in self._due or key in self._again

    @property
    def ready(self) -> int:
        """How many keys wait for a worker."""
        return len(self._ready)

    @property
    def takeable(self) -> int:
        """How many of them could be taken now, one after the other."""
        if self._share is None:
            return self.ready
        return sum(min(n, self._share - self._busy[name]) for name, n in self._ready.waiting())

    @property
    def working(self) -> int:
        """How many keys are worked on."""
        return len(self._working)

    def oldest_since(self) -> float | None:
        """Since when the key that has waited longest for a worker is ready."""
        return self._ready.oldest_since()

    def _has_room(self, namespace: str) -> bool:
        return self._share is None or self._busy[namespace] < self._share

    def _make_ready(self, key: KeyT, since: float) -> None:
        self._due.pop(key, None)
        if key in self._working:
            self._again.setdefault(key, since)
        else:
            self._ready.push(key, self._flow_of(key), since)


class WorkQueue(Generic[KeyT]):
    """A `KeyedQueue` that workers wait on, with back-off per key. For one event loop."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        random: Callable[[], float],
        backoff: Backoff,
        flow_of: Callable[[KeyT], Flow] = lambda _: Flow(),
        share: int | None = None,
        waited: Callable[[KeyT, float], None] = lambda _, __: None,
    ) -> None:
        """`clock` gives monotonic seconds, `random` numbers in [0, 1); the rest as `KeyedQueue`."""
        self._keys: KeyedQueue[KeyT] = KeyedQueue(flow_of, share=share, waited=waited)
        self._clock = clock
        self._random = random
        self._backoff = backoff
        self._failures: dict[KeyT, int] = {}
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = float("inf")
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    def add(self, key: KeyT, delay: float = 0.0) -> None:
        """Have a key worked on after `delay` seconds. Ignored once closed."""
        if not self._closed:
            self._keys.add(key, self._clock(), delay)
            self._wake()

    def retry(self, key: KeyT, *, at_least: float = 0.0) -> float:
        """Have a key that failed unexpectedly worked on again; returns the pause in seconds."""
        failures = self._failures.get(key, 0) + 1
        self._failures[key] = failures
        delay = max(at_least, self._backoff.delay(failures, self._random))
        self.add(key, delay)
        return delay

    def succeed(self, key: KeyT) -> None:
        """Forget that a key failed."""
        self._failures.pop(key, None)

    async def get(self) -> KeyT | None:
        """The next key, to be given back with `finish`; None once the queue is closed."""
        while not self._closed:
            key = self._keys.take(self._clock())
            if key is not None:
                self._idle.clear()
                return key
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            self._arm_timer()
            try:
                await waiter
            except asyncio.CancelledError:
                self._pass_on(waiter)
                raise
        return None

    def finish(self, key: KeyT) -> None:
        """Give back a key from `get`; every key has to be, whatever came of it."""
        self._keys.finish(key)
        if not self._keys.working:
            self._idle.set()
        self._wake()

    def close(self) -> None:
        """Hand out no more keys; those waiting in `get` get None."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        while self._waiters:
            self._release_one()

    async def wait_idle(self) -> None:
        """Wait until no key is worked on."""
        await self._idle.wait()

    @property
    def depth(self) -> int:
        """How many keys wait for a worker."""
        return self._keys.ready

    @property
    def working(self) -> int:
        """How many keys are worked on."""
        return self._keys.working

    def oldest_age(self) -> float:
        """How long the key that has waited longest waits for a worker, in seconds."""
        since = self._keys.oldest_since()
        return 0.0 if since is None else max(0.0, self._clock() - since)

    def _wake(self) -> None:
        self._keys.promote(self._clock())
        for _ in range(min(self._keys.takeable, len(self._waiters))):
            self._release_one()
        self._arm_timer()

    def _release_one(self) -> None:
        waiter = self._waiters.popleft()
        if not waiter.done():
            waiter.set_result(None)

    def _pass_on(self, waiter: asyncio.Future[None]) -> None:
        """A waiter was cancelled: if it had been woken, another has to take its place."""
        if waiter.done() and not waiter.cancelled():
            self._wake()
        elif waiter in self._waiters:
            self._waiters.remove(waiter)

    def _arm_timer(self) -> None:
        due = self._keys.next_due()
        if due is None or self._closed or (due >= self._timer_due and self._timer is not None):
            return
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(max(0.0, due - self._clock()), self._on_timer)
        self._timer_due = due

    def _on_timer(self) -> None:
        self._timer = None
        self._timer_due = float("inf")
        if not self._closed:
            self._wake()
