"""What AWS refuses, limits or fails to answer: named on status, and nobody else is held up."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from types_boto3_sagemaker.literals import StudioLifecycleConfigAppTypeType

from tests.e2e.team import ROLE, Team
from tests.e2e.waiting import wait_until

WORDS = "1 validation error detected: this will not do"


def test_a_refused_request_stalls_one_resource_and_a_corrected_spec_clears_it(team: Team) -> None:
    fault = team.simulator.add_fault(
        "CreateSpace", code="ValidationException", message=WORDS, parameters={"SpaceName": "bad"}
    )
    team.apply(team.space("bad"))
    refused = team.wait_reason("Space", "bad", "RejectedByAWS")
    assert refused.has("Stalled")
    assert WORDS in refused.message
    team.run_space("good")
    team.wait_looks()
    tried = [call for call in team.calls("CreateSpace") if call["code"] == "ValidationException"]
    assert len(tried) == 1, "a hopeless request is not repeated"

    team.simulator.remove_faults(fault)
    team.edit("Space", "bad", instanceType="ml.m5.large")
    assert not team.wait_ready("Space", "bad").has("Stalled")


def make_config(team: Team, name: str, app_type: StudioLifecycleConfigAppTypeType) -> str:
    """A lifecycle configuration that somebody makes in AWS; its ARN."""
    made = team.aws().create_studio_lifecycle_config(
        StudioLifecycleConfigName=name,
        StudioLifecycleConfigContent="ZWNobyBoZWxsbw==",
        StudioLifecycleConfigAppType=app_type,
    )
    return made["StudioLifecycleConfigArn"]


def test_a_lifecycle_configuration_that_does_not_exist(team: Team) -> None:
    arn = "arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config/nowhere"
    team.run_space()
    team.edit("Space", "churn", lifecycleConfigArn=arn)
    refused = team.wait_reason("Space", "churn", "DependencyNotReady")
    assert "nowhere" in refused.message
    assert team.calls("DeleteApp") == [], "no app is stopped in vain"

    make_config(team, "nowhere", "JupyterLab")
    team.wait_ready("Space", "churn")
    app = team.aws().describe_app(
        DomainId=team.domain_id, SpaceName="churn", AppType="JupyterLab", AppName="default"
    )
    assert app["ResourceSpec"]["LifecycleConfigArn"] == arn


def test_a_lifecycle_configuration_of_another_app(team: Team) -> None:
    arn = make_config(team, "for-editors", "CodeEditor")
    team.apply(team.space(lifecycleConfigArn=arn))
    refused = team.wait_reason("Space", "churn", "InvalidSpec")
    assert "is for CodeEditor and not for JupyterLab" in refused.message
    assert team.calls("CreateSpace") == []
    team.edit("Space", "churn", lifecycleConfigArn=None)
    team.wait_ready("Space", "churn")


def test_a_person_may_ask_for_another_try(team: Team) -> None:
    team.simulator.add_fault("CreateSpace", code="ValidationException", message=WORDS, times=1)
    team.apply(team.space())
    team.wait_reason("Space", "churn", "RejectedByAWS")
    team.request("Space", "churn", "2026-01-01T10:00:00Z")
    space = team.wait_ready("Space", "churn")
    assert space.status["lastHandledReconcileAt"] == "2026-01-01T10:00:00Z"


def test_an_instance_type_that_nobody_knows_is_warned_of_with_near_matches(team: Team) -> None:
    team.apply(team.space(instanceType="ml.m5.larg"))
    team.wait_reason("Space", "churn", "RejectedByAWS")
    warnings = [one for one in team.events("churn") if one["reason"] == "UnknownInstanceType"]
    assert [one["type"] for one in warnings] == ["Warning"]
    assert "ml.m5.large" in warnings[0]["note"]
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_ready("Space", "churn")


def test_a_quota_is_named_and_another_type_helps(team: Team) -> None:
    team.simulator.set_quotas(instance_types={"ml.g5.xlarge": 0})
    team.apply(team.space(instanceType="ml.g5.xlarge"))
    refused = team.wait_reason("Space", "churn", "QuotaExceeded")
    assert refused.has("Stalled")
    assert "ml.g5.xlarge" in refused.message
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_ready("Space", "churn")


@pytest.mark.parametrize("shows_itself", ["refuse", "fail-at-start"])
def test_a_raised_quota_is_found_when_a_person_asks(team: Team, shows_itself: str) -> None:
    team.simulator.set_options(quota_exceeded=shows_itself)
    team.simulator.set_quotas(instance_types={"ml.g5.xlarge": 0})
    team.apply(team.space(instanceType="ml.g5.xlarge"))
    team.wait_reason("Space", "churn", "QuotaExceeded")
    team.simulator.set_quotas(instance_types={})
    team.request("Space", "churn", "now")
    team.wait_ready("Space", "churn")


def test_missing_capacity_is_named_and_the_space_stays(team: Team) -> None:
    team.run_space()
    team.simulator.set_unavailable("ml.p4d.24xlarge")
    team.edit("Space", "churn", instanceType="ml.p4d.24xlarge")
    waiting = team.wait_reason("Space", "churn", "InsufficientCapacity")
    assert waiting.has("Reconciling")
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_ready("Space", "churn")
    assert team.instance_type() == "ml.m5.large"


def test_missing_permission_is_named(team: Team) -> None:
    words = "User: role/operator is not authorized to perform: sagemaker:CreateSpace"
    fault = team.simulator.add_fault("CreateSpace", code="AccessDeniedException", message=words)
    team.apply(team.space())
    refused = team.wait_reason("Space", "churn", "AccessDenied")
    assert refused.has("Stalled")
    assert "sagemaker:CreateSpace" in refused.message
    team.simulator.remove_faults(fault)
    team.request("Space", "churn", "granted")
    team.wait_ready("Space", "churn")


def test_a_storm_of_throttling_passes(team: Team) -> None:
    slow = {"rate": 4.0, "burst": 2}
    team.simulator.set_throttling(mutating=slow, reading=slow, tagging=slow)
    names = [f"space-{number}" for number in range(6)]
    for name in names:
        team.apply(team.space(name))
    wait_until(
        lambda: any(call["code"] == "ThrottlingException" for call in team.calls()),
        "AWS throttles",
    )
    for name in names:
        team.wait_ready("Space", name, seconds=90)
    made = [call for call in team.calls("CreateSpace") if call["carriedOut"]]
    assert len(made) == len(names)


@pytest.mark.parametrize("listing", ["ListSpaces", "ListApps", "ListUserProfiles"])
def test_a_failed_listing_never_means_gone(team: Team, listing: str) -> None:
    before_fault = team.run_space()
    fault = team.simulator.add_fault(listing, code="InternalFailure")
    before = team.last_call()

    def failures() -> list[object]:
        calls = team.calls(listing)
        return [call for call in calls if call["number"] > before and call["code"] != "OK"]

    wait_until(lambda: len(failures()) >= 4, f"{listing} fails")
    space = team.get("Space", "churn")
    assert space is not None
    assert (space.is_ready, space.status) == (True, before_fault.status)
    assert team.changes(since=before) == []
    team.simulator.remove_faults(fault)
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_ready("Space", "churn", seconds=40)


def test_a_listing_that_breaks_off_between_pages_never_means_gone(team: Team) -> None:
    names = [f"space-{number:03}" for number in range(120)]  # two pages
    for name in names:
        team.apply(team.space(name, state="Stopped"))

    def are_ready() -> bool:
        return sum(space.is_ready for space in team.list("Space")) == len(names)

    wait_until(are_ready, "all spaces are Ready", seconds=60)
    before = team.last_call()
    team.simulator.add_fault("ListSpaces", code="InternalFailure", rate=0.5)

    def answers(*codes: str) -> int:
        calls = [call for call in team.calls("ListSpaces") if call["number"] > before]
        return len([call for call in calls if call["code"] in codes])

    wait_until(lambda: min(answers("OK"), answers("InternalFailure")) >= 4, "some pages fail")
    assert are_ready()
    assert team.changes(since=before) == []


def test_a_failed_listing_lets_nothing_go(team: Team) -> None:
    team.run_space(deletionPolicy="Delete")
    fault = team.simulator.add_fault("List*", code="InternalFailure")
    before = team.last_call()
    team.delete("Space", "churn")
    wait_until(
        lambda: len([call for call in team.calls() if call["number"] > before]) >= 6,
        "AWS fails to answer a few times",
    )
    assert team.get("Space", "churn") is not None
    team.simulator.remove_faults(fault)
    team.wait_gone("Space", "churn")
    assert team.aws_space() is None


@pytest.mark.parametrize("mode", ["before", "lost-answer", "lost-connection"])
@pytest.mark.parametrize("operation", ["CreateSpace", "CreateApp"])
def test_a_lost_answer_is_not_acted_on_twice(team: Team, operation: str, mode: str) -> None:
    team.simulator.add_fault(operation, code="InternalFailure", mode=mode, times=1)
    before = team.last_call()
    team.run_space()
    assert team.changes(since=before) == ["CreateSpace", "CreateApp"]
    spaces = team.aws().list_spaces(DomainIdEquals=team.domain_id)["Spaces"]
    assert [one["SpaceName"] for one in spaces] == ["churn"]


def limit_idle_times(team: Team, longest: int) -> None:
    """Have the domain allow idle times of one to so many minutes."""
    idle = {"enabled": True, "minTimeoutMinutes": 60, "maxTimeoutMinutes": longest}
    settings = {"executionRole": ROLE, "jupyterLab": {"idle": idle}}
    team.edit("StudioDomain", "research", defaultUserSettings=settings)
    team.wait_ready("StudioDomain", "research")


def test_an_idle_time_that_the_domain_does_not_allow_is_told_before_aws_is_asked(
    team: Team,
) -> None:
    limit_idle_times(team, 120)
    team.apply(team.space(idleShutdown={"after": "1d"}))
    refused = team.wait_reason("Space", "churn", "InvalidSpec")
    assert refused.has("Stalled")
    for word in ("idleShutdown.after", "1d", "StudioDomain research", "60 to 120 minutes"):
        assert word in refused.message
    team.wait_looks()
    assert team.calls("CreateSpace") == []
    with pytest.raises(ClientError, match="must be between 60 and 120"):
        team.aws().create_space(
            DomainId=team.domain_id,
            SpaceName="by-hand",
            OwnershipSettings={"OwnerUserProfileName": "alice"},
            SpaceSharingSettings={"SharingType": "Private"},
            SpaceSettings={
                "AppType": "JupyterLab",
                "JupyterLabAppSettings": {
                    "AppLifecycleManagement": {"IdleSettings": {"IdleTimeoutInMinutes": 1440}}
                },
            },
        )
    team.edit("Space", "churn", idleShutdown={"after": "2h"})
    team.wait_ready("Space", "churn")


def test_a_running_app_is_left_alone_for_such_an_idle_time_and_all_else_is_kept(
    team: Team,
) -> None:
    limit_idle_times(team, 120)
    team.run_space(idleShutdown={"after": "2h"})
    before = team.last_call()
    team.edit("Space", "churn", idleShutdown={"after": "1d"}, tags={"team": "churn"})
    refused = team.wait_reason("Space", "churn", "InvalidSpec")
    assert (refused.phase, refused.has("Stalled")) == ("InService", True)
    assert team.changes(since=before) == ["AddTags"]
    limit_idle_times(team, 1440)
    assert team.wait_reason("Space", "churn", "PendingRestart").phase == "InService"
    assert team.aws_app() is not None
