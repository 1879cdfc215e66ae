"""Rules on the settings of domains, user profiles and spaces that the model cannot express."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio_simulator.errors import validation
from studio_simulator.rules.file_system_rules import check_attached
from studio_simulator.state.resources import Domain, Json, UserProfile
from studio_simulator.state.studio import Studio

APPS_WITH_VOLUME = {"JupyterLab": "JupyterLabAppSettings", "CodeEditor": "CodeEditorAppSettings"}
DEFAULT_VOLUME_SIZE = 5
MOST_VOLUME_SIZE = 100
"""GiB that people may ask for where the admin set no MaximumEbsVolumeSizeInGb."""


def check_default_settings(studio: Studio, settings: Json, where: str) -> None:
    """Check user settings or default space settings.

    Args:
        studio: where lifecycle configurations are looked up.
        settings: UserSettings or DefaultSpaceSettings, complete.
        where: the member's name, for messages.

    """
    storage = settings.get("SpaceStorageSettings", {}).get("DefaultEbsStorageSettings")
    if storage and storage["DefaultEbsVolumeSizeInGb"] > storage["MaximumEbsVolumeSizeInGb"]:
        raise validation(
            f"DefaultEbsVolumeSizeInGb must not be above MaximumEbsVolumeSizeInGb in {where}."
        )
    for app_type in APPS_WITH_VOLUME.values():
        _check_idle_bounds(settings.get(app_type, {}), f"{where}.{app_type}")
    check_attached(settings, where)
    check_lifecycle_configs(studio, settings)


def _check_idle_bounds(app_settings: Json, where: str) -> None:
    idle = app_settings.get("AppLifecycleManagement", {}).get("IdleSettings", {})
    lowest = idle.get("MinIdleTimeoutInMinutes", 60)
    highest = idle.get("MaxIdleTimeoutInMinutes", 525_600)
    if not lowest <= idle.get("IdleTimeoutInMinutes", lowest) <= highest:
        raise validation(f"IdleTimeoutInMinutes must be between {lowest} and {highest} in {where}.")


def check_lifecycle_configs(studio: Studio, settings: Json, app_type: str | None = None) -> None:
    """Refuse settings that name a lifecycle configuration which does not exist, or another app's.

    What AWS does with one of another app type is not documented; to refuse it is the stricter way.

    Args:
        studio: where lifecycle configurations are looked up.
        settings: what may name some; in `<app type>AppSettings` they are for that app type.
        app_type: the one that the settings as a whole are for, if they are.

    """
    known = {config.arn: config.app_type for config in studio.lifecycle_configs.values()}
    for name, value in settings.items():
        if name.endswith("AppSettings"):
            _check_types(known, value, name.removesuffix("AppSettings"))
        else:
            _check_types(known, {name: value}, app_type)


def _check_types(known: dict[str, str], settings: Json, app_type: str | None) -> None:
    for arn in lifecycle_config_arns(settings):
        if arn not in known:
            raise validation(f"StudioLifecycleConfig [{arn}] does not exist.")
        if app_type is not None and known[arn] != app_type:
            raise validation(
                f"StudioLifecycleConfig [{arn}] is of AppType [{known[arn]}], not [{app_type}]."
            )


_ARN_MEMBERS = frozenset({"LifecycleConfigArn", "BuiltInLifecycleConfigArn"})


def lifecycle_config_arns(settings: Any) -> Iterator[str]:
    """Yield the lifecycle configurations that settings name anywhere inside."""
    if isinstance(settings, dict):
        for name, value in settings.items():
            if name in _ARN_MEMBERS and value != "None":
                yield value
            elif name == "LifecycleConfigArns":
                yield from value
            else:
                yield from lifecycle_config_arns(value)


def effective_settings(
    domain: Domain, owner: UserProfile | None, *, is_private: bool
) -> list[Json]:
    """Return the settings a space inherits, nearest first.

    Private spaces take the owner's profile and then the domain's DefaultUserSettings; shared ones
    take DefaultSpaceSettings only.
    """
    if not is_private:
        return [domain.settings.get("DefaultSpaceSettings", {})]
    own = [owner.settings] if owner is not None else []
    return [*own, domain.settings["DefaultUserSettings"]]


def volume_bounds(inherited: list[Json]) -> tuple[int, int]:
    """Return the default and the maximum size of a space's volume, in GiB."""
    for settings in inherited:
        bounds = settings.get("SpaceStorageSettings", {}).get("DefaultEbsStorageSettings")
        if bounds:
            return bounds["DefaultEbsVolumeSizeInGb"], bounds["MaximumEbsVolumeSizeInGb"]
    return DEFAULT_VOLUME_SIZE, MOST_VOLUME_SIZE


def idle_bounds(inherited: list[Json], member: str) -> tuple[int, int]:
    """Return the least and the greatest idle time-out that a space may set, in minutes."""
    for settings in inherited:
        idle = settings.get(member, {}).get("AppLifecycleManagement", {}).get("IdleSettings", {})
        if "MinIdleTimeoutInMinutes" in idle or "MaxIdleTimeoutInMinutes" in idle:
            return (
                idle.get("MinIdleTimeoutInMinutes", 60),
                idle.get("MaxIdleTimeoutInMinutes", 525_600),
            )
    return 60, 525_600
