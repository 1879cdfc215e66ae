"""The hands of the engine: calls and looks at AWS, and our finalizer. Each step once a turn."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from studio_operator.api.common import FINALIZER
from studio_operator.aws.errors import AwsError
from studio_operator.engine.context import about
from studio_operator.engine.entries import Entry
from studio_operator.engine.failures import Failures
from studio_operator.engine.gather import Place, Planned
from studio_operator.engine.ports import AwsCalls, AwsInventory, FinalizerApi
from studio_operator.engine.store import Store
from studio_operator.kube.client import ApiError
from studio_operator.plan.types import (
    LOOKS_AT_BACKUPS,
    Call,
    Declared,
    Failure,
    FailureKind,
    Look,
)

log = logging.getLogger(__name__)

# An answer that something is there already, is gone already or is under way is news to us, and so
# may be what became of a request without an answer.
_LOOK_AGAIN = frozenset({FailureKind.BUSY, FailureKind.GONE, FailureKind.TRANSIENT})


# What exists under such a name already is just what was to be made.
_NAMED_BY_CONTENT = frozenset({"CreateStudioLifecycleConfig"})


class NotLeadingError(Exception):
    """Another instance may be acting: this one must not."""


@dataclass(slots=True)
class Turn:
    """What was done for a resource in one turn, so that nothing is done twice in vain."""

    looks: set[Look] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)


class Hands:
    """Does what plans ask for. Raises ApiError for what Kubernetes refuses, and NotLeadingError."""

    def __init__(
        self,
        store: Store,
        *,
        aws: AwsCalls,
        inventory: AwsInventory,
        kube: FinalizerApi,
        failures: Failures,
        now: Callable[[], datetime],
        may_act: Callable[[], bool],
        vanished: Callable[[Entry], None],
    ) -> None:
        """`may_act` says whether this instance leads, just now.

        `vanished` is told of a resource that the API server has no more: a watch that has only
        begun may never tell of it.
        """
        self._store = store
        self._aws = aws
        self._inventory = inventory
        self._kube = kube
        self._failures = failures
        self._now = now
        self._may_act = may_act
        self._vanished = vanished

    def check_lead(self) -> None:
        """NotLeadingError unless this instance leads."""
        if not self._may_act():
            raise NotLeadingError

    async def look(self, entry: Entry, declared: Declared[Any], planned: Planned) -> Failure | None:
        """Look at what the plan asks for; the failure if that failed."""
        try:
            for record in planned.records:
                for look in sorted(planned.plan.looks, key=lambda one: one.value):
                    if look in LOOKS_AT_BACKUPS and planned.backup is not None:
                        await self._inventory.look_at_backup(record.region, planned.backup, look)
                    else:
                        await self._inventory.look(record, look)
        except AwsError as error:
            return self._note(entry, declared, error)
        return None

    async def call(
        self, entry: Entry, declared: Declared[Any], place: Place, call: Call
    ) -> Failure | None:
        """Make a call and enter its effect; the failure if it failed."""
        self.check_lead()
        try:
            response = await self._send(place.region, call)
        except AwsError as error:
            if error.kind in _LOOK_AGAIN:
                self._inventory.nudge(place.region, place.domain_id)
            return self._note(entry, declared, error)
        self._inventory.expect(call, response, place.region)
        self._failures.succeed(entry.key, call.operation)
        return None

    async def take_hold(self, entry: Entry) -> None:
        """Our finalizer must be there before anything is made in AWS."""
        if not entry.has_finalizer:
            await self._set_finalizers(entry, (*entry.finalizers, FINALIZER))

    async def let_go(self, entry: Entry) -> None:
        """Remove our finalizer: the resource may go from Kubernetes."""
        await self._set_finalizers(entry, tuple(set(entry.finalizers) - {FINALIZER}))

    async def _set_finalizers(self, entry: Entry, finalizers: tuple[str, ...]) -> None:
        self.check_lead()
        version = str(entry.version)
        try:
            answer = await self._kube.set_finalizers(entry.key, entry.uid, version, finalizers)
        except ApiError as error:
            if error.is_gone:
                self._vanished(entry)
            raise
        if entry.deleting and not answer["metadata"].get("finalizers"):
            self._vanished(entry)
        else:
            self._store.apply(answer)

    async def _send(self, region: str, call: Call) -> dict[str, Any]:
        """AWS's answer; that a thing to be deleted is gone already is as good as a success."""
        try:
            return await self._aws.call(region, call.operation, call.parameters)
        except AwsError as error:
            if error.kind is FailureKind.GONE and call.operation.startswith("Delete"):
                with about(aws_operation=error.operation, aws_request_id=error.request_id):
                    log.info("%s: gone already", call.operation)
                return {}
            if error.kind is FailureKind.BUSY and call.operation in _NAMED_BY_CONTENT:
                return {}
            raise

    def _note(self, entry: Entry, declared: Declared[Any], error: AwsError) -> Failure:
        failure = self._failures.record(entry.key, declared, error, self._now())
        with about(aws_operation=error.operation, aws_request_id=error.request_id):
            log.warning(
                "%s failed (%s, attempt %d): %s: %s",
                error.operation,
                error.kind.value,
                failure.attempts,
                error.code,
                error.message,
            )
        return failure
