"""What pollers share: when they look, what a failure means, when their view appears."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable

from studio_operator.aws.errors import AwsError
from studio_operator.aws.inventory.polling import PollingSchedule
from studio_operator.aws.inventory.tagging import TagIndex
from studio_operator.aws.ports import Caller
from studio_operator.kinds.resource_id import Changed
from studio_operator.plan.scope import AccountRegion, Scope
from studio_operator.plan.types import FailureKind
from studio_operator.settings import Settings

# A view that did not appear after so many tries may never do so.
_HOPE = 3


class Poller(ABC):
    """Looks at one scope again and again. All times are of one monotonic clock.

    The view appears after the first complete sweep and after a reading of the tag index that began
    when the scope was already tracked: without it the owner of every record would look unknown,
    and planners would ask for each one's tags.

    - `swept_at`: when the last complete sweep began.
    - `answered_at`: the same, or when AWS last refused for a reason that no restart of ours mends,
      such as a missing permission.
    - `problem`: why the last sweep failed, if it did.
    """

    def __init__(
        self,
        caller: Caller,
        scope: Scope,
        settings: Settings,
        clock: Callable[[], float],
        on_change: Callable[[Changed], None],
    ) -> None:
        self.scope = scope
        self.tracked_at = clock()
        self.schedule = PollingSchedule(settings, self.tracked_at)
        self.swept_at = -math.inf
        self.answered_at = -math.inf
        self.problem: AwsError | None = None
        self._failures = 0  # in a row
        self._caller = caller
        self._settings = settings
        self._clock = clock
        self._on_change = on_change
        self._index: TagIndex | None = None  # read before the first sweep, for its records
        self._tags_are_read = False

    @property
    def where(self) -> AccountRegion:
        """The region that it looks at."""
        return self.scope.account_region

    @property
    def stale(self) -> bool:
        """Whether the last look failed or is too long ago."""
        limit = self._settings.stale_after_rests * self._settings.rest_interval
        return self._failures > 0 or self._clock() - self.swept_at > limit

    @property
    def is_settled(self) -> bool:
        """Whether it is visible, or failed so often that waiting for it would hold up the rest."""
        return self.is_observed or self._failures >= _HOPE

    @property
    def is_observed(self) -> bool:
        """Whether there was a complete sweep, and tags were read or can't be."""
        return self._is_swept and self._tags_are_read

    async def sweep(self, pages_per_second: float) -> None:
        """Look at all, or at what moves if all is not due yet.

        AwsError when any request failed: then everything stays as it was, marked stale. So it does
        when an answer can't be read.
        """
        began = self._clock()
        full = self.schedule.is_full_due(began)
        try:
            changed, pages = await self._look(full=full, began=began)
        except Exception as error:
            self._fail(began, error)
            raise
        self.schedule.succeeded(
            began,
            full=full,
            pages=pages,
            pages_per_second=pages_per_second,
            moving_since=self._moving_since(),
        )
        self._succeed(began, changed)

    def take_tags(self, began: float, index: TagIndex | None) -> None:
        """Take in a reading of the tag index that began then; None when it failed."""
        was_observed = self.is_observed
        self._tags_are_read = self._tags_are_read or began >= self.tracked_at
        changed: set[Changed] = set()
        if not self._is_swept:
            self._index = index or self._index
        elif index is not None:
            changed = self._apply(index)
        self._tell(changed, appeared=self.is_observed and not was_observed)

    @abstractmethod
    async def _look(self, *, full: bool, began: float) -> tuple[set[Changed], int]:
        """Ask AWS and take in the answers: the changed records and how many requests it took."""

    @abstractmethod
    def _moving_since(self) -> Iterable[float]:
        """Since when each moving record moves."""

    @abstractmethod
    def _apply(self, index: TagIndex) -> set[Changed]:
        """Take the index's tags over: the changed records."""

    @property
    def _is_swept(self) -> bool:
        return self.swept_at > -math.inf

    def _succeed(self, began: float, changed: set[Changed]) -> None:
        was_observed, had_failed = self.is_observed, self._failures > 0
        self.swept_at = self.answered_at = began
        self.problem, self._failures = None, 0
        if self._index is not None:
            changed |= self._apply(self._index)
            self._index = None
        if had_failed:
            changed.add(self.scope)
        self._tell(changed, appeared=self.is_observed and not was_observed)

    def _fail(self, began: float, error: Exception) -> None:
        self.schedule.failed(self._clock())
        before = self.problem
        self.problem = error if isinstance(error, AwsError) else None
        if self.problem is not None and self.problem.kind is not FailureKind.TRANSIENT:
            self.answered_at = began
        self._failures += 1
        if self._failures == 1 or _kind_of(before) is not _kind_of(self.problem):
            self._tell({self.scope}, appeared=False)

    def _tell(self, changed: set[Changed], *, appeared: bool) -> None:
        """One word for a whole view that appears, else one for each changed record."""
        if appeared:
            self._on_change(self.scope)
        elif self.is_observed:
            for key in changed:
                self._on_change(key)


def _kind_of(problem: AwsError | None) -> FailureKind | None:
    return problem.kind if problem is not None else None
