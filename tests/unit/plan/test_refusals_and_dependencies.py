"""A refusal is looked at again when what the space refers to changes, and never without a change.

`depends_on` is how that stands, as the engine tells the planner. No app is stopped to find out.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studio_operator.plan.types import FailureKind

from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_rejections import refused_world
from tests.unit.plan.test_space import make_world, ready

HALF_AN_HOUR = 1800
REFUSED = ("UpdateSpace", FailureKind.INVALID)


def stopped_world() -> SpaceWorld:
    """A space whose resize AWS refused, and whose app was stopped since."""
    world = refused_world()
    world.person_stops()
    world.run()
    assert world.log == []
    return world


def test_a_refused_creation_is_tried_again_once_after_each_change() -> None:
    world = make_world(state="Stopped")
    world.faults = [("CreateSpace", FailureKind.INVALID)] * 2
    world.run()
    assert world.condition("Stalled") == "RejectedByAWS"
    world.run()
    assert world.names_of_calls() == ["CreateSpace"]
    world.depends_on = "raised"
    world.run()
    assert world.names_of_calls() == ["CreateSpace"] * 2
    world.depends_on = "raised again"
    world.run()
    assert world.names_of_calls() == ["CreateSpace"] * 3
    assert ready(world)


def test_a_refused_start_is_tried_again_when_what_it_depends_on_changes() -> None:
    world = make_world()
    world.faults = [("CreateApp", FailureKind.INVALID)]
    world.run()
    assert world.condition("Stalled") == "RejectedByAWS"
    assert world.names_of_calls() == ["CreateSpace", "CreateApp"]
    world.depends_on = "raised"
    world.run()
    assert world.names_of_calls() == ["CreateSpace", "CreateApp", "CreateApp"]
    assert ready(world)


@pytest.mark.parametrize("crashes", [False, True])
def test_a_refused_change_is_tried_again_without_an_app(*, crashes: bool) -> None:
    world = stopped_world()
    world.faults = []
    if crashes:
        world.crash()
        world.run()
        assert world.log == []
    world.depends_on = "raised"
    world.run()
    assert world.names_of_calls() == ["UpdateSpace"]
    assert world.status.rejection is None
    assert world.status.instance_type == "ml.m5.large"


def test_no_app_is_stopped_to_find_out() -> None:
    world = refused_world()
    world.faults = []
    world.depends_on = "raised"
    world.run()
    assert world.log == []
    assert world.condition("Stalled") == "RejectedByAWS"
    world.person_stops()
    world.run()
    assert world.names_of_calls() == ["UpdateSpace"]
    assert world.status.rejection is None


def test_what_is_on_its_way_is_waited_for() -> None:
    world = stopped_world()
    world.depends_on = None
    world.run()
    assert world.log == []
    world.depends_on = "at first"
    world.run()
    assert world.log == []


def test_a_refusal_of_an_older_version_is_tried_again_once() -> None:
    world = stopped_world()
    assert world.status.rejection is not None
    older = world.status.rejection.model_copy(update={"depends_on": None})
    world.status = world.stored = world.status.model_copy(update={"rejection": older})
    for _ in range(3):
        world.crash()
        world.run()
    assert world.names_of_calls() == ["UpdateSpace"]


@pytest.mark.parametrize("crashes", [False, True])
def test_what_only_aws_knows_of_is_asked_for_after_a_pause(*, crashes: bool) -> None:
    world = refused_world()
    world.pauses = {FailureKind.INVALID: HALF_AN_HOUR}
    world.request("apply-now", "2026-03-02T12:00:00Z")
    world.run()  # refused once more, now with a time to try again
    world.person_stops()
    world.log.clear()
    world.live(world.now + timedelta(seconds=HALF_AN_HOUR / 2))
    if crashes:
        world.crash()
    world.step()
    assert world.log == []
    world.live(world.now + timedelta(seconds=HALF_AN_HOUR))
    assert world.names_of_calls() == ["UpdateSpace"]
    assert world.status.rejection is None


def test_a_refusal_that_lasts_is_written_once() -> None:
    world = stopped_world()
    before = world.stored
    world.depends_on = None
    world.run()
    world.depends_on = "at first"
    world.run()
    assert world.stored == before


def is_unrecorded(world: SpaceWorld) -> bool:
    """Whether AWS has refused it just now, and no status tells yet: a crash forgets that."""
    recorded = world.stored.rejection
    return world.failure is not None and (
        recorded is None or recorded.depends_on != world.failure.depends_on
    )


acts = st.sampled_from(["change", "move", "back", "stop", "start", "crash", "tick", "rest"])


@settings(max_examples=200)
@given(st.lists(st.tuples(acts, st.integers(0, 6)), max_size=14))
def test_it_is_tried_once_after_each_change_and_never_without_one(
    taken: list[tuple[str, int]],
) -> None:
    world = refused_world()
    world.faults = [REFUSED] * 50
    changes = lost = 0
    for act, steps in taken:
        before = world.depends_on
        if act == "change":
            changes += 1
            world.depends_on = f"change {changes}"
        elif act == "move":
            world.depends_on = None
        elif act == "back" and world.depends_on is None:
            world.depends_on = f"change {changes}" if changes else "at first"
        elif act == "stop":
            world.person_stops()
        elif act == "start":
            world.person_starts()
        elif act == "crash":
            lost += is_unrecorded(world)
            world.crash()
        elif act == "tick":
            world.tick(HALF_AN_HOUR)
        else:
            assert world.depends_on == before
        for _ in range(steps):
            world.step()
        assert len(world.calls("UpdateSpace")) <= changes + lost
        assert "DeleteApp" not in world.names_of_calls()
    world.depends_on = f"change {changes}" if changes else "at first"
    world.person_stops()
    world.run()
    tried = len(world.calls("UpdateSpace"))
    assert (tried > 0) == (changes > 0)
    world.run()
    assert len(world.calls("UpdateSpace")) == tried
    assert world.condition("Stalled") == "RejectedByAWS"
