"""Rules on starting an app: whose it is, what it runs on, what keeps it from starting."""

from __future__ import annotations

from studio_simulator.errors import no_record, validation
from studio_simulator.operations.spaces import COOLDOWN_REASON
from studio_simulator.rules.file_system_rules import check_mounted
from studio_simulator.rules.network_rules import check_groups_of_owner
from studio_simulator.rules.setting_rules import (
    APPS_WITH_VOLUME,
    check_lifecycle_configs,
    effective_settings,
)
from studio_simulator.rules.space_rules import SETTINGS_OF_APP
from studio_simulator.state.images import fault_of
from studio_simulator.state.merging import without_none
from studio_simulator.state.resources import App, Domain, Json, Space, UserProfile
from studio_simulator.state.studio import Studio

Owner = Space | UserProfile

NAMED_DEFAULT = {"JupyterLab", "CodeEditor", "Canvas"}
CLASSIC = {"JupyterServer", "KernelGateway"}
"""Apps of Studio Classic; AWS creates none any more, says the Developer Guide's page studio."""
ONLY_IN_SPACES = set(APPS_WITH_VOLUME)
SYSTEM_TYPE = "ml.t3.medium"
"""What ``system``, and no instance type at all, means for apps that have one of their own."""
TOO_SMALL_FOR_REMOTE_ACCESS = {
    "ml.t3.medium",
    "ml.c5.large",
    "ml.c6i.large",
    "ml.c6id.large",
    "ml.c7i.large",
}
"""Less than 8 GiB of memory: the Developer Guide's page remote-access names them."""

UNLISTED_DEFAULT = "ConfigurationError: LifecycleConfig is not in the list of LifecycleConfigArns."
"""AWS's words are not known."""


def find_owner(studio: Studio, parameters: Json) -> Owner:
    """Return the space or user profile that an app is for."""
    domain_id = parameters["DomainId"]
    space_name = parameters.get("SpaceName")
    profile_name = parameters.get("UserProfileName")
    if (space_name is None) == (profile_name is None):
        raise validation("Exactly one of SpaceName and UserProfileName must be provided.")
    if space_name is not None:
        space = studio.find_space(domain_id, space_name)
        if space is None:
            raise no_record(f"Space [{studio.arn(f'space/{domain_id}/{space_name}')}]")
        return space
    profile = studio.find_user_profile(domain_id, str(profile_name))
    if profile is None:
        raise no_record(f"UserProfile [{studio.arn(f'user-profile/{domain_id}/{profile_name}')}]")
    return profile


def check_owner(studio: Studio, domain: Domain, owner: Owner, arn: str, parameters: Json) -> None:
    """Check that the app fits its owner, and that the owner is ready for it."""
    app_type, name = parameters["AppType"], parameters["AppName"]
    if app_type in NAMED_DEFAULT and name != "default":
        raise validation(f"AppName must be [default] for App with type [{app_type}].")
    needed: list[Domain | Owner] = [domain, owner]
    if app_type in CLASSIC and studio.configuration.options.classic_apps == "refuse":
        raise validation(
            f"Unable to create app [{arn}] because Studio Classic is no longer available: apps "
            f"with type [{app_type}] can only be stopped or deleted."
        )
    if isinstance(owner, Space):
        is_kernel = app_type == "KernelGateway" and owner.app_type == "JupyterServer"
        if app_type != owner.app_type and not is_kernel:
            raise validation(
                f"App type [{app_type}] does not match AppType [{owner.app_type}] of Space "
                f"[{owner.arn}]."
            )
        profile = studio.find_user_profile(owner.domain_id, owner.owner) if owner.owner else None
        needed += [profile] if profile is not None else []
    else:
        profile = owner
    if isinstance(owner, UserProfile) and app_type in ONLY_IN_SPACES:
        raise validation(f"SpaceName is required for App with type [{app_type}]")
    for resource in needed:
        if resource.status != "InService":
            kind = type(resource).__name__.lower().replace("userprofile", "user profile")
            raise studio.wrong_state(
                f"Unable to create app [{arn}] because {kind} [{resource.arn}] is not in "
                "InService state."
            )
    check_groups_of_owner(domain, owner, profile, f"Unable to create app [{arn}]")


