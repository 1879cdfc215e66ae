"""Operations from start to end: what logs and traces call them, and how long they take."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from studio_operator import tracing
from studio_operator.api.common import CommonStatus, ConditionType
from studio_operator.engine.context import about, current
from studio_operator.engine.declared.entries import Entry
from studio_operator.kube.resources import Key
from studio_operator.plan.decisions import ADOPT, CREATE
from studio_operator.plan.types import Plan

log = logging.getLogger(__name__)

# What goes on in a phase, where status names no operation.
_TYPES: Mapping[str | None, str] = {
    "Pending": "Create",
    "Starting": "Start",
    "Stopping": "Stop",
    "Deleting": "Delete",
    "Updating": "Update",
    "Resizing": "Resize",
}

# These are on status for their first steps only: what follows has the resource reconciling.
_BEGINNINGS = frozenset({CREATE, ADOPT})


@dataclass(frozen=True, slots=True)
class UnderWay:
    """An operation by its type and its start, which together with a resource tell it from others.

    The start comes from status and is in whole seconds, so that a process that takes over knows
    the operation by the same name. `change`: the type of a change of what exists, which stands on
    status from its first pass to its last; it tells the change from a creation that ended in the
    very second.
    """

    type: str
    since: datetime
    change: str = ""


def under_way(status: CommonStatus) -> UnderWay | None:
    """What is being done: the operation on status, else what has the resource reconciling."""
    if status.operation is not None:
        type_, since = status.operation.type, status.operation.started_at.replace(microsecond=0)
        return UnderWay(type_, since, "" if type_ in _BEGINNINGS else type_)
    reconciling = status.condition(ConditionType.RECONCILING)
    if reconciling is None:
        return None
    since = reconciling.last_transition_time.replace(microsecond=0)
    return UnderWay(_TYPES.get(status.phase, "Reconcile"), since)


class Operations:
    """Puts each pass where it belongs, in logs and traces, and tells `observe` of what has ended.

    `observe` gets kind, type, outcome (ready, stalled, gone, replaced) and seconds.
    """

    def __init__(
        self, observe: Callable[[str, str, str, float], None], now: Callable[[], datetime]
    ) -> None:
        self._observe = observe
        self._now = now
        # A creation goes through several phases: an operation keeps the name it had first.
        self._known: dict[Key, UnderWay] = {}

    @contextmanager
    def follow(self, entry: Entry, plan: Plan[Any]) -> Iterator[None]:
        """What is done within is a pass for this plan."""
        before = self._name(entry.key, under_way(entry.status))
        # Without our finalizer nothing holds the resource: the deletion ends with this pass.
        after = self._name(entry.key, under_way(plan.status)) if plan.finalizer else None
        here = after or before
        with (
            about(operation=here.type if here else None),
            tracing.operation_pass(
                f"reconcile {entry.key.kind}",
                _identity(entry, here) if here else None,
                lambda: _pass_attributes(entry, plan, here),
            ),
        ):
            yield
            if before is not None and before != after:
                self._end(entry, before, plan)

    def forget(self, key: Key) -> None:
        """The resource is gone."""
        self._known.pop(key, None)

    def _name(self, key: Key, found: UnderWay | None) -> UnderWay | None:
        if found is None:
            return None
        known = self._known.get(key)
        if known is None or (known.since, known.change) != (found.since, found.change):
            self._known[key] = known = found
        return known

    def _end(self, entry: Entry, ended: UnderWay, plan: Plan[Any]) -> None:
        if self._known.get(entry.key) == ended:
            del self._known[entry.key]
        now, outcome = self._now(), _outcome(plan)
        seconds = max(0.0, (now - ended.since).total_seconds())
        log.info("%s ended after %.1f s: %s", ended.type, seconds, outcome)
        self._observe(entry.key.kind, ended.type, outcome, seconds)
        tracing.operation_ended(
            f"{ended.type} {entry.key.kind}",
            _identity(entry, ended),
            ended.since,
            now,
            lambda: {
                **_object_attributes(entry),
                "studio.operation": ended.type,
                "studio.outcome": outcome,
            },
        )


def _identity(entry: Entry, operation: UnderWay) -> str:
    """The same for all passes of one operation, in whichever process; another for each other."""
    change = f"/{operation.change}" if operation.change else ""
    return f"{entry.uid}/{operation.since:%Y-%m-%dT%H:%M:%SZ}{change}"


def _outcome(plan: Plan[Any]) -> str:
    if not plan.finalizer:
        return "gone"
    ready = plan.status.condition(ConditionType.READY)
    if ready is not None and ready.status == "True":
        return "ready"
    stalled = plan.status.condition(ConditionType.STALLED) is not None
    return "stalled" if stalled else "replaced"


def _object_attributes(entry: Entry) -> dict[str, Any]:
    return {
        "k8s.namespace.name": entry.key.namespace,
        "studio.kind": entry.key.kind,
        "studio.name": entry.key.name,
        "studio.generation": entry.generation,
    }


def _pass_attributes(
    entry: Entry, plan: Plan[Any], operation: UnderWay | None
) -> Mapping[str, Any]:
    """What was planned."""
    ready = plan.status.condition(ConditionType.READY)
    found = {
        **_object_attributes(entry),
        "studio.reconcile_id": current().get("reconcile_id"),
        "studio.operation": operation and operation.type,
        "studio.step": plan.status.operation and plan.status.operation.step,
        "studio.phase": plan.status.phase,
        "studio.reason": ready and ready.reason,
        "studio.message": ready and ready.message,
        "studio.plan.call": plan.call and plan.call.operation,
        "studio.plan.looks": sorted(look.name for look in plan.looks) or None,
        "studio.plan.record_first": plan.record_first or None,
        "studio.plan.wake_at": plan.wake_at and plan.wake_at.isoformat(),
    }
    return {name: value for name, value in found.items() if value is not None}
