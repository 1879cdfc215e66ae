"""Spaces: create, describe, update, delete, list."""

from __future__ import annotations

from studio_simulator.errors import in_use, limit_exceeded, no_record, validation
from studio_simulator.operations.user_profiles import EFS_UID_BASE, check_name_is_free
from studio_simulator.requests.paging import page
from studio_simulator.rules.network_rules import check_groups_of_owner
from studio_simulator.rules.setting_rules import APPS_WITH_VOLUME, effective_settings, volume_bounds
from studio_simulator.rules.space_rules import (
    check_ownership,
    check_settings,
    check_shared_support,
    check_storage_change,
)
from studio_simulator.state.merging import merge, tidy
from studio_simulator.state.resources import Domain, Json, Space, UserProfile
from studio_simulator.state.studio import Studio
from studio_simulator.state.tags import merged_tags, tags_of

COOLDOWN_REASON = (
    "VolumeModificationRateExceeded: We encountered an internal error when trying to update your "
    "volume size. We apologize for the inconvenience. Wait at least 6 hours before trying to "
    "update the volume size again."
)


def create_space(studio: Studio, parameters: Json) -> Json:
    """Create a space; it is Pending until ``space_create`` has passed."""
    domain = studio.parent_domain(parameters["DomainId"])
    space = _made(studio, domain, parameters)
    check_ownership(space, parameters)
    studio.require_in_service("create", space, domain)
    check_name_is_free(studio, domain.domain_id, space.name)
    owner = _owner(studio, space)
    if space.sharing == "Shared":
        check_shared_support(domain, space)
    check_groups_of_owner(domain, space, owner, f"Unable to create Space [{space.arn}]")
    inherited = effective_settings(domain, owner, is_private=space.sharing == "Private")
    if space.app_type in APPS_WITH_VOLUME and space.volume_size is None:
        size = {"EbsVolumeSizeInGb": volume_bounds(inherited)[0]}
        space.settings["SpaceStorageSettings"] = {"EbsStorageSettings": size}
    check_settings(studio, space.settings, inherited)
    _check_quota(studio)
    space.tags = merged_tags(tags_of(parameters))
    studio.spaces[(domain.domain_id, space.name.lower())] = space
    studio.schedule_status(space, studio.configuration.durations.space_create, "InService")
    return {"SpaceArn": space.arn}


def _made(studio: Studio, domain: Domain, parameters: Json) -> Space:
    name = parameters["SpaceName"]
    space = Space(
        arn=studio.arn(f"space/{domain.domain_id}/{name}"),
        serial=studio.next_serial(),
        created=studio.now,
        modified=studio.now,
        domain_id=domain.domain_id,
        name=name,
        settings=tidy(parameters.get("SpaceSettings", {})),
        owner=parameters.get("OwnershipSettings", {}).get("OwnerUserProfileName"),
        sharing=parameters.get("SpaceSharingSettings", {}).get("SharingType", "Shared"),
        display_name=parameters.get("SpaceDisplayName"),
    )
    space.url = f"{domain.url}/{space.app_type.lower()}/{name}"
    space.efs_uid = str(EFS_UID_BASE + space.serial)
    return space


def _owner(studio: Studio, space: Space) -> UserProfile | None:
    if space.owner is None:
        return None
    owner = studio.find_user_profile(space.domain_id, space.owner)
    if owner is None:
        raise no_record(f"UserProfile [{space.owner}] in Domain [{space.domain_id}]")
    space.owner = owner.name
    studio.require_in_service("create", space, owner)
    return owner


def _check_quota(studio: Studio) -> None:
    quota, used = studio.configuration.quotas.spaces, len(studio.spaces)
    if quota is not None and used >= quota:
        raise limit_exceeded(
            "The account-level service limit 'Maximum number of Studio spaces allowed per "
            f"account' is {quota}, with current utilization of {used} and a request delta of 1. "
            "Please contact AWS support to request an increase for this limit."
        )


def describe_space(studio: Studio, parameters: Json) -> Json:
    """Return all there is to know about a space but its tags."""
    studio.domain(parameters["DomainId"])
    space = studio.space(parameters["DomainId"], parameters["SpaceName"])
    return {
        "DomainId": space.domain_id,
        "SpaceArn": space.arn,
        "SpaceName": space.name,
        "HomeEfsFileSystemUid": space.efs_uid,
        "Status": space.status,
        "LastModifiedTime": space.modified,
        "CreationTime": space.created,
        "FailureReason": space.failure_reason,
        "SpaceSettings": space.settings,
        "OwnershipSettings": _owner_member(space),
        "SpaceSharingSettings": _sharing_member(space),
        "SpaceDisplayName": space.display_name,
        "Url": space.url,
    }


def _owner_member(space: Space) -> Json | None:
    return {"OwnerUserProfileName": space.owner} if space.owner is not None else None


