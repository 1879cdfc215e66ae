"""Domains: create, describe, update, delete, list."""

from __future__ import annotations

from studio_simulator.errors import in_use, limit_exceeded, validation
from studio_simulator.requests.paging import by_creation, page
from studio_simulator.rules.file_system_rules import check_role_goes_along, refuse_posix_user
from studio_simulator.rules.network_rules import check_network_change
from studio_simulator.rules.setting_rules import check_default_settings
from studio_simulator.state.merging import merge, tidy
from studio_simulator.state.resources import App, Domain, Json
from studio_simulator.state.studio import DOMAIN_ID_CHARACTERS, Studio
from studio_simulator.state.tags import merged_tags, tags_of

DEFAULTS = {
    "AppNetworkAccessType": "PublicInternetOnly",
    "HomeEfsFileSystemCreation": "Enabled",
    "TagPropagation": "DISABLED",
}
KEPT = (
    "AuthMode",
    "DefaultUserSettings",
    "DomainSettings",
    "DefaultSpaceSettings",
    "SubnetIds",
    "VpcId",
    "AppNetworkAccessType",
    "HomeEfsFileSystemKmsKeyId",
    "KmsKeyId",
    "AppSecurityGroupManagement",
    "HomeEfsFileSystemCreation",
    "TagPropagation",
)
UPDATED_AS_THEY_ARE = (
    "AppNetworkAccessType",
    "AppSecurityGroupManagement",
    "HomeEfsFileSystemCreation",
    "SubnetIds",
    "TagPropagation",
    "VpcId",
)
RSTUDIO = "RStudioServerProDomainSettings"
RSTUDIO_OWNER = "domain-shared"
"""The name under which ListApps shows the domain's own app; nobody's profile."""


def create_domain(studio: Studio, parameters: Json) -> Json:
    """Create a domain; it is Pending until ``domain_create`` has passed."""
    name = parameters["DomainName"]
    settings = {**DEFAULTS, **tidy({key: parameters[key] for key in KEPT if key in parameters})}
    _check_new(studio, name, parameters)
    check_role_goes_along(parameters.get("DefaultSpaceSettings", {}))
    _check_settings(studio, settings)
    domain = _made(studio, name, settings)
    domain.tags = merged_tags(tags_of(parameters))
    studio.domains[domain.domain_id] = domain
    if RSTUDIO in settings.get("DomainSettings", {}):
        _start_rstudio(studio, domain)
    studio.schedule_status(domain, studio.configuration.durations.domain_create, "InService")
    return {"DomainArn": domain.arn, "DomainId": domain.domain_id, "Url": domain.url}


def _check_new(studio: Studio, name: str, parameters: Json) -> None:
    allows_twins = studio.configuration.options.duplicate_domain_names == "allow"
    twin = next((domain for domain in studio.domains.values() if domain.name == name), None)
    if twin is not None and not allows_twins:
        raise in_use(f"Domain [{twin.arn}] already exists with the same name '{name}'.")
    quota = studio.configuration.quotas.domains
    if quota is not None and len(studio.domains) >= quota:
        raise limit_exceeded(
            f"The account-level service limit 'Total domains' is {quota}, with current "
            f"utilization of {len(studio.domains)} and a request delta of 1. "
            "Please contact AWS support to request an increase for this limit."
        )
    if "HomeEfsFileSystemKmsKeyId" in parameters and "KmsKeyId" in parameters:
        raise validation("Specify only one of KmsKeyId and HomeEfsFileSystemKmsKeyId.")
    # The documentation makes both optional for domains of Unified Studio alone.
    is_unified = "UnifiedStudioSettings" in parameters.get("DomainSettings", {})
    missing = [member for member in ("VpcId", "SubnetIds") if member not in parameters]
    if missing and not is_unified:
        raise validation(f"{' and '.join(missing)} must be provided for creating a domain.")


def _check_settings(studio: Studio, settings: Json) -> None:
    """Check what must hold for a domain after its creation and after each update."""
    user_settings = settings["DefaultUserSettings"]
    if not user_settings.get("ExecutionRole"):
        raise validation("ExecutionRole must be provided in DefaultUserSettings.")
    has_rstudio = RSTUDIO in settings.get("DomainSettings", {})
    if "AppSecurityGroupManagement" in settings and not has_rstudio:
        raise validation("AppSecurityGroupManagement can only be set for Rstudio enabled domains.")
    check_default_settings(studio, user_settings, "DefaultUserSettings")
    check_default_settings(studio, settings.get("DefaultSpaceSettings", {}), "DefaultSpaceSettings")


