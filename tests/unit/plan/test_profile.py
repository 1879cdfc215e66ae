"""What the user profile planner does, row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.user_profile.rules import plan_profile
from studio_operator.plan.types import Call, FailureKind, Look

from tests.unit.plan.aws_model import Aws, Record
from tests.unit.plan.engine_model import CLUSTER, UID, ProfileEngine

ROLE = "arn:aws:iam::123456789012:role/alice"
OTHER_ROLE = "arn:aws:iam::123456789012:role/bob"
OURS = f"{CLUSTER}/ml-team/alice/{UID}"
RELEASED = f"{CLUSTER}/ml-team/alice/released"
LEFT_BY_ANOTHER = f"{CLUSTER}/ml-team/other/released"
FOREIGN = f"{CLUSTER}/ml-team/other/uid-7"
WITH_ROLE = {"userSettings": {"executionRole": ROLE}}
POSIX_USER = {"uid": 200001, "gid": 1001}


def engine(spec: dict[str, Any] | None = None, **more: Any) -> ProfileEngine:
    return ProfileEngine.of(Aws(), spec or {}, **more)


def running(spec: dict[str, Any] | None = None, **more: Any) -> ProfileEngine:
    """A profile that is created and in service."""
    made = engine(spec, **more)
    made.run()
    assert made.condition("Ready") == "InService", made.message()
    made.aws.log.clear()
    made.looks.clear()
    return made


def there(made: ProfileEngine, owner: str | None, **members: Any) -> Record:
    """A profile named alice that was in AWS before."""
    tags = [{"Key": OWNER_TAG, "Value": owner}] if owner else []
    named = {"DomainId": "d-abc", "UserProfileName": "alice", "Tags": tags}
    return made.aws.profiles.add({**named, **members})


def only(made: ProfileEngine) -> Record:
    (record,) = made.aws.profiles.records.values()
    return record


# --- creation ----------------------------------------------------------------------------------


def test_a_profile_is_created_with_its_settings_and_its_owner() -> None:
    made = engine({**WITH_ROLE, "tags": {"team": "ml"}})
    assert made.plan().call == Call(
        "CreateUserProfile",
        {
            "DomainId": "d-abc",
            "UserProfileName": "alice",
            "Tags": [{"Key": OWNER_TAG, "Value": OURS}, {"Key": "team", "Value": "ml"}],
            "UserSettings": {"ExecutionRole": ROLE},
        },
    )


def test_a_created_profile_is_waited_for_and_then_ready() -> None:
    made = engine(WITH_ROLE)
    made.run()
    status = made.stored
    assert made.aws.operations() == ["CreateUserProfile"]
    assert (made.condition("Ready"), made.condition("Reconciling")) == ("InService", None)
    assert (status.phase, status.domain_id, status.region) == ("InService", "d-abc", "eu-central-1")
    assert (status.user_profile_name, status.execution_role) == ("alice", ROLE)
    assert status.arn == only(made).arn
    assert status.operation is None


def test_at_rest_nothing_is_asked_called_or_written() -> None:
    made = running(WITH_ROLE)
    writes = made.writes
    for _ in range(5):
        made.step()
    assert (made.aws.operations(), made.looks, made.writes) == ([], [], writes)


def test_a_restart_of_the_operator_describes_nothing() -> None:
    made = running(WITH_ROLE)
    made.crash()
    made.run()
    assert Look.SETTINGS not in made.looks


def test_a_profile_changed_while_the_operator_was_down_is_described_and_mended() -> None:
    made = running(WITH_ROLE)
    made.aws.tick(60)
    only(made).settings["UserSettings"] = {"ExecutionRole": OTHER_ROLE}
    only(made).modified_at = made.aws.now
    made.crash()
    made.run()
    assert Look.SETTINGS in made.looks
    assert only(made).settings["UserSettings"] == {"ExecutionRole": ROLE}


def test_a_lost_answer_makes_no_second_profile() -> None:
    made = engine()
    made.aws.faults = {"CreateUserProfile": [("lose", FailureKind.TRANSIENT)]}
    made.run()
    assert made.aws.operations() == ["CreateUserProfile"]
    assert made.condition("Ready") == "InService"


def test_a_profile_deleted_behind_our_back_is_made_again() -> None:
    made = running(WITH_ROLE)
    made.aws.profiles.records.clear()
    made.run()
    assert made.aws.operations() == ["CreateUserProfile"]
    assert made.condition("Ready") == "InService"


def test_a_failed_creation_is_told_with_the_remedy() -> None:
    made = engine()
    made.aws.faults = {"CreateUserProfile": [("fail", FailureKind.INVALID)]}
    made.run()
    assert (made.condition("Stalled"), made.stored.phase) == ("CreationFailed", "Failed")
    assert "AWS's own reason" in made.message()
    made.aws.profiles.records.clear()
    made.run()
    assert made.condition("Ready") == "InService"


# --- the domain --------------------------------------------------------------------------------


def test_a_missing_domain_is_waited_for_by_name() -> None:
    made = engine()
    made.facts = None
    made.run()
    assert made.condition("Ready") == "DependencyNotReady"
    assert made.condition("Stalled") is None
    assert "StudioDomain ml-team/research does not exist" in made.message()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"domain_id": None, "problem": "it is being created"}, "it is being created"),
        ({"problem": "it is Updating"}, "it is Updating"),
        ({"gone": True}, "gone in AWS"),
    ],
)
def test_a_domain_that_is_not_ready_is_waited_for(facts: dict[str, Any], words: str) -> None:
    made = engine().with_facts(**facts)
    made.step()
    assert made.condition("Ready") == "DependencyNotReady"
    assert words in made.message()
    assert made.aws.operations() == []


def test_a_domain_that_moves_does_not_disturb_a_profile_at_rest() -> None:
    made = running().with_facts(problem="it is Updating")
    made.run()
    assert made.condition("Ready") == "InService"


def test_a_domain_that_does_not_admit_the_namespace_is_told() -> None:
    made = engine().with_facts(admits=False)
    made.run()
    assert made.condition("Stalled") == "NamespaceNotAllowed"
    assert "allowedNamespaces" in made.message()


@pytest.mark.parametrize(
    ("mode", "spec", "reason"),
    [
        ("SSO", {}, "SingleSignOnRequired"),
        ("IAM", {"singleSignOn": {"value": "alice@example.com"}}, "SingleSignOnNotAllowed"),
    ],
)
def test_single_sign_on_goes_with_sso_domains_only(
    mode: str, spec: dict[str, Any], reason: str
) -> None:
    made = engine(spec).with_facts(auth_mode=mode)
    made.run()
    assert made.condition("Stalled") == reason
    assert "spec.singleSignOn" in made.message()
    assert made.aws.operations() == []


def test_a_person_of_identity_center_gets_a_profile() -> None:
    made = engine({"singleSignOn": {"value": "alice@example.com"}}).with_facts(auth_mode="SSO")
    made.run()
    (parameters,) = made.aws.parameters("CreateUserProfile")
    assert parameters["SingleSignOnUserIdentifier"] == "UserName"
    assert parameters["SingleSignOnUserValue"] == "alice@example.com"
    assert made.condition("Ready") == "InService"


# --- adoption ----------------------------------------------------------------------------------


def test_an_existing_profile_is_refused_without_adopt() -> None:
    made = engine(WITH_ROLE)
    there(made, None)
    made.run()
    assert made.condition("Stalled") == "OwnershipConflict"
    assert "spec.adopt to true" in made.message()
    assert made.aws.operations() == []


def test_an_existing_profile_is_adopted_with_only_declared_settings_changed() -> None:
    made = engine({**WITH_ROLE, "adopt": True})
    record = there(made, None, UserSettings={"SecurityGroups": ["sg-9"]})
    made.run()
    assert made.aws.operations() == ["AddTags", "UpdateUserProfile"]
    assert record.tags == {OWNER_TAG: OURS}
    assert record.settings["UserSettings"] == {"SecurityGroups": ["sg-9"], "ExecutionRole": ROLE}


@pytest.mark.parametrize("adopt", [True, False])
def test_a_profile_of_another_resource_is_never_taken(*, adopt: bool) -> None:
    made = engine({"adopt": adopt})
    there(made, FOREIGN)
    made.run()
    assert made.condition("Stalled") == "OwnershipConflict"
    assert "ml-team/other" in made.message()
    assert made.aws.operations() == []
    assert (made.stored.arn, made.stored.phase) == (None, "Failed")


def test_an_older_resource_keeps_the_profile() -> None:
    made = engine(rival="ml-team/first")
    made.run()
    assert made.condition("Stalled") == "OwnershipConflict"
    assert "ml-team/first" in made.message()


def test_case_does_not_count_in_names() -> None:
    made = engine({"userProfileName": "ALICE", "adopt": True, **WITH_ROLE})
    there(made, None)
    made.run()
    assert made.aws.parameters("UpdateUserProfile")[0]["UserProfileName"] == "alice"


def test_another_person_than_declared_is_an_immutable_difference() -> None:
    made = engine({"adopt": True, "singleSignOn": {"value": "alice@example.com"}})
    made.with_facts(auth_mode="SSO")
    record = there(made, None, SingleSignOnUserValue="bob@example.com")
    made.run()
    assert made.condition("Stalled") == "ImmutableField"
    assert "alice@example.com" in made.message()
    assert "bob@example.com" in made.message()
    assert (made.aws.operations(), record.tags) == ([], {})


def test_a_posix_user_is_not_said_again_where_aws_wants_an_update_once_more() -> None:
    made = running({"userSettings": {"executionRole": ROLE, "posixUser": POSIX_USER}})
    record = only(made)
    record.status = "Update_Failed"
    made.run()
    assert made.aws.parameters("UpdateUserProfile")[0]["UserSettings"] == {"ExecutionRole": ROLE}
    assert record.settings["UserSettings"]["CustomPosixUserConfig"] == {"Uid": 200001, "Gid": 1001}
    assert made.condition("Ready") == "InService"


@pytest.mark.parametrize(
    ("live", "words"), [({"Uid": 200002, "Gid": 1001}, "200002"), (None, "none")]
)
def test_another_posix_user_than_declared_is_an_immutable_difference(
    live: dict[str, int] | None, words: str
) -> None:
    made = engine({"adopt": True, "userSettings": {"posixUser": POSIX_USER}})
    shown = {"CustomPosixUserConfig": live} if live else {}
    record = there(made, None, UserSettings=shown)
    made.run()
    assert made.condition("Stalled") == "ImmutableField"
    assert "spec.userSettings.posixUser.uid is 200001" in made.message()
    assert words in made.message()
    assert (made.aws.operations(), record.tags) == ([], {})


# --- what happens outside, updates, tags -------------------------------------------------------


def test_nothing_is_decided_before_aws_is_seen() -> None:
    made = engine(is_observed=False)
    made.run()
    assert made.condition("Ready") == "AwsNotObserved"
    assert made.aws.operations() == []


def test_what_was_ready_stays_ready_while_aws_is_not_seen() -> None:
    made = running(WITH_ROLE)
    made.is_observed = False
    made.crash()
    assert made.plan().status == made.stored


def test_a_profile_stays_ready_while_its_tags_are_looked_up() -> None:
    made = running(WITH_ROLE)
    made.crash()
    plan = made.plan()
    assert plan.looks == {Look.TAGS}
    assert plan.status == made.stored


def test_everything_that_differs_goes_into_one_update() -> None:
    made = running(WITH_ROLE)
    made.edit(
        userSettings={
            "executionRole": OTHER_ROLE,
            "spaceStorage": {"defaultGiB": 20, "maximumGiB": 100},
        }
    )
    made.run()
    assert made.aws.parameters("UpdateUserProfile") == [
        {
            "DomainId": "d-abc",
            "UserProfileName": "alice",
            "UserSettings": {
                "ExecutionRole": OTHER_ROLE,
                "SpaceStorageSettings": {
                    "DefaultEbsStorageSettings": {
                        "DefaultEbsVolumeSizeInGb": 20,
                        "MaximumEbsVolumeSizeInGb": 100,
                    }
                },
            },
        }
    ]
    assert made.condition("Ready") == "InService"


def test_a_setting_that_left_the_spec_is_cleared_once() -> None:
    made = running({"userSettings": {"securityGroups": ["sg-1"]}})
    made.edit(userSettings=None)
    made.run()
    assert only(made).settings["UserSettings"] == {"SecurityGroups": []}
    assert made.aws.operations() == ["UpdateUserProfile"]
    assert made.stored.managed_fields == ()


def test_what_left_the_spec_is_cleared_or_told_even_if_the_first_update_is_refused() -> None:
    made = running({"userSettings": {"executionRole": ROLE, "securityGroups": ["sg-1"]}})
    made.aws.faults = {"UpdateUserProfile": [("refuse", FailureKind.BUSY)]}
    made.edit(userSettings={"defaultLandingUri": "studio::"})
    made.run()
    settings = only(made).settings["UserSettings"]
    assert settings == {
        "ExecutionRole": ROLE,
        "SecurityGroups": [],
        "DefaultLandingUri": "studio::",
    }
    said = [note.message for note in made.notes if note.reason == "SettingKept"]
    assert len(said) == 1
    assert "userSettings.executionRole" in said[0]


def test_a_role_that_left_the_spec_stays_and_an_event_says_so() -> None:
    made = running(WITH_ROLE)
    made.edit(userSettings=None)
    made.run()
    said = [note.message for note in made.notes if note.reason == "SettingKept"]
    assert len(said) == 1
    assert "userSettings.executionRole" in said[0]
    assert (made.condition("Ready"), made.aws.operations()) == ("InService", [])


def test_a_failed_update_is_tried_again_three_times_at_most() -> None:
    made = running(WITH_ROLE)
    made.aws.faults = {"UpdateUserProfile": [("fail", FailureKind.INVALID)] * 5}
    made.edit(userSettings={"executionRole": OTHER_ROLE})
    made.run()
    assert made.aws.operations() == ["UpdateUserProfile"] * 3
    assert made.condition("Stalled") == "UpdateFailed"


def test_an_update_without_effect_is_given_up_and_told() -> None:
    made = running(WITH_ROLE)
    made.aws.faults = {"UpdateUserProfile": [("ignore", FailureKind.INVALID)] * 5}
    made.edit(userSettings={"executionRole": OTHER_ROLE})
    made.run()
    assert made.aws.operations() == ["UpdateUserProfile"] * 3
    assert made.condition("Stalled") == "NotApplied"
    assert "spec.userSettings.executionRole" in made.message()


def test_a_persons_request_makes_the_operator_look_again() -> None:
    made = running(WITH_ROLE)
    made.ask("now")
    made.seen.pop(Look.SETTINGS)
    made.run()
    assert made.looks == [Look.SETTINGS]
    assert made.stored.last_handled_reconcile_at == "now"


def test_tags_follow_the_spec_and_others_stay() -> None:
    made = running({"tags": {"team": "ml", "stage": "dev"}})
    only(made).tags["cost-center"] = "42"
    made.edit(tags={"team": "research"})
    made.run()
    assert only(made).tags == {OWNER_TAG: OURS, "team": "research", "cost-center": "42"}
    assert made.aws.operations() == ["AddTags", "DeleteTags"]


def test_the_field_that_aws_refuses_is_named() -> None:
    made = engine(WITH_ROLE)
    made.aws.faults = {"CreateUserProfile": [("refuse", FailureKind.INVALID)]}
    made.step()
    assert made.failure is not None
    constraint = (
        "1 validation error detected: Value 'x' at 'userSettings.executionRole' failed to satisfy "
        "constraint: Member must have length greater than or equal to 20"
    )
    made.failure = replace(made.failure, message=constraint)
    made.step()
    assert made.condition("Stalled") == "RejectedByAWS"
    assert made.message().startswith(
        "CreateUserProfile failed. Correct spec.userSettings.executionRole. AWS says: "
    )


# --- deletion ----------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["Retain", "Delete", "Orphan"])
def test_deletion_waits_for_spaces_that_name_the_profile(policy: str) -> None:
    made = running({"deletionPolicy": policy})
    made.dependents = ("ml-team/churn",)
    made.delete()
    made.step()
    assert made.condition("Ready") == "DeletionBlocked"
    assert "ml-team/churn" in made.message()
    assert made.aws.operations() == []


def test_retain_marks_the_profile_and_the_same_resource_takes_it_back() -> None:
    made = running()
    made.delete()
    made.run()
    assert made.released
    assert only(made).tags == {OWNER_TAG: RELEASED}
    made.reapply("uid-2")
    made.run()
    assert only(made).tags == {OWNER_TAG: f"{CLUSTER}/ml-team/alice/uid-2"}
    assert made.condition("Ready") == "InService"
    assert made.aws.operations() == ["AddTags", "AddTags"]


def test_orphan_drops_the_mark_and_touches_nothing_else() -> None:
    made = running({"deletionPolicy": "Orphan", "tags": {"team": "ml"}})
    made.delete()
    made.run()
    assert made.released
    assert made.aws.operations() == ["DeleteTags"]
    assert only(made).tags == {"team": "ml"}


def test_delete_waits_for_spaces_in_aws() -> None:
    made = running({"deletionPolicy": "Delete"})
    made.spaces = ("churn",)
    made.delete()
    made.step()
    assert made.condition("Ready") == "DeletionBlocked"
    assert "space" in made.message()
    assert "churn" in made.message()
    made.spaces = ()
    made.run()
    assert made.released
    assert made.aws.operations() == ["DeleteUserProfile"]
    assert made.aws.profiles.records == {}


def test_a_failed_deletion_is_told_and_tried_again_after_a_pause() -> None:
    made = running({"deletionPolicy": "Delete"})
    made.aws.faults = {"DeleteUserProfile": [("fail", FailureKind.BUSY)]}
    made.delete()
    while made.condition("Stalled") is None:
        plan = made.step()
    assert (plan.call, made.condition("Stalled")) == (None, "DeletionFailed")
    assert plan.wake_at is not None
    assert "AWS's own reason" in made.message()
    made.run()
    assert made.released
    assert made.aws.operations() == ["DeleteUserProfile"] * 2


@pytest.mark.parametrize("policy", ["Retain", "Delete", "Orphan"])
@pytest.mark.parametrize("owner", [None, FOREIGN, LEFT_BY_ANOTHER])
def test_deletion_never_touches_what_is_not_ours(policy: str, owner: str | None) -> None:
    made = engine({"deletionPolicy": policy})
    record = there(made, owner)
    before = dict(record.tags)
    made.run()
    made.delete()
    made.run()
    assert made.released
    assert (made.aws.operations(), record.tags) == ([], before)


def test_a_profile_whose_creation_was_never_answered_is_deleted_too() -> None:
    made = engine({"deletionPolicy": "Delete"})
    made.aws.faults = {"CreateUserProfile": [("lose", FailureKind.TRANSIENT)]}
    made.step()
    made.delete()
    made.run()
    assert made.released
    assert made.aws.profiles.records == {}


def test_a_creation_without_an_answer_may_show_up_late() -> None:
    made = engine({"deletionPolicy": "Delete"})
    made.aws.faults = {"CreateUserProfile": [("lose", FailureKind.TRANSIENT)]}
    made.step()
    failure = made.failure
    made.delete()
    situation = replace(made.situation(), profile=None, failure=failure)
    plan = plan_profile(situation)
    assert plan.finalizer
    assert plan.wake_at is not None
    assert not plan_profile(replace(situation, now=plan.wake_at)).finalizer


@pytest.mark.parametrize("facts", [None, {"gone": True}])
def test_without_its_domain_a_profile_that_never_was_may_go(facts: dict[str, Any] | None) -> None:
    made = engine(is_observed=False)
    made.facts = replace(made.facts, **facts) if made.facts and facts else None
    made.delete()
    made.run()
    assert made.released


def test_a_missing_studio_domain_does_not_let_go_of_an_unseen_profile() -> None:
    made = running()
    made.facts, made.is_observed = None, False
    made.delete()
    plan = made.plan()
    assert (plan.finalizer, plan.call) == (True, None)
    made.is_observed = True
    made.run()
    assert made.released
    assert only(made).tags == {OWNER_TAG: RELEASED}


def test_a_resource_without_finalizer_may_go_at_once() -> None:
    made = engine()
    made.delete()
    situation = made.situation()
    plan = plan_profile(replace(situation, declared=replace(situation.declared, finalizer=False)))
    assert (plan.finalizer, plan.call) == (False, None)


# --- what others change --------------------------------------------------------------------------


def test_what_others_changed_is_changed_back_and_told_with_both_values() -> None:
    made = running({**WITH_ROLE, "tags": {"team": "ml"}})
    record = only(made)
    record.settings["UserSettings"] = {"ExecutionRole": OTHER_ROLE}
    record.modified_at = made.aws.now + timedelta(seconds=5)
    made.notes.clear()
    made.run()
    record.tags["team"] = "growth"
    made.run()
    assert [note.message for note in made.notes if "thers" in note.message] == [
        "Others changed user profile alice in AWS: setting spec.userSettings.executionRole from "
        "role/bob to role/alice",
        "Others changed tags of user profile alice in AWS: team=growth becomes team=ml",
    ]


def test_what_the_spec_changes_is_not_put_down_to_others() -> None:
    made = running({**WITH_ROLE, "tags": {"team": "ml"}})
    made.edit(userSettings={"executionRole": OTHER_ROLE}, tags={"team": "growth"})
    made.run()
    assert made.aws.operations() == ["UpdateUserProfile", "AddTags"]
    assert not any("thers" in note.message for note in made.notes)


def test_apps_outside_of_spaces_block_the_deletion_by_name() -> None:
    made = running({"deletionPolicy": "Delete"})
    made.apps = ("Canvas", "KernelGateway instance-1")
    made.delete()
    made.run()
    assert made.condition("Reconciling") == "DeletionBlocked"
    assert "2 apps in AWS: Canvas, KernelGateway instance-1" in made.message()
    assert made.aws.operations() == []
    made.apps = ()
    made.run()
    assert made.released
    assert made.aws.operations() == ["DeleteUserProfile"]


def test_apps_hold_up_no_release() -> None:
    made = running()
    made.apps = ("Canvas",)
    made.delete()
    made.run()
    assert made.released
