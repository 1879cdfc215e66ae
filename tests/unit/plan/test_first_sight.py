"""A space that is in AWS before its resource knows of it: adopted, taken back, its status lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studio_operator.api.common import OWNER_TAG

from tests.unit.plan.space_world import CLUSTER, START, SpaceWorld
from tests.unit.plan.test_space import existing_space, make_world, ready, running_world

OWN = f"{CLUSTER}/ml-team/churn/uid-1"
OFFICE = {
    "timezone": "UTC",
    "windows": [{"days": "Mon-Fri", "from": "08:00", "to": "18:00"}],
}
NIGHT = START.replace(hour=20)
MORNING = START.replace(hour=8) + timedelta(days=1)


def stopped_world(**spec: object) -> SpaceWorld:
    """A space whose app a person has stopped."""
    world = running_world(**spec)
    world.person_stops()
    world.run()
    return world


def live_for(world: SpaceWorld, **time: float) -> None:
    """Go on for so long."""
    world.live(until=world.now + timedelta(**time))


def office_world() -> SpaceWorld:
    """A space that its schedule has started, at half past nine."""
    world = make_world(schedule=OFFICE)
    live_for(world, minutes=30)
    assert world.is_running()
    world.log.clear()
    return world


@pytest.mark.parametrize("uid", ["uid-1", "uid-2"])
class TestLostStatus:
    """The status is lost, under the same uid or, in a cluster that was built anew, another one."""

    def test_a_stopped_app_stays_stopped(self, uid: str) -> None:
        world = stopped_world()
        world.lose_status(uid)
        world.run()
        assert "CreateApp" not in world.names_of_calls()
        assert (world.status.phase, ready(world)) == ("Stopped", True)
        assert "when this resource first saw the space" in world.status.conditions[0].message

    def test_a_stopped_app_that_aws_lists_no_more_stays_stopped(self, uid: str) -> None:
        world = stopped_world()
        world.app = None
        world.now += timedelta(days=3)
        world.lose_status(uid)
        world.run()
        assert "CreateApp" not in world.names_of_calls()

    @pytest.mark.parametrize("state", ["Running", "Stopped", None])
    def test_a_running_app_goes_on(self, uid: str, state: str | None) -> None:
        world = running_world()
        world.edit(state=state)
        world.lose_status(uid)
        world.run()
        assert set(world.names_of_calls()) <= {"AddTags"}
        assert world.is_running()

    def test_the_next_edit_acts(self, uid: str) -> None:
        world = stopped_world()
        world.lose_status(uid)
        world.run()
        world.edit(instanceType="ml.m5.large")
        world.run()
        assert world.is_running()

    def test_annotations_are_handled_already(self, uid: str) -> None:
        world = stopped_world()
        for verb in ("start", "restart", "apply-now", "recreate"):
            world.request(verb, "2026-03-02T08:00:00Z")
        world.lose_status(uid)
        world.run()
        assert set(world.names_of_calls()) <= {"AddTags"}
        world.request("start", "2026-03-02T12:00:00Z")
        world.run()
        assert world.is_running()

    def test_a_request_to_stop_is_handled_already(self, uid: str) -> None:
        world = running_world()
        world.request("stop", "2026-03-02T08:00:00Z")
        world.lose_status(uid)
        world.run()
        assert world.is_running()

    def test_an_open_window_starts_nothing_until_the_next_one_opens(self, uid: str) -> None:
        world = office_world()
        world.person_stops()
        live_for(world, minutes=10)
        world.lose_status(uid)
        world.live(until=NIGHT)
        assert "CreateApp" not in world.names_of_calls()
        world.live(until=MORNING + timedelta(hours=1))
        assert world.is_running()

    def test_a_closed_window_stops_nothing_until_the_next_one_closes(self, uid: str) -> None:
        world = office_world()
        world.live(until=NIGHT)
        world.person_starts()
        live_for(world, minutes=10)
        world.log.clear()
        world.lose_status(uid)
        world.live(until=MORNING + timedelta(hours=1))
        assert "DeleteApp" not in world.names_of_calls()
        assert world.status.condition("Drifted") is None  # by now the window is open
        world.live(until=NIGHT + timedelta(days=1))
        assert not world.is_running()

    def test_a_snooze_holds(self, uid: str) -> None:
        world = office_world()
        until = START.replace(hour=22)
        world.request("snooze-until", until.isoformat())
        world.live(until=NIGHT)
        world.lose_status(uid)
        world.live(until=until - timedelta(minutes=1))
        assert world.is_running()
        world.live(until=until + timedelta(hours=1))
        assert not world.is_running()

    def test_a_schedule_that_sleeps_is_not_told_to_have_started_the_app(self, uid: str) -> None:
        world = office_world()
        world.live(until=NIGHT)
        world.person_starts()
        world.request("snooze-until", (NIGHT + timedelta(hours=2)).isoformat())
        live_for(world, minutes=10)
        world.lose_status(uid)
        live_for(world, minutes=10)
        assert world.status.effective is not None
        assert (world.status.effective.state, world.status.effective.by) == ("Running", "FirstSeen")
        live_for(world, hours=3)
        assert not world.is_running()

    def test_a_resize_is_finished_without_a_start(self, uid: str) -> None:
        world = running_world()
        world.edit(instanceType="ml.m5.large")
        while "DeleteApp" not in world.names_of_calls():
            world.step()
        world.lose_status(uid)
        world.run()
        assert world.settings.instance_type == "ml.m5.large"
        assert world.names_of_calls().count("UpdateSpace") == 1
        assert "CreateApp" not in world.names_of_calls()
        assert ready(world)
        assert "nobody knows whether it ran before" in world.status.conditions[0].message

    @pytest.mark.parametrize("state", [None, "Stopped"])
    def test_a_resize_is_finished_whatever_the_state(self, uid: str, state: str | None) -> None:
        world = running_world(state=None)
        world.person_starts()
        world.run()
        world.edit(instanceType="ml.m5.large", state=state)
        while "DeleteApp" not in world.names_of_calls():
            world.step()
        world.lose_status(uid)
        world.run()
        assert world.settings.instance_type == "ml.m5.large"
        assert "CreateApp" not in world.names_of_calls()

    def test_a_growth_waits_where_aws_may_have_grown_the_volume(self, uid: str) -> None:
        world = running_world()
        world.edit(storage={"sizeGiB": 30})
        world.run()
        world.lose_status(uid)
        world.run()
        world.edit(storage={"sizeGiB": 40})
        world.step()
        assert world.condition("Ready") == "StorageCooldown"
        world.run()
        assert world.space is not None
        assert world.space.storage_gib == 40  # SpaceWorld refuses a growth that comes too soon

    @pytest.mark.parametrize("policy", ["Report", "Ignore"])
    def test_what_others_chose_is_left_to_them(self, uid: str, policy: str) -> None:
        world = stopped_world(drift={"instance": policy})
        world.person_resizes("ml.m5.large")
        world.person_starts()
        world.run()
        world.lose_status(uid)
        world.run()
        world.run()
        assert set(world.names_of_calls()) <= {"AddTags"}
        assert world.settings.instance_type == "ml.m5.large"
        assert world.condition("Drifted") == ("ChangedOutside" if policy == "Report" else None)

    def test_a_failed_app_is_told_and_not_started(self, uid: str) -> None:
        world = running_world()
        world.app_fails("InternalFailure")
        world.lose_status(uid)
        world.run()
        assert "CreateApp" not in world.names_of_calls()
        assert world.condition("Stalled") == "AppFailed"


@pytest.mark.parametrize("mark", [None, f"{CLUSTER}/ml-team/churn/released"])
def test_an_adopted_space_is_left_as_it_is(mark: str | None) -> None:
    world = make_world(adopt=True)
    existing_space(world, **({"owner": mark} if mark else {}))
    world.run()
    assert world.names_of_calls() == ["AddTags"]
    assert world.status.phase == "Stopped"
    world.request("start", "now")
    world.run()
    assert world.is_running()


def test_what_was_decided_before_the_space_was_there_does_not_start_it() -> None:
    """The resource waited for its owner; meanwhile somebody made a space of that name."""
    world = make_world(adopt=True)
    owner, world.owner = world.owner, None
    world.run()
    world.owner = owner
    existing_space(world)
    world.run()
    assert world.names_of_calls() == ["AddTags"]


@pytest.mark.parametrize("age", [timedelta(0), timedelta(hours=23)])
def test_a_creation_that_a_crash_interrupted_goes_on_and_starts(age: timedelta) -> None:
    world = make_world()
    existing_space(world, owner=OWN)
    world.now += age
    world.run()
    assert world.names_of_calls() == ["CreateApp"]


def test_an_owner_that_is_not_known_yet_decides_nothing() -> None:
    """After a crash the index of tags may lag: the creation goes on when they are known."""
    world = make_world()
    existing_space(world, owner=OWN)
    assert world.space is not None
    tags, world.space = world.space.tags, replace(world.space, tags=None)
    plan = world.plan()
    world.stored = world.status = plan.status
    assert plan.status.effective is None
    world.space = replace(world.space, tags=tags)
    world.run()
    assert world.is_running()


def test_who_lost_the_tag_to_another_uid_never_takes_it_back() -> None:
    world = running_world()
    assert world.space is not None
    world.space = replace(
        world.space, tags={**(world.space.tags or {}), OWNER_TAG: f"{CLUSTER}/ml-team/churn/uid-2"}
    )
    world.run()
    assert world.names_of_calls() == []
    assert world.condition("Stalled") == "OwnershipConflict"
    assert f"clusterId {CLUSTER}" in world.status.conditions[0].message
    world.crash()
    world.request("start", "now")
    world.edit(instanceType="ml.m5.large", state="Stopped")
    world.run()
    assert world.names_of_calls() == []
    world.edit(deletionPolicy="Delete")
    world.deleting = True
    world.run()
    assert (world.names_of_calls(), world.released) == ([], True)


def test_what_was_let_go_is_taken_back_though_it_was_lost_before() -> None:
    world = running_world()
    assert world.space is not None
    world.space = replace(
        world.space,
        tags={**(world.space.tags or {}), OWNER_TAG: f"{CLUSTER}/ml-team/churn/released"},
    )
    world.run()
    assert world.names_of_calls() == ["AddTags"]
    assert ready(world)


def test_two_live_clusters_settle_after_each_lost_its_status_once() -> None:
    """Each loss moves the space once, and only then; nobody's app is touched."""
    one, two = running_world(), make_world()
    two.uid = "uid-2"
    for _ in range(3):
        for world, other in ((two, one), (one, two)):
            world.space, world.settings, world.app = other.space, other.settings, other.app
            world.run()
    assert (one.names_of_calls(), two.names_of_calls()) == ([], ["AddTags"])
    one.space = two.space
    one.lose_status()
    one.run()
    assert one.names_of_calls() == ["AddTags"]
    two.space = one.space
    two.run()
    assert two.names_of_calls() == ["AddTags"]
    assert two.condition("Stalled") == "OwnershipConflict"


