"""Leader election by a Lease, as client-go does it: of several operators one acts.

A candidate never compares its clock with another's: a lease is expired when it was not renewed for
its duration as measured here since its last change was seen here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from studio_operator.kube.transport import ApiError

log = logging.getLogger(__name__)

Raw = dict[str, Any]
_NO_ANNOTATIONS: Mapping[str, str] = {}
# A renewal under way ends within one request. More tries are for an API server that is busy.
_RELEASE_TRIES = 5
_RELEASE_PAUSE_SECONDS = 0.2


class LeaseApi(Protocol):
    """What the election needs of the Kubernetes API."""

    async def get_lease(self, namespace: str, name: str) -> Raw:
        """Read a lease; ApiError when there is none."""

    async def create_lease(self, namespace: str, lease: Raw) -> Raw:
        """Create a lease; ApiError with `is_conflict` when it exists."""

    async def replace_lease(self, namespace: str, lease: Raw) -> Raw:
        """Replace the lease that was read; ApiError with `is_conflict` when it has changed."""


@dataclass(frozen=True, slots=True)
class LeaseTimes:
    """Times of an election, in seconds.

    How long a lease holds unrenewed, when its holder gives up renewing, how often it renews, and
    how often a candidate looks. A holder gives up before its lease can be taken.
    """

    duration: float
    renew_deadline: float
    renew_interval: float
    candidate_interval: float


class LeaseLostError(Exception):
    """The lease could not be renewed in time, or somebody else holds it: stop acting at once."""


class LeaderElection:
    """One candidate for a lease."""

    def __init__(
        self,
        api: LeaseApi,
        *,
        namespace: str,
        name: str,
        identity: str,
        times: LeaseTimes,
        clock: Callable[[], float],
        annotations: Mapping[str, str] = _NO_ANNOTATIONS,
    ) -> None:
        """`clock` gives monotonic seconds; `annotations` are what the holder tells on the lease."""
        self._api = api
        self._namespace = namespace
        self._name = name
        self._identity = identity
        self._times = times
        self._clock = clock
        self._annotations = annotations
        self._seen: tuple[str, float] | None = None  # version of the lease, and since when
        self._held: Raw | None = None
        self._may_hold = False  # a write of ours was sent, and nobody else has shown to hold it
        self._renewed_at = float("-inf")

    @property
    def is_leader(self) -> bool:
        """Whether the lease is ours for sure, even if this process was frozen for a while."""
        return (
            self._held is not None and self._clock() < self._renewed_at + self._times.renew_deadline
        )

    async def acquire(self) -> None:
        """Wait until the lease is ours."""
        while not await self._try_to_acquire():
            await asyncio.sleep(self._times.candidate_interval)
        log.info("This instance leads, by the lease %s/%s.", self._namespace, self._name)

    async def keep(self, is_alive: Callable[[], bool] = lambda: True) -> None:
        """Renew the lease for as long as that works and `is_alive`; then LeaseLostError."""
        while True:
            await asyncio.sleep(self._times.renew_interval)
            if not is_alive():
                self._held, self._may_hold = None, False
                raise LeaseLostError("the event loop hangs")
            try:
                remaining = self._renewed_at + self._times.renew_deadline - self._clock()
                await asyncio.wait_for(self._renew(), max(remaining, 0.0))
            except TimeoutError:
                pass
            except ApiError as error:
                if error.is_conflict or error.is_gone:
                    self._held, self._may_hold = None, False
                    raise LeaseLostError("another instance has taken the lease") from error
                log.warning("The lease could not be renewed: %s", error)
            if not self.is_leader:
                self._held, self._may_hold = None, False
                raise LeaseLostError("the lease could not be renewed in time")

    async def release(self) -> None:
        """Give the lease back, so that the next candidate need not wait for its end.

        A write that was given up while it was under way may have arrived all the same. So what the
        lease says now is read first, and read again where it changes in between. A lease that was
        lost is left to run out: calls to AWS may still be under way.
        """
        self._held = None
        if not self._may_hold:
            return
        self._may_hold = False
        for _ in range(_RELEASE_TRIES):
            try:
                await self._release_once()
            except ApiError as error:
                said = error
                if not (error.is_conflict or error.is_transient):
                    break
                await asyncio.sleep(_RELEASE_PAUSE_SECONDS)
            else:
                return
        log.warning("The lease could not be given back: %s", said)

    async def _release_once(self) -> None:
        lease = await self._api.get_lease(self._namespace, self._name)
        if lease["spec"].get("holderIdentity") != self._identity:
            return
        spec = self._spec(lease["spec"]) | {"holderIdentity": "", "leaseDurationSeconds": 1}
        await self._api.replace_lease(self._namespace, lease | {"spec": spec})

    async def _try_to_acquire(self) -> bool:
        try:
            lease = await self._api.get_lease(self._namespace, self._name)
        except ApiError as error:
            if error.is_gone:
                return await self._create()
            if not error.is_transient:
                raise
            log.warning("The lease could not be read: %s", error)
            return False
        if not self._is_free(lease):
            return False
        return await self._take(lease)

    def _is_free(self, lease: Raw) -> bool:
        """Whether nobody holds the lease, or its holder let it run out before our eyes."""
        now, version = self._clock(), lease["metadata"]["resourceVersion"]
        if self._seen is None or self._seen[0] != version:
            self._seen = (version, now)
        holder = lease["spec"].get("holderIdentity")
        duration = lease["spec"].get("leaseDurationSeconds") or self._times.duration
        return holder in {None, "", self._identity} or now >= self._seen[1] + duration

    async def _create(self) -> bool:
        lease = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": self._metadata({"name": self._name, "namespace": self._namespace}),
            "spec": self._spec({}),
        }
        return await self._hold(self._api.create_lease, lease)

    async def _take(self, lease: Raw) -> bool:
        told = {"metadata": self._metadata(lease["metadata"]), "spec": self._spec(lease["spec"])}
        return await self._hold(self._api.replace_lease, lease | told)

    def _metadata(self, before: Raw) -> Raw:
        annotations = {**(before.get("annotations") or {}), **self._annotations}
        return before | {"annotations": annotations} if annotations else before

    async def _renew(self) -> None:
        if self._held is None:
            raise LeaseLostError("the lease is not held")
        asked_at = self._clock()
        try:
            self._held = await self._write_again(self._held)
        except ApiError as error:
            if not error.is_conflict:
                raise
            # Perhaps by a renewal of ours that arrived, and whose answer did not.
            lease = await self._api.get_lease(self._namespace, self._name)
            if lease["spec"].get("holderIdentity") != self._identity:
                raise
            self._held = await self._write_again(lease)
        self._renewed_at = asked_at

    async def _write_again(self, lease: Raw) -> Raw:
        renewed = lease | {"spec": self._spec(lease["spec"])}
        return await self._api.replace_lease(self._namespace, renewed)

    async def _hold(self, write: Callable[[str, Raw], Any], lease: Raw) -> bool:
        """Try to write ourselves into the lease; False when somebody was faster."""
        asked_at = self._clock()
        self._may_hold = True
        try:
            self._held = await write(self._namespace, lease)
        except ApiError as error:
            if not (error.is_conflict or error.is_transient):
                raise
            return False
        self._renewed_at = asked_at
        return True

    def _spec(self, before: Raw) -> Raw:
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        spec = before | {
            "holderIdentity": self._identity,
            "leaseDurationSeconds": max(1, round(self._times.duration)),
            "renewTime": now,
        }
        if before.get("holderIdentity") != self._identity:
            spec["acquireTime"] = now
            spec["leaseTransitions"] = (before.get("leaseTransitions") or 0) + bool(before)
        return spec
