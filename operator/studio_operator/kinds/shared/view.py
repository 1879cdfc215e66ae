"""What the shared rules see of a domain or user profile, and what follows from it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from studio_operator.kinds.shared.corrections import was_as_declared
from studio_operator.kinds.shared.holds import Blocker, Hold
from studio_operator.kinds.shared.refusals import Refusals, Update
from studio_operator.plan.lifecycle import Holding, is_begun
from studio_operator.plan.observed import Observed
from studio_operator.plan.ownership import Claim, OwnerMark, classify, has_owned, mark_of
from studio_operator.plan.remedies import Remedy
from studio_operator.plan.settings.mapping import (
    Changes,
    Setting,
    Values,
    declared_values,
    find_changes,
)
from studio_operator.plan.types import FailureKind

Check = Callable[[Any], Iterable[Hold]]


@dataclass(frozen=True)
class SettingsView(ABC):
    """A situation, with what several rules derive from it worked out once.

    `checks`: what holds settings back before AWS is asked. `others`: fields of the spec that are no
    settings, by the members that requests have for them.
    """

    table: ClassVar[tuple[Setting, ...]]
    others: ClassVar[Mapping[str, str]] = {"Tags": "tags"}
    noun: ClassVar[str]  # as in the names of operations: UpdateDomain

    situation: Any
    checks: tuple[Check, ...] = ()

    @property
    @abstractmethod
    def found(self) -> Observed | None:
        """What AWS shows of it."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What it is, in a message."""

    @property
    @abstractmethod
    def identity(self) -> Mapping[str, Any]:
        """The parameters that name it in a call."""

    @property
    @abstractmethod
    def rename(self) -> Remedy:
        """The edit by which the resource wants something else in AWS."""

    @property
    def is_unexplained(self) -> bool:
        """Whether something failed and only a look tells why."""
        return False

    @property
    @abstractmethod
    def differing(self) -> Changes | None:
        """How the settings differ from AWS; None while that takes a look."""

    @property
    def lacks_description(self) -> bool:
        """Whether a look has to tell what listings don't, before anything is changed."""
        return self.differing is None

    @property
    def ready_message(self) -> str:
        """What is told when AWS shows what is declared."""
        return f"{self.title} is as declared"

    @property
    def remembered_when_ready(self) -> Mapping[str, Any]:
        """Members of status that spare looks, set when AWS shows what is declared."""
        return {}

    def blockers(self, kind: FailureKind) -> Mapping[str, Blocker]:  # noqa: ARG002 - a kind's own
        """What AWS is documented to refuse with such a failure while something is there."""
        return {}

    @property
    def policy(self) -> str:
        """The deletion policy that holds."""
        policy: str | None = self.situation.declared.spec.deletion_policy
        return policy or "Retain"

    @property
    def is_begun(self) -> bool:
        """Whether what AWS fixes at creation can't be edited any more."""
        return is_begun(self.situation.status, self.claim)

    @property
    def was_as_declared(self) -> bool:
        """Whether AWS had all of this very spec when it was looked at last."""
        return was_as_declared(self.situation.declared, self.situation.status)

    @cached_property
    def mark(self) -> OwnerMark:
        """The mark of what this resource owns."""
        return mark_of(self.situation.declared, self.situation.cluster)

    @cached_property
    def claim(self) -> Claim | None:
        """How it relates to the resource; None while its tags are not known."""
        if self.found is None or self.found.tags is None:
            return None
        owned_before = has_owned(self.situation.status)
        return classify(self.found.tags, self.mark, owned_before=owned_before)

    @cached_property
    def holding(self) -> Holding | None:
        """What AWS shows, as the steps take it that all kinds have in common."""
        return self.hold(self.found) if self.found is not None else None

    def hold(self, found: Observed) -> Holding:
        """What AWS shows of this kind, as those steps take it."""
        return Holding(
            title=self.title,
            status=found.status,
            arn=found.arn or "",
            failure=found.failure,
            tags=found.tags,
            declared_tags=self.situation.declared.spec.tags or {},
            tag_keys=self.situation.status.tag_keys or (),
            mark=self.mark,
            had_tags=self.was_as_declared,
            modified_at=found.modified_at,
        )

    @property
    def has_failed_update(self) -> bool:
        """Whether AWS wants another update after one that it took and failed at."""
        return self.found is not None and self.found.status == "Update_Failed"

    @property
    def failure_words(self) -> str:
        """What AWS says of a failure."""
        told = self.found.failure if self.found else None
        return str(told or self.live.get("FailureReason") or "no reason")

    @cached_property
    def declared(self) -> Values:
        """The declared settings."""
        return declared_values(self.situation.declared.spec, self.table)

    @property
    def live(self) -> Mapping[str, Any]:
        """The settings as AWS shows them; empty while they are not known."""
        return (self.found.details if self.found else None) or {}

    def compare(self) -> Changes:
        """How the settings differ from the ones that AWS shows."""
        managed = self.situation.status.managed_fields or ()
        return find_changes(self.declared, self.live, self.table, managed)

    @property
    def left(self) -> tuple[Setting, ...]:
        """What left the spec and AWS has still: first what AWS has no value to clear with."""
        return () if self.differing is None else (*self.differing.kept, *self.differing.clears)

    @cached_property
    def refusals(self) -> Refusals:
        """What AWS refused of the settings."""
        return Refusals(self)

    @cached_property
    def update(self) -> Update:
        """What of the settings is sent to AWS next, and what is held back."""
        return self.refusals.plan()