def test_a_changed_cluster_id_is_told_and_nothing_is_done() -> None:
    world = running_world()
    assert world.space is not None
    world.space = replace(
        world.space, tags={**(world.space.tags or {}), OWNER_TAG: "old-id/ml-team/churn/uid-1"}
    )
    world.edit(instanceType="ml.m5.large")
    world.run()
    assert world.names_of_calls() == []
    message = world.status.conditions[0].message
    assert "clusterId" in message
    assert "old-id" in message
    assert len(message) <= 250


EDITS = (
    {"instanceType": "ml.m5.large"},
    {"storage": {"sizeGiB": 30}},
    {"instanceType": "ml.m5.large", "storage": {"sizeGiB": 30}},
    {"image": {"distribution": "4"}},
)


@settings(max_examples=200)
@given(
    st.sampled_from(["Running", "Stopped", None]),
    st.sampled_from(["Immediate", "WhenStopped"]),
    st.sampled_from([None, OFFICE]),
    st.sampled_from(EDITS),
    st.integers(0, 25),
    st.booleans(),
    st.sampled_from(["uid-1", "uid-2"]),
    st.booleans(),
)
def test_status_lost_at_any_moment_starts_nothing_and_forgets_no_resize(
    state: str | None,
    policy: str,
    schedule: dict[str, object] | None,
    edit: dict[str, object],
    steps: int,
    stopped: bool,
    uid: str,
    is_edited_in_git: bool,
) -> None:
    world = make_world(state=state, resizePolicy=policy, schedule=schedule)
    live_for(world, minutes=30)
    if stopped:
        world.person_stops()
    else:
        world.person_starts()
    live_for(world, minutes=10)
    world.log.clear()
    if is_edited_in_git:
        world.edit(**edit)
    world.horizon = world.now + timedelta(minutes=30)
    for _ in range(steps):
        world.step()
    world.horizon = None
    ran, before = world.is_running(), len(world.log)
    world.lose_status(uid)
    live_for(world, hours=7)
    if not ran:
        assert "CreateApp" not in world.names_of_calls()[before:]
    # A growth may have to wait for AWS's six hours, and is asked for by itself then.
    updates = [str(sorted(call.items())) for call in world.calls("UpdateSpace")]
    assert sum("EbsVolumeSizeInGb" in one for one in updates) <= 1
    assert len(updates) <= len(edit)
    wanted = world.spec
    is_done = world.settings.instance_type == wanted.instance_type and (
        world.space is not None
        and wanted.storage is not None
        and world.space.storage_gib == wanted.storage.size_gib
    )
    assert is_done or world.condition("PendingRestart") == "PendingRestart"
    if ran:
        assert "DeleteApp" not in world.names_of_calls()[before:]


