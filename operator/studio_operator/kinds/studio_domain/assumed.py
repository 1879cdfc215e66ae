"""A domain as its spec and its recorded status tell of it."""

from __future__ import annotations

from studio_operator.kinds.assumed import Assumption, AssumptionInput
from studio_operator.plan.observed import Observed
from studio_operator.plan.settings.mapping import (
    DOMAIN_SETTINGS,
    creation_members,
    declared_values,
)


def assume(given: AssumptionInput) -> Assumption:
    """What DescribeDomain would answer of a domain that is as declared."""
    spec, status = given.declared.spec, given.status
    members = {
        "VpcId": spec.vpc_id,
        "KmsKeyId": spec.kms_key_id,
        "AuthMode": spec.auth_mode or "IAM",
        **creation_members(declared_values(spec, DOMAIN_SETTINGS)),
    }
    if status.arn is not None or status.domain_id is not None:
        shown = {"AuthMode": status.auth_mode, "AppNetworkAccessType": status.network}
        members |= {name: value for name, value in shown.items() if value is not None}
    details = {name: value for name, value in members.items() if value is not None}
    return Assumption(Observed(**given.members, details=details))
