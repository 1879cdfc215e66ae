"""Domains and user profiles in AWS as specs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio_operator.plan.settings.mapping import DOMAIN_SETTINGS, PROFILE_SETTINGS
from studio_operator.plugin.export.estate import Described
from studio_operator.plugin.export.parts import Omission
from studio_operator.plugin.export.reading import find_leftovers, members_read, read_settings

_TOLD_OF_DOMAIN = (
    "DomainArn",
    "DomainId",
    "DomainName",
    "HomeEfsFileSystemId",
    "HomeEfsFileSystemKmsKeyId",  # the older name of KmsKeyId
    "SingleSignOnManagedApplicationInstanceId",
    "SingleSignOnApplicationArn",
    "Status",
    "CreationTime",
    "LastModifiedTime",
    "FailureReason",
    "SecurityGroupIdForDomainBoundary",
    "AuthMode",
    "VpcId",
    "KmsKeyId",
    "Url",
)
_TOLD_OF_PROFILE = (
    "DomainId",
    "UserProfileArn",
    "UserProfileName",
    "HomeEfsFileSystemUid",
    "Status",
    "CreationTime",
    "LastModifiedTime",
    "FailureReason",
    "SingleSignOnUserIdentifier",
    "SingleSignOnUserValue",
)
# AWS's defaults, by the API reference of CreateDomain.
_DEFAULTS = {"HomeEfsFileSystemCreation": "Enabled"}


def domain_members(domain: Described, region: str, name: str) -> dict[str, Any]:
    """What a domain is: the spec but for settings and tags; `name` is the resource's."""
    answer = domain.answer
    fixed = {
        "domainId": answer["DomainId"],
        "domainName": answer["DomainName"] if answer["DomainName"] != name else None,
        "aws": {"region": region},
        "authMode": "SSO" if answer.get("AuthMode") == "SSO" else None,
        "vpcId": answer.get("VpcId"),
        "kmsKeyId": answer.get("KmsKeyId"),
    }
    return {field: value for field, value in fixed.items() if value is not None}


def domain_settings(domain: Described) -> dict[str, Any]:
    """What people may change of a domain in AWS."""
    return read_settings(domain.answer, DOMAIN_SETTINGS)


def domain_omissions(thing: str, domain: Described) -> Iterator[Omission]:
    """What of a domain has no place in the spec."""
    read = members_read(domain.answer, DOMAIN_SETTINGS)
    known = (*((name,) for name in _TOLD_OF_DOMAIN), *read)
    answer = {name: value for name, value in domain.answer.items() if _DEFAULTS.get(name) != value}
    for member in find_leftovers(answer, known):
        yield Omission(thing, member, "StudioDomain has no field for it; it stays as it is")


def profile_members(profile: Described, name: str) -> dict[str, Any]:
    """Whose profile it is: the spec but for references, settings, tags and adopt.

    `name` is the resource's.
    """
    answer = profile.answer
    members: dict[str, Any] = {}
    if answer["UserProfileName"] != name:
        members["userProfileName"] = answer["UserProfileName"]
    if answer.get("SingleSignOnUserValue"):
        members["singleSignOn"] = {"value": answer["SingleSignOnUserValue"]}
    return members


def profile_settings(profile: Described) -> dict[str, Any]:
    """What people may change of a profile in AWS."""
    return read_settings(profile.answer, PROFILE_SETTINGS)


def profile_omissions(thing: str, profile: Described) -> Iterator[Omission]:
    """What of a profile has no place in the spec."""
    read = members_read(profile.answer, PROFILE_SETTINGS)
    known = (*((name,) for name in _TOLD_OF_PROFILE), *read)
    for member in find_leftovers(profile.answer, known):
        yield Omission(thing, member, "UserProfile has no field for it; it stays as it is")
