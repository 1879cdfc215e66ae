"""An endpoint made from a space goes on when its app stops: people are told, or asked first."""

from __future__ import annotations

from tests.e2e.team import ROLE, Team


def deploy(team: Team) -> str:
    """Somebody in the space deploys a model: an endpoint with the space's tag; its name."""
    space = team.aws().describe_space(DomainId=team.domain_id, SpaceName="churn")
    name, aws = team.namespace, team.aws()
    aws.create_model(
        ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "registry/model:1"}
    )
    aws.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[
            {
                "VariantName": "all",
                "ModelName": name,
                "InitialInstanceCount": 1,
                "InstanceType": "ml.m5.large",
            }
        ],
    )
    aws.create_endpoint(
        EndpointName=name,
        EndpointConfigName=name,
        Tags=[{"Key": "sagemaker:space-arn", "Value": space["SpaceArn"]}],
    )
    return name


def test_a_stop_names_the_endpoint_that_goes_on(team: Team) -> None:
    team.run_space()
    endpoint = deploy(team)
    before = team.last_call()
    team.edit("Space", "churn", state="Stopped")
    space = team.wait_phase("churn", "Stopped")
    assert (space.is_ready, space.has("LingeringResources")) == (True, True)
    assert f"endpoint/{endpoint}" in space.condition("LingeringResources")["message"]
    assert space.status["lingeringResources"]["count"] == 1
    assert team.wait_event("churn", "LingeringResources")["type"] == "Warning"
    assert team.changes(since=before) == ["DeleteApp"]


def test_a_stop_that_is_to_wait_does_so_until_the_endpoint_is_gone(team: Team) -> None:
    with team.product.own_operator("looking", lingering_interval="2"):
        team.run_space(stopPolicy="Block")
        endpoint = deploy(team)
        before = team.last_call()
        team.edit("Space", "churn", state="Stopped")
        space = team.wait_reason("Space", "churn", "LingeringResources")
        assert space.has("Stalled")
        assert f"endpoint/{endpoint}" in space.message
        assert team.changes(since=before) == []
        team.aws().delete_endpoint(EndpointName=endpoint)
        assert team.wait_phase("churn", "Stopped").is_ready
        assert team.changes(since=before) == ["DeleteApp"]


def test_a_forged_tag_keeps_an_app_running_for_the_limit_at_most(team: Team) -> None:
    """Whoever may tag an endpoint of his own names another's space in it, and leaves it there."""
    with team.product.own_operator("bounded", lingering_interval="2", lingering_wait_limit="6"):
        team.run_space(stopPolicy="Block")
        endpoint = deploy(team)
        before = team.last_call()
        team.edit("Space", "churn", state="Stopped")
        space = team.wait_reason("Space", "churn", "LingeringResources")
        assert "the app is not stopped before 20" in space.message
        space = team.wait_phase("churn", "Stopped")
        assert space.is_ready
        told = str(space.condition("LingeringResources")["message"])
        assert "the app was stopped at the end of its wait" in told
        assert f"endpoint/{endpoint}" in told
        assert team.changes(since=before) == ["DeleteApp"]
