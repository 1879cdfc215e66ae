"""What our own calls have set in motion, and whether AWS shows it yet.

A call's effect is known the moment it succeeds, but AWS's listings are eventually consistent: one
that began before the call can't know of it, and one soon after may not. Believing such a listing
would create a space twice, or call one gone that has just been made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Generic, Protocol, TypeVar


class Record(Protocol):
    """What the rules need to know of a record."""

    @property
    def status(self) -> str:
        """AWS's word for where it stands."""

    @property
    def created_at(self) -> datetime | None:
        """When it was made."""


R = TypeVar("R", bound=Record)


class Act(Enum):
    """What a call of ours did."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


# A record in one of these statuses has begun to go.
GOING = frozenset({"Deleting", "Deleted", "Delete_Failed"})


@dataclass(frozen=True, slots=True)
class Expectation(Generic[R]):
    """A call's effect, held against listings that lag for as long as AWS may lag.

    - `since`: when the call succeeded; `until`: when doubt in what AWS shows ends.
    - `before`: the record as it was before the call, None if there was none.
    - `is_met`: whether AWS has shown it once; a later listing may lag again all the same.
    """

    act: Act
    since: float
    until: float
    before: R | None
    is_met: bool = False

    def outweighs(self, seen: R | None, began: float) -> bool:
        """Whether to stay with the call's effect against what a look that began then has seen."""
        if began <= self.since:
            return True
        return began < self.until and not self.is_shown_by(seen)

    def is_shown_by(self, seen: R | None) -> bool:
        """Whether AWS shows the call's effect, or more than that. None is: not there."""
        if self.act is Act.DELETED:
            return seen is None or (seen.status in GOING and not self._is_as_before(seen, "Failed"))
        if seen is None:
            return False
        if self.act is Act.UPDATED:
            return "Updating" in (seen.status, _status(self.before)) or (
                _modified(seen) != _modified(self.before)
            )
        return seen.status not in GOING and not self._is_as_before(seen, "Failed")

    def _is_as_before(self, seen: R, word: str) -> bool:
        """Whether it still shows the failure that it showed before the call."""
        return self.before is not None and word in seen.status and seen.status == self.before.status


def _status(record: Record | None) -> str | None:
    return record.status if record else None


def _modified(record: Record | None) -> datetime | None:
    return getattr(record, "modified_at", None)
