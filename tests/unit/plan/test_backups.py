"""Back-ups before what can't be undone: a resize or a deletion waits for one, and says how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from studio_operator.kinds.space.api.backup import BackupStatus
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.api.status import SpaceStatus
from studio_operator.kinds.space.features.backup.observed import ObservedBackup
from studio_operator.plan.types import FailureKind

from tests.unit.plan.space_world import SpaceWorld

BACKUP = {"s3Uri": "s3://team-backups/studio"}
LARGE = "ml.m5.large"


def make_world(**spec: Any) -> SpaceWorld:
    return SpaceWorld(
        SpaceSpec.model_validate(
            {
                "domainRef": {"name": "research"},
                "ownerRef": {"name": "alice"},
                "app": "JupyterLab",
                "state": "Running",
                "instanceType": "ml.t3.medium",
                "storage": {"sizeGiB": 20},
                "deletionPolicy": "Delete",
                **spec,
            }
        )
    )


def running_world(**spec: Any) -> SpaceWorld:
    world = make_world(**{"backup": BACKUP, **spec})
    world.run()
    assert world.is_running()
    world.log.clear()
    return world


def backup(world: SpaceWorld) -> BackupStatus:
    assert world.status.backup is not None
    return world.status.backup


def reason(world: SpaceWorld) -> str:
    ready = world.status.condition("Ready")
    assert ready is not None
    return ready.reason


def message(world: SpaceWorld) -> str:
    ready = world.status.condition("Ready")
    assert ready is not None
    return ready.message


class TestScript:
    def test_it_is_made_before_the_space_that_names_it(self) -> None:
        world = make_world(backup=BACKUP)
        world.run()
        assert world.names_of_calls() == [
            "CreateStudioLifecycleConfig",
            "CreateSpace",
            "CreateApp",
        ]
        name = world.calls("CreateStudioLifecycleConfig")[0]["StudioLifecycleConfigName"]
        arn = f"arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config/{name}"
        assert world.calls("CreateApp")[0]["ResourceSpec"]["LifecycleConfigArn"] == arn
        assert backup(world).lifecycle_config_arn == arn
        assert backup(world).location == "s3://team-backups/studio/d-abc/churn/home/"

    def test_one_that_exists_is_taken(self) -> None:
        first = make_world(backup=BACKUP)
        first.run()
        world = make_world(backup=BACKUP)
        world.scripts = first.scripts
        world.run()
        assert world.names_of_calls() == ["CreateSpace", "CreateApp"]

    def test_adding_back_ups_stops_nothing(self) -> None:
        world = make_world()
        world.run()
        world.log.clear()
        world.edit(backup=BACKUP)
        world.run()
        assert world.names_of_calls() == ["CreateStudioLifecycleConfig"]
        assert world.condition("PendingRestart") == "PendingRestart"
        world.person_stops()
        world.run()
        assert world.names_of_calls() == ["CreateStudioLifecycleConfig", "UpdateSpace"]
        assert world.settings.lifecycle_config_arn == backup(world).lifecycle_config_arn

    def test_taking_back_ups_away_stops_nothing_and_clears_the_script(self) -> None:
        world = running_world()
        world.edit(backup=None)
        world.run()
        assert not world.log
        world.person_stops()
        world.run()
        assert world.names_of_calls() == ["UpdateSpace"]
        assert world.settings.lifecycle_config_arn is None
        assert world.status.backup is None

    def test_a_newer_script_comes_along_unseen(self) -> None:
        world = running_world()
        older = str(world.settings.lifecycle_config_arn)[:-10] + "0123456789"
        world.settings = replace(world.settings, lifecycle_config_arn=older)
        world._touch()
        world.run()
        assert world.names_of_calls() == []
        assert world.condition("PendingRestart") is None
        world.person_stops()
        world.run()
        assert world.names_of_calls()[-1] == "UpdateSpace"
        assert world.settings.lifecycle_config_arn == backup(world).lifecycle_config_arn


class TestResize:
    @pytest.mark.parametrize(
        "edit", [{"instanceType": LARGE}, {"storage": {"sizeGiB": 50}}], ids=["instance", "volume"]
    )
    def test_it_waits_for_a_back_up_and_then_goes_on(self, edit: dict[str, Any]) -> None:
        world = running_world()
        world.edit(**edit)
        world.run()
        assert world.names_of_calls() == ["PutObject", "DeleteApp", "UpdateSpace", "CreateApp"]
        assert backup(world).completed_at is not None
        assert backup(world).requested_at is None, "what is done waits for nothing"
        assert reason(world) == "Running"

    def test_one_stop_carries_all_that_waited(self) -> None:
        world = running_world()
        world.edit(instanceType=LARGE, storage={"sizeGiB": 50}, remoteAccess="Enabled")
        world.run()
        assert world.names_of_calls() == ["PutObject", "DeleteApp", "UpdateSpace", "CreateApp"]

    def test_an_old_back_up_does_not_count(self) -> None:
        world = running_world()
        world.edit(instanceType=LARGE)
        world.run()
        world.log.clear()
        world.edit(instanceType="ml.t3.medium")
        world.run()
        assert world.names_of_calls()[0] == "PutObject"

    def test_while_it_waits_status_says_so_and_the_app_runs_on(self) -> None:
        world = running_world()
        world.backups_fail = "fatal error: An error occurred (AccessDenied)"
        world.edit(instanceType=LARGE)
        world.live(world.now + timedelta(minutes=5))
        assert reason(world) == "BackupStale"
        assert world.condition("Stalled") == "BackupStale"
        assert "AccessDenied" in message(world)
        assert "Set spec.backup.before to [Delete] to go on without one" in message(world)
        assert world.names_of_calls() == ["PutObject"]
        world.backups_fail = None
        world.run()
        assert world.settings.instance_type == LARGE

    def test_what_is_not_asked_for_does_not_wait(self) -> None:
        world = running_world(backup={**BACKUP, "before": ["Delete"]})
        world.edit(instanceType=LARGE)
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]

    def test_a_change_that_is_no_resize_does_not_wait(self) -> None:
        world = running_world()
        world.edit(image={"distribution": "4.2"})
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]

    def test_a_stopped_space_has_to_be_started_once(self) -> None:
        world = running_world()
        world.person_stops()
        world.run()
        world.edit(storage={"sizeGiB": 50})
        world.run()
        assert reason(world) == "BackupStale"
        assert "kubectl studio start" in message(world)
        assert world.names_of_calls() == ["PutObject"]
        world.request("start", "2026-03-02T10:00:00Z")
        world.run()
        assert world.space is not None
        assert world.space.storage_gib == 50
        assert world.names_of_calls() == [
            "PutObject",
            "CreateApp",
            "DeleteApp",
            "UpdateSpace",
            "CreateApp",
        ]

    def test_an_app_without_the_script_has_to_be_restarted(self) -> None:
        world = make_world()
        world.run()
        world.edit(backup=BACKUP, instanceType=LARGE)
        world.live(world.now + timedelta(minutes=5))
        assert reason(world) == "BackupStale"
        assert "kubectl studio restart" in message(world)
        world.request("restart", "2026-03-02T10:00:00Z")
        world.run()
        assert world.settings.instance_type == LARGE
        assert reason(world) == "Running"

    def test_a_space_that_never_ran_has_nothing_to_lose(self) -> None:
        world = make_world(backup=BACKUP, state="Stopped")
        world.run()
        world.log.clear()
        world.edit(instanceType=LARGE)
        world.run()
        assert world.names_of_calls() == ["UpdateSpace"]

    def test_a_fallback_waits_for_no_back_up(self) -> None:
        world = running_world(fallbackInstanceTypes=["ml.c5.large"])
        world.start_failures = ["InsufficientCapacity"]
        world.edit(instanceType=LARGE)
        world.run()
        assert world.app is not None
        assert world.app.instance_type == "ml.c5.large"
        assert world.names_of_calls().count("PutObject") == 1

    def test_what_waits_for_days_is_backed_up_anew(self) -> None:
        world = running_world(resizePolicy="WhenStopped")
        world.edit(instanceType=LARGE)
        world.live(world.now + timedelta(hours=1))
        assert world.condition("PendingRestart") == "PendingRestart"
        first = backup(world).completed_at
        world.live(world.now + timedelta(days=2))
        assert first is not None
        made = backup(world).completed_at
        assert made is not None
        assert world.now - made < timedelta(days=1, minutes=5)
        assert len(world.calls("PutObject")) == 3
        world.person_stops()
        world.run()
        assert world.settings.instance_type == LARGE

    def test_none_within_the_deadline_needs_a_person_and_still_counts_later(self) -> None:
        world = running_world()
        assert world.app is not None
        world.app.script = "another"  # what was started with it does not look for requests
        world.lists_scripts = False
        world.edit(instanceType=LARGE)
        world.live(world.now + timedelta(minutes=50))
        assert world.condition("Reconciling") == "BackupStale"
        world.live(world.now + timedelta(minutes=20))
        assert world.condition("Stalled") == "BackupStale"
        assert "backup.log" in message(world)
        world.app.script = world.settings.lifecycle_config_arn
        world.run()
        assert world.settings.instance_type == LARGE


class TestDeletion:
    def test_it_waits_for_a_back_up_and_then_goes_on(self) -> None:
        world = running_world()
        world.deleting = True
        world.run()
        assert world.released
        assert world.names_of_calls() == ["PutObject", "DeleteApp", "DeleteSpace"]

    def test_a_stopped_space_is_blocked_until_it_is_started(self) -> None:
        world = running_world()
        world.person_stops()
        world.run()
        world.deleting = True
        world.run()
        assert world.status.phase == "Deleting"
        assert reason(world) == "BackupStale"
        assert "set spec.deletionPolicy to Retain" in message(world)
        assert world.names_of_calls() == ["PutObject"]
        world.request("start", "2026-03-02T10:00:00Z")
        world.run()
        assert world.released
        assert world.names_of_calls() == ["PutObject", "CreateApp", "DeleteApp", "DeleteSpace"]

    @pytest.mark.parametrize(
        "way_on",
        [
            {"deletionPolicy": "Retain"},
            {"backup": None},
            {"backup": {**BACKUP, "before": ["Resize"]}},
        ],
        ids=["retain", "no back-ups", "resizes only"],
    )
    def test_a_person_may_go_on_without(self, way_on: dict[str, Any]) -> None:
        world = running_world()
        world.backups_fail = "fatal error: no such bucket"
        world.deleting = True
        world.live(world.now + timedelta(minutes=5))
        assert reason(world) == "BackupStale"
        assert "DeleteApp" not in world.names_of_calls()
        world.edit(**way_on)
        world.run()
        assert world.released

    def test_retain_and_orphan_wait_for_nothing(self) -> None:
        for policy in ("Retain", "Orphan"):
            world = running_world(deletionPolicy=policy)
            world.deleting = True
            world.run()
            assert world.released
            assert "PutObject" not in world.names_of_calls()

    def test_it_is_not_started_on_an_instance_too_small_for_remote_access(self) -> None:
        world = running_world(instanceType=None)
        world.person_stops()
        world.settings = replace(world.settings, remote_access=True)
        world._touch()
        world.run()
        world.deleting = True
        world.request("start", "now")
        world.run(80)
        assert "CreateApp" not in world.names_of_calls()
        assert reason(world) == "InvalidSpec"

    def test_a_crash_anywhere_loses_and_repeats_nothing(self) -> None:
        for steps in range(1, 12):
            world = running_world()
            world.deleting = True
            for _ in range(steps):
                world.step()
                if world.released:
                    break
            world.crash()
            if not world.released:
                world.run()
            assert world.released
            assert world.names_of_calls().count("PutObject") == 1
            assert world.names_of_calls().count("DeleteSpace") == 1
            assert world.s3.answers is not None


class TestAForgedStatus:
    """A back-up that only status tells of is none."""

    def forge(self, world: SpaceWorld, waiting: str) -> None:
        at = world.now.isoformat()
        told = {"requestedAt": at, "requestedFor": waiting, "answers": at, "completedAt": at}
        known = world.status.dump()
        forged = {**known, "backup": {**known["backup"], **told}}
        world.stored = SpaceStatus.model_validate(forged)
        world.crash()
        world.s3, world.backups_fail = ObservedBackup(), "no space left"

    def test_lets_no_volume_be_deleted(self) -> None:
        world = running_world()
        world.deleting = True
        self.forge(world, "Delete")
        world.live(world.now + timedelta(hours=1))
        assert world.space is not None
        assert "DeleteSpace" not in world.names_of_calls()

    def test_lets_no_resize_be_made(self) -> None:
        world = running_world()
        world.person_stops()
        world.run()
        world.edit(instanceType=LARGE)
        self.forge(world, "Resize")
        world.live(world.now + timedelta(hours=1))
        assert "UpdateSpace" not in world.names_of_calls()

    def test_one_that_cannot_be_looked_for_is_waited_for(self) -> None:
        world = running_world()
        world.person_stops()
        world.run()
        world.edit(instanceType=LARGE)
        self.forge(world, "Resize")
        world.look_faults = {"backup": FailureKind.ACCESS}
        for _ in range(4):
            world.step()
        assert world.log == []
        assert "ml.t3.medium to ml.m5.large waits for a back-up" in message(world)


def test_nothing_is_looked_at_while_nothing_waits() -> None:
    world = running_world()
    for _ in range(5):
        plan = world.step()
        assert not plan.looks
    assert world.backup.looked_at is None
