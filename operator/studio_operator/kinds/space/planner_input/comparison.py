"""How a space differs from what is wanted: each setting next to what AWS shows of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from studio_operator.kinds.space.features.backup.script import is_backup_script
from studio_operator.kinds.space.in_aws import settings
from studio_operator.kinds.space.in_aws.apps import ObservedApp
from studio_operator.kinds.space.in_aws.observed import ObservedSpace, SpaceSettings
from studio_operator.kinds.space.in_aws.settings import live_values
from studio_operator.kinds.space.planner_input.settings import WantedSettings
from studio_operator.plan.settings.table import CLEARED, Setting

# Fields by which changes are told apart.
INSTANCE_TYPE = settings.INSTANCE_TYPE.field
STORAGE = settings.STORAGE.field
IMAGE = settings.IMAGE.field
LIFECYCLE_CONFIG = settings.LIFECYCLE_CONFIG.field
FILE_SYSTEMS = settings.FILE_SYSTEMS.field
REMOTE_ACCESS = settings.REMOTE_ACCESS.field
IDLE_TIME = settings.IDLE_TIME.field


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that differs. `needs_stop`: worth stopping a running app for.

    AWS's tools update a space only while its app is stopped (the Studio UI, aws-toolkit-vscode's
    startSpace), so every change waits for a stop; but only those that shape the app's machine, or
    who reaches it, justify one. A display name, an idle time or the repositories that JupyterLab
    offers to clone go along with the next stop.
    """

    field: str
    live: str
    wanted: str
    needs_stop: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """One setting next to what AWS shows.

    `is_declared`: whether the spec, or a default that counts, has a value for it.
    """

    change: Change
    is_declared: bool
    differs: bool


def compare_settings(
    wanted: WantedSettings, space: ObservedSpace, present: SpaceSettings, app: ObservedApp | None
) -> tuple[Comparison, ...]:
    """Each setting next to what AWS shows of it.

    What the spec leaves out is only given to the next app that starts, and is no difference. What a
    running app runs on counts more than what its space names: people can start an app on another
    instance type. What is wanted of a setting that AWS shows none of is compared with the empty
    value.
    """
    running_on = app.instance_type if app and app.is_active else None
    shown = live_values(space, present)
    shown[settings.INSTANCE_TYPE] = running_on or present.instance_type or ""
    is_resized = (
        settings.INSTANCE_TYPE in wanted.declared
        and shown[settings.INSTANCE_TYPE] != wanted.instance_type
    )
    compared = []
    for setting, found in shown.items():
        value = wanted.values.get(setting)
        live = setting.empty if found is None else found
        aim = setting.empty if value is None else value
        is_declared = setting in wanted.declared
        counts = is_declared or (setting is settings.IMAGE and is_resized)
        change = Change(
            setting.field,
            _words(setting, live),
            _words(setting, aim),
            needs_stop=_needs_stop(setting, wanted, live),
        )
        may_differ = counts and value is not None and value != live
        differs = may_differ and setting.form.is_another(value, live)
        compared.append(Comparison(change, is_declared, differs))
    return tuple(compared)


def describe_changes(changes: Iterable[Change]) -> tuple[str, str]:
    """What the changed settings are and become, in words: ("ml.t3.medium", "ml.m5.large")."""
    pairs = [(change.live, change.wanted) for change in changes]
    return ", ".join([live for live, _ in pairs]), ", ".join([aim for _, aim in pairs])


def _words(setting: Setting, value: Any) -> str:
    # A list may have 10 KB, and a tenant may edit it again and again: its words are not kept.
    is_list = value and isinstance(value, tuple)
    return setting.form.words(value) if is_list else _known_words(setting, value)


# Most values are the same from pass to pass, and from space to space.
@lru_cache(maxsize=4096)
def _known_words(setting: Setting, value: Any) -> str:
    return setting.form.words(value)


def _needs_stop(setting: Setting, wanted: WantedSettings, live: Any) -> bool:
    """What only makes back-ups is worth no stop, neither when it comes nor when it goes."""
    resolved = wanted.resolved.get(setting)
    if not setting.needs_stop or (resolved is not None and not resolved.is_urgent):
        return False
    if setting is not settings.LIFECYCLE_CONFIG:
        return True
    aim = wanted.values.get(setting)
    return not is_backup_script(aim) and not (is_backup_script(live) and aim == CLEARED)
