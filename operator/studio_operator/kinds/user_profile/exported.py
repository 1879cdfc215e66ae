"""A user profile in AWS as the spec of a UserProfile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio_operator.kinds.exporting import Answered, Exporting, LeftOut
from studio_operator.kinds.shared.exported import left_out, read_settings
from studio_operator.plan.settings.mapping import PROFILE_SETTINGS

# Members of DescribeUserProfile that tell about it, and those that have another place in the spec.
_TOLD = (
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
_NO_FIELD = "UserProfile has no field for it; it stays as it is"


def members(profile: Answered) -> dict[str, Any]:
    """Whose profile it is."""
    value = profile.answer.get("SingleSignOnUserValue")
    return {"singleSignOn": {"value": value}} if value else {}


def _left_out(profile: Answered) -> Iterator[LeftOut]:
    return left_out(profile.answer, PROFILE_SETTINGS, _TOLD, _NO_FIELD)


EXPORTING = Exporting(
    members, lambda profile: read_settings(profile.answer, PROFILE_SETTINGS), _left_out
)
