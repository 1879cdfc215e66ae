"""Short ways to say where in AWS something is, and what it is called there."""

from __future__ import annotations

from studio_operator.kinds.resource_id import ResourceId, holder_of
from studio_operator.plan.scope import OWN_ACCOUNT, AccountRegion, Scope


def region_at(region: str) -> AccountRegion:
    """A region of the operator's own account."""
    return AccountRegion(OWN_ACCOUNT, region)


def scope_at(region: str, domain_id: str | None = None) -> Scope:
    """A domain, or a region as a whole."""
    return Scope(OWN_ACCOUNT, region, domain_id)


def domain_at(region: str, domain_id: str) -> ResourceId:
    """A domain."""
    return holder_of(scope_at(region, domain_id))


def profile_at(region: str, domain_id: str, name: str) -> ResourceId:
    """A user profile."""
    return ResourceId("UserProfile", scope_at(region, domain_id), name)


def space_at(region: str, domain_id: str, name: str) -> ResourceId:
    """A space."""
    return ResourceId("Space", scope_at(region, domain_id), name)
