"""What people ask for by annotation: done once, echoed on status, never repeated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from studio_operator.api.common import OWNER_TAG
from studio_operator.plan.types import FailureKind, Note

from tests.unit.plan.space_world import CLUSTER, SpaceWorld
from tests.unit.plan.test_space import make_world, ready, running_world

ENFORCE = {"state": "Enforce"}


def stopped_world(**spec: Any) -> SpaceWorld:
    """A space whose app runs by the spec and was then stopped by a person, or never ran."""
    world = running_world(**spec)
    world.person_stops()
    world.run()
    world.log.clear()
    return world


def notes_of(world: SpaceWorld) -> list[Note]:
    """The Events of the next pass."""
    return list(world.step().notes)


@dataclass(frozen=True)
class Row:
    """A request, what `state` and `drift` say, and what comes of it."""

    state: str | None
    runs: bool
    request: str
    calls: tuple[str, ...]
    by: str
    enforced: bool = False


ROWS = (
    # The spec says Running.
    Row("Running", True, "stop", ("DeleteApp",), "Request"),
    Row("Running", False, "start", ("CreateApp",), "Spec"),
    Row("Running", True, "restart", ("DeleteApp", "CreateApp"), "Spec"),
    Row("Running", True, "start", (), "Spec"),
    Row("Running", False, "restart", (), "OutsideStop"),
    Row("Running", True, "stop", (), "Spec", enforced=True),
    # The spec says Stopped.
    Row("Stopped", False, "start", ("CreateApp",), "Request"),
    Row("Stopped", True, "stop", ("DeleteApp",), "Spec"),
    Row("Stopped", True, "restart", ("DeleteApp", "CreateApp"), "OutsideStart"),
    Row("Stopped", False, "start", (), "Spec", enforced=True),
    # The spec leaves it to people.
    Row(None, False, "start", ("CreateApp",), "People"),
    Row(None, True, "stop", ("DeleteApp",), "People"),
    Row(None, True, "restart", ("DeleteApp", "CreateApp"), "People"),
    Row(None, False, "restart", (), "People"),
)


def world_of(row: Row) -> SpaceWorld:
    drift = ENFORCE if row.enforced else None
    world = running_world(state=row.state, drift=drift)
    if world.status.phase == "InService" and not row.runs:
        world.person_stops()
    if world.status.phase == "Stopped" and row.runs:
        world.person_starts()
    world.run()
    world.log.clear()
    return world


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_request_is_handled_once(row: Row) -> None:
    world = world_of(row)
    world.request(row.request, "2026-03-02T10:00:00Z")
    world.run()
    assert tuple(world.names_of_calls()) == row.calls
    assert world.status.handled_requests is not None
    assert getattr(world.status.handled_requests, row.request) == "2026-03-02T10:00:00Z"
    assert world.status.effective is not None
    assert world.status.effective.by == row.by
    assert ready(world)
    assert world.status.operation is None


@pytest.mark.parametrize("row", ROWS, ids=str)
@pytest.mark.parametrize("crash_after", range(8))
def test_a_crash_neither_repeats_nor_forgets_a_request(row: Row, crash_after: int) -> None:
    world = world_of(row)
    world.request(row.request, "now")
    for _ in range(crash_after):
        world.step()
    world.crash()
    world.run()
    assert tuple(world.names_of_calls()) == row.calls
    world.log.clear()
    world.crash()
    world.run()
    assert world.log == []


def test_a_new_value_asks_again() -> None:
    world = running_world(state=None)
    for value in ("1", "2"):
        world.person_starts()
        world.run()
        world.request("stop", value)
        world.run()
    assert world.names_of_calls() == ["DeleteApp", "DeleteApp"]


def test_a_request_that_is_taken_back_was_still_handled() -> None:
    world = running_world(state=None)
    world.request("start", "1")
    world.run()
    world.annotations = {}
    world.person_stops()
    world.run()
    assert world.names_of_calls() == ["CreateApp"]


@pytest.mark.parametrize(
    ("start", "stop", "phase"),
    [
        ("2026-03-02T10:00:00Z", "2026-03-02T10:00:01Z", "Stopped"),
        ("2026-03-02T10:00:01Z", "2026-03-02T10:00:00Z", "InService"),
        # Times are compared, not texts.
        ("2026-03-02T10:00:00Z", "2026-03-02T10:30:00+01:00", "InService"),
        ("2026-03-02T10:00:00.5Z", "2026-03-02T10:00:00Z", "InService"),
        ("2026-03-02T10:00:00Z", "2026-03-02T11:00:00+01:00", "Stopped"),
        # What is no time is newer than any, and two such are ordered as texts.
        ("now", "2026-03-02T10:00:00Z", "InService"),
        ("2026-03-02T10:00:00Z", "a", "Stopped"),
        ("2", "1", "InService"),
        ("now", "now", "Stopped"),
    ],
)
def test_of_start_and_stop_at_once_the_later_counts(start: str, stop: str, phase: str) -> None:
    world = running_world()
    world.request("start", start)
    world.request("stop", stop)
    world.run()
    assert world.status.phase == phase


def test_what_a_new_resource_carries_asks_for_nothing() -> None:
    """It was copied along, or restored from a backup."""
    world = make_world(state=None)
    world.request("start", "last year")
    world.run()
    assert world.names_of_calls() == ["CreateSpace"]
    assert world.status.handled_requests is not None
    assert world.status.handled_requests.start == "last year"


def test_a_request_that_drift_enforcement_would_undo_is_refused_with_the_remedy() -> None:
    world = running_world(drift=ENFORCE)
    world.request("stop", "1")
    (note,) = notes_of(world)
    assert (note.reason, note.type) == ("RequestRefused", "Warning")
    assert "spec.drift.state is Enforce" in note.message
    assert notes_of(world) == []


def test_a_spec_that_changes_later_wins_over_a_request() -> None:
    world = running_world()
    world.request("stop", "1")
    world.run()
    world.edit(instanceType="ml.m5.large")
    world.run()
    assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert world.status.phase == "InService"


@pytest.mark.parametrize(("state", "verb"), [("Stopped", "start"), ("Running", "stop")])
def test_of_a_request_and_an_edit_at_once_the_request_wins(state: str, verb: str) -> None:
    world = running_world(state=None)
    world.edit(state=state)
    world.request(verb, "2026-03-02T08:00:00Z")
    world.run()
    assert world.is_running() == (verb == "start")


def test_a_start_that_was_asked_for_is_pursued_until_it_succeeds() -> None:
    world = running_world(state=None)
    world.start_failures = ["EC2InsufficientCapacityError"] * 2
    world.request("start", "1")
    world.run()
    assert world.names_of_calls() == ["CreateApp"] * 3
    assert world.status.phase == "InService"


def test_a_start_that_was_refused_is_tried_again_when_asked() -> None:
    world = stopped_world()
    world.faults = [("CreateApp", FailureKind.INVALID)]
    world.request("start", "1")
    world.run()
    assert world.condition("Stalled") == "RejectedByAWS"
    world.request("start", "2")
    world.run()
    assert world.status.phase == "InService"


class TestASpaceOfOthers:
    """A resource that had a space, which then became another's, and later is its own again."""

    def world(self, mark: str, **spec: Any) -> SpaceWorld:
        world = running_world(**{"state": None, **spec})
        self.give(world, mark)
        world.run()
        world.log.clear()
        return world

    def give(self, world: SpaceWorld, mark: str) -> None:
        assert world.space is not None
        world.space = replace(world.space, tags={OWNER_TAG: f"{CLUSTER}/ml-team/{mark}"})

    @pytest.mark.parametrize("mark", ["other/uid-7", "other/released"])
    @pytest.mark.parametrize("verb", ["start", "stop", "restart", "apply-now"])
    @pytest.mark.parametrize("value", ["2026-03-02T09:00:00Z", "please"])
    def test_a_request_is_refused_and_not_kept_for_later(
        self, mark: str, verb: str, value: str
    ) -> None:
        world = self.world(mark)
        world.request(verb, value)
        (note,) = notes_of(world)
        assert (note.reason, note.type) == ("RequestRefused", "Warning")
        assert f"a request to {verb}, since the space is not this resource's" in note.message
        assert notes_of(world) == []
        world.sleep(world.now + timedelta(days=18))
        self.give(world, "churn/uid-1")
        if verb != "start":
            world.person_starts()
            world.tick(60)
        world.run()
        assert world.log == []
        assert ready(world)

    def test_a_request_for_one_that_an_older_resource_claims_is_refused_once_it_is_seen(
        self,
    ) -> None:
        world = self.world("other/uid-7")
        world.space, world.rival, world.is_observed = None, "ml-team/other", False
        world.status = world.status.model_copy(update={"arn": None})
        world.request("start", "1")
        assert notes_of(world) == []
        world.is_observed = True
        assert [note.reason for note in notes_of(world)] == ["RequestRefused"]
        assert notes_of(world) == []

    def test_a_request_for_one_that_lost_its_tag_is_carried_out_when_it_is_back(self) -> None:
        world = running_world(state=None)
        world.plan()
        assert world.space is not None
        world.space = replace(world.space, tags={})
        world.request("start", "1")
        world.run()
        assert world.names_of_calls() == ["AddTags", "CreateApp"]

    def test_a_request_for_one_that_is_being_taken_over_is_carried_out(self) -> None:
        world = self.world("other/released", adopt=False)
        assert world.space is not None
        world.space = replace(world.space, tags={})
        world.edit(adopt=True)
        world.request("start", "1")
        world.run()
        assert world.names_of_calls() == ["AddTags", "CreateApp"]


