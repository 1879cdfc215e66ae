"""Defaults of a domain and a profile: spaces have them, and follow them with one restart."""

from __future__ import annotations

from typing import Any

from tests.e2e.team import ROLE, Team


def resource_spec(team: Team) -> dict[str, Any]:
    answer = team.aws().describe_space(DomainId=team.domain_id, SpaceName="churn")
    return dict(answer["SpaceSettings"]["JupyterLabAppSettings"]["DefaultResourceSpec"])


def script(team: Team, name: str) -> str:
    made = team.aws().create_studio_lifecycle_config(
        StudioLifecycleConfigName=name,
        StudioLifecycleConfigContent="ZWNobyBoZWxsbw==",
        StudioLifecycleConfigAppType="JupyterLab",
    )
    return made["StudioLifecycleConfigArn"]


def test_spaces_have_the_defaults_of_profile_and_domain_and_follow_them(team: Team) -> None:
    arn = script(team, "tools")
    lab = {"defaultResourceSpec": {"lifecycleConfigArn": arn}, "lifecycleConfigArns": [arn]}
    domain = {"executionRole": ROLE, "jupyterLab": lab}
    team.edit("StudioDomain", "research", defaultUserSettings=domain)
    team.wait_ready("StudioDomain", "research")
    owner = {"jupyterLab": {"defaultResourceSpec": {"instanceType": "ml.m5.large"}}}
    team.edit("UserProfile", "alice", userSettings=owner)
    team.wait_ready("UserProfile", "alice")

    manifest = team.space()
    del manifest["spec"]["instanceType"]
    team.apply(manifest)
    space = team.wait_ready("Space", "churn")
    assert resource_spec(team)["LifecycleConfigArn"] == arn
    told = space.status["effective"]["settings"]
    assert told["instanceType"] == {"from": "UserProfile", "value": "ml.m5.large"}
    assert told["lifecycleConfigArn"] == {"from": "StudioDomain", "value": arn}
    assert told["image"]["from"] == "Operator"

    before = team.last_call()
    larger = {"jupyterLab": {"defaultResourceSpec": {"instanceType": "ml.m5.xlarge"}}}
    team.edit("UserProfile", "alice", userSettings=larger)
    team.wait_for(
        "Space",
        "churn",
        lambda it: it.is_ready and it.status["instanceType"] == "ml.m5.xlarge",
        "has the new default",
    )
    assert resource_spec(team)["InstanceType"] == "ml.m5.xlarge"
    changes = [one for one in team.changes(since=before) if one != "UpdateUserProfile"]
    assert changes == ["DeleteApp", "UpdateSpace", "CreateApp"]
