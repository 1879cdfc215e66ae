"""Kubernetes Events (events.k8s.io/v1): what happened to a resource, for `kubectl describe`."""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from studio_operator.api.common import API_VERSION, GROUP
from studio_operator.kube.resources import Key
from studio_operator.plan.types import Note
from studio_operator.printable import printable

CONTROLLER = f"{GROUP}/controller"
# Limits of events.k8s.io/v1 (validateV1EventFields in k8s.io/kubernetes' legacy validation).
NOTE_LIMIT_BYTES = 1024
INSTANCE_LIMIT = 128


def build_event(key: Key, uid: str, note: Note, *, instance: str, now: datetime) -> dict[str, Any]:
    """The Event of a note about a resource. `instance` names this process, such as its pod."""
    return {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {
            "name": _event_name(key, now),
            "namespace": key.namespace_of_events,
        },
        "eventTime": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "reportingController": CONTROLLER,
        "reportingInstance": instance[:INSTANCE_LIMIT],
        "action": note.action,
        "reason": note.reason,
        "type": note.type,
        "note": shorten(printable(note.message)),
        "regarding": {
            "apiVersion": API_VERSION,
            "kind": key.kind,
            **({"namespace": key.namespace} if key.namespace else {}),
            "name": key.name,
            "uid": uid,
        },
    }


def _event_name(key: Key, now: datetime) -> str:
    """A name that sorts by time, to the microsecond, as client-go's do.

    `kubectl describe` sorts by lastTimestamp, which the Events of this API version don't have, and
    so leaves them in the order of the API server: that of their names.
    """
    microseconds = int(now.timestamp() * 1_000_000)
    return f"{key.name[:200]}.{microseconds:014x}{uuid.uuid4().hex[:4]}"


def shorten(message: str) -> str:
    """A message of at most the bytes a note may have."""
    encoded = message.encode()
    if len(encoded) <= NOTE_LIMIT_BYTES:
        return message
    return encoded[: NOTE_LIMIT_BYTES - 3].decode(errors="ignore") + "..."


class RepeatGuard:
    """Whether the same was said of the same resource a short while ago.

    Bounded: of more than `capacity` things said, the oldest are forgotten.
    """

    def __init__(self, *, window_seconds: float, capacity: int, clock: Callable[[], float]) -> None:
        self._window = window_seconds
        self._capacity = capacity
        self._clock = clock
        self._said: OrderedDict[tuple[str, Note], float] = OrderedDict()

    def is_repeated(self, uid: str, note: Note) -> bool:
        """Whether the note was `said` within the window."""
        said_at = self._said.get((uid, note))
        return said_at is not None and self._clock() < said_at + self._window

    def said(self, uid: str, note: Note) -> None:
        """Remember that the note was posted."""
        self._said[uid, note] = self._clock()
        self._said.move_to_end((uid, note))
        while len(self._said) > self._capacity:
            self._said.popitem(last=False)