class TestApplyNow:
    def test_makes_a_change_that_waits_for_a_stop(self) -> None:
        world = running_world(resizePolicy="WhenStopped")
        world.edit(instanceType="ml.m5.large")
        world.run()
        assert world.condition("PendingRestart") == "PendingRestart"
        assert world.log == []
        world.request("apply-now", "1")
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
        assert ready(world)

    def test_makes_changes_that_alone_are_not_worth_a_stop(self) -> None:
        world = running_world()
        world.edit(displayName="Churn")
        world.run()
        world.request("apply-now", "1")
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
        assert world.status.condition("PendingRestart") is None

    def test_says_nothing_of_changes_that_come_later(self) -> None:
        world = running_world(resizePolicy="WhenStopped")
        world.request("apply-now", "1")
        world.run()
        world.edit(instanceType="ml.m5.large")
        world.run()
        assert world.log == []

    def test_a_refused_stop_is_asked_for_again(self) -> None:
        world = running_world()
        world.edit(displayName="Churn")
        world.run()
        world.faults = [("DeleteApp", FailureKind.TRANSIENT)] * 2
        world.request("apply-now", "1")
        world.run()
        assert world.names_of_calls()[-2:] == ["UpdateSpace", "CreateApp"]


class TestRestart:
    def test_carries_the_changes_that_were_waiting(self) -> None:
        world = running_world(resizePolicy="WhenStopped")
        world.edit(instanceType="ml.m5.large", displayName="Churn")
        world.run()
        world.request("restart", "1")
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
        assert world.status.instance_type == "ml.m5.large"

    def test_survives_a_stop_that_fails_for_a_while(self) -> None:
        world = running_world()
        world.faults = [("DeleteApp", FailureKind.TRANSIENT)] * 3
        world.request("restart", "1")
        world.run()
        assert world.names_of_calls() == ["DeleteApp"] * 4 + ["CreateApp"]

    def test_is_not_done_again_to_an_app_that_a_person_started_meanwhile(self) -> None:
        world = running_world()
        world.request("restart", "1")
        for _ in range(2):  # the app is seen to stop
            world.step()
        assert world.app is not None
        world.app.status, world.app.until = "Deleted", None
        world.person_starts()
        world.crash()
        world.run()
        assert world.names_of_calls() == ["DeleteApp"]

    def test_is_dropped_when_a_stop_is_declared_meanwhile(self) -> None:
        world = running_world()
        world.request("restart", "1")
        world.step()
        world.edit(state="Stopped")
        world.run()
        assert world.names_of_calls() == ["DeleteApp"]
        assert ready(world)

    def test_tells_its_story(self) -> None:
        world = running_world()
        world.request("restart", "1")
        told = [note.reason for _ in range(8) for note in notes_of(world)]
        assert told == ["Restarting", "Starting", "Restarted", "Running"]
