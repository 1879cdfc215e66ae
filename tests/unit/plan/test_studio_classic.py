"""Spaces of Studio Classic: AWS creates none of its apps any more, and what exists is kept."""

from __future__ import annotations

import pytest
from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.space.in_aws.observed import ImageRef, ObservedSpace, SpaceSettings

from tests.unit.plan.space_world import ARN, CLUSTER, AppRecord, SpaceWorld
from tests.unit.plan.test_space import make_world, ready

CLASSIC = {"app": "JupyterServer", "storage": None, "instanceType": None, "sharing": "Shared"}


def existing(*, runs: bool = True, **spec: object) -> SpaceWorld:
    """A space of Studio Classic that is the resource's own."""
    world = make_world(**CLASSIC, **spec)
    world.space = ObservedSpace(
        domain_id="d-abc",
        name="churn",
        status="InService",
        sharing="Shared",
        owner="alice",
        app_type="JupyterServer",
        created_at=world.now,
        modified_at=world.now,
        arn=ARN,
        tags={OWNER_TAG: f"{CLUSTER}/ml-team/churn/uid-1"},
    )
    world.settings = SpaceSettings("system")
    if runs:
        world.app = AppRecord("InService", "system", ImageRef(), world.now)
    return world


def test_a_new_space_whose_app_should_run_is_refused_before_anything_is_made() -> None:
    world = make_world(**CLASSIC)
    world.run()
    assert world.condition("Stalled") == "StudioClassicEnded"
    assert "spec.state" in world.status.conditions[0].message
    assert world.log == []


def test_the_remedy_works() -> None:
    world = make_world(**CLASSIC)
    world.run()
    world.edit(state="Stopped")
    world.run()
    assert ready(world)
    assert world.names_of_calls() == ["CreateSpace"]


def test_a_stopped_one_is_not_started_in_vain() -> None:
    world = existing(runs=False)
    world.status = world.stored = world.plan().status
    world.edit(state="Stopped")
    world.run()
    world.edit(state="Running")
    world.run()
    assert world.condition("Stalled") == "StudioClassicEnded"
    assert "CreateApp" not in world.names_of_calls()


def test_one_that_runs_is_shown_and_left_running() -> None:
    world = existing()
    world.run()
    assert ready(world)
    assert "JupyterServer runs" in world.status.conditions[0].message
    assert not {"DeleteApp", "CreateApp"} & set(world.names_of_calls())


def test_a_restart_would_be_its_end_and_is_not_begun() -> None:
    world = existing()
    world.run()
    world.request("restart", "1")
    world.run()
    assert world.condition("Stalled") == "StudioClassicEnded"
    assert world.is_running()


@pytest.mark.parametrize("delete", [False, True])
def test_one_that_runs_can_be_stopped_and_deleted(delete: bool) -> None:
    world = existing(deletionPolicy="Delete")
    world.run()
    if delete:
        world.deleting = True
    else:
        world.edit(state="Stopped")
    world.run()
    assert "DeleteApp" in world.names_of_calls()
    if delete:
        assert world.names_of_calls()[-1] == "DeleteSpace"
    else:
        assert ready(world)
