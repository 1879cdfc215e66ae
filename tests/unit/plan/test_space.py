"""A space from creation through a resize to its end, step by step."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.in_aws.observed import ImageRef, ObservedSpace, SpaceSettings
from studio_operator.plan.types import FailureKind

from tests.unit.plan.expensive_specs import SCHEDULES, space_spec
from tests.unit.plan.space_world import ARN, CLUSTER, DOMAIN, AppRecord, SpaceWorld

DISTRIBUTION = "arn:aws:sagemaker:eu-central-1:545423591354:image/sagemaker-distribution-"


def make_world(**spec: Any) -> SpaceWorld:
    base = {
        "domainRef": {"name": "research"},
        "ownerRef": {"name": "alice"},
        "app": "JupyterLab",
        "state": "Running",
        "instanceType": "ml.t3.medium",
        "storage": {"sizeGiB": 20},
    }
    values = {k: v for k, v in {**base, **spec}.items() if v is not None}
    return SpaceWorld(SpaceSpec.model_validate(values))


def running_world(**spec: Any) -> SpaceWorld:
    world = make_world(**spec)
    world.run()
    world.log.clear()
    return world


def existing_space(world: SpaceWorld, **tags: str) -> None:
    """A space that nobody here made."""
    world.space = ObservedSpace(
        domain_id="d-abc",
        name="churn",
        status="InService",
        sharing="Private",
        owner="alice",
        app_type="JupyterLab",
        storage_gib=20,
        created_at=world.now,
        modified_at=world.now,
        arn=ARN,
        tags={key.replace("owner", OWNER_TAG): value for key, value in tags.items()},
    )
    world.settings = SpaceSettings("ml.t3.medium", ImageRef(DISTRIBUTION + "cpu", "4.1"))


def ready(world: SpaceWorld) -> bool:
    found = world.status.condition("Ready")
    return found is not None and found.status == "True"


ROLE_FIELD = "spec.defaultSpaceSettings.executionRole"
GROUPS_FIELD = "spec.defaultSpaceSettings.securityGroups"


class TestCreate:
    def test_space_then_app(self) -> None:
        world = make_world()
        world.run()
        assert world.names_of_calls() == ["CreateSpace", "CreateApp"]
        assert ready(world)
        assert world.status.phase == "InService"
        assert world.status.instance_type == "ml.t3.medium"
        assert world.status.storage_gib == 20

    def test_ownership_is_on_the_space_from_the_first_moment(self) -> None:
        world = make_world(tags={"team": "churn"})
        world.run()
        assert world.calls("CreateSpace")[0]["Tags"] == [
            {"Key": OWNER_TAG, "Value": f"{CLUSTER}/ml-team/churn/uid-1"},
            {"Key": "team", "Value": "churn"},
        ]

    def test_no_describe_is_needed(self) -> None:
        world = make_world()
        for _ in range(12):
            assert not world.step().looks

    @pytest.mark.parametrize("state", ["Stopped", None])
    def test_without_running_no_app_is_started(self, state: str | None) -> None:
        world = make_world(state=state)
        world.run()
        assert world.names_of_calls() == ["CreateSpace"]
        assert world.status.phase == "Stopped"
        assert ready(world)

    @pytest.mark.parametrize(
        ("instance_type", "image", "arn", "alias"),
        [
            ("ml.t3.medium", None, DISTRIBUTION + "cpu", None),
            ("ml.g5.xlarge", None, DISTRIBUTION + "gpu", None),
            ("ml.p4d.24xlarge", {"distribution": "4.2"}, DISTRIBUTION + "gpu", "4.2"),
            (
                "ml.t3.medium",
                {
                    "imageArn": "arn:aws:sagemaker:eu-central-1:123456789012:image/own",
                    "versionAlias": "1.0",
                },
                "arn:aws:sagemaker:eu-central-1:123456789012:image/own",
                "1.0",
            ),
        ],
    )
    def test_image_is_chosen_by_the_instance_type(
        self, instance_type: str, image: dict[str, str] | None, arn: str, alias: str | None
    ) -> None:
        world = make_world(instanceType=instance_type, image=image)
        world.run()
        version = {"SageMakerImageVersionAlias": alias} if alias else {}
        assert world.calls("CreateApp")[0]["ResourceSpec"] == {
            "InstanceType": instance_type,
            "SageMakerImageArn": arn,
            **version,
        }

    def test_region_without_distribution_asks_for_an_image(self) -> None:
        world = make_world()
        world.domain = replace(DOMAIN, region="cn-north-1")
        world.run()
        assert world.condition("Stalled") == "ImageRequired"
        assert "spec.image.imageArn" in world.status.conditions[0].message
        world.edit(image={"imageArn": "arn:aws-cn:sagemaker:cn-north-1:123456789012:image/own"})
        world.run()
        assert ready(world)


class TestDependencies:
    def test_missing_domain_is_waited_for(self) -> None:
        world = make_world()
        world.domain = None
        world.run()
        assert world.condition("Reconciling") == "DependencyNotReady"
        world.domain = DOMAIN
        world.run()
        assert ready(world)

    def test_missing_owner_is_waited_for(self) -> None:
        world = make_world()
        world.owner = None
        world.run()
        assert world.condition("Reconciling") == "DependencyNotReady"
        assert world.log == []

    def test_domain_that_does_not_admit_the_namespace_is_refused(self) -> None:
        world = make_world()
        world.domain = replace(DOMAIN, admits=False)
        world.run()
        assert world.condition("Stalled") == "NamespaceNotAllowed"

    def test_what_was_never_admitted_is_told_nothing_and_costs_next_to_nothing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A tenant refers to a neighbour's domain, with the most expensive spec there is."""
        monkeypatch.setattr("studio_operator.kinds.space.rules.derive", None)  # not even looked at
        world = make_world(**space_spec(SCHEDULES["short windows"]))
        world.domain = replace(DOMAIN, admits=False)
        world.rival = "victim/churn"
        world.request("start", "now")
        plan = world.step()
        assert (plan.call, plan.looks) == (None, frozenset())
        assert world.condition("Stalled") == "NamespaceNotAllowed"
        status = world.status
        assert (status.domain_id, status.region, status.phase) == (None, None, "Failed")

    def test_a_space_that_is_admitted_later_begins_as_a_new_one(self) -> None:
        world = make_world()
        world.domain = replace(DOMAIN, admits=False)
        world.run()
        world.domain = DOMAIN
        world.run()
        assert ready(world)
        assert world.names_of_calls() == ["CreateSpace", "CreateApp"]

    def test_updating_domain_does_not_disturb_spaces_that_exist(self) -> None:
        world = running_world()
        world.domain = replace(DOMAIN, problem="it is Updating")
        world.run()
        assert ready(world)

    @pytest.mark.parametrize(
        ("domain", "reason", "fields"),
        [
            (replace(DOMAIN, shared_role=None), "SharedSpacesNotEnabled", (ROLE_FIELD,)),
            (replace(DOMAIN, vpc_only=True), "VpcSecurityGroupsMissing", (GROUPS_FIELD,)),
            (
                replace(DOMAIN, vpc_only=True, shared_role=None),
                "VpcSecurityGroupsMissing",
                (ROLE_FIELD, GROUPS_FIELD),
            ),
            (
                replace(DOMAIN, vpc_only=True, shared_role=None, shared_security_groups=("sg-1",)),
                "SharedSpacesNotEnabled",
                (ROLE_FIELD,),
            ),
        ],
    )
    def test_shared_space_names_all_that_the_domain_lacks_before_any_call(
        self, domain: Any, reason: str, fields: tuple[str, ...]
    ) -> None:
        world = make_world(sharing="Shared")
        world.domain = domain
        world.run()
        assert world.condition("Stalled") == reason
        assert world.log == []
        message = world.status.conditions[0].message
        assert re.findall(r"spec\.[\w.]*\w", message) == list(fields)

    def test_nothing_is_decided_before_aws_was_seen(self) -> None:
        world = make_world()
        world.is_observed = False
        world.run()
        assert world.log == []
        assert world.condition("Ready") == "AwsNotObserved"

    def test_stale_view_keeps_a_ready_space_ready(self) -> None:
        world = running_world()
        before = world.status
        world.is_observed = False
        assert world.plan().status == before


