"""What AWS has with a resource's mark, while the spec names something else: its status was lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from studio_operator.plan.ownership import Elsewhere
from studio_operator.plan.remedies import Instruction, Way, set_field
from studio_operator.plan.types import Plan

from tests.unit.plan import test_domain, test_profile
from tests.unit.plan.space_world import ARN, SpaceWorld
from tests.unit.plan.test_space import existing_space, make_world, running_world

BEFORE = Elsewhere("space before", f"{ARN}-before", (set_field("spaceName", "before"),))
OTHERS = {
    "space": BEFORE,
    "profile": Elsewhere("user profile bob", None, (set_field("userProfileName", "bob"),)),
    "domain": Elsewhere("domain lab (d-9)", None, (set_field("domainName", "lab"),)),
}
MAKE: dict[str, Callable[[], Any]] = {
    "space": make_world,
    "profile": test_profile.engine,
    "domain": test_domain.engine,
}
KINDS = pytest.mark.parametrize("kind", MAKE)


def calls(made: Any) -> list[str]:
    if isinstance(made, SpaceWorld):
        return made.names_of_calls()
    return list(made.aws.operations())


def message(plan: Plan[Any]) -> str:
    found = plan.status.condition("Ready")
    assert found is not None
    return str(found.message)


@KINDS
def test_nothing_is_created_beside_it_and_the_field_to_set_back_is_named(kind: str) -> None:
    made = MAKE[kind]()
    made.elsewhere = (OTHERS[kind],)
    plan = made.run()
    assert calls(made) == []
    assert made.condition("Stalled") == "ImmutableField"
    assert message(plan).startswith(f"AWS has {OTHERS[kind].title} with this resource's tag")
    assert plan.remedies[0] == OTHERS[kind].edits[0]


@KINDS
def test_the_api_server_takes_the_edit_since_nothing_was_begun(kind: str) -> None:
    made = MAKE[kind]()
    made.elsewhere = (OTHERS[kind],)
    made.run()
    assert (made.stored.arn, made.stored.operation) == (None, None)


@KINDS
def test_it_goes_on_when_that_is_gone(kind: str) -> None:
    made = MAKE[kind]()
    made.elsewhere = (OTHERS[kind],)
    made.run()
    made.elsewhere = ()
    made.run()
    assert calls(made)[0].startswith("Create")


@KINDS
def test_where_several_have_its_tag_the_nearest_is_named_and_the_rest_counted(kind: str) -> None:
    made = MAKE[kind]()
    made.elsewhere = (OTHERS[kind], BEFORE, BEFORE)
    assert message(made.run()).startswith(f"AWS has {OTHERS[kind].title}, and 2 more with")


@KINDS
def test_a_deletion_does_not_look_at_it(kind: str) -> None:
    made = MAKE[kind]()
    made.elsewhere = (OTHERS[kind],)
    made.run()
    made.deleting = True
    made.run()
    assert (calls(made), made.released) == ([], True)


def test_nothing_is_taken_over_in_its_place() -> None:
    world = make_world(adopt=True)
    existing_space(world)
    world.elsewhere = (BEFORE,)
    world.run()
    assert (world.names_of_calls(), world.condition("Stalled")) == ([], "ImmutableField")


def test_a_status_that_still_names_it_lets_the_name_be_set_back() -> None:
    """Status was removed and the name edited before the operator wrote it again."""
    world = running_world()
    assert world.space is not None
    moved = replace(BEFORE, arn=world.status.arn)
    world.space, world.app, world.elsewhere = None, None, (moved,)
    world.log.clear()
    plan = world.run()
    assert world.names_of_calls() == []
    assert (world.stored.arn, world.stored.operation) == (None, None)
    assert plan.remedies[0] == set_field("spaceName", "before")


def test_what_status_names_in_another_domain_is_not_made_anew_when_it_goes() -> None:
    """Its StudioDomain came back with another domain's id."""
    world = running_world()
    assert world.space is not None
    moved = replace(BEFORE, arn=world.status.arn, is_in_scope=False)
    world.space, world.app, world.elsewhere = None, None, (moved,)
    world.log.clear()
    world.run()
    assert world.condition("Stalled") == "ImmutableField"
    world.elsewhere = ()
    world.run()
    assert (world.names_of_calls(), world.condition("Stalled")) == ([], "DeletedOutsideOfGit")


@pytest.mark.parametrize("asked", [False, True])
def test_once_a_creation_was_begun_the_resource_is_to_be_applied_anew(asked: bool) -> None:
    """Also where a new space is asked for in place of a lost one: the name can't be edited."""
    world = running_world()
    world.space, world.app, world.elsewhere = None, None, (BEFORE,)
    world.log.clear()
    if asked:
        world.request("recreate", "1")
    remedy = world.run().remedies[0]
    assert isinstance(remedy, Instruction)
    assert (remedy.way, remedy.edits) == (Way.APPLY_ANEW, BEFORE.edits)
    assert world.names_of_calls() == []
    assert world.stored.arn is not None


@pytest.mark.parametrize("uid", ["uid-1", "uid-2"])
@pytest.mark.parametrize(("declared", "runs"), [("Running", False), ("Stopped", True)])
def test_nothing_is_started_or_stopped_when_the_name_is_set_back(
    uid: str, declared: str, runs: bool
) -> None:
    """What AWS shows then is where it begins, as if the name had never been edited."""
    world = running_world()
    if not runs:
        world.person_stops()
        world.run()
    space, app = world.space, world.app
    world.lose_status(uid)
    world.edit(spaceName="after", state=declared)
    world.space, world.app, world.elsewhere = None, None, (BEFORE,)
    world.log.clear()
    world.run()
    world.crash()
    world.edit(spaceName=None)
    world.space, world.app, world.elsewhere = space, app, ()
    world.run()
    assert set(world.names_of_calls()) <= {"AddTags"}
    assert world.is_running() is runs
