"""What S3 holds of spaces' back-ups: looked at when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from studio_operator.aws.errors import AwsError
from studio_operator.aws.features.reader import Reader, ReaderContext
from studio_operator.kinds.space.features.backup.observed import BackupPlace, ObservedBackup
from studio_operator.kinds.space.features.backup.script import (
    Completion,
    owner_condition,
    parse_completion,
    parse_failure,
    parse_request,
)
from studio_operator.plan.scope import AccountRegion
from studio_operator.plan.types import Call, FailureKind


class Backups(Reader):
    """The last look at each place."""

    answers = BackupPlace

    def __init__(self, context: ReaderContext) -> None:
        super().__init__(context)
        self._places: dict[BackupPlace, ObservedBackup] = {}

    def of(self, where: AccountRegion, question: BackupPlace) -> ObservedBackup:  # noqa: ARG002 - S3 has no regions
        """What was seen, as far as anybody has looked."""
        return self._places.get(question, ObservedBackup())

    def expect(self, call: Call, response: Mapping[str, Any], where: AccountRegion) -> None:  # noqa: ARG002 - a reader's
        """Enter that a back-up was asked for."""
        if call.operation != "PutObject":
            return
        given = call.parameters
        for place, observed in self._places.items():
            if (place.bucket, place.request_key) == (given["Bucket"], given["Key"]):
                asked = parse_request(given["Body"])
                self._places[place] = replace(observed, requested_at=asked)

    async def look(self, where: AccountRegion, question: BackupPlace) -> None:
        """Look at what is in S3; AwsError when that fails."""
        place = question
        completion = parse_completion(await self._read(where, place, place.completed_key))
        failure = parse_failure(await self._read(where, place, place.failed_key))
        requested_at = parse_request(await self._read(where, place, place.request_key))
        if failure is not None and completion is not None:  # both by the space's clock
            failure = failure if failure.failed_at > completion.completed_at else None
        now = self.context.now()
        self._places[place] = ObservedBackup(
            looked_at=now,
            requested_at=requested_at,
            answers=completion.requested_at if completion else None,
            completed_at=_made_at(completion, now) if completion else None,
            failure=failure.message if failure else None,
            failed_for=failure.requested_at if failure else None,
        )

    async def _read(self, where: AccountRegion, place: BackupPlace, key: str) -> bytes:
        """The object's content; nothing where there is none."""
        try:
            answer = await self.context.caller.call(
                where,
                "GetObject",
                {"Bucket": place.bucket, "Key": key, **owner_condition(place)},
            )
        except AwsError as error:
            if error.kind is FailureKind.GONE:
                return b""
            raise
        body: bytes = answer["Body"]
        return body


def _made_at(completion: Completion, now: datetime) -> datetime:
    """When a back-up was made, as far as the operator's clock can tell.

    The space's clock may be wrong, and people may write there what they like. A time in the future
    would count for ever, and one before the request never.
    """
    earliest = completion.requested_at or completion.completed_at
    return min(max(completion.completed_at, earliest), now.replace(microsecond=0))