def _sharing_member(space: Space) -> Json | None:
    return {"SharingType": space.sharing} if space.owner is not None else None


def update_space(studio: Studio, parameters: Json) -> Json:
    """Change a space's settings; it is Updating until ``space_update`` has passed."""
    domain = studio.domain(parameters["DomainId"])
    space = studio.space(parameters["DomainId"], parameters["SpaceName"])
    changes = parameters.get("SpaceSettings", {})
    if "AppType" in changes:
        raise validation("Updating AppType for Space is not supported.")
    studio.require_in_service("update", space, space)
    _check_no_app(studio, space)
    options, durations = studio.configuration.options, studio.configuration.durations
    replace_specs = options.resource_spec_update == "replace"
    settings = merge(space.settings, changes, replace_specs=replace_specs)
    owner = studio.find_user_profile(space.domain_id, space.owner) if space.owner else None
    inherited = effective_settings(domain, owner, is_private=space.sharing == "Private")
    check_settings(studio, settings, inherited)
    grows = check_storage_change(space, settings)
    if grows:
        note_growth(studio, space)
    space.settings = settings
    space.display_name = parameters.get("SpaceDisplayName", space.display_name)
    space.status, space.modified, space.failure_reason = "Updating", studio.now, None
    space.storage_ready = studio.now + durations.space_update + durations.storage_ready_after_update
    studio.schedule_status(space, durations.space_update, "InService")
    return {"SpaceArn": space.arn}


def _check_no_app(studio: Studio, space: Space) -> None:
    app = studio.app_of_space(space)
    if studio.configuration.options.update_with_app == "refuse" and app and app.is_active:
        raise in_use(f"Unable to update Space [{space.arn}] because App(s) are associated with it.")


def note_growth(studio: Studio, space: Space) -> None:
    """Remember that the volume grows now; inside the cool-down, refuse it or let it jam.

    The size "can be changed only once within a six hour period", says the admin guide; people
    report that a space whose volume was changed again could neither run nor be deleted.
    """
    option = studio.configuration.options.volume_cooldown
    cooldown = studio.configuration.durations.volume_cooldown
    is_early = space.grown is not None and studio.now < space.grown + cooldown
    if option != "off" and is_early and space.grown is not None:
        if option == "on-update":
            raise validation(COOLDOWN_REASON)
        space.stuck_until = space.grown + cooldown
        return
    space.grown, space.stuck_until = studio.now, None


def delete_space(studio: Studio, parameters: Json) -> Json:
    """Delete a space and its volume; not while an app is there."""
    space = studio.space(parameters["DomainId"], parameters["SpaceName"])
    if space.status in {"Pending", "Updating", "Deleting"}:
        raise studio.wrong_state(
            f"Unable to delete Space [{space.arn}] because it is in {space.status} state."
        )
    app = studio.app_of_space(space)
    if app is not None and app.is_active:
        raise in_use(f"Unable to delete Space [{space.arn}] because App(s) are associated with it.")
    space.status, space.modified, space.failure_reason = "Deleting", studio.now, None
    durations = studio.configuration.durations
    if space.stuck_until is not None and studio.now < space.stuck_until:

        def fail(_due: float) -> None:
            space.failure_reason = COOLDOWN_REASON

        studio.schedule_status(space, durations.space_delete, "Delete_Failed", fail)
        return {}

    def remove(_due: float) -> None:
        remove_space(studio, space)

    studio.schedule_status(space, durations.space_delete, "Deleting", remove)
    return {}


def remove_space(studio: Studio, space: Space) -> None:
    """Forget a space; its volume is lost. What is remembered of its app stays."""
    del studio.spaces[(space.domain_id, space.name.lower())]


def list_spaces(studio: Studio, parameters: Json) -> Json:
    """List spaces, of one domain or of all, by a part of the name or all."""
    domain_id = parameters.get("DomainIdEquals")
    part = parameters.get("SpaceNameContains", "").lower()
    wanted = (
        space
        for space in studio.spaces.values()
        if domain_id in {None, space.domain_id} and part in space.name.lower()
    )
    spaces, token = page(wanted, parameters)
    return {"Spaces": [_summary(space) for space in spaces], "NextToken": token}


def _summary(space: Space) -> Json:
    shown = ("AppType", "RemoteAccess", "SpaceStorageSettings")
    settings = {name: space.settings[name] for name in shown if name in space.settings}
    return {
        "DomainId": space.domain_id,
        "SpaceName": space.name,
        "Status": space.status,
        "CreationTime": space.created,
        "LastModifiedTime": space.modified,
        "SpaceSettingsSummary": settings,
        "SpaceSharingSettingsSummary": _sharing_member(space),
        "OwnershipSettingsSummary": _owner_member(space),
        "SpaceDisplayName": space.display_name,
    }
