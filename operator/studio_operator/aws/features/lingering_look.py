"""One look at what lingers in a region: which resources, and which space each was made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from studio_operator.aws.errors import AwsError
from studio_operator.aws.features.lingering_kinds import (
    BILLED_TYPES,
    OLDEST_JOB,
    SPACE_TAG,
    BilledType,
    Listing,
    type_of,
)
from studio_operator.aws.inventory.parsing import tags_from
from studio_operator.aws.ports import PAGE_SIZE, Caller, paging_of
from studio_operator.kinds.resource_id import ResourceId, parse_arn
from studio_operator.plan.scope import AccountRegion

# The most ARNs in one request (API reference of the tagging API, GetResources).
_ARNS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Found:
    """ARNs by the space that they were made from; names of spaces are lower-cased.

    - `is_complete`: whether the answers ended before the look's pages did.
    - `problems`: why it is not known of some whether they run; they are among the ARNs.
    """

    by_space: Mapping[ResourceId, frozenset[str]]
    is_complete: bool
    problems: tuple[AwsError, ...] = ()


class LingeringLook:
    """One look, in so many pages at most. Its questions raise AwsError.

    `maker`: the kind of what the resources were made from, as the tag's ARN has it.
    Each question answers by itself: one that AWS refuses leaves the others to be asked.
    """

    def __init__(
        self, caller: Caller, where: AccountRegion, maker: str, pages: int, now: datetime
    ) -> None:
        self._caller = caller
        self._where = where
        self._maker = maker
        self._pages_left = pages
        self._now = now

    async def at_standing(self) -> Found:
        """What costs until somebody deletes it."""
        question = {
            "TagFilters": [{"Key": SPACE_TAG}],
            "ResourceTypeFilters": [kind.type for kind in BILLED_TYPES],
        }
        items, is_complete = await self._list("GetResources", question, "ResourceTagMappingList")
        by_arn = self._spaces_by_arn(items)
        problems = []
        for kind in BILLED_TYPES:
            try:
                idle, known = await self._idle(kind, by_arn)
            except AwsError as error:
                problems.append(error)
                continue
            is_complete = is_complete and known
            by_arn = {arn: space for arn, space in by_arn.items() if arn not in idle}
        return Found(_grouped(by_arn), is_complete, tuple(problems))

    async def _idle(self, kind: BilledType, arns: Iterable[str]) -> tuple[set[str], bool]:
        """Which of these cost next to nothing at present, and whether that is sure."""
        present = {arn for arn in arns if type_of(arn) == kind.type}
        if kind.listing is None or not present:
            return set(), True
        listed, is_complete = await self._list_arns(kind.listing, kind.listing.parameters)
        in_list = {arn for arn in present if arn.lower() in listed}
        if kind.stopped is not None:
            return in_list, is_complete
        return (present - in_list if is_complete else set()), is_complete

    async def at_jobs(self, jobs: Listing) -> Found:
        """Jobs of one sort that run."""
        since = self._now - OLDEST_JOB
        running, is_complete = await self._list_arns(
            jobs, {**jobs.parameters, "CreationTimeAfter": since}
        )
        by_arn: dict[str, ResourceId] = {}
        for arns in _in_chunks(sorted(running.values())):
            if not self._take_page():
                is_complete = False
                break
            answer = await self._caller.call(self._where, "GetResources", {"ResourceARNList": arns})
            by_arn |= self._spaces_by_arn(answer["ResourceTagMappingList"])
        return Found(_grouped(by_arn), is_complete)

    async def _list_arns(
        self, listing: Listing, parameters: Mapping[str, Any]
    ) -> tuple[dict[str, str], bool]:
        """The ARNs of a listing, by themselves in lower case, since answers differ in that."""
        items, is_complete = await self._list(listing.operation, parameters, listing.items)
        return {item[listing.arn].lower(): item[listing.arn] for item in items}, is_complete

    async def _list(
        self, operation: str, parameters: Mapping[str, Any], items_key: str
    ) -> tuple[list[dict[str, Any]], bool]:
        """The items of a listing for as long as there are pages left, and whether that is all."""
        paging = paging_of(operation)
        request = {paging.size: PAGE_SIZE, **parameters}
        items: list[dict[str, Any]] = []
        while self._take_page():
            answer = await self._caller.call(self._where, operation, request)
            items += answer[items_key]
            token = answer.get(paging.token)
            if not token:
                return items, True
            request[paging.token] = token
        return items, False

    def _take_page(self) -> bool:
        self._pages_left -= 1
        return self._pages_left >= 0

    def _spaces_by_arn(self, items: Iterable[Mapping[str, Any]]) -> dict[str, ResourceId]:
        """The space of each resource that carries the tag, if it is a space of this region."""
        found = {}
        for item in items:
            space = parse_arn(tags_from(item["Tags"]).get(SPACE_TAG, ""), self._where.account)
            is_here = space is not None and space.scope.account_region == self._where
            if space is not None and is_here and space.kind == self._maker:
                found[item["ResourceARN"]] = in_lower_case(space)
        return found


def in_lower_case(key: ResourceId) -> ResourceId:
    """A key to compare by: ARNs may differ from listings in case."""
    return key._replace(name=key.name.lower())


def _grouped(by_arn: Mapping[str, ResourceId]) -> Mapping[ResourceId, frozenset[str]]:
    groups: defaultdict[ResourceId, set[str]] = defaultdict(set)
    for arn, space in by_arn.items():
        groups[space].add(arn)
    return {space: frozenset(arns) for space, arns in groups.items()}


def _in_chunks(arns: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(arns), _ARNS_AT_ONCE):
        yield arns[start : start + _ARNS_AT_ONCE]