class TestResize:
    def test_stop_update_start(self) -> None:
        world = running_world()
        world.edit(instanceType="ml.m5.large")
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
        assert world.status.instance_type == "ml.m5.large"
        assert world.status.operation is None
        assert ready(world)

    def test_several_changes_take_one_stop(self) -> None:
        world = running_world()
        world.edit(
            instanceType="ml.g5.xlarge",
            storage={"sizeGiB": 50},
            lifecycleConfigArn="arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config/x",
            displayName="Churn",
            idleShutdown={"after": "2h"},
        )
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
        members = world.calls("UpdateSpace")[0]
        lab = members["SpaceSettings"]["JupyterLabAppSettings"]
        assert lab["DefaultResourceSpec"]["SageMakerImageArn"] == DISTRIBUTION + "gpu"
        assert lab["AppLifecycleManagement"] == {"IdleSettings": {"IdleTimeoutInMinutes": 120}}
        assert members["SpaceDisplayName"] == "Churn"

    def test_intent_is_stored_before_the_app_is_touched(self) -> None:
        world = running_world()
        world.edit(instanceType="ml.m5.large")
        plan = world.plan()
        assert plan.call is not None
        assert plan.call.operation == "DeleteApp"
        assert plan.record_first
        assert plan.status.operation is not None
        assert plan.status.operation.restart
        assert plan.status.operation.from_ == "ml.t3.medium"
        assert plan.status.operation.to == "ml.m5.large"

    @pytest.mark.parametrize("state", ["Stopped", None])
    def test_stopped_app_is_not_started(self, state: str | None) -> None:
        world = running_world(state=state)
        world.edit(instanceType="ml.m5.large")
        world.run()
        assert world.names_of_calls() == ["UpdateSpace"]
        assert world.status.phase == "Stopped"

    def test_running_app_of_people_runs_again(self) -> None:
        world = running_world(state=None)
        world.person_starts()
        world.run()
        world.edit(instanceType="ml.m5.large")
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]

    def test_newest_spec_wins_in_the_middle(self) -> None:
        world = running_world()
        world.edit(instanceType="ml.m5.large")
        world.step()
        world.edit(instanceType="ml.m5.xlarge")
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
        assert world.status.instance_type == "ml.m5.xlarge"

    def test_reverted_spec_in_the_middle_starts_the_app_again(self) -> None:
        world = running_world()
        world.edit(instanceType="ml.m5.large")
        world.step()
        world.edit(instanceType="ml.t3.medium")
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "CreateApp"]
        assert ready(world)

    def test_stop_asked_in_the_middle_is_a_stop(self) -> None:
        world = running_world()
        world.edit(instanceType="ml.m5.large")
        world.step()
        world.edit(state="Stopped")
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace"]
        assert world.status.phase == "Stopped"

    def test_when_stopped_waits_for_people(self) -> None:
        world = running_world(resizePolicy="WhenStopped")
        world.edit(instanceType="ml.m5.large")
        world.run()
        assert world.log == []
        assert world.condition("PendingRestart") == "PendingRestart"
        assert not ready(world)
        world.person_stops()
        world.run()
        assert world.names_of_calls()[0] == "UpdateSpace"
        assert world.condition("PendingRestart") is None

    @pytest.mark.parametrize(
        "change", [{"displayName": "Churn"}, {"idleShutdown": {"after": "90m"}}]
    )
    def test_small_changes_never_stop_a_running_app(self, change: dict[str, Any]) -> None:
        world = running_world()
        world.edit(**change)
        world.run()
        assert world.log == []
        assert world.condition("PendingRestart") == "PendingRestart"

    def test_waiting_change_is_told_in_words(self) -> None:
        world = running_world()
        world.edit(displayName="Churn", idleShutdown={"after": "2h"})
        world.run()
        message = world.status.conditions[0].message
        assert "no idle time, no display name" in message
        assert 'idle time 120m, display name "Churn"' in message

    def test_what_the_spec_leaves_out_never_stops_an_app(self) -> None:
        world = make_world(adopt=True, state=None, instanceType=None, storage=None)
        existing_space(world)
        own = ImageRef("arn:aws:sagemaker:eu-central-1:123456789012:image/own", "1.0")
        world.settings = SpaceSettings(None, ImageRef())
        world.app = AppRecord("InService", "ml.g5.xlarge", own, world.now)
        world.run()
        assert world.names_of_calls() == ["AddTags"]
        assert ready(world)

    def test_refused_update_starts_the_app_on_the_old_size(self) -> None:
        world = running_world()
        world.edit(instanceType="ml.m5.large")
        world.faults = [("UpdateSpace", FailureKind.INVALID)]
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
        assert world.calls("CreateApp")[0]["ResourceSpec"]["InstanceType"] == "ml.t3.medium"
        assert world.status.phase == "InService"
        assert world.condition("Stalled") == "RejectedByAWS"

    def test_refused_update_is_not_tried_again_after_a_crash(self) -> None:
        world = running_world()
        world.edit(instanceType="ml.m5.large")
        world.faults = [("UpdateSpace", FailureKind.INVALID)]
        world.run()
        world.crash()
        world.log.clear()
        world.run()
        assert world.log == []

    def test_corrected_spec_clears_a_refusal(self) -> None:
        world = running_world()
        world.edit(instanceType="ml.m5.large")
        world.faults = [("UpdateSpace", FailureKind.INVALID)]
        world.run()
        world.log.clear()
        world.edit(instanceType="ml.m5.xlarge")
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
        assert ready(world)

    def test_update_may_fail_for_a_while(self) -> None:
        world = running_world()
        world.edit(instanceType="ml.m5.large")
        world.faults = [("UpdateSpace", FailureKind.TRANSIENT)] * 7
        world.run()
        assert world.status.instance_type == "ml.m5.large"
        assert ready(world)

    def test_update_without_effect_is_given_up_and_the_app_runs(self) -> None:
        world = running_world()
        world.edit(image={"distribution": "4.2"})
        swallow = world._take_settings
        world._take_settings = lambda *_: None  # type: ignore[method-assign]
        world.run()
        assert world.names_of_calls().count("UpdateSpace") == 3
        assert world.names_of_calls().count("DeleteApp") == 1
        assert world.names_of_calls()[-1] == "CreateApp"
        assert world.condition("Stalled") == "NotApplied"
        world._take_settings = swallow  # type: ignore[method-assign]