def resource_spec(studio: Studio, domain: Domain, owner: Owner, parameters: Json) -> Json:
    """Return what the app runs on: what the call says, then what the owner inherits.

    The image is never inherited: without it in the call AWS refuses JupyterLab and Code Editor. An
    app that names no lifecycle configuration runs the default (page studio-lcc-defaults); the word
    ``None`` is how a call says that it wants none.
    """
    app_type = parameters["AppType"]
    spec = without_none(parameters.get("ResourceSpec", {}))
    if app_type in APPS_WITH_VOLUME and "SageMakerImageArn" not in spec:
        raise validation(f"SageMaker Image ARN is required for App with type [{app_type}]")
    for name in ("InstanceType", "LifecycleConfigArn"):
        inherited = _inherited(studio, domain, owner, app_type, name)
        if name not in parameters.get("ResourceSpec", {}) and inherited is not None:
            spec[name] = inherited
    given = spec.get("InstanceType")
    if app_type == "JupyterServer":
        if given not in {None, "system"}:
            raise validation("InstanceType must be [system] for App with type [JupyterServer].")
        spec["InstanceType"] = "system"
    elif given in {None, "system"}:
        if app_type == "KernelGateway" and given is None:
            raise validation("InstanceType is required for App with type [KernelGateway].")
        spec["InstanceType"] = SYSTEM_TYPE
    return spec


def _inherited(
    studio: Studio, domain: Domain, owner: Owner, app_type: str, name: str
) -> str | None:
    member = SETTINGS_OF_APP.get(app_type, "")
    if isinstance(owner, Space):
        sources = [owner.settings, *_inherited_settings(studio, domain, owner)]
    else:
        sources = effective_settings(domain, owner, is_private=True)
    for settings in sources:
        found = settings.get(member, {}).get("DefaultResourceSpec", {}).get(name)
        if found is not None:
            return str(found)
    return None


def _inherited_settings(studio: Studio, domain: Domain, space: Space) -> list[Json]:
    profile = studio.find_user_profile(space.domain_id, space.owner) if space.owner else None
    return effective_settings(domain, profile, is_private=space.sharing == "Private")


def check_space_settings(
    studio: Studio, domain: Domain, space: Space, arn: str, instance_type: str
) -> None:
    """Check what a space asks of its app: remote access, and file systems that are there.

    The words on remote access are those that aws-toolkit-vscode has for AWS's error.
    """
    if space.settings.get("RemoteAccess") == "ENABLED" and (
        instance_type in TOO_SMALL_FOR_REMOTE_ACCESS
    ):
        raise validation(
            f"Unable to create app [{arn}] because instanceType [{instance_type}] is not supported "
            "for remote access enabled spaces. Use instanceType with at least 8 GiB memory."
        )
    if studio.configuration.options.custom_file_systems == "attached":
        check_mounted(space.settings, _inherited_settings(studio, domain, space))


def check_app_settings(studio: Studio, parameters: Json, spec: Json) -> None:
    """Check that what the call names exists, and recovery mode's app type."""
    check_lifecycle_configs(studio, {"ResourceSpec": spec}, parameters["AppType"])
    if parameters.get("RecoveryMode") and parameters["AppType"] not in APPS_WITH_VOLUME:
        raise validation(
            f"RecoveryMode is not supported for App with type [{parameters['AppType']}]."
        )


def _is_unlisted_default(studio: Studio, space: Space, app: App) -> bool:
    """Tell whether the app runs a default that no list of lifecycle configurations has.

    Page studio-lcc-defaults wants it in both. AWS takes the settings without, and the app fails
    when it starts (aws-cloudformation, coverage-roadmap #1568).
    """
    script, member = app.resource_spec.get("LifecycleConfigArn"), SETTINGS_OF_APP[app.app_type]
    blocks = [
        settings.get(member, {})
        for settings in _inherited_settings(studio, studio.domain(space.domain_id), space)
    ]
    defaults = {block.get("DefaultResourceSpec", {}).get("LifecycleConfigArn") for block in blocks}
    listed = [arn for block in blocks for arn in block.get("LifecycleConfigArns", [])]
    return script is not None and script in defaults and script not in listed


def start_fault(studio: Studio, app: App, at: float) -> str | None:
    """Return why an app fails to start, or None."""
    if app.instance_type in studio.configuration.capacity.unavailable:
        return (
            f"EC2InsufficientCapacityError: Insufficient capacity for instance type "
            f"{app.instance_type}. Please try again later or choose another instance type."
        )
    space = studio.find_space(app.domain_id, app.space_name) if app.space_name else None
    if space is not None and space.stuck_until is not None and at < space.stuck_until:
        return COOLDOWN_REASON
    if space is not None and _is_unlisted_default(studio, space, app):
        return UNLISTED_DEFAULT
    image = app.resource_spec.get("SageMakerImageArn")
    return fault_of(image, studio.region, studio.account) if image is not None else None
