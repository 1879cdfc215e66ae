"""An instance type that can't start: fallbacks in order, then back to the size that ran."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from studio_operator.kinds.space.api.status import SpaceStatus
from studio_operator.plan.types import FailureKind

from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_space import make_world, ready, running_world

NO_CAPACITY = "EC2InsufficientCapacityError: no ml.g5.xlarge"
NO_QUOTA = "ResourceLimitExceeded: the limit 'JupyterLab Apps on ml.g5.xlarge instances' is 0"


def resized_world(*failures: str, **spec: Any) -> SpaceWorld:
    """A space that ran on ml.t3.medium, resized to a type whose starts fail like that."""
    world = running_world(**spec)
    world.start_failures = list(failures)
    world.edit(instanceType="ml.g5.xlarge")
    world.run(120)
    return world


def types_tried(world: SpaceWorld) -> list[str]:
    return [call["ResourceSpec"]["InstanceType"] for call in world.calls("CreateApp")]


class TestRollback:
    def test_a_missing_quota_brings_the_old_size_back_at_once(self) -> None:
        world = resized_world(NO_QUOTA, rollback=True)
        assert types_tried(world) == ["ml.g5.xlarge", "ml.t3.medium"]
        assert world.status.phase == "InService"
        assert world.condition("Stalled") == "QuotaExceeded"
        message = world.status.conditions[0].message
        assert message.startswith("ml.g5.xlarge can't start")
        assert message.endswith("instances' is 0")
        assert "back on ml.t3.medium" in message
        assert not ready(world)

    def test_a_call_that_is_refused_for_want_of_quota_does_too(self) -> None:
        world = running_world(rollback=True)
        world.faults = [("CreateApp", FailureKind.QUOTA)]
        world.edit(instanceType="ml.g5.xlarge")
        world.run(120)
        assert types_tried(world) == ["ml.g5.xlarge", "ml.t3.medium"]
        assert world.condition("Stalled") == "QuotaExceeded"

    def test_want_of_capacity_is_waited_out_until_the_deadline(self) -> None:
        world = resized_world(*[NO_CAPACITY] * 3, rollback=True, startTimeout="5m")
        assert types_tried(world)[-1] == "ml.t3.medium"
        assert set(types_tried(world)[:-1]) == {"ml.g5.xlarge"}
        assert world.condition("Stalled") == "InsufficientCapacity"
        assert world.status.phase == "InService"

    def test_capacity_that_comes_in_time_is_taken(self) -> None:
        world = resized_world(NO_CAPACITY, rollback=True)
        assert types_tried(world) == ["ml.g5.xlarge", "ml.g5.xlarge"]
        assert ready(world)

    def test_another_cause_does_not_bring_it_back(self) -> None:
        world = resized_world("LifecycleConfig script failed", rollback=True)
        assert types_tried(world) == ["ml.g5.xlarge"]
        assert world.condition("Stalled") == "LifecycleConfigFailed"

    def test_without_it_nothing_is_brought_back(self) -> None:
        world = resized_world(*[NO_CAPACITY] * 3)
        assert set(types_tried(world)) == {"ml.g5.xlarge"}

    def test_a_space_that_never_ran_has_nothing_to_go_back_to(self) -> None:
        world = make_world(instanceType="ml.g5.xlarge", rollback=True)
        world.start_failures = [NO_QUOTA] * 2
        world.run(200)
        assert set(types_tried(world)) == {"ml.g5.xlarge"}

    def test_a_new_spec_tries_again(self) -> None:
        world = resized_world(NO_QUOTA, rollback=True)
        world.log.clear()
        world.edit(instanceType="ml.m5.large")
        world.run()
        assert types_tried(world) == ["ml.m5.large"]
        assert ready(world)
        assert world.status.substitute is None

    @pytest.mark.parametrize("verb", ["start", "apply-now"])
    def test_a_request_tries_again(self, verb: str) -> None:
        world = resized_world(NO_QUOTA, rollback=True)
        world.log.clear()
        world.request(verb, "1")
        world.run()
        assert types_tried(world) == ["ml.g5.xlarge"]
        assert ready(world)

    def test_a_restart_keeps_it(self) -> None:
        """Else it would be away for as long as a start may take."""
        world = resized_world(NO_QUOTA, rollback=True)
        world.log.clear()
        world.request("restart", "1")
        world.run()
        assert types_tried(world) == ["ml.t3.medium"]
        assert world.condition("Stalled") == "QuotaExceeded"

    def test_a_request_that_is_taken_away_does_not(self) -> None:
        world = resized_world(NO_QUOTA, rollback=True)
        world.request("stop", "1")
        world.run()
        world.request("start", "1")
        world.run()
        world.log.clear()
        world.annotations = {}
        world.run()
        assert world.log == []

    @pytest.mark.parametrize("edit", [{"tags": {"a": "b"}}, {"displayName": "Churn"}])
    def test_another_edit_leaves_the_app_alone(self, edit: dict[str, Any]) -> None:
        world = resized_world(NO_QUOTA, rollback=True)
        world.log.clear()
        world.edit(**edit)
        world.run()
        assert set(world.names_of_calls()) <= {"AddTags"}
        assert world.status.phase == "InService"

    def test_it_is_not_tried_again_by_itself(self) -> None:
        world = resized_world(NO_QUOTA, rollback=True)
        world.log.clear()
        world.crash()
        world.run()
        assert world.log == []


class TestFallback:
    FALLBACKS = ("ml.g5.2xlarge", "ml.g4dn.xlarge")

    def world(self, *failures: str, **spec: Any) -> SpaceWorld:
        return resized_world(*failures, fallbackInstanceTypes=list(self.FALLBACKS), **spec)

    @pytest.mark.parametrize("cause", [NO_CAPACITY, NO_QUOTA])
    @pytest.mark.parametrize("failures", [1, 2])
    def test_they_are_tried_in_order(self, cause: str, failures: int) -> None:
        world = self.world(*[cause] * failures)
        assert types_tried(world) == ["ml.g5.xlarge", *self.FALLBACKS][: failures + 1]
        assert ready(world)
        assert world.status.substitute is not None
        assert world.status.substitute.instance_type == self.FALLBACKS[failures - 1]
        assert "a fallback: " in world.status.conditions[0].message

    def test_none_is_tried_while_the_declared_type_starts(self) -> None:
        world = self.world()
        assert types_tried(world) == ["ml.g5.xlarge"]
        assert world.status.substitute is None

    def test_after_the_last_the_old_size_comes_back(self) -> None:
        world = self.world(*[NO_QUOTA] * 3, rollback=True)
        assert types_tried(world) == ["ml.g5.xlarge", *self.FALLBACKS, "ml.t3.medium"]
        assert world.condition("Stalled") == "QuotaExceeded"

    def test_after_the_last_it_goes_on_trying_without_a_rollback(self) -> None:
        world = self.world(*[NO_CAPACITY] * 5)
        assert types_tried(world)[-3:] == ["ml.g4dn.xlarge"] * 3
        assert ready(world)

    def test_each_takes_one_update_and_no_further_stop(self) -> None:
        world = self.world(NO_CAPACITY)
        assert world.names_of_calls() == [
            "DeleteApp",
            "UpdateSpace",
            "CreateApp",
            "UpdateSpace",
            "CreateApp",
        ]
        assert world.status.operation is None

    @pytest.mark.parametrize(
        ("verb", "tried"),
        [
            # The app runs, which is all that a start asks for.
            ("start", []),
            ("stop", []),
            ("restart", ["ml.g5.xlarge", "ml.g5.2xlarge"]),
            ("apply-now", ["ml.g5.xlarge", "ml.g5.2xlarge"]),
        ],
    )
    def test_what_begins_with_the_declared_type_while_one_runs(
        self, verb: str, tried: list[str]
    ) -> None:
        """Once; and where that still can't start, the fallback takes its place again."""
        world = self.world(NO_CAPACITY)
        world.log.clear()
        world.start_failures = [NO_CAPACITY]
        world.request(verb, "1")
        for _ in range(2):
            world.run(120)
            world.crash()
        assert types_tried(world) == tried
        assert ready(world)
        assert world.status.substitute is not None
        assert world.status.substitute.instance_type == "ml.g5.2xlarge"

    def test_a_start_that_is_refused_at_once_says_no_more_of_a_running_one(self) -> None:
        world = make_world(instanceType="ml.g5.xlarge", fallbackInstanceTypes=list(self.FALLBACKS))
        world.faults = [("CreateApp", FailureKind.CAPACITY)]
        world.run()
        world.log.clear()
        world.request("start", "2026-03-02T12:00:00Z")
        world.run()
        assert world.log == []
        assert world.status.instance_type == "ml.g5.2xlarge"

    def test_a_start_begins_with_the_declared_type_where_none_runs(self) -> None:
        world = self.world(NO_CAPACITY)
        world.person_stops()
        world.run()
        world.log.clear()
        world.request("start", "1")
        world.run()
        assert types_tried(world) == ["ml.g5.xlarge"]
        assert world.status.substitute is None

    def test_a_start_begins_with_the_declared_type_where_all_have_failed(self) -> None:
        world = running_world(fallbackInstanceTypes=list(self.FALLBACKS))
        world.start_failures = [NO_CAPACITY] * 3
        world.edit(instanceType="ml.g5.xlarge")
        while len(types_tried(world)) < 3 or world.status.phase != "Failed":
            world.step()
        world.log.clear()
        world.request("start", "1")
        world.run(120)
        assert types_tried(world) == ["ml.g5.xlarge"]
        assert ready(world)

    def test_a_schedule_that_opens_goes_on_with_the_one_that_was_taken(self) -> None:
        office = {
            "timezone": "UTC",
            "windows": [{"days": "Mon-Fri", "from": "08:00", "to": "18:00"}],
        }
        world = make_world(
            instanceType="ml.g5.xlarge",
            fallbackInstanceTypes=list(self.FALLBACKS),
            schedule=office,
        )
        world.start_failures = [NO_CAPACITY]
        world.live(world.now + timedelta(hours=24))
        assert types_tried(world) == ["ml.g5.xlarge", "ml.g5.2xlarge", "ml.g5.2xlarge"]

    @pytest.mark.parametrize("kind", ["Fallback", "Rollback"])
    def test_a_start_that_the_schedule_has_overruled_changes_nothing(self, kind: str) -> None:
        office = {
            "timezone": "UTC",
            "windows": [{"days": "Mon-Fri", "from": "08:00", "to": "18:00"}],
        }
        spec: dict[str, Any] = {"rollback": True} if kind == "Rollback" else {}
        if kind == "Fallback":
            spec["fallbackInstanceTypes"] = list(self.FALLBACKS)
        world = make_world(schedule=office, **spec)
        world.live(world.now + timedelta(hours=1))
        world.start_failures = [NO_QUOTA]
        world.edit(instanceType="ml.g5.xlarge")
        world.live(world.now + timedelta(hours=1))
        taken = world.status.substitute
        assert taken is not None
        assert taken.kind == kind
        asked_at = world.now + timedelta(hours=1)
        world.request("start", asked_at.isoformat())
        world.sleep(world.now + timedelta(hours=12))
        world.live(world.now + timedelta(minutes=10))
        assert not world.is_running()
        assert world.status.substitute == taken

    def test_none_is_used_up_while_aws_cannot_be_seen(self) -> None:
        world = running_world(fallbackInstanceTypes=list(self.FALLBACKS))
        world.faults = [("CreateApp", FailureKind.CAPACITY)]
        world.edit(instanceType="ml.g5.xlarge")
        while world.failure is None:
            world.step()
        world.is_observed = False
        for _ in range(3):
            world.step()
        world.is_observed = True
        world.run(120)
        assert types_tried(world) == ["ml.g5.xlarge", "ml.g5.2xlarge"]

    def test_what_a_person_chose_instead_is_told_and_left(self) -> None:
        world = self.world(NO_CAPACITY, drift={"instance": "Report"})
        world.person_stops()
        world.person_resizes("ml.c5.large")
        world.run()
        world.log.clear()
        world.edit(tags={"a": "b"})
        world.run()
        assert world.names_of_calls() == ["AddTags"]
        assert world.status.condition("Drifted") is not None

    @pytest.mark.parametrize("steps", range(14))
    def test_a_crash_skips_none(self, steps: int) -> None:
        """One that happens right after a start forgets that start: the type is tried once more."""
        world = running_world(fallbackInstanceTypes=list(self.FALLBACKS))
        world.start_failures = [NO_CAPACITY]
        world.edit(instanceType="ml.g5.xlarge")
        for _ in range(steps):
            world.step()
        world.crash()
        world.run(120)
        assert tuple(types_tried(world)) in {
            ("ml.g5.xlarge", "ml.g5.2xlarge"),
            ("ml.g5.xlarge", "ml.g5.xlarge"),
        }
        assert ready(world)


