"""A change that AWS refused for good: the app runs without it, and what tries it again."""

from __future__ import annotations

from typing import Any

import pytest
from studio_operator.api.common import GROUP, REQUESTED_AT
from studio_operator.plan.types import FailureKind

from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_space import running_world

ASKED = "2026-03-02T12:00:00Z"
RETRY = ("DeleteApp", "UpdateSpace", "CreateApp")


def refused_world(annotations: dict[str, str] | None = None, **spec: Any) -> SpaceWorld:
    """An app that runs, and whose resize AWS refuses each time."""
    world = running_world(**spec)
    world.annotations = dict(annotations or {})
    world.run()
    world.faults = [("UpdateSpace", FailureKind.INVALID)]
    world.edit(instanceType="ml.m5.large")
    world.run()
    assert world.condition("Stalled") == "RejectedByAWS"
    assert world.is_running()
    world.log.clear()
    world.faults = [("UpdateSpace", FailureKind.INVALID)]
    return world


@pytest.mark.parametrize("crashes", [False, True])
@pytest.mark.parametrize(
    "annotation", [REQUESTED_AT, *(f"{GROUP}/{verb}" for verb in ("start", "restart", "apply-now"))]
)
def test_an_annotation_that_is_taken_away_tries_nothing_again(
    annotation: str, crashes: bool
) -> None:
    world = refused_world({annotation: ASKED})
    world.annotations = {}
    if crashes:
        world.crash()
    world.run()
    assert world.log == []
    assert world.condition("Stalled") == "RejectedByAWS"


@pytest.mark.parametrize(
    ("annotation", "calls"),
    [
        (REQUESTED_AT, RETRY),
        (f"{GROUP}/restart", RETRY),
        (f"{GROUP}/apply-now", RETRY),
        # The app runs, which is all that a start asks for.
        (f"{GROUP}/start", ()),
        (f"{GROUP}/stop", ("DeleteApp",)),
    ],
)
def test_what_tries_it_again_once_while_the_app_runs(
    annotation: str, calls: tuple[str, ...]
) -> None:
    world = refused_world()
    world.annotations = {annotation: ASKED}
    for _ in range(2):
        world.run()
        world.crash()
    assert tuple(world.names_of_calls()) == calls
    assert world.condition("Stalled") == "RejectedByAWS"
    assert world.is_running() == (annotation != f"{GROUP}/stop")


def test_a_request_to_start_a_stopped_app_tries_it_again_first() -> None:
    world = refused_world()
    world.person_stops()
    world.run()
    assert world.log == []
    world.request("start", ASKED)
    world.run()
    assert world.names_of_calls() == ["UpdateSpace", "CreateApp"]
    assert world.condition("Stalled") == "RejectedByAWS"
    assert world.is_running()


def test_a_retry_that_succeeds_ends_it() -> None:
    world = refused_world()
    world.faults = []
    world.request("apply-now", ASKED)
    world.run()
    assert tuple(world.names_of_calls()) == RETRY
    assert world.memory.rejection is None
    assert world.memory.instance_type == "ml.m5.large"
