"""File systems that are not attached yet: waited for, without touching the app."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from studio_operator.plan.observed import FileSystem
from studio_operator.plan.types import DomainFacts, Look

from tests.unit.plan.space_world import DOMAIN, OWNER, SpaceWorld
from tests.unit.plan.test_space_settings import EFS, LUSTRE, make_world, running_world

AT_EFS = FileSystem("efs", "fs-0123456789abcdef0")
AT_LUSTRE = FileSystem("fsxLustre", "fs-0fedcba9876543210")
BARE = replace(DOMAIN, file_systems=())
RESIZE = ["DeleteApp", "UpdateSpace", "CreateApp"]


def mount(*systems: Any) -> dict[str, Any]:
    """Members of a spec that mount these."""
    return {"storage": {"sizeGiB": 20, "fileSystems": list(systems)}}


def message_of(world: SpaceWorld) -> str:
    found = world.status.condition("Ready")
    assert found is not None
    return found.message


def waits(world: SpaceWorld) -> bool:
    return world.condition("Reconciling") == "DependencyNotReady"


@dataclass(frozen=True)
class Row:
    """What domain and profile attach, and whether a new space with Amazon EFS is made."""

    domain: tuple[FileSystem, ...]
    profile: tuple[FileSystem, ...] | None
    is_made: bool
    sharing: str | None = None


@pytest.mark.parametrize(
    "row",
    [
        Row((AT_EFS,), (), is_made=True),
        Row((), (), is_made=False),
        Row((AT_LUSTRE,), (), is_made=False),
        # A profile's own list takes the place of the domain's, for private spaces.
        Row((), (AT_EFS,), is_made=True),
        Row((AT_EFS,), (AT_LUSTRE,), is_made=False),
        Row((AT_EFS,), (AT_LUSTRE,), is_made=True, sharing="Shared"),
        Row((), (AT_EFS,), is_made=False, sharing="Shared"),
        # A profile that nobody has looked at is looked at first.
        Row((AT_EFS,), None, is_made=True),
        Row((), None, is_made=False),
    ],
    ids=str,
)
def test_a_space_is_made_once_its_file_systems_are_attached(row: Row) -> None:
    world = make_world(**mount(EFS), sharing=row.sharing)
    world.domain = replace(DOMAIN, file_systems=row.domain)
    world.owner = replace(OWNER, file_systems=row.profile)
    world.run()
    assert (world.calls("CreateSpace") != []) == row.is_made
    assert waits(world) != row.is_made
    world.domain = DOMAIN
    world.owner = replace(OWNER, file_systems=())
    world.run()
    assert world.names_of_calls() == ["CreateSpace", "CreateApp"]


@pytest.mark.parametrize(
    ("sharing", "profile", "remedy"),
    [
        (None, (), "spec.defaultUserSettings.fileSystems of StudioDomain ml-team/research."),
        ("Shared", (), "spec.defaultSpaceSettings.fileSystems of StudioDomain ml-team/research."),
        (
            None,
            (AT_LUSTRE,),
            "spec.userSettings.fileSystems of UserProfile alice.",
        ),
    ],
    ids=["private", "shared", "a profile with a list"],
)
def test_the_message_names_where_to_attach_what(
    sharing: str | None, profile: tuple[FileSystem, ...], remedy: str
) -> None:
    world = make_world(**mount(EFS), sharing=sharing)
    world.domain, world.owner = BARE, replace(OWNER, file_systems=profile)
    world.run()
    place = ": the list of UserProfile alice takes the place of the domain's"
    why = place if profile else ""
    assert message_of(world) == (
        f"spec.storage.fileSystems names efs/fs-0123456789abcdef0, which nobody has attached{why}. "
        f"Add it to {remedy}"
    )


class TestOfASpaceThatExists:
    def world(self, *, stopped: bool = False, **edit: Any) -> SpaceWorld:
        world = running_world()
        if stopped:
            world.person_stops()
        world.domain = BARE
        world.edit(**mount(EFS), **edit)
        world.run()
        return world

    def test_the_app_goes_on_until_it_is_attached_and_is_restarted_once(self) -> None:
        world = self.world()
        assert world.log == []
        assert world.status.phase == "InService"
        assert waits(world)
        world.domain = DOMAIN
        world.run()
        assert world.names_of_calls() == RESIZE
        assert world.settings.file_systems == (AT_EFS,)

    def test_a_stopped_one_is_updated_once_it_is_attached(self) -> None:
        world = self.world(stopped=True)
        assert world.log == []
        assert world.status.phase == "Stopped"
        world.domain = DOMAIN
        world.run()
        assert world.names_of_calls() == ["UpdateSpace"]

    def test_a_start_that_waits_for_it_has_not_begun(self) -> None:
        world = running_world(**mount(EFS))
        world.person_stops()
        world.domain = BARE
        world.request("start", "please")
        world.run()
        assert (waits(world), world.status.phase, world.log) == (True, "Stopped", [])

    def test_all_else_is_carried_out(self) -> None:
        world = self.world(instanceType="ml.m5.large", tags={"team": "growth"})
        assert world.names_of_calls() == [*RESIZE, "AddTags"]
        assert world.settings.file_systems == ()
        assert waits(world)

    def test_a_change_that_waits_for_a_stop_is_told_beside_it(self) -> None:
        world = self.world(displayName="Churn")
        assert waits(world)
        assert world.condition("PendingRestart") == "PendingRestart"

    def test_it_may_be_taken_out_again(self) -> None:
        world = self.world()
        world.edit(storage={"sizeGiB": 20})
        world.run()
        assert world.log == []
        assert world.condition("Reconciling") is None

    def test_a_list_is_set_as_a_whole_so_that_one_stop_does(self) -> None:
        world = running_world(**mount(EFS))
        world.domain = replace(DOMAIN, file_systems=(AT_EFS,))
        world.edit(**mount(LUSTRE))
        world.run()
        assert world.log == [], "the old one stays until the new one can come"
        world.domain = DOMAIN
        world.run()
        assert world.names_of_calls() == RESIZE
        assert world.settings.file_systems == (AT_LUSTRE,)

    def test_what_it_mounts_already_is_not_taken_away(self) -> None:
        world = running_world(**mount(EFS))
        world.domain = BARE
        world.run()
        assert world.log == []
        assert message_of(world).startswith("JupyterLab runs")

    def test_what_others_took_away_and_is_left_to_them_waits_for_nothing(self) -> None:
        world = running_world(**mount(EFS), drift={"storage": "Report"})
        world.settings, world.domain = replace(world.settings, file_systems=()), BARE
        world._touch()
        world.run()
        assert world.log == []
        assert world.condition("Drifted") is not None
        assert not waits(world)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (
            {"domain": replace(DOMAIN, problem="domain d-abc is being updated")},
            "StudioDomain research is not ready: domain d-abc is being updated.",
        ),
        (
            {"domain": replace(BARE, file_systems=None, problem="domain d-abc is being updated")},
            "StudioDomain research is not ready: domain d-abc is being updated.",
        ),
        (
            {"owner": replace(OWNER, file_systems=None, problem="user profile alice is ...")},
            "UserProfile alice is not ready: user profile alice is ...",
        ),
    ],
    ids=["listed already", "not described yet", "profile"],
)
def test_no_app_is_stopped_while_what_attaches_is_being_updated(
    facts: dict[str, Any], said: str
) -> None:
    world = running_world()
    for name, value in facts.items():
        setattr(world, name, value)
    world.edit(**mount(EFS))
    world.run()
    assert world.log == []
    assert message_of(world) == said.rstrip(". ")
    world.domain, world.owner = DOMAIN, OWNER
    world.run()
    assert world.names_of_calls() == RESIZE


UPDATING = replace(BARE, problem="domain d-abc is being updated")


@pytest.mark.parametrize("facts", [UPDATING, replace(UPDATING, file_systems=None)])
@pytest.mark.parametrize("seen_first", ["domain", "space"])
def test_one_commit_that_attaches_mounts_and_resizes_takes_one_stop(
    facts: DomainFacts, seen_first: str
) -> None:
    world = running_world()
    world.domain = facts if seen_first == "domain" else BARE
    world.edit(**mount(EFS), instanceType="ml.m5.large")
    world.step()
    world.domain = facts
    world.run()
    stops = ["DeleteApp"] if seen_first == "space" else []
    assert world.names_of_calls() == stops
    assert waits(world)
    world.domain = DOMAIN
    world.run()
    assert world.names_of_calls() == RESIZE
    assert (world.settings.file_systems, world.status.phase) == ((AT_EFS,), "InService")


def test_a_start_waits_for_the_update_of_the_domain_too() -> None:
    world = running_world()
    world.person_stops()
    world.run()
    world.domain = UPDATING
    world.edit(**mount(EFS), instanceType="ml.m5.large")
    world.run()
    assert world.log == []
    world.domain = DOMAIN
    world.run()
    assert world.names_of_calls() == ["UpdateSpace", "CreateApp"]


def test_what_is_asked_for_in_between_is_carried_out_at_once() -> None:
    world = running_world()
    world.domain = UPDATING
    world.edit(**mount(EFS), tags={"team": "growth"})
    world.run()
    world.edit(state="Stopped")
    world.run()
    assert world.names_of_calls() == ["AddTags", "DeleteApp"]


def test_a_profile_is_looked_at_only_where_something_is_to_be_mounted() -> None:
    unseen = replace(OWNER, file_systems=None)
    world = make_world()
    world.owner = unseen
    looks: set[Look] = set()
    for edit in ({}, {"tags": {"team": "churn"}}, mount(), {"sharing": None}):
        world.edit(**edit)
        for _ in range(12):
            looks |= world.step().looks
    assert Look.OWNER not in looks
    world.edit(**mount(EFS))
    assert world.plan().looks == {Look.OWNER}


def test_of_an_owner_who_is_unknown_aws_decides() -> None:
    world = running_world()
    world.owner = None
    world.edit(**mount(EFS))
    world.run()
    assert world.names_of_calls() == RESIZE
