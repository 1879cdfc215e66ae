"""The parts of a domain: each is seen by one Describe call or one listing, and kept as records."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol

from studio_operator.aws import parsing
from studio_operator.aws.describing import describe
from studio_operator.aws.expectations import R
from studio_operator.aws.keys import RecordKey
from studio_operator.aws.ports import PAGE_SIZE, Caller
from studio_operator.aws.records import Records
from studio_operator.plan.observed import ObservedDomain, ObservedProfile, ObservedSpace

# The domain's own record is kept like the others, under the name that its key has.
DOMAIN = ""

Items = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What AWS answered, complete: items as they came, and how many requests that took."""

    items: Items
    requests: int


class Part(Protocol):
    """What a sweep needs of a part."""

    @property
    def is_moving(self) -> bool:
        """Whether any of its records moves."""

    @property
    def moving_since(self) -> Iterable[float]:
        """Since when each of its moving records moves."""

    async def see(self) -> Seen:
        """Ask AWS; AwsError when any page fails."""

    def fold(self, seen: Seen, began: float, now: float) -> set[RecordKey]:
        """Take in what a look that began then has seen; the keys of the records that changed."""


class ListedPart(Generic[R]):
    """Spaces, apps or profiles: seen by a listing of all pages.

    `read` gives the records by name. An app's key is that of its space.
    """

    def __init__(
        self,
        caller: Caller,
        key: RecordKey,
        listing: tuple[str, str],
        read: Callable[[Items], Mapping[str, R]],
        records: Records[R],
    ) -> None:
        self._caller = caller
        self._key = key
        self._operation, self._items_key = listing
        self._read = read
        self._records = records

    @property
    def is_moving(self) -> bool:
        """Whether any of its records moves."""
        return self._records.is_moving

    @property
    def moving_since(self) -> Iterable[float]:
        """Since when each of its moving records moves."""
        return self._records.moving_since

    async def see(self) -> Seen:
        """List it."""
        question = {"DomainIdEquals": self._key.domain_id}
        items = await self._caller.paginate(
            self._key.region, self._operation, question, self._items_key
        )
        return Seen(items, max(1, math.ceil(len(items) / PAGE_SIZE)))

    def fold(self, seen: Seen, began: float, now: float) -> set[RecordKey]:
        """Take in a complete listing."""
        names = self._records.fold_listing(self._read(seen.items), began, now)
        return {self._key._replace(name=name) for name in names}


class DomainPart:
    """The domain itself: seen by DescribeDomain, the only answer that can say that it is gone."""

    def __init__(self, caller: Caller, key: RecordKey, records: Records[ObservedDomain]) -> None:
        self._caller = caller
        self._key = key
        self._records = records

    @property
    def is_moving(self) -> bool:
        """Whether it moves."""
        return self._records.is_moving

    @property
    def moving_since(self) -> Iterable[float]:
        """Since when it moves, if it does."""
        return self._records.moving_since

    async def see(self) -> Seen:
        """Describe it; no item when AWS says that there is no such domain."""
        found = await describe(
            self._caller, self._key.region, "DescribeDomain", {"DomainId": self._key.domain_id}
        )
        return Seen([found] if found else [], 1)

    def fold(self, seen: Seen, began: float, now: float) -> set[RecordKey]:
        """Take in the answer."""
        before = self._records.shown.get(DOMAIN)
        domain = parsing.domain_from_description(seen.items[0]) if seen.items else None
        self._records.fold_look(DOMAIN, domain, began, now)
        return set() if self._records.shown.get(DOMAIN) == before else {self._key}


def spaces_by_name(items: Items) -> dict[str, ObservedSpace]:
    """The records of ListSpaces."""
    return {item["SpaceName"]: parsing.space_from_listing(item) for item in items}


def profiles_by_name(items: Items) -> dict[str, ObservedProfile]:
    """The records of ListUserProfiles, by lower-cased name."""
    return {item["UserProfileName"].lower(): parsing.profile_from_listing(item) for item in items}
