"""What S3 holds of spaces' back-ups, and whether their scripts exist: looked at when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from studio_operator.aws.errors import AwsError
from studio_operator.aws.ports import Caller
from studio_operator.plan.backup_script import (
    BackupPlace,
    Completion,
    parse_completion,
    parse_failure,
    parse_request,
)
from studio_operator.plan.backups import BackupQuestion
from studio_operator.plan.observed import ObservedBackup
from studio_operator.plan.types import Call, FailureKind, Look


class Backups:
    """The last look at each place. Use it from one event loop only; looks raise AwsError."""

    def __init__(self, caller: Caller, now: Callable[[], datetime]) -> None:
        self._caller = caller
        self._now = now
        self._scripts: dict[tuple[str, str], bool] = {}  # by region and name
        self._places: dict[BackupPlace, ObservedBackup] = {}

    def of(self, region: str, question: BackupQuestion) -> ObservedBackup:
        """What was seen, as far as anybody has looked."""
        seen = self._places.get(question.place, ObservedBackup())
        return replace(seen, has_script=self._scripts.get((region, question.script)))

    async def look(self, region: str, question: BackupQuestion, look: Look) -> None:
        """Look whether the script exists, or at what is in S3."""
        if look is Look.SCRIPT:
            await self._look_at_script(region, question.script)
        else:
            await self._look_at_place(region, question.place)

    def expect(self, call: Call, region: str) -> None:
        """Enter the effect of a call that AWS has taken; other calls pass."""
        given = call.parameters
        if call.operation == "CreateStudioLifecycleConfig":
            self._scripts[region, given["StudioLifecycleConfigName"]] = True
        elif call.operation == "PutObject":
            self._expect_request(given)

    def _expect_request(self, given: Mapping[str, Any]) -> None:
        for place, seen in self._places.items():
            if (place.bucket, place.request_key) == (given["Bucket"], given["Key"]):
                asked = parse_request(given["Body"])
                self._places[place] = replace(seen, requested_at=asked)

    async def _look_at_script(self, region: str, name: str) -> None:
        try:
            await self._caller.call(
                region, "DescribeStudioLifecycleConfig", {"StudioLifecycleConfigName": name}
            )
        except AwsError as error:
            if error.kind is not FailureKind.GONE:
                raise
            self._scripts[region, name] = False
        else:
            self._scripts[region, name] = True

    async def _look_at_place(self, region: str, place: BackupPlace) -> None:
        completion = parse_completion(await self._read(region, place, place.completed_key))
        failure = parse_failure(await self._read(region, place, place.failed_key))
        requested_at = parse_request(await self._read(region, place, place.request_key))
        if failure is not None and completion is not None:  # both by the space's clock
            failure = failure if failure.failed_at > completion.completed_at else None
        now = self._now()
        self._places[place] = ObservedBackup(
            looked_at=now,
            requested_at=requested_at,
            answers=completion.requested_at if completion else None,
            completed_at=_made_at(completion, now) if completion else None,
            failure=failure.message if failure else None,
            failed_for=failure.requested_at if failure else None,
        )

    async def _read(self, region: str, place: BackupPlace, key: str) -> bytes:
        """The object's content; nothing where there is none."""
        try:
            answer = await self._caller.call(
                region, "GetObject", {"Bucket": place.bucket, "Key": key}
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
