"""What AWS accepts and then fails at: named on status, and mended as far as it can be."""

from __future__ import annotations

import pytest

from tests.e2e.team import Team
from tests.e2e.waiting import wait_until

WORDS = "the moon was in the wrong phase"


def fail_later(team: Team, operation: str, words: str = WORDS, times: int = 1) -> None:
    """Let AWS accept an operation, and fail at it afterwards."""
    team.simulator.add_fault(operation, code=None, mode="fail-later", message=words, times=times)


def test_a_space_that_failed_to_be_made_is_made_anew_once_it_is_away(team: Team) -> None:
    fail_later(team, "CreateSpace")
    team.apply(team.space())
    failed = team.wait_reason("Space", "churn", "CreationFailed")
    assert (failed.phase, failed.has("Stalled")) == ("Failed", True)
    assert WORDS in failed.message
    team.wait_looks()
    assert team.changes().count("CreateSpace") == 1

    team.aws().delete_space(DomainId=team.domain_id, SpaceName="churn")
    wait_until(lambda: team.aws_space() is None, "it is away")
    team.remove("Space", "churn")
    team.run_space()


@pytest.mark.parametrize(
    ("operation", "kind", "name"),
    [("CreateDomain", "StudioDomain", "research"), ("CreateUserProfile", "UserProfile", "alice")],
)
def test_a_domain_or_profile_that_failed_to_be_made_is_made_anew_once_it_is_away(
    new_team: Team, operation: str, kind: str, name: str
) -> None:
    fail_later(new_team, operation)
    new_team.apply(new_team.domain())
    new_team.apply(new_team.profile())
    failed = new_team.wait_reason(kind, name, "CreationFailed")
    assert (failed.phase, failed.has("Stalled")) == ("Failed", True)
    assert WORDS in failed.message

    if kind == "StudioDomain":
        new_team.aws().delete_domain(DomainId=new_team.domain_id)
    else:
        new_team.aws().delete_user_profile(DomainId=new_team.domain_id, UserProfileName=name)
    new_team.wait_ready(kind, name)
    assert new_team.changes().count(operation) == 2


def test_expired_credentials_are_told_on_everything_and_mended_by_the_next_answer(
    team: Team,
) -> None:
    """The pauses of a missing permission, five minutes to an hour, would be far too long."""
    team.run_space()
    team.simulator.refuse_credentials()
    resources = (("StudioDomain", "research"), ("UserProfile", "alice"), ("Space", "churn"))
    team.apply(team.space("later"))
    for kind, name in (*resources, ("Space", "later")):
        told = team.wait_reason(kind, name, "CredentialsInvalid")
        assert told.has("Stalled")
        assert "have expired" in told.message
        assert "Grant" not in told.message
    shown = team.wait_reason("Space", "churn", "CredentialsInvalid")
    assert shown.phase == "InService", "as AWS showed it last"
    team.simulator.remove_faults()
    for kind, name in resources:
        team.wait_ready(kind, name)
    team.wait_ready("Space", "later")


def test_an_update_that_failed_is_asked_for_again(team: Team) -> None:
    team.run_space()
    fail_later(team, "UpdateSpace")
    before = team.last_call()
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_ready("Space", "churn")
    assert team.instance_type() == "ml.m5.large"
    changes = team.changes(since=before)
    assert (changes[0], changes[-1]) == ("DeleteApp", "CreateApp")
    assert changes.count("UpdateSpace") >= 2


def test_an_update_that_fails_always_is_given_up_and_said(team: Team) -> None:
    team.run_space()
    fail_later(team, "UpdateSpace", times=100)
    before = team.last_call()
    team.edit("Space", "churn", instanceType="ml.m5.large")
    failed = team.wait_reason("Space", "churn", "UpdateFailed")
    assert failed.has("Stalled")
    assert WORDS in failed.message
    team.wait_looks()
    assert team.changes(since=before).count("UpdateSpace") <= 4
    team.simulator.remove_faults()
    team.edit("Space", "churn", instanceType="ml.m5.xlarge")
    team.wait_ready("Space", "churn")


def test_the_app_runs_again_once_an_update_that_fails_always_is_taken_back(team: Team) -> None:
    team.run_space()
    present = team.instance_type()
    fail_later(team, "UpdateSpace", times=100)
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_reason("Space", "churn", "UpdateFailed")
    team.simulator.remove_faults()
    before = team.last_call()
    team.edit("Space", "churn", instanceType=present)
    team.wait_ready("Space", "churn")
    assert team.changes(since=before) == ["UpdateSpace", "CreateApp"]
    assert team.instance_type() == present


def test_a_deletion_that_failed_is_said_and_asked_for_again(team: Team) -> None:
    team.run_space(deletionPolicy="Delete")
    fail_later(team, "DeleteSpace")
    team.remove("Space", "churn")
    assert team.aws_space() is None
    assert team.changes().count("DeleteSpace") == 2
    assert "DeletionFailed" in {one["reason"] for one in team.events("churn")}


def test_a_lifecycle_script_that_fails_is_started_once_until_a_person_asks(team: Team) -> None:
    team.run_space()
    fail_later(team, "CreateApp", "LifecycleConfig script failed with exit code 1", times=100)
    before = team.last_call()
    team.edit("Space", "churn", instanceType="ml.m5.large")
    failed = team.wait_reason("Space", "churn", "LifecycleConfigFailed")
    assert failed.has("Stalled")
    team.wait_looks()
    assert team.changes(since=before).count("CreateApp") == 1
    team.simulator.remove_faults()
    team.request("Space", "churn", "the script is mended")
    team.wait_ready("Space", "churn")
    assert team.instance_type() == "ml.m5.large"


@pytest.mark.parametrize(("retention", "is_told"), [(None, True), ("Delete", False)])
def test_a_file_system_that_outlives_its_domain_is_told_of(
    new_team: Team, retention: str | None, is_told: bool
) -> None:
    new_team.apply(new_team.domain(deletionPolicy="Delete", homeEfsRetention=retention))
    domain = new_team.wait_ready("StudioDomain", "research")
    new_team.remove("StudioDomain", "research")

    def said() -> list[str]:
        told = new_team.events("research")
        return [one["note"] for one in told if one["reason"] == "FileSystemKept"]

    if is_told:
        wait_until(said, "it is told")  # Events are posted beside the work
        assert domain.status["homeEfsFileSystemId"] in said()[0]
    assert bool(said()) is is_told
