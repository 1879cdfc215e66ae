"""Looks at single resources fill in what listings lack."""

from __future__ import annotations

from typing import Any

import pytest
from studio_operator.aws.errors import AwsError
from studio_operator.aws.inventory.looks import Looks
from studio_operator.kinds.space.in_aws.observed import ImageRef, SpaceSettings
from studio_operator.plan.types import FailureKind

from tests.aws_ids import domain_at, profile_at, space_at
from tests.unit.aws.stage import (
    ARNS,
    DOMAIN_ID,
    PLACE,
    REGION,
    Stage,
    app_item,
    app_request,
    at,
    create_space_request,
    domain_answer,
    failure,
    profile_item,
    run,
    seen_once,
    space_item,
)

CHURN = space_at(REGION, DOMAIN_ID, "churn")
ALICE = profile_at(REGION, DOMAIN_ID, "alice")

SPACE: dict[str, Any] = {
    "DomainId": DOMAIN_ID,
    "SpaceArn": f"{ARNS}:space/{DOMAIN_ID}/churn",
    "SpaceName": "churn",
    "Status": "InService",
    "CreationTime": at(0),
    "LastModifiedTime": at(20),
    "Url": "https://studio.example/churn",
    "SpaceSettings": {
        "AppType": "CodeEditor",
        "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 30}},
        "CodeEditorAppSettings": {
            "DefaultResourceSpec": {
                "InstanceType": "ml.t3.large",
                "SageMakerImageArn": "arn:image",
                "SageMakerImageVersionAlias": "2.8",
            },
            "AppLifecycleManagement": {"IdleSettings": {"IdleTimeoutInMinutes": 60}},
        },
    },
    "OwnershipSettings": {"OwnerUserProfileName": "alice"},
    "SpaceSharingSettings": {"SharingType": "Private"},
}
APP: dict[str, Any] = {
    "DomainId": DOMAIN_ID,
    "SpaceName": "churn",
    "AppType": "JupyterLab",
    "AppName": "default",
    "Status": "Failed",
    "CreationTime": at(30),
    "FailureReason": "InternalFailure",
}


def looks(stage: Stage) -> Looks:
    return Looks(stage.aws, lambda: stage.now)


def test_a_described_space_has_settings_until_it_is_modified() -> None:
    stage = seen_once(spaces=[space_item()])
    stage.aws.answers["DescribeSpace"] = SPACE
    run(looks(stage).at_settings(stage.watch, CHURN))
    space = stage.watch.spaces["churn"]
    assert space.settings == SpaceSettings("ml.t3.large", ImageRef("arn:image", "2.8"), None, 60)
    assert (space.app_type, space.storage_gib, space.sharing) == ("CodeEditor", 30, "Private")
    assert space.url == "https://studio.example/churn"
    assert space.arn == SPACE["SpaceArn"]
    stage.see(spaces=[space_item(LastModifiedTime=at(21))])
    stage.sweep()
    assert stage.watch.spaces["churn"].settings is None
    assert stage.watch.spaces["churn"].arn == SPACE["SpaceArn"]


def test_a_failure_is_told_in_aws_words_or_as_unexplained_and_never_asked_for_again() -> None:
    stage = seen_once(spaces=[space_item(status="Failed")], apps=[app_item(status="Failed")])
    stage.aws.answers |= {"DescribeSpace": {**SPACE, "Status": "Failed"}, "DescribeApp": APP}
    run(looks(stage).at_settings(stage.watch, CHURN))
    run(looks(stage).at_companion(stage.watch, CHURN))
    assert stage.watch.spaces["churn"].failure == "AWS gives no reason"
    assert stage.watch.apps["churn"].failure == "InternalFailure"
    stage.sweep()
    assert stage.watch.apps["churn"].failure == "InternalFailure"


def test_a_described_profile_has_details_until_it_is_modified() -> None:
    stage = seen_once(profiles=[profile_item("Alice")])
    answer = {**profile_item("Alice"), "UserProfileArn": "arn", "UserSettings": {"a": 1}}
    stage.aws.answers["DescribeUserProfile"] = answer
    run(looks(stage).at_settings(stage.watch, ALICE))
    stage.sweep()
    assert stage.watch.profiles["alice"].details == answer
    stage.see(profiles=[profile_item("Alice", LastModifiedTime=at(11))])
    stage.sweep()
    assert stage.watch.profiles["alice"].details is None


