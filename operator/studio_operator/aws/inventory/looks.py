"""Looks at single resources, for what listings lack, folded into what is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from studio_operator.aws.inventory import parsing
from studio_operator.aws.inventory.describing import describe, read_tags
from studio_operator.aws.inventory.records import Records
from studio_operator.aws.inventory.scope_poller import ScopePoller
from studio_operator.aws.ports import Caller
from studio_operator.kinds.aws_type import Json
from studio_operator.kinds.registry import BY_NAME
from studio_operator.kinds.resource_id import Changed, ResourceId


class Looks:
    """Describe and ListTags calls. They raise AwsError.

    Where AWS says that there is no such thing, its record is removed.
    """

    def __init__(self, caller: Caller, clock: Callable[[], float]) -> None:
        self._caller = caller
        self._clock = clock

    async def at_settings(self, poller: ScopePoller, about: ResourceId) -> None:
        """Describe a resource."""
        kind = BY_NAME[about.kind]
        part, type_ = poller.resources[kind.aws.name], kind.aws
        is_news = await self._fold(
            part.records,
            about,
            type_.describing,
            {type_.id: about.name},
            lambda answer: parsing.described(type_, answer),
        )
        if is_news and poller.scope == about.view:
            changed: set[Changed] = {part.change_of(about.name)}
            is_gone = kind.holds_others and not poller.is_there
            poller.tell(changed | poller.clear() if is_gone else changed)

    async def at_companion(self, poller: ScopePoller, about: ResourceId) -> None:
        """Describe what a resource has besides, for its status and the reason of its failure."""
        companion = BY_NAME[about.kind].companion
        part = poller.companions.get(companion.name) if companion else None
        asked = part.question(about.name) if part else None
        if companion is None or part is None or asked is None:
            return
        question = {BY_NAME[about.kind].aws.id: about.name, **asked}
        if await self._fold(
            part.records, about, companion.describing, question, companion.described
        ):
            poller.tell({about})

    async def at_tags(self, poller: ScopePoller, about: ResourceId) -> None:
        """Read the tags of one resource; describe it first where its ARN is not known yet."""
        records = poller.resources[BY_NAME[about.kind].aws.name].records
        record = records.shown.get(about.name)
        if record is not None and record.arn is None:
            await self.at_settings(poller, about)
            record = records.shown.get(about.name)
        if record is None or record.arn is None:
            return
        began = self._clock()
        tags = await read_tags(self._caller, about.scope.account_region, record.arn)
        if tags is None:
            await self.at_settings(poller, about)  # Describe is the one to say that it is gone
            return
        record = records.shown.get(about.name)
        if record is not None and not poller.tags.is_written_since(about, began):
            records.amend(about.name, replace(record, tags=tags))

    async def _fold(
        self,
        records: Records[Any],
        about: ResourceId,
        operation: str,
        question: Json,
        read: Callable[[Json], Any],
    ) -> bool:
        scope = about.scope
        within = {"DomainId": scope.domain_id} if scope.domain_id else {}
        began = self._clock()
        answer = await describe(
            self._caller, scope.account_region, operation, {**within, **question}
        )
        observed = None if answer is None else read(answer)
        return records.fold_look(about.name, observed, began, self._clock())