class TestADifferenceThatIsFoundWithARunningApp:
    """It stops nobody for that it is seen: neither in a rebuilt cluster nor when adopted."""

    def world(self, **spec: Any) -> SpaceWorld:
        world = running_world(**spec)
        world.edit(**spec, instanceType="ml.m5.large")
        world.lose_status("uid-2")
        world.run()
        return world

    @pytest.mark.parametrize("policy", [None, "Immediate", "WhenStopped"])
    def test_it_waits_and_is_told(self, policy: str | None) -> None:
        world = self.world(resizePolicy=policy)
        world.run()
        world.crash()
        world.run()
        assert world.names_of_calls() == ["AddTags"]
        assert world.is_running()
        assert world.condition("PendingRestart") == "PendingRestart"
        message = world.status.conditions[0].message
        assert "ml.t3.medium becomes ml.m5.large" in message
        if policy != "WhenStopped":
            assert "it ran when this resource first saw the space" in message

    def test_an_adopted_app_runs_on(self) -> None:
        world = make_world(adopt=True, instanceType="ml.m5.large")
        existing_space(world)
        world.person_starts()
        world.tick(60)
        world.run()
        assert world.names_of_calls() == ["AddTags"]
        assert world.condition("PendingRestart") == "PendingRestart"

    @pytest.mark.parametrize("verb", ["apply-now", "restart"])
    def test_who_asks_has_it(self, verb: str) -> None:
        world = self.world()
        world.request(verb, "1")
        world.run()
        assert world.names_of_calls() == ["AddTags", "DeleteApp", "UpdateSpace", "CreateApp"]
        assert ready(world)

    def test_the_next_stop_carries_it(self) -> None:
        world = self.world()
        world.person_stops()
        world.run()
        assert world.names_of_calls() == ["AddTags", "UpdateSpace"]
        world.edit(storage={"sizeGiB": 30})
        world.person_starts()
        world.run()
        assert world.names_of_calls()[-3:] == ["DeleteApp", "UpdateSpace", "CreateApp"]

    def test_the_next_edit_acts_on_all(self) -> None:
        world = self.world()
        world.edit(tags={"team": "growth"})
        world.run()
        assert world.settings.instance_type == "ml.m5.large"
        assert world.is_running()
        assert world.status.found_running_at is None

    def test_a_resize_window_opens_for_it(self) -> None:
        window = {"timezone": "UTC", "days": "Tue", "from": "22:00", "to": "23:00"}
        world = self.world(resizePolicy="Window", resizeWindow=window)
        world.live(until=MORNING)
        assert world.names_of_calls() == ["AddTags"]
        world.live(until=NIGHT + timedelta(days=1, hours=3))
        assert world.settings.instance_type == "ml.m5.large"
        assert world.is_running()

    def test_what_is_alike_is_not_told(self) -> None:
        world = running_world()
        world.lose_status("uid-2")
        world.run()
        assert ready(world)
        assert world.status.found_running_at is None
        world.person_stops()
        world.person_resizes("ml.m5.large")  # and starts it, between two looks of the operator
        world.person_starts()
        world.run()
        assert world.names_of_calls() == ["AddTags", "DeleteApp", "UpdateSpace", "CreateApp"]
        assert world.settings.instance_type == "ml.t3.medium"

    def test_a_growth_that_may_not_be_made_yet_is_still_held_when_it_may(self) -> None:
        world = running_world()
        world.edit(storage={"sizeGiB": 30})
        world.run()
        world.log.clear()
        world.edit(storage={"sizeGiB": 40})
        world.lose_status("uid-2")
        live_for(world, hours=8)
        assert world.names_of_calls() == ["AddTags"]
        assert world.condition("PendingRestart") == "PendingRestart"
