"""User profiles: create, describe, update, delete, list."""

from __future__ import annotations

from studio_simulator.errors import in_use, limit_exceeded, validation
from studio_simulator.requests.paging import page
from studio_simulator.rules.file_system_rules import refuse_posix_user
from studio_simulator.rules.network_rules import check_groups_of_person
from studio_simulator.rules.setting_rules import check_default_settings
from studio_simulator.state.merging import merge, tidy
from studio_simulator.state.resources import Domain, Json, UserProfile
from studio_simulator.state.studio import Studio
from studio_simulator.state.tags import merged_tags, tags_of

EFS_UID_BASE = 200_000


def create_user_profile(studio: Studio, parameters: Json) -> Json:
    """Create a user profile; it is Pending until ``user_profile_create`` has passed."""
    domain = studio.parent_domain(parameters["DomainId"])
    name = parameters["UserProfileName"]
    profile = UserProfile(
        arn=studio.arn(f"user-profile/{domain.domain_id}/{name}"),
        serial=studio.next_serial(),
        created=studio.now,
        modified=studio.now,
        domain_id=domain.domain_id,
        name=name,
        settings=tidy(parameters.get("UserSettings", {})),
        sso_identifier=parameters.get("SingleSignOnUserIdentifier"),
        sso_value=parameters.get("SingleSignOnUserValue"),
    )
    profile.efs_uid = str(EFS_UID_BASE + profile.serial)
    studio.require_in_service("create", profile, domain)
    check_name_is_free(studio, domain.domain_id, name)
    _check_sign_on(domain, profile)
    check_default_settings(studio, profile.settings, "UserSettings")
    refused = f"Unable to create UserProfile [{profile.arn}]"
    check_groups_of_person(domain, profile.settings, refused)
    _check_quota(studio)
    profile.tags = merged_tags(tags_of(parameters))
    studio.user_profiles[(domain.domain_id, name.lower())] = profile
    durations = studio.configuration.durations
    studio.schedule_status(profile, durations.user_profile_create, "InService")
    return {"UserProfileArn": profile.arn}


def check_name_is_free(studio: Studio, domain_id: str, name: str) -> None:
    """Refuse a name that is taken: user profiles and spaces of a domain share one name space."""
    key = (domain_id, name.lower())
    if key in studio.user_profiles:
        taken = "User Profile"
    elif key in studio.spaces:
        taken = "Space"
    else:
        return
    raise in_use(
        f"{taken} already exists with the same name '{name}'. "
        "User Profile and Space name must be unique in a domain."
    )


def _check_sign_on(domain: Domain, profile: UserProfile) -> None:
    given = [profile.sso_identifier, profile.sso_value]
    if domain.settings["AuthMode"] == "IAM" and any(value is not None for value in given):
        raise validation(
            "SingleSignOnUserIdentifier and SingleSignOnUserValue cannot be specified when the "
            "domain's AuthMode is IAM."
        )
    if domain.settings["AuthMode"] == "SSO" and any(value is None for value in given):
        raise validation(
            "SingleSignOnUserIdentifier and SingleSignOnUserValue are required when the domain's "
            "AuthMode is SSO."
        )


def _check_quota(studio: Studio) -> None:
    quota = studio.configuration.quotas.user_profiles
    used = len(studio.user_profiles)
    if quota is not None and used >= quota:
        raise limit_exceeded(
            "The account-level service limit 'Maximum number of user profiles allowed per "
            f"account' is {quota}, with current utilization of {used} and a request delta of 1. "
            "Please contact AWS support to request an increase for this limit."
        )


def describe_user_profile(studio: Studio, parameters: Json) -> Json:
    """Return all there is to know about a user profile but its tags."""
    studio.domain(parameters["DomainId"])
    profile = studio.user_profile(parameters["DomainId"], parameters["UserProfileName"])
    return {
        "DomainId": profile.domain_id,
        "UserProfileArn": profile.arn,
        "UserProfileName": profile.name,
        "HomeEfsFileSystemUid": profile.efs_uid,
        "Status": profile.status,
        "LastModifiedTime": profile.modified,
        "CreationTime": profile.created,
        "FailureReason": profile.failure_reason,
        "SingleSignOnUserIdentifier": profile.sso_identifier,
        "SingleSignOnUserValue": profile.sso_value,
        "UserSettings": profile.settings,
    }


def update_user_profile(studio: Studio, parameters: Json) -> Json:
    """Change a profile's settings; it is Updating until ``user_profile_update`` has passed."""
    domain = studio.domain(parameters["DomainId"])
    profile = studio.user_profile(parameters["DomainId"], parameters["UserProfileName"])
    studio.require_in_service("update", profile, domain)
    studio.require_in_service("update", profile, profile)
    replace_specs = studio.configuration.options.resource_spec_update == "replace"
    changes = parameters.get("UserSettings", {})
    refuse_posix_user(changes, "UserSettings")
    settings = merge(profile.settings, changes, replace_specs=replace_specs)
    check_default_settings(studio, settings, "UserSettings")
    if "SecurityGroups" in changes:
        check_groups_of_person(domain, settings, f"Unable to update UserProfile [{profile.arn}]")
    profile.settings = settings
    profile.status, profile.modified, profile.failure_reason = "Updating", studio.now, None
    durations = studio.configuration.durations
    studio.schedule_status(profile, durations.user_profile_update, "InService")
    return {"UserProfileArn": profile.arn}


def delete_user_profile(studio: Studio, parameters: Json) -> Json:
    """Delete a profile that has neither apps nor spaces any more."""
    profile = studio.user_profile(parameters["DomainId"], parameters["UserProfileName"])
    if profile.status in {"Pending", "Updating", "Deleting"}:
        raise studio.wrong_state(
            f"Unable to delete UserProfile [{profile.arn}] because it is in {profile.status} state."
        )
    _check_unused(studio, profile)
    profile.status, profile.modified = "Deleting", studio.now

    def remove(_due: float) -> None:
        del studio.user_profiles[(profile.domain_id, profile.name.lower())]

    durations = studio.configuration.durations
    studio.schedule_status(profile, durations.user_profile_delete, "Deleting", remove)
    return {}


def _check_unused(studio: Studio, profile: UserProfile) -> None:
    spaces = {
        space.name
        for space in studio.spaces.values()
        if space.domain_id == profile.domain_id and space.owner == profile.name
    }
    has_apps = any(
        app.user_profile_name == profile.name or app.space_name in spaces
        for app in studio.active_apps(profile.domain_id)
    )
    for blocker, is_there in (("App", has_apps), ("Space", bool(spaces))):
        if is_there:
            raise in_use(
                f"Unable to delete UserProfile [{profile.arn}] because {blocker}(s) are "
                "associated with it"
            )


def list_user_profiles(studio: Studio, parameters: Json) -> Json:
    """List user profiles, of one domain or of all, by a part of the name or all."""
    domain_id = parameters.get("DomainIdEquals")
    part = parameters.get("UserProfileNameContains", "").lower()
    wanted = (
        profile
        for profile in studio.user_profiles.values()
        if domain_id in {None, profile.domain_id} and part in profile.name.lower()
    )
    profiles, token = page(wanted, parameters)
    return {
        "UserProfiles": [
            {
                "DomainId": profile.domain_id,
                "UserProfileName": profile.name,
                "Status": profile.status,
                "CreationTime": profile.created,
                "LastModifiedTime": profile.modified,
            }
            for profile in profiles
        ],
        "NextToken": token,
    }