def _made(studio: Studio, name: str, settings: Json) -> Domain:
    domain_id = studio.random_id("d-", 12, DOMAIN_ID_CHARACTERS)
    domain = Domain(
        arn=studio.arn(f"domain/{domain_id}"),
        serial=studio.next_serial(),
        created=studio.now,
        modified=studio.now,
        domain_id=domain_id,
        name=name,
        url=f"https://{domain_id}.studio.{studio.region}.sagemaker.aws",
        settings=settings,
        boundary_security_group=studio.random_id("sg-", 17),
    )
    if settings["HomeEfsFileSystemCreation"] == "Enabled":
        domain.home_efs_id = studio.random_id("fs-", 17)
    if settings["AuthMode"] == "SSO":
        domain.sso_instance = studio.random_id("ins-", 16)
        application = studio.random_id("apl-", 16)
        domain.sso_application = (
            f"arn:{studio.partition}:sso::{studio.account}:application/ssoins-"
            f"{studio.random_id('', 16)}/{application}"
        )
    return domain


def _start_rstudio(studio: Studio, domain: Domain) -> None:
    """Start the domain's RStudio server, an app of the pseudo-profile ``domain-shared``."""
    app = App(
        arn=studio.app_arn(domain.domain_id, RSTUDIO_OWNER, "RStudioServerPro", "default"),
        serial=studio.next_serial(),
        created=studio.now,
        modified=studio.now,
        domain_id=domain.domain_id,
        user_profile_name=RSTUDIO_OWNER,
        app_type="RStudioServerPro",
        name="default",
        resource_spec={"InstanceType": "system"},
    )
    studio.apps[app.arn] = app
    studio.schedule_status(app, studio.configuration.durations.app_start, "InService")


def describe_domain(studio: Studio, parameters: Json) -> Json:
    """Return all there is to know about a domain but its tags."""
    domain = studio.domain(parameters["DomainId"])
    return {
        **domain.settings,
        "DomainArn": domain.arn,
        "DomainId": domain.domain_id,
        "DomainName": domain.name,
        "HomeEfsFileSystemId": domain.home_efs_id,
        "SingleSignOnManagedApplicationInstanceId": domain.sso_instance,
        "SingleSignOnApplicationArn": domain.sso_application,
        "Status": domain.status,
        "CreationTime": domain.created,
        "LastModifiedTime": domain.modified,
        "FailureReason": domain.failure_reason,
        "SecurityGroupIdForDomainBoundary": domain.boundary_security_group,
        "Url": domain.url,
    }


def update_domain(studio: Studio, parameters: Json) -> Json:
    """Change a domain's settings; it is Updating until ``domain_update`` has passed."""
    domain = studio.domain(parameters["DomainId"])
    studio.require_in_service("update", domain, domain)
    settings = _changed_settings(studio, domain, parameters)
    _check_change(studio, domain, parameters)
    _check_settings(studio, settings)
    domain.settings = settings
    if settings["HomeEfsFileSystemCreation"] == "Enabled" and domain.home_efs_id is None:
        domain.home_efs_id = studio.random_id("fs-", 17)
    domain.status, domain.modified, domain.failure_reason = "Updating", studio.now, None
    studio.schedule_status(domain, studio.configuration.durations.domain_update, "InService")
    return {"DomainArn": domain.arn}


def _changed_settings(studio: Studio, domain: Domain, parameters: Json) -> Json:
    replace_specs = studio.configuration.options.resource_spec_update == "replace"
    settings = dict(domain.settings)
    settings.update({key: parameters[key] for key in UPDATED_AS_THEY_ARE if key in parameters})
    merged = {
        "DefaultUserSettings": parameters.get("DefaultUserSettings"),
        "DefaultSpaceSettings": parameters.get("DefaultSpaceSettings"),
        "DomainSettings": _domain_settings(parameters),
    }
    for key, value in merged.items():
        if value:
            settings[key] = merge(settings.get(key, {}), value, replace_specs=replace_specs)
    return settings


