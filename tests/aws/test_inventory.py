"""The inventory against the simulator: what it shows, what it costs, what it withstands."""

from __future__ import annotations

import asyncio

import pytest
from studio_operator.aws.errors import AwsError
from studio_operator.kinds.resource_id import ResourceId
from studio_operator.kinds.views import DomainScopeView
from studio_operator.plan.types import Look
from studio_operator.settings import Settings
from studio_simulator.client import SimulatorClient

from tests.aws.live import (
    OWNER,
    PATIENCE,
    REGION,
    RESOURCE_SPEC,
    ROLE,
    WHERE,
    Behind,
    Live,
    app_request,
    live,
    run,
    space_request,
)
from tests.aws_ids import domain_at, scope_at, space_at

# Nothing is looked at twice in a test but where its clock is set ahead, and then no tags and jobs.
REST = 100.0
# One look for the whole region at any time, whatever happens to a space.
LOOKS_AT_WHAT_LINGERS = {
    "GetResources",
    "ListTrainingJobs",
    "ListProcessingJobs",
    "ListTransformJobs",
}
DOMAIN_REQUEST = {
    "DomainName": "research",
    "AuthMode": "IAM",
    "DefaultUserSettings": {"ExecutionRole": ROLE},
    "VpcId": "vpc-1",
    "SubnetIds": ["subnet-1"],
    "Tags": [OWNER],
}


@pytest.fixture
def behind(simulator: SimulatorClient) -> Behind:
    return Behind(simulator)


def status(view: DomainScopeView, space: str = "churn") -> tuple[str | None, str | None]:
    """The status of a space and of its app."""
    seen, app = view.spaces.get(space), view.apps.get(space)
    return (seen.status if seen else None, app.status if app else None)


def key(domain_id: str, name: str = "churn") -> ResourceId:
    return space_at(REGION, domain_id, name)


# --- what it costs ---


def test_at_rest_500_spaces_and_100_profiles_cost_twelve_calls_a_sweep_and_bring_no_news(
    simulator: SimulatorClient, behind: Behind
) -> None:
    async def scene() -> None:
        domain_id = behind.domain(profiles=100, spaces=500)
        for number in range(500):
            behind.app(domain_id, f"s{number:03}")
        simulator.advance(5)
        async with live(rest_interval=REST, lingering_interval=0) as scene_:
            view = await scene_.tracked(domain_id)
            assert (len(view.spaces), len(view.apps), len(view.profiles)) == (500, 500, 100)
            scene_.changes.clear()
            simulator.clear_calls()
            for _ in range(2):
                await scene_.sweep_at_rest(view, REST)
            assert simulator.counts() == {
                "DescribeDomain": {"OK": 2},
                "ListSpaces": {"OK": 10},
                "ListApps": {"OK": 10},
                "ListUserProfiles": {"OK": 2},
            }
            assert scene_.changes == []

    run(scene())


def test_tags_of_500_owned_spaces_are_read_in_bulk_before_the_view_appears(
    simulator: SimulatorClient, behind: Behind
) -> None:
    async def scene() -> None:
        domain_id = behind.domain(spaces=500)
        simulator.clear_calls()
        async with live() as scene_:
            view = await scene_.tracked(domain_id)
            owners = {space.tags[OWNER["Key"]] for space in view.spaces.values() if space.tags}
            assert owners == {OWNER["Value"]}
            assert all(space.arn for space in view.spaces.values())
            assert simulator.count("GetResources") == 5
            assert simulator.count("ListTags") == 0
            assert scene_.changes == [scope_at(REGION, domain_id)]

    run(scene())


def test_a_space_from_creation_to_running_takes_few_looks_and_no_description(
    simulator: SimulatorClient, behind: Behind
) -> None:
    async def scene() -> None:
        domain_id = behind.domain()
        simulator.set_durations(space_create=1.0, app_start=3.0)
        async with live() as scene_:
            view = await scene_.tracked(domain_id)
            simulator.clear_calls()
            await scene_.do("CreateSpace", **space_request(domain_id))
            await scene_.until(lambda: status(view) == ("InService", None))
            await scene_.do("CreateApp", **app_request(domain_id), ResourceSpec=RESOURCE_SPEC)
            assert status(view) == ("InService", "Pending")
            await scene_.until(lambda: status(view) == ("InService", "InService"))
            space = view.spaces["churn"]
            assert space.settings is not None
            assert space.settings.image.version_alias == "4.2.1"
            assert space.tags == {OWNER["Key"]: OWNER["Value"]}
            assert scene_.changes[1:] == [key(domain_id)] * 2  # InService, and InService
            made = set(simulator.counts()) - LOOKS_AT_WHAT_LINGERS
            assert made == {"CreateSpace", "CreateApp", "ListSpaces", "ListApps"}
            assert simulator.count("ListSpaces") <= 6
            assert simulator.count("ListApps") <= 13

    run(scene())


