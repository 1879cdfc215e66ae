"""The lifecycle configurations of each region: listed when something that is declared needs it."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from datetime import timedelta

from studio_operator.aws.errors import ANSWERED_LATER, AwsError
from studio_operator.aws.features.reader import Reader, ReaderContext
from studio_operator.plan.lifecycle_configs import LifecycleConfigsQuestion
from studio_operator.plan.observed import LifecycleConfigs
from studio_operator.plan.scope import AccountRegion

logger = logging.getLogger(__name__)


class ListedLifecycleConfigs(Reader):
    """The last list of each region.

    Nobody looks at rest. A list does for all who ask within `lifecycle_configs_fresh`.
    """

    answers = LifecycleConfigsQuestion

    def __init__(self, context: ReaderContext) -> None:
        super().__init__(context)
        self._fresh = timedelta(seconds=context.settings.lifecycle_configs_fresh)
        self._observed: dict[AccountRegion, LifecycleConfigs] = {}
        self._looking: defaultdict[AccountRegion, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._refused: set[AccountRegion] = set()

    def of(self, where: AccountRegion, question: LifecycleConfigsQuestion) -> LifecycleConfigs:  # noqa: ARG002 - a reader's
        """What was listed. A refusal counts for as long as a list: then it is tried again."""
        observed = self._observed.get(where)
        if observed is None or (not observed.is_listable and not self._is_fresh(observed)):
            return LifecycleConfigs(is_listable=True)
        return observed

    async def look(self, where: AccountRegion, question: LifecycleConfigsQuestion) -> None:  # noqa: ARG002 - a reader's
        """List them, unless that was done just now; AwsError for a failure that passes."""
        async with self._looking[where]:
            observed = self._observed.get(where)
            if observed is None or not self._is_fresh(observed):
                self._observed[where] = await self._list(where)

    def _is_fresh(self, observed: LifecycleConfigs) -> bool:
        return (
            observed.looked_at is not None and self.context.now() - observed.looked_at < self._fresh
        )

    async def _list(self, where: AccountRegion) -> LifecycleConfigs:
        looked_at = self.context.now()
        try:
            items = await self.context.caller.paginate(
                where, "ListStudioLifecycleConfigs", {}, "StudioLifecycleConfigs"
            )
        except AwsError as error:
            if error.kind in ANSWERED_LATER:
                raise
            if where not in self._refused:
                logger.warning("lifecycle configurations of %s are not checked: %s", where, error)
            self._refused.add(where)
            return LifecycleConfigs(looked_at=looked_at)
        self._refused.discard(where)
        types = {
            item["StudioLifecycleConfigArn"]: item["StudioLifecycleConfigAppType"] for item in items
        }
        return LifecycleConfigs(types, looked_at, is_listable=True)