def _domain_settings(parameters: Json) -> Json:
    """Return DomainSettingsForUpdate under the names of DomainSettings."""
    settings = dict(parameters.get("DomainSettingsForUpdate", {}))
    rstudio = settings.pop(f"{RSTUDIO}ForUpdate", None)
    if rstudio is not None:
        settings[RSTUDIO] = rstudio
    return settings


def _check_change(studio: Studio, domain: Domain, parameters: Json) -> None:
    before = domain.settings
    if before["HomeEfsFileSystemCreation"] == "Enabled" and (
        parameters.get("HomeEfsFileSystemCreation") == "Disabled"
    ):
        raise validation("HomeEfsFileSystemCreation can only be changed from Disabled to Enabled.")
    check_network_change(before, parameters)
    access = parameters.get("AppNetworkAccessType", before["AppNetworkAccessType"])
    has_rstudio = RSTUDIO in {**before.get("DomainSettings", {}), **_domain_settings(parameters)}
    if access != before["AppNetworkAccessType"] and has_rstudio:
        raise validation("AppNetworkAccessType cannot be updated for Rstudio enabled domains.")
    check_role_goes_along(parameters.get("DefaultSpaceSettings", {}))
    if any(key[0] == domain.domain_id for key in studio.user_profiles):
        for member in ("DefaultUserSettings", "DefaultSpaceSettings"):
            refuse_posix_user(parameters.get(member, {}), member, while_profiles=True)
    _check_no_apps(studio, domain, parameters)


def _check_no_apps(studio: Studio, domain: Domain, parameters: Json) -> None:
    """Refuse what UpdateDomain's documentation allows only without apps."""
    before = domain.settings
    states = {app.status for app in studio.active_apps(domain.domain_id)}
    access = parameters.get("AppNetworkAccessType", before["AppNetworkAccessType"])
    subnets: list[str] = before.get("SubnetIds", [])
    removed = set(subnets) - set(parameters.get("SubnetIds", subnets))
    if states and (access != before["AppNetworkAccessType"] or removed):
        raise in_use(
            f"Unable to update Domain [{domain.arn}] because App(s) are associated with it."
        )
    identity = parameters.get("DomainSettingsForUpdate", {}).get("ExecutionRoleIdentityConfig")
    known = before.get("DomainSettings", {}).get("ExecutionRoleIdentityConfig", "DISABLED")
    if identity not in {None, known} and states & {"InService", "Pending"}:
        raise in_use(
            "Unable to update ExecutionRoleIdentityConfig because App(s) are in InService or "
            "Pending state."
        )


def delete_domain(studio: Studio, parameters: Json) -> Json:
    """Delete a domain that holds nothing any more."""
    domain = studio.domain(parameters["DomainId"])
    if domain.status in {"Pending", "Updating", "Deleting"}:
        raise studio.wrong_state(
            f"Unable to delete Domain [{domain.arn}] because it is in {domain.status} state."
        )
    _check_empty(studio, domain)
    domain.status, domain.modified = "Deleting", studio.now

    def remove(_due: float) -> None:
        del studio.domains[domain.domain_id]
        for arn in [app.arn for app in studio.apps.values() if app.domain_id == domain.domain_id]:
            del studio.apps[arn]

    studio.schedule_status(domain, studio.configuration.durations.domain_delete, "Deleting", remove)
    return {}


def _check_empty(studio: Studio, domain: Domain) -> None:
    domain_id = domain.domain_id
    blockers = {
        "App": any(True for _ in studio.active_apps(domain_id)),
        "Space": any(key[0] == domain_id for key in studio.spaces),
        "UserProfile": any(key[0] == domain_id for key in studio.user_profiles),
    }
    for blocker, is_there in blockers.items():
        if is_there:
            raise in_use(
                f"Unable to delete Domain [{domain.arn}] because {blocker}(s) are associated "
                "with it."
            )


def list_domains(studio: Studio, parameters: Json) -> Json:
    """List the domains, oldest first."""
    domains, token = page(studio.domains.values(), parameters, by_creation)
    return {
        "Domains": [
            {
                "DomainArn": domain.arn,
                "DomainId": domain.domain_id,
                "DomainName": domain.name,
                "Status": domain.status,
                "CreationTime": domain.created,
                "LastModifiedTime": domain.modified,
                "Url": domain.url,
            }
            for domain in domains
        ],
        "NextToken": token,
    }