# --- what people and others do ---


def test_acts_of_people_are_seen_with_the_next_sweep(
    simulator: SimulatorClient, behind: Behind
) -> None:
    async def scene() -> None:
        domain_id = behind.domain()
        behind.space(domain_id)
        simulator.advance(1)
        behind.app(domain_id)
        async with live(rest_interval=1.0) as scene_:
            view = await scene_.tracked(domain_id)
            assert status(view) == ("InService", "InService")
            simulator.stop_app(domain_id, "churn")
            await scene_.until(lambda: status(view) == ("InService", "Deleted"))
            simulator.resize(domain_id, "churn", volume_size_in_gb=30)
            await scene_.until(lambda: view.spaces["churn"].storage_gib == 30)
            simulator.delete_space(domain_id, "churn")
            await scene_.until(lambda: status(view)[0] is None)
            assert set(scene_.changes) == {
                scope_at(REGION, domain_id),
                key(domain_id),
            }

    run(scene())


def test_a_persons_resize_makes_settings_unknown_and_a_look_brings_them_back(
    simulator: SimulatorClient, behind: Behind
) -> None:
    async def scene() -> None:
        domain_id = behind.domain()
        async with live(rest_interval=1.0) as scene_:
            view = await scene_.tracked(domain_id)
            await scene_.do("CreateSpace", **space_request(domain_id))
            await scene_.until(lambda: status(view)[0] == "InService")
            simulator.resize(domain_id, "churn", instance_type="ml.m5.large")
            await scene_.until(
                lambda: view.spaces["churn"].settings is None and status(view)[0] == "InService"
            )
            await scene_.inventory.look(key(domain_id), Look.SETTINGS)
            settings = view.spaces["churn"].settings
            assert settings is not None
            assert settings.instance_type == "ml.m5.large"
            assert view.spaces["churn"].url

    run(scene())


def test_looks_find_tags_and_the_reason_of_a_failure(
    simulator: SimulatorClient, behind: Behind
) -> None:
    async def scene() -> None:
        domain_id = behind.domain()
        behind.space(domain_id, Tags=[{"Key": "team", "Value": "x"}])
        simulator.advance(1)
        behind.app(domain_id)
        simulator.fail_app(domain_id, "churn", reason="LifecycleConfig failed")
        async with live() as scene_:
            view = await scene_.tracked(domain_id)
            assert view.spaces["churn"].tags is None  # not ours, as far as known
            await scene_.inventory.look(key(domain_id), Look.TAGS)
            assert view.spaces["churn"].tags == {"team": "x"}
            await scene_.inventory.look(key(domain_id), Look.APP)
            assert view.apps["churn"].failure == "LifecycleConfig failed"

    run(scene())


def test_a_deleted_app_stays_in_view_for_as_long_as_aws_lists_it(
    simulator: SimulatorClient, behind: Behind
) -> None:
    async def scene() -> None:
        domain_id = behind.domain()
        behind.space(domain_id)
        simulator.advance(1)
        behind.app(domain_id)
        async with live(rest_interval=1.0) as scene_:
            view = await scene_.tracked(domain_id)
            await scene_.do("DeleteApp", **app_request(domain_id))
            assert status(view) == ("InService", "Deleting")
            await scene_.until(lambda: status(view) == ("InService", "Deleted"))
            await scene_.do("CreateApp", **app_request(domain_id), ResourceSpec=RESOURCE_SPEC)
            await scene_.until(lambda: status(view) == ("InService", "InService"))
            await scene_.do("DeleteApp", **app_request(domain_id))
            await scene_.until(lambda: status(view) == ("InService", "Deleted"))
            simulator.advance(25 * 3600)
            await scene_.until(lambda: status(view) == ("InService", None))

    run(scene())


# --- what must never look like "gone" ---


