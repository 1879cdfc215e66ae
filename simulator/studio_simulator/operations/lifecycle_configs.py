"""Studio lifecycle configurations: create, describe, delete, list; they are never changed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from studio_simulator.errors import in_use, not_found, validation
from studio_simulator.requests.paging import by_creation, by_modification, page
from studio_simulator.rules.setting_rules import lifecycle_config_arns
from studio_simulator.state.resources import App, Domain, Json, LifecycleConfig, UserProfile
from studio_simulator.state.studio import Studio
from studio_simulator.state.tags import merged_tags, tags_of


def create_studio_lifecycle_config(studio: Studio, parameters: Json) -> Json:
    """Create a lifecycle configuration; it is there at once."""
    name = parameters["StudioLifecycleConfigName"]
    arn = studio.arn(f"studio-lifecycle-config/{name.lower()}")
    if name in studio.lifecycle_configs:
        raise in_use(f"StudioLifecycleConfig [{arn}] already exists.")
    content = parameters["StudioLifecycleConfigContent"]
    try:
        base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise validation("StudioLifecycleConfigContent must be base64 encoded.") from error
    studio.lifecycle_configs[name] = LifecycleConfig(
        arn=arn,
        serial=studio.next_serial(),
        created=studio.now,
        modified=studio.now,
        status="InService",
        tags=merged_tags(tags_of(parameters)),
        name=name,
        content=content,
        app_type=parameters["StudioLifecycleConfigAppType"],
    )
    return {"StudioLifecycleConfigArn": arn}


def _existing(studio: Studio, parameters: Json) -> LifecycleConfig:
    name = parameters["StudioLifecycleConfigName"]
    found = studio.lifecycle_configs.get(name)
    if found is None:
        raise not_found(f"StudioLifecycleConfig [{name}]")
    return found


def describe_studio_lifecycle_config(studio: Studio, parameters: Json) -> Json:
    """Return a lifecycle configuration with its content."""
    config = _existing(studio, parameters)
    return {**_summary(config), "StudioLifecycleConfigContent": config.content}


def delete_studio_lifecycle_config(studio: Studio, parameters: Json) -> Json:
    """Delete a lifecycle configuration that no running app uses, and no domain or profile names.

    A space that names it does not keep it, says the API reference.
    """
    config = _existing(studio, parameters)
    users: list[tuple[Domain | UserProfile | App, Json]] = [
        *((one, one.settings) for one in studio.domains.values()),
        *((one, one.settings) for one in studio.user_profiles.values()),
        *((one, one.resource_spec) for one in studio.apps.values() if one.is_active),
    ]
    for user, settings in users:
        if config.arn in lifecycle_config_arns(settings):
            raise in_use(
                f"Unable to delete StudioLifecycleConfig [{config.arn}] because "
                f"{type(user).__name__} [{user.arn}] uses it."
            )
    del studio.lifecycle_configs[config.name]
    return {}


def list_studio_lifecycle_configs(studio: Studio, parameters: Json) -> Json:
    """List lifecycle configurations; newest first unless asked otherwise."""
    part = parameters.get("NameContains", "").lower()
    app_type = parameters.get("AppTypeEquals")
    wanted = (
        config
        for config in studio.lifecycle_configs.values()
        if part in config.name.lower()
        and app_type in {None, config.app_type}
        and _is_between(config.created, parameters, "CreationTime")
        and _is_between(config.modified, parameters, "ModifiedTime")
    )
    keys: dict[str, Callable[[LifecycleConfig], float | str]] = {
        "CreationTime": by_creation,
        "LastModifiedTime": by_modification,
        "Name": lambda config: config.name,
    }
    key = keys[parameters.get("SortBy", "CreationTime")]
    descending = parameters.get("SortOrder", "Descending") == "Descending"
    configs, token = page(wanted, parameters, key, descending=descending)
    return {
        "StudioLifecycleConfigs": [_summary(config) for config in configs],
        "NextToken": token,
    }


def _is_between(time: float, parameters: Json, noun: str) -> bool:
    after = parameters.get(f"{noun}After", float("-inf"))
    before = parameters.get(f"{noun}Before", float("inf"))
    return bool(after < time < before)


def _summary(config: LifecycleConfig) -> Json:
    return {
        "StudioLifecycleConfigArn": config.arn,
        "StudioLifecycleConfigName": config.name,
        "CreationTime": config.created,
        "LastModifiedTime": config.modified,
        "StudioLifecycleConfigAppType": config.app_type,
    }
