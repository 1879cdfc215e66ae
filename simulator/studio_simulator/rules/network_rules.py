"""Rules on the network of a domain, and on the security groups of those who work in it."""

from __future__ import annotations

from studio_simulator.errors import validation
from studio_simulator.state.resources import Domain, Json, Space, UserProfile


def check_network_change(before: Json, parameters: Json) -> None:
    """Refuse an UpdateDomain that says too little or too much about the network.

    The words on VpcOnly are AWS's, for an update that carries it, changed or not
    (hashicorp/terraform-provider-aws #45528).
    """
    given = {"VpcId", "SubnetIds"} <= parameters.keys()
    if parameters.get("AppNetworkAccessType") == "VpcOnly" and not given:
        raise validation("VpcId and Subnet IDs are required for updating domains to VpcOnly mode.")
    if "VpcId" not in parameters or parameters["VpcId"] == before.get("VpcId"):
        return
    is_unified = "UnifiedStudioSettings" in before.get("DomainSettings", {})
    if "VpcId" in before or not is_unified:
        raise validation(
            "VpcId can only be added to a domain of Unified Studio that was created without it."
        )


def check_groups_of_person(domain: Domain, settings: Json, refused: str) -> None:
    """Refuse what would run in a VpcOnly domain without security groups.

    The API reference (UserSettings.SecurityGroups) requires them of a profile "unless specified as
    part of the DefaultUserSettings for the domain". AWS's own words are not known.

    Args:
        domain: the one that it is in.
        settings: the settings of the user profile.
        refused: the beginning of the message.

    """
    groups = domain.settings["DefaultUserSettings"].get("SecurityGroups")
    if domain.is_vpc_only and not groups and not settings.get("SecurityGroups"):
        raise validation(
            f"{refused} because Domain [{domain.arn}] is VpcOnly and neither its "
            "DefaultUserSettings nor the UserSettings of the UserProfile have SecurityGroups."
        )


def check_groups_of_owner(
    domain: Domain, owner: Space | UserProfile, profile: UserProfile | None, refused: str
) -> None:
    """Refuse an app or a private space whose owner would give it no security groups."""
    is_shared = isinstance(owner, Space) and owner.sharing == "Shared"
    if profile is not None and not is_shared:
        check_groups_of_person(domain, profile.settings, refused)