def test_a_listing_that_fails_on_a_later_page_leaves_the_view_as_it_was(
    simulator: SimulatorClient, behind: Behind
) -> None:
    async def scene() -> None:
        domain_id = behind.domain(spaces=150)
        async with live(rest_interval=1.0, aws_attempts=1) as scene_:
            view = await scene_.tracked(domain_id)
            simulator.add_fault("ListSpaces", code="ThrottlingException", rate=0.5)
            simulator.add_fault("List*", code="InternalFailure", rate=0.2)
            scene_.changes.clear()
            await scene_.until(lambda: view.stale)
            assert scene_.changes == [scope_at(REGION, domain_id)]
            assert len(view.spaces) == 150
            await asyncio.sleep(2)
            assert len(view.spaces) == 150
            assert scene_.inventory.oldest_success_age() > 0
            simulator.remove_faults()
            await scene_.until(lambda: not view.stale)
            assert len(view.spaces) == 150

    run(scene())


def test_a_space_created_while_a_listing_is_under_way_is_not_lost_from_view(
    simulator: SimulatorClient, behind: Behind
) -> None:
    async def scene() -> None:
        domain_id = behind.domain()
        async with live(rest_interval=1.0) as scene_:
            view = await scene_.tracked(domain_id)
            simulator.add_barrier("ListSpaces", "after")  # listed already, not yet answered
            await asyncio.to_thread(simulator.wait_for_barrier)
            await scene_.do("CreateSpace", **space_request(domain_id))
            swept_at = view.swept_at
            simulator.release_barriers()
            while view.swept_at == swept_at:
                await asyncio.sleep(0.01)
            assert status(view)[0] == "Pending"
            await scene_.until(lambda: status(view)[0] == "InService")
            assert scene_.changes.count(key(domain_id)) == 1

    run(scene())


def test_a_creation_whose_answer_is_lost_is_found_by_a_nudge(
    simulator: SimulatorClient, behind: Behind
) -> None:
    async def scene() -> None:
        domain_id = behind.domain()
        async with live(aws_attempts=1) as scene_:
            view = await scene_.tracked(domain_id)
            simulator.add_fault("CreateSpace", mode="lost-answer", times=1)
            with pytest.raises(AwsError):
                await scene_.do("CreateSpace", **space_request(domain_id))
            scene_.inventory.nudge(scope_at(REGION, domain_id))
            await scene_.until(lambda: status(view)[0] == "InService")
            assert view.spaces["churn"].tags is None
            await scene_.inventory.look(key(domain_id), Look.TAGS)
            assert view.spaces["churn"].tags == {OWNER["Key"]: OWNER["Value"]}

    run(scene())


def test_one_domain_that_can_not_be_looked_at_does_not_disturb_another(
    simulator: SimulatorClient, behind: Behind
) -> None:
    async def scene() -> None:
        sick, well = behind.domain("sick"), behind.domain("well")
        async with live(rest_interval=1.0) as scene_:
            sick_view, well_view = await scene_.tracked(sick), await scene_.tracked(well)
            simulator.add_fault("List*", parameters={"DomainIdEquals": sick})
            await scene_.until(lambda: sick_view.stale)
            behind.profile(well, "bob")
            await scene_.until(lambda: "bob" in well_view.profiles)
            assert not well_view.stale

    run(scene())


# --- domains ---


