"""The records of one kind in one place, kept in step with listings, single looks and own calls."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Generic

from studio_operator.aws.inventory.expectations import Act, Expectation, R
from studio_operator.kinds.owner_index import OwnerIndex
from studio_operator.plan.observed import MOVING

# What had begun to go may be missing from a listing at once.
_LEAVING = frozenset({"Deleting", "Deleted"})


class Records(Generic[R]):
    """Records by name, as they are shown to planners. All times are of one monotonic clock.

    Besides `shown` there are only notes on the few records that something is up with, so that a
    listing which brings nothing new costs next to nothing.
    """

    def __init__(
        self,
        merge_listed: Callable[[R | None, R], R],
        merge_described: Callable[[R | None, R], R],
        grace: float,
    ) -> None:
        self._merge_listed = merge_listed
        self._merge_described = merge_described
        self._grace = grace
        self._shown: dict[str, R] = {}
        self._expected: dict[str, Expectation[R]] = {}
        self._moving: dict[str, float] = {}  # since when
        self._missing: set[str] = set()
        self._looked_at: dict[str, float] = {}
        self._by_owner: OwnerIndex | None = None  # made when it is first asked for
        self._listed_at = -math.inf  # when the newest listing began that was taken in
        self.shown: Mapping[str, R] = MappingProxyType(self._shown)

    @property
    def is_moving(self) -> bool:
        """Whether any record moves, or is in doubt."""
        return bool(self._moving)

    @property
    def moving_since(self) -> Iterable[float]:
        """For each record that moves, or whose state is in doubt: since when."""
        return self._moving.values()

    def fold_listing(self, listed: Mapping[str, R], began: float, now: float) -> set[str]:
        """Take in a complete listing that began then; the names of the records that changed.

        One that began before another that was taken in already is older: it tells nothing, and
        what would hold against it may have been forgotten with the newer one.
        """
        if began < self._listed_at:
            return set()
        self._listed_at = began
        changed = {
            name for name, observed in listed.items() if self._fold(name, observed, began, now)
        }
        for name in self._shown.keys() - listed.keys():
            if self._fold(name, None, began, now):
                changed.add(name)
        self._looked_at = {name: at for name, at in self._looked_at.items() if at > began}
        self._expected = {name: one for name, one in self._expected.items() if one.until > began}
        return changed

    def fold_look(self, name: str, observed: R | None, began: float, now: float) -> bool:
        """Take in the answer of a Describe call, None for "not found"; whether it brings news.

        News is another status, or that the record is gone: whoever looked knows the rest.
        """
        known = self._shown.get(name)
        expectation = self._expected.get(name)
        if expectation is not None and expectation.outweighs(observed, began):
            return False
        self._looked_at[name] = began
        if observed is None:
            return self._remove(name)
        self._show(name, self._merge_described(known, observed), now)
        return known is None or known.status != observed.status

    def expect(self, act: Act, name: str, record: R, now: float) -> None:
        """Enter the effect of a call of ours that succeeded just now."""
        before = self._shown.get(name)
        self._expected[name] = Expectation(act, now, now + self._grace, before)
        self._missing.discard(name)
        self._put(name, record)
        self._moving[name] = now

    def amend(self, name: str, record: R) -> None:
        """Replace a record by one that differs in tags or the like, not in where it stands."""
        self._put(name, record)

    def carrying(self, resource: str) -> Mapping[str, R]:
        """The records whose ownership tag names that resource, `namespace/name`, by name.

        Only who would create something asks, so a process in which nobody does keeps no index.
        """
        if self._by_owner is None:
            self._by_owner = OwnerIndex(self._shown)
        return {name: self._shown[name] for name in self._by_owner.of(resource)}

    def clear(self) -> set[str]:
        """Forget all records, as those of a domain that is gone; their names."""
        names = set(self._shown)
        for name in names:
            self._remove(name)
        self._expected.clear()
        return names

    def _fold(self, name: str, observed: R | None, began: float, now: float) -> bool:
        known = self._shown.get(name)
        expectation = self._expected.get(name)
        confirms = False
        if expectation is not None:
            if expectation.outweighs(observed, began):
                return False
            confirms = not expectation.is_met
            self._expected[name] = replace(expectation, is_met=True)
        if self._looked_at and began <= self._looked_at.get(name, began - 1):
            return False
        if observed is None:
            return self._miss(name, now)
        self._missing.discard(name)
        merged = self._merge_listed(known, observed)
        if merged is known and name not in self._moving:
            return False
        self._show(name, merged, now)
        if confirms and known is not None:
            return merged.status != known.status  # what it only confirms is no news
        return merged != known

    def _show(self, name: str, record: R, now: float) -> None:
        known = self._shown.get(name)
        self._put(name, record)
        if record.status not in MOVING:
            self._moving.pop(name, None)
        elif known is None or known.status != record.status or name not in self._moving:
            self._moving[name] = now

    def _miss(self, name: str, now: float) -> bool:
        """A complete listing lacks the record: gone if it was leaving or is missed again.

        A page's worth can slip through between two pages while others are being deleted.
        """
        known = self._shown.get(name)
        if known is None:
            return False
        if known.status not in _LEAVING and name not in self._missing:
            self._missing.add(name)
            self._moving[name] = now  # so that it is looked at again soon
            return False
        return self._remove(name)

    def _remove(self, name: str) -> bool:
        self._moving.pop(name, None)
        self._missing.discard(name)
        if self._by_owner is not None:
            self._by_owner.change(name, self._shown.get(name), None)
        return self._shown.pop(name, None) is not None

    def _put(self, name: str, record: R) -> None:
        if self._by_owner is not None:
            self._by_owner.change(name, self._shown.get(name), record)
        self._shown[name] = record
