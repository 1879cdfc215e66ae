"""Stories that a crash may interrupt anywhere: how each begins, how it must end, what it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio_operator.api.common import (
    APPLY_NOW_REQUEST,
    OWNER_TAG,
    RECREATE_REQUEST,
    RESTART_REQUEST,
    START_REQUEST,
)

from tests.e2e.team import Team
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
    - `same_reads`: calls at which a crash is the same as in another story.
    """

    name: str
    prepare: Callable[[Team], None]
    begin: Callable[[Team], None]
    end: Callable[[Team], None]
    steps: tuple[Step, ...]
    reads: tuple[str, ...]
    refused: tuple[Step, ...] = ()
    tried_again: tuple[Step, ...] = ()
    same_reads: tuple[str, ...] = ()

    @property
    def operations(self) -> set[str]:
        """All operations that it may call."""
        changes = {step.operation for step in (*self.steps, *self.refused)}
        return changes | {*self.reads, *self.same_reads}

    def check(self, team: Team, since: int, *, crashes: int = 0) -> None:
        """Wait for the end, and see that no step was missed or repeated."""
        self.end(team)
        told = Counter(team.changes(since=since))
        wanted = Counter(step.operation for step in self.steps)
        allowed = Counter(step.operation for step in self.tried_again * crashes)
        assert wanted <= told <= wanted + allowed, team.story("Space", "churn")
        if "DeleteSpace" not in wanted:
            asked = [call for call in team.calls("DeleteSpace") if call["number"] > since]
            assert asked == []


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
)