class TestStorage:
    def test_growth_takes_stop_update_start(self) -> None:
        world = running_world()
        world.edit(storage={"sizeGiB": 50})
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
        assert world.status.storage_gib == 50

    def test_second_growth_waits_six_hours_while_the_app_runs(self) -> None:
        world = running_world()
        world.edit(storage={"sizeGiB": 50})
        world.run()
        world.log.clear()
        world.edit(storage={"sizeGiB": 100})
        plan = world.plan()
        assert plan.call is None
        assert plan.wake_at is not None
        assert plan.wake_at - world.now > timedelta(hours=5)
        assert plan.status.phase == "InService"
        found = plan.status.condition("Reconciling")
        assert found is not None
        assert found.reason == "StorageCooldown"
        assert plan.status.storage_retry_at == plan.wake_at.replace(microsecond=0)
        world.run()
        assert world.status.storage_retry_at is None
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
        assert world.status.storage_gib == 100

    def test_other_changes_do_not_wait_for_the_volume(self) -> None:
        world = running_world()
        world.edit(storage={"sizeGiB": 50})
        world.run()
        world.log.clear()
        world.edit(storage={"sizeGiB": 100}, instanceType="ml.m5.large")
        for _ in range(8):
            world.step()
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
        assert world.status.instance_type == "ml.m5.large"
        assert world.status.storage_gib == 50

    def test_cool_down_that_only_aws_knew_of_leaves_the_app_running(self) -> None:
        world = running_world()
        world.edit(storage={"sizeGiB": 50})
        world.faults = [("UpdateSpace", FailureKind.COOLDOWN)]
        while world.names_of_calls() != ["DeleteApp", "UpdateSpace", "CreateApp"]:
            world.step()
        while (plan := world.plan()).status.phase != "InService":
            world.step()
        assert plan.call is None
        assert plan.wake_at is not None
        assert plan.wake_at - world.now > timedelta(hours=5)
        world.run()
        assert world.status.storage_gib == 50

    def test_volume_larger_than_declared_is_named_and_not_touched(self) -> None:
        world = running_world(state="Stopped")
        world.person_grows(80)
        world.run()
        assert world.condition("Stalled") == "VolumeCannotShrink"
        assert world.log == []