def test_a_domain_is_followed_from_creation_to_deletion(simulator: SimulatorClient) -> None:
    async def scene() -> None:
        async with live() as scene_:
            inventory = scene_.inventory
            inventory.track(scope_at(REGION))
            await scene_.until(lambda: inventory.region_view(WHERE) is not None)
            domain_id = (await scene_.do("CreateDomain", **DOMAIN_REQUEST))["DomainId"]
            region = inventory.region_view(WHERE)
            assert region is not None
            assert [(d.domain_id, d.status) for d in region.domains] == [(domain_id, "Pending")]
            inventory.untrack(scope_at(REGION))
            assert inventory.region_view(WHERE) is None

            view = await scene_.tracked(domain_id)  # tracked already, by its creation
            assert view.domain is not None
            assert view.domain.tags == {OWNER["Key"]: OWNER["Value"]}
            await scene_.until(
                lambda: view.domain is not None and view.domain.status == "InService"
            )
            assert view.domain.details is not None
            assert view.domain.details["AuthMode"] == "IAM"

            await scene_.do(
                "UpdateDomain", DomainId=domain_id, DefaultUserSettings={"SecurityGroups": ["sg-1"]}
            )
            assert view.domain.status == "Updating"
            await scene_.until(
                lambda: view.domain is not None and view.domain.status == "InService"
            )
            assert view.domain.details["DefaultUserSettings"]["SecurityGroups"] == ["sg-1"]

            await scene_.do("CreateUserProfile", DomainId=domain_id, UserProfileName="Alice")
            await scene_.until(lambda: view.profiles["alice"].status == "InService")
            await scene_.do("DeleteUserProfile", DomainId=domain_id, UserProfileName="Alice")
            await scene_.until(lambda: not view.profiles)

            await scene_.do("DeleteDomain", DomainId=domain_id)
            assert view.domain.status == "Deleting"
            await scene_.until(lambda: view.domain is None)
            inventory.untrack(scope_at(REGION, domain_id))
            assert inventory.view(scope_at(REGION, domain_id)) is None
            assert inventory.ready

    run(scene())


def test_the_list_of_a_regions_domains_shows_who_owns_them_and_can_be_asked_for_more(
    simulator: SimulatorClient, behind: Behind
) -> None:
    async def scene() -> None:
        owned = simulator.call("CreateDomain", DOMAIN_REQUEST)["DomainId"]
        other = simulator.call(
            "CreateDomain",
            {**DOMAIN_REQUEST, "DomainName": "b", "Tags": [{"Key": "team", "Value": "b"}]},
        )["DomainId"]
        async with live() as scene_:
            scene_.inventory.track(scope_at(REGION))
            assert not scene_.inventory.ready
            await scene_.until(lambda: scene_.inventory.ready)
            assert scene_.changes == [scope_at(REGION)]
            region = scene_.inventory.region_view(WHERE)
            assert region is not None
            tags = {domain.domain_id: domain.tags for domain in region.domains}
            assert tags == {owned: {OWNER["Key"]: OWNER["Value"]}, other: None}
            candidate = domain_at(REGION, other)
            await scene_.inventory.look(candidate, Look.TAGS)
            await scene_.inventory.look(candidate, Look.SETTINGS)
            (found,) = (domain for domain in region.domains if domain.domain_id == other)
            assert found.tags == {"team": "b"}
            assert found.details is not None

    run(scene())


def test_a_domain_that_does_not_exist_is_shown_as_none(simulator: SimulatorClient) -> None:
    async def scene() -> None:
        async with live(rest_interval=REST) as scene_:
            view = await scene_.tracked("d-none")
            assert view.domain is None
            assert not view.stale
            simulator.clear_calls()
            await scene_.sweep_at_rest(view, REST)
            assert simulator.counts() == {"DescribeDomain": {"ResourceNotFound": 1}}

    run(scene())


def test_without_the_right_to_read_tags_in_bulk_the_view_appears_all_the_same(
    simulator: SimulatorClient, behind: Behind
) -> None:
    async def scene() -> None:
        domain_id = behind.domain(spaces=1)
        simulator.add_fault("GetResources", code="AccessDeniedException", message="not you")
        async with live() as scene_:
            view = await scene_.tracked(domain_id)
            assert view.spaces["s000"].tags is None
            await scene_.inventory.look(key(domain_id, "s000"), Look.TAGS)
            assert view.spaces["s000"].tags == {OWNER["Key"]: OWNER["Value"]}

    run(scene())


# --- a life's end ---


def test_told_to_stop_it_gives_up_a_sweep_that_hangs(
    simulator: SimulatorClient, behind: Behind
) -> None:
    async def scene() -> None:
        domain_id = behind.domain()
        simulator.add_fault("ListApps", mode="hang")
        tasks_before = asyncio.all_tasks()
        stop = asyncio.Event()
        scene_ = Live(Settings(aws_close_timeout=0.3, aws_read_timeout=2 * PATIENCE))
        running = asyncio.create_task(scene_.inventory.run(stop))
        scene_.inventory.track(scope_at(REGION, domain_id))
        while not simulator.calls("ListApps"):
            await asyncio.sleep(0.01)
        stop.set()
        async with asyncio.timeout(PATIENCE):  # AWS would not answer before
            await running
            assert not await scene_.gateway.close()
        assert asyncio.all_tasks() == tasks_before

    run(scene())
