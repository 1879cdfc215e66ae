"""kubectl by itself: what it tells of resources that the operator keeps."""

from __future__ import annotations

from tests.e2e.team import Team

RESIZE = (
    "Stopping the app to change ml.t3.medium to ml.m5.large",
    "Updating space churn: ml.t3.medium to ml.m5.large",
    "Starting JupyterLab on ml.m5.large",
    "Resized from ml.t3.medium to ml.m5.large in",
)


def kubectl(team: Team, *words: str) -> str:
    return team.product.stack.access.kubectl(*words, "-n", team.namespace)


def told_events(team: Team) -> list[str]:
    """The messages of a space's Events, as `kubectl describe` prints them."""
    _, _, table = kubectl(team, "describe", "space", "churn").partition("\nEvents:")
    return [line.split(maxsplit=4)[4] for line in table.splitlines()[3:] if line.strip()]


def test_describe_tells_the_story_of_a_resize_in_order(team: Team) -> None:
    team.run_space()
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_ready("Space", "churn")
    messages = told_events(team)
    assert messages[:2] == ["Creating space churn", "Starting JupyterLab on ml.t3.medium"]
    places = [
        next(number for number, message in enumerate(messages) if message.startswith(step))
        for step in RESIZE
    ]
    assert places == sorted(places), messages


def test_wait_ends_with_the_operators_work(team: Team) -> None:
    team.apply(team.space())
    told = kubectl(team, "wait", "--for=condition=Ready", "space/churn", "--timeout=60s")
    assert told == "space.studio-operator.dev/churn condition met\n"
    phase = "jsonpath={.status.phase}=Stopped"
    team.edit("Space", "churn", state="Stopped")
    kubectl(team, "wait", f"--for={phase}", "space/churn", "--timeout=60s")
    assert team.aws_app() is None
    found = kubectl(team, "get", "spaces", "--field-selector", "status.phase=Stopped", "-o", "name")
    assert found.split() == ["space.studio-operator.dev/churn"]
