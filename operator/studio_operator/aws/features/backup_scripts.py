"""Whether the scripts that make spaces' back-ups are in AWS: looked at when asked for."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from studio_operator.api.common import MADE_FOR_TAG
from studio_operator.aws.errors import ANSWERED_LATER, AwsError
from studio_operator.aws.features.reader import Reader, ReaderContext
from studio_operator.aws.inventory.parsing import tags_from
from studio_operator.kinds.space.features.backup.observed import ObservedScript, ScriptQuestion
from studio_operator.kinds.space.features.backup.script import is_backup_script
from studio_operator.kinds.space.features.backup.script_slots import ScriptSlots
from studio_operator.plan.scope import AccountRegion
from studio_operator.plan.types import Call, FailureKind

logger = logging.getLogger(__name__)

# The tagging API's word for lifecycle configurations: the service and the type that ARNs have.
# Nothing else is asked for, since anybody may put a tag on what they run.
_SCRIPTS = "sagemaker:studio-lifecycle-config"


class BackupScripts(Reader):
    """The last look at each script."""

    answers = ScriptQuestion

    def __init__(self, context: ReaderContext) -> None:
        super().__init__(context)
        self._scripts: dict[tuple[AccountRegion, str], bool] = {}  # by region and name
        self._observed_at: dict[tuple[AccountRegion, str], datetime] = {}  # the same
        # Names that others hold in AWS, with another script, and when that was seen.
        self._foreign: dict[tuple[AccountRegion, str], datetime] = {}
        settings = context.settings
        self._slots = ScriptSlots(settings.backup_scripts_per_namespace, settings.backup_scripts)
        self._counted_at: dict[AccountRegion, datetime] = {}
        self._fresh = timedelta(seconds=settings.lifecycle_configs_fresh)

    def of(self, where: AccountRegion, question: ScriptQuestion) -> ObservedScript:
        """What was seen, as far as anybody has looked."""
        name = question.name
        exists = self._exists(where, name)
        return ObservedScript(
            exists,
            full=None if exists else self._slots.full(where, name, question.made_for),
            is_foreign=exists is False and (where, name) in self._foreign,
            observed_at=self._observed_at.get((where, name)),
        )

    def _exists(self, where: AccountRegion, name: str) -> bool | None:
        """Whether it is there; that others hold its name is looked at anew now and then."""
        looked_at = self._foreign.get((where, name))
        if looked_at is not None and self.context.now() - looked_at >= self._fresh:
            return None
        return self._scripts.get((where, name))

    def expect(self, call: Call, response: Mapping[str, Any], where: AccountRegion) -> None:
        """Enter that a script was made.

        One that was there already may be another's: it is looked at before it counts, unless this
        process made it or has seen it.
        """
        if call.operation != "CreateStudioLifecycleConfig":
            return
        script = (where, call.parameters["StudioLifecycleConfigName"])
        if "StudioLifecycleConfigArn" in response:
            self._scripts[script], self._observed_at[script] = True, self.context.now()
        elif not self._scripts.get(script):
            self._scripts.pop(script, None)

    async def look(self, where: AccountRegion, question: ScriptQuestion) -> None:
        """Look whether it exists, and count what there is before it is made; AwsError in vain."""
        name = question.name
        try:
            found = await self.context.caller.call(
                where, "DescribeStudioLifecycleConfig", {"StudioLifecycleConfigName": name}
            )
        except AwsError as error:
            if error.kind is not FailureKind.GONE:
                raise
            await self._count_scripts(where)
            self._slots.take(where, name, question.made_for)
            self._foreign.pop((where, name), None)
            self._scripts[where, name], self._observed_at[where, name] = False, self.context.now()
        else:
            self._foreign.pop((where, name), None)
            self._scripts[where, name] = found["StudioLifecycleConfigContent"] == question.content
            self._observed_at[where, name] = self.context.now()
            if not self._scripts[where, name]:
                self._foreign[where, name] = self.context.now()

    async def _count_scripts(self, where: AccountRegion) -> None:
        """Count what AWS has before another one is made, unless that was done just now.

        Where the operator may not look, what it made itself since its start is counted.
        """
        now = self.context.now()
        counted_at = self._counted_at.get(where)
        if counted_at is not None and now - counted_at < self._fresh:
            return
        question = {"TagFilters": [{"Key": MADE_FOR_TAG}], "ResourceTypeFilters": [_SCRIPTS]}
        try:
            items = await self.context.caller.paginate(
                where, "GetResources", question, "ResourceTagMappingList"
            )
        except AwsError as error:
            if error.kind in ANSWERED_LATER:
                raise
            if counted_at is None:
                logger.warning("scripts of back-ups in %s are not counted: %s", where, error)
            self._counted_at[where] = now
            return
        self._counted_at[where] = now
        self._slots.found(
            where,
            (
                (item["ResourceARN"].rpartition("/")[2], tags_from(item["Tags"])[MADE_FOR_TAG])
                for item in items
                if is_backup_script(item["ResourceARN"])
            ),
        )
