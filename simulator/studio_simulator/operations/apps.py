"""Apps: create, describe, delete, list. There is no update: an app is deleted and made anew."""

from __future__ import annotations

from studio_simulator.errors import in_use, limit_exceeded, not_found, validation
from studio_simulator.requests.paging import page
from studio_simulator.rules.app_rules import (
    Owner,
    check_app_settings,
    check_owner,
    check_space_settings,
    find_owner,
    resource_spec,
    start_fault,
)
from studio_simulator.state.quotas import exceeded_quota
from studio_simulator.state.resources import App, Domain, Json, Space
from studio_simulator.state.studio import Studio
from studio_simulator.state.tags import merged_tags, tags_of


def create_app(studio: Studio, parameters: Json) -> Json:
    """Start an app; it is Pending until ``app_start`` has passed, then InService or Failed."""
    domain = studio.parent_domain(parameters["DomainId"])
    owner = find_owner(studio, parameters)
    app_type, name = parameters["AppType"], parameters["AppName"]
    arn = studio.app_arn(domain.domain_id, owner.name, app_type, name)
    check_owner(studio, domain, owner, arn, parameters)
    before = studio.apps.get(arn)
    if before is not None and before.is_active:
        raise in_use(f"App [{arn}] already exists and is in {before.status} state.")
    if isinstance(owner, Space) and studio.now < owner.storage_ready:
        raise in_use(f"Unable to create app [{arn}] because storage is not in Available status.")
    spec = resource_spec(studio, domain, owner, parameters)
    check_app_settings(studio, parameters, spec)
    if isinstance(owner, Space):
        check_space_settings(studio, domain, owner, arn, spec["InstanceType"])
    app = _made(studio, domain, owner, parameters, before)
    app.resource_spec = spec
    quota = exceeded_quota(studio, app)
    if quota is not None and studio.configuration.options.quota_exceeded == "refuse":
        raise limit_exceeded(quota)
    app.tags = _tags(studio, domain, owner, parameters)
    studio.apps[arn] = app
    begin_start(studio, app, quota)
    return {"AppArn": arn}


def _made(
    studio: Studio, domain: Domain, owner: Owner, parameters: Json, before: App | None
) -> App:
    is_space = isinstance(owner, Space)
    app_type, name = parameters["AppType"], parameters["AppName"]
    trust = domain.settings.get("DomainSettings", {}).get("TrustedIdentityPropagationSettings", {})
    return App(
        arn=studio.app_arn(domain.domain_id, owner.name, app_type, name),
        serial=studio.next_serial(),
        # An app that comes back while its predecessor is remembered counts as an update of it.
        created=before.created if before is not None else studio.now,
        modified=studio.now,
        domain_id=domain.domain_id,
        space_name=owner.name if is_space else None,
        user_profile_name=None if is_space else owner.name,
        app_type=app_type,
        name=name,
        recovery_mode=parameters.get("RecoveryMode"),
        trusted_identity=trust.get("Status"),
    )


def _tags(studio: Studio, domain: Domain, owner: Owner, parameters: Json) -> dict[str, str]:
    own = tags_of(parameters)
    if domain.settings["TagPropagation"] != "ENABLED":
        return merged_tags(own)
    profile_name = owner.owner if isinstance(owner, Space) else None
    profile = studio.find_user_profile(domain.domain_id, profile_name) if profile_name else None
    inherited = profile.tags if profile is not None else {}
    return merged_tags(domain.tags, inherited, owner.tags, own)


def begin_start(studio: Studio, app: App, quota: str | None = None) -> None:
    """Let a Pending app become InService, or Failed if something stands against it by then."""
    app.status, app.in_service_since = "Pending", None

    def settle(due: float) -> None:
        fault = quota or start_fault(studio, app, due)
        if fault is None:
            app.status, app.in_service_since = "InService", due
        else:
            fail(studio, app, fault, due)

    studio.schedule_status(app, studio.configuration.durations.app_start, "Pending", settle)


def fail(studio: Studio, app: App, reason: str, at: float) -> None:
    """Let an app be Failed, with the reason; the service forgets it later."""
    app.status, app.failure_reason, app.in_service_since = "Failed", reason, None
    _forget_later(studio, app, at)


