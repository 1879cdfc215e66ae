"""What failed last for each resource, and when it may be tried again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from studio_operator.aws.errors import AwsError
from studio_operator.engine.queue import Backoff
from studio_operator.kube.resources import Key
from studio_operator.plan.decisions import applies, asked_by
from studio_operator.plan.types import Declared, Failure, FailureKind, SpecT


@dataclass(slots=True)
class _Record:
    """The failure that counts now, and how often each operation failed in a row."""

    failure: Failure | None
    attempts: dict[str, int]


class Failures:
    """Failures of calls, in memory: a restarted operator tries everything once more.

    A failure ends with the next success, with a new spec, when a person asks anew, and one that may
    be due to what the resource refers to when that changes. How often
    an operation failed in a row is remembered beyond the success of another one, so that two that
    take turns do not go on at full speed.
    """

    def __init__(
        self,
        backoffs: Mapping[FailureKind, Backoff],
        random: Callable[[], float],
        *,
        recovered_pause: float = 0.0,
    ) -> None:
        """`backoffs` lacks the kinds for which trying again is hopeless or planned elsewhere.

        `recovered_pause`: seconds that are kept after a failure even where its cause is gone.
        """
        self._recovered_pause = timedelta(seconds=recovered_pause)
        self._backoffs = backoffs
        self._random = random
        self._records: dict[Key, _Record] = {}

    def current(self, key: Key, declared: Declared[SpecT]) -> Failure | None:
        """The failure that still says something about the resource as it is declared."""
        record = self._records.get(key)
        if record is None or record.failure is None:
            return None
        if applies(record.failure, declared):
            return record.failure
        del self._records[key]
        return None

    def record(
        self,
        key: Key,
        declared: Declared[SpecT],
        error: AwsError,
        now: datetime,
        fields: tuple[str, ...] = (),
    ) -> Failure:
        """Take note of a call that failed; `fields`: those that it was to carry out."""
        record = self._records.setdefault(key, _Record(None, {}))
        attempts = record.attempts.get(error.operation, 0) + 1
        record.attempts[error.operation] = attempts
        record.failure = Failure(
            operation=error.operation,
            kind=error.kind,
            code=error.code,
            message=error.message,
            at=now,
            attempts=attempts,
            was_answered=error.request_id is not None,
            retry_at=self._retry_at(error.kind, attempts, now),
            generation=declared.generation,
            requested_at=asked_by(declared),
            depends_on=declared.depends_on,
            fields=fields,
        )
        return record.failure

    def succeed(self, key: Key, operation: str) -> None:
        """An operation of the resource succeeded."""
        record = self._records.get(key)
        if record is None:
            return
        record.failure = None
        record.attempts.pop(operation, None)
        if not record.attempts:
            del self._records[key]

    def recover(self, kind: FailureKind) -> list[tuple[Key, datetime]]:
        """The cause of all failures of a kind is gone: which resources try again, and when."""
        due = []
        for key, record in self._records.items():
            failure = record.failure
            if failure is None or failure.kind is not kind:
                continue
            retry_at = failure.at + self._recovered_pause
            if failure.retry_at is None or retry_at < failure.retry_at:
                record.failure = replace(failure, retry_at=retry_at)
                due.append((key, retry_at))
        return due

    def forget(self, key: Key) -> None:
        """The resource is gone."""
        self._records.pop(key, None)

    def _retry_at(self, kind: FailureKind, attempts: int, now: datetime) -> datetime | None:
        """Half of the pause is jitter: at least the other half is kept, as the status says."""
        backoff = self._backoffs.get(kind)
        if backoff is None:
            return None
        pause = backoff.limit(attempts) * (0.5 + 0.5 * self._random())
        return now + timedelta(seconds=pause)
