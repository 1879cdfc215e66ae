"""Shared spaces: what all of a domain run with, and what a domain lacks for them."""

from __future__ import annotations

from typing import Any

from tests.e2e.team import GROUP, ROLE, SHARED_ROLE, Team

CLOSED: dict[str, Any] = {
    "network": "VpcOnly",
    "defaultUserSettings": {"executionRole": ROLE, "securityGroups": [GROUP]},
    "defaultSpaceSettings": {"executionRole": SHARED_ROLE, "securityGroups": [GROUP]},
}


def test_the_domain_tells_what_all_its_shared_spaces_run_with(new_team: Team) -> None:
    team = new_team
    team.apply(team.domain(**CLOSED))
    domain = team.wait_ready("StudioDomain", "research")
    assert domain.status["sharedSpaces"] == {
        "executionRole": SHARED_ROLE,
        "securityGroups": [GROUP],
    }
    kubectl = team.product.stack.access.kubectl
    described = kubectl("describe", "studiodomain", "research", "-n", team.namespace)
    (_, shown) = described.split("Shared Spaces:\n")
    assert shown.split()[:3] == ["Execution", "Role:", SHARED_ROLE]


def test_a_role_that_somebody_gives_in_the_console_is_enough(new_team: Team) -> None:
    team = new_team
    team.apply(team.domain(defaultSpaceSettings=None))
    team.apply(team.profile())
    team.apply(team.space(sharing="Shared"))
    space = team.wait_reason("Space", "churn", "SharedSpacesNotEnabled")
    assert "spec.defaultSpaceSettings.executionRole" in space.message
    domain = team.wait_ready("StudioDomain", "research")
    assert "sharedSpaces" not in domain.status

    given = {"ExecutionRole": SHARED_ROLE}
    request = {"DomainId": team.domain_id, "DefaultSpaceSettings": given}
    team.simulator.call("UpdateDomain", request, region=team.region)
    team.wait_ready("Space", "churn")
    shown = {"executionRole": SHARED_ROLE}
    team.wait_for("StudioDomain", "research", lambda it: it.status.get("sharedSpaces") == shown, "")
    assert team.changes() == ["CreateDomain", "CreateUserProfile", "CreateSpace", "CreateApp"]


def test_groups_of_shared_spaces_do_not_leave_a_closed_domain_by_an_edit(new_team: Team) -> None:
    team = new_team
    team.apply(team.domain(**CLOSED))
    team.apply(team.profile())
    team.run_space(sharing="Shared")
    before = team.last_call()
    without = CLOSED | {"defaultSpaceSettings": {"executionRole": SHARED_ROLE}}
    team.apply(team.domain(**without))
    domain = team.wait_reason("StudioDomain", "research", "VpcSecurityGroupsMissing")
    assert domain.has("Stalled")
    assert "Set spec.defaultSpaceSettings.securityGroups" in domain.message
    team.wait_looks()
    assert team.changes(since=before) == []
    assert domain.status["sharedSpaces"]["securityGroups"] == [GROUP]

    team.apply(team.domain(**CLOSED))
    team.wait_ready("StudioDomain", "research")
    assert team.changes(since=before) == []
