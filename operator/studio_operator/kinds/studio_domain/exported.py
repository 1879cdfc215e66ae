"""A domain in AWS as the spec of a StudioDomain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio_operator.kinds.exporting import Answered, Exporting, LeftOut
from studio_operator.kinds.shared.exported import left_out, read_settings
from studio_operator.plan.settings.mapping import DOMAIN_SETTINGS

# Members of DescribeDomain that tell about it, and those that have another place in the spec.
_TOLD = (
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
# AWS's defaults, by the API reference of CreateDomain.
_DEFAULTS = {"HomeEfsFileSystemCreation": "Enabled"}
_NO_FIELD = "StudioDomain has no field for it; it stays as it is"


def _members(domain: Answered) -> dict[str, Any]:
    answer = domain.answer
    fixed = {
        "authMode": "SSO" if answer.get("AuthMode") == "SSO" else None,
        "vpcId": answer.get("VpcId"),
        "kmsKeyId": answer.get("KmsKeyId"),
    }
    return {field: value for field, value in fixed.items() if value is not None}


def _left_out(domain: Answered) -> Iterator[LeftOut]:
    answer = {name: value for name, value in domain.answer.items() if _DEFAULTS.get(name) != value}
    return left_out(answer, DOMAIN_SETTINGS, _TOLD, _NO_FIELD)


EXPORTING = Exporting(
    _members, lambda domain: read_settings(domain.answer, DOMAIN_SETTINGS), _left_out
)
