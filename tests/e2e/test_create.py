"""From YAML to a running space."""

from __future__ import annotations

from typing import Any

import pytest
from studio_operator.api.common import OWNER_TAG

from tests.e2e.team import GROUP, Team

DISTRIBUTION = "arn:aws:sagemaker:eu-central-1:545423591354:image/sagemaker-distribution-"


def test_a_space_is_made_and_its_app_started(team: Team) -> None:
    before = team.last_call()
    space = team.run_space()
    assert team.changes(since=before) == ["CreateSpace", "CreateApp"]
    assert team.instance_type() == "ml.t3.medium"
    shown = ("phase", "domainId", "owner", "sharing", "app", "instanceType", "storageGiB")
    assert [space.status.get(name) for name in shown] == [
        "InService",
        team.domain_id,
        "alice",
        "Private",
        "JupyterLab",
        "ml.t3.medium",
        20,
    ]
    found = team.aws_space()
    assert found is not None
    assert space.status["arn"] == found["arn"]


@pytest.mark.parametrize("state", ["Stopped", None])
def test_without_running_no_app_is_started(team: Team, state: str | None) -> None:
    before = team.last_call()
    team.apply(team.space(state=state))
    assert team.wait_phase("churn", "Stopped").is_ready
    assert team.changes(since=before) == ["CreateSpace"]


def test_ownership_is_on_everything_from_the_first_moment(team: Team) -> None:
    space = team.run_space(tags={"team": "churn"})
    found = team.aws_space()
    assert found is not None
    cluster = team.product.stack.access.kubectl(
        "get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"
    )
    assert found["tags"] == {
        OWNER_TAG: f"{cluster}/{team.namespace}/churn/{space.uid}",
        "team": "churn",
    }
    assert "AddTags" not in team.changes()


@pytest.mark.parametrize(
    ("spec", "image", "alias"),
    [
        ({"instanceType": "ml.m5.large"}, DISTRIBUTION + "cpu", None),
        ({"instanceType": "ml.g5.xlarge"}, DISTRIBUTION + "gpu", None),
        (
            {"instanceType": "ml.g5.xlarge", "image": {"distribution": "4.2"}},
            DISTRIBUTION + "gpu",
            "4.2",
        ),
    ],
)
def test_the_image_goes_with_the_instance_type(
    team: Team, spec: dict[str, Any], image: str, alias: str | None
) -> None:
    team.run_space(**spec)
    app = team.aws_app()
    assert app is not None
    runs_on = app["resourceSpec"]
    assert (runs_on["InstanceType"], runs_on["SageMakerImageArn"]) == (spec["instanceType"], image)
    assert runs_on.get("SageMakerImageVersionAlias") == alias


def test_a_shared_code_editor(team: Team) -> None:
    space = team.run_space(sharing="Shared", app="CodeEditor", displayName="Feature store")
    assert (space.status["sharing"], space.status["app"]) == ("Shared", "CodeEditor")
    found = team.aws_space()
    assert found is not None
    assert (found["sharing"], found["displayName"]) == ("Shared", "Feature store")


def test_idle_shutdown_is_set(team: Team) -> None:
    team.run_space(idleShutdown={"after": "2h"})
    found = team.aws_space()
    assert found is not None
    settings = found["settings"]["JupyterLabAppSettings"]
    assert settings["AppLifecycleManagement"]["IdleSettings"] == {"IdleTimeoutInMinutes": 120}


def test_names_in_aws_may_differ(team: Team) -> None:
    team.run_space("churn", spaceName="Churn-Notebooks")
    assert team.aws_space("Churn-Notebooks") is not None


def test_a_shared_space_in_a_closed_domain_needs_its_security_groups(new_team: Team) -> None:
    closed = {
        "network": "VpcOnly",
        "defaultUserSettings": new_team.domain()["spec"]["defaultUserSettings"]
        | {"securityGroups": [GROUP]},
    }
    new_team.apply(new_team.domain(**closed))
    new_team.apply(new_team.profile())
    new_team.apply(new_team.space(sharing="Shared"))
    space = new_team.wait_reason("Space", "churn", "VpcSecurityGroupsMissing")
    assert space.has("Stalled")
    assert "spec.defaultSpaceSettings.securityGroups" in space.message
    assert new_team.calls("CreateSpace") == []

    shared = new_team.domain()["spec"]["defaultSpaceSettings"] | {"securityGroups": [GROUP]}
    new_team.edit("StudioDomain", "research", defaultSpaceSettings=shared)
    new_team.wait_ready("Space", "churn")


def test_a_shared_space_needs_a_role_of_the_domain(new_team: Team) -> None:
    new_team.apply(new_team.domain(defaultSpaceSettings=None))
    new_team.apply(new_team.profile())
    new_team.apply(new_team.space(sharing="Shared"))
    space = new_team.wait_reason("Space", "churn", "SharedSpacesNotEnabled")
    assert space.has("Stalled")
    assert new_team.calls("CreateSpace") == []