def test_start_timeout_is_the_deadline() -> None:
    world = running_world(startTimeout="10m")
    world.start_failures = [NO_CAPACITY] * 20
    world.edit(instanceType="ml.g5.xlarge")
    began = told_at = world.now
    while world.condition("Stalled") is None:
        told_at = world.now
        world.step()
    assert (told_at - began).total_seconds() == 600


class TestAForgedStatus:
    """Who may write status, and not the spec, chooses no instance type by it."""

    FORGED = "ml.p5.48xlarge"

    def forged(self, kind: str, **spec: Any) -> SpaceWorld:
        world = running_world(**spec)
        world.person_stops()
        basis = " ".join(
            [
                world.spec.instance_type or "",
                *(world.spec.fallback_instance_types or ()),
                *(["rollback"] if world.spec.rollback else []),
            ]
        )
        taken = {
            "basis": basis,
            "takenAt": world.now.isoformat(),
            "kind": kind,
            "instanceType": self.FORGED,
            "reason": "InsufficientCapacity",
            "message": "none",
            "tried": [world.spec.instance_type, self.FORGED],
        }
        raw = {**world.status.dump(), "substitute": taken, "lastRanOn": self.FORGED}
        world.stored = SpaceStatus.model_validate(raw)
        world.crash()
        world.request("start", "now")
        return world

    @pytest.mark.parametrize("kind", ["Fallback", "Rollback"])
    def test_names_no_substitute(self, kind: str) -> None:
        world = self.forged(kind, fallbackInstanceTypes=["ml.t3.large"], rollback=True)
        world.log.clear()
        world.run()
        assert self.FORGED not in str(world.log)
        assert world.app is not None
        assert world.app.instance_type == world.spec.instance_type

    def test_names_no_type_to_roll_back_to(self) -> None:
        world = self.forged("Fallback", rollback=True)
        world.start_failures = ["InsufficientCapacityException: none"] * 9
        world.log.clear()
        world.live(world.now + timedelta(hours=2))
        assert self.FORGED not in str(world.log)
