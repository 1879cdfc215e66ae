"""Back-ups before what can't be undone, made by the real script from inside, into moto's S3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest

from sandbox.stack import AWS_SETTINGS
from tests.backup.inside import app_inside
from tests.e2e.team import Team
from tests.e2e.waiting import wait_until

# The AWS CLI takes a second to start, and many where tests share two cores.
PATIENCE = 90.0


@pytest.fixture
def s3(team: Team) -> Any:
    return boto3.client(
        "s3",
        region_name=team.region,
        endpoint_url=team.aws().meta.endpoint_url,
        aws_access_key_id=AWS_SETTINGS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=AWS_SETTINGS["AWS_SECRET_ACCESS_KEY"],
    )


@pytest.fixture
def place(team: Team, s3: Any) -> str:
    """Where back-ups go: a bucket of this team's own."""
    bucket = f"backups-{team.namespace}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": team.region})
    return f"s3://{bucket}/studio"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The space's volume."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "churn.ipynb").write_text("weeks of work", encoding="utf-8")
    return folder


def copied(team: Team, s3: Any) -> str:
    key = f"studio/{team.domain_id}/churn/home/churn.ipynb"
    body: bytes = s3.get_object(Bucket=f"backups-{team.namespace}", Key=key)["Body"].read()
    return body.decode()


def steps(team: Team, since: int) -> list[str]:
    """What the operator changed in Studio; what operator and script put into S3 is left out."""
    return [name for name in team.changes(since=since) if name != "PutObject"]


def test_a_resize_waits_for_a_back_up_that_the_script_inside_makes(
    team: Team, s3: Any, place: str, home: Path, tmp_path: Path
) -> None:
    team.run_space(backup={"s3Uri": place})
    before = team.last_call()
    team.edit("Space", "churn", instanceType="ml.m5.large")
    said = "waiting for a back-up before changing ml.t3.medium to ml.m5.large; there is none yet"
    team.wait_for("Space", "churn", lambda it: it.message == said, "waits for a back-up")
    assert steps(team, before) == []
    with app_inside(team.aws(), team.domain_id, "churn", home, tmp_path / "container"):
        space = team.wait_ready("Space", "churn", seconds=PATIENCE)
    assert team.instance_type() == "ml.m5.large"
    assert steps(team, before) == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert copied(team, s3) == "weeks of work"
    assert space.status["backup"]["location"] == f"{place}/{team.domain_id}/churn/home/"
    assert "completedAt" in space.status["backup"]
    assert "requestedAt" not in space.status["backup"]


def test_a_deletion_waits_for_one_and_a_stopped_space_has_to_be_started(
    team: Team, s3: Any, place: str, home: Path, tmp_path: Path
) -> None:
    team.run_space(backup={"s3Uri": place}, deletionPolicy="Delete")
    team.edit("Space", "churn", state="Stopped")
    team.wait_phase("churn", "Stopped")
    before = team.last_call()
    team.delete("Space", "churn")
    blocked = team.wait_for(
        "Space", "churn", lambda it: it.has("Stalled") and it.reason == "BackupStale", "is blocked"
    )
    assert "et spec.deletionPolicy to Retain" in blocked.message
    assert steps(team, before) == []
    team.annotate("Space", "churn", "studio-operator.dev/start", "now")
    wait_until(
        lambda: (team.aws_app() or {}).get("status") == "InService",
        "the app runs",
        story=lambda: team.story("Space", "churn"),
    )
    with app_inside(team.aws(), team.domain_id, "churn", home, tmp_path / "container"):
        team.wait_gone("Space", "churn", seconds=PATIENCE)
    assert steps(team, before) == ["CreateApp", "DeleteApp", "DeleteSpace"]
    assert copied(team, s3) == "weeks of work"


def test_a_deletion_goes_on_without_when_a_person_says_so(team: Team, place: str) -> None:
    team.run_space(backup={"s3Uri": place}, deletionPolicy="Delete")
    before = team.last_call()
    team.delete("Space", "churn")
    team.wait_for("Space", "churn", lambda it: it.reason == "BackupStale", "waits")
    team.edit("Space", "churn", backup={"before": ["Resize"]})
    team.wait_gone("Space", "churn")
    assert steps(team, before) == ["DeleteApp", "DeleteSpace"]


def test_a_bucket_that_is_not_there_is_told_and_nothing_is_stopped(team: Team) -> None:
    team.run_space(backup={"s3Uri": f"s3://missing-{team.namespace}/studio"})
    before = team.last_call()
    team.edit("Space", "churn", instanceType="ml.m5.large")
    space = team.wait_for("Space", "churn", lambda it: it.has("Stalled"), "is stalled")
    assert "bucket does not exist" in space.message
    assert steps(team, before) == []


def test_what_cannot_be_seen_in_s3_holds_up_only_what_waits_for_it(team: Team, place: str) -> None:
    team.run_space(backup={"s3Uri": place})
    team.simulator.add_fault("GetObject", code="AccessDenied", message="Access Denied", times=1000)
    team.edit("Space", "churn", instanceType="ml.m5.large")
    space = team.wait_reason("Space", "churn", "AccessDenied")
    assert "to go on without one" in space.message
    assert space.phase == "InService"
    team.annotate("Space", "churn", "studio-operator.dev/stop", "now")
    team.wait_phase("churn", "Stopped")
    team.simulator.remove_faults()


def test_one_script_serves_all_spaces_and_rest_costs_no_look(team: Team, place: str) -> None:
    before = team.last_call()
    team.run_space("churn", backup={"s3Uri": place})
    team.run_space("growth", backup={"s3Uri": place})
    made = [
        call
        for call in team.simulator.calls(operation="CreateStudioLifecycleConfig")
        if call["number"] > before
    ]
    assert len(made) == 1
    since = team.last_call()
    team.wait_looks()
    names = {call["operation"] for call in team.calls() if call["number"] > since}
    assert names & {"GetObject", "DescribeStudioLifecycleConfig", "PutObject"} == set()
