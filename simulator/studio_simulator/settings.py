"""Everything about the simulator that can be set, at the start and while it runs.

All durations are in simulated seconds. Names are accepted as written here and in camelCase, and
are shown in camelCase.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

DAY = 24 * 60 * 60


class Settings(BaseModel):
    """Base of all settings: unknown names are refused, changes are checked."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", validate_assignment=True
    )

    def changed(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Check ``changes`` as a whole, then apply them; return the names that were set.

        Raises:
            pydantic.ValidationError: for an unknown name or an unfit value; nothing is changed.

        """
        checked = type(self).model_validate({**self.model_dump(), **_by_name(type(self), changes)})
        names = checked.model_dump()
        for name, value in names.items():
            if getattr(self, name) != value:
                setattr(self, name, getattr(checked, name))
        return names


def _by_name(model: type[BaseModel], changes: dict[str, Any]) -> dict[str, Any]:
    aliases = {to_camel(name): name for name in model.model_fields}
    return {aliases.get(key, key): value for key, value in changes.items()}


class Durations(Settings):
    """How long things take. The figures here are about what AWS takes."""

    domain_create: float = Field(240, ge=0)
    domain_update: float = Field(15, ge=0)
    domain_delete: float = Field(60, ge=0)
    user_profile_create: float = Field(10, ge=0)
    user_profile_update: float = Field(5, ge=0)
    user_profile_delete: float = Field(10, ge=0)
    space_create: float = Field(20, ge=0)
    space_update: float = Field(10, ge=0)
    space_delete: float = Field(20, ge=0)
    app_start: float = Field(180, ge=0)
    app_stop: float = Field(45, ge=0)
    storage_ready_after_update: float = Field(10, ge=0)
    deleted_app_memory: float = Field(DAY, ge=0)
    volume_cooldown: float = Field(6 * 60 * 60, ge=0)


FAST = {
    "domain_create": 0.5,
    "domain_update": 0.2,
    "domain_delete": 0.3,
    "user_profile_create": 0.2,
    "user_profile_update": 0.2,
    "user_profile_delete": 0.2,
    "space_create": 0.3,
    "space_update": 0.2,
    "space_delete": 0.3,
    "app_start": 0.8,
    "app_stop": 0.3,
    "storage_ready_after_update": 0.2,
}
"""For tests and demos: a whole resize takes under two seconds. Memories stay as long as AWS's."""

PROFILES: dict[str, dict[str, float]] = {"realistic": {}, "fast": FAST}


def durations_named(profile: str) -> Durations:
    """Return the durations of a profile: ``realistic`` or ``fast``."""
    return Durations.model_validate(PROFILES[profile])


class Options(Settings):
    """Behaviour that AWS does not document; every default is the stricter reading."""

    volume_cooldown: Literal["on-update", "on-start", "off"] = "on-start"
    """Where a second growth inside the cool-down shows: UpdateSpace refused, or a failed start."""
    update_with_app: Literal["refuse", "allow"] = "refuse"
    """UpdateSpace while the app is Pending, InService or Deleting."""
    classic_apps: Literal["refuse", "allow"] = "refuse"
    """CreateApp of JupyterServer and KernelGateway; ``allow`` makes those that AWS still has."""
    delete_pending_app: Literal["refuse", "allow"] = "refuse"
    resource_spec_update: Literal["replace", "merge"] = "replace"
    """Whether a DefaultResourceSpec in an update replaces the old one as a whole."""
    quota_exceeded: Literal["refuse", "fail-at-start"] = "refuse"
    """Over quota: CreateApp answers ResourceLimitExceeded, or is accepted and the app fails."""
    wrong_state_code: Literal["ValidationException", "ResourceInUse"] = "ValidationException"
    """The code for changing what is not InService."""
    duplicate_domain_names: Literal["refuse", "allow"] = "refuse"
    custom_file_systems: Literal["attached", "any"] = "attached"
    """Whether a space's file systems must be attached to its domain or its owner's profile."""
    maximum_volume_size: Literal["enforce", "ignore"] = "enforce"
    """The admin's MaximumEbsVolumeSizeInGb, 100 where none is set."""


class Quotas(Settings):
    """Limits of one account in one region; None means no limit."""

    domains: int | None = Field(None, ge=0)
    user_profiles: int | None = Field(None, ge=0)
    spaces: int | None = Field(None, ge=0)
    running_apps: int | None = Field(None, ge=0)
    instance_types: dict[str, int] = Field(default_factory=dict)
    """Running apps on one instance type, for example ``{"ml.g5.xlarge": 0}``."""
    other_instance_types: int | None = Field(None, ge=0)
    """The limit of every instance type that is not named."""


class Capacity(Settings):
    """Instance types that AWS has none of at the moment: their apps fail at start."""

    unavailable: list[str] = Field(default_factory=list)


class Rate(Settings):
    """A token bucket, in real seconds; a rate of None never throttles."""

    rate: float | None = Field(None, gt=0)
    burst: int = Field(5, ge=1)


class Throttling(Settings):
    """One bucket per class of operation, account and region."""

    mutating: Rate = Field(default_factory=Rate)
    reading: Rate = Field(default_factory=Rate)
    tagging: Rate = Field(default_factory=Rate)
    """The tagging API's operations; their code is ThrottledException."""


class Configuration(Settings):
    """What the simulator starts with, and what a reset returns to (a YAML or JSON file)."""

    speed: float = Field(1.0, ge=0)
    durations: Durations = Field(default_factory=Durations)
    options: Options = Field(default_factory=Options)
    quotas: Quotas = Field(default_factory=Quotas)
    capacity: Capacity = Field(default_factory=Capacity)
    throttling: Throttling = Field(default_factory=Throttling)
    seed: int | None = None
    """Makes the ids and the faults' dice repeatable."""
