"""Nobody is stopped in vain: what can be known is looked at before an app is stopped or started."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from studio_operator.plan.types import DomainFacts, FailureKind, IdleLimits, Look

from tests.unit.plan.space_world import DOMAIN, OWNER, SpaceWorld
from tests.unit.plan.test_mounting import AT_EFS, BARE, RESIZE, message_of, mount, waits
from tests.unit.plan.test_space_settings import EFS, LUSTRE, make_world, running_world

KNOWN = frozenset({"ml.t3.medium", "ml.t3.large", "ml.m5.large", "ml.g5.xlarge"})
SLIP = "ml.t3.meduim"
RESIZED = {"instanceType": "ml.m5.large"}


def limited(**facts: Any) -> DomainFacts:
    """The domain, with limits."""
    return replace(DOMAIN, **facts)


def ready(world: SpaceWorld) -> bool:
    found = world.status.condition("Ready")
    return found is not None and found.status == "True"


class TestAVolumeAboveTheMaximum:
    def world(self, **facts: Any) -> SpaceWorld:
        world = running_world()
        world.domain = limited(**{"maximum_gib": 100, **facts})
        return world

    def test_a_growth_and_its_revert_stop_nobody(self) -> None:
        world = self.world()
        world.edit(storage={"sizeGiB": 200})
        world.run()
        assert world.condition("Stalled") == "InvalidSpec"
        assert message_of(world) == (
            "spec.storage.sizeGiB is 200, and StudioDomain research "
            "(defaultUserSettings.spaceStorage) allows 100. Set spec.storage.sizeGiB to 100 "
            "or less, or set a larger maximumGiB there."
        )
        world.edit(storage={"sizeGiB": 20})
        world.run()
        assert world.log == []
        assert ready(world)
        assert world.status.storage_retry_at is None

    def test_all_else_is_carried_out(self) -> None:
        world = self.world()
        world.edit(storage={"sizeGiB": 200}, **RESIZED, tags={"team": "growth"})
        world.run()
        assert world.names_of_calls() == [*RESIZE, "AddTags"]
        assert world.space is not None
        assert (world.space.storage_gib, world.status.phase) == (20, "InService")
        assert world.condition("Stalled") == "InvalidSpec"

    def test_a_larger_maximum_lets_it_through(self) -> None:
        world = self.world()
        world.edit(storage={"sizeGiB": 200})
        world.run()
        world.domain = limited(maximum_gib=200)
        world.run()
        assert world.names_of_calls() == RESIZE
        assert ready(world)

    def test_a_new_space_is_not_made(self) -> None:
        world = make_world(storage={"sizeGiB": 200})
        world.domain = limited(maximum_gib=100)
        world.run()
        assert world.log == []
        assert world.condition("Stalled") == "InvalidSpec"
        world.edit(storage={"sizeGiB": 100})
        world.run()
        assert world.names_of_calls() == ["CreateSpace", "CreateApp"]

    @pytest.mark.parametrize(
        ("of_profile", "sharing", "is_grown"),
        [(50, None, False), (300, None, True), (50, "Shared", True), (None, None, True)],
    )
    def test_the_profiles_own_counts_first_for_private_spaces(
        self, of_profile: int | None, sharing: str | None, is_grown: bool
    ) -> None:
        world = running_world(sharing=sharing)
        world.domain = limited(maximum_gib=100)
        world.owner = replace(OWNER, maximum_gib=of_profile)
        world.edit(storage={"sizeGiB": 80})
        world.run()
        assert (world.names_of_calls() == RESIZE) is is_grown
        if not is_grown:
            assert "UserProfile alice (userSettings.spaceStorage) allows 50" in message_of(world)

    def test_a_profile_that_nobody_has_looked_at_is_looked_at_before_the_stop(self) -> None:
        world = self.world()
        world.owner = replace(OWNER, file_systems=None)
        world.edit(storage={"sizeGiB": 80})
        assert world.plan().looks == {Look.OWNER}
        world.run()
        assert world.names_of_calls() == RESIZE

    def test_what_aws_allows_without_a_maximum_stops_no_app_but_is_tried_without_one(self) -> None:
        world = running_world()
        world.edit(storage={"sizeGiB": 150})
        world.run()
        assert world.log == []
        assert "sets no maximum: AWS allows 100" in message_of(world)
        world.person_stops()
        world.run()
        assert world.calls("UpdateSpace") != []

    def test_a_growth_that_was_refused_already_is_taken_back_without_a_call(self) -> None:
        world = running_world()
        world.domain = replace(DOMAIN, file_systems=None)  # not described: AWS decides
        world.edit(storage={"sizeGiB": 200})
        world.faults = [("UpdateSpace", FailureKind.INVALID)]
        world.run()
        assert world.names_of_calls() == RESIZE
        assert world.status.rejection is not None
        world.log.clear()
        world.edit(storage={"sizeGiB": 20})
        world.run()
        assert world.log == []
        assert world.status.rejection is None
        assert ready(world)

    def test_a_refused_growth_may_leave_the_spec_altogether(self) -> None:
        world = self.world()
        world.edit(storage={"sizeGiB": 200})
        world.run()
        world.edit(storage=None)
        world.run()
        assert world.log == []
        assert ready(world)

    def test_a_volume_above_the_usual_size_may_be_resized_where_nobody_sets_a_maximum(self) -> None:
        """It is there, so AWS allows it."""
        world = running_world()
        assert world.space is not None
        world.space = replace(world.space, storage_gib=200)
        world.edit(storage={"sizeGiB": 200})
        world.run()
        world.edit(**RESIZED)
        world.run()
        assert world.names_of_calls() == RESIZE
        assert ready(world)

    def test_a_maximum_lowered_since_keeps_the_app_from_being_stopped_for_a_change(self) -> None:
        world = self.world(maximum_gib=10)
        world.run()
        assert ready(world)
        world.edit(**RESIZED)
        world.run()
        assert world.log == []
        assert "the volume has 20 GiB, and StudioDomain research" in message_of(world)
        world.person_stops()
        world.run()
        assert world.names_of_calls() == ["UpdateSpace"]


def test_an_idle_time_outside_of_limits_narrowed_since_keeps_the_app_running() -> None:
    world = running_world(idleShutdown={"after": "2h"})
    world.domain = limited(idle_limits={"JupyterLab": IdleLimits(60, 90)})
    world.edit(**RESIZED)
    world.run()
    assert world.log == []
    assert "the idle time is 120m" in message_of(world)
    world.edit(idleShutdown={"after": "90m"})
    world.run()
    assert world.names_of_calls() == RESIZE
    assert world.settings.idle_minutes == 90


class TestAFileSystemThatNobodyAttachesAnyMore:
    def world(self, **spec: Any) -> SpaceWorld:
        world = running_world(**mount(EFS), **spec)
        world.domain = BARE
        world.run()
        assert ready(world), "what runs goes on as it is"
        return world

    @pytest.mark.parametrize(
        "edit",
        [RESIZED, {"storage": {"sizeGiB": 50, "fileSystems": [EFS]}}, {"remoteAccess": "Enabled"}],
        ids=str,
    )
    def test_no_change_stops_the_app_until_it_is_attached_again(self, edit: Any) -> None:
        world = self.world()
        world.edit(**edit)
        world.run()
        assert world.log == []
        assert waits(world)
        assert message_of(world) == (
            "the app could not start: it mounts efs/fs-0123456789abcdef0, which is no longer "
            "attached. Add it to spec.defaultUserSettings.fileSystems of StudioDomain "
            "ml-team/research."
        )
        world.domain = DOMAIN
        world.run()
        assert world.names_of_calls() == RESIZE
        assert ready(world)

    @pytest.mark.parametrize("verb", ["restart", "apply-now"])
    def test_a_request_waits_as_well(self, verb: str) -> None:
        world = self.world(resizePolicy="WhenStopped")
        world.edit(**RESIZED)
        world.request(verb, "1")
        world.run()
        assert world.log == []
        assert waits(world)
        world.domain = DOMAIN
        world.run()
        assert world.names_of_calls() == RESIZE

    def test_a_start_waits_and_goes_on_by_itself(self) -> None:
        world = self.world()
        world.edit(state="Stopped")
        world.run()
        assert world.names_of_calls() == ["DeleteApp"]
        world.edit(state="Running")
        world.run()
        assert world.names_of_calls() == ["DeleteApp"]
        assert waits(world)
        world.domain = DOMAIN
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "CreateApp"]

    def test_what_is_dropped_in_the_middle_of_a_resize_is_waited_for(self) -> None:
        world = running_world(**mount(EFS))
        world.edit(**RESIZED)
        while not world.calls("DeleteApp"):
            world.step()
        world.domain = BARE
        world.run()
        assert world.names_of_calls() == ["DeleteApp"]
        assert waits(world)
        world.domain = DOMAIN
        world.run()
        assert world.names_of_calls() == RESIZE
        assert world.status.phase == "InService"

    def test_taking_it_out_of_the_spec_helps(self) -> None:
        world = self.world()
        world.edit(storage={"sizeGiB": 20}, **RESIZED)
        world.run()
        assert world.names_of_calls() == RESIZE
        assert world.settings.file_systems == ()

    def test_it_counts_again_at_once_where_aws_refuses_to_take_it_out(self) -> None:
        world = self.world()
        world.faults = [("UpdateSpace", FailureKind.INVALID)]
        world.edit(storage={"sizeGiB": 20}, **RESIZED)
        world.run()
        assert world.names_of_calls() == ["DeleteApp", "UpdateSpace"]
        assert waits(world)
        world.domain = DOMAIN
        world.run()
        assert world.names_of_calls() == RESIZE

    def test_it_counts_also_where_another_is_to_be_mounted(self) -> None:
        world = self.world()
        world.edit(**mount(EFS, LUSTRE), **RESIZED)
        world.run()
        assert world.log == []
        assert waits(world)

    def test_at_rest_nobody_looks_at_the_profile(self) -> None:
        world = self.world()
        world.owner = replace(OWNER, file_systems=None)
        world.owner_lists = (AT_EFS,)
        assert not world.plan().looks
        world.edit(**RESIZED)
        assert world.plan().looks == {Look.OWNER}
        world.run()
        assert world.names_of_calls() == RESIZE


class TestTagsFollowWhileAllElseWaits:
    """They need no stop, so nothing that stands against one holds them back."""

    def test_beside_a_change_that_would_stop_in_vain(self) -> None:
        world = running_world(**mount(EFS))
        world.domain = BARE
        world.run()
        world.edit(**RESIZED, tags={"team": "growth"})
        world.run()
        assert world.names_of_calls() == ["AddTags"]
        assert waits(world)

    def test_beside_a_start_that_fails(self) -> None:
        world = running_world()
        world.edit(state="Stopped")
        world.run()
        world.log.clear()
        world.start_failures = ["The lifecycle configuration failed with exit code 1"]
        world.edit(state="Running", tags={"team": "growth"})
        for _ in range(8):
            world.step()
        assert world.names_of_calls() == ["CreateApp", "AddTags"]
        assert world.condition("Stalled") == "LifecycleConfigFailed"

    def test_a_refusal_of_tags_says_no_more_than_what_all_waits_for(self) -> None:
        world = running_world(**mount(EFS))
        world.domain = BARE
        world.run()
        world.faults = [("AddTags", FailureKind.ACCESS)]
        world.edit(**RESIZED, tags={"team": "growth"})
        for _ in range(5):
            world.step()
        assert world.names_of_calls() == ["AddTags"]
        assert waits(world)
        world.domain = DOMAIN
        world.run()
        assert world.names_of_calls() == ["AddTags", *RESIZE, "AddTags"]
        assert ready(world)


def test_no_app_is_stopped_for_a_change_while_its_domain_is_being_updated() -> None:
    """AWS starts none then."""
    world = running_world()
    world.domain = limited(problem="domain d-abc is being updated")
    world.run()
    assert ready(world)
    world.edit(**RESIZED)
    world.request("restart", "1")
    world.run()
    assert world.log == []
    assert waits(world)
    world.domain = DOMAIN
    world.run()
    assert world.names_of_calls() == RESIZE


class TestAnInstanceTypeThatTheSdkDoesNotKnow:
    def world(self, **spec: Any) -> SpaceWorld:
        world = running_world(**spec)
        world.known_types = KNOWN
        return world

    def test_it_stops_no_running_app_and_says_so(self) -> None:
        world = self.world()
        world.edit(instanceType=SLIP)
        world.run()
        assert world.log == []
        assert world.status.phase == "InService"
        assert world.condition("Stalled") is None
        assert world.condition("PendingRestart") == "PendingRestart"
        assert message_of(world) == (
            "the AWS SDK does not know spec.instanceType ml.t3.meduim: the app stays on "
            "ml.t3.large until it is stopped. Set spec.instanceType to ml.t3.medium, or force it "
            "with kubectl studio apply-now churn."
        )
        world.edit(instanceType="ml.t3.large")
        world.run()
        assert world.log == []
        assert ready(world)
        assert world.condition("PendingRestart") is None

    def test_other_changes_go_their_own_way_without_it(self) -> None:
        world = self.world()
        world.edit(instanceType=SLIP, storage={"sizeGiB": 50})
        world.run()
        assert world.names_of_calls() == RESIZE
        assert world.app is not None
        assert (world.app.status, world.app.instance_type) == ("InService", "ml.t3.large")
        assert world.condition("PendingRestart") == "PendingRestart"

    def test_an_image_goes_its_own_way_unless_its_variant_depends_on_the_type(self) -> None:
        world = self.world()
        world.edit(instanceType=SLIP, image={"distribution": "3.1"})
        world.run()
        assert world.names_of_calls() == RESIZE
        assert world.settings.image.version_alias == "3.1"
        assert world.settings.instance_type == "ml.t3.large"
        assert world.condition("PendingRestart") == "PendingRestart"
        world.edit(instanceType="ml.g5.xlrage", image={"distribution": "3.2"})
        world.run()
        assert world.names_of_calls() == RESIZE

    @pytest.mark.parametrize("policy", ["Immediate", "WhenStopped", "Window"])
    def test_apply_now_forces_it(self, policy: str) -> None:
        window = {"timezone": "UTC", "days": "Sun", "from": "02:00", "to": "03:00"}
        world = self.world(resizePolicy=policy, resizeWindow=window if policy == "Window" else None)
        world.edit(instanceType="ml.t9.large")
        world.run()
        assert world.log == []
        world.request("apply-now", "1")
        world.run()
        assert world.names_of_calls() == RESIZE
        assert world.app is not None
        assert (world.app.status, world.app.instance_type) == ("InService", "ml.t9.large")
        assert ready(world)

    @pytest.mark.parametrize("steps", range(9))
    def test_what_was_forced_is_finished_after_a_crash(self, steps: int) -> None:
        world = self.world()
        world.edit(instanceType="ml.t9.large")
        world.request("apply-now", "1")
        for _ in range(steps):
            world.step()
        world.crash()
        world.run()
        assert world.names_of_calls() == RESIZE
        assert world.settings.instance_type == "ml.t9.large"

    def test_a_window_does_not_open_for_it(self) -> None:
        window = {"timezone": "UTC", "days": "Mon-Sun", "from": "00:00", "to": "24:00"}
        world = self.world(resizePolicy="Window", resizeWindow=window)
        world.edit(instanceType=SLIP)
        world.run()
        assert world.log == []

    def test_it_comes_with_the_next_stop_by_a_person(self) -> None:
        world = self.world()
        world.edit(instanceType="ml.t9.large")
        world.run()
        world.person_stops()
        world.run()
        assert world.names_of_calls() == ["UpdateSpace"]
        world.person_starts()
        world.run()
        assert world.app is not None
        assert world.app.instance_type == "ml.t9.large"
        assert ready(world)

    def test_it_comes_with_a_restart_that_a_person_asks_for(self) -> None:
        world = self.world(resizePolicy="WhenStopped")
        world.edit(instanceType="ml.t9.large")
        world.run()
        world.request("restart", "1")
        world.run()
        assert world.names_of_calls() == RESIZE
        assert world.settings.instance_type == "ml.t9.large"

    def test_a_new_space_and_a_stopped_one_try_it(self) -> None:
        world = make_world(instanceType="ml.t9.large")
        world.known_types = KNOWN
        world.run()
        assert world.names_of_calls() == ["CreateSpace", "CreateApp"]
        world.edit(state="Stopped")
        world.run()
        world.edit(state="Running", instanceType="ml.t9.xlarge")
        world.run()
        assert world.names_of_calls()[-3:] == ["DeleteApp", "UpdateSpace", "CreateApp"]

    def test_what_aws_has_shown_is_known(self) -> None:
        """A type that an older SDK lacks and that runs already: drift is mended as ever."""
        world = make_world(instanceType="ml.t9.large", drift={"instance": "Enforce"})
        world.known_types = KNOWN
        world.run()
        world.person_stops()
        world.person_resizes("ml.m5.large")
        world.person_starts()
        world.log.clear()
        world.run()
        assert world.settings.instance_type == "ml.t9.large"
        assert world.condition("PendingRestart") is None


@dataclass(frozen=True)
class Row:
    """Two things that are known, and what comes of both at once."""

    facts: dict[str, Any]
    edit: dict[str, Any]
    calls: tuple[str, ...]


@pytest.mark.parametrize(
    "row",
    [
        Row({"maximum_gib": 30}, {"storage": {"sizeGiB": 50}, "instanceType": SLIP}, ()),
        Row(
            {"maximum_gib": 30},
            {"storage": {"sizeGiB": 50}, "image": {"distribution": "3.1"}},
            tuple(RESIZE),
        ),
        Row({"file_systems": ()}, {**mount(EFS), "instanceType": SLIP}, ()),
    ],
    ids=str,
)
def test_several_at_once(row: Row) -> None:
    world = running_world()
    world.known_types = KNOWN
    world.domain = limited(**row.facts)
    world.edit(**row.edit)
    world.run()
    assert tuple(world.names_of_calls()) == row.calls
    assert world.status.phase == "InService"
    assert not ready(world)
