"""What the adoption page shows is what is written, and is taken over without anybody noticing."""

from __future__ import annotations

import pytest
import yaml
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.plugin.export.files import render_resource

from tests.docs.pages import Block, page, section
from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_space import existing_space, ready
from tests.unit.plugin.export_stage import DISTRIBUTION, NAMESPACE, app, export, profile, space
from tests.unit.plugin.export_stage import resource as default_resource

ADOPT = "how-to/adopt.md"


def first_yaml(title: str) -> str:
    """The first block of YAML below a heading of the page."""
    return section(page(ADOPT), title).split("```yaml\n")[1].split("```")[0]


@pytest.fixture(params=["The spaces", "2. Export"])
def world(request: pytest.FixtureRequest) -> SpaceWorld:
    """AWS with a space that nobody here made, and a spec of the page for it."""
    spec = yaml.safe_load(first_yaml(request.param))["spec"]
    if "storage" in spec:  # the space of this world is smaller
        spec["storage"] = {"sizeGiB": 20}
        del spec["image"], spec["idleShutdown"], spec["tags"]
    world = SpaceWorld(SpaceSpec.model_validate(spec))
    existing_space(world)
    return world


def test_a_running_app_goes_on(world: SpaceWorld) -> None:
    world.person_starts()
    world.run()
    assert world.names_of_calls() == ["AddTags"]
    assert world.app is not None
    assert world.app.status == "InService"
    assert ready(world)


def test_a_stopped_app_stays_stopped(world: SpaceWorld) -> None:
    world.run()
    assert world.names_of_calls() == ["AddTags"]
    assert ready(world)


def test_a_type_declared_later_waits_for_the_next_stop(world: SpaceWorld) -> None:
    world.person_starts()
    world.run()
    world.edit(instanceType="ml.m5.large")
    world.run()
    assert world.names_of_calls() == ["AddTags"]
    world.person_stops()
    world.run()
    assert world.names_of_calls() == ["AddTags", "UpdateSpace"]


def test_the_exported_space_is_what_the_plug_in_writes() -> None:
    settings = {
        **default_resource(
            SageMakerImageArn=DISTRIBUTION,
            SageMakerImageVersionAlias="2.1.0",
            TrainingPlanArn="arn:aws:sagemaker:eu-central-1:123456789012:training-plan/churn",
        ),
        "AppLifecycleManagement": {"IdleSettings": {"IdleTimeoutInMinutes": 120}},
    }
    churn = space(
        "Churn-Notebooks", owner="Alice-Doe", settings=settings, size=50, tags={"team": "churn"}
    )
    running = app("Churn-Notebooks", "ml.t3.medium")
    exported = export(churn, profiles=(profile("Alice-Doe"),), apps=(running,))
    (written,) = (one for one in exported.resources if one.key.kind == "Space")
    assert render_resource(written, NAMESPACE) == first_yaml("2. Export")


def test_what_the_plan_says_of_no_change_is_on_the_page() -> None:
    said = [block for block in page(ADOPT).blocks if "No change in AWS." in block.text]
    assert [type(block) for block in said] == [Block]
