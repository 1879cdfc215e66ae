"""As somebody who tags a job of his own with another's space: its app is stopped all the same.

Tags are all that AWS tells of what was made from a space, so `stopPolicy: Block` can't know a
forged one. What the one who forges it can do is bounded instead.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studio_operator.kinds.space.api.status import StopWait
from studio_operator.plan.types import FailureKind, Plan

from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_lingering import CONDITION, look_again
from tests.unit.plan.test_schedule import at, world_with
from tests.unit.plan.test_space import ready, running_world

FORGED = "arn:aws:sagemaker:eu-central-1:123456789012:endpoint/evil"
HOUR = timedelta(hours=1)
LIMIT = 24 * HOUR
MINUTE = timedelta(minutes=1)


def attacked_world(**spec: Any) -> SpaceWorld:
    """A space that is to be stopped, while another's endpoint names it in its tag."""
    world = running_world(stopPolicy="Block", **spec)
    world.lingering = (FORGED,)
    world.edit(state="Stopped")
    world.live(world.now + timedelta(seconds=1))
    assert world.condition("Stalled") == CONDITION
    return world


def is_stopped(world: SpaceWorld) -> bool:
    return "DeleteApp" in world.names_of_calls()


def stalled_message(world: SpaceWorld) -> str:
    found = world.status.condition("Stalled")
    return found.message if found else ""


def test_the_app_is_stopped_when_the_limit_is_over() -> None:
    world = attacked_world()
    begun = world.now
    world.live(begun + LIMIT - HOUR)
    assert not is_stopped(world)
    world.live(begun + LIMIT + MINUTE)
    assert is_stopped(world)
    world.live(begun + LIMIT + HOUR)
    assert ready(world)


def test_who_waits_is_told_until_when_and_what_helps() -> None:
    world = attacked_world()
    assert world.status.stop_wait is not None
    assert world.status.stop_wait.since is not None
    until = world.status.stop_wait.since + LIMIT
    assert f"not stopped before {until:%Y-%m-%d %H:%M} UTC" in stalled_message(world)
    assert "endpoint/evil. Delete it, or set spec.stopPolicy to Warn." in stalled_message(world)
    assert world.plan().wake_at == until
    world.edit(stopPolicy="Warn")
    world.run()
    assert is_stopped(world)


def test_status_stays_as_it_is_while_the_stop_waits() -> None:
    world = attacked_world()
    before = world.status
    world.live(world.now + 20 * HOUR)
    assert world.status == before


def test_the_end_of_the_wait_is_told() -> None:
    world = attacked_world()
    begun = world.now
    world.live(begun + LIMIT - timedelta(minutes=1))
    plans: list[Plan[Any]] = []
    while world.now < begun + LIMIT + HOUR:
        plans.append(world.step())
    notes = [note for plan in plans for note in plan.notes]
    (stopping,) = (one for one in notes if one.reason == "Stopping")
    assert "its wait for 1 resource made from it is over: endpoint/evil" in stopping.message
    (told,) = (one for one in notes if one.reason == CONDITION)
    condition = world.status.condition(CONDITION)
    assert condition is not None
    assert condition.message == told.message
    assert "the app was stopped at the end of its wait, 2026-" in told.message
    look_again(world)
    assert world.status.condition(CONDITION) is None
    assert world.status.stop_wait is None


@pytest.mark.parametrize("every", [timedelta(minutes=50), 7 * HOUR])
def test_restarts_of_the_operator_make_the_wait_no_longer(every: timedelta) -> None:
    world = attacked_world()
    begun = world.now
    while world.now < begun + LIMIT:
        world.live(min(world.now + every, begun + LIMIT))
        world.crash()
        world.seen_lingering = None
    world.run()
    assert is_stopped(world)


def test_a_tag_that_comes_and_goes_makes_it_no_longer() -> None:
    world = attacked_world()
    begun = world.now
    world.live(begun + 12 * HOUR)
    world.faults = [("DeleteApp", FailureKind.TRANSIENT)]
    look_again_once(world)  # a moment without the tag, in which AWS is busy
    world.lingering, world.seen_lingering = (FORGED,), None
    world.live(begun + LIMIT)
    assert world.names_of_calls() == ["DeleteApp", "DeleteApp"]


def look_again_once(world: SpaceWorld) -> None:
    world.lingering, world.seen_lingering = (), None
    while not world.log:
        world.step()


def test_nights_count_together_where_a_schedule_opens_in_between() -> None:
    """A night is shorter than the limit: else no night would ever end in a stop."""
    world = world_with(stopPolicy="Block", state="Running")
    assert world.is_running()
    world.log.clear()
    world.lingering = (FORGED,)
    world.live(at("2026-03-03 12:00"))
    assert not is_stopped(world)
    world.live(at("2026-03-04 05:00"))  # thirteen hours of the first night, eleven of the second
    assert not is_stopped(world)
    world.live(at("2026-03-04 05:10"))
    assert is_stopped(world)


