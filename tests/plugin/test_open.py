"""open: an address under the caller's own AWS identity, made by the simulated AWS."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.team import Team
from tests.plugin.conftest import PROGRAM, Studio


def test_a_private_space_opens_for_its_owner(team: Team, studio: Studio, tmp_path: Path) -> None:
    team.run_space()
    seen = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {seen}\n')
    browser.chmod(0o755)
    words = ("open", "churn", "-n", team.namespace)
    answer = studio.run(PROGRAM, *words, BROWSER=f"{browser} %s")
    assert (answer.out, answer.err) == ("", "Opened churn as alice.\n")
    assert seen.read_text().startswith(f"https://{team.domain_id}.studio.{team.region}")
    (call,) = team.calls("CreatePresignedDomainUrl")
    assert call["identifiers"]["SpaceName"] == "churn"
    assert call["identifiers"]["UserProfileName"] == "alice"


def test_print_opens_nothing(team: Team, studio: Studio) -> None:
    team.run_space()
    answer = studio("open", "churn", "--print")
    assert answer.out.startswith(f"https://{team.domain_id}.studio.")
    data = studio("open", "profile/alice", "-o", "json", "--expires-in", "60").data
    assert data == {
        "url": data["url"],
        "DomainId": team.domain_id,
        "UserProfileName": "alice",
        "ExpiresInSeconds": 60,
    }


def test_nothing_is_started_unasked(team: Team, studio: Studio) -> None:
    team.apply(team.space(state="Stopped"))
    team.wait_phase("churn", "Stopped")
    assert "start it first" in studio("open", "churn", "--print", expect=4).err
    assert team.aws_app() is None
    assert studio("open", "churn", "--print", "--start").out.startswith("https://")
    assert team.aws_app() is not None


def test_a_shared_space_wants_to_know_whom_to_sign_in_as(team: Team, studio: Studio) -> None:
    team.run_space(sharing="Shared")
    assert "--as PROFILE" in studio("open", "churn", "--print", expect=4).err
    answer = studio("open", "churn", "--print", "--as", "alice", "-o", "json")
    assert answer.data["UserProfileName"] == "alice"


def test_a_domain_with_single_sign_on_has_no_such_addresses(new_team: Team) -> None:
    team, studio = new_team, Studio(new_team)
    team.apply(team.domain(authMode="SSO"))
    person = {"identifier": "UserName", "value": "alice@example.org"}
    team.apply(team.profile(singleSignOn=person))
    team.wait_ready("UserProfile", "alice")
    answer = studio("open", "profile/alice", "--print", expect=4)
    assert "IAM Identity Center" in answer.err


def test_rights_that_are_missing_in_aws_are_named(team: Team, studio: Studio) -> None:
    team.simulator.add_fault(
        operation="CreatePresignedDomainUrl",
        code="AccessDeniedException",
        message="User: bob is not authorized to perform this",
    )
    answer = studio("open", "profile/alice", "--print", expect=4)
    assert "needs sagemaker:CreatePresignedDomainUrl on user profile alice" in answer.err
