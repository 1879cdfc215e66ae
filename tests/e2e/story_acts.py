"""What people and AWS do in the stories that a crash interrupts, and how each must end."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
from studio_operator.api.common import (
    APPLY_NOW_REQUEST,
    OWNER_TAG,
    RECREATE_REQUEST,
    RESTART_REQUEST,
    START_REQUEST,
)

from sandbox.stack import AWS_SETTINGS
from tests.e2e.team import Team
from tests.e2e.waiting import wait_until
from tests.e2e.windows import closed_now

# A restart of the operator takes some seconds, and more where several tests share two cores.
PATIENCE = 90.0
# Types that AWS may lack when they are asked for.
LARGE, LARGER = "ml.g5.xlarge", "ml.g5.2xlarge"


def nothing(team: Team) -> None:
    """There is nothing to prepare."""


def apply_all(team: Team) -> None:
    for file in (team.domain(), team.profile(), team.space()):
        team.apply(file)


def expect_running(instance_type: str) -> Callable[[Team], None]:
    def end(team: Team) -> None:
        team.wait_ready("StudioDomain", "research", seconds=PATIENCE)
        team.wait_ready("UserProfile", "alice", seconds=PATIENCE)
        space = team.wait_ready("Space", "churn", seconds=PATIENCE)
        assert (space.phase, team.instance_type()) == ("InService", instance_type)
        assert "operation" not in space.status
        listed = team.aws().list_spaces(DomainIdEquals=team.domain_id)["Spaces"]
        assert [one["SpaceName"] for one in listed] == ["churn"]

    return end


def run(team: Team) -> None:
    team.settle_in()
    team.run_space()


def resize(team: Team) -> None:
    team.edit("Space", "churn", instanceType="ml.m5.large", storage={"sizeGiB": 50})


def run_to_delete(team: Team) -> None:
    team.apply(team.domain(deletionPolicy="Delete"))
    team.apply(team.profile(deletionPolicy="Delete"))
    team.run_space(deletionPolicy="Delete")


def delete_all(team: Team) -> None:
    team.delete("Space", "churn")
    team.delete("UserProfile", "alice")
    team.delete("StudioDomain", "research")


def expect_nothing(team: Team) -> None:
    for kind, name in (("Space", "churn"), ("UserProfile", "alice"), ("StudioDomain", "research")):
        team.wait_gone(kind, name, seconds=PATIENCE)
    assert team.domain_id not in [one["domainId"] for one in team.simulator.state()["domains"]]


def release(team: Team) -> None:
    team.delete("Space", "churn")


def expect_released(team: Team) -> None:
    team.wait_gone("Space", "churn", seconds=PATIENCE)
    found = team.aws_space()
    assert found is not None
    assert found["tags"][OWNER_TAG].endswith("/released")
    assert team.aws_app() is None


def restart(team: Team) -> None:
    team.annotate("Space", "churn", RESTART_REQUEST, "please")


def expect_restarted(team: Team) -> None:
    team.wait_for(
        "Space",
        "churn",
        lambda it: it.status.get("handledRequests") == {"restart": "please"} and it.is_ready,
        "has been restarted",
        seconds=PATIENCE,
    )
    expect_running("ml.t3.medium")(team)


def lose(team: Team) -> None:
    """Somebody deletes the space in the console, with its volume."""
    run(team)
    team.simulator.stop_app(team.domain_id, "churn")
    team.wait_phase("churn", "Stopped")
    team.aws().delete_space(DomainId=team.domain_id, SpaceName="churn")
    team.wait_reason("Space", "churn", "DeletedOutsideOfGit")


def recreate(team: Team) -> None:
    team.annotate("Space", "churn", RECREATE_REQUEST, "please")


def run_with_a_fallback(team: Team) -> None:
    team.settle_in()
    team.simulator.set_unavailable(LARGE)
    team.run_space(fallbackInstanceTypes=[LARGER])


def run_with_a_way_back(team: Team) -> None:
    team.settle_in()
    team.simulator.set_quotas(instance_types={LARGE: 0})
    team.run_space(rollback=True)


def ask_for_large(team: Team) -> None:
    team.edit("Space", "churn", instanceType=LARGE)


def expect_a_fallback(team: Team) -> None:
    expect_running(LARGER)(team)
    space = team.get("Space", "churn")
    assert space is not None
    assert space.status["substitute"]["tried"] == [LARGE, LARGER]


def expect_the_way_back(team: Team) -> None:
    space = team.wait_for(
        "Space",
        "churn",
        lambda it: it.reason == "QuotaExceeded" and it.phase == "InService",
        "runs where it ran before, and says why",
        seconds=PATIENCE,
    )
    assert (space.has("Stalled"), space.status["instanceType"]) == (True, "ml.t3.medium")
    assert team.instance_type() == "ml.t3.medium"
    assert "operation" not in space.status


def roll_back(team: Team) -> None:
    """The account could not run the new size; now it can."""
    run_with_a_way_back(team)
    ask_for_large(team)
    expect_the_way_back(team)
    team.simulator.set_quotas(instance_types={})


def ask_to_start(team: Team) -> None:
    team.annotate("Space", "churn", START_REQUEST, "please")


def expect_another_try(team: Team) -> None:
    expect_running(LARGE)(team)
    space = team.get("Space", "churn")
    assert space is not None
    assert (space.status["handledRequests"], "substitute" in space.status) == (
        {"start": "please"},
        False,
    )


def wait_for_people(team: Team) -> None:
    team.settle_in()
    team.run_space(resizePolicy="WhenStopped")
    ask_for_large(team)
    team.wait_reason("Space", "churn", "PendingRestart")


def apply_now(team: Team) -> None:
    team.annotate("Space", "churn", APPLY_NOW_REQUEST, "please")


def expect_applied(team: Team) -> None:
    team.wait_for(
        "Space",
        "churn",
        lambda it: it.status.get("handledRequests") == {"applyNow": "please"} and it.is_ready,
        "has applied what waited",
        seconds=PATIENCE,
    )
    expect_running(LARGE)(team)


def s3_of(team: Team) -> Any:
    return boto3.client(
        "s3",
        region_name=team.region,
        endpoint_url=team.product.endpoint,
        aws_access_key_id=AWS_SETTINGS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=AWS_SETTINGS["AWS_SECRET_ACCESS_KEY"],
    )


def bucket_of(team: Team) -> str:
    return f"backups-{team.namespace}"


def run_with_backups(team: Team, **spec: Any) -> None:
    where = {"LocationConstraint": team.region}
    s3_of(team).create_bucket(Bucket=bucket_of(team), CreateBucketConfiguration=where)
    team.settle_in()
    team.run_space(backup={"s3Uri": f"s3://{bucket_of(team)}/studio"}, **spec)


def answer(team: Team) -> None:
    """Tell what the script inside the space tells once it has copied the home folder."""
    s3, bucket, folder = s3_of(team), bucket_of(team), f"studio/{team.domain_id}/churn"
    try:
        request = s3.get_object(Bucket=bucket, Key=f"{folder}/request.json")
    except s3.exceptions.NoSuchKey:
        return
    asked = json.loads(request["Body"].read())
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = asked | {"startedAt": now, "completedAt": now, "appType": "JupyterLab"}
    s3.put_object(Bucket=bucket, Key=f"{folder}/completed.json", Body=json.dumps(told))


def wait_for_a_backup(team: Team) -> None:
    run_with_backups(team)
    ask_for_large(team)
    expect_a_request(team)


def expect_a_request(team: Team) -> None:
    team.wait_for(
        "Space",
        "churn",
        lambda it: "requestedAt" in it.status.get("backup", {}),
        "has asked for a back-up",
    )


def run_with_backups_to_delete(team: Team) -> None:
    run_with_backups(team, deletionPolicy="Delete")


def wait_for_a_backup_to_delete(team: Team) -> None:
    run_with_backups_to_delete(team)
    before = team.last_call()
    release(team)
    expect_a_request(team)
    assert set(team.changes(since=before)) <= {"PutObject"}


def expect_gone_after_a_backup(team: Team) -> None:
    def is_gone() -> bool:
        answer(team)
        return team.get("Space", "churn") is None

    wait_until(is_gone, "gone after a back-up", seconds=PATIENCE)
    assert team.aws_space() is None


def expect_a_backup_first(team: Team) -> None:
    def is_resized() -> bool:
        answer(team)
        space = team.get("Space", "churn")
        return space is not None and space.is_ready and space.status["instanceType"] == LARGE

    wait_until(is_resized, "resized after a back-up", seconds=PATIENCE)
    expect_running(LARGE)(team)


def close(team: Team) -> None:
    team.edit("Space", "churn", schedule=closed_now())


def expect_closed(team: Team) -> None:
    team.wait_for(
        "Space",
        "churn",
        lambda it: it.phase == "Stopped" and it.status["effective"]["by"] == "Schedule",
        "is stopped by its schedule",
        seconds=PATIENCE,
    )
    assert team.aws_app() is None
