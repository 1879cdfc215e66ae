"""A change that AWS refused for good: the app runs without it, and what tries it again.

Only what was refused is held back: what else is declared goes its own way.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studio_operator.api.common import GROUP, REQUESTED_AT
from studio_operator.plan.types import FailureKind

from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_space import ready, running_world

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
    assert world.status.rejection is None
    assert world.status.instance_type == "ml.m5.large"


@pytest.mark.parametrize(
    ("edit", "calls"),
    [
        ({"tags": {"team": "churn"}}, ["AddTags"]),
        ({"resizePolicy": "WhenStopped"}, []),
        ({"displayName": "Churn"}, []),
        ({"deletionPolicy": "Delete"}, []),
        ({"rollback": True}, []),
    ],
    ids=lambda value: next(iter(value), "") if isinstance(value, dict) else "",
)
def test_an_edit_of_something_else_does_not_try_it_again(
    edit: dict[str, Any], calls: list[str]
) -> None:
    world = refused_world()
    world.edit(**edit)
    world.run()
    world.crash()
    world.run()
    assert world.names_of_calls() == calls
    assert world.condition("Stalled") == "RejectedByAWS"


def test_a_change_that_is_worth_no_stop_goes_along_with_the_next_one() -> None:
    world = refused_world()
    world.edit(displayName="Churn")
    world.run()
    assert world.condition("PendingRestart") == "PendingRestart"
    world.faults = []
    world.request("stop", ASKED)
    world.run()
    (update,) = world.calls("UpdateSpace")
    assert set(update) == {"DomainId", "SpaceName", "SpaceDisplayName"}
    assert world.condition("Stalled") == "RejectedByAWS"
    assert world.condition("PendingRestart") is None


def test_another_change_is_made_without_it() -> None:
    world = refused_world()
    world.faults = []
    script = "arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config/x"
    world.edit(lifecycleConfigArn=script)
    world.run()
    assert tuple(world.names_of_calls()) == RETRY
    settings = world.calls("UpdateSpace")[0]["SpaceSettings"]["JupyterLabAppSettings"]
    assert settings["DefaultResourceSpec"]["LifecycleConfigArn"] == script
    for spec in (settings["DefaultResourceSpec"], world.calls("CreateApp")[0]["ResourceSpec"]):
        assert spec["InstanceType"] == "ml.t3.medium"
    assert world.condition("Stalled") == "RejectedByAWS"
    assert world.is_running()


def test_another_change_that_is_refused_too_is_held_back_along_with_it() -> None:
    world = refused_world()
    world.edit(storage={"sizeGiB": 30})
    world.run()
    assert tuple(world.names_of_calls()) == RETRY
    assert world.status.rejection is not None
    assert world.status.rejection.changes == {
        "instanceType": "ml.m5.large",
        "storage.sizeGiB": "30 GiB",
    }
    world.log.clear()
    world.edit(tags={"team": "churn"})
    world.run()
    assert world.names_of_calls() == ["AddTags"]
    world.log.clear()
    world.edit(storage={"sizeGiB": 40})
    world.run()
    assert tuple(world.names_of_calls()) == RETRY
    assert ready(world)


def test_a_corrected_value_is_tried_at_once() -> None:
    world = refused_world()
    world.faults = []
    world.edit(instanceType="ml.m5.xlarge")
    world.run()
    assert tuple(world.names_of_calls()) == RETRY
    assert world.status.instance_type == "ml.m5.xlarge"
    assert world.status.rejection is None


def test_an_edit_that_takes_it_back_ends_it() -> None:
    world = refused_world()
    world.edit(instanceType="ml.t3.medium")
    world.run()
    assert world.log == []
    assert ready(world)
    assert world.status.rejection is None


def test_an_image_of_another_account_is_another_image() -> None:
    """Though messages call both by the same name."""
    world = running_world()
    image = "arn:aws:sagemaker:eu-central-1:{}:image/own"
    world.faults = [("UpdateSpace", FailureKind.INVALID)]
    world.edit(image={"imageArn": image.format("111111111111"), "versionAlias": "1.0"})
    world.run()
    assert world.condition("Stalled") == "RejectedByAWS"
    world.log.clear()
    world.edit(image={"imageArn": image.format("123456789012"), "versionAlias": "1.0"})
    world.run()
    assert tuple(world.names_of_calls()) == RETRY
    assert ready(world)


def test_a_record_of_an_older_version_holds_for_its_generation() -> None:
    world = refused_world()
    rejection = world.status.rejection
    assert rejection is not None
    older = rejection.model_copy(update={"changes": None})
    world.status = world.status.model_copy(update={"rejection": older})
    world.run()
    assert world.log == []
    assert world.status.rejection == older
    world.edit(tags={"team": "churn"})
    world.run()
    assert world.names_of_calls() == [*RETRY, "AddTags"]
    assert world.status.rejection is not None
    assert world.status.rejection.changes == {"instanceType": "ml.m5.large"}


def test_it_holds_while_aws_cannot_be_seen() -> None:
    world = refused_world()
    world.is_observed = False
    for _ in range(3):
        world.step()
    world.is_observed = True
    world.run()
    assert world.log == []
    assert world.condition("Stalled") == "RejectedByAWS"


harmless = st.sampled_from(
    [
        {"tags": {"team": "x"}},
        {"displayName": "Churn"},
        {"displayName": "Growth"},
        {"resizePolicy": "WhenStopped"},
        {"resizePolicy": None},
        {"idleShutdown": {"after": "2h"}},
        {"rollback": True},
        "start",
        "forget",
        "crash",
        "unseen",
    ]
)


@settings(max_examples=150)
@given(st.lists(st.tuples(harmless, st.integers(0, 6)), max_size=8))
def test_nobody_is_stopped_for_it_by_what_asks_for_no_other_try(
    acts: list[tuple[Any, int]],
) -> None:
    world = refused_world({REQUESTED_AT: ASKED, f"{GROUP}/restart": ASKED})
    for act, steps in acts:
        if isinstance(act, dict):
            world.edit(**act)
        elif act == "start":
            world.request("start", world.now.isoformat())
        elif act == "forget":
            world.annotations = {}
        elif act == "crash":
            world.crash()
        world.is_observed = act != "unseen"
        for _ in range(steps):
            world.step()
    world.is_observed = True
    world.run()
    assert not {"DeleteApp", "UpdateSpace", "CreateApp"} & set(world.names_of_calls())
    assert world.condition("Stalled") == "RejectedByAWS"