def _forget_later(studio: Studio, app: App, at: float) -> None:
    def forget(_due: float) -> None:
        if studio.apps.get(app.arn) is app:
            del studio.apps[app.arn]

    memory = studio.configuration.durations.deleted_app_memory
    studio.timeline.schedule(app, at + memory, forget)


def describe_app(studio: Studio, parameters: Json) -> Json:
    """Return all there is to know about an app but its tags; deleted ones too for a day."""
    app = _existing(studio, parameters)
    runs = app.status == "InService"
    return {
        "AppArn": app.arn,
        "AppType": app.app_type,
        "AppName": app.name,
        "DomainId": app.domain_id,
        "UserProfileName": app.user_profile_name,
        "SpaceName": app.space_name,
        "Status": app.status,
        "EffectiveTrustedIdentityPropagationStatus": app.trusted_identity,
        "RecoveryMode": app.recovery_mode,
        # A health check sets both, so neither tells whether somebody works there.
        "LastHealthCheckTimestamp": studio.now if runs else None,
        "LastUserActivityTimestamp": studio.now if runs else None,
        "CreationTime": app.created,
        "FailureReason": app.failure_reason,
        "ResourceSpec": app.resource_spec,
    }


def _existing(studio: Studio, parameters: Json) -> App:
    domain_id = studio.domain(parameters["DomainId"]).domain_id
    given = [name for name in ("SpaceName", "UserProfileName") if name in parameters]
    if len(given) != 1:
        raise validation("Exactly one of SpaceName and UserProfileName must be provided.")
    owner_name = parameters[given[0]]
    if given[0] == "UserProfileName":
        profile = studio.find_user_profile(domain_id, owner_name)
        owner_name = profile.name if profile is not None else owner_name
    arn = studio.app_arn(domain_id, owner_name, parameters["AppType"], parameters["AppName"])
    app = studio.apps.get(arn)
    if app is None or (app.space_name is None) != (given[0] == "UserProfileName"):
        raise not_found(f"App [{arn}]")
    return app


def delete_app(studio: Studio, parameters: Json) -> Json:
    """Stop an app: Deleting until ``app_stop`` has passed, then Deleted and later forgotten."""
    app = _existing(studio, parameters)
    if app.status == "Deleted":
        raise validation(f"App [{app.arn}] has already been deleted")
    if app.status == "Failed":
        raise validation(
            f"App [{app.name}] previously failed and was automatically deleted. For tracking "
            "purposes, apps are available in the ListApps API results for only 24 hours after "
            "failure."
        )
    allows_pending = studio.configuration.options.delete_pending_app == "allow"
    if app.status == "Deleting" or (app.status == "Pending" and not allows_pending):
        raise studio.wrong_state(
            f"Unable to delete app [{app.arn}] because it is in {app.status} state."
        )
    begin_stop(studio, app)
    return {}


def begin_stop(studio: Studio, app: App) -> None:
    """Let an app become Deleted."""
    app.status, app.modified, app.in_service_since = "Deleting", studio.now, None

    def forget_later(due: float) -> None:
        _forget_later(studio, app, due)

    seconds = studio.configuration.durations.app_stop
    studio.schedule_status(app, seconds, "Deleted", forget_later)


def list_apps(studio: Studio, parameters: Json) -> Json:
    """List apps, of one domain, space or user profile or of all, the deleted of a day too."""
    if "SpaceNameEquals" in parameters and "UserProfileNameEquals" in parameters:
        raise validation("SpaceNameEquals and UserProfileNameEquals cannot both be provided.")
    domain_id = parameters.get("DomainIdEquals")
    space = parameters.get("SpaceNameEquals")
    profile = parameters.get("UserProfileNameEquals")
    wanted = (
        app
        for app in studio.apps.values()
        if domain_id in {None, app.domain_id}
        and space in {None, app.space_name}
        and (profile is None or profile.lower() == (app.user_profile_name or "").lower())
    )
    apps, token = page(wanted, parameters)
    return {"Apps": [_summary(app) for app in apps], "NextToken": token}


def _summary(app: App) -> Json:
    return {
        "DomainId": app.domain_id,
        "UserProfileName": app.user_profile_name,
        "SpaceName": app.space_name,
        "AppType": app.app_type,
        "AppName": app.name,
        "Status": app.status,
        "CreationTime": app.created,
        "ResourceSpec": app.resource_spec,
    }
