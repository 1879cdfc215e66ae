"""Parts of a scope: each is seen by one Describe call or listing, and kept as records."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from studio_operator.aws.inventory import parsing
from studio_operator.aws.inventory.describing import describe
from studio_operator.aws.inventory.merging import merge_described, merge_listed, take_described
from studio_operator.aws.inventory.records import Records
from studio_operator.aws.ports import PAGE_SIZE, Caller
from studio_operator.kinds.aws_type import AwsType, Companion, Json
from studio_operator.kinds.managed_kind import ManagedKind
from studio_operator.kinds.resource_id import Changed, ResourceId, holder_of
from studio_operator.plan.scope import Scope


@dataclass(frozen=True, slots=True)
class Answer:
    """What AWS answered, complete: items as they came, and how many requests that took."""

    items: list[dict[str, Any]]
    requests: int


class Part(ABC):
    """What is seen of one type in a scope: a listing of all pages, kept as records by name.

    - `names`: names as AWS writes them, by lower-cased name, as of the last listing.
    - `beside`: what the listing tells of resources of another kind.
    """

    def __init__(
        self, caller: Caller, scope: Scope, type_: AwsType[Any] | Companion, records: Records[Any]
    ) -> None:
        self.records = records
        self.names: Mapping[str, str] = {}
        self.beside: Mapping[str, Any] = {}
        self._caller = caller
        self._scope = scope
        self._type = type_

    @property
    def is_moving(self) -> bool:
        """Whether any of its records moves."""
        return self.records.is_moving

    @property
    def moving_since(self) -> Iterable[float]:
        """Since when each of its moving records moves."""
        return self.records.moving_since

    async def ask(self) -> Answer:
        """Ask AWS; AwsError when any page fails."""
        question = {"DomainIdEquals": self._scope.domain_id} if self._scope.domain_id else {}
        items = await self._caller.paginate(
            self._scope.account_region, self._type.listing, question, self._type.items
        )
        return Answer(items, max(1, math.ceil(len(items) / PAGE_SIZE)))

    @abstractmethod
    def fold(self, answer: Answer, began: float, now: float) -> set[Changed]:
        """Take in what a look that began then has seen; what changed."""

    def clear(self) -> set[Changed]:
        """Forget all, as of a domain that is gone; what changed."""
        self.names, self.beside = {}, {}
        return {self.change_of(name) for name in self.records.clear()}

    @abstractmethod
    def change_of(self, name: str) -> Changed:
        """By what a change of a record is told."""


class ResourcesPart(Part):
    """The resources of a kind in a scope."""

    def __init__(self, caller: Caller, scope: Scope, kind: ManagedKind, grace: float) -> None:
        records: Records[Any] = Records(merge_listed(kind.aws), merge_described, grace)
        super().__init__(caller, scope, kind.aws, records)
        self.kind = kind

    def fold(self, answer: Answer, began: float, now: float) -> set[Changed]:
        """Take in a complete listing."""
        type_ = self.kind.aws
        ids = [item[type_.id] for item in answer.items]
        if not self.kind.names_in_any_case:  # else records are kept by these
            self.names = {one.lower(): one for one in ids}
        listed = {
            self.kind.record_name(id_): parsing.listed(type_, item)
            for id_, item in zip(ids, answer.items, strict=True)
        }
        return set(map(self.change_of, self.records.fold_listing(listed, began, now)))

    def carrying(self, resource: str) -> Mapping[ResourceId, Any]:
        """Those whose ownership tag names that resource, `namespace/name`."""
        return {self.id_of(name): one for name, one in self.records.carrying(resource).items()}

    def id_of(self, name: str) -> ResourceId:
        """The id of one of the resources."""
        return ResourceId(self.kind.name, self._scope, name)

    def change_of(self, name: str) -> Changed:
        """A list of what holds others counts as a whole."""
        return self._scope if self.kind.holds_others else self.id_of(name)


class HolderPart(ResourcesPart):
    """What the scope is, a domain: seen by Describe, the only answer that can say it is gone."""

    async def ask(self) -> Answer:
        """Describe it; no item when AWS says that there is no such thing."""
        type_ = self.kind.aws
        found = await describe(
            self._caller,
            self._scope.account_region,
            type_.describing,
            {type_.id: self._scope.domain_id},
        )
        return Answer([found] if found else [], 1)

    def fold(self, answer: Answer, began: float, now: float) -> set[Changed]:
        """Take in the answer."""
        name = self.id_of("").name
        before = self.records.shown.get(name)
        found = parsing.described(self.kind.aws, answer.items[0]) if answer.items else None
        self.records.fold_look(name, found, began, now)
        return set() if self.records.shown.get(name) == before else {self._scope}

    def id_of(self, name: str) -> ResourceId:  # noqa: ARG002 - there is but one
        """The id of what the scope is."""
        return holder_of(self._scope)


class CompanionsPart(Part):
    """What resources of a kind have besides, kept by the names of the resources."""

    def __init__(
        self, caller: Caller, scope: Scope, owners: ResourcesPart, type_: Companion, grace: float
    ) -> None:
        records: Records[Any] = Records(type_.merged, take_described, grace)
        super().__init__(caller, scope, type_, records)
        self.type = type_
        self.owners = owners

    def fold(self, answer: Answer, began: float, now: float) -> set[Changed]:
        """Take in a complete listing.

        What it tells of others is only shown. Nobody waits for it, so it makes no listing come
        sooner.
        """
        listed = self.type.listed(answer.items)
        changed = set(map(self.change_of, self.records.fold_listing(listed, began, now)))
        if self.type.beside is None:
            return changed
        kind, read = self.type.beside
        before, self.beside = self.beside, read(answer.items)
        after = self.beside
        others = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        return changed | {ResourceId(kind, self._scope, name) for name in others}

    def change_of(self, name: str) -> Changed:
        """A change is told as one of the resource."""
        return self.owners.id_of(name)

    def question(self, name: str) -> Json | None:
        """How to ask for the one of a resource."""
        owner = self.owners.records.shown.get(name)
        return self.type.question(owner, self.records.shown.get(name))