class TestPeople:
    def test_stop_from_outside_stays(self) -> None:
        world = running_world()
        world.person_stops()
        world.run()
        assert world.log == []
        assert ready(world)
        assert world.status.effective is not None
        assert world.status.effective.by == "OutsideStop"
        assert world.status.phase == "Stopped"

    def test_stop_from_outside_is_undone_when_enforced(self) -> None:
        world = running_world(drift={"state": "Enforce"})
        world.person_stops()
        world.run()
        assert world.names_of_calls() == ["CreateApp"]

    def test_operator_restart_is_no_trigger(self) -> None:
        world = running_world()
        world.person_stops()
        world.run()
        world.crash()
        world.run()
        assert world.log == []

    def test_app_that_ran_before_the_first_status_is_not_started_again(self) -> None:
        world = make_world()
        while "CreateApp" not in world.names_of_calls():
            world.step()
        world.tick(60)
        world.crash()
        world.status = world.stored = type(world.status)()
        world.person_stops()
        world.run()
        assert world.names_of_calls() == ["CreateSpace", "CreateApp"]

    def test_new_instance_type_is_a_trigger(self) -> None:
        world = running_world()
        world.person_stops()
        world.run()
        world.edit(instanceType="ml.m5.large")
        world.run()
        assert world.names_of_calls() == ["UpdateSpace", "CreateApp"]

    def test_other_edits_are_no_trigger(self) -> None:
        world = running_world()
        world.person_stops()
        world.run()
        world.edit(tags={"team": "churn"}, storage={"sizeGiB": 40})
        world.run()
        assert "CreateApp" not in world.names_of_calls()

    def test_start_from_outside_is_left_and_reported(self) -> None:
        world = running_world(state="Stopped")
        world.person_starts()
        world.run()
        assert world.log == []
        assert world.condition("Drifted") == "StartedOutside"
        assert ready(world)

    def test_start_from_outside_is_undone_when_enforced(self) -> None:
        world = running_world(state="Stopped", drift={"state": "Enforce"})
        world.person_starts()
        world.tick(30)  # it runs by then: AWS stops no app that starts
        world.run()
        assert world.names_of_calls() == ["DeleteApp"]

    def test_person_may_start_again_what_was_stopped(self) -> None:
        world = running_world()
        world.person_stops()
        world.run()
        world.person_starts()
        world.run()
        assert world.log == []
        assert world.status.effective is not None
        assert world.status.effective.by == "Spec"

    def test_stop_by_spec(self) -> None:
        world = running_world()
        world.edit(state="Stopped")
        world.run()
        assert world.names_of_calls() == ["DeleteApp"]
        assert world.status.phase == "Stopped"
        assert ready(world)

    def test_console_resize_is_put_right(self) -> None:
        world = running_world(state="Stopped")
        world.person_resizes("ml.p4d.24xlarge")
        world.run()
        assert world.names_of_calls() == ["UpdateSpace"]
        assert world.settings.instance_type == "ml.t3.medium"

    def test_deleted_space_is_never_silently_made_again(self) -> None:
        world = running_world()
        world.space, world.app = None, None
        world.run()
        assert world.log == []
        assert world.condition("Stalled") == "DeletedOutsideOfGit"


