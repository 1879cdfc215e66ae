"""Looks at single resources, for what listings lack, folded into what is known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from studio_operator.aws import parsing
from studio_operator.aws.describing import describe, read_tags
from studio_operator.aws.domain_watch import DomainWatch
from studio_operator.aws.expectations import R
from studio_operator.aws.keys import RecordKey
from studio_operator.aws.parts import DOMAIN
from studio_operator.aws.ports import Caller
from studio_operator.aws.records import Records
from studio_operator.aws.region_watch import RegionWatch
from studio_operator.aws.tag_keeping import TagKeeper
from studio_operator.plan.observed import ObservedDomain, ObservedProfile, ObservedSpace

TaggedT = TypeVar("TaggedT", ObservedDomain, ObservedProfile, ObservedSpace)


class Looks:
    """Describe and ListTags calls. They raise AwsError.

    Where AWS says that there is no such thing, its record is removed.
    """

    def __init__(self, caller: Caller, clock: Callable[[], float]) -> None:
        self._caller = caller
        self._clock = clock

    async def at_settings(self, watch: DomainWatch, key: RecordKey) -> None:
        """Describe a space, a profile, or the domain itself."""
        if key.kind == "space":
            await self._at_space(watch, key)
        elif key.kind == "profile":
            await self._at_profile(watch, key)
        else:
            await self._at_domain(watch, key)

    async def at_app(self, watch: DomainWatch, key: RecordKey) -> None:
        """Describe the app of a space, for the reason of its failure."""
        app = watch.apps.get(key.name)
        if app is None:
            return
        question = {
            "DomainId": key.domain_id,
            "SpaceName": key.name,
            "AppType": app.app_type,
            "AppName": app.name,
        }
        read = parsing.app_from_description
        if await self._fold(watch.app_records, key.name, key, "DescribeApp", question, read):
            watch.tell({key})

    async def at_tags(self, watch: DomainWatch, key: RecordKey) -> None:
        """Read the tags of one resource; describe it first where its ARN is not known yet."""
        if key.kind == "space":
            await self._read_tags(
                watch.tags, watch.space_records, key.name, key, lambda: self._at_space(watch, key)
            )
        elif key.kind == "profile":
            await self._read_tags(
                watch.tags,
                watch.profile_records,
                key.name,
                key,
                lambda: self._at_profile(watch, key),
            )
        else:
            await self._read_tags(
                watch.tags, watch.domain_records, DOMAIN, key, lambda: self._at_domain(watch, key)
            )

    async def at_candidate(self, watch: RegionWatch, key: RecordKey) -> None:
        """Describe a domain that is only listed so far."""
        question = {"DomainId": key.domain_id}
        read = parsing.domain_from_description
        await self._fold(watch.records, key.domain_id, key, "DescribeDomain", question, read)

    async def at_tags_of_candidate(self, watch: RegionWatch, key: RecordKey) -> None:
        """Read the tags of a domain that is only listed so far."""
        await self._read_tags(
            watch.tags,
            watch.records,
            key.domain_id,
            key,
            lambda: self.at_candidate(watch, key),
        )

    async def _at_space(self, watch: DomainWatch, key: RecordKey) -> None:
        question = {"DomainId": key.domain_id, "SpaceName": key.name}
        read = parsing.space_from_description
        if await self._fold(watch.space_records, key.name, key, "DescribeSpace", question, read):
            watch.tell({key})

    async def _at_profile(self, watch: DomainWatch, key: RecordKey) -> None:
        question = {"DomainId": key.domain_id, "UserProfileName": key.name}
        read = parsing.profile_from_description
        records = watch.profile_records
        if await self._fold(records, key.name, key, "DescribeUserProfile", question, read):
            watch.tell({key})

    async def _at_domain(self, watch: DomainWatch, key: RecordKey) -> None:
        question = {"DomainId": key.domain_id}
        read = parsing.domain_from_description
        if await self._fold(watch.domain_records, DOMAIN, key, "DescribeDomain", question, read):
            watch.tell({key} | (watch.clear() if watch.domain is None else set()))

    async def _fold(
        self,
        records: Records[R],
        name: str,
        key: RecordKey,
        operation: str,
        question: Mapping[str, Any],
        read: Callable[[Mapping[str, Any]], R],
    ) -> bool:
        began = self._clock()
        answer = await describe(self._caller, key.region, operation, question)
        seen = None if answer is None else read(answer)
        return records.fold_look(name, seen, began, self._clock())

    async def _read_tags(
        self,
        keeper: TagKeeper,
        records: Records[TaggedT],
        name: str,
        key: RecordKey,
        look: Callable[[], Awaitable[None]],
    ) -> None:
        record = records.shown.get(name)
        if record is not None and record.arn is None:
            await look()
            record = records.shown.get(name)
        if record is None or record.arn is None:
            return
        began = self._clock()
        tags = await read_tags(self._caller, key.region, record.arn)
        if tags is None:
            await look()  # Describe is the one to say that it is gone
            return
        record = records.shown.get(name)
        if record is not None and not keeper.is_written_since(key, began):
            records.amend(name, replace(record, tags=tags))
