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
    SWITCHED = "started or stopped"
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

    def outweighs(self, observed: R | None, began: float) -> bool:
        """Whether to stay with the call's effect against what a look that began then has seen."""
        if began <= self.since:
            return True
        return began < self.until and not self.is_shown_by(observed)

    def is_shown_by(self, observed: R | None) -> bool:
        """Whether AWS shows the call's effect, or more than that. None is: not there."""
        if self.act is Act.DELETED:
            return observed is None or (
                observed.status in GOING and not self._is_as_before(observed, "Failed")
            )
        if observed is None:
            return False
        if self.act is Act.SWITCHED:
            return observed.status != _status(self.before) or _is_newer(observed, self.before)
        if self.act is Act.UPDATED:
            return "Updating" in (observed.status, _status(self.before)) or _is_newer(
                observed, self.before
            )
        return observed.status not in GOING and not self._is_as_before(observed, "Failed")

    def _is_as_before(self, observed: R, word: str) -> bool:
        """Whether it still shows the failure that it showed before the call."""
        return (
            self.before is not None
            and word in observed.status
            and observed.status == self.before.status
        )


def _status(record: Record | None) -> str | None:
    return record.status if record else None


def _is_newer(observed: Record, before: Record | None) -> bool:
    """Whether the same thing was changed since; what a listing that lags shows may be older, too.

    Another one of the name was made by others before the call: it is the one that was updated.
    """
    made = {observed.created_at, before.created_at if before else None} - {None}
    if len(made) > 1:
        return False
    now, then = _modified(observed), _modified(before)
    return now != then if now is None or then is None else now > then


def _modified(record: Record | None) -> datetime | None:
    return getattr(record, "modified_at", None)
