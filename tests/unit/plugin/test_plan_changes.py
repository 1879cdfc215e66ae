"""What a change of YAML does in AWS: a row for each kind of change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from studio_operator.api.common import OWNER_TAG
from studio_operator.engine.tuning import tuning_of
from studio_operator.kinds.space.features.backup.tuning import BackupTuning
from studio_operator.kube.resources import Key
from studio_operator.plugin.planning.report import Action, Cost
from studio_operator.plugin.planning.values import ValuesError, read_settings

from tests.unit.plugin.plan_stage import (
    REGION,
    ROLE,
    actions,
    document,
    documents,
    domain,
    estate,
    only,
    plan,
    profile,
    record,
    space,
)

CHURN = Key("Space", "ml-team", "churn")
A = Action


# --- the table: what changes, while the app runs and while it is stopped ------------------------

CHANGES: list[Any] = [
    pytest.param({"instanceType": "ml.m5.large"}, [A.RESTART], [A.UPDATE, A.START], id="type"),
    pytest.param({"storage": {"sizeGiB": 40}}, [A.RESTART], [A.UPDATE], id="volume"),
    pytest.param({"image": {"distribution": "2.1"}}, [A.RESTART], [A.UPDATE], id="image"),
    pytest.param(
        {"instanceType": "ml.m5.large", "resizePolicy": "WhenStopped"},
        [A.WAIT],
        [A.UPDATE, A.START],
        id="type, when stopped",
    ),
    pytest.param({"displayName": "Churn"}, [A.WAIT], [A.UPDATE], id="display name"),
    pytest.param({"idleShutdown": {"after": "2h"}}, [A.WAIT], [A.UPDATE], id="idle time"),
    pytest.param({"tags": {"team": "churn"}}, [A.UPDATE], [A.UPDATE], id="tags"),
    pytest.param({"state": "Stopped"}, [A.STOP], [], id="stop"),
    pytest.param({"deletionPolicy": "Orphan"}, [], [], id="policy"),
    pytest.param({"resizePolicy": "WhenStopped"}, [], [], id="resize policy"),
    pytest.param({"app": "CodeEditor"}, [A.REFUSE], [A.REFUSE], id="app"),
    pytest.param({"storage": {"sizeGiB": 10}}, [A.REFUSE], [A.REFUSE], id="shrink"),
    pytest.param({"storage": {"sizeGiB": 1}}, [A.REFUSE], [A.REFUSE], id="too small"),
    pytest.param({"instancetype": "ml.m5.large"}, [A.REFUSE], [A.REFUSE], id="typing error"),
    pytest.param({"ownerRef": {"name": "bob"}}, [A.REFUSE], [A.REFUSE], id="owner"),
]


@pytest.mark.parametrize(("change", "running", "_stopped"), CHANGES)
def test_a_space_whose_app_runs(
    change: dict[str, Any], running: list[Action], _stopped: list[Action]
) -> None:
    recorded = record(estate())
    report = plan(estate(), estate(space(**change)), records=recorded)
    assert actions(report) == ({"churn": running} if running else {})


@pytest.mark.parametrize(("change", "_running", "stopped"), CHANGES)
def test_a_space_whose_app_a_person_has_stopped(
    change: dict[str, Any], _running: list[Action], stopped: list[Action]
) -> None:
    recorded = record(estate(), running=False)
    report = plan(estate(), estate(space(**change)), records=recorded)
    assert actions(report) == ({"churn": stopped} if stopped else {})


@pytest.mark.parametrize(("change", "running", "_stopped"), CHANGES)
def test_a_space_of_which_nothing_is_known_is_taken_to_run(
    change: dict[str, Any], running: list[Action], _stopped: list[Action]
) -> None:
    report = plan(estate(), estate(space(**change)))
    assert actions(report) == ({"churn": running} if running else {})
    assert "Nothing is known of AWS" in report.assumptions[0]


def test_an_app_that_people_start_and_stop_is_taken_to_run_too() -> None:
    before = estate(space(state=None))
    report = plan(before, estate(space(state=None, instanceType="ml.m5.large")))
    assert actions(report) == {"churn": [A.RESTART]}


# --- back-ups -------------------------------------------------------------------------------------

BACKED_UP: dict[str, Any] = {"backup": {"s3Uri": "s3://team-backups/studio"}}


def test_a_place_that_the_operator_does_not_allow_is_refused_where_its_values_are_given() -> None:
    before, after = estate(space()), estate(space(**BACKED_UP))
    values = {
        "backupPlaces": ["s3://studio-backups", "s3://*/spaces"],
        "backupBucketOwners": {"studio-backups": "444455556666"},
        "settings": {"startDeadline": 60, "ownerMetrics": False},
    }
    tuning = tuning_of(read_settings([values]))
    assert tuning.of(BackupTuning).places == ("s3://studio-backups", "s3://*/spaces")
    assert tuning.of(BackupTuning).bucket_owners == (("studio-backups", "444455556666"),)
    assert tuning.start_deadline_seconds == 60
    report = plan(before, after, records=record(before), tuning=tuning)
    assert actions(report) == {"churn": [A.REFUSE]}
    assert "lets no back-ups go" in report.resources[0].effects[0].text
    assert not [said for said in report.assumptions if "--values" in said]


def test_several_files_of_values_hold_together_as_helm_has_them() -> None:
    """Mappings are merged, of lists the later holds, and null takes a value back."""
    tuning = tuning_of(
        read_settings(
            [
                {
                    "backupPlaces": ["s3://studio-backups"],
                    "backupBucketOwners": {"one": "111122223333", "two": "444455556666"},
                    "settings": {"startDeadline": 60, "startRetry": 7, "startRetryMax": None},
                },
                {
                    "backupPlaces": [],
                    "backupBucketOwners": {"two": None, "three": "777788889999"},
                    "settings": {"startDeadline": None, "ownerMetrics": None},
                },
            ]
        )
    )
    assert tuning.of(BackupTuning).places == ()
    assert dict(tuning.of(BackupTuning).bucket_owners) == {
        "one": "111122223333",
        "three": "777788889999",
    }
    assert tuning.start_deadline_seconds == tuning_of(read_settings([])).start_deadline_seconds
    assert tuning.start_retry_seconds == 7


def test_a_plan_says_that_it_knows_no_places_of_back_ups_where_one_is_declared() -> None:
    before, after = estate(space()), estate(space(**BACKED_UP))
    (said,) = plan(before, after, records=record(before)).assumptions
    assert said.startswith("Where the operator lets back-ups go is not known without --values")
    assert plan(after, after, records=record(after)).assumptions == ()


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ([{"backupPlaces": "s3://a"}], "backupPlaces is no list"),
        ([{"backupBucketOwners": ["a"]}], "backupBucketOwners is no mapping"),
        ([{"settings": [1]}], "settings is no mapping"),
        (["text"], "it holds no values of the chart"),
        ([{"backupPlaces": ["elsewhere"]}], "STUDIO_OPERATOR_BACKUP_PLACES is 'elsewhere'"),
    ],
)
def test_values_that_no_chart_takes_are_refused(values: list[Any], problem: str) -> None:
    with pytest.raises(ValuesError, match=problem):
        read_settings(values)


@pytest.mark.parametrize(
    ("running", "expected"), [(True, [A.WAIT, A.RESTART]), (False, [A.WAIT, A.RESTART])]
)
def test_a_resize_waits_for_a_back_up_first(running: bool, expected: list[Action]) -> None:
    before = estate(space(**BACKED_UP))
    after = estate(space(instanceType="ml.m5.large", **BACKED_UP))
    report = plan(before, after, records=record(before, running=running))
    assert actions(report) == {"churn": [A.WAIT, A.RESTART]}


def test_back_ups_that_are_added_interrupt_nobody() -> None:
    report = plan(estate(), estate(space(**BACKED_UP)), records=record(estate()))
    assert actions(report) == {"churn": [A.UPDATE, A.WAIT]}


@pytest.mark.parametrize(("running", "expected"), [(True, [A.WAIT, A.DELETE]), (False, [A.WAIT])])
def test_a_deletion_waits_for_a_back_up_first(running: bool, expected: list[Action]) -> None:
    before = estate(space(deletionPolicy="Delete", **BACKED_UP))
    report = plan(before, documents(domain(), profile()), records=record(before, running=running))
    assert actions(report)["churn"][: len(expected)] == expected


# --- what spaces mount, offer and let in ----------------------------------------------------------

EFS = {"efs": {"fileSystemId": "fs-0123456789abcdef0"}}
MOUNTED: dict[str, Any] = {"storage": {"sizeGiB": 20, "fileSystems": [EFS]}}
ATTACHES = domain(defaultUserSettings={"executionRole": ROLE, "fileSystems": [EFS]})
OFFERED: dict[str, Any] = {"codeRepositories": ["https://git.example.com/ml/churn"]}
LARGE: dict[str, Any] = {"instanceType": "ml.t3.large"}


def attaching(*spaces: dict[str, Any]) -> dict[Key, Any]:
    """An estate whose domain attaches a file system."""
    return documents(ATTACHES, profile(), *spaces)


def test_a_file_system_restarts_a_running_app_once_and_a_repository_waits() -> None:
    before = attaching(space(), space("growth"))
    after = attaching(space(**MOUNTED), space("growth", **OFFERED))
    report = plan(before, after, records=record(before))
    assert actions(report) == {"churn": [A.RESTART], "growth": [A.WAIT]}
    assert (report.count(A.RESTART), report.count(A.WAIT)) == (1, 1)


def test_one_commit_that_attaches_and_mounts_is_one_restart() -> None:
    report = plan(estate(), attaching(space(**MOUNTED)), records=record(estate()))
    assert actions(report) == {"research": [A.UPDATE], "churn": [A.RESTART]}


def test_a_file_system_that_the_domain_does_not_attach_interrupts_nobody() -> None:
    one = only(plan(estate(), estate(space(**MOUNTED)), records=record(estate())))
    assert [effect.action for effect in one.effects] == [A.BLOCKED]
    place = "spec.defaultUserSettings.fileSystems of StudioDomain ml-team/research"
    assert place in one.effects[0].text


def test_of_a_domain_that_is_not_among_the_files_it_is_taken_that_it_attaches_them() -> None:
    before, after = documents(space()), documents(space(**MOUNTED))
    assert actions(plan(before, after)) == {"churn": [A.RESTART]}
    shared = documents(space(sharing="Shared", **MOUNTED))
    assert actions(plan(documents(space(sharing="Shared")), shared)) == {"churn": [A.RESTART]}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (LARGE, [A.RESTART]),
        ({"instanceType": "ml.t3.medium"}, [A.REFUSE]),
        ({"instanceType": None}, [A.REFUSE]),
    ],
    ids=["large", "small", "small by default"],
)
def test_remote_access_restarts_an_app_or_is_refused(
    spec: dict[str, Any], expected: list[Action]
) -> None:
    before = estate(space(**spec))
    report = plan(before, estate(space(remoteAccess="Enabled", **spec)), records=record(before))
    assert actions(report) == {"churn": expected}


# --- in words ------------------------------------------------------------------------------------


def test_a_restart_says_what_becomes_what_and_whom_it_interrupts() -> None:
    one = only(plan(estate(), estate(space(instanceType="ml.m5.large"))))
    effect = one.effects[0]
    assert (effect.before, effect.after) == ("ml.t3.medium", "ml.m5.large")
    assert "stops JupyterLab" in effect.text
    assert one.people == "alice"


def test_a_restart_of_a_shared_space_concerns_everybody_who_uses_it() -> None:
    before, after = (
        estate(space(sharing="Shared", instanceType=type_))
        for type_ in ("ml.t3.medium", "ml.m5.large")
    )
    assert only(plan(before, after)).people == "alice and everybody who uses the shared space"


def test_what_waits_says_for_what() -> None:
    after = estate(space(instanceType="ml.m5.large", resizePolicy="WhenStopped"))
    one = only(plan(estate(), after))
    assert "then ml.t3.medium becomes ml.m5.large" in one.effects[0].text
    assert "WhenStopped" in one.effects[0].text


def test_several_changes_are_one_restart() -> None:
    after = estate(
        space(instanceType="ml.m5.large", storage={"sizeGiB": 40}, tags={"team": "churn"})
    )
    one = only(plan(estate(), after))
    assert [effect.action for effect in one.effects] == [A.RESTART, A.UPDATE]
    assert one.effects[0].after == "ml.m5.large, 40 GiB"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"app": "CodeEditor"}, "spec.app is CodeEditor, space churn has JupyterLab"),
        ({"storage": {"sizeGiB": 10}}, "Set spec.storage.sizeGiB to 20 or more"),
        ({"instancetype": "ml.m5.large"}, "spec.instancetype: no such field"),
        ({"instanceType": "large"}, "spec.instanceType: "),
    ],
)
def test_a_refusal_names_the_field_and_the_reason(change: dict[str, Any], words: str) -> None:
    one = only(plan(estate(), estate(space(**change))))
    assert words in one.effects[0].text


@pytest.mark.parametrize("running", [True, False])
def test_a_volume_above_the_domains_maximum_is_refused_and_stops_nobody(running: bool) -> None:
    storage = {"defaultGiB": 20, "maximumGiB": 100}
    closed = domain(defaultUserSettings={"executionRole": ROLE, "spaceStorage": storage})
    before = documents(closed, profile(), space())
    after = documents(closed, profile(), space(storage={"sizeGiB": 200}))
    one = only(plan(before, after, records=record(before, running=running)))
    assert [effect.action for effect in one.effects] == [A.REFUSE]
    assert "allows 100" in one.effects[0].text


def test_a_type_that_the_sdk_does_not_know_waits_until_the_app_is_stopped() -> None:
    after = estate(space(instanceType="ml.t3.meduim"))
    one = only(plan(estate(), after, records=record(estate())))
    assert [effect.action for effect in one.effects] == [A.WAIT]
    assert "Set spec.instanceType to ml.t3.medium" in one.effects[0].text


def test_a_growth_that_aws_never_made_can_be_taken_back() -> None:
    recorded = record(estate(space(storage={"sizeGiB": 200})))
    recorded[CHURN]["status"]["storageGiB"] = 20
    before, after = estate(space(storage={"sizeGiB": 200})), estate()
    assert A.REFUSE not in actions(plan(before, after, records=recorded)).get("churn", [])


def test_a_volume_that_people_let_grow_is_not_shrunk_by_a_smaller_spec() -> None:
    recorded = record(estate())
    recorded[CHURN]["status"]["storageGiB"] = 100
    after = estate(space(storage={"sizeGiB": 50}))
    assert actions(plan(estate(), after, records=recorded)) == {"churn": [A.REFUSE]}


# --- creation and adoption -----------------------------------------------------------------------


def test_a_new_estate_is_created_and_started() -> None:
    report = plan({}, estate())
    assert actions(report) == {
        "research": [A.CREATE],
        "alice": [A.CREATE],
        "churn": [A.CREATE, A.START],
    }


def test_what_others_refer_to_and_is_not_among_the_files_is_taken_to_be_ready() -> None:
    report = plan({}, documents(space()))
    assert actions(report) == {"churn": [A.CREATE, A.START]}
    assert "StudioDomain ml-team/research" in report.assumptions[1]


def test_what_is_missing_in_the_cluster_is_waited_for() -> None:
    report = plan({}, documents(space()), records={})
    assert actions(report) == {"churn": [A.BLOCKED]}
    assert "StudioDomain ml-team/research does not exist" in only(report).effects[0].text


def test_what_is_adopted_is_only_tagged_and_costs_no_more_than_before() -> None:
    taken_over = documents(
        domain(domainId="d-a1b2c3"), profile(adopt=True), space(adopt=True, state=None)
    )
    report = plan({}, taken_over)
    assert actions(report) == {"research": [A.ADOPT], "alice": [A.ADOPT], "churn": [A.ADOPT]}
    assert all(one.cost is None for one in report.resources)
    assert "Taken to exist in AWS" in report.assumptions[1]


def test_a_state_starts_no_adopted_app() -> None:
    taken_over = documents(space(adopt=True, state="Running"))
    assert actions(plan({}, taken_over)) == {"churn": [A.ADOPT]}


def not_ready(recorded: dict[Key, Any], reason: str, message: str, **status: Any) -> None:
    """Let the recording say that churn is not ready, and with which members of status."""
    ready = {
        "type": "Ready",
        "status": "False",
        "reason": reason,
        "message": message,
        "lastTransitionTime": "2026-11-22T09:00:00Z",
    }
    shown = {"conditions": [ready], **status}
    recorded[CHURN]["status"] |= {name: value for name, value in shown.items() if value}
    for name in [name for name, value in shown.items() if not value]:
        del recorded[CHURN]["status"][name]


@pytest.mark.parametrize("arn", [None, "arn:aws:sagemaker:eu-west-1:123456789012:space/d-1/churn"])
def test_what_belongs_to_others_is_refused(arn: str | None) -> None:
    recorded = record(estate())
    told = "space churn belongs to other/churn. Set spec.spaceName to another name."
    not_ready(recorded, "OwnershipConflict", told, arn=arn)
    after = estate(space(instanceType="ml.m5.large"))
    one = only(plan(estate(), after, records=recorded))
    assert [effect.action for effect in one.effects] == [A.REFUSE]
    assert one.effects[0].text.startswith("OwnershipConflict: ")


def test_what_is_nobodys_is_taken_over_once_the_spec_says_so() -> None:
    recorded = record(estate())
    told = "space churn exists in AWS and this resource did not make it."
    not_ready(recorded, "OwnershipConflict", told, arn=None)
    tagged, adopted = (estate(space(**more)) for more in ({"tags": {"a": "b"}}, {"adopt": True}))
    assert actions(plan(estate(), tagged, records=recorded)) == {"churn": [A.REFUSE]}
    assert only(plan(estate(), adopted, records=recorded)).effects[0].action is A.ADOPT


def test_what_was_deleted_in_aws_is_not_planned_with() -> None:
    recorded = record(estate())
    not_ready(recorded, "DeletedOutsideOfGit", "space churn was deleted in AWS.")
    after = estate(space(instanceType="ml.m5.large"))
    assert actions(plan(estate(), after, records=recorded)) == {"churn": [A.REFUSE]}


# --- deletion ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "expected", "loses", "words"),
    [
        (None, [A.STOP, A.RELEASE], False, "goes on costing money"),
        ("Retain", [A.STOP, A.RELEASE], False, "the space and its volume stay"),
        ("Orphan", [A.RELEASE], False, "deletionPolicy Orphan"),
        ("Delete", [A.DELETE], True, "DATA LOSS: deletes the space, its volume and all files"),
    ],
)
def test_a_space_that_is_removed(
    policy: str | None, expected: list[Action], *, loses: bool, words: str
) -> None:
    before = estate(space(deletionPolicy=policy))
    after = {key: raw for key, raw in before.items() if key != CHURN}
    for records in (None, record(before)):
        one = only(plan(before, after, records=records))
        assert [effect.action for effect in one.effects] == expected
        assert one.loses_data is loses
        assert words in one.effects[-1].text


@pytest.mark.parametrize(
    ("spec", "loses", "words"),
    [
        ({"deletionPolicy": "Delete"}, False, "home folders stays"),
        ({"deletionPolicy": "Delete", "homeEfsRetention": "Delete"}, True, "DATA LOSS"),
    ],
)
def test_a_domain_that_is_removed(spec: dict[str, Any], *, loses: bool, words: str) -> None:
    one = only(plan(documents(domain(**spec)), {}))
    assert (one.action, one.loses_data) == (A.DELETE, loses)
    assert words in one.effects[0].text


def test_what_others_still_need_is_not_deleted() -> None:
    before = estate()
    after = {key: raw for key, raw in before.items() if key.kind != "UserProfile"}
    report = plan(before, after)
    assert actions(report) == {"alice": [A.BLOCKED]}
    assert "ml-team/churn" in only(report).effects[0].text


def test_what_goes_together_goes_in_order() -> None:
    before = documents(
        domain(deletionPolicy="Delete"),
        profile(deletionPolicy="Delete"),
        space(deletionPolicy="Delete"),
    )
    report = plan(before, {})
    assert {name: found[-1] for name, found in actions(report).items()} == {
        "research": A.DELETE,
        "alice": A.DELETE,
        "churn": A.DELETE,
    }


def test_a_removed_resource_that_the_cluster_does_not_have_changes_nothing() -> None:
    assert plan(estate(), {}, records={}).changed == ()


# --- domains and profiles ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"tags": {"team": "churn"}}, "sets tags team"),
        ({"tagPropagation": "ENABLED"}, "changes tagPropagation of the domain"),
        (
            {"subnetIds": ["subnet-1", "subnet-2"]},
            "AWS takes subnetIds only while no app of the domain runs",
        ),
    ],
)
def test_a_domain_is_updated(spec: dict[str, Any], words: str) -> None:
    for records in (None, record(documents(domain()))):
        one = only(plan(documents(domain()), documents(domain(**spec)), records=records))
        assert one.action is A.UPDATE
        assert words in one.effects[0].text


def test_a_profile_is_updated() -> None:
    after = documents(domain(), profile(userSettings={"executionRole": ROLE}))
    one = only(plan(documents(domain(), profile()), after))
    assert one.effects[0].text == "changes userSettings.executionRole of the user profile"


# --- schedules -----------------------------------------------------------------------------------

WEEKDAYS = {
    "timezone": "Europe/Berlin",
    "windows": [{"days": "Mon-Fri", "from": "08:00", "to": "19:00"}],
}


def test_a_schedule_says_what_it_does_now_and_next() -> None:
    """The plan is made on a Sunday."""
    scheduled = estate(space(schedule=WEEKDAYS))
    one = only(plan(estate(), scheduled))
    assert [effect.action for effect in one.effects] == [A.STOP, A.SCHEDULE]
    assert one.effects[1].text == "later, by the clock: the app starts at 2026-11-23 07:00 UTC"
    back = only(plan(scheduled, estate()))
    assert [effect.action for effect in back.effects] == [A.START, A.SCHEDULE]
    assert back.effects[1].text == "no schedule starts or stops the app any more"


def test_a_limit_of_the_running_time_says_when_it_stops_the_app() -> None:
    one = only(plan(estate(), estate(space(maxRunTime="8h"))))
    assert [effect.action for effect in one.effects] == [A.SCHEDULE]
    assert "stops at" in one.effects[0].text


def test_a_change_beside_a_schedule_does_not_repeat_it() -> None:
    scheduled = (space(state=None, schedule=WEEKDAYS, tags={"a": tag}) for tag in "12")
    before, after = map(estate, scheduled)
    assert actions(plan(before, after)) == {"churn": [A.UPDATE]}


# --- what is not the change's doing --------------------------------------------------------------


def test_what_waits_already_is_not_told_again() -> None:
    waiting = estate(space(instanceType="ml.m5.large", resizePolicy="WhenStopped"))
    recorded = record(estate())
    assert plan(waiting, waiting, records=recorded).changed == ()
    tagged = estate(
        space(instanceType="ml.m5.large", resizePolicy="WhenStopped", tags={"team": "churn"})
    )
    assert actions(plan(waiting, tagged, records=recorded)) == {"churn": [A.UPDATE, A.WAIT]}


def test_a_changed_spec_that_is_refused_as_before_is_told() -> None:
    other_mode = domain(authMode="SSO")
    stuck = documents(other_mode, profile(), space())
    after = documents(other_mode, profile(tags={"team": "churn"}), space())
    recorded = record(stuck)
    assert actions(plan(stuck, after, records=recorded))["alice"] == [A.REFUSE]


def test_other_resources_of_the_cluster_are_not_spoken_of() -> None:
    recorded = record(estate())
    mine = documents(space(instanceType="ml.m5.large"))
    before = documents(space())
    assert actions(plan(before, mine, records=recorded)) == {"churn": [A.RESTART]}


def test_others_to_whom_the_change_does_something_are_told() -> None:
    guest = profile("guest", domainRef={"name": "research", "namespace": "ml-team"})
    guest["metadata"]["namespace"] = "guests"
    open_domain = documents(domain(allowedNamespaces=["guests"]))
    recorded = record({**open_domain, **documents(guest)})
    closed = documents(domain(allowedNamespaces=[], tags={"a": "b"}))
    report = plan(open_domain, closed, records=recorded)
    assert actions(report) == {"research": [A.UPDATE], "guest": [A.REFUSE]}
    assert "does not admit namespace guests" in report.changed[0].effects[0].text


def test_the_planners_see_the_mark_of_this_cluster_only() -> None:
    tags = only(plan({}, documents(domain()))).effects[0].text
    assert OWNER_TAG not in tags


# --- cost ----------------------------------------------------------------------------------------


def test_a_larger_instance_and_volume_cost_the_difference() -> None:
    after = estate(space(instanceType="ml.m5.large", storage={"sizeGiB": 40}))
    report = plan(estate(), after)
    assert report.hour.amount == Decimal("0.07")
    assert report.volume_month.amount == Decimal("2.0")
    assert report.month_at_most.amount == Decimal("0.07") * 730 + 2


def test_an_unknown_price_is_unknown_and_never_nothing() -> None:
    report = plan(estate(), estate(space(instanceType="ml.p5.48xlarge")))
    change = only(report).cost
    assert change is not None
    assert (change.after.hour, change.hour) == (None, None)
    assert report.hour.unknown == 1


def test_in_an_unknown_region_every_price_is_unknown() -> None:
    elsewhere = (
        documents(domain(aws=None), profile(), space(instanceType=type_))
        for type_ in ("ml.t3.medium", "ml.m5.large")
    )
    change = only(plan(*elsewhere)).cost
    assert change is not None
    assert change.hour is None


def test_a_region_that_is_given_counts_for_domains_that_name_none() -> None:
    elsewhere = (
        documents(domain(aws=None), profile(), space(instanceType=type_))
        for type_ in ("ml.t3.medium", "ml.m5.large")
    )
    assert plan(*elsewhere, region="eu-west-1").hour.amount == Decimal("0.07")


@pytest.mark.parametrize("region", [None, "eu-west-1"])
def test_a_region_that_aws_does_not_have_is_refused_as_by_the_operator(region: str | None) -> None:
    report = plan(documents(), documents(domain(aws={"region": "eu-invented-9"})), region=region)
    (effect,) = only(report).effects
    assert (effect.action, only(report).calls) == (Action.REFUSE, ())
    assert "eu-invented-9" in effect.text


@pytest.mark.parametrize("region", [None, "eu-west-1"])
def test_a_region_that_aws_has_is_not_refused(region: str | None) -> None:
    report = plan(documents(), documents(domain(aws={"region": "eu-west-3"})), region=region)
    assert [one.action for one in only(report).effects] == [Action.CREATE]


@pytest.mark.parametrize(
    ("policy", "after"),
    [
        ("Retain", Cost(Decimal(0), Decimal("2.0"))),
        ("Delete", Cost(Decimal(0), Decimal(0))),
        ("Orphan", Cost(Decimal("0.05"), Decimal("2.0"))),
    ],
)
def test_what_is_let_go_goes_on_costing_what_stays(policy: str, after: Cost) -> None:
    before = estate(space(deletionPolicy=policy))
    removed = {key: raw for key, raw in before.items() if key != CHURN}
    change = only(plan(before, removed)).cost
    found = change.after if change else Cost(Decimal("0.05"), Decimal("2.0"))
    assert found == after


def test_a_stop_saves_the_instance() -> None:
    assert plan(estate(), estate(space(state="Stopped"))).hour.amount == Decimal("-0.05")


def test_what_studio_classic_costs_is_unknown() -> None:
    classic = document(
        "Space",
        "old",
        {"domainRef": {"name": "research"}, "sharing": "Shared", "app": "JupyterServer"},
    )
    report = plan(documents(domain()), documents(domain(), classic))
    assert (report.hour.unknown, report.volume_month.unknown) == (1, 0)


def test_a_time_zone_that_does_not_exist_is_admitted_and_refused_by_the_operator() -> None:
    windows = [{"days": "Mon-Fri", "from": "08:00", "to": "19:00"}]
    typo = space(schedule={"timezone": "Europe/Berlim", "windows": windows})
    before = estate()
    report = only(plan(before, estate(typo), records=record(before)))
    (effect,) = report.effects
    assert effect.action is Action.REFUSE
    assert effect.text == (
        "InvalidSpec: spec.schedule.timezone is Europe/Berlim, which is no time zone. "
        "Set spec.schedule.timezone to an IANA name such as Europe/Berlin."
    )
    assert report.calls == ()


def test_what_the_operator_cannot_read_is_deleted_as_its_policy_says() -> None:
    windows = [{"days": "Mon-Fri", "from": "08:00", "to": "19:00"}]
    typo = {"timezone": "Europe/Berlim", "windows": windows}
    records = record(estate())
    before = estate(space(schedule=typo, deletionPolicy="Delete"))
    for key, raw in before.items():
        records[key]["spec"] = raw["spec"]
    after = {key: raw for key, raw in before.items() if key.kind != "Space"}
    report = only(plan(before, after, records=records))
    assert report.calls == ("DeleteApp", "DeleteSpace")
    assert any(effect.data_loss for effect in report.effects)


# --- what has no effect ---------------------------------------------------------------------------


def test_an_idle_time_that_nothing_acts_on_is_noted_once() -> None:
    idle: dict[str, Any] = {"idleShutdown": {"after": "2h"}}
    settings = {"executionRole": ROLE, "jupyterLab": {"idle": {"enabled": False}}}
    around = (domain(defaultUserSettings=settings), profile())
    with_idle = documents(*around, space(**idle))
    one = only(plan(documents(*around, space()), with_idle))
    assert [effect.action for effect in one.effects] == [A.WAIT, A.NOTE]
    assert "spec.idleShutdown has no effect" in one.effects[1].text
    later = plan(with_idle, documents(*around, space(**idle, displayName="Churn")))
    assert A.NOTE not in actions(later)["churn"]


# --- defaults that spaces inherit -----------------------------------------------------------------

IMAGE = f"arn:aws:sagemaker:{REGION}:123456789012:image/team"
SCRIPT = f"arn:aws:sagemaker:{REGION}:123456789012:studio-lifecycle-config/tools"


def with_defaults(**resource: str) -> dict[str, Any]:
    scripts = [resource["lifecycleConfigArn"]] if "lifecycleConfigArn" in resource else None
    lab = {"defaultResourceSpec": resource, "lifecycleConfigArns": scripts}
    return {"jupyterLab": {name: value for name, value in lab.items() if value}}


def domain_with(**resource: str) -> dict[str, Any]:
    return domain(defaultUserSettings={"executionRole": ROLE, **with_defaults(**resource)})


INHERITING = space(instanceType=None)
DEFAULTS = [
    ({"instanceType": "ml.m5.large"}, {"instanceType": "ml.m5.xlarge"}, "ml.m5.xlarge"),
    ({"instanceType": "ml.m5.large"}, {"imageArn": IMAGE, "versionAlias": "1.0"}, "team 1.0"),
    ({}, {"lifecycleConfigArn": SCRIPT}, "tools"),
]


@pytest.mark.parametrize(("before", "after", "words"), DEFAULTS, ids=["type", "image", "script"])
@pytest.mark.parametrize("whose", ["domain", "profile"])
def test_a_default_that_becomes_another_restarts_the_spaces_that_have_it(
    before: dict[str, str], after: dict[str, str], words: str, whose: str
) -> None:
    def committed(resource: dict[str, str]) -> dict[Key, Any]:
        if whose == "domain":
            return documents(domain_with(**resource), profile(), INHERITING)
        owner = profile(userSettings=with_defaults(**resource)) if resource else profile()
        return documents(domain(), owner, INHERITING)

    first, second = committed(before), committed(after)
    report = plan(first, second, records=record(first))
    told = actions(report)
    assert told["churn"] == [Action.RESTART]
    (effect,) = next(one for one in report.changed if one.key.name == "churn").effects
    assert words in effect.text
    stopped = actions(plan(first, second, records=record(first, running=False)))
    assert stopped["churn"] == [Action.UPDATE]


def test_a_default_that_only_aws_has_is_no_change() -> None:
    """Status tells what a space was given; the domain's spec says nothing of it."""
    given = documents(domain_with(instanceType="ml.m5.large"), profile(), INHERITING)
    recorded = record(given)
    silent = estate(INHERITING)
    for key, raw in recorded.items():
        raw["spec"] = silent[key]["spec"]
    edited = estate(space(instanceType=None, tags={"team": "churn"}))
    report = plan(silent, edited, records=recorded)
    assert actions(report) == {"churn": [Action.UPDATE]}


def test_another_domain_to_be_made_is_no_news_of_one_that_was_to_be_made_before() -> None:
    """The ids that domains would get are no change: both dry runs have to give the same ones."""
    waiting = documents(domain(domainName="waiting"), profile())
    another = document("StudioDomain", "another", domain(domainName="first")["spec"])
    report = plan(waiting, {**waiting, **documents(another)}, records={})
    changed = {one.key.name for one in report.resources if one.effects}
    assert changed == {"another"}


@pytest.mark.parametrize(
    ("after", "name"),
    [
        (estate(space(spaceName="other")), "churn"),
        (documents(domain(), profile(userProfileName="bob")), "alice"),
        (documents(domain(domainName="lab")), "research"),
    ],
    ids=["space", "profile", "domain"],
)
def test_another_name_for_what_exists_is_refused_also_where_no_status_is_recorded(
    after: Any, name: str
) -> None:
    before = documents(domain(), profile(), space())
    report = plan({key: before[key] for key in after}, after)
    (found,) = [one for one in report.changed if one.key.name == name]
    assert (found.calls, actions(report)[name]) == ((), [A.REFUSE])
    assert found.effects[0].text.startswith("ImmutableField: ")
