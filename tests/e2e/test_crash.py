"""Killed anywhere, the operator goes on from where AWS stands, and repeats nothing."""

from __future__ import annotations

from random import Random

import pytest

from tests.e2e.stories import APPLY_NOW, CREATE, RESIZE, STORIES, Step, Story
from tests.e2e.story_acts import PATIENCE
from tests.e2e.team import Team

POSITIONS = ("before", "after")
STEPS = [
    pytest.param(story, step, position, id=f"{story.name}-{position}-{step}")
    for story in STORIES
    for step in story.steps
    for position in POSITIONS
] + [
    pytest.param(story, step, "before", id=f"{story.name}-before-{step}-refused")
    for story in STORIES
    for step in story.refused
]
READS = [
    pytest.param(story, read, id=f"{story.name}-{read}")
    for story in STORIES
    for read in story.reads
]
LISTINGS_OF_JOBS = {"ListTrainingJobs", "ListProcessingJobs", "ListTransformJobs"}
# Calls besides a story's own that may be made at any time, at the start of the operator above all.
ANY_TIME = {"GetResources", "ListDomains", "DescribeDomain", "ListUserProfiles"} | LISTINGS_OF_JOBS
# Reads that are also made before a story begins.
AT_REST = ANY_TIME | {"ListSpaces", "ListApps"}


def kill_at_barrier(team: Team) -> None:
    """Kill the operator while its call waits; one that waits before it is never carried out."""
    team.simulator.wait_for_barrier()
    team.product.kill_operator()
    team.simulator.release_barriers(drop=True)


def wait_for_write(team: Team) -> None:
    """Wait until the operator has written to the space once more, unless all is done."""
    found = team.get("Space", "churn")
    version = found.version if found is not None else ""
    team.wait_for(
        "Space",
        "churn",
        lambda it: it.version != version or it.is_ready,
        "is written to",
        seconds=PATIENCE,
    )


@pytest.mark.parametrize(("story", "step", "position"), STEPS)
def test_killed_at_a_change(new_team: Team, story: Story, step: Step, position: str) -> None:
    story.prepare(new_team)
    before = new_team.last_call()
    new_team.simulator.add_barrier(step.operation, position, parameters=step.parameters)
    story.begin(new_team)
    kill_at_barrier(new_team)
    new_team.product.ensure_operator()
    story.check(new_team, before, crashes=1)


@pytest.mark.parametrize("step", CREATE.steps, ids=str)
def test_a_creation_that_arrives_after_the_crash_makes_nothing_twice(
    new_team: Team, step: Step
) -> None:
    new_team.simulator.set_options(duplicate_domain_names="allow")
    new_team.simulator.add_barrier(step.operation, on_disconnect="hold")
    CREATE.begin(new_team)
    new_team.simulator.wait_for_barrier()
    new_team.product.kill_operator()
    # AWS may take a second domain of one name: a request for one may come late, but not later than
    # the pause that the operator makes for its sake.
    if step.operation != "CreateDomain":
        new_team.product.ensure_operator()
    new_team.simulator.release_barriers()
    new_team.product.ensure_operator()
    CREATE.check(new_team, 0, crashes=1)


@pytest.mark.parametrize(("story", "read"), READS)
def test_killed_at_a_look(new_team: Team, story: Story, read: str) -> None:
    story.prepare(new_team)
    before = new_team.last_call()
    if story is CREATE or read not in AT_REST:  # no such look before it begins
        new_team.simulator.add_barrier(read, "after")
        story.begin(new_team)
    else:
        story.begin(new_team)
        new_team.simulator.add_barrier(read, "after")
    kill_at_barrier(new_team)
    new_team.product.ensure_operator()
    story.check(new_team, before, crashes=1)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_no_call_is_missing_above(new_team: Team, story: Story) -> None:
    story.prepare(new_team)
    before = new_team.last_call()
    story.begin(new_team)
    story.check(new_team, before)
    made = {call["operation"] for call in new_team.calls() if call["number"] > before}
    assert made <= story.operations | ANY_TIME


def test_a_change_that_waits_outlives_a_crash(new_team: Team) -> None:
    """It is neither forgotten nor carried out: AWS can't tell that somebody is at work."""
    APPLY_NOW.prepare(new_team)
    before = new_team.last_call()
    for _ in range(2):
        new_team.product.kill_operator()
        new_team.product.ensure_operator()
        new_team.wait_looks()
    space = new_team.wait_reason("Space", "churn", "PendingRestart")
    assert (space.phase, new_team.changes(since=before)) == ("InService", [])
    APPLY_NOW.begin(new_team)
    APPLY_NOW.check(new_team, before, crashes=2)


@pytest.mark.parametrize("story", [CREATE, RESIZE], ids=lambda story: story.name)
def test_killed_after_each_of_its_writes(new_team: Team, story: Story) -> None:
    """Between the finalizer, the statuses and the calls: whatever Kubernetes has, it goes on."""
    story.prepare(new_team)
    before = new_team.last_call()
    story.begin(new_team)
    for _ in range(5):
        wait_for_write(new_team)
        new_team.product.kill_operator()
        new_team.product.ensure_operator()
    story.check(new_team, before, crashes=5)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_killed_at_random_moments(new_team: Team, story: Story, seed: int) -> None:
    random = Random(f"{story.name}-{seed}")
    story.prepare(new_team)
    before = new_team.last_call()
    story.begin(new_team)
    for _ in range(2):
        new_team.product.process.wait(random.uniform(0.0, 1.2))
        new_team.product.kill_operator()
        new_team.product.ensure_operator()
    story.check(new_team, before, crashes=2)
