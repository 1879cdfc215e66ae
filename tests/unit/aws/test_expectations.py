"""What our calls set in motion, against listings that lag behind."""

from __future__ import annotations

from typing import Any

import pytest
from studio_operator.kinds.space.in_aws.observed import SpaceSettings

from tests.aws_ids import space_at
from tests.unit.aws.stage import (
    ARNS,
    DOMAIN_ID,
    REGION,
    Stage,
    app_item,
    app_request,
    at,
    create_space_request,
    profile_item,
    seen_once,
    space_item,
)

CHURN = space_at(REGION, DOMAIN_ID, "churn")
GRACE = 10.0


def test_a_created_space_is_shown_at_once_as_it_was_asked_for() -> None:
    stage = seen_once()
    stage.done(
        "CreateSpace", {"SpaceArn": f"{ARNS}:space/{DOMAIN_ID}/churn"}, **create_space_request()
    )
    space = stage.watch.spaces["churn"]
    assert space.status == "Pending"
    assert (space.owner, space.sharing, space.app_type) == ("alice", "Private", "JupyterLab")
    assert space.storage_gib == 20
    assert space.arn == f"{ARNS}:space/{DOMAIN_ID}/churn"
    assert space.tags == {"team": "churn"}
    assert space.settings is not None
    assert space.settings.instance_type == "ml.t3.medium"
    assert space.settings.image.version_alias == "4.2"
    assert space.settings.lifecycle_config_arn == "arn:lifecycle"
    assert space.settings.idle_minutes == 60
    assert space.created_at is None
    assert space.modified_at is None


def test_a_listing_that_began_before_the_call_does_not_take_the_new_space_away() -> None:
    stage = seen_once()

    def create_while_listing() -> None:
        stage.now += 5
        stage.done("CreateSpace", **create_space_request())
        stage.now += 100  # however long the listing takes

    stage.aws.meanwhile = create_while_listing
    stage.sweep()
    assert stage.watch.spaces["churn"].status == "Pending"


def test_a_listing_that_lags_is_disbelieved_for_the_grace_and_then_wins() -> None:
    stage = seen_once()
    stage.done("CreateSpace", **create_space_request())
    stage.sweep(after=GRACE - 1)
    assert stage.watch.spaces["churn"].status == "Pending"
    stage.sweep(after=2)  # missing for the first time that counts
    assert stage.sweep() == [CHURN]  # and for the second
    assert "churn" not in stage.watch.spaces


def test_a_listing_may_lag_again_after_another_has_shown_the_call() -> None:
    stage = seen_once(apps=[app_item()])
    stage.done("CreateSpace", **create_space_request())
    stage.done("DeleteApp", **app_request())
    stage.see(spaces=[space_item()], apps=[app_item(status="Deleted")])
    stage.sweep()
    stage.see(spaces=[], apps=[app_item(status="InService")])
    for _ in range(3):
        assert stage.sweep() == []
    assert stage.watch.spaces["churn"].status == "InService"
    assert stage.watch.apps["churn"].status == "Deleted"


def test_a_created_space_keeps_its_settings_until_it_is_changed_after_its_first_service() -> None:
    stage = seen_once()
    stage.done("CreateSpace", **create_space_request())
    stage.see(spaces=[space_item(status="Pending", LastModifiedTime=at(1))])
    assert stage.sweep() == []  # no news to whoever made the call
    stage.see(spaces=[space_item(LastModifiedTime=at(20))])
    assert stage.sweep() == [CHURN]
    space = stage.watch.spaces["churn"]
    assert space.status == "InService"
    assert space.settings is not None
    assert space.settings.instance_type == "ml.t3.medium"
    assert space.modified_at == at(20)
    stage.see(spaces=[space_item(LastModifiedTime=at(300))])  # a person edited it
    assert stage.sweep() == [CHURN]
    assert stage.watch.spaces["churn"].settings is None
    assert stage.watch.spaces["churn"].tags == {"team": "churn"}


def test_an_updated_space_is_updating_until_aws_shows_a_later_change() -> None:
    stage = seen_once(spaces=[space_item(LastModifiedTime=at(20))])
    stage.done("UpdateSpace", SpaceName="churn")
    assert stage.watch.spaces["churn"].status == "Updating"
    stage.sweep()  # AWS still shows it InService, modified as before
    assert stage.watch.spaces["churn"].status == "Updating"
    stage.see(spaces=[space_item(LastModifiedTime=at(60))])
    assert stage.sweep() == [CHURN]
    assert stage.watch.spaces["churn"].status == "InService"


def test_an_update_that_never_shows_gives_way_after_the_grace() -> None:
    stage = seen_once(spaces=[space_item()])
    stage.done("UpdateSpace", SpaceName="churn")
    stage.sweep(after=GRACE + 1)
    assert stage.watch.spaces["churn"].status == "InService"
    assert stage.watch.spaces["churn"].settings is None


@pytest.mark.parametrize(
    ("listed", "shown"),
    [
        (None, None),  # gone already
        ("Deleting", "Deleting"),
        ("InService", "Deleting"),  # lags
        ("Delete_Failed", "Delete_Failed"),
    ],
)
def test_a_deleted_space_is_deleting_whatever_a_lagging_listing_says(
    listed: str | None, shown: str | None
) -> None:
    stage = seen_once(spaces=[space_item()])
    stage.done("DeleteSpace", SpaceName="churn")
    assert stage.watch.spaces["churn"].status == "Deleting"
    stage.see(spaces=[space_item(status=listed)] if listed else [])
    stage.sweep()
    space = stage.watch.spaces.get("churn")
    assert (space.status if space else None) == shown


