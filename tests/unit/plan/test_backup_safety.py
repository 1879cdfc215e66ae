"""Back-ups where things go wrong: nothing is lost, nothing is held up that needs none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from studio_operator.kinds.space.api.backup import BackupStatus
from studio_operator.kinds.space.features.backup.observed import ObservedBackup
from studio_operator.plan.types import FailureKind

from tests.unit.plan.space_world import DOMAIN, START, SpaceWorld
from tests.unit.plan.test_backups import (
    BACKUP,
    LARGE,
    backup,
    make_world,
    message,
    reason,
    running_world,
)

OTHER_PLACE = {"s3Uri": "s3://other-backups/studio"}
OWN_SCRIPT = "arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config/own"


def waiting_world(**spec: object) -> SpaceWorld:
    """A resize waits for a back-up that nobody makes."""
    world = running_world(**spec)
    world.backups_fail = "no such bucket"
    world.edit(instanceType=LARGE)
    world.live(world.now + timedelta(minutes=2))
    assert reason(world) == "BackupStale"
    return world


def phase(world: SpaceWorld) -> str | None:
    return world.status.phase


class TestWhatIsNotSeen:
    """A look at S3 or at the script that fails stops nothing that needs no back-up."""

    @pytest.mark.parametrize("kind", [FailureKind.ACCESS, FailureKind.TRANSIENT])
    def test_people_still_stop_and_start_the_app_and_status_shows_it(
        self, kind: FailureKind
    ) -> None:
        world = running_world()
        world.look_faults = {"backup": kind}
        world.edit(instanceType=LARGE)
        world.live(world.now + timedelta(minutes=2))
        assert phase(world) == "InService"
        world.request("stop", "2026-03-02T10:00:00Z")
        world.live(world.now + timedelta(minutes=5))
        assert phase(world) == "Stopped"
        assert world.names_of_calls() == ["DeleteApp"]
        world.look_faults = {}
        world.request("start", "2026-03-02T11:00:00Z")
        world.run()
        assert world.settings.instance_type == LARGE

    def test_it_says_what_cannot_be_seen_and_how_to_go_on_without(self) -> None:
        world = running_world()
        world.look_faults = {"backup": FailureKind.ACCESS}
        world.deleting = True
        world.live(world.now + timedelta(minutes=2))
        assert reason(world) == "AccessDenied"
        assert "GetObject" in message(world)
        assert "set spec.deletionPolicy to Retain" in message(world)
        assert not world.log

    def test_what_aws_calls_invalid_is_looked_at_again(self) -> None:
        world = running_world()
        world.look_faults = {"backup": FailureKind.INVALID}
        world.edit(instanceType=LARGE)
        world.live(world.now + timedelta(minutes=2))
        assert world.condition("Stalled") == "RejectedByAWS"
        world.look_faults = {}
        world.live(world.now + timedelta(minutes=10))
        assert world.settings.instance_type == LARGE

    @pytest.mark.parametrize("look", [True, False], ids=["look", "creation"])
    def test_without_the_script_all_else_goes_on(self, look: bool) -> None:
        world = make_world()
        world.run()
        world.log.clear()
        if look:
            world.look_faults = {"script": FailureKind.ACCESS}
        else:
            world.faults = [("CreateStudioLifecycleConfig", FailureKind.ACCESS)] * 9
        world.edit(backup=BACKUP, image={"distribution": "4.2"})
        world.live(world.now + timedelta(minutes=5))
        made = [name for name in world.names_of_calls() if name != "CreateStudioLifecycleConfig"]
        assert made == ["DeleteApp", "UpdateSpace", "CreateApp"]
        assert world.is_running()
        assert world.settings.lifecycle_config_arn is None
        assert world.condition("Stalled") == "AccessDenied"
        world.look_faults, world.faults = {}, []
        world.person_stops()
        world.live(world.now + timedelta(hours=1))
        assert world.settings.lifecycle_config_arn == backup(world).lifecycle_config_arn

    def test_no_space_is_made_without_its_script(self) -> None:
        world = make_world(backup=BACKUP)
        world.look_faults = {"script": FailureKind.ACCESS}
        world.live(world.now + timedelta(minutes=2))
        assert (reason(world), world.log) == ("AccessDenied", [])

    def test_no_space_is_made_before_the_script_has_a_name(self) -> None:
        world = make_world(backup=BACKUP)
        world.domain = replace(DOMAIN, arn=None)
        world.live(world.now + timedelta(minutes=2))
        assert (reason(world), world.log) == ("DependencyNotReady", [])
        world.domain = DOMAIN
        world.run()
        assert world.settings.lifecycle_config_arn is not None

    def test_a_domain_that_is_not_seen_for_a_moment_changes_nothing(self) -> None:
        world = running_world()
        before, script = world.status, world.settings.lifecycle_config_arn
        world.domain = replace(DOMAIN, arn=None)
        assert world.plan().status == before
        world.person_stops()
        world.run()
        world.request("start", "2026-03-02T10:00:00Z")
        world.run()
        assert world.app is not None
        assert world.app.script == script
        assert world.names_of_calls() == ["CreateApp"]


class TestPlace:
    def test_a_back_up_in_another_place_does_not_count(self) -> None:
        world = running_world(resizePolicy="WhenStopped")
        world.edit(instanceType=LARGE)
        world.live(world.now + timedelta(minutes=5))
        assert backup(world).completed_at is not None
        world.edit(backup=OTHER_PLACE)
        world.person_stops()
        world.live(world.now + timedelta(minutes=5))
        assert reason(world) == "BackupStale"
        assert backup(world).completed_at is None
        assert backup(world).location == "s3://other-backups/studio/d-abc/churn/home/"
        assert world.settings.instance_type == "ml.t3.medium"

    def test_an_app_with_the_script_of_another_place_has_to_be_restarted(self) -> None:
        world = running_world()
        world.edit(backup=OTHER_PLACE, instanceType=LARGE)
        world.live(world.now + timedelta(minutes=5))
        assert "kubectl studio restart" in message(world)
        world.request("restart", "2026-03-02T10:00:00Z")
        world.run()
        assert world.settings.instance_type == LARGE

    def test_a_place_that_is_edited_while_waiting_is_asked_anew(self) -> None:
        world = waiting_world()
        world.backups_fail = None
        world.edit(backup=OTHER_PLACE)
        world.request("restart", "2026-03-02T10:00:00Z")
        world.run()
        assert [call["Bucket"] for call in world.calls("PutObject")] == [
            "team-backups",
            "other-backups",
        ]
        assert world.settings.instance_type == LARGE

    def test_what_an_earlier_space_of_that_name_left_does_not_count(self) -> None:
        world = running_world()
        old = START - timedelta(days=30)
        world.s3 = ObservedBackup(requested_at=old, answers=old, completed_at=old)
        world.backups_fail = "no such bucket"
        world.deleting = True
        world.live(world.now + timedelta(minutes=5))
        assert reason(world) == "BackupStale"
        assert world.names_of_calls() == ["PutObject"]

    def test_what_failed_for_an_earlier_request_is_not_todays_failure(self) -> None:
        world = running_world()
        assert world.app is not None
        world.app.script, world.lists_scripts = "one that is dead", False
        world.s3 = replace(world.s3, failure="fatal: old", failed_for=START - timedelta(days=1))
        world.edit(instanceType=LARGE)
        world.live(world.now + timedelta(minutes=5))
        assert world.condition("Reconciling") == "BackupStale"
        assert "fatal: old" in message(world)

    def test_no_event_tells_of_what_was_copied_earlier(self) -> None:
        world = running_world()
        old = START - timedelta(days=30)
        world.s3 = ObservedBackup(requested_at=old, answers=old, completed_at=old)
        world.backups_fail = "no such bucket"
        world.edit(instanceType=LARGE)
        notes = [note.reason for _ in range(5) for note in world.step().notes]
        assert "BackedUp" not in notes


class TestCounting:
    def test_a_deletion_is_backed_up_anew_whatever_a_resize_had(self) -> None:
        world = running_world(resizePolicy="WhenStopped")
        world.edit(instanceType=LARGE)
        world.live(world.now + timedelta(hours=20))
        world.log.clear()
        asked_from = world.now
        world.deleting = True
        world.run()
        assert world.names_of_calls() == ["PutObject", "DeleteApp", "DeleteSpace"]
        assert world.s3.answers is not None
        assert world.s3.answers >= asked_from.replace(microsecond=0)

    def test_a_deletion_of_what_may_have_run_unseen_waits(self) -> None:
        """AWS lists an app for a day after its end, so an older space may have run unseen."""
        world = make_world(backup=BACKUP, state="Stopped")
        world.run()
        world.sleep(world.now + timedelta(days=3))
        world.deleting = True
        world.live(world.now + timedelta(minutes=5))
        assert reason(world) == "BackupStale"
        assert not world.calls("DeleteSpace")

    def test_a_deletion_of_a_space_that_never_ran_waits_for_nothing(self) -> None:
        world = make_world(backup=BACKUP, state="Stopped")
        world.run()
        world.log.clear()
        world.deleting = True
        world.run()
        assert world.names_of_calls() == ["DeleteSpace"]


class TestResizeInOtherPlaces:
    def test_a_resize_after_a_rollback_waits_too(self) -> None:
        world = running_world(rollback=True, backup={**BACKUP, "before": ["Resize"]})
        world.start_failures = ["ResourceLimitExceeded: quota"]
        world.edit(instanceType=LARGE)
        world.run()
        assert world.status.substitute is not None
        assert world.app is not None
        assert world.app.instance_type == "ml.t3.medium"
        world.log.clear()
        world.edit(instanceType="ml.m5.xlarge")
        world.run()
        assert world.names_of_calls() == ["PutObject", "DeleteApp", "UpdateSpace", "CreateApp"]

    def test_growth_on_a_fallback_waits_too(self) -> None:
        world = running_world(fallbackInstanceTypes=["ml.c5.large"])
        world.start_failures = ["InsufficientCapacity"]
        world.edit(instanceType=LARGE)
        world.run()
        world.log.clear()
        world.edit(storage={"sizeGiB": 50})
        world.run()
        assert world.names_of_calls() == ["PutObject", "DeleteApp", "UpdateSpace", "CreateApp"]

    def test_apply_now_is_remembered_while_a_back_up_is_waited_for(self) -> None:
        world = waiting_world(resizePolicy="WhenStopped")
        world.request("apply-now", "2026-03-02T10:00:00Z")
        world.live(world.now + timedelta(minutes=2))
        world.backups_fail = None
        world.run()
        assert world.settings.instance_type == LARGE
        assert world.status.handled_requests is not None
        assert world.status.handled_requests.apply_now == "2026-03-02T10:00:00Z"

    def test_what_waits_is_no_operation_so_people_may_stop_the_app(self) -> None:
        """An operation owes a start to the app that it stopped; nothing was stopped here."""
        world = running_world()
        world.backups_fail = "no such bucket"
        world.edit(image={"distribution": "4.2"})
        while not world.calls("DeleteApp"):
            world.step()
        world.edit(instanceType=LARGE)
        world.live(world.now + timedelta(minutes=10))
        assert world.is_running()
        assert (world.status.phase, world.status.operation) == ("InService", None)
        world.person_stops()
        world.live(world.now + timedelta(minutes=10))
        assert not world.is_running()

    def test_a_change_that_is_left_to_others_asks_for_none(self) -> None:
        world = running_world(drift={"instance": "Report"})
        world.person_stops()
        world.run()
        world.person_resizes("ml.c5.large")
        world.person_starts()
        world.run()
        assert world.condition("Drifted") is not None
        assert not world.log

    def test_a_window_waits_for_the_back_up_and_then_for_its_hour(self) -> None:
        window = {"timezone": "UTC", "days": "Mon-Sun", "from": "12:00", "to": "13:00"}
        world = running_world(resizePolicy="Window", resizeWindow=window)
        world.edit(instanceType=LARGE)
        world.live(START.replace(hour=11))
        assert world.condition("PendingRestart") == "PendingRestart"
        assert world.names_of_calls() == ["PutObject"]
        world.live(START.replace(hour=12, minute=30))
        assert world.settings.instance_type == LARGE


class TestScriptsOfOthers:
    def adopted(self, **spec: object) -> SpaceWorld:
        """A space that people made, with a lifecycle configuration of their own."""
        world = make_world()
        world.run()
        assert world.space is not None
        world.settings = replace(world.settings, lifecycle_config_arn=OWN_SCRIPT)
        space = replace(world.space, tags={}, created_at=START - timedelta(days=9))
        adopter = make_world(adopt=True, **spec)
        adopter.space, adopter.settings, adopter.now = space, world.settings, world.now
        adopter.app = world.app
        return adopter

    def test_an_adopted_space_trades_its_script_at_the_next_stop(self) -> None:
        world = self.adopted(backup=BACKUP)
        world.run()
        assert world.condition("PendingRestart") == "PendingRestart"
        assert world.settings.lifecycle_config_arn == OWN_SCRIPT
        world.person_stops()
        world.run()
        assert world.settings.lifecycle_config_arn == backup(world).lifecycle_config_arn

    def test_one_of_others_stays_when_back_ups_go_before_they_came(self) -> None:
        world = self.adopted(backup=BACKUP)
        world.run()
        world.edit(backup=None)
        world.run()
        world.person_stops()
        world.run()
        assert world.settings.lifecycle_config_arn == OWN_SCRIPT

    def test_one_that_is_declared_in_place_of_back_ups_comes_as_resizes_do(self) -> None:
        world = running_world()
        world.edit(backup=None, lifecycleConfigArn=OWN_SCRIPT)
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
        assert world.settings.lifecycle_config_arn == OWN_SCRIPT

    @pytest.mark.parametrize("lists_scripts", [True, False])
    def test_a_deletion_goes_on_once_the_app_was_started_with_the_script(
        self, lists_scripts: bool
    ) -> None:
        """The space itself is not updated any more: only its app names the script."""
        world = make_world()
        world.run()
        world.lists_scripts = lists_scripts
        world.edit(backup=BACKUP)
        world.run()
        world.deleting = True
        world.live(world.now + timedelta(minutes=5))
        assert "Stop it and start it" in message(world)
        world.person_stops()
        world.request("start", "2026-03-02T10:00:00Z")
        world.run()
        assert world.released
        assert world.calls("DeleteSpace")


class TestEnforcement:
    def test_a_stop_that_is_enforced_needs_an_edit_and_says_so(self) -> None:
        world = running_world()
        world.edit(state="Stopped", drift={"state": "Enforce"})
        world.run()
        world.deleting = True
        world.run()
        assert "Set spec.state to Running" in message(world)
        world.edit(state="Running")
        world.run()
        assert world.released
        assert world.calls("DeleteSpace")


class TestRest:
    def test_status_is_still_once_a_resize_is_done(self) -> None:
        world = running_world()
        world.edit(instanceType=LARGE)
        world.run()
        settled = world.status
        for _ in range(5):
            plan = world.step()
            assert (plan.status, plan.call, plan.looks) == (settled, None, frozenset())

    def test_a_wait_for_people_costs_nothing(self) -> None:
        world = running_world()
        world.person_stops()
        world.run()
        world.deleting = True
        plan = world.run()
        assert reason(world) == "BackupStale"
        assert plan.wake_at is None

    def test_nothing_waiting_wears_no_request(self) -> None:
        world = running_world()
        assert backup(world) == BackupStatus(
            location="s3://team-backups/studio/d-abc/churn/home/",
            lifecycle_config_arn=world.settings.lifecycle_config_arn,
        )
