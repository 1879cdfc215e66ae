"""What becomes of profiles and domains whose tenant does not allow what they have or want."""

from __future__ import annotations

from typing import Any

import pytest
from studio_operator.plan.tenancy.policy import UNRULED, NamespacePolicy

from tests.unit.plan.aws_model import Aws
from tests.unit.tenancy.judged import TenantDomain, TenantProfile, policy, ruled, said

ROLE = "arn:aws:iam::123456789012:role/churn"
ADMIN = "arn:aws:iam::123456789012:role/admin"
GROUP = "sg-0a1b2c3d"
DOMAIN: dict[str, Any] = {
    "vpcId": "vpc-0a1b2c3d",
    "subnetIds": ["subnet-0a1b2c3d"],
    "defaultUserSettings": {"executionRole": ROLE},
}
ALLOWED = ruled(executionRoles=[ROLE], subnets=["subnet-0a1b2c3d"])


def profile(settings: Any, holds: NamespacePolicy = UNRULED, **spec: Any) -> TenantProfile:
    made = TenantProfile.of(Aws(), {"userSettings": settings, **spec})
    assert isinstance(made, TenantProfile)
    made.policy = holds
    return made


def domain(holds: NamespacePolicy = UNRULED, **spec: Any) -> TenantDomain:
    made = TenantDomain.of(Aws(), {**DOMAIN, **spec})
    assert isinstance(made, TenantDomain)
    made.policy = holds
    return made


def operations(one: Any) -> list[str]:
    return [call.operation for call in one.aws.log]


@pytest.mark.parametrize(
    "settings",
    [
        {"executionRole": ADMIN},
        {"securityGroups": [GROUP]},
        {"posixUser": {"uid": 200001, "gid": 1001}},
        {"fileSystems": [{"efs": {"fileSystemId": "fs-0123456789abcdef0"}}]},
    ],
)
def test_no_profile_is_made_with_what_is_not_allowed(settings: Any) -> None:
    made = profile(settings, ruled(executionRoles=[ROLE]))
    made.run()
    assert operations(made) == []
    assert said(made) == ("False", "PolicyViolation")


def test_audit_makes_it_and_tells() -> None:
    made = profile({"executionRole": ADMIN}, ruled("Audit"))
    made.run()
    assert operations(made) == ["CreateUserProfile"]
    assert said(made)[0] == "True"
    assert made.status.condition("PolicyViolation") is not None


def test_a_profile_that_is_there_keeps_what_it_has() -> None:
    made = profile({"executionRole": ADMIN})
    made.run()
    made.policy = ruled()
    made.run()
    assert operations(made) == ["CreateUserProfile"]
    assert said(made)[0] == "True"
    assert made.status.condition("PolicyViolation") is not None


def test_only_what_is_not_allowed_is_held_back() -> None:
    made = profile({"executionRole": ROLE})
    made.run()
    made.policy = ruled(executionRoles=[ROLE])
    made.edit(
        userSettings={
            "executionRole": ROLE,
            "securityGroups": [GROUP],
            "studioWebPortal": "DISABLED",
        },
    )
    made.run()
    assert operations(made) == ["CreateUserProfile", "UpdateUserProfile"]
    assert "SecurityGroups" not in made.aws.log[-1].parameters["UserSettings"]
    assert said(made) == ("False", "PolicyViolation")
    made.policy = ruled(executionRoles=[ROLE], securityGroups=[GROUP])
    made.run()
    assert made.aws.log[-1].parameters["UserSettings"]["SecurityGroups"] == [GROUP]
    assert said(made)[0] == "True"


def test_no_domain_is_made_with_what_is_not_allowed() -> None:
    made = domain(ruled(executionRoles=[ROLE]))
    made.run()
    assert operations(made) == []
    assert said(made) == ("False", "PolicyViolation")
    made.policy = ALLOWED
    made.run()
    assert operations(made) == ["CreateDomain"]


def test_a_domain_gets_no_other_role() -> None:
    made = domain(ALLOWED)
    made.run()
    made.edit(**{**DOMAIN, "defaultUserSettings": {"executionRole": ADMIN}})
    made.run()
    assert operations(made) == ["CreateDomain"]
    assert said(made) == ("False", "PolicyViolation")


def test_in_a_namespace_without_a_tenant_nothing_is_changed_where_one_is_needed() -> None:
    made = domain()
    made.run()
    made.policy = policy(is_required=True)
    made.edit(**DOMAIN, tagPropagation="ENABLED")
    made.run()
    assert operations(made) == ["CreateDomain"]
    assert said(made) == ("False", "TenantRequired")


@pytest.mark.parametrize("deletion", ["Retain", "Delete", "Orphan"])
def test_a_deletion_is_never_refused(deletion: str) -> None:
    ways = []
    for holds in (UNRULED, ruled("Stop")):
        made = domain(deletionPolicy=deletion)
        made.run()
        made.policy = holds
        made.delete()
        made.run()
        ways.append(operations(made))
    assert ways[0] == ways[1]