def test_a_deletion_tried_again_waits_for_more_than_the_failure_of_before() -> None:
    stage = seen_once(spaces=[space_item(status="Delete_Failed")])
    stage.done("DeleteSpace", SpaceName="churn")
    stage.sweep()
    assert stage.watch.spaces["churn"].status == "Deleting"
    stage.sweep(after=GRACE + 1)
    assert stage.watch.spaces["churn"].status == "Delete_Failed"


APP_STORIES: list[tuple[str, str | None, str, str | None, str | None]] = [
    # call, app before, listed since, shown, shown after the grace
    ("CreateApp", None, "Pending", "Pending", "Pending"),
    ("CreateApp", None, "InService", "InService", "InService"),
    ("CreateApp", None, "Failed", "Failed", "Failed"),
    ("CreateApp", "Deleted", "Deleted", "Pending", "Deleted"),  # AWS keeps CreationTime for 24 h
    ("CreateApp", "Failed", "Failed", "Pending", "Failed"),
    ("CreateApp", "Deleted", "Failed", "Failed", "Failed"),
    ("CreateApp", "Deleted", "InService", "InService", "InService"),
    ("DeleteApp", "InService", "InService", "Deleting", "InService"),
    ("DeleteApp", "InService", "Deleting", "Deleting", "Deleting"),
    ("DeleteApp", "InService", "Deleted", "Deleted", "Deleted"),
    ("DeleteApp", "InService", "", None, None),
]


@pytest.mark.parametrize(("operation", "before", "listed", "shown", "later"), APP_STORIES)
def test_apps_follow_our_calls_until_aws_does(
    operation: str, before: str | None, listed: str, shown: str | None, later: str | None
) -> None:
    stage = seen_once(apps=[app_item(status=before)] if before else [])
    stage.done(operation, **app_request())
    assert stage.watch.apps["churn"].status == (
        "Pending" if operation == "CreateApp" else "Deleting"
    )
    stage.see(apps=[app_item(status=listed)] if listed else [])
    stage.sweep()
    assert status_of_app(stage) == shown
    stage.sweep(after=GRACE + 1)
    assert status_of_app(stage) == later


def status_of_app(stage: Stage) -> str | None:
    app = stage.watch.apps.get("churn")
    return app.status if app else None


def test_a_started_app_shows_what_it_was_asked_to_run_on() -> None:
    stage = seen_once()
    stage.done("CreateApp", **app_request(), ResourceSpec={"InstanceType": "ml.m5.large"})
    assert stage.watch.apps["churn"].instance_type == "ml.m5.large"


def test_apps_of_profiles_are_no_apps_of_spaces() -> None:
    stage = seen_once(apps=[])
    stage.done("CreateApp", UserProfileName="alice", AppType="Canvas", AppName="default")
    assert stage.watch.apps == {}


def test_an_app_of_studio_classic_has_any_name_and_its_end_is_no_other_apps() -> None:
    stage = seen_once(apps=[app_item(AppName="server", AppType="JupyterServer")])
    stage.done("DeleteApp", SpaceName="churn", AppType="KernelGateway", AppName="kernel")
    assert status_of_app(stage) == "InService"
    stage.done("DeleteApp", SpaceName="churn", AppType="JupyterServer", AppName="server")
    assert status_of_app(stage) == "Deleting"


PROFILE_SETTINGS: dict[str, Any] = {"UserSettings": {"ExecutionRole": "arn:role"}}


def test_a_created_profile_needs_no_description() -> None:
    stage = seen_once()
    stage.done("CreateUserProfile", UserProfileName="Alice", **PROFILE_SETTINGS)
    stage.see(profiles=[profile_item("Alice")])
    stage.sweep()
    profile = stage.watch.profiles["alice"]
    assert profile.status == "InService"
    assert profile.details is not None
    assert profile.details["UserSettings"] == PROFILE_SETTINGS["UserSettings"]


def test_an_updated_profile_has_to_be_described_again() -> None:
    stage = seen_once(profiles=[profile_item()])
    stage.done("UpdateUserProfile", UserProfileName="alice", **PROFILE_SETTINGS)
    assert stage.watch.profiles["alice"].status == "Updating"
    stage.see(profiles=[profile_item(LastModifiedTime=at(99))])
    stage.sweep()
    assert stage.watch.profiles["alice"].status == "InService"
    assert stage.watch.profiles["alice"].details is None


def test_a_deletion_of_what_is_not_known_shows_nothing() -> None:
    stage = seen_once()
    stage.done("DeleteSpace", SpaceName="churn")
    stage.done("DeleteUserProfile", UserProfileName="alice")
    stage.done("DeleteApp", **app_request())
    assert not stage.watch.spaces
    assert not stage.watch.profiles
    assert not stage.watch.apps


def test_a_space_of_the_same_name_made_by_others_inherits_nothing() -> None:
    stage = seen_once(spaces=[space_item()])
    stage.read_tags((f"{ARNS}:space/{DOMAIN_ID}/churn", {"studio-operator.dev/owner": "us"}))
    assert stage.watch.spaces["churn"].tags
    stage.see(spaces=[space_item(CreationTime=at(1000), LastModifiedTime=at(1000))])
    assert stage.sweep() == [CHURN]
    space = stage.watch.spaces["churn"]
    assert (space.tags, space.settings, space.arn) == (None, None, None)


def test_settings_with_no_members_are_settings_all_the_same() -> None:
    stage = seen_once()
    stage.done("CreateSpace", SpaceName="classic")
    assert stage.watch.spaces["classic"].settings == SpaceSettings()