def test_who_lets_the_app_run_on_has_the_rest_of_the_wait_later() -> None:
    world = attacked_world()
    world.live(world.now + 10 * HOUR)
    world.edit(state="Running")
    world.live(world.now + 72 * HOUR)
    world.edit(state="Stopped")
    begun = world.now
    world.live(begun + 13 * HOUR)
    assert not is_stopped(world)
    world.live(begun + 14 * HOUR)
    assert is_stopped(world)


def test_the_next_run_has_a_wait_of_its_own() -> None:
    world = attacked_world()
    world.live(world.now + LIMIT + HOUR)
    world.edit(state="Running")
    world.live(world.now + HOUR)
    world.log.clear()
    world.edit(state="Stopped")
    begun = world.now
    world.live(begun + LIMIT - HOUR)
    assert not is_stopped(world)
    world.live(begun + LIMIT + MINUTE)
    assert is_stopped(world)


def test_a_run_that_began_while_no_operator_ran_has_a_wait_of_its_own() -> None:
    """AWS shows it by the app's time of creation, once it had forgotten the app before."""
    world = attacked_world()
    world.live(world.now + HOUR)
    world.crash()
    world.person_stops()
    world.app = None  # AWS forgets it after 24 hours
    world.now += 25 * HOUR
    world.person_starts()
    world.now += HOUR
    begun = world.now
    world.live(begun + LIMIT - HOUR)
    assert not is_stopped(world)
    world.live(begun + LIMIT + HOUR)
    assert is_stopped(world)


def test_a_person_who_asks_for_a_stop_does_not_wait() -> None:
    world = attacked_world()
    world.request("stop", "2026-03-02T10:00:00Z")
    world.run()
    assert is_stopped(world)
    told = world.status.condition(CONDITION)
    assert told is not None
    assert "the app is stopped, and 1 resource made from it costs money" in told.message


@pytest.mark.parametrize(
    "forged",
    [
        StopWait(since=datetime(9999, 12, 31, 23, 59, tzinfo=UTC)),
        StopWait(since=datetime(2027, 1, 1, tzinfo=UTC)),
        StopWait(waited_seconds=-(10**15)),
        StopWait(ended_at=datetime(9999, 12, 31, tzinfo=UTC)),
    ],
)
def test_a_forged_status_makes_it_no_longer(forged: StopWait) -> None:
    world = attacked_world()
    world.status = world.stored = world.status.model_copy(update={"stop_wait": forged})
    begun = world.now
    world.live(begun + LIMIT + MINUTE)
    assert is_stopped(world)


@pytest.mark.parametrize(
    "forged", [StopWait(since=datetime(1970, 1, 1, tzinfo=UTC)), StopWait(waited_seconds=10**15)]
)
def test_a_forged_status_stops_nothing_that_is_not_to_be_stopped(forged: StopWait) -> None:
    world = running_world(stopPolicy="Block")
    world.lingering = (FORGED,)
    world.status = world.stored = world.status.model_copy(update={"stop_wait": forged})
    world.live(world.now + LIMIT)
    assert world.log == []


ACTS = st.sampled_from(["tag on", "tag off", "crash", "busy", "open", "close", "an hour", "a day"])


@settings(max_examples=60)
@given(acts=st.lists(ACTS, max_size=12))
def test_whatever_is_tried_all_stops_of_a_run_wait_no_longer_than_the_limit(
    acts: list[str],
) -> None:
    world = attacked_world()
    waited = timedelta()
    for act in acts:
        if is_stopped(world):
            break
        before = world.now
        take(world, act)
        if world.spec.state == "Stopped":
            waited += world.now - before
    assert is_stopped(world) or waited < LIMIT
    if not is_stopped(world):
        world.lingering = (FORGED,)
        world.edit(state="Stopped")
        world.live(world.now + LIMIT - waited + timedelta(minutes=5))
    assert is_stopped(world)


def take(world: SpaceWorld, act: str) -> None:
    """What the attacker does, or AWS, the cluster, the space's own people."""
    if act == "tag on":
        world.lingering = (FORGED,)
    elif act == "tag off":
        world.lingering = ()
    elif act == "busy":
        world.faults.append(("DeleteApp", FailureKind.TRANSIENT))
    elif act == "crash":
        world.crash()
        world.seen_lingering = None
    elif act in {"open", "close"}:
        world.edit(state="Running" if act == "open" else "Stopped")
        world.step()
    else:
        world.live(world.now + (HOUR if act == "an hour" else LIMIT))
