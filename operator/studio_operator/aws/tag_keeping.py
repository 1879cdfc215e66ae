"""Tags of records: from the index of a region, from single looks, and from our own calls."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from studio_operator.aws.keys import RecordKey
from studio_operator.aws.parsing import tags_from
from studio_operator.aws.records import Records
from studio_operator.aws.tagging import TagIndex
from studio_operator.plan.observed import ObservedDomain, ObservedProfile, ObservedSpace

TaggedT = TypeVar("TaggedT", ObservedDomain, ObservedProfile, ObservedSpace)


class TagKeeper:
    """Remembers which tags we wrote ourselves, for as long as AWS's index may lag behind them."""

    def __init__(self, lag: float) -> None:
        self._lag = lag
        self._written: dict[RecordKey, float] = {}

    def note_written(self, key: RecordKey, now: float) -> None:
        """A call of ours wrote tags of this record just now."""
        self._written[key] = now

    def apply(
        self, index: TagIndex, records: Records[TaggedT], key_of: Callable[[str], RecordKey]
    ) -> set[RecordKey]:
        """Take the tags of the index over; the keys of the records whose tags changed.

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
                changed.add(key)
        return changed

    def is_written_since(self, key: RecordKey, began: float) -> bool:
        """Whether we wrote tags of this record after a look at them began."""
        return self._written.get(key, -math.inf) >= began

    def forget_old(self, began: float) -> None:
        """Drop notes that an index which began then does not need any more."""
        self._written = {key: at for key, at in self._written.items() if began <= at + self._lag}

    def _is_recent(self, key: RecordKey, began: float) -> bool:
        return key in self._written and began <= self._written[key] + self._lag


def added(
    tags: Mapping[str, str] | None, items: Iterable[Mapping[str, Any]]
) -> Mapping[str, str] | None:
    """The tags after AddTags; still unknown where they were not known."""
    return None if tags is None else {**tags, **tags_from(items)}


def removed(tags: Mapping[str, str] | None, keys: Iterable[str]) -> Mapping[str, str] | None:
    """The tags after DeleteTags; still unknown where they were not known."""
    gone = set(keys)
    return None if tags is None else {key: value for key, value in tags.items() if key not in gone}
