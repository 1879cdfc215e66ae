"""Stories that a crash may interrupt anywhere: how each begins, how it must end, what it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from studio_operator.api.common import OWNER_TAG, RECREATE_REQUEST, RESTART_REQUEST

from tests.e2e.team import Team
from tests.e2e.windows import closed_now

# A restart of the operator takes some seconds, and more where several tests share two cores.
PATIENCE = 40.0


@dataclass(frozen=True)
class Story:
    """`steps` are the changes in AWS that it takes, each exactly once, `reads` the other calls."""

    name: str
    prepare: Callable[[Team], None]
    begin: Callable[[Team], None]
    end: Callable[[Team], None]
    steps: tuple[str, ...]
    reads: tuple[str, ...]

    def check(self, team: Team, since: int) -> None:
        """Wait for the end, and see that no step was missed or repeated."""
        self.end(team)
        told = team.changes(since=since)
        assert Counter(told) == Counter(self.steps), team.story("Space", "churn")
        if "DeleteSpace" not in self.steps:
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
    steps=("CreateDomain", "CreateUserProfile", "CreateSpace", "CreateApp"),
    reads=("ListDomains", "DescribeDomain", "ListUserProfiles", "ListSpaces", "ListApps"),
)
RESIZE = Story(
    "resize",
    prepare=_run,
    begin=_resize,
    end=_expect_running("ml.m5.large"),
    steps=("DeleteApp", "UpdateSpace", "CreateApp"),
    reads=("DescribeSpace", "ListSpaces", "ListApps"),
)
DELETE = Story(
    "delete",
    prepare=_run_to_delete,
    begin=_delete_all,
    end=_expect_nothing,
    steps=("DeleteApp", "DeleteSpace", "DeleteUserProfile", "DeleteDomain"),
    reads=("DescribeDomain", "ListUserProfiles", "ListSpaces", "ListApps", "ListTags"),
)
RELEASE = Story(
    "release",
    prepare=_run,
    begin=_release,
    end=_expect_released,
    steps=("DeleteApp", "AddTags"),
    reads=("ListSpaces", "ListApps", "ListTags"),
)
RESTART = Story(
    "restart",
    prepare=_run,
    begin=_restart,
    end=_expect_restarted,
    steps=("DeleteApp", "CreateApp"),
    reads=("ListSpaces", "ListApps"),
)
RECREATE = Story(
    "recreate",
    prepare=_lose,
    begin=_recreate,
    end=_expect_running("ml.t3.medium"),
    steps=("CreateSpace", "CreateApp"),
    reads=("ListSpaces", "ListApps"),
)
SCHEDULE = Story(
    "schedule",
    prepare=_run,
    begin=_close,
    end=_expect_closed,
    steps=("DeleteApp",),
    reads=("ListSpaces", "ListApps"),
)
STORIES = (CREATE, RESIZE, DELETE, RELEASE, RESTART, RECREATE, SCHEDULE)
