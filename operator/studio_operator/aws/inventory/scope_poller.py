"""One scope, polled by bulk listings: a domain and what is in it, or what a region has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from studio_operator.aws.errors import AwsError
from studio_operator.aws.inventory.parts import (
    Answer,
    CompanionsPart,
    HolderPart,
    Part,
    ResourcesPart,
)
from studio_operator.aws.inventory.poller import Poller
from studio_operator.aws.inventory.tag_keeping import TagKeeper
from studio_operator.aws.inventory.tagging import TagIndex
from studio_operator.aws.ports import Caller
from studio_operator.kinds.managed_kind import ScopeLevel
from studio_operator.kinds.registry import BY_NAME, HOLDER, KINDS
from studio_operator.kinds.resource_id import Changed
from studio_operator.kinds.views import ViewByType
from studio_operator.plan.scope import Scope
from studio_operator.plan.types import FailureKind
from studio_operator.settings import Settings

_NONE: Mapping[str, Any] = {}


class ScopePoller(Poller, ViewByType):
    """The records of a scope; it is itself the engine's view of it.

    What a region has is there while its listing shows it. That a domain is missing from the list
    does not say that it is gone: only a poller of the domain itself can tell that.
    """

    def __init__(
        self,
        caller: Caller,
        scope: Scope,
        settings: Settings,
        clock: Callable[[], float],
        on_change: Callable[[Changed], None],
    ) -> None:
        super().__init__(caller, scope, settings, clock, on_change)
        self.tags = TagKeeper(settings.tag_lag)
        self.resources: dict[str, ResourcesPart] = {}  # by type, as all parts
        self.companions: dict[str, CompanionsPart] = {}
        grace = settings.expectation_grace
        self._holder: HolderPart | None = None
        if scope.domain_id:
            self._holder = HolderPart(caller, scope, BY_NAME[HOLDER], grace)
            self.resources[self._holder.kind.aws.name] = self._holder
        level = ScopeLevel.DOMAIN if scope.domain_id else ScopeLevel.REGION
        for kind in KINDS:
            if kind.scope_level is level:
                part = ResourcesPart(caller, scope, kind, grace)
                self.resources[kind.aws.name] = part
                if kind.companion is not None:
                    companions = CompanionsPart(caller, scope, part, kind.companion, grace)
                    self.companions[kind.companion.name] = companions
        self._parts: tuple[Part, ...] = (*self.resources.values(), *self.companions.values())

    def shown(self, type_: str) -> Mapping[str, Any]:
        """Records by name."""
        part = self._part(type_)
        return part.records.shown if part else _NONE

    def real_names(self, type_: str) -> Mapping[str, str]:
        """Names as AWS writes them, by lower-cased name."""
        part = self._part(type_)
        return part.names if part else _NONE

    def shown_beside(self, type_: str) -> Mapping[str, Any]:
        """What a listing of companions tells of resources of another kind."""
        part = self._part(type_)
        return part.beside if part else _NONE

    @property
    def is_there(self) -> bool:
        """Whether AWS shows the domain that the scope is; a region always is."""
        return self._holder is None or bool(self._holder.records.shown)

    def clear(self) -> set[Changed]:
        """Forget all that was in a domain, since that is gone; what changed."""
        inside = (part for part in self._parts if part is not self._holder)
        return set().union(*(part.clear() for part in inside))

    def tell(self, changed: set[Changed]) -> None:
        """Tell of records that changed by other ways than sweeps."""
        self._tell(changed, appeared=False)

    def _part(self, type_: str) -> Part | None:
        return self.resources.get(type_) or self.companions.get(type_)

    async def _look(self, *, full: bool, began: float) -> tuple[set[Changed], int]:
        answered = await self._ask_due(full=full)
        now, changed = self._clock(), set[Changed]()
        for part, answer in answered.items():
            changed |= part.fold(answer, began, now)
        if self._holder in answered and not answered[self._holder].items:
            if self.is_there:
                kind = self._holder.kind
                operation = kind.aws.describing
                message = f"AWS does not show {kind.noun} {self.scope.domain_id} yet"
                raise AwsError(operation, FailureKind.TRANSIENT, "NotThereYet", message)
            changed |= self.clear()
        return changed, sum(answer.requests for answer in answered.values())

    async def _ask_due(self, *, full: bool) -> dict[Part, Answer]:
        """What all parts show, or those that move; a domain that is gone is only asked for."""
        if not full:
            return await self._ask([part for part in self._parts if part.is_moving])
        if self._holder is None or not self._is_swept or self.is_there:
            return await self._ask(self._parts)
        answered = await self._ask([self._holder])
        if answered[self._holder].items:
            answered |= await self._ask([part for part in self._parts if part is not self._holder])
        return answered

    async def _ask(self, parts: Sequence[Part]) -> dict[Part, Answer]:
        """What all of the parts show, or the first error: half of a sweep is none.

        A domain that is gone is an answer by itself: listings of what was in it say nothing.
        """
        answers = await asyncio.gather(*(part.ask() for part in parts), return_exceptions=True)
        answered: dict[Part, Answer] = {}
        for part, answer in zip(parts, answers, strict=True):
            if isinstance(answer, BaseException):
                raise answer
            if part is self._holder and not answer.items:
                return {part: answer}
            answered[part] = answer
        return answered

    def _moving_since(self) -> Iterator[float]:
        for part in self._parts:
            yield from part.moving_since

    def _apply(self, index: TagIndex) -> set[Changed]:
        changed: set[Changed] = set()
        for part in self.resources.values():
            names = self.tags.apply(index, part.records, part.id_of)
            changed.update(map(part.change_of, names))
        self.tags.forget_old(index.began)
        return changed