class TestStartFailures:
    def test_capacity_is_retried_with_growing_pauses(self) -> None:
        world = make_world()
        world.start_failures = ["EC2InsufficientCapacityError"] * 3
        world.run(200)
        assert world.names_of_calls().count("CreateApp") == 4
        assert ready(world)

    def test_lifecycle_failure_waits_for_a_new_spec(self) -> None:
        arn = "arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config/bad"
        world = make_world(lifecycleConfigArn=arn)
        world.start_failures = ["LifecycleConfig script failed"]
        world.run()
        assert world.condition("Stalled") == "LifecycleConfigFailed"
        assert world.names_of_calls().count("CreateApp") == 1
        world.edit(lifecycleConfigArn=None)
        world.run()
        update = world.calls("UpdateSpace")[0]["SpaceSettings"]["JupyterLabAppSettings"]
        assert update["DefaultResourceSpec"]["LifecycleConfigArn"] == "None"
        assert ready(world)

    def test_person_asks_for_another_try(self) -> None:
        world = make_world()
        world.start_failures = ["LifecycleConfig script failed"]
        world.run()
        world.ask("now")
        world.run()
        assert ready(world)
        assert world.status.last_handled_reconcile_at == "now"

    def test_slow_start_is_stalled_after_the_deadline_and_recovers(self) -> None:
        world = make_world()
        while "CreateApp" not in world.names_of_calls():
            world.step()
        assert world.app is not None
        world.app.until = world.now + timedelta(hours=1)
        world.step()
        assert world.condition("Reconciling") == "Starting"
        world.tick(1801)
        world.step()
        assert world.condition("Stalled") == "StartDeadlineExceeded"
        world.run()
        assert ready(world)

    def test_app_that_fails_after_it_ran_is_not_restarted(self) -> None:
        world = running_world()
        world.app_fails("the instance failed its health check")
        world.run()
        assert world.log == []
        assert world.condition("Stalled") == "AppFailed"

    def test_quota_is_named(self) -> None:
        world = make_world()
        world.faults = [("CreateApp", FailureKind.QUOTA)]
        for _ in range(5):
            world.step()
        assert world.condition("Stalled") == "QuotaExceeded"
        world.run()
        assert ready(world)


