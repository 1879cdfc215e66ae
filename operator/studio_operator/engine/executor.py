"""Carries out the steps of plans: calls and looks at AWS, and our finalizer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from studio_operator.api.common import FINALIZER
from studio_operator.aws.errors import AwsError
from studio_operator.engine.context import about
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.failures import Failures
from studio_operator.engine.declared.store import Store
from studio_operator.engine.gather import Planned
from studio_operator.engine.ports import AwsCalls, AwsInventory, FinalizerApi
from studio_operator.kinds.registry import OPERATIONS
from studio_operator.kube.transport import ApiError
from studio_operator.plan.scope import AccountRegion, Scope
from studio_operator.plan.types import Call, Declared, Failure, FailureKind, Look

log = logging.getLogger(__name__)

# An answer that something is there already, is gone already or is under way is news to us, and so
# may be what became of a request without an answer.
_LOOK_AGAIN = frozenset({FailureKind.BUSY, FailureKind.GONE, FailureKind.TRANSIENT})


class NotLeadingError(Exception):
    """Another instance may be acting: this one must not."""


class Executor:
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

    async def read(
        self, entry: Entry, declared: Declared[Any], planned: Planned, looks: frozenset[Look]
    ) -> Failure | None:
        """Look at what the plan asks for; the failure if that failed."""
        where = planned.scope.account_region
        try:
            # A question needs no record: it is also asked for a domain that has none yet.
            in_order = sorted(looks, key=lambda one: one.name)
            for look in in_order:
                if look.question is not None:
                    await self._inventory.look(where, look)
            for about in planned.about:
                for look in in_order:
                    if look.question is None:
                        await self._inventory.look(about, look)
        except AwsError as error:
            return self._note(entry, declared, error)
        return None

    async def call(
        self, entry: Entry, declared: Declared[Any], scope: Scope, call: Call
    ) -> Failure | None:
        """Make a call and enter its effect; the failure if it failed."""
        self.check_lead()
        try:
            response = await self._send(scope.account_region, call)
        except AwsError as error:
            if error.kind in _LOOK_AGAIN:
                self._inventory.nudge(scope)
            return self._note(entry, declared, error, call.fields)
        self._inventory.expect(call, response, scope.account_region)
        self._failures.succeed(entry.key, call.operation)
        return None

    async def take_hold(self, entry: Entry) -> None:
        """Our finalizer must be there before anything is made in AWS."""
        if not entry.has_finalizer:
            await self._set_finalizers(entry, (*await self._finalizers_of(entry), FINALIZER))

    async def let_go(self, entry: Entry) -> None:
        """Remove our finalizer: the resource may go from Kubernetes."""
        others = [one for one in await self._finalizers_of(entry) if one != FINALIZER]
        await self._set_finalizers(entry, tuple(others))

    async def _finalizers_of(self, entry: Entry) -> tuple[str, ...]:
        """All of them: where they are many, they are not held."""
        if not entry.has_more_finalizers:
            return entry.finalizers
        return await self._kube.read_finalizers(entry.key)

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

    async def _send(self, where: AccountRegion, call: Call) -> dict[str, Any]:
        """AWS's answer; that a thing to be deleted is gone already is as good as a success."""
        try:
            return await self._aws.call(where, call.operation, call.parameters)
        except AwsError as error:
            if error.kind is FailureKind.GONE and call.operation.startswith("Delete"):
                with about(aws_operation=error.operation, aws_request_id=error.request_id):
                    log.info("%s: gone already", call.operation)
                return {}
            if error.kind is FailureKind.BUSY and OPERATIONS[call.operation].is_named_by_content:
                return {}
            raise

    def _note(
        self,
        entry: Entry,
        declared: Declared[Any],
        error: AwsError,
        fields: tuple[str, ...] = (),
    ) -> Failure:
        failure = self._failures.record(entry.key, declared, error, self._now(), fields)
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
