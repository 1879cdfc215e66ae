"""A user profile as its spec and its recorded status tell of it."""

from __future__ import annotations

from studio_operator.kinds.assumed import Assumption, AssumptionInput
from studio_operator.plan.observed import Observed
from studio_operator.plan.settings.mapping import (
    PROFILE_SETTINGS,
    creation_members,
    declared_values,
)


def assume(given: AssumptionInput) -> Assumption:
    """What DescribeUserProfile would answer of a profile that is as declared."""
    spec = given.declared.spec
    details = creation_members(declared_values(spec, PROFILE_SETTINGS))
    if spec.single_sign_on is not None:
        details["SingleSignOnUserValue"] = spec.single_sign_on.value
    return Assumption(Observed(**given.members, details=details))
