"""All that the simulator holds, at one look and without a call in the log."""

from __future__ import annotations

from typing import Any

from pydantic.alias_generators import to_camel

from studio_simulator.simulator import Simulator
from studio_simulator.state.resources import Resource
from studio_simulator.state.studio import Studio

HIDDEN = {"transition", "serial"}


def snapshot(simulator: Simulator) -> dict[str, Any]:
    """Return every resource with its fields, by kind."""
    shown: dict[str, list[dict[str, Any]]] = {
        "domains": [],
        "userProfiles": [],
        "spaces": [],
        "apps": [],
        "lifecycleConfigs": [],
    }
    for studio in simulator.studios():
        with studio.lock:
            studio.settle()
            for kind, resources in _kinds(studio).items():
                shown[kind] += [_fields(studio, resource) for resource in resources]
    return shown


def _kinds(studio: Studio) -> dict[str, list[Resource]]:
    return {
        "domains": list(studio.domains.values()),
        "userProfiles": list(studio.user_profiles.values()),
        "spaces": list(studio.spaces.values()),
        "apps": list(studio.apps.values()),
        "lifecycleConfigs": list(studio.lifecycle_configs.values()),
    }


def _fields(studio: Studio, resource: Resource) -> dict[str, Any]:
    fields = {to_camel(name): value for name, value in vars(resource).items() if name not in HIDDEN}
    # Tags are changed in place, everything else is replaced.
    return {**fields, "tags": dict(resource.tags), "region": studio.region}
