"""One domain and what is in it, looked at again and again by bulk listings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence

from studio_operator.aws.errors import AwsError
from studio_operator.aws.keys import Kind, RecordKey
from studio_operator.aws.merging import (
    keep_tags,
    merge_app,
    merge_domain,
    merge_profile,
    merge_space,
    take_app,
)
from studio_operator.aws.parsing import apps_by_space
from studio_operator.aws.parts import (
    DOMAIN,
    DomainPart,
    ListedPart,
    Part,
    Seen,
    profiles_by_name,
    spaces_by_name,
)
from studio_operator.aws.ports import Caller
from studio_operator.aws.records import Records
from studio_operator.aws.tag_keeping import TagKeeper
from studio_operator.aws.tagging import TagIndex
from studio_operator.aws.watch import Watch
from studio_operator.plan.observed import (
    ObservedApp,
    ObservedDomain,
    ObservedProfile,
    ObservedSpace,
)
from studio_operator.plan.types import FailureKind
from studio_operator.settings import Settings


class DomainWatch(Watch):
    """The records of a domain; it is itself the engine's `DomainView`."""

    def __init__(
        self,
        caller: Caller,
        place: RecordKey,
        settings: Settings,
        clock: Callable[[], float],
        on_change: Callable[[RecordKey], None],
    ) -> None:
        super().__init__(caller, place, settings, clock, on_change)
        grace = settings.expectation_grace
        self.domain_records: Records[ObservedDomain] = Records(merge_domain, keep_tags, grace)
        self.space_records: Records[ObservedSpace] = Records(merge_space, keep_tags, grace)
        self.app_records: Records[ObservedApp] = Records(merge_app, take_app, grace)
        self.profile_records: Records[ObservedProfile] = Records(merge_profile, keep_tags, grace)
        self.tags = TagKeeper(settings.tag_lag)
        self._domain_part = DomainPart(caller, place, self.domain_records)
        self._parts: tuple[Part, ...] = (
            self._domain_part,
            ListedPart(
                caller,
                self.key("space"),
                ("ListSpaces", "Spaces"),
                spaces_by_name,
                self.space_records,
            ),
            ListedPart(
                caller, self.key("space"), ("ListApps", "Apps"), apps_by_space, self.app_records
            ),
            ListedPart(
                caller,
                self.key("profile"),
                ("ListUserProfiles", "UserProfiles"),
                profiles_by_name,
                self.profile_records,
            ),
        )

    @property
    def domain(self) -> ObservedDomain | None:
        """The domain; None when AWS says that there is none of this id."""
        return self.domain_records.shown.get(DOMAIN)

    @property
    def spaces(self) -> Mapping[str, ObservedSpace]:
        """Its spaces by name."""
        return self.space_records.shown

    @property
    def apps(self) -> Mapping[str, ObservedApp]:
        """The app of each space by the space's name."""
        return self.app_records.shown

    @property
    def profiles(self) -> Mapping[str, ObservedProfile]:
        """Its user profiles by lower-cased name."""
        return self.profile_records.shown

    def key(self, kind: Kind, name: str = "") -> RecordKey:
        """The key of one of its records."""
        return self.place._replace(kind=kind, name=name)

    def clear(self) -> set[RecordKey]:
        """Forget all that was in the domain, since that is gone; the keys of the records."""
        spaces = self.space_records.clear() | self.app_records.clear()
        profiles = self.profile_records.clear()
        return {self.key("space", name) for name in spaces} | {
            self.key("profile", name) for name in profiles
        }

    def tell(self, changed: set[RecordKey]) -> None:
        """Tell of records that changed by other ways than sweeps."""
        self._tell(changed, appeared=False)

    async def _look(self, *, full: bool, began: float) -> tuple[set[RecordKey], int]:
        seen = await self._see_due(full=full)
        now, changed = self._clock(), set[RecordKey]()
        for part, part_seen in seen.items():
            changed |= part.fold(part_seen, began, now)
        if self._domain_part in seen and not seen[self._domain_part].items:
            if self.domain is not None:
                message = f"AWS does not show domain {self.place.domain_id} yet"
                raise AwsError("DescribeDomain", FailureKind.TRANSIENT, "NotThereYet", message)
            changed |= self.clear()
        return changed, sum(part_seen.requests for part_seen in seen.values())

    async def _see_due(self, *, full: bool) -> dict[Part, Seen]:
        """What all parts show, or those that move; a domain that is gone is only asked for."""
        if not full:
            return await self._see([part for part in self._parts if part.is_moving])
        if not self._is_swept or self.domain is not None:
            return await self._see(self._parts)
        seen = await self._see([self._domain_part])
        if seen[self._domain_part].items:
            seen |= await self._see(self._parts[1:])
        return seen

    async def _see(self, parts: Sequence[Part]) -> dict[Part, Seen]:
        """What all of the parts show, or the first error: half of a sweep is none.

        A domain that is gone is an answer by itself: listings of what was in it say nothing.
        """
        answers = await asyncio.gather(*(part.see() for part in parts), return_exceptions=True)
        seen: dict[Part, Seen] = {}
        for part, answer in zip(parts, answers, strict=True):
            if isinstance(answer, BaseException):
                raise answer
            if part is self._domain_part and not answer.items:
                return {part: answer}
            seen[part] = answer
        return seen

    def _moving_since(self) -> Iterator[float]:
        for part in self._parts:
            yield from part.moving_since

    def _apply(self, index: TagIndex) -> set[RecordKey]:
        changed = self.tags.apply(index, self.domain_records, lambda _: self.place)
        changed |= self.tags.apply(index, self.space_records, lambda name: self.key("space", name))
        changed |= self.tags.apply(
            index, self.profile_records, lambda name: self.key("profile", name)
        )
        self.tags.forget_old(index.began)
        return changed
