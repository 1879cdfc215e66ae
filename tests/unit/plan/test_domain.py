"""What the domain planner does, row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.studio_domain.api import SharedSpaces
from studio_operator.kinds.studio_domain.rules import plan_domain
from studio_operator.kinds.studio_domain.view import shared_spaces
from studio_operator.plan.types import Call, FailureKind, Look

from tests.unit.plan.aws_model import REGION, Aws, Record
from tests.unit.plan.engine_model import CLUSTER, UID, DomainEngine

ROLE = "arn:aws:iam::123456789012:role/studio"
SHARED_ROLE = "arn:aws:iam::123456789012:role/studio-shared"
OURS = f"{CLUSTER}/ml-team/research/{UID}"
RELEASED = f"{CLUSTER}/ml-team/research/released"
LEFT_BY_ANOTHER = f"{CLUSTER}/ml-team/other/released"
FOREIGN = f"{CLUSTER}/ml-team/other/uid-7"
SPEC: dict[str, Any] = {
    "vpcId": "vpc-1",
    "subnetIds": ["subnet-1"],
    "defaultUserSettings": {"executionRole": ROLE},
}
CLOSED: dict[str, Any] = {
    **SPEC,
    "network": "VpcOnly",
    "defaultUserSettings": {"executionRole": ROLE, "securityGroups": ["sg-1"]},
    "defaultSpaceSettings": {"executionRole": SHARED_ROLE, "securityGroups": ["sg-3", "sg-2"]},
}
SETTINGS = {
    "VpcId": "vpc-1",
    "SubnetIds": ["subnet-1"],
    "DefaultUserSettings": {"ExecutionRole": ROLE},
}


def engine(spec: dict[str, Any] | None = None, **more: Any) -> DomainEngine:
    return DomainEngine.of(Aws(), SPEC if spec is None else spec, **more)


def running(spec: dict[str, Any] | None = None, **more: Any) -> DomainEngine:
    """A domain that is created and in service."""
    made = engine(spec, **more)
    made.run()
    assert made.condition("Ready") == "InService", made.message()
    made.aws.log.clear()
    return made


def there(made: DomainEngine, owner: str | None, **settings: Any) -> Record:
    """A domain named research that was in AWS before."""
    tags = {OWNER_TAG: owner} if owner else {}
    return made.aws.domains.add("research", {**SETTINGS, **settings}, tags)


def only(made: DomainEngine) -> Record:
    (record,) = made.aws.domains.records.values()
    return record


# --- creation ----------------------------------------------------------------------------------


def test_a_domain_is_created_with_its_settings_and_its_owner() -> None:
    made = engine({**SPEC, "authMode": "SSO", "kmsKeyId": "key-1", "tags": {"team": "ml"}})
    plan = made.plan()
    assert plan.call == Call(
        "CreateDomain",
        {
            "DomainName": "research",
            "AuthMode": "SSO",
            "VpcId": "vpc-1",
            "KmsKeyId": "key-1",
            "SubnetIds": ["subnet-1"],
            "DefaultUserSettings": {"ExecutionRole": ROLE},
            "Tags": [
                {"Key": OWNER_TAG, "Value": OURS},
                {"Key": "team", "Value": "ml"},
            ],
        },
    )


def test_the_intent_to_create_is_stored_before_the_call() -> None:
    plan = engine().plan()
    assert plan.record_first
    assert plan.status.operation is not None
    assert plan.status.operation.type == "Create"
    assert plan.status.domain_id is None


def test_a_created_domain_is_waited_for_and_then_ready() -> None:
    made = engine()
    made.run()
    status = made.stored
    assert made.aws.operations() == ["CreateDomain"]
    assert (made.condition("Ready"), made.condition("Reconciling")) == ("InService", None)
    assert (status.phase, status.domain_id, status.region) == ("InService", only(made).key, REGION)
    assert status.home_efs_file_system_id == only(made).settings["HomeEfsFileSystemId"]
    assert (status.auth_mode, status.network) == ("IAM", "PublicInternetOnly")
    assert status.operation is None


def test_at_rest_nothing_is_called_and_nothing_is_written() -> None:
    made = running()
    writes = made.writes
    for _ in range(5):
        made.step()
    assert (made.aws.operations(), made.writes) == ([], writes)


def test_a_lost_answer_is_found_again_by_the_tag() -> None:
    made = engine()
    made.aws.faults = {"CreateDomain": [("lose", FailureKind.TRANSIENT)]}
    made.run()
    assert made.aws.operations() == ["CreateDomain"]
    assert made.condition("Ready") == "InService"


def test_a_crash_after_the_call_makes_no_second_domain() -> None:
    made = engine()
    made.step()
    made.crash()
    made.run()
    assert made.aws.operations() == ["CreateDomain"]


def test_a_crash_before_the_call_waits_until_no_domain_can_show_up_any_more() -> None:
    made = engine()
    plan = made.plan()
    made.stored = made.status = plan.status
    waiting = made.plan()
    assert waiting.call is None
    assert waiting.wake_at == made.aws.now + timedelta(seconds=30)
    made.run()
    assert made.condition("Ready") == "InService"


def test_an_answer_lost_after_a_long_time_is_waited_for_from_then_on() -> None:
    made = engine()
    made.aws.faults = {"CreateDomain": [("lose", FailureKind.TRANSIENT)]}
    made.aws.listing_lag = 3600
    made.step()
    assert made.failure is not None
    made.aws.tick(60)
    made.failure = replace(made.failure, at=made.aws.now)
    made.aws.tick(10)
    plan = made.plan()
    assert plan.call is None
    assert plan.wake_at == made.aws.now + timedelta(seconds=20)


def test_a_refused_creation_is_tried_again_without_waiting_for_a_domain_to_show_up() -> None:
    made = engine()
    made.aws.faults = {"CreateDomain": [("refuse", FailureKind.TRANSIENT)]}
    made.step()
    held = made.plan()
    assert made.failure is not None
    assert (held.call, held.wake_at) == (None, made.failure.retry_at)
    made.run()
    assert made.aws.operations() == ["CreateDomain", "CreateDomain"]
    assert len(made.aws.domains.records) == 1


def test_an_unknown_namesake_is_looked_at_before_anything_is_created() -> None:
    made = engine()
    there(made, None)
    plan = made.plan()
    assert plan.call is None
    assert plan.looks == {Look.TAGS}


@pytest.mark.parametrize("owner", [None, FOREIGN, LEFT_BY_ANOTHER])
def test_a_namesake_that_is_not_ours_is_a_conflict_with_a_way_out(owner: str | None) -> None:
    made = engine()
    there(made, owner)
    made.run()
    assert made.aws.operations() == []
    assert made.condition("Stalled") == "OwnershipConflict"
    assert ("spec.domainId" in made.message()) == (owner is None)
    assert "spec.domainName" in made.message()
    assert made.stored.domain_id is None


def test_a_namesake_that_is_being_deleted_is_waited_for() -> None:
    made = engine()
    made.aws.domains.add("research", SETTINGS, {OWNER_TAG: FOREIGN}, "Deleting")
    made.run()
    assert made.aws.operations() == ["CreateDomain"]
    assert made.condition("Ready") == "InService"


def test_an_older_resource_keeps_the_domain() -> None:
    made = engine(rival="ml-team/first")
    made.run()
    assert made.condition("Stalled") == "OwnershipConflict"
    assert "ml-team/first" in made.message()
    assert made.aws.operations() == []


def test_a_failed_creation_is_told_with_the_remedy_and_not_deleted() -> None:
    made = engine()
    made.aws.faults = {"CreateDomain": [("fail", FailureKind.INVALID)]}
    made.run()
    assert (made.condition("Stalled"), made.stored.phase) == ("CreationFailed", "Failed")
    assert "AWS's own reason" in made.message()
    assert "delete the failed domain" in made.message()
    assert made.aws.operations() == ["CreateDomain"]


def test_once_the_failed_domain_is_deleted_it_is_made_anew() -> None:
    made = engine()
    made.aws.faults = {"CreateDomain": [("fail", FailureKind.INVALID)]}
    made.run()
    only(made).status = "Deleting"
    made.run()
    assert made.condition("Reconciling") == "CreationFailed"
    made.aws.domains.records.clear()
    made.run()
    assert made.condition("Ready") == "InService"
    assert made.stored.domain_id == only(made).key


@pytest.mark.parametrize("missing", ["vpcId", "subnetIds", "defaultUserSettings"])
def test_what_a_new_domain_needs_is_asked_for_by_name(missing: str) -> None:
    made = engine({name: value for name, value in SPEC.items() if name != missing})
    made.run()
    assert made.condition("Stalled") == "InvalidSpec"
    assert f"spec.{missing}" in made.message()


def test_vpc_only_without_security_groups_leaves_them_to_the_profiles() -> None:
    """AWS requires them of a profile "unless specified as part of the DefaultUserSettings"."""
    made = running({**SPEC, "network": "VpcOnly"})
    assert only(made).settings["AppNetworkAccessType"] == "VpcOnly"
    assert made.message().endswith("each UserProfile needs spec.userSettings.securityGroups")


# --- what shared spaces run with ----------------------------------------------------------------


def test_what_shared_spaces_run_with_is_shown_on_status() -> None:
    shown = running(CLOSED).stored.shared_spaces
    assert shown is not None
    assert (shown.execution_role, shown.security_groups) == (SHARED_ROLE, ("sg-2", "sg-3"))


def test_it_is_what_aws_shows_and_not_what_is_declared() -> None:
    made = engine({"domainId": "d-000000000001"})
    there(made, None, DefaultSpaceSettings={"ExecutionRole": SHARED_ROLE})
    made.run()
    assert made.stored.shared_spaces == SharedSpaces(execution_role=SHARED_ROLE)
    only(made).settings["DefaultSpaceSettings"] = {"ExecutionRole": ROLE}
    made.run()
    assert made.stored.shared_spaces == SharedSpaces(execution_role=ROLE)
    assert "UpdateDomain" not in made.aws.operations()


@pytest.mark.parametrize("shared", [None, {}, {"SecurityGroups": []}])
def test_a_domain_without_shared_spaces_shows_nothing_for_them(shared: Any) -> None:
    assert shared_spaces({"DefaultSpaceSettings": shared}) is None


def test_another_order_of_the_groups_is_not_written() -> None:
    made = running(CLOSED)
    writes = made.writes
    only(made).settings["DefaultSpaceSettings"]["SecurityGroups"].reverse()
    made.step()
    assert (made.aws.operations(), made.writes) == ([], writes)


@pytest.mark.parametrize(
    ("live", "missing"),
    [
        ({"ExecutionRole": SHARED_ROLE}, "securityGroups"),
        ({"SecurityGroups": ["sg-2"]}, "executionRole"),
    ],
)
def test_what_shared_spaces_still_need_is_named(live: dict[str, Any], missing: str) -> None:
    made = running({name: CLOSED[name] for name in CLOSED if name != "defaultSpaceSettings"})
    assert made.message().endswith("is as declared")
    only(made).settings["DefaultSpaceSettings"] = live
    made.step()
    assert made.condition("Ready") == "InService"
    assert made.message().endswith(f"need spec.defaultSpaceSettings.{missing} as well")


def test_an_open_domain_needs_only_the_role_for_them() -> None:
    made = running({**SPEC, "defaultSpaceSettings": {"executionRole": SHARED_ROLE}})
    assert made.message().endswith("is as declared")


# --- adoption ----------------------------------------------------------------------------------


@pytest.mark.parametrize("owner", [None, RELEASED])
def test_a_domain_is_adopted_by_id_with_nothing_changed_but_its_tag(owner: str | None) -> None:
    made = engine({"domainId": "d-000000000001"})
    record = there(made, owner, Other="kept")
    before = dict(record.settings)
    made.run()
    assert made.aws.operations() == ["AddTags"]
    assert record.tags == {OWNER_TAG: OURS}
    assert record.settings == before
    assert made.condition("Ready") == "InService"


def test_only_what_an_adopting_spec_declares_is_changed() -> None:
    made = engine({"domainId": "d-000000000001", "tagPropagation": "ENABLED"})
    record = there(made, None)
    made.run()
    assert made.aws.parameters("UpdateDomain") == [
        {"DomainId": record.key, "TagPropagation": "ENABLED"}
    ]


def test_a_domain_of_another_resource_is_not_adopted() -> None:
    made = engine({"domainId": "d-000000000001"})
    there(made, FOREIGN)
    made.run()
    assert made.condition("Stalled") == "OwnershipConflict"
    assert "ml-team/other" in made.message()
    assert made.aws.operations() == []
    assert (made.stored.arn, made.stored.url, made.stored.phase) == (None, None, "Failed")


def test_a_domain_of_another_cluster_is_not_adopted() -> None:
    made = engine({"domainId": "d-000000000001"})
    there(made, "cluster-9/ml-team/research/uid-9")
    made.run()
    assert made.condition("Stalled") == "OwnershipConflict"
    assert "cluster-9" in made.message()


@pytest.mark.parametrize(
    ("field", "declared", "live"),
    [
        ("domainName", "other", "research"),
        ("authMode", "SSO", "IAM"),
        ("vpcId", "vpc-2", "vpc-1"),
        ("kmsKeyId", "key-1", "key-2"),
    ],
)
def test_an_immutable_field_that_differs_is_named_and_nothing_is_touched(
    field: str, declared: str, live: str
) -> None:
    made = engine({"domainId": "d-000000000001", field: declared})
    record = there(made, None, KmsKeyId="key-2")
    made.run()
    assert made.condition("Stalled") == "ImmutableField"
    assert f"spec.{field} is {declared}, the domain has {live}" in made.message()
    assert (made.aws.operations(), record.tags) == ([], {})


def test_a_key_named_by_its_id_is_the_key_that_aws_names_by_arn() -> None:
    made = engine({"domainId": "d-000000000001", "kmsKeyId": "key-1"})
    there(made, None, KmsKeyId=f"arn:aws:kms:{REGION}:123456789012:key/key-1")
    made.run()
    assert made.condition("Ready") == "InService"


def test_a_key_named_by_an_alias_cannot_be_compared_and_is_no_difference() -> None:
    made = engine({"domainId": "d-000000000001", "kmsKeyId": "alias/studio"})
    there(made, None, KmsKeyId="key-2")
    made.run()
    assert made.condition("Ready") == "InService"


def test_an_id_that_aws_does_not_know_is_told() -> None:
    made = engine({"domainId": "d-000000000009"})
    made.run()
    assert made.condition("Stalled") == "DomainNotFound"
    assert "d-000000000009" in made.message()


# --- what happens outside ----------------------------------------------------------------------


def test_a_domain_deleted_behind_our_back_is_not_silently_made_anew() -> None:
    made = running()
    made.aws.domains.records.clear()
    made.run()
    assert made.condition("Stalled") == "DeletedOutsideOfGit"
    assert "Delete this resource and apply it again" in made.message()
    assert made.aws.operations() == []


def test_nothing_is_decided_before_aws_is_seen() -> None:
    made = engine(is_observed=False)
    made.run()
    assert made.condition("Ready") == "AwsNotObserved"
    assert made.aws.operations() == []


def test_what_was_ready_stays_ready_while_aws_is_not_seen() -> None:
    made = running()
    made.is_observed = False
    made.crash()
    assert made.plan().status == made.stored


def test_a_new_spec_is_not_ready_before_aws_is_seen() -> None:
    made = running()
    made.is_observed = False
    made.edit(tagPropagation="ENABLED")
    made.step()
    assert made.condition("Ready") == "AwsNotObserved"
    assert made.stored.phase == "InService"


def test_a_stripped_ownership_tag_is_put_back() -> None:
    made = running()
    del only(made).tags[OWNER_TAG]
    made.run()
    assert only(made).tags == {OWNER_TAG: OURS}


def test_that_status_names_a_domain_does_not_take_it() -> None:
    made = running()
    del only(made).tags[OWNER_TAG]
    made.crash()
    made.run()
    assert (only(made).tags, made.condition("Stalled")) == ({}, "OwnershipConflict")


def test_what_others_changed_is_changed_back_and_told_with_both_values() -> None:
    made = running({**SPEC, "tags": {"team": "ml"}})
    title = "domain research (d-000000000001)"
    made.notes.clear()
    only(made).settings["DefaultUserSettings"] = {"ExecutionRole": SHARED_ROLE}
    made.run()
    only(made).tags["team"] = "growth"
    made.run()
    assert [note.message for note in made.notes if "thers" in note.message] == [
        f"Others changed {title} in AWS: setting spec.defaultUserSettings.executionRole from "
        f"{SHARED_ROLE.rpartition(':')[2]} to {ROLE.rpartition(':')[2]}",
        f"Others changed tags of {title} in AWS: team=growth becomes team=ml",
    ]


def test_what_the_spec_changes_is_not_put_down_to_others() -> None:
    made = running({**SPEC, "tags": {"team": "ml"}})
    made.edit(defaultUserSettings={"executionRole": SHARED_ROLE}, tags={"team": "growth"})
    made.run()
    assert made.aws.operations() == ["UpdateDomain", "AddTags"]
    assert not any("thers" in note.message for note in made.notes)


def test_a_domain_that_another_resource_took_and_let_go_is_not_taken_back_unasked() -> None:
    made = running()
    only(made).tags[OWNER_TAG] = LEFT_BY_ANOTHER
    made.run()
    assert made.condition("Stalled") == "OwnershipConflict"
    assert made.aws.operations() == []


@pytest.mark.parametrize("status", ["Updating", "Pending", "Deleting"])
def test_what_moves_is_left_alone(status: str) -> None:
    made = running()
    only(made).status = status
    made.edit(tagPropagation="ENABLED")
    plan = made.plan()
    assert plan.call is None
    assert plan.status.phase == status
    assert plan.status.condition("Reconciling") is not None


# --- updates -----------------------------------------------------------------------------------


def test_everything_that_differs_goes_into_one_update() -> None:
    made = running()
    made.edit(
        subnetIds=["subnet-1", "subnet-2"],
        network="VpcOnly",
        defaultUserSettings={"executionRole": ROLE, "securityGroups": ["sg-1"]},
        domainSettings={"docker": {"enabled": True}},
    )
    made.run()
    assert made.aws.parameters("UpdateDomain") == [
        {
            "DomainId": only(made).key,
            "SubnetIds": ["subnet-1", "subnet-2"],
            "VpcId": "vpc-1",
            "AppNetworkAccessType": "VpcOnly",
            "DefaultUserSettings": {"SecurityGroups": ["sg-1"]},
            "DomainSettingsForUpdate": {"DockerSettings": {"EnableDockerAccess": "ENABLED"}},
        }
    ]
    assert made.condition("Ready") == "InService"
    assert made.stored.operation is None


def test_vpc_only_takes_vpc_and_subnets_along_and_only_when_it_changes() -> None:
    made = running()
    made.edit(network="VpcOnly")
    made.run()
    made.edit(tagPropagation="ENABLED")
    made.run()
    made.edit(network="PublicInternetOnly")
    made.run()
    key = {"DomainId": only(made).key}
    assert made.aws.parameters("UpdateDomain") == [
        key | {"AppNetworkAccessType": "VpcOnly", "VpcId": "vpc-1", "SubnetIds": ["subnet-1"]},
        key | {"TagPropagation": "ENABLED"},
        key | {"AppNetworkAccessType": "PublicInternetOnly"},
    ]


def test_an_adopted_domain_is_closed_with_the_vpc_and_subnets_that_aws_shows() -> None:
    made = engine({"domainId": "d-000000000001", "network": "VpcOnly"})
    there(made, None)
    made.run()
    (update,) = made.aws.parameters("UpdateDomain")
    assert (update["VpcId"], update["SubnetIds"]) == ("vpc-1", ["subnet-1"])
    assert made.condition("Ready") == "InService"


def test_after_a_failed_update_vpc_only_is_not_said_again() -> None:
    made = running(CLOSED)
    only(made).status = "Update_Failed"
    made.run()
    (update,) = made.aws.parameters("UpdateDomain")
    assert "AppNetworkAccessType" not in update
    assert made.condition("Ready") == "InService"


def test_a_vpc_is_added_to_a_domain_that_has_none() -> None:
    """A domain of Unified Studio may have none (API reference, UpdateDomain.VpcId)."""
    spec = {"domainId": "d-000000000001", "vpcId": "vpc-1", "subnetIds": ["subnet-1"]}
    made = engine(spec)
    record = there(made, None)
    del record.settings["VpcId"]
    record.settings["SubnetIds"] = []
    made.run()
    (update,) = made.aws.parameters("UpdateDomain")
    assert (update["VpcId"], update["SubnetIds"]) == ("vpc-1", ["subnet-1"])
    assert made.condition("Ready") == "InService"


def test_vpc_only_without_any_vpc_is_not_asked_for() -> None:
    made = engine({"domainId": "d-000000000001", "network": "VpcOnly"})
    del there(made, None).settings["VpcId"]
    made.run()
    assert made.condition("Stalled") == "InvalidSpec"
    assert "PublicInternetOnly" in made.message()
    assert "UpdateDomain" not in made.aws.operations()


def test_a_change_made_in_the_console_is_undone() -> None:
    made = running()
    only(made).settings["SubnetIds"] = ["subnet-9"]
    made.run()
    assert only(made).settings["SubnetIds"] == ["subnet-1"]


def test_a_setting_that_left_the_spec_is_cleared_once() -> None:
    made = running({**SPEC, "tagPropagation": "ENABLED"})
    made.edit(tagPropagation=None)
    made.run()
    assert only(made).settings["TagPropagation"] == "DISABLED"
    assert made.stored.managed_fields == (
        "defaultUserSettings.executionRole",
        "subnetIds",
        "vpcId",
    )
    assert made.aws.operations() == ["UpdateDomain"]


def test_a_setting_that_aws_cannot_clear_stays_and_an_event_says_so_once() -> None:
    made = running({**SPEC, "domainSettings": {"ipAddressType": "dualstack"}})
    made.edit(domainSettings=None)
    made.run()
    made.step()
    said = [note.message for note in made.notes if note.reason == "SettingKept"]
    assert len(said) == 1
    assert "domainSettings.ipAddressType" in said[0]
    assert made.aws.operations() == []
    assert made.condition("Ready") == "InService"


def test_security_groups_of_a_closed_domain_cannot_leave_the_spec() -> None:
    groups = {"executionRole": ROLE, "securityGroups": ["sg-1"]}
    made = running({**SPEC, "network": "VpcOnly", "defaultUserSettings": groups})
    made.edit(defaultUserSettings={"executionRole": ROLE})
    made.run()
    assert made.condition("Stalled") == "VpcSecurityGroupsMissing"
    assert made.aws.operations() == []
    made.edit(defaultUserSettings={"executionRole": ROLE, "securityGroups": []})
    made.run()
    assert made.condition("Ready") == "InService", "each profile has its own, says the spec"


def test_security_groups_of_shared_spaces_cannot_leave_the_spec_of_a_closed_domain() -> None:
    made = running(CLOSED)
    made.edit(defaultSpaceSettings={"executionRole": SHARED_ROLE})
    made.run()
    assert made.condition("Stalled") == "VpcSecurityGroupsMissing"
    assert "Set spec.defaultSpaceSettings.securityGroups" in made.message()
    assert made.aws.operations() == []


@pytest.mark.parametrize("block", ["defaultUserSettings", "defaultSpaceSettings"])
def test_nor_can_they_leave_with_the_block_that_holds_them(block: str) -> None:
    made = running(CLOSED)
    made.edit(domainId=only(made).key, **{block: None})
    made.run()
    assert made.condition("Stalled") == "VpcSecurityGroupsMissing"
    assert f"spec.{block}.securityGroups left the spec" in made.message()
    assert made.aws.operations() == []


def test_whoever_gives_shared_spaces_up_may_say_so() -> None:
    made = running(CLOSED)
    made.edit(defaultSpaceSettings={"executionRole": SHARED_ROLE, "securityGroups": []})
    made.run()
    assert made.aws.operations() == ["UpdateDomain"]
    assert made.condition("Ready") == "InService"
    assert made.message().endswith("need spec.defaultSpaceSettings.securityGroups as well")
    made.edit(defaultSpaceSettings={"executionRole": SHARED_ROLE})
    made.run()
    assert made.aws.operations() == ["UpdateDomain"], "there is nothing left to lose"
    assert made.condition("Ready") == "InService"


def test_a_removed_subnet_waits_while_apps_run_and_says_why() -> None:
    made = running({**SPEC, "subnetIds": ["subnet-1", "subnet-2"]})
    made.aws.domains.running_apps = True
    made.edit(subnetIds=["subnet-1"])
    made.step()
    made.step()
    assert (made.condition("Ready"), made.condition("Stalled")) == ("AwsBusy", None)
    assert "App(s) are associated with it" in made.message()
    made.aws.domains.running_apps = False
    made.run()
    assert only(made).settings["SubnetIds"] == ["subnet-1"]
    assert made.condition("Ready") == "InService"


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        ({"network": "VpcOnly"}, "spec.network"),
        ({"subnetIds": ["subnet-1"]}, "spec.subnetIds"),
        (
            {"domainSettings": {"executionRoleIdentity": "USER_PROFILE_NAME"}},
            "spec.domainSettings.executionRoleIdentity",
        ),
    ],
    ids=["network", "subnet", "identity"],
)
def test_the_apps_that_a_change_waits_for_are_named(edit: dict[str, Any], named: str) -> None:
    made = running({**SPEC, "subnetIds": ["subnet-1", "subnet-2"]})
    made.aws.domains.running_apps = True
    made.running_apps = ("space churn", "space eda", "Canvas of alice")
    made.edit(**edit)
    made.step()
    made.step()
    assert (made.condition("Ready"), made.condition("Stalled")) == ("AwsBusy", None)
    assert made.message().startswith(f"AWS changes {named} only while no app runs, and 3 run:")
    assert "Canvas of alice, space churn and 1 more. Stop them first" in made.message()
    made.aws.domains.running_apps, made.running_apps = False, ()
    made.run()
    assert made.condition("Ready") == "InService"


def test_the_change_of_the_network_can_be_taken_back_instead() -> None:
    made = running()
    made.aws.domains.running_apps, made.running_apps = True, ("space churn",)
    made.edit(network="VpcOnly")
    made.step()
    made.step()
    assert made.message().endswith(
        "and 1 runs: space churn. Stop them first, in Studio or with kubectl studio stop, or set "
        "spec.network to PublicInternetOnly."
    )
    made.edit(network="PublicInternetOnly")
    made.run()
    assert made.condition("Ready") == "InService"
    assert made.aws.operations() == ["UpdateDomain"]


def test_an_added_subnet_is_not_put_down_to_apps() -> None:
    made = running()
    made.running_apps = ("space churn",)
    made.aws.faults = {"UpdateDomain": [("refuse", FailureKind.BUSY)]}
    made.edit(subnetIds=["subnet-1", "subnet-2"])
    made.step()
    made.step()
    assert made.condition("Ready") == "AwsBusy"
    assert "AWS says" in made.message()


def test_a_long_wait_for_apps_never_counts_as_given_up() -> None:
    made = running({**SPEC, "subnetIds": ["subnet-1", "subnet-2"]})
    made.aws.domains.running_apps = True
    made.edit(subnetIds=["subnet-1"])
    for _ in range(20):
        made.step()
    assert made.condition("Ready") == "AwsBusy"
    assert len(made.aws.log) > 3


def test_a_failed_update_is_tried_again_three_times_at_most() -> None:
    made = running()
    made.aws.faults = {"UpdateDomain": [("fail", FailureKind.INVALID)] * 5}
    made.edit(tagPropagation="ENABLED")
    made.run()
    assert made.aws.operations() == ["UpdateDomain"] * 3
    assert made.condition("Stalled") == "UpdateFailed"
    assert "AWS's own reason" in made.message()


def test_a_failed_update_that_succeeds_later_is_ready() -> None:
    made = running()
    made.aws.faults = {"UpdateDomain": [("fail", FailureKind.INVALID)]}
    made.edit(tagPropagation="ENABLED")
    made.run()
    assert made.condition("Ready") == "InService"


def test_a_failed_update_is_repeated_whole_even_if_aws_shows_the_new_values() -> None:
    made = running()
    made.aws.faults = {"UpdateDomain": [("fail", FailureKind.INVALID)]}
    made.edit(tagPropagation="ENABLED")
    made.run()
    first, second = made.aws.parameters("UpdateDomain")
    assert set(first) == {"DomainId", "TagPropagation"}
    assert set(second) == {"DomainId", "TagPropagation", "SubnetIds", "DefaultUserSettings"}


def test_an_update_without_effect_is_given_up_and_told() -> None:
    made = running()
    made.aws.faults = {"UpdateDomain": [("ignore", FailureKind.INVALID)] * 5}
    made.edit(tagPropagation="ENABLED")
    made.run()
    assert made.aws.operations() == ["UpdateDomain"] * 3
    assert made.condition("Stalled") == "NotApplied"
    assert "spec.tagPropagation" in made.message()


@pytest.mark.parametrize("way", ["edit", "ask"])
def test_what_was_given_up_is_tried_again_when_somebody_asks(way: str) -> None:
    made = running()
    made.aws.faults = {"UpdateDomain": [("ignore", FailureKind.INVALID)] * 3}
    made.edit(tagPropagation="ENABLED")
    made.run()
    if way == "edit":
        made.edit(tags={"team": "ml"})
    else:
        made.ask("now")
    made.run()
    assert made.condition("Ready") == "InService"


def test_a_clearing_without_effect_ends_in_an_event() -> None:
    made = running({**SPEC, "tagPropagation": "ENABLED"})
    made.aws.faults = {"UpdateDomain": [("ignore", FailureKind.INVALID)] * 5}
    made.edit(tagPropagation=None)
    made.run()
    assert made.condition("Ready") == "InService"
    assert [note.reason for note in made.notes].count("SettingKept") == 1


# --- tags --------------------------------------------------------------------------------------


def test_tags_follow_the_spec_and_others_stay() -> None:
    made = running({**SPEC, "tags": {"team": "ml", "stage": "dev"}})
    only(made).tags["cost-center"] = "42"
    made.edit(tags={"team": "research"})
    made.run()
    assert only(made).tags == {OWNER_TAG: OURS, "team": "research", "cost-center": "42"}
    assert made.aws.operations() == ["AddTags", "DeleteTags"]
    assert made.stored.tag_keys == ("team",)


# --- failures ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "reason", "stalled"),
    [
        (FailureKind.INVALID, "RejectedByAWS", True),
        (FailureKind.ACCESS, "AccessDenied", True),
        (FailureKind.QUOTA, "QuotaExceeded", True),
        (FailureKind.TRANSIENT, "Throttled", False),
        (FailureKind.BUSY, "AwsBusy", False),
        (FailureKind.CAPACITY, "InsufficientCapacity", False),
    ],
)
def test_a_refused_call_is_held_back_and_told(
    kind: FailureKind, reason: str, stalled: bool
) -> None:
    made = running()
    made.aws.faults = {"UpdateDomain": [("refuse", kind)]}
    made.edit(tagPropagation="ENABLED")
    made.step()
    plan = made.step()
    assert plan.call is None
    assert made.failure is not None
    assert plan.wake_at == made.failure.retry_at
    assert made.condition("Ready") == reason
    assert (made.condition("Stalled") is not None) == stalled
    assert made.message().startswith("UpdateDomain failed. ")


def test_a_hopeless_call_is_not_repeated_until_the_spec_changes() -> None:
    made = running()
    made.aws.faults = {"UpdateDomain": [("refuse", FailureKind.INVALID)]}
    made.edit(tagPropagation="ENABLED")
    made.run()
    made.step()
    assert made.aws.operations() == ["UpdateDomain"]
    made.edit(tagPropagation="DISABLED")
    made.run()
    assert made.condition("Ready") == "InService"


def test_status_does_not_flip_at_each_attempt() -> None:
    made = running()
    made.aws.faults = {"UpdateDomain": [("refuse", FailureKind.ACCESS)] * 3}
    made.edit(tagPropagation="ENABLED")
    made.step()
    made.step()
    writes = made.writes
    for _ in range(4):
        assert made.step().status.condition("Stalled") is not None
    assert made.writes == writes


def test_a_refusal_no_longer_matters_once_nothing_is_wanted() -> None:
    made = running()
    made.aws.faults = {"UpdateDomain": [("refuse", FailureKind.INVALID)]}
    made.edit(tagPropagation="ENABLED")
    made.run()
    only(made).settings["TagPropagation"] = "ENABLED"
    made.run()
    assert made.condition("Ready") == "InService"


def test_a_persons_request_is_echoed_once_it_is_answered() -> None:
    made = running()
    made.ask("2026-03-02")
    made.is_observed = False
    made.step()
    assert made.stored.last_handled_reconcile_at is None
    made.is_observed = True
    made.step()
    assert made.stored.last_handled_reconcile_at == "2026-03-02"


# --- deletion ----------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["Retain", "Delete", "Orphan"])
def test_deletion_waits_for_resources_that_refer_to_the_domain(policy: str) -> None:
    made = running({**SPEC, "deletionPolicy": policy})
    made.dependents = tuple(f"Space ml-team/s{n:02}" for n in range(12))
    made.delete()
    made.step()
    assert made.condition("Ready") == "DeletionBlocked"
    assert "12 resources" in made.message()
    assert "Space ml-team/s09 and 2 more" in made.message()
    assert made.aws.operations() == []


def test_retain_marks_the_domain_as_let_go() -> None:
    made = running()
    made.delete()
    made.run()
    assert made.released
    assert made.aws.operations() == ["AddTags"]
    assert only(made).tags == {OWNER_TAG: RELEASED}


def test_what_was_retained_is_taken_back_without_being_asked_to_adopt() -> None:
    made = running()
    made.delete()
    made.run()
    made.reapply("uid-2")
    made.aws.log.clear()
    made.run()
    assert made.aws.operations() == ["AddTags"]
    assert only(made).tags == {OWNER_TAG: f"{CLUSTER}/ml-team/research/uid-2"}
    assert made.condition("Ready") == "InService"


def test_orphan_drops_the_mark_and_touches_nothing_else() -> None:
    made = running({**SPEC, "deletionPolicy": "Orphan", "tags": {"team": "ml"}})
    made.delete()
    made.run()
    assert made.released
    assert made.aws.operations() == ["DeleteTags"]
    assert only(made).tags == {"team": "ml"}


def test_delete_waits_for_what_is_left_in_the_domain_spaces_before_profiles() -> None:
    made = running({**SPEC, "deletionPolicy": "Delete"})
    made.profiles, made.spaces = ("alice",), ("churn", "growth")
    made.delete()
    made.step()
    assert made.condition("Ready") == "DeletionBlocked"
    assert "holds 2 spaces and 1 user profile in AWS: " in made.message()
    assert made.message().endswith("in AWS: space churn, space growth. Delete them first.")
    made.spaces = ()
    made.step()
    assert made.message().endswith(
        "still holds 1 user profile in AWS: user profile alice. Delete it first."
    )
    made.profiles = ()
    made.run()
    assert made.released
    assert made.aws.domains.records == {}


@pytest.mark.parametrize("retention", [None, "Retain", "Delete"])
def test_delete_says_what_becomes_of_the_home_folders(retention: str | None) -> None:
    policy = {"deletionPolicy": "Delete", **({"homeEfsRetention": retention} if retention else {})}
    made = running({**SPEC, **policy})
    made.delete()
    made.run()
    (parameters,) = made.aws.parameters("DeleteDomain")
    assert parameters["RetentionPolicy"] == {"HomeEfsFileSystem": retention or "Retain"}
    said = [note.message for note in made.notes if note.reason == "FileSystemKept"]
    assert len(said) == (retention != "Delete")
    assert all("fs-" in message for message in said)


def test_a_failed_deletion_is_told_and_tried_again_after_a_pause() -> None:
    made = running({**SPEC, "deletionPolicy": "Delete"})
    made.aws.faults = {"DeleteDomain": [("fail", FailureKind.BUSY)]}
    made.delete()
    made.step()
    made.step()
    plan = made.step()
    assert (plan.call, made.condition("Stalled")) == (None, "DeletionFailed")
    assert plan.wake_at is not None
    made.run()
    assert made.released
    assert made.aws.operations() == ["DeleteDomain", "DeleteDomain"]


@pytest.mark.parametrize("policy", ["Retain", "Delete", "Orphan"])
@pytest.mark.parametrize("owner", [None, FOREIGN, LEFT_BY_ANOTHER])
def test_deletion_never_touches_what_is_not_ours(policy: str, owner: str | None) -> None:
    made = engine({"domainId": "d-000000000001", "deletionPolicy": policy})
    record = there(made, owner)
    before = dict(record.tags)
    made.delete()
    made.run()
    assert made.released
    assert (made.aws.operations(), record.tags) == ([], before)


def test_a_domain_whose_creation_was_never_answered_is_deleted_too() -> None:
    made = engine({**SPEC, "deletionPolicy": "Delete"})
    made.aws.faults = {"CreateDomain": [("lose", FailureKind.TRANSIENT)]}
    made.step()
    made.delete()
    made.run()
    assert made.released
    assert made.aws.domains.records == {}


def test_a_resource_whose_domain_is_gone_may_go() -> None:
    made = running({**SPEC, "deletionPolicy": "Delete"})
    made.aws.domains.records.clear()
    made.delete()
    made.run()
    assert made.released
    assert made.aws.operations() == []


def test_nothing_is_let_go_of_before_aws_is_seen() -> None:
    made = running()
    made.is_observed = False
    made.delete()
    plan = made.plan()
    assert (plan.finalizer, plan.call) == (True, None)


def test_a_resource_without_finalizer_may_go_at_once() -> None:
    made = engine()
    made.delete()
    situation = made.situation()
    plan = plan_domain(replace(situation, declared=replace(situation.declared, finalizer=False)))
    assert (plan.finalizer, plan.call) == (False, None)


def test_apps_outside_of_spaces_block_the_deletion_by_name() -> None:
    made = running({**SPEC, "deletionPolicy": "Delete"})
    made.apps = ("RStudioServerPro of domain-shared",)
    made.profiles = ("alice",)
    made.delete()
    made.run()
    assert made.condition("Reconciling") == "DeletionBlocked"
    assert "RStudioServerPro of domain-shared" in made.message()
    made.apps = ()
    made.run()
    assert "user profile alice" in made.message(), "apps can go first"
    made.profiles = ()
    made.run()
    assert made.released
