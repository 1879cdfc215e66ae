"""Stories that a crash may interrupt anywhere: how each begins, how it must end, what it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.e2e import story_acts as acts
from tests.e2e.story_acts import LARGE, LARGER
from tests.e2e.team import Team


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


CREATE = Story(
    "create",
    prepare=acts.nothing,
    begin=acts.apply_all,
    end=acts.expect_running("ml.t3.medium"),
    steps=steps("CreateDomain", "CreateUserProfile", "CreateSpace", "CreateApp"),
    reads=("ListDomains", "DescribeDomain", "ListUserProfiles", "ListSpaces", "ListApps"),
)
RESIZE = Story(
    "resize",
    prepare=acts.run,
    begin=acts.resize,
    end=acts.expect_running("ml.m5.large"),
    steps=steps("DeleteApp", "UpdateSpace", "CreateApp"),
    reads=("DescribeSpace", "ListSpaces", "ListApps"),
)
DELETE = Story(
    "delete",
    prepare=acts.run_to_delete,
    begin=acts.delete_all,
    end=acts.expect_nothing,
    steps=steps("DeleteApp", "DeleteSpace", "DeleteUserProfile", "DeleteDomain"),
    reads=("DescribeDomain", "ListUserProfiles", "ListSpaces", "ListApps", "ListTags"),
)
RELEASE = Story(
    "release",
    prepare=acts.run,
    begin=acts.release,
    end=acts.expect_released,
    steps=steps("DeleteApp", "AddTags"),
    reads=("ListSpaces", "ListApps", "ListTags"),
)
RESTART = Story(
    "restart",
    prepare=acts.run,
    begin=acts.restart,
    end=acts.expect_restarted,
    steps=steps("DeleteApp", "CreateApp"),
    reads=("DescribeSpace", "DescribeApp", "ListTags", "ListSpaces", "ListApps"),
)
RECREATE = Story(
    "recreate",
    prepare=acts.lose,
    begin=acts.recreate,
    end=acts.expect_running("ml.t3.medium"),
    steps=steps("CreateSpace", "CreateApp"),
    reads=("ListSpaces", "ListApps"),
    same_reads=("DescribeSpace", "DescribeApp", "ListTags"),
)
SCHEDULE = Story(
    "schedule",
    prepare=acts.run,
    begin=acts.close,
    end=acts.expect_closed,
    steps=steps("DeleteApp"),
    reads=("ListSpaces", "ListApps"),
)
FALLBACK = Story(
    "fallback",
    prepare=acts.run_with_a_fallback,
    begin=acts.ask_for_large,
    end=acts.expect_a_fallback,
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
    prepare=acts.run_with_a_way_back,
    begin=acts.ask_for_large,
    end=acts.expect_the_way_back,
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
    prepare=acts.roll_back,
    begin=acts.ask_to_start,
    end=acts.expect_another_try,
    steps=steps("DeleteApp", "UpdateSpace", "CreateApp"),
    reads=(),
    same_reads=("DescribeSpace", "DescribeApp", "ListTags", "ListSpaces", "ListApps"),
)
APPLY_NOW = Story(
    "apply-now",
    prepare=acts.wait_for_people,
    begin=acts.apply_now,
    end=acts.expect_applied,
    steps=steps("DeleteApp", "UpdateSpace", "CreateApp"),
    reads=(),
    same_reads=("DescribeSpace", "DescribeApp", "ListTags", "ListSpaces", "ListApps"),
)
BACK_UP = Story(
    "back-up",
    prepare=acts.run_with_backups,
    begin=acts.ask_for_large,
    end=acts.expect_a_backup_first,
    steps=steps("PutObject"),
    same_steps=steps("DeleteApp", "UpdateSpace", "CreateApp"),
    reads=("GetObject",),
    same_reads=("DescribeSpace", "ListSpaces", "ListApps"),
)
BACKED_UP = Story(
    "backed-up",
    prepare=acts.wait_for_a_backup,
    begin=acts.answer,
    end=acts.expect_a_backup_first,
    steps=steps("DeleteApp", "UpdateSpace", "CreateApp"),
    reads=(),
    same_reads=("PutObject", "GetObject", "DescribeSpace", "ListSpaces", "ListApps"),
)
BACK_UP_TO_DELETE = Story(
    "back-up-to-delete",
    prepare=acts.run_with_backups_to_delete,
    begin=acts.release,
    end=acts.expect_gone_after_a_backup,
    steps=steps("PutObject"),
    same_steps=steps("DeleteApp", "DeleteSpace"),
    reads=("GetObject",),
    same_reads=("DescribeSpace", "ListSpaces", "ListApps", "ListTags"),
)
BACKED_UP_TO_DELETE = Story(
    "backed-up-to-delete",
    prepare=acts.wait_for_a_backup_to_delete,
    begin=acts.answer,
    end=acts.expect_gone_after_a_backup,
    steps=steps("DeleteApp", "DeleteSpace"),
    reads=(),
    same_reads=("PutObject", "GetObject", "DescribeSpace", "ListSpaces", "ListApps", "ListTags"),
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
    BACK_UP_TO_DELETE,
    BACKED_UP_TO_DELETE,
)
