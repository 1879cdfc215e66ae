"""What people change in the console: changed back, or told and left, as the spec says."""

from __future__ import annotations

from typing import Any

from tests.e2e.team import Team

REPORT = {"default": "Report"}
OTHER: Any = {"InstanceType": "ml.m5.large"}


def resize_in_the_console(team: Team) -> None:
    """Somebody stops the app, updates the space, and starts it on another instance."""
    aws = team.aws()
    team.simulator.stop_app(team.domain_id, "churn")
    team.wait_phase("churn", "Stopped")
    aws.update_space(
        DomainId=team.domain_id,
        SpaceName="churn",
        SpaceSettings={"JupyterLabAppSettings": {"DefaultResourceSpec": OTHER}},
    )


def retag_in_the_console(team: Team, **tags: str) -> None:
    space = team.aws().describe_space(DomainId=team.domain_id, SpaceName="churn")
    team.aws().add_tags(
        ResourceArn=space["SpaceArn"],
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )


def test_another_instance_type_is_changed_back(team: Team) -> None:
    team.run_space()
    resize_in_the_console(team)
    before = team.last_call()
    team.wait_for("Space", "churn", lambda it: team.changes(since=before), "is changed back")
    team.wait_ready("Space", "churn")
    assert team.changes(since=before) == ["UpdateSpace"]
    found = team.aws().describe_space(DomainId=team.domain_id, SpaceName="churn")
    app = found["SpaceSettings"]["JupyterLabAppSettings"]
    assert app["DefaultResourceSpec"]["InstanceType"] == "ml.t3.medium"


def test_another_instance_type_is_told_and_left_where_the_spec_says_so(team: Team) -> None:
    team.run_space(drift=REPORT)
    resize_in_the_console(team)
    before = team.last_call()
    space = team.wait_for("Space", "churn", lambda it: it.has("Drifted"), "has drifted")
    team.product.kill_operator()
    team.product.ensure_operator()
    team.wait_looks()
    assert team.changes(since=before) == []
    told = "instanceType: declared ml.t3.medium, live ml.m5.large"
    assert told in space.condition("Drifted")["message"]
    assert space.is_ready


def test_a_space_deleted_in_the_console_is_made_anew_on_request_only(team: Team) -> None:
    team.run_space()
    team.simulator.stop_app(team.domain_id, "churn")
    team.wait_phase("churn", "Stopped")
    team.aws().delete_space(DomainId=team.domain_id, SpaceName="churn")
    lost = team.wait_reason("Space", "churn", "DeletedOutsideOfGit")
    before = team.last_call()
    assert "studio-operator.dev/recreate" in lost.message
    team.wait_looks()
    assert team.changes(since=before) == []
    team.annotate("Space", "churn", "studio-operator.dev/recreate", "please")
    team.wait_ready("Space", "churn")
    assert team.changes(since=before) == ["CreateSpace", "CreateApp"]
