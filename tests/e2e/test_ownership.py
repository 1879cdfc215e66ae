"""Whose a space or a domain is: nothing that exists is taken without a word."""

from __future__ import annotations

from studio_operator.api.common import OWNER_TAG

from tests.e2e.team import GROUP, ROLE, Team, manifest
from tests.e2e.waiting import wait_until


def test_a_space_that_nobody_here_made_is_refused_until_adopted(team: Team) -> None:
    team.simulator.create_space(team.domain_id, "churn", "alice", volume_size_in_gb=20)
    before = team.last_call()
    team.apply(team.space(state=None))
    refused = team.wait_reason("Space", "churn", "OwnershipConflict")
    assert refused.has("Stalled")
    assert "spec.adopt to true" in refused.message
    assert team.changes(since=before) == []

    team.edit("Space", "churn", adopt=True)
    team.wait_ready("Space", "churn")
    found = team.aws_space()
    assert found is not None
    assert f"/{team.namespace}/churn/" in found["tags"][OWNER_TAG]
    assert team.changes(since=before)[0] == "AddTags"


def test_an_adopted_app_that_runs_is_not_touched(team: Team) -> None:
    team.simulator.create_space(team.domain_id, "churn", "alice", volume_size_in_gb=20)
    team.simulator.start_app(team.domain_id, "churn")
    before = team.last_call()
    team.run_space(adopt=True, state=None, image=None, instanceType=None)
    assert team.changes(since=before) == ["AddTags"]
    assert team.instance_type() == "ml.t3.medium"


def test_a_space_of_another_cluster_is_never_adopted(team: Team) -> None:
    foreign = "5f7c9d1e-another-cluster/other/space/uid-9"
    team.simulator.create_space(team.domain_id, "churn", "alice", tags={OWNER_TAG: foreign})
    before = team.last_call()
    team.apply(team.space(adopt=True, deletionPolicy="Delete"))
    refused = team.wait_reason("Space", "churn", "OwnershipConflict")
    assert "a resource of another namespace of cluster 5f7c9d1e-another-cluster" in refused.message
    team.remove("Space", "churn")
    assert team.changes(since=before) == []
    assert team.aws_space() is not None


def test_an_adopted_space_with_another_app_is_refused(team: Team) -> None:
    team.simulator.create_space(team.domain_id, "churn", "alice", app_type="CodeEditor")
    team.apply(team.space(adopt=True))
    refused = team.wait_reason("Space", "churn", "ImmutableField")
    assert "CodeEditor" in refused.message


def test_of_two_resources_with_one_space_the_older_keeps_it(team: Team) -> None:
    team.run_space("older", spaceName="churn", deletionPolicy="Delete")
    # Ages are in whole seconds: the younger must be younger for Kubernetes too.
    created = team.get("Space", "older")
    assert created is not None
    born = created.raw["metadata"]["creationTimestamp"]
    wait_until(lambda: team.server_time() > born, "the next second")
    before = team.last_call()
    team.apply(team.space("younger", spaceName="churn"))
    refused = team.wait_reason("Space", "younger", "OwnershipConflict")
    assert f"{team.namespace}/older" in refused.message
    older = team.get("Space", "older")
    assert older is not None
    assert (older.is_ready, team.changes(since=before)) == (True, [])

    team.remove("Space", "older")
    team.wait_ready("Space", "younger")
    assert team.changes(since=before) == ["DeleteApp", "DeleteSpace", "CreateSpace", "CreateApp"]


def test_a_lost_ownership_tag_is_put_back(team: Team) -> None:
    with team.product.own_operator("operator-tags", tag_interval="1", tag_lag="1"):
        team.run_space()
        found = team.aws_space()
        assert found is not None
        team.simulator.retag(found["arn"], remove=[OWNER_TAG])
        wait_until(
            lambda: OWNER_TAG in (team.aws_space() or {"tags": {}})["tags"],
            "the tag is back",
            story=lambda: team.story("Space", "churn"),
        )


def test_a_domain_is_taken_over_by_its_id(new_team: Team) -> None:
    arn = new_team.aws().create_domain(
        DomainName=f"{new_team.namespace}-by-hand",
        AuthMode="IAM",
        VpcId="vpc-1",
        SubnetIds=["subnet-1"],
        DefaultUserSettings={"ExecutionRole": ROLE, "SecurityGroups": [GROUP]},
    )["DomainArn"]
    domain_id = arn.rpartition("/")[2]
    spec = {"domainId": domain_id, "aws": {"region": new_team.region}}
    new_team.apply(manifest("StudioDomain", "research", spec))
    domain = new_team.wait_ready("StudioDomain", "research")
    new_team.apply(new_team.profile())
    new_team.apply(new_team.space())
    new_team.wait_ready("Space", "churn")
    assert domain.status["domainId"] == domain_id
    details = new_team.aws().describe_domain(DomainId=domain_id)
    assert details["DefaultUserSettings"]["SecurityGroups"] == [GROUP]
    assert [op for op in new_team.changes() if "Domain" in op] == ["CreateDomain"]  # by hand


def test_a_domain_id_that_does_not_exist_is_named(new_team: Team) -> None:
    spec = {"domainId": "d-doesnotexist", "aws": {"region": new_team.region}}
    new_team.apply(manifest("StudioDomain", "research", spec))
    refused = new_team.wait_reason("StudioDomain", "research", "DomainNotFound")
    assert refused.has("Stalled")
    assert "d-doesnotexist" in refused.message


def test_a_domain_of_that_name_is_not_taken_over_by_chance(new_team: Team) -> None:
    new_team.aws().create_domain(
        DomainName=f"{new_team.namespace}-research",
        AuthMode="IAM",
        VpcId="vpc-1",
        SubnetIds=["subnet-1"],
        DefaultUserSettings={"ExecutionRole": ROLE},
    )
    new_team.apply(new_team.domain())
    refused = new_team.wait_reason("StudioDomain", "research", "OwnershipConflict")
    assert "spec.domainId" in refused.message
    assert new_team.changes() == ["CreateDomain"]  # by hand


def test_a_profile_that_exists_is_taken_only_with_adopt(team: Team) -> None:
    team.aws().create_user_profile(DomainId=team.domain_id, UserProfileName="bob")
    before = team.last_call()
    team.apply(team.profile("bob"))
    refused = team.wait_reason("UserProfile", "bob", "OwnershipConflict")
    assert "spec.adopt to true" in refused.message
    team.edit("UserProfile", "bob", adopt=True)
    team.wait_ready("UserProfile", "bob")
    assert team.changes(since=before) == ["AddTags"]


def test_a_name_that_aws_has_in_another_case_is_told_and_taken_over_under_its_own(
    team: Team,
) -> None:
    team.simulator.create_space(team.domain_id, "Legacy", "alice")
    team.wait_looks()
    team.apply(team.space("legacy", adopt=True))
    space = team.wait_reason("Space", "legacy", "OwnershipConflict")
    assert space.has("Stalled")
    assert "space Legacy" in space.message
    assert team.calls("CreateSpace") == []
    team.remove("Space", "legacy")
    team.apply(team.space("legacy", spaceName="Legacy", adopt=True))
    team.wait_ready("Space", "legacy")
