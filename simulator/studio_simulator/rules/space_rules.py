"""Rules on a space's owner, sharing and settings."""

from __future__ import annotations

from studio_simulator.errors import validation
from studio_simulator.rules.file_system_rules import check_mounted
from studio_simulator.rules.setting_rules import (
    APPS_WITH_VOLUME,
    check_lifecycle_configs,
    idle_bounds,
    volume_bounds,
)
from studio_simulator.state.resources import Domain, Json, Space
from studio_simulator.state.studio import Studio

SETTINGS_OF_APP = {
    **APPS_WITH_VOLUME,
    "JupyterServer": "JupyterServerAppSettings",
    "KernelGateway": "KernelGatewayAppSettings",
}
CLASSIC = {"JupyterServer", "KernelGateway"}


def check_ownership(space: Space, parameters: Json) -> None:
    """Check owner and sharing of a new space.

    Terraform's provider requires both together. Only Studio Classic's shared spaces have neither.
    """
    if ("OwnershipSettings" in parameters) != ("SpaceSharingSettings" in parameters):
        raise validation("OwnershipSettings and SpaceSharingSettings must be provided together.")
    if space.sharing == "Private" and "SpaceSettings" not in parameters:
        raise validation(f"SpaceSettings must be provided for creating private space [{space.arn}]")
    if space.sharing == "Private" and space.app_type not in APPS_WITH_VOLUME:
        raise validation(
            f"AppType [{space.app_type}] is not supported for private space [{space.arn}]"
        )
    if space.owner is None and space.app_type in APPS_WITH_VOLUME:
        raise validation(
            "OwnershipSettings and SpaceSharingSettings must be provided for creating a space "
            f"with AppType [{space.app_type}]."
        )


def check_shared_support(domain: Domain, space: Space) -> None:
    """Refuse a shared space in a domain that is not set up for them.

    The Developer Guide's page on creating spaces asks for an execution role in the domain's
    default space settings, and for security groups there if the domain is VpcOnly.
    """
    defaults = domain.settings.get("DefaultSpaceSettings", {})
    if not defaults.get("ExecutionRole"):
        raise validation(
            f"Unable to create Space [{space.arn}] because Domain [{domain.arn}] has no "
            "ExecutionRole in DefaultSpaceSettings."
        )
    if domain.is_vpc_only and not defaults.get("SecurityGroups"):
        raise validation(
            f"Unable to create Space [{space.arn}] because Domain [{domain.arn}] is VpcOnly and "
            "has no SecurityGroups in DefaultSpaceSettings."
        )


def check_settings(studio: Studio, settings: Json, inherited: list[Json]) -> None:
    """Check the complete settings of a space against its app type and what it inherits."""
    app_type = settings.get("AppType", "JupyterServer")
    if app_type not in SETTINGS_OF_APP:
        raise validation(f"AppType [{app_type}] is not supported for Space.")
    _check_members(settings, app_type)
    maximum = volume_bounds(inherited)[1]
    size = settings.get("SpaceStorageSettings", {}).get("EbsStorageSettings", {})
    enforced = studio.configuration.options.maximum_volume_size == "enforce"
    if enforced and size.get("EbsVolumeSizeInGb", 0) > maximum:
        raise validation(
            f"EbsVolumeSizeInGb [{size['EbsVolumeSizeInGb']}] must not be above "
            f"MaximumEbsVolumeSizeInGb [{maximum}]."
        )
    _check_idle(settings, inherited)
    if studio.configuration.options.custom_file_systems == "attached":
        check_mounted(settings, inherited)
    check_lifecycle_configs(studio, settings)


def _check_members(settings: Json, app_type: str) -> None:
    fitting = {SETTINGS_OF_APP[app_type]}
    if app_type in CLASSIC:
        fitting |= {SETTINGS_OF_APP[classic] for classic in CLASSIC}
        if "SpaceStorageSettings" in settings:
            raise validation(
                f"SpaceStorageSettings is not supported for Space with AppType [{app_type}]."
            )
    for member in SETTINGS_OF_APP.values():
        if member in settings and member not in fitting:
            raise validation(f"{member} is not supported for Space with AppType [{app_type}].")
    if "CodeRepositories" in settings.get("JupyterServerAppSettings", {}):
        raise validation(
            "Unknown parameter CodeRepositories in JupyterServerAppSettings for SpaceSettings."
        )


def _check_idle(settings: Json, inherited: list[Json]) -> None:
    for member in APPS_WITH_VOLUME.values():
        management = settings.get(member, {}).get("AppLifecycleManagement", {})
        timeout = management.get("IdleSettings", {}).get("IdleTimeoutInMinutes")
        lowest, highest = idle_bounds(inherited, member)
        if timeout is not None and not lowest <= timeout <= highest:
            raise validation(
                f"IdleTimeoutInMinutes [{timeout}] must be between {lowest} and {highest} in "
                f"{member}."
            )


def check_storage_change(space: Space, settings: Json) -> bool:
    """Return whether the volume grows; refuse to shrink it, as the Studio UI does."""
    before = space.volume_size
    after = settings.get("SpaceStorageSettings", {}).get("EbsStorageSettings", {})
    if before is None or not after:
        return False
    if after["EbsVolumeSizeInGb"] < before:
        raise validation(
            f"EbsVolumeSizeInGb [{after['EbsVolumeSizeInGb']}] must not be below the present "
            f"size [{before}]: a volume cannot be made smaller."
        )
    return bool(after["EbsVolumeSizeInGb"] > before)
