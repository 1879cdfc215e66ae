"""What the readers of features have in common: each answers one type of questions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from studio_operator.aws.inventory.scheduler import Scheduler
from studio_operator.aws.ports import Caller
from studio_operator.kinds.resource_id import ResourceId
from studio_operator.kinds.views import DomainScopeView
from studio_operator.plan.scope import AccountRegion, Scope
from studio_operator.plan.types import Call, Question
from studio_operator.settings import Settings


@dataclass(frozen=True, slots=True)
class ReaderContext:
    """What readers are made with.

    - `clock` gives monotonic seconds, `now` the time.
    - `domains` gives the domains that are polled in a region, by their scopes.
    - `on_change` is told of each resource for which something else is found than before.
    """

    caller: Caller
    settings: Settings
    clock: Callable[[], float]
    now: Callable[[], datetime]
    scheduler: Scheduler
    domains: Callable[[AccountRegion], Iterable[tuple[Scope, DomainScopeView]]]
    on_change: Callable[[ResourceId], None]


@dataclass(frozen=True, slots=True)
class FeatureGauge:
    """A metric of a feature; `count` gives its values by the values of its labels."""

    name: str
    text: str
    labels: tuple[str, ...]
    count: Callable[[], Mapping[tuple[str, ...], float]]


class Reader(ABC):
    """Answers the questions of one type. Use it from one event loop only.

    What is not asked for costs no call, unless the reader polls a region that is tracked.
    """

    answers: ClassVar[type[Question[Any]]]

    def __init__(self, context: ReaderContext) -> None:
        self.context = context

    @abstractmethod
    def of(self, where: AccountRegion, question: Any) -> Any:
        """The answer, as far as anybody has looked."""

    @abstractmethod
    async def look(self, where: AccountRegion, question: Any) -> None:
        """Ask AWS; AwsError when it does not answer."""

    def expect(self, call: Call, response: Mapping[str, Any], where: AccountRegion) -> None:
        """Enter the effect of a call that AWS has taken; other calls pass."""

    def track(self, where: AccountRegion) -> None:
        """A domain of this region is polled."""

    def untrack(self, where: AccountRegion) -> None:
        """No domain of this region is polled any more."""

    def domain_changed(self, where: AccountRegion) -> None:
        """A domain's view has changed as a whole."""

    def gauges(self) -> Iterable[FeatureGauge]:
        """Its metrics."""
        return ()
