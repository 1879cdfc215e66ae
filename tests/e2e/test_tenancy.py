"""A StudioTenant in a living cluster: Audit, Block, two of them, and none."""

from __future__ import annotations

from tests.e2e.cluster import Resource
from tests.e2e.team import ROLE, Team

ALLOWED = {"executionRoles": [f"{ROLE}*"]}
MORE = {**ALLOWED, "remoteAccess": "Enabled", "deletionPolicies": ["Delete"]}
REMOTE = {"instanceType": "ml.m5.large", "remoteAccess": "Enabled"}


def tells(resource: Resource) -> bool:
    return resource.has("PolicyViolation")


def test_audit_tells_and_block_refuses_the_next_change_but_never_a_deletion(team: Team) -> None:
    team.run_space(**REMOTE, deletionPolicy="Delete")
    before = team.last_call()

    team.rule(enforcement="Audit", allow=ALLOWED)
    told = team.wait_for("Space", "churn", tells, "tells of what is not allowed")
    assert told.is_ready
    assert f"StudioTenant {team.namespace}" in told.condition("PolicyViolation")["message"]

    team.rule(enforcement="Block", allow=ALLOWED)
    team.edit("Space", "churn", instanceType="ml.m5.xlarge")
    refused = team.wait_reason("Space", "churn", "PolicyViolation")
    assert refused.phase == "InService"
    assert team.changes(since=before) == []

    team.rule(enforcement="Block", allow=MORE)
    team.wait_ready("Space", "churn")
    assert team.changes(since=before) == ["DeleteApp", "UpdateSpace", "CreateApp"]

    team.rule(enforcement="Block")
    team.delete("Space", "churn")
    team.wait_gone("Space", "churn")
    assert team.changes(since=before)[3:] == ["DeleteApp", "DeleteSpace"]


def test_a_role_that_a_space_inherits_is_judged(team: Team) -> None:
    team.rule(enforcement="Block", allow={"executionRoles": [f"{ROLE}-other"]})
    team.apply(team.space())
    refused = team.wait_reason("Space", "churn", "PolicyViolation")
    assert "spec.defaultUserSettings.executionRole of StudioDomain" in refused.message
    team.rule(enforcement="Block", allow=ALLOWED)
    team.wait_ready("Space", "churn")


def test_status_tells_what_a_tenant_has_and_of_two_neither_counts(new_team: Team) -> None:
    team, second = new_team, f"{new_team.namespace}-guest"
    team.rule(enforcement="Block", allow=ALLOWED)
    team.rule(second, enforcement="Block", allow=ALLOWED)
    team.apply(team.domain())
    refused = team.wait_reason("StudioDomain", "research", "TenantConflict")
    assert second in refused.message
    for name in ("", second):
        team.wait_until_tenant(lambda it: it.reason == "TenantConflict", name)
        assert team.tenant(name).status["conflicts"] == [team.namespace]
    team.rule(second, namespaces={"names": ["elsewhere"]})
    team.rule(enforcement="Block", allow={**ALLOWED, "subnets": ["subnet-*"]})
    team.wait_ready("StudioDomain", "research")
    found = team.wait_until_tenant(lambda it: bool(it.status.get("resources")))
    assert found.status["resources"] == {"StudioDomain": 1}
    assert found.status["namespaces"] == [team.namespace]
