"""Lifecycle configurations of another app type, or that do not exist: told before AWS is asked.

Each has one StudioLifecycleConfigAppType for good (botocore). Whether AWS refuses one of another
type when it is named, or the app fails when it starts, is not documented: either would stop an app
in vain. A region's are listed only when something declared names one that is not known yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from studio_operator.api.common import CommonStatus
from studio_operator.plan.decisions import Decision
from studio_operator.plan.lifecycle import look, stalled, waiting
from studio_operator.plan.observed import LifecycleConfigs
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import another, field, in_aws
from studio_operator.plan.settings.mapping import CLEARED, Values
from studio_operator.plan.types import Declared, Look, Question, Tuning

_MEMBERS = frozenset({"LifecycleConfigArn", "LifecycleConfigArns"})
_SETTINGS = "AppSettings"


@dataclass(frozen=True, slots=True)
class LifecycleConfigsQuestion(Question[LifecycleConfigs]):
    """The lifecycle configurations of the region that is asked."""

    def unanswered(self, now: datetime) -> LifecycleConfigs:  # noqa: ARG002 - a question's
        """Nothing is held back by what nobody can list."""
        return LifecycleConfigs()


AT_LIFECYCLE_CONFIGS = Look("lifecycle-configs", LifecycleConfigsQuestion())


class _Situation(Protocol):
    """What the situations of all kinds have of lifecycle configurations."""

    @property
    def declared(self) -> Declared[Any]: ...

    @property
    def status(self) -> CommonStatus: ...

    @property
    def now(self) -> datetime: ...

    @property
    def lifecycle_configs(self) -> LifecycleConfigs: ...

    @property
    def tuning(self) -> Tuning: ...


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """What is wrong with a lifecycle configuration that a field names.

    `app_type`: the one that it is for; None where there is no such configuration.
    """

    path: str
    name: str
    app: str
    app_type: str | None

    @property
    def words(self) -> str:
        """The problem, for a message."""
        named = f"{field(self.path)} names lifecycle configuration {self.name}"
        if self.app_type is None:
            return f"{named}, which this region and account do not have"
        return f"{named}, which is for {self.app_type} and not for {self.app}"


def must_look(
    arn: str, app: str, configs: LifecycleConfigs, now: datetime, fresh: timedelta
) -> bool:
    """Whether the list has to be read before that configuration is used for that app."""
    if not configs.is_listable or configs.app_types.get(arn) == app:
        return False
    return configs.looked_at is None or now - configs.looked_at >= fresh


def find_problem(path: str, arn: str, app: str, configs: LifecycleConfigs) -> ConfigProblem | None:
    """What is wrong with it, by a list that was read; None where nobody can tell."""
    found = configs.app_types.get(arn)
    if not configs.is_listable or configs.looked_at is None or found == app:
        return None
    return ConfigProblem(path, arn.rpartition("/")[2], app, found)


def fresh_for(situation: _Situation) -> timedelta:
    """For how long a list that was read counts."""
    return timedelta(seconds=situation.tuning.lifecycle_configs_fresh_seconds)


def hold_for_lifecycle_configs(situation: _Situation, values: Values) -> Decision | None:
    """No creation or update that names one of another type, or one that does not exist.

    `values`: the settings that are about to be set.
    """
    configs, fresh = situation.lifecycle_configs, fresh_for(situation)
    named = list(_named_by(values))
    if any(must_look(arn, app, configs, situation.now, fresh) for _, arn, app in named):
        message = "looking at the lifecycle configurations of the region"
        declared: Declared[Any] = situation.declared
        return look(declared, situation.status, message, AT_LIFECYCLE_CONFIGS)
    for path, arn, app in named:
        found = find_problem(path, arn, app, configs)
        if found is not None and found.app_type is not None:
            return stalled(Reason.INVALID_SPEC, found.words, another(path))
        if found is not None:
            remedies = (another(path), in_aws("create it"))
            again_at = looks_again_at(situation)
            return waiting(Reason.DEPENDENCY_NOT_READY, found.words, *remedies, wake_at=again_at)
    return None


def _named_by(values: Values) -> Iterator[tuple[str, str, str]]:
    """The field, the ARN and the app of each lifecycle configuration that settings name."""
    for setting, value in values.items():
        if setting.member[-1] not in _MEMBERS:
            continue
        block = next((one for one in setting.member if one.endswith(_SETTINGS)), "")
        for arn in (value,) if isinstance(value, str) else value:
            if arn != CLEARED:
                yield setting.field, arn, block.removesuffix(_SETTINGS)


def looks_again_at(situation: _Situation) -> datetime | None:
    """When the list is read again."""
    looked_at = situation.lifecycle_configs.looked_at
    return looked_at + fresh_for(situation) if looked_at is not None else None
