"""Back-ups in an AWS in memory: made at once, where an app runs that can make them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from studio_operator.kinds.feature import InMemory, Views
from studio_operator.kinds.space.features.backup.observed import (
    BackupPlace,
    ObservedBackup,
    ObservedScript,
    ScriptQuestion,
)
from studio_operator.kinds.space.features.backup.script import is_backup_script, parse_request
from studio_operator.plan.scope import AccountRegion, Scope
from studio_operator.plan.types import Call


class BackupsInMemory(InMemory):
    """Scripts that were uploaded, and what was asked for and made in S3."""

    answers = (ScriptQuestion, BackupPlace)

    def __init__(self) -> None:
        self._scripts: set[tuple[AccountRegion, str]] = set()  # by region and name
        self._asked: dict[str, datetime | None] = {}  # by the request's key in S3
        self._made: dict[str, datetime | None] = {}

    def copy(self) -> Self:
        """Another one with the same in it."""
        other = type(self)()
        other._scripts = set(self._scripts)
        other._asked = dict(self._asked)
        other._made = dict(self._made)
        return other

    def of(self, where: AccountRegion, question: Any, views: Views, now: datetime) -> Any:
        """The answer to a question."""
        if isinstance(question, ScriptQuestion):
            return ObservedScript(self._has_script(where, question.name, views), observed_at=now)
        key = question.request_key
        answers = self._made.get(key)
        return ObservedBackup(
            looked_at=now,
            requested_at=self._asked.get(key),
            answers=answers,
            completed_at=answers,
        )

    def _has_script(self, where: AccountRegion, name: str, views: Views) -> bool:
        """Whether it was made here, or a space names it: that it was replaced is not known here."""
        found = (one for scope, one in views.items() if scope.account_region == where)
        settings = (space.settings for one in found for space in one.spaces.values())
        named = (one.lifecycle_config_arn or "" for one in settings if one is not None)
        return (where, name) in self._scripts or any(arn.endswith(f"/{name}") for arn in named)

    def enter(self, where: AccountRegion, call: Call, views: Views) -> None:
        """A script is there, a back-up is asked for, or an app runs that makes it."""
        given = call.parameters
        if call.operation == "CreateStudioLifecycleConfig":
            self._scripts.add((where, given["StudioLifecycleConfigName"]))
        elif call.operation == "PutObject":
            self._asked[given["Key"]] = parse_request(given["Body"])
        for key, asked in self._asked.items():
            domain_id, name, _ = key.split("/")[-3:]
            found = views.get(Scope(*where, domain_id))
            if found is not None and _makes_backups(found.spaces.get(name), found.apps.get(name)):
                self._made[key] = asked


def _makes_backups(space: Any, app: Any) -> bool:
    script = space.settings.lifecycle_config_arn if space and space.settings else None
    return app is not None and app.is_active and is_backup_script(script)
