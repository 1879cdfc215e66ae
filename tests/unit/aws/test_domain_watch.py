"""A domain's records follow complete sweeps, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from studio_operator.aws.errors import AwsError
from studio_operator.kinds.space.in_aws.apps import ObservedApp
from studio_operator.kinds.space.in_aws.observed import ImageRef, ObservedSpace
from studio_operator.plan.observed import Observed
from studio_operator.plan.types import FailureKind
from studio_operator.settings import Settings

from tests.aws_ids import profile_at, space_at
from tests.unit.aws.stage import (
    DOMAIN_ID,
    PLACE,
    REGION,
    Stage,
    app_item,
    at,
    create_space_request,
    domain_answer,
    failure,
    profile_item,
    seen_once,
    space_item,
)

CHURN = space_at(REGION, DOMAIN_ID, "churn")
ALICE = profile_at(REGION, DOMAIN_ID, "alice")
LISTINGS = ["ListSpaces", "ListApps", "ListUserProfiles"]


# --- what a sweep shows ---


def test_a_sweep_shows_the_domain_and_all_that_is_in_it() -> None:
    stage = seen_once(spaces=[space_item()], apps=[app_item()], profiles=[profile_item("Alice")])
    assert stage.watch.domain is not None
    assert stage.watch.domain.name == "research"
    assert stage.watch.domain.details is not None
    assert stage.watch.spaces == {
        "churn": ObservedSpace(
            domain_id=DOMAIN_ID,
            name="churn",
            status="InService",
            sharing="Private",
            owner="alice",
            app_type="JupyterLab",
            storage_gib=20,
            created_at=at(0),
            modified_at=at(20),
        )
    }
    assert stage.watch.apps == {
        "churn": ObservedApp(
            app_type="JupyterLab",
            name="default",
            status="InService",
            instance_type="ml.t3.medium",
            image=ImageRef("arn:image"),
            created_at=at(30),
        )
    }
    assert stage.watch.profiles == {
        "alice": Observed(DOMAIN_ID, "Alice", "InService", created_at=at(0), modified_at=at(10))
    }


@pytest.mark.parametrize(
    ("older", "newer", "shown"),
    [
        ("Deleted", "InService", "InService"),
        ("Deleted", "Pending", "Pending"),
        ("Failed", "Deleted", "Deleted"),
        ("Deleting", "Deleted", "Deleting"),  # it still holds the space
        ("InService", "Failed", "InService"),
    ],
)
def test_of_several_app_records_the_one_that_counts_is_shown(
    older: str, newer: str, shown: str
) -> None:
    items = [
        app_item(status=older, CreationTime=at(0)),
        app_item(status=newer, CreationTime=at(10)),
    ]
    assert seen_once(apps=items).watch.apps["churn"].status == shown
    assert seen_once(apps=items[::-1]).watch.apps["churn"].status == shown


def test_apps_of_profiles_are_left_out() -> None:
    profiles_app = app_item()
    del profiles_app["SpaceName"]
    assert seen_once(apps=[profiles_app]).watch.apps == {}


# --- who is told ---


def test_a_view_that_appears_is_told_by_one_key() -> None:
    stage = Stage()
    stage.see(spaces=[space_item("a"), space_item("b")])
    stage.read_tags()
    assert stage.sweep() == [PLACE]


def test_a_sweep_that_brings_nothing_new_tells_nobody_and_keeps_the_same_objects() -> None:
    stage = seen_once(spaces=[space_item()], apps=[app_item()], profiles=[profile_item()])
    records = (stage.watch.spaces["churn"], stage.watch.apps["churn"], stage.watch.domain)
    assert stage.sweep() == []
    again = (stage.watch.spaces["churn"], stage.watch.apps["churn"], stage.watch.domain)
    assert all(old is new for old, new in zip(records, again, strict=True))


def test_only_records_that_differ_are_told_of() -> None:
    stage = seen_once(
        spaces=[space_item("a"), space_item("b"), space_item("churn")],
        apps=[app_item("b"), app_item("churn")],
        profiles=[profile_item()],
    )
    stage.see(
        spaces=[space_item("a"), space_item("b", LastModifiedTime=at(99)), space_item("churn")],
        apps=[app_item("b"), app_item("churn", status="Deleting")],
        profiles=[profile_item(status="Updating")],
    )
    assert set(stage.sweep()) == {CHURN._replace(name="b"), CHURN, ALICE}


def test_a_domain_that_differs_is_told_of() -> None:
    stage = seen_once()
    stage.aws.answers["DescribeDomain"] = domain_answer(AppNetworkAccessType="VpcOnly")
    assert stage.sweep() == [PLACE]


# --- gone, or only not seen ---


@pytest.mark.parametrize("operation", [*LISTINGS, "DescribeDomain"])
def test_a_sweep_of_which_one_request_fails_changes_nothing_but_to_stale(operation: str) -> None:
    stage = seen_once(spaces=[space_item()], apps=[app_item()], profiles=[profile_item()])
    stage.see(spaces=[], apps=[], profiles=[])
    stage.aws.failing[operation] = failure(operation)
    for told in ([PLACE], []):  # once when it turns stale, and not again
        with pytest.raises(AwsError):
            stage.sweep()
        assert stage.told == told
        assert set(stage.watch.spaces) == set(stage.watch.apps) == {"churn"}
        assert set(stage.watch.profiles) == {"alice"}
        assert stage.watch.domain is not None
        assert stage.watch.stale
    stage.aws.failing.clear()
    assert PLACE in stage.sweep()  # fresh again
    assert not stage.watch.stale


def test_an_answer_that_makes_no_sense_counts_as_a_failure() -> None:
    stage = seen_once(spaces=[space_item()])
    stage.see(spaces=[{"SpaceName": "churn"}])
    with pytest.raises(KeyError):
        stage.sweep()
    assert stage.watch.stale
    assert stage.watch.spaces["churn"].status == "InService"


def test_a_view_never_appears_from_a_failed_sweep() -> None:
    stage = Stage()
    stage.read_tags()
    stage.aws.failing["ListApps"] = failure("ListApps")
    with pytest.raises(AwsError):
        stage.sweep()
    assert not stage.watch.is_observed
    assert stage.told == []


def test_a_stable_space_is_gone_when_two_complete_listings_lack_it() -> None:
    stage = seen_once(spaces=[space_item()], apps=[app_item()])
    stage.see(spaces=[], apps=[])
    assert stage.sweep() == []
    assert stage.watch.spaces["churn"].status == "InService"
    assert stage.watch.schedule.due <= stage.now + 1  # looked at again soon
    assert stage.sweep() == [CHURN]
    assert not stage.watch.spaces
    assert not stage.watch.apps


def test_a_space_that_a_listing_skipped_once_stays() -> None:
    stage = seen_once(spaces=[space_item()])
    stage.see(spaces=[])
    stage.sweep()
    stage.see(spaces=[space_item()])
    assert stage.sweep() == []
    stage.see(spaces=[])
    stage.sweep()
    assert "churn" in stage.watch.spaces  # skips count only in a row


def test_what_was_being_deleted_is_gone_with_the_first_listing_that_lacks_it() -> None:
    stage = seen_once(spaces=[space_item(status="Deleting")], apps=[app_item(status="Deleted")])
    stage.see(spaces=[], apps=[])
    assert stage.sweep() == [CHURN]
    assert not stage.watch.spaces
    assert not stage.watch.apps


def test_a_domain_is_gone_when_aws_says_so_and_all_that_was_in_it_too() -> None:
    stage = seen_once(spaces=[space_item()], profiles=[profile_item()])
    stage.aws.failing = {
        "DescribeDomain": failure("DescribeDomain", FailureKind.GONE),
        "ListSpaces": failure("ListSpaces", FailureKind.INVALID),  # whatever AWS answers then
    }
    assert set(stage.sweep()) == {PLACE, CHURN, ALICE}
    assert stage.watch.is_observed
    assert stage.watch.domain is None
    assert not stage.watch.spaces
    assert not stage.watch.profiles
    stage.sweep()
    assert stage.aws.calls == ["DescribeDomain"]


def test_a_domain_that_is_back_is_shown_with_all_that_is_in_it() -> None:
    stage = seen_once(spaces=[space_item()])
    stage.aws.failing = {"DescribeDomain": failure("DescribeDomain", FailureKind.GONE)}
    stage.sweep()
    stage.aws.failing = {}
    assert set(stage.sweep()) == {PLACE, CHURN}
    assert stage.watch.domain is not None
    assert "churn" in stage.watch.spaces


def test_a_domain_just_created_is_not_gone_because_aws_does_not_show_it_yet() -> None:
    stage = Stage()
    stage.read_tags()
    stage.done("CreateDomain", {"DomainId": DOMAIN_ID}, DomainName="research", Tags=[], DomainId="")
    stage.aws.failing = {"DescribeDomain": failure("DescribeDomain", FailureKind.GONE)}
    with pytest.raises(AwsError):
        stage.sweep()
    assert stage.watch.domain is not None
    assert stage.watch.domain.status == "Pending"


def test_no_listing_means_gone_until_it_is_older_than_the_view_itself() -> None:
    stage = seen_once(Settings(rest_interval=60, stale_after_rests=3))
    assert not stage.watch.stale
    stage.now += 181
    assert stage.watch.stale


# --- what it costs ---


def test_at_rest_a_sweep_lists_everything_and_the_next_is_due_a_rest_interval_later() -> None:
    stage = seen_once(spaces=[space_item()], apps=[app_item()])
    began = stage.now
    assert stage.watch.schedule.due == began + 60
    stage.sweep_what_is_due(60)
    assert sorted(stage.aws.calls) == sorted(["DescribeDomain", *LISTINGS])
    assert stage.watch.schedule.due == began + 120


@pytest.mark.parametrize(
    ("operation", "parameters", "listed"),
    [
        ("CreateSpace", create_space_request(), ["ListSpaces"]),
        (
            "CreateApp",
            {"SpaceName": "x", "AppType": "JupyterLab", "AppName": "default"},
            ["ListApps"],
        ),
        ("CreateUserProfile", {"UserProfileName": "bob"}, ["ListUserProfiles"]),
        ("UpdateDomain", {}, ["DescribeDomain"]),
    ],
)
def test_while_something_moves_only_its_own_kind_is_looked_at(
    operation: str, parameters: dict[str, Any], listed: list[str]
) -> None:
    stage = seen_once()
    stage.now += 5
    stage.done(operation, **parameters)
    assert stage.watch.schedule.due == stage.now + 0.25
    stage.sweep_what_is_due(0.25)
    assert stage.aws.calls == listed


def test_a_look_that_finds_all_at_rest_ends_the_fast_looks() -> None:
    stage = seen_once()
    rest_due = stage.watch.schedule.due
    stage.done("CreateSpace", **create_space_request())
    stage.see(spaces=[space_item()])
    stage.sweep_what_is_due(0.25)
    assert stage.watch.schedule.due == rest_due


def test_a_failed_sweep_is_tried_again_after_pauses_that_double() -> None:
    stage = seen_once(Settings(sweep_retry=1, rest_interval=60))
    stage.aws.failing["ListApps"] = failure("ListApps")
    pauses = []
    for _ in range(8):
        with pytest.raises(AwsError):
            stage.sweep(after=100)
        pauses.append(stage.watch.schedule.due - stage.now)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_pages_are_paced_while_things_move() -> None:
    stage = seen_once(spaces=[space_item(f"s{n}") for n in range(450)])
    stage.done("UpdateSpace", SpaceName="s1")
    stage.sweep_what_is_due(0.25)
    assert stage.watch.schedule.due == pytest.approx(stage.now + 0.5)  # 5 pages at 10 a second


def test_what_takes_long_is_looked_at_ever_less_often() -> None:
    stage = seen_once(spaces=[space_item()])
    stage.done("UpdateSpace", SpaceName="churn")
    stage.see(spaces=[space_item(status="Updating", LastModifiedTime=at(21))])
    began, looks = stage.now, 0
    while stage.now < began + timedelta(minutes=10).total_seconds():
        stage.sweep_what_is_due(stage.watch.schedule.due - stage.now)
        looks += len([call for call in stage.aws.calls if call == "ListSpaces"])
    assert looks < 90
    assert stage.watch.schedule.due - stage.now <= 15


# --- apps outside of spaces, and those of Studio Classic ---


def person_app(name: str = "Alice", app_type: str = "Canvas", **changes: Any) -> dict[str, Any]:
    """An item of ListApps that is in no space."""
    item = app_item(AppType=app_type, UserProfileName=name, **changes)
    del item["SpaceName"]
    return item


def test_apps_of_people_are_shown_by_profile_and_those_that_ended_are_not() -> None:
    items = [person_app(), person_app(app_type="KernelGateway", AppName="one", Status="Deleting")]
    stage = seen_once(apps=[*items, person_app("bob", Status="Failed")])
    shown = stage.watch.apps_of_profiles
    assert {name: [app.title for app in apps] for name, apps in shown.items()} == {
        "alice": ["Canvas", "KernelGateway one"]
    }
    assert stage.watch.apps == {}


def test_news_of_an_app_of_a_person_is_news_of_the_profile() -> None:
    stage = seen_once(profiles=[profile_item("Alice")], apps=[person_app()])
    stage.aws.answers["ListApps"] = []
    assert stage.sweep() == [ALICE]
    assert stage.watch.apps_of_profiles == {}


def test_an_app_of_a_person_that_starts_makes_no_listing_come_sooner() -> None:
    stage = seen_once(apps=[person_app(Status="Pending")])
    assert not stage.watch.schedule.is_moving


def test_apps_of_studio_classic_have_any_name_and_one_that_runs_counts() -> None:
    ended = app_item(status="Deleted", AppType="JupyterServer", AppName="team-server")
    kernel = app_item(AppType="KernelGateway", AppName="one", CreationTime=at(10))
    stage = seen_once(spaces=[space_item()], apps=[ended, kernel])
    assert stage.watch.apps["churn"].name == "one"


def test_the_names_of_spaces_are_known_in_any_case() -> None:
    stage = seen_once(spaces=[space_item("Legacy"), space_item("churn")])
    assert stage.watch.space_names == {"legacy": "Legacy", "churn": "churn"}
    stage.see(spaces=[])
    stage.sweep()
    stage.sweep()
    assert stage.watch.space_names == {}
