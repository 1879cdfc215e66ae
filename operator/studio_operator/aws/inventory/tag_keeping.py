"""Tags of records: from the index of a region, from single looks, and from our own calls."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from studio_operator.aws.inventory.parsing import tags_from
from studio_operator.aws.inventory.records import Records
from studio_operator.aws.inventory.tagging import TagIndex
from studio_operator.kinds.resource_id import ResourceId
from studio_operator.plan.observed import Observed


class TagKeeper:
    """Remembers which tags we wrote ourselves, for as long as AWS's index may lag behind them."""

    def __init__(self, lag: float) -> None:
        self._lag = lag
        self._written: dict[ResourceId, float] = {}

    def note_written(self, key: ResourceId, now: float) -> None:
        """A call of ours wrote tags of this record just now."""
        self._written[key] = now

    def apply(
        self, index: TagIndex, records: Records[Observed], key_of: Callable[[str], ResourceId]
    ) -> set[str]:
        """Take the tags of the index over; the names of the records whose tags changed.

        What the index lacks gets None: it is not owned, or the index lags. Only a look at that
        one resource can tell, and planners ask for it where it matters.
        """
        changed = set()
        for name, record in records.shown.items():
            key = key_of(name)
            if self._is_recent(key, index.began):
                continue
            entry = index.get(key)
            tags = entry.tags if entry else None
            arn = record.arn or (entry.arn if entry else None)
            if tags != record.tags or arn != record.arn:
                records.amend(name, replace(record, tags=tags, arn=arn))
                changed.add(name)
        return changed

    def is_written_since(self, key: ResourceId, began: float) -> bool:
        """Whether we wrote tags of this record after a look at them began."""
        return self._written.get(key, -math.inf) >= began

    def forget_old(self, began: float) -> None:
        """Drop notes that an index which began then does not need any more."""
        self._written = {key: at for key, at in self._written.items() if began <= at + self._lag}

    def _is_recent(self, key: ResourceId, began: float) -> bool:
        return key in self._written and began <= self._written[key] + self._lag


def retagged(tags: Mapping[str, str] | None, given: Mapping[str, Any]) -> Mapping[str, str] | None:
    """The tags after a call of AddTags or DeleteTags; still unknown where they were not known."""
    if tags is None:
        return None
    gone = given.get("TagKeys", ())
    kept = {key: value for key, value in tags.items() if key not in gone}
    return {**kept, **tags_from(given.get("Tags", ()))}
