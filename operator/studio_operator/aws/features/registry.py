"""The readers of all features, and who of them answers what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from studio_operator.aws.features.backup_scripts import BackupScripts
from studio_operator.aws.features.backups import Backups
from studio_operator.aws.features.lifecycle_configs import ListedLifecycleConfigs
from studio_operator.aws.features.lingering import LingeringRegions
from studio_operator.aws.features.reader import FeatureGauge, Reader, ReaderContext
from studio_operator.plan.scope import AccountRegion
from studio_operator.plan.types import AnswerT, Call, Question

READERS: tuple[type[Reader], ...] = (
    BackupScripts,
    Backups,
    ListedLifecycleConfigs,
    LingeringRegions,
)


class Readers:
    """Hands each question to who answers its type, and what concerns all to all."""

    def __init__(self, context: ReaderContext) -> None:
        self._by_type = {reader.answers: reader(context) for reader in READERS}

    def __iter__(self) -> Iterator[Reader]:
        return iter(self._by_type.values())

    def known(self, where: AccountRegion, question: Question[AnswerT]) -> AnswerT:
        """The answer, as far as anybody has looked."""
        answer: AnswerT = self._by_type[type(question)].of(where, question)
        return answer

    async def look(self, where: AccountRegion, question: Question[Any]) -> None:
        """Ask AWS; AwsError when it does not answer."""
        await self._by_type[type(question)].look(where, question)

    def expect(self, call: Call, response: Mapping[str, Any], where: AccountRegion) -> None:
        """Enter the effect of a call that AWS has taken."""
        for reader in self:
            reader.expect(call, response, where)

    def gauges(self) -> Iterator[FeatureGauge]:
        """The metrics of all."""
        for reader in self:
            yield from reader.gauges()
