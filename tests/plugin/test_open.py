"""open: an address under the caller's own AWS identity, made by the simulated AWS."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.team import Team
from tests.e2e.waiting import wait_until
from tests.plugin.conftest import PROGRAM, Studio

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "gitops"


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


def test_what_aws_shows_counts_where_status_is_older(team: Team, studio: Studio) -> None:
    for name, state in (("gone", "Stopped"), ("halted", "Running"), ("late", "Stopped")):
        team.apply(team.space(name, state=state))
        team.wait_ready("Space", name)
    domain_id = team.domain_id
    team.product.stop_operator()  # so that statuses stay as they are
    team.simulator.delete_space(domain_id, "gone")
    team.simulator.stop_app(domain_id, "halted")
    team.simulator.start_app(domain_id, "late")
    wait_until(lambda: team.aws_space("gone") is None, "the space is gone from AWS")
    wait_until(lambda: team.aws_app("halted") is None, "the app is stopped in AWS")
    wait_until(lambda: (team.aws_app("late") or {})["status"] == "InService", "the app runs in AWS")
    told = studio("open", "gone", "--print", "--start", expect=3).err
    assert "space gone was deleted in AWS, with its volume" in told
    assert "kubectl studio reconcile gone" in told
    told = studio("open", "halted", "--print", expect=4).err
    assert "space halted is not running in AWS any more" in told
    assert "kubectl studio start halted" in told
    assert studio("open", "late", "--print").out.startswith("https://")
    (opened,) = team.calls("CreatePresignedDomainUrl")
    assert opened["identifiers"]["SpaceName"] == "late"


def test_two_people_open_one_running_shared_space_by_addresses_of_their_own(
    team: Team, studio: Studio
) -> None:
    team.run_space(sharing="Shared")
    team.apply(team.profile("bob"))
    team.wait_ready("UserProfile", "bob")
    before = team.last_call()
    alice = studio("open", "churn", "--print", "--as", "alice", "-o", "json").data
    bob = studio("open", "churn", "--print", "--as", "profile/bob", "-o", "json").data
    assert alice.pop("url") != bob.pop("url")
    assert [one.pop("UserProfileName") for one in (alice, bob)] == ["alice", "bob"]
    assert alice == bob
    assert bob == {
        "DomainId": team.domain_id,
        "SpaceName": "churn",
        "LandingUri": "app:JupyterLab:",
    }
    asked = [call["identifiers"] for call in team.calls("CreatePresignedDomainUrl")]
    assert [(one["UserProfileName"], one["SpaceName"]) for one in asked] == [
        ("alice", "churn"),
        ("bob", "churn"),
    ]
    assert set(team.changes(since=before)) == {"CreatePresignedDomainUrl"}, "one app for both"


def test_both_people_of_the_example_open_its_shared_space(new_team: Team) -> None:
    """By the commands that the file itself tells."""
    for path in sorted(EXAMPLES.glob("*.yaml")):
        content: dict[str, Any] = yaml.safe_load(path.read_text())
        if content["kind"] in {"StudioDomain", "UserProfile", "Space"}:
            del content["metadata"]["namespace"]
            new_team.apply(content)
    new_team.wait_ready("Space", "feature-store")
    new_team.wait_ready("UserProfile", "alice")
    told = re.findall(
        "kubectl studio (.*) -n ml-team", (EXAMPLES / "feature-store.yaml").read_text()
    )
    urls = {Studio(new_team)(*command.split(), "--print").out for command in told}
    assert len(urls) == len(told) == 2
    asked = [call["identifiers"] for call in new_team.calls("CreatePresignedDomainUrl")]
    assert [one["UserProfileName"] for one in asked] == ["alice", "bob"]


def test_a_shared_space_wants_to_know_whom_to_sign_in_as(team: Team, studio: Studio) -> None:
    team.run_space(sharing="Shared")
    assert "--as PROFILE" in studio("open", "churn", "--print", expect=4).err
    assert team.calls("CreatePresignedDomainUrl") == []


def test_nobody_is_signed_in_to_what_aws_would_refuse(team: Team, studio: Studio) -> None:
    team.apply(team.profile("bob"))
    team.apply(team.domain("other"))
    team.apply(team.profile("carol", domainRef={"name": "other"}))
    team.run_space("hers")
    team.run_space("everybodys", sharing="Shared")
    for person in ("bob", "carol"):
        team.wait_ready("UserProfile", person)
    told = studio("open", "hers", "--print", "--as", "bob", expect=4).err
    assert "private: AWS opens it for its owner alice only" in told
    told = studio("open", "everybodys", "--print", "--as", "carol", expect=4).err
    assert "Name a UserProfile of StudioDomain research" in told
    assert team.calls("CreatePresignedDomainUrl") == []


def test_people_of_another_namespace_open_studio_instead(
    team: Team, studio: Studio, make_team: Callable[[], Team]
) -> None:
    guests = make_team()
    team.edit("StudioDomain", "research", allowedNamespaces=[guests.namespace])
    here = {"name": "research", "namespace": team.namespace}
    guests.apply(guests.profile("dave", domainRef=here))
    team.run_space(sharing="Shared")
    guests.wait_ready("UserProfile", "dave")
    told = studio("open", "churn", "--print", "--as", "dave", expect=3).err
    assert f"UserProfile 'dave' is not in namespace {team.namespace}" in told
    told = studio("open", "churn", "--print", "--as", f"{guests.namespace}/dave", expect=2).err
    assert "kubectl studio open profile/NAME -n THEIR-NAMESPACE" in told
    assert team.calls("CreatePresignedDomainUrl") == []
    url = Studio(guests)("open", "profile/dave", "--print").out
    assert url.startswith(f"https://{team.domain_id}.studio.")


def test_a_profile_needs_no_second_name(studio: Studio) -> None:
    told = studio("open", "profile/alice", "--print", "--as", "bob", expect=2).err
    assert "--as is for shared spaces" in told


def test_a_domain_with_single_sign_on_has_no_such_addresses(new_team: Team) -> None:
    team, studio = new_team, Studio(new_team)
    team.apply(team.domain(authMode="SSO"))
    person = {"identifier": "UserName", "value": "alice@example.org"}
    team.apply(team.profile(singleSignOn=person))
    team.wait_ready("UserProfile", "alice")
    team.run_space(sharing="Shared")
    for words in (("profile/alice",), ("churn", "--as", "alice")):
        answer = studio("open", *words, "--print", expect=4)
        assert "IAM Identity Center" in answer.err
    assert team.calls("CreatePresignedDomainUrl") == []


def test_rights_that_are_missing_in_aws_are_named(team: Team, studio: Studio) -> None:
    team.simulator.add_fault(
        operation="CreatePresignedDomainUrl",
        code="AccessDeniedException",
        message="User: bob is not authorized to perform this",
    )
    answer = studio("open", "profile/alice", "--print", expect=4)
    assert "needs sagemaker:CreatePresignedDomainUrl on user profile alice" in answer.err
