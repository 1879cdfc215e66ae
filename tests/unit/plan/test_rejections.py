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