class TestTags:
    def test_tags_follow_edits_without_a_stop(self) -> None:
        world = running_world(tags={"team": "churn", "stage": "dev"})
        world.edit(tags={"team": "growth"})
        world.run()
        assert world.names_of_calls() == ["AddTags", "DeleteTags"]
        assert world.space is not None
        assert world.space.tags is not None
        assert dict(world.space.tags) == {
            "team": "growth",
            OWNER_TAG: f"{CLUSTER}/ml-team/churn/uid-1",
        }

    def test_tags_of_others_stay(self) -> None:
        world = running_world()
        assert world.space is not None
        world.space = replace(world.space, tags={**(world.space.tags or {}), "cost": "x"})
        world.edit(tags={"team": "churn"})
        world.run()
        assert world.names_of_calls() == ["AddTags"]
        assert world.space.tags is not None
        assert world.space.tags["cost"] == "x"


class TestOwnership:
    def test_space_of_others_is_refused_without_adopt(self) -> None:
        world = make_world()
        existing_space(world)
        world.run()
        assert world.log == []
        assert world.condition("Stalled") == "OwnershipConflict"
        assert "spec.adopt" in world.status.conditions[0].message

    def test_adoption_writes_only_the_tag(self) -> None:
        world = make_world(adopt=True, state=None)
        existing_space(world)
        world.run()
        assert world.names_of_calls() == ["AddTags"]
        assert ready(world)

    def test_space_of_another_resource_is_never_adopted(self) -> None:
        world = make_world(adopt=True)
        existing_space(world, owner="cluster-2/other/space/uid-9")
        world.run()
        assert world.log == []
        assert world.condition("Stalled") == "OwnershipConflict"

    def test_what_another_owners_app_does_is_no_start_or_stop_of_ours(self) -> None:
        world = make_world()
        existing_space(world, owner="cluster-2/other/space/uid-9")
        world.person_starts()
        world.run()
        world.space, world.app = None, None
        world.run()
        assert world.names_of_calls() == ["CreateSpace", "CreateApp"]
        assert ready(world)

    def test_space_is_not_adopted_for_an_owner_that_is_not_this_namespaces(self) -> None:
        world = make_world(adopt=True, ownerRef={"name": "ghost"})
        existing_space(world)
        world.owner = None
        world.run()
        assert world.log == []
        assert world.condition("Reconciling") == "DependencyNotReady"

    def test_space_that_another_namespace_released_is_not_adopted(self) -> None:
        world = make_world(adopt=True)
        existing_space(world, owner=f"{CLUSTER}/other-team/churn/released")
        world.run()
        assert world.log == []
        assert world.condition("Stalled") == "OwnershipConflict"

    def test_space_that_another_resource_of_this_namespace_released_is_not_adopted(self) -> None:
        world = make_world(adopt=True, state=None)
        existing_space(world, owner=f"{CLUSTER}/ml-team/other/released")
        world.run()
        assert world.log == []
        assert world.condition("Stalled") == "OwnershipConflict"

    def test_space_made_anew_under_the_name_is_not_taken_for_ours(self) -> None:
        world = running_world()
        assert world.space is not None
        later = world.now + timedelta(hours=1)
        world.space = replace(world.space, tags={}, created_at=later, modified_at=later)
        world.run()
        assert world.log == []
        assert world.condition("Stalled") == "OwnershipConflict"

    def test_older_rival_does_not_take_what_is_the_younger_ones_already(self) -> None:
        world = running_world()
        world.rival = "other-team/churn"
        world.run()
        assert ready(world)

    def test_older_rival_keeps_a_space_that_is_not_there_yet(self) -> None:
        world = make_world()
        world.rival = "other-team/churn"
        world.run()
        assert world.log == []
        assert world.condition("Stalled") == "OwnershipConflict"

    def test_same_resource_takes_back_what_it_retained(self) -> None:
        world = make_world(state=None)
        existing_space(world, owner=f"{CLUSTER}/ml-team/churn/released")
        world.run()
        assert world.names_of_calls() == ["AddTags"]
        assert ready(world)

    def test_lost_tag_is_put_back(self) -> None:
        world = running_world()
        world.plan()
        assert world.space is not None
        world.space = replace(world.space, tags={})
        world.run()
        assert world.names_of_calls() == ["AddTags"]

    def test_adopted_space_with_another_app_is_refused(self) -> None:
        world = make_world(adopt=True, app="CodeEditor")
        existing_space(world)
        world.run()
        assert world.condition("Stalled") == "ImmutableField"

    def test_space_that_does_not_fit_is_not_even_marked(self) -> None:
        world = make_world(adopt=True, app="CodeEditor")
        existing_space(world)
        world.run()
        assert world.log == []

    def test_unknown_tags_are_looked_up_first(self) -> None:
        world = make_world()
        existing_space(world)
        assert world.space is not None
        world.space = replace(world.space, tags=None)
        assert world.step().looks
        assert world.log == []


