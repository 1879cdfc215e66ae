"""Every call that reached the simulator, in order, and how often each ended in which code."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from threading import Lock
from typing import Any

SUCCESS = "OK"
UNANSWERED = "unanswered"
KEPT_CALLS = 20_000
"""About 20 MB."""
IDENTIFIERS = (
    "DomainId",
    "DomainName",
    "UserProfileName",
    "SpaceName",
    "AppType",
    "AppName",
    "ResourceArn",
    "StudioLifecycleConfigName",
    "DomainIdEquals",
    "SpaceNameEquals",
    "UserProfileNameEquals",
    "MaxResults",
    "Bucket",
    "Key",
    "Prefix",
)


@dataclass(slots=True)
class CallRecord:
    """One call. The code is ``unanswered`` until an answer was sent."""

    number: int
    time: float
    """Simulated seconds since the epoch."""
    service: str
    operation: str
    account: str
    region: str
    identifiers: dict[str, Any]
    members: list[str]
    """The names of all parameters that were sent."""
    code: str = UNANSWERED
    message: str | None = None
    carried_out: bool = False
    """Whether it changed or read anything; a lost answer was carried out and yet failed."""
    seconds: float = 0.0
    """Real time until the answer, waiting included."""

    def shown(self) -> dict[str, Any]:
        """Return the record as the control API shows it."""
        return {
            "number": self.number,
            "time": self.time,
            "service": self.service,
            "operation": self.operation,
            "account": self.account,
            "region": self.region,
            "identifiers": self.identifiers,
            "members": self.members,
            "code": self.code,
            "message": self.message,
            "carriedOut": self.carried_out,
            "seconds": round(self.seconds, 6),
        }


class CallLog:
    """The calls since the start or the last ``clear``; the newest 20,000 in full, all counted."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._records: deque[CallRecord] = deque(maxlen=KEPT_CALLS)
        self._counts: Counter[tuple[str, str]] = Counter()
        self._number = 0

    def begin(
        self,
        time: float,
        service: str,
        operation: str,
        place: tuple[str, str],
        parameters: dict[str, Any],
    ) -> CallRecord:
        """Note that a call has arrived; ``place`` is its account and region."""
        identifiers = {name: parameters[name] for name in IDENTIFIERS if name in parameters}
        with self._lock:
            self._number += 1
            record = CallRecord(
                number=self._number,
                time=time,
                service=service,
                operation=operation,
                account=place[0],
                region=place[1],
                identifiers=identifiers,
                members=sorted(parameters),
            )
            self._records.append(record)
            self._counts[(operation, UNANSWERED)] += 1
        return record

    def finish(self, record: CallRecord, code: str, message: str | None, seconds: float) -> None:
        """Note how a call ended."""
        with self._lock:
            record.code, record.message, record.seconds = code, message, seconds
            if self._counts[(record.operation, UNANSWERED)] > 0:
                self._counts[(record.operation, UNANSWERED)] -= 1
                self._counts[(record.operation, code)] += 1

    def records(
        self,
        operation: str | None = None,
        code: str | None = None,
        after: int = 0,
        limit: int = KEPT_CALLS,
    ) -> list[CallRecord]:
        """Return the calls with a number above ``after``, the newest ``limit`` of them."""
        with self._lock:
            wanted = [
                record
                for record in self._records
                if record.number > after
                and operation in {None, record.operation}
                and code in {None, record.code}
            ]
        return wanted[-limit:] if limit > 0 else []

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how often each operation ended in each code."""
        with self._lock:
            counted = sorted(self._counts.items())
        shown: dict[str, dict[str, int]] = {}
        for (operation, code), times in counted:
            if times:
                shown.setdefault(operation, {})[code] = times
        return shown

    def clear(self) -> None:
        """Forget all calls; the numbers go on."""
        with self._lock:
            self._records.clear()
            self._counts.clear()
