"""How long operations take, from start to end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from studio_operator.api.common import CommonStatus, ConditionType
from studio_operator.kube.resources import Key


class OperationTimes:
    """Tells `observe` of each operation that ends: kind, type and seconds.

    Operations on status have their start there; creations and deletions are timed from when this
    process saw them begin.
    """

    def __init__(self, observe: Callable[[str, str, float], None]) -> None:
        self._observe = observe
        self._began: dict[Key, tuple[str, datetime]] = {}

    def begin(self, key: Key, type_: str, now: datetime) -> None:
        """An operation begins, unless it has begun before."""
        if self._began.get(key, ("",))[0] != type_:
            self._began[key] = (type_, now)

    def compare(self, key: Key, before: CommonStatus, after: CommonStatus, now: datetime) -> None:
        """A new status may tell that something has ended."""
        operation = before.operation
        if operation is not None and after.operation is None and operation.type != "Create":
            self._tell(key, operation.type, operation.started_at, now)
        ready = after.condition(ConditionType.READY)
        if ready is not None and ready.status == "True":
            self.end(key, "Create", now)

    def end(self, key: Key, type_: str, now: datetime) -> None:
        """An operation that began here has ended, if there was one."""
        began = self._began.get(key)
        if began is not None and began[0] == type_:
            del self._began[key]
            self._tell(key, type_, began[1], now)

    def forget(self, key: Key) -> None:
        """The resource is gone."""
        self._began.pop(key, None)

    def _tell(self, key: Key, type_: str, since: datetime, now: datetime) -> None:
        self._observe(key.kind, type_, max(0.0, (now - since).total_seconds()))
