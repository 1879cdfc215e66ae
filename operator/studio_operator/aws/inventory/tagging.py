"""Ownership tags of a whole region, read in bulk through the tagging API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from studio_operator.api.common import OWNER_TAG
from studio_operator.aws.inventory.parsing import tags_from
from studio_operator.aws.inventory.polling import PollingSchedule
from studio_operator.aws.ports import Caller
from studio_operator.kinds.resource_id import ResourceId, parse_arn
from studio_operator.plan.scope import AccountRegion
from studio_operator.settings import Settings


@dataclass(frozen=True, slots=True)
class Tagged:
    """A resource that carries the ownership tag."""

    arn: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TagIndex:
    """Every resource of a region that carries the ownership tag, as of a look that began then.

    Names are lower-cased: ARNs may differ from listings in case.
    """

    where: AccountRegion
    began: float
    found: Mapping[ResourceId, Tagged]

    def get(self, key: ResourceId) -> Tagged | None:
        """The entry of a record; None when it is not ours, or the index lags behind."""
        return self.found.get(_in_lower_case(key))


def _in_lower_case(key: ResourceId) -> ResourceId:
    return key._replace(name=key.name.lower())


async def read_index(caller: Caller, where: AccountRegion, began: float) -> TagIndex:
    """The index, from the tagging API's GetResources; AwsError when a page fails."""
    items = await caller.paginate(
        where,
        "GetResources",
        {"TagFilters": [{"Key": OWNER_TAG}], "ResourceTypeFilters": ["sagemaker"]},
        "ResourceTagMappingList",
    )
    found = {
        _in_lower_case(key): Tagged(item["ResourceARN"], tags_from(item["Tags"]))
        for item in items
        if (key := parse_arn(item["ResourceARN"], where.account)) is not None
    }
    return TagIndex(where, began, found)


class TagPoller:
    """Reads the index of a region now and then, and gives it to whoever wants it.

    A failed reading is told as None: tags then stay as they are known, and planners ask for those
    of single resources.
    """

    def __init__(
        self,
        caller: Caller,
        where: AccountRegion,
        settings: Settings,
        clock: Callable[[], float],
        on_read: Callable[[float, TagIndex | None], None],
    ) -> None:
        self.where = where
        self.schedule = PollingSchedule(settings, clock(), settings.tag_interval)
        self._caller = caller
        self._clock = clock
        self._on_read = on_read

    async def sweep(self, pages_per_second: float) -> None:
        """Read the index once; AwsError is told and raised."""
        began = self._clock()
        try:
            index = await read_index(self._caller, self.where, began)
        except Exception:
            self.schedule.failed(self._clock())
            self._on_read(began, None)
            raise
        self.schedule.succeeded(
            began, full=True, pages=1, pages_per_second=pages_per_second, moving_since=()
        )
        self._on_read(began, index)