def test_a_look_tells_only_what_others_need_to_know() -> None:
    stage = seen_once(spaces=[space_item()], profiles=[profile_item()])
    stage.aws.answers |= {"DescribeSpace": SPACE, "DescribeUserProfile": profile_item()}
    stage.told.clear()
    run(looks(stage).at_settings(stage.watch, CHURN))
    run(looks(stage).at_settings(stage.watch, ALICE))
    run(looks(stage).at_settings(stage.watch, domain_at(REGION, DOMAIN_ID)))
    assert stage.told == []
    stage.aws.answers |= {
        "DescribeSpace": {**SPACE, "Status": "Updating"},
        "DescribeDomain": domain_answer("Updating"),
    }
    run(looks(stage).at_settings(stage.watch, CHURN))
    run(looks(stage).at_settings(stage.watch, domain_at(REGION, DOMAIN_ID)))
    assert stage.told == [CHURN, PLACE]


@pytest.mark.parametrize("operation", ["DescribeSpace", "DescribeApp", "DescribeUserProfile"])
def test_what_aws_says_is_not_there_is_gone_at_once(operation: str) -> None:
    stage = seen_once(spaces=[space_item()], apps=[app_item()], profiles=[profile_item()])
    stage.aws.failing[operation] = failure(operation, FailureKind.GONE)
    if operation == "DescribeSpace":
        run(looks(stage).at_settings(stage.watch, CHURN))
        assert not stage.watch.spaces
    elif operation == "DescribeApp":
        run(looks(stage).at_companion(stage.watch, CHURN))
        assert not stage.watch.apps
    else:
        run(looks(stage).at_settings(stage.watch, ALICE))
        assert not stage.watch.profiles


def test_a_domain_that_a_look_finds_gone_takes_all_that_was_in_it_along() -> None:
    stage = seen_once(spaces=[space_item()], profiles=[profile_item()])
    stage.aws.failing["DescribeDomain"] = failure("DescribeDomain", FailureKind.GONE)
    stage.told.clear()
    run(looks(stage).at_settings(stage.watch, domain_at(REGION, DOMAIN_ID)))
    assert stage.watch.domain is None
    assert not stage.watch.spaces
    assert set(stage.told) == {PLACE, CHURN, ALICE}


def test_other_failures_are_the_askers_and_change_nothing() -> None:
    stage = seen_once(spaces=[space_item()])
    stage.aws.failing["DescribeSpace"] = failure("DescribeSpace")
    with pytest.raises(AwsError):
        run(looks(stage).at_settings(stage.watch, CHURN))
    assert stage.watch.spaces["churn"].status == "InService"


def test_a_look_that_finds_nothing_yet_does_not_take_back_what_we_have_just_made() -> None:
    stage = seen_once()
    stage.done("CreateSpace", **create_space_request())
    stage.now += 1
    stage.aws.failing["DescribeSpace"] = failure("DescribeSpace", FailureKind.GONE)
    run(looks(stage).at_settings(stage.watch, CHURN))
    assert stage.watch.spaces["churn"].status == "Pending"


def test_a_look_that_began_before_our_call_does_not_override_it() -> None:
    stage = seen_once(apps=[app_item()])
    stage.aws.answers["DescribeApp"] = {**APP, "Status": "InService"}
    stage.aws.meanwhile = lambda: stage.done("DeleteApp", **app_request())
    run(looks(stage).at_companion(stage.watch, CHURN))
    assert stage.watch.apps["churn"].status == "Deleting"


def test_a_listing_that_began_before_a_look_does_not_override_it() -> None:
    stage = seen_once(spaces=[space_item()])
    stage.aws.answers["DescribeSpace"] = {**SPACE, "Status": "Updating"}

    def look_while_listing() -> None:
        stage.now += 1
        stage.watch.resources["Space"].records.fold_look(
            "churn", None, began=stage.now, now=stage.now
        )

    stage.aws.meanwhile = look_while_listing
    stage.sweep()
    assert "churn" not in stage.watch.spaces


def test_an_app_that_no_listing_has_shown_is_asked_for() -> None:
    """Somebody may have started it a moment ago."""
    stage = seen_once(spaces=[space_item()])
    stage.aws.calls.clear()
    stage.aws.failing["DescribeApp"] = failure("DescribeApp", FailureKind.GONE)
    run(looks(stage).at_companion(stage.watch, CHURN))
    assert stage.aws.calls == ["DescribeApp"]
    assert "churn" not in stage.watch.apps


def test_there_is_no_app_to_look_at_without_a_space() -> None:
    stage = seen_once()
    stage.aws.calls.clear()
    run(looks(stage).at_companion(stage.watch, CHURN))
    assert stage.aws.calls == []
