"""What a kind tells of a feature that reads or calls more of AWS than its resources' records."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from studio_operator.kinds.permissions import Statement
from studio_operator.kinds.views import DomainScopeView
from studio_operator.plan.operations import AwsOperation
from studio_operator.plan.scope import AccountRegion, Scope
from studio_operator.plan.types import Call, Question

if TYPE_CHECKING:
    from studio_operator.settings import Settings

Views = Mapping[Scope, DomainScopeView]


class InMemory(ABC):
    """What AWS has of a feature, for dry runs: all that is asked for succeeds at once."""

    answers: ClassVar[tuple[type[Question[Any]], ...]]

    @abstractmethod
    def of(self, where: AccountRegion, question: Any, views: Views, now: datetime) -> Any:
        """The answer to a question."""

    @abstractmethod
    def enter(self, where: AccountRegion, call: Call, views: Views) -> None:
        """A call, of the feature or not, was carried out; `views` are those after it."""

    @abstractmethod
    def copy(self) -> Self:
        """Another one with the same in it."""


@dataclass(frozen=True, slots=True)
class CallWords:
    """What a call of a feature means, for people; `is_waited_for`: whether others wait for it."""

    text: str
    is_waited_for: bool = False


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature of a kind.

    - `tuning`: what its rules go by of the operator's settings; `Tuning.of` has it.
    - `operations`: those of AWS that only it needs; `statements`: what the operator's IAM policy
      says of them; `calls`: what the changes among them mean.
    - `in_memory`: makes what a dry run has of it; without, its questions stay unanswered.
    - `field`: its block of the spec; `untold`: what is told of a plan that changes that, where the
      operator's settings are not known.
    """

    tuning: Callable[[Settings], Any] | None = None
    operations: tuple[AwsOperation, ...] = ()
    statements: tuple[Statement, ...] = ()
    calls: Mapping[str, CallWords] = dataclasses.field(default_factory=dict)
    in_memory: Callable[[], InMemory] | None = None
    field: str = ""
    untold: str = ""
