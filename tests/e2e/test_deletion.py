"""Deleting resources: what stays in AWS, what goes, and in which order."""

from __future__ import annotations

from typing import Any

from studio_operator.api.common import OWNER_TAG

from tests.e2e.team import Team


def test_retain_stops_the_app_and_keeps_the_space(team: Team) -> None:
    team.run_space()
    before = team.last_call()
    team.remove("Space", "churn")
    found = team.aws_space()
    assert found is not None
    assert found["tags"][OWNER_TAG].endswith(f"/{team.namespace}/churn/released")
    assert team.changes(since=before) == ["DeleteApp", "AddTags"]
    assert team.aws_app() is None


def test_the_same_resource_applied_again_takes_the_space_back(team: Team) -> None:
    team.run_space()
    volume = team.aws_space()
    team.remove("Space", "churn")
    before = team.last_call()
    team.run_space()
    again = team.aws_space()
    assert volume is not None
    assert again is not None
    assert again["created"] == volume["created"], "it is the same space, with the same volume"
    assert team.changes(since=before) == ["AddTags"]
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_phase("churn", "InService")


def test_delete_removes_the_app_then_the_space(team: Team) -> None:
    team.run_space(deletionPolicy="Delete")
    before = team.last_call()
    team.remove("Space", "churn")
    assert team.changes(since=before) == ["DeleteApp", "DeleteSpace"]
    assert team.aws_space() is None


def test_orphan_takes_only_the_tag_away(team: Team) -> None:
    team.run_space(deletionPolicy="Orphan")
    before = team.last_call()
    team.remove("Space", "churn")
    found = team.aws_space()
    assert found is not None
    assert OWNER_TAG not in found["tags"]
    assert team.changes(since=before) == ["DeleteTags"]
    assert team.instance_type() == "ml.t3.medium"


def test_a_space_handed_to_others_a_moment_ago_is_not_deleted(team: Team) -> None:
    team.run_space(deletionPolicy="Delete")
    found = team.aws_space()
    assert found is not None
    team.simulator.retag(found["arn"], {OWNER_TAG: "other-cluster/ml-team/churn/uid-9"})
    before = team.last_call()
    team.remove("Space", "churn")
    assert team.changes(since=before) == []
    assert team.instance_type() == "ml.t3.medium"


def test_a_policy_changed_last_is_the_one_that_holds(team: Team) -> None:
    team.run_space(deletionPolicy="Delete")
    team.edit("Space", "churn", deletionPolicy="Retain")
    team.remove("Space", "churn")
    assert team.aws_space() is not None
    assert "DeleteSpace" not in team.changes()


def test_a_space_that_could_never_be_made_goes_at_once(new_team: Team) -> None:
    new_team.apply(new_team.space(deletionPolicy="Delete"))
    new_team.wait_reason("Space", "churn", "DependencyNotReady")
    new_team.remove("Space", "churn")
    assert new_team.changes() == []


def test_a_profile_goes_after_its_spaces(team: Team) -> None:
    team.edit("UserProfile", "alice", deletionPolicy="Delete")
    team.run_space(deletionPolicy="Delete")
    team.delete("UserProfile", "alice")
    blocked = team.wait_reason("UserProfile", "alice", "DeletionBlocked")
    assert "churn" in blocked.message
    team.remove("Space", "churn")
    team.wait_gone("UserProfile", "alice")
    assert team.changes()[-3:] == ["DeleteApp", "DeleteSpace", "DeleteUserProfile"]


def test_a_domain_is_blocked_by_name_until_all_in_it_is_gone(team: Team) -> None:
    team.edit("UserProfile", "alice", deletionPolicy="Delete")
    team.edit("StudioDomain", "research", deletionPolicy="Delete")
    team.run_space(deletionPolicy="Delete")
    team.delete("StudioDomain", "research")
    blocked = team.wait_for(
        "StudioDomain", "research", lambda it: it.reason == "DeletionBlocked", "is blocked"
    )
    assert "churn" in blocked.message
    assert "alice" in blocked.message
    team.delete("UserProfile", "alice")
    team.delete("Space", "churn")
    team.wait_gone("StudioDomain", "research")
    assert team.changes()[-4:] == ["DeleteApp", "DeleteSpace", "DeleteUserProfile", "DeleteDomain"]


def test_a_domain_is_blocked_by_what_others_made_in_it(team: Team) -> None:
    team.edit("UserProfile", "alice", deletionPolicy="Delete")
    team.edit("StudioDomain", "research", deletionPolicy="Delete")
    team.simulator.create_space(team.domain_id, "handmade", "alice")
    team.delete("UserProfile", "alice")
    team.delete("StudioDomain", "research")
    team.wait_for(
        "UserProfile",
        "alice",
        lambda it: it.reason == "DeletionBlocked" and "handmade" in it.message,
        "is blocked by the space handmade",
    )
    team.simulator.delete_space(team.domain_id, "handmade")
    team.wait_gone("UserProfile", "alice")
    team.wait_gone("StudioDomain", "research")
    assert team.changes()[-2:] == ["DeleteUserProfile", "DeleteDomain"]


def test_a_retained_domain_and_profile_are_taken_back(team: Team) -> None:
    domain_id = team.domain_id
    team.remove("UserProfile", "alice")
    team.remove("StudioDomain", "research")
    assert not {"DeleteUserProfile", "DeleteDomain"} & set(team.changes())
    team.settle_in()
    assert team.domain_id == domain_id
    assert team.changes().count("CreateDomain") == 1
    assert team.changes().count("CreateUserProfile") == 1


def test_an_app_of_a_profile_blocks_its_deletion_by_name_until_it_is_gone(team: Team) -> None:
    whose: Any = {"DomainId": team.domain_id, "UserProfileName": "alice"}
    canvas = {**whose, "AppType": "Canvas", "AppName": "default"}
    team.aws().create_app(**canvas)
    team.wait_looks()
    team.edit("UserProfile", "alice", deletionPolicy="Delete")
    team.delete("UserProfile", "alice")
    profile = team.wait_reason("UserProfile", "alice", "DeletionBlocked")
    assert "Canvas" in profile.message
    assert team.calls("DeleteUserProfile") == []
    team.aws().delete_app(**canvas)
    team.wait_gone("UserProfile", "alice")