class TestDeletion:
    def test_retain_stops_the_app_and_keeps_the_space(self) -> None:
        world = running_world()
        world.deleting = True
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "AddTags"]
        assert world.released
        assert world.space is not None
        assert world.space.tags == {OWNER_TAG: f"{CLUSTER}/ml-team/churn/released"}

    def test_retake_after_retain_keeps_the_volume(self) -> None:
        world = running_world()
        world.deleting = True
        world.run()
        again = SpaceWorld(world.spec, now=world.now, uid="uid-2", space=world.space)
        again.settings = world.settings
        again.run()
        assert again.names_of_calls() == ["AddTags"]
        assert ready(again)
        assert again.status.phase == "Stopped"

    def test_delete_removes_app_then_space(self) -> None:
        world = running_world(deletionPolicy="Delete")
        world.deleting = True
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "DeleteSpace"]
        assert world.space is None
        assert world.released

    def test_orphan_touches_only_the_tag(self) -> None:
        world = running_world(deletionPolicy="Orphan")
        world.deleting = True
        world.run()
        assert world.names_of_calls() == ["DeleteTags"]
        assert world.app is not None
        assert world.app.status == "InService"

    def test_space_of_others_is_not_touched(self) -> None:
        world = make_world(deletionPolicy="Delete")
        existing_space(world, owner="cluster-2/other/space/uid-9")
        world.deleting = True
        world.run()
        assert world.log == []
        assert world.released

    def test_space_of_a_lost_answer_is_waited_for_and_deleted(self) -> None:
        world = make_world(deletionPolicy="Delete")
        world.faults = [("CreateSpace", FailureKind.TRANSIENT)]
        while not world.log:
            world.step()
        world.deleting = True
        assert world.plan().finalizer
        world._CreateSpace(world.log[0].parameters)
        world.run()
        assert world.space is None
        assert world.released

    def test_rival_does_not_keep_the_app_running(self) -> None:
        world = running_world()
        world.rival = "other-team/churn"
        world.deleting = True
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "AddTags"]

    def test_unseen_aws_never_means_gone(self) -> None:
        world = running_world(deletionPolicy="Delete")
        world.deleting = True
        world.is_observed = False
        world.run()
        assert not world.released
        world.is_observed = True
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "DeleteSpace"]

    def test_failed_deletion_is_said_and_asked_for_again_after_a_pause(self) -> None:
        world = running_world(deletionPolicy="Delete", state="Stopped")
        world.deleting = True
        assert world.space is not None
        world.space = replace(
            world.space, status="Delete_Failed", modified_at=world.now, failure="It is stuck."
        )
        plan = world.step()
        assert (plan.call, plan.status.phase) == (None, "Failed")
        assert world.condition("Stalled") == "DeletionFailed"
        assert (
            "AWS could not delete space churn. It is asked again at"
            in world.status.conditions[0].message
        )
        world.run()
        assert world.names_of_calls() == ["DeleteSpace"]
        assert world.released
