"""Stories that a crash may interrupt anywhere: how each begins, how it must end, what it takes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
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
PATIENCE = 40.0
# Types that AWS may lack when they are asked for.
LARGE, LARGER = "ml.g5.xlarge", "ml.g5.2xlarge"


@dataclass(frozen=True)
class Step:
    """A change in AWS; `parameters` tell it from others by the same operation."""

    operation: str
    about: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.operation}-{self.about}" if self.about else self.operation


def steps(*operations: str) -> tuple[Step, ...]:
    return tuple(map(Step, operations))


def update_to(instance_type: str) -> Step:
    app = {"DefaultResourceSpec": {"InstanceType": instance_type}}
    settings = {"SpaceSettings": {"JupyterLabAppSettings": app}}
    return Step("UpdateSpace", instance_type, settings)


def start_on(instance_type: str) -> Step:
    return Step("CreateApp", instance_type, {"ResourceSpec": {"InstanceType": instance_type}})


@dataclass(frozen=True)
class Story:
    """`steps` are the changes in AWS that it takes, each exactly once, `reads` the other calls.

    - `refused`: changes that AWS is asked for and refuses.
    - `tried_again`: starts that AWS accepts and fails at. Its record does not tell whether it
      failed before or after the last update, so each crash may cost one try more.
    - `same_steps`, `same_reads`: calls at which a crash is the same as in another story.
    """

    name: str
    prepare: Callable[[Team], None]
    begin: Callable[[Team], None]
    end: Callable[[Team], None]
    steps: tuple[Step, ...]
    reads: tuple[str, ...]
    refused: tuple[Step, ...] = ()
    tried_again: tuple[Step, ...] = ()
    same_steps: tuple[Step, ...] = ()
    same_reads: tuple[str, ...] = ()

    @property
    def operations(self) -> set[str]:
        """All operations that it may call."""
        changes = {step.operation for step in (*self.steps, *self.same_steps, *self.refused)}
        return changes | {*self.reads, *self.same_reads}

    def check(self, team: Team, since: int, *, crashes: int = 0) -> None:
        """Wait for the end, and see that no step was missed or repeated."""
        self.end(team)
        told = Counter(_without_notes(team.changes(since=since)))
        wanted = Counter(_without_notes(step.operation for step in (*self.steps, *self.same_steps)))
        allowed = Counter(step.operation for step in self.tried_again * crashes)
        assert wanted <= told <= wanted + allowed, team.story("Space", "churn")
        if "DeleteSpace" not in wanted:
            asked = [call for call in team.calls("DeleteSpace") if call["number"] > since]
            assert asked == []


def _without_notes(operations: Iterable[str]) -> list[str]:
    """Without what operator and spaces tell each other in S3, which may be told twice."""
    return [operation for operation in operations if operation != "PutObject"]


def _nothing(team: Team) -> None:
    """There is nothing to prepare."""


def _apply_all(team: Team) -> None:
    for file in (team.domain(), team.profile(), team.space()):
        team.apply(file)


def _expect_running(instance_type: str) -> Callable[[Team], None]:
    def end(team: Team) -> None:
        team.wait_ready("StudioDomain", "research", seconds=PATIENCE)
        team.wait_ready("UserProfile", "alice", seconds=PATIENCE)
        space = team.wait_ready("Space", "churn", seconds=PATIENCE)
        assert (space.phase, team.instance_type()) == ("InService", instance_type)
        assert "operation" not in space.status
        listed = team.aws().list_spaces(DomainIdEquals=team.domain_id)["Spaces"]
        assert [one["SpaceName"] for one in listed] == ["churn"]

    return end


def _run(team: Team) -> None:
    team.settle_in()
    team.run_space()


def _resize(team: Team) -> None:
    team.edit("Space", "churn", instanceType="ml.m5.large", storage={"sizeGiB": 50})


def _run_to_delete(team: Team) -> None:
    team.apply(team.domain(deletionPolicy="Delete"))
    team.apply(team.profile(deletionPolicy="Delete"))
    team.run_space(deletionPolicy="Delete")


def _delete_all(team: Team) -> None:
    team.delete("Space", "churn")
    team.delete("UserProfile", "alice")
    team.delete("StudioDomain", "research")


def _expect_nothing(team: Team) -> None:
    for kind, name in (("Space", "churn"), ("UserProfile", "alice"), ("StudioDomain", "research")):
        team.wait_gone(kind, name, seconds=PATIENCE)
    assert team.domain_id not in [one["domainId"] for one in team.simulator.state()["domains"]]


def _release(team: Team) -> None:
    team.delete("Space", "churn")


def _expect_released(team: Team) -> None:
    team.wait_gone("Space", "churn", seconds=PATIENCE)
    found = team.aws_space()
    assert found is not None
    assert found["tags"][OWNER_TAG].endswith("/released")
    assert team.aws_app() is None


def _restart(team: Team) -> None:
    team.annotate("Space", "churn", RESTART_REQUEST, "please")


def _expect_restarted(team: Team) -> None:
    team.wait_for(
        "Space",
        "churn",
        lambda it: it.status.get("handledRequests") == {"restart": "please"} and it.is_ready,
        "has been restarted",
        seconds=PATIENCE,
    )
    _expect_running("ml.t3.medium")(team)


def _lose(team: Team) -> None:
    """Somebody deletes the space in the console, with its volume."""
    _run(team)
    team.simulator.stop_app(team.domain_id, "churn")
    team.wait_phase("churn", "Stopped")
    team.aws().delete_space(DomainId=team.domain_id, SpaceName="churn")
    team.wait_reason("Space", "churn", "DeletedOutsideOfGit")


def _recreate(team: Team) -> None:
    team.annotate("Space", "churn", RECREATE_REQUEST, "please")


def _run_with_a_fallback(team: Team) -> None:
    team.settle_in()
    team.simulator.set_unavailable(LARGE)
    team.run_space(fallbackInstanceTypes=[LARGER])


def _run_with_a_way_back(team: Team) -> None:
    team.settle_in()
    team.simulator.set_quotas(instance_types={LARGE: 0})
    team.run_space(rollback=True)


def _ask_for_large(team: Team) -> None:
    team.edit("Space", "churn", instanceType=LARGE)


def _expect_a_fallback(team: Team) -> None:
    _expect_running(LARGER)(team)
    space = team.get("Space", "churn")
    assert space is not None
    assert space.status["substitute"]["tried"] == [LARGE, LARGER]


def _expect_the_way_back(team: Team) -> None:
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


def _roll_back(team: Team) -> None:
    """The account could not run the new size; now it can."""
    _run_with_a_way_back(team)
    _ask_for_large(team)
    _expect_the_way_back(team)
    team.simulator.set_quotas(instance_types={})


def _ask_to_start(team: Team) -> None:
    team.annotate("Space", "churn", START_REQUEST, "please")


def _expect_another_try(team: Team) -> None:
    _expect_running(LARGE)(team)
    space = team.get("Space", "churn")
    assert space is not None
    assert (space.status["handledRequests"], "substitute" in space.status) == (
        {"start": "please"},
        False,
    )


def _wait_for_people(team: Team) -> None:
    team.settle_in()
    team.run_space(resizePolicy="WhenStopped")
    _ask_for_large(team)
    team.wait_reason("Space", "churn", "PendingRestart")


def _apply_now(team: Team) -> None:
    team.annotate("Space", "churn", APPLY_NOW_REQUEST, "please")


def _expect_applied(team: Team) -> None:
    team.wait_for(
        "Space",
        "churn",
        lambda it: it.status.get("handledRequests") == {"applyNow": "please"} and it.is_ready,
        "has applied what waited",
        seconds=PATIENCE,
    )
    _expect_running(LARGE)(team)


def _s3(team: Team) -> Any:
    return boto3.client(
        "s3",
        region_name=team.region,
        endpoint_url=team.product.endpoint,
        aws_access_key_id=AWS_SETTINGS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=AWS_SETTINGS["AWS_SECRET_ACCESS_KEY"],
    )


def _bucket(team: Team) -> str:
    return f"backups-{team.namespace}"


def _run_with_backups(team: Team) -> None:
    where = {"LocationConstraint": team.region}
    _s3(team).create_bucket(Bucket=_bucket(team), CreateBucketConfiguration=where)
    team.settle_in()
    team.run_space(backup={"s3Uri": f"s3://{_bucket(team)}/studio"})


def _answer(team: Team) -> None:
    """Tell what the script inside the space tells once it has copied the home folder."""
    s3, bucket, folder = _s3(team), _bucket(team), f"studio/{team.domain_id}/churn"
    try:
        request = s3.get_object(Bucket=bucket, Key=f"{folder}/request.json")
    except s3.exceptions.NoSuchKey:
        return
    asked = json.loads(request["Body"].read())
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = asked | {"startedAt": now, "completedAt": now, "appType": "JupyterLab"}
    s3.put_object(Bucket=bucket, Key=f"{folder}/completed.json", Body=json.dumps(told))


def _wait_for_a_backup(team: Team) -> None:
    _run_with_backups(team)
    _ask_for_large(team)
    team.wait_for(
        "Space",
        "churn",
        lambda it: "requestedAt" in it.status.get("backup", {}),
        "has asked for a back-up",
    )


def _expect_a_backup_first(team: Team) -> None:
    def is_resized() -> bool:
        _answer(team)
        space = team.get("Space", "churn")
        return space is not None and space.is_ready and space.status["instanceType"] == LARGE

    wait_until(is_resized, "resized after a back-up", seconds=PATIENCE)
    _expect_running(LARGE)(team)


def _close(team: Team) -> None:
    team.edit("Space", "churn", schedule=closed_now())


def _expect_closed(team: Team) -> None:
    team.wait_for(
        "Space",
        "churn",
        lambda it: it.phase == "Stopped" and it.status["effective"]["by"] == "Schedule",
        "is stopped by its schedule",
        seconds=PATIENCE,
    )
    assert team.aws_app() is None


CREATE = Story(
    "create",
    prepare=_nothing,
    begin=_apply_all,
    end=_expect_running("ml.t3.medium"),
    steps=steps("CreateDomain", "CreateUserProfile", "CreateSpace", "CreateApp"),
    reads=("ListDomains", "DescribeDomain", "ListUserProfiles", "ListSpaces", "ListApps"),
)
RESIZE = Story(
    "resize",
    prepare=_run,
    begin=_resize,
    end=_expect_running("ml.m5.large"),
    steps=steps("DeleteApp", "UpdateSpace", "CreateApp"),
    reads=("DescribeSpace", "ListSpaces", "ListApps"),
)
DELETE = Story(
    "delete",
    prepare=_run_to_delete,
    begin=_delete_all,
    end=_expect_nothing,
    steps=steps("DeleteApp", "DeleteSpace", "DeleteUserProfile", "DeleteDomain"),
    reads=("DescribeDomain", "ListUserProfiles", "ListSpaces", "ListApps", "ListTags"),
)
RELEASE = Story(
    "release",
    prepare=_run,
    begin=_release,
    end=_expect_released,
    steps=steps("DeleteApp", "AddTags"),
    reads=("ListSpaces", "ListApps", "ListTags"),
)
RESTART = Story(
    "restart",
    prepare=_run,
    begin=_restart,
    end=_expect_restarted,
    steps=steps("DeleteApp", "CreateApp"),
    reads=("ListSpaces", "ListApps"),
)
RECREATE = Story(
    "recreate",
    prepare=_lose,
    begin=_recreate,
    end=_expect_running("ml.t3.medium"),
    steps=steps("CreateSpace", "CreateApp"),
    reads=("ListSpaces", "ListApps"),
)
SCHEDULE = Story(
    "schedule",
    prepare=_run,
    begin=_close,
    end=_expect_closed,
    steps=steps("DeleteApp"),
    reads=("ListSpaces", "ListApps"),
)
FALLBACK = Story(
    "fallback",
    prepare=_run_with_a_fallback,
    begin=_ask_for_large,
    end=_expect_a_fallback,
    steps=(
        Step("DeleteApp"),
        update_to(LARGE),
        start_on(LARGE),
        update_to(LARGER),
        start_on(LARGER),
    ),
    reads=("DescribeApp",),
    tried_again=(start_on(LARGE),),
    same_reads=("DescribeSpace", "ListSpaces", "ListApps"),
)
ROLLBACK = Story(
    "rollback",
    prepare=_run_with_a_way_back,
    begin=_ask_for_large,
    end=_expect_the_way_back,
    steps=(
        Step("DeleteApp"),
        update_to(LARGE),
        update_to("ml.t3.medium"),
        start_on("ml.t3.medium"),
    ),
    refused=(start_on(LARGE),),
    reads=(),
    same_reads=("DescribeSpace", "ListSpaces", "ListApps"),
)
TRY_AGAIN = Story(
    "try-again",
    prepare=_roll_back,
    begin=_ask_to_start,
    end=_expect_another_try,
    steps=steps("DeleteApp", "UpdateSpace", "CreateApp"),
    reads=(),
    same_reads=("DescribeSpace", "ListSpaces", "ListApps"),
)
APPLY_NOW = Story(
    "apply-now",
    prepare=_wait_for_people,
    begin=_apply_now,
    end=_expect_applied,
    steps=steps("DeleteApp", "UpdateSpace", "CreateApp"),
    reads=(),
    same_reads=("DescribeSpace", "ListSpaces", "ListApps"),
)
BACK_UP = Story(
    "back-up",
    prepare=_run_with_backups,
    begin=_ask_for_large,
    end=_expect_a_backup_first,
    steps=steps("PutObject"),
    same_steps=steps("DeleteApp", "UpdateSpace", "CreateApp"),
    reads=("GetObject",),
    same_reads=("DescribeSpace", "ListSpaces", "ListApps"),
)
BACKED_UP = Story(
    "backed-up",
    prepare=_wait_for_a_backup,
    begin=_answer,
    end=_expect_a_backup_first,
    steps=steps("DeleteApp", "UpdateSpace", "CreateApp"),
    reads=(),
    same_reads=("PutObject", "GetObject", "DescribeSpace", "ListSpaces", "ListApps"),
)
STORIES = (
    CREATE,
    RESIZE,
    DELETE,
    RELEASE,
    RESTART,
    RECREATE,
    SCHEDULE,
    FALLBACK,
    ROLLBACK,
    TRY_AGAIN,
    APPLY_NOW,
    BACK_UP,
    BACKED_UP,
)
