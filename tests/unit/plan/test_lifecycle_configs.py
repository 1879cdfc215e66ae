"""A lifecycle configuration of another app type, or that AWS does not have: told in time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.kinds.studio_domain.rules import plan_domain
from studio_operator.kinds.user_profile.rules import plan_profile
from studio_operator.plan.lifecycle_configs import AT_LIFECYCLE_CONFIGS
from studio_operator.plan.observed import LifecycleConfigs
from studio_operator.plan.types import Look, Plan

from generators.reason_examples import (
    DOMAIN_SPEC,
    NOW,
    domain,
    new_domain,
    profile,
)
from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_space import make_world, ready

CONFIG = "arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config"
TOOLS, EDITOR, NOWHERE = f"{CONFIG}/tools", f"{CONFIG}/editor", f"{CONFIG}/nowhere"
IN_AWS = {TOOLS: "JupyterLab", EDITOR: "CodeEditor"}

UNKNOWN = LifecycleConfigs(is_listable=True)


@dataclass
class Listing(SpaceWorld):
    """A world whose lifecycle configurations are known as far as they were listed."""

    in_aws: dict[str, str] = field(default_factory=lambda: dict(IN_AWS))
    listed: LifecycleConfigs = UNKNOWN
    may_list: bool = True
    looked: int = 0

    def situation(self) -> SpaceSituation:
        return replace(super().situation(), lifecycle_configs=self.listed)

    def _look(self, looks: frozenset[Look]) -> None:
        if AT_LIFECYCLE_CONFIGS not in looks:
            super()._look(looks)
            return
        assert self.listed.looked_at is None or (self.now - self.listed.looked_at).seconds >= 60
        self.looked += 1
        types = dict(self.in_aws) if self.may_list else {}
        self.listed = LifecycleConfigs(types, self.now, is_listable=self.may_list)


def world_of(**spec: Any) -> Listing:
    return Listing(make_world(**spec).spec)


def running(**spec: Any) -> Listing:
    world = world_of(**spec)
    world.run()
    assert ready(world)
    world.log.clear()
    world.looked = 0
    return world


def told(world: SpaceWorld) -> str:
    return next(one.message for one in world.status.conditions if one.type == "Ready")


def test_a_space_without_one_lists_nothing() -> None:
    assert running().looked == 0


def test_one_that_fits_is_listed_once_and_never_at_rest() -> None:
    world = world_of(lifecycleConfigArn=TOOLS)
    world.run()
    assert ready(world)
    world.tick(3600)
    world.run()
    world.edit(instanceType="ml.m5.large")
    world.run()
    assert world.looked == 1


def test_one_of_another_app_stops_no_app() -> None:
    world = running()
    world.edit(lifecycleConfigArn=EDITOR)
    world.run(20)
    assert world.log == []
    assert world.condition("Stalled") == "InvalidSpec"
    assert "names lifecycle configuration editor, which is for CodeEditor" in told(world)
    world.edit(lifecycleConfigArn=TOOLS)
    world.run()
    assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert ready(world)


def test_all_else_is_changed_meanwhile() -> None:
    world = running()
    world.edit(lifecycleConfigArn=EDITOR, instanceType="ml.m5.large")
    world.run(20)
    assert world.settings.instance_type == "ml.m5.large"
    assert world.settings.lifecycle_config_arn is None
    assert world.condition("Stalled") == "InvalidSpec"


def test_one_that_does_not_exist_stops_no_app_and_goes_on_when_it_does() -> None:
    world = running()
    world.edit(lifecycleConfigArn=NOWHERE)
    for _ in range(6):
        world.step()
    assert world.log == []
    assert world.condition("Reconciling") == "DependencyNotReady"
    assert world.looked >= 2, "it is looked for again"
    world.in_aws[NOWHERE] = "JupyterLab"
    world.run()
    assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert ready(world)


@pytest.mark.parametrize("arn", [EDITOR, NOWHERE])
def test_no_space_is_made_with_it(arn: str) -> None:
    world = world_of(lifecycleConfigArn=arn)
    for _ in range(5):
        world.step()
    assert world.log == []
    world.in_aws[arn] = "JupyterLab"
    world.tick(61)
    world.run()
    assert ready(world)


def test_a_stopped_app_is_not_started_with_one_that_is_gone() -> None:
    world = running(lifecycleConfigArn=TOOLS)
    world.person_stops()
    world.run()
    world.log.clear()
    del world.in_aws[TOOLS]
    world.listed = UNKNOWN  # the operator began anew
    world.edit(instanceType="ml.m5.large")
    for _ in range(6):
        world.step()
    assert "CreateApp" not in world.names_of_calls()
    assert world.condition("Reconciling") == "DependencyNotReady"


def test_where_the_list_is_denied_nothing_is_held_back() -> None:
    world = world_of(lifecycleConfigArn=EDITOR)
    world.may_list = False
    world.run()
    assert ready(world)
    assert world.looked == 1


# --- domains and user profiles --------------------------------------------------------------------


def listed(**more: Any) -> LifecycleConfigs:
    return LifecycleConfigs(IN_AWS, NOW, **{"is_listable": True, **more})


def lab(**settings: Any) -> dict[str, Any]:
    block = {**DOMAIN_SPEC["defaultUserSettings"], "jupyterLab": settings}
    return {"defaultUserSettings": block}


DEFAULTS: list[Any] = [
    pytest.param(lambda arn: lab(lifecycleConfigArns=list({TOOLS: 1, arn: 1})), id="list"),
    pytest.param(lambda arn: lab(defaultResourceSpec={"lifecycleConfigArn": arn}), id="default"),
    pytest.param(
        lambda arn: {
            "defaultSpaceSettings": {
                "executionRole": "arn:aws:iam::123456789012:role/shared",
                "jupyterLab": {"lifecycleConfigArns": [arn]},
            }
        },
        id="shared",
    ),
]


def reason(plan: Plan[Any]) -> str:
    return str(next(one.reason for one in plan.status.conditions if one.type == "Ready"))


@pytest.mark.parametrize("make", [domain, new_domain])
@pytest.mark.parametrize("spec", DEFAULTS)
def test_a_domain_is_neither_made_nor_updated_with_it(make: Any, spec: Any) -> None:
    for arn, expected in ((EDITOR, "InvalidSpec"), (NOWHERE, "DependencyNotReady")):
        plan = plan_domain(make(spec=spec(arn), lifecycle_configs=listed()))
        assert (plan.call, reason(plan)) == (None, expected)
        assert (plan.wake_at is not None) == (arn == NOWHERE)
    fits = plan_domain(make(spec=spec(TOOLS), lifecycle_configs=listed()))
    assert fits.call is not None
    unknown = make(spec=spec(TOOLS), lifecycle_configs=UNKNOWN)
    assert plan_domain(unknown).looks == {AT_LIFECYCLE_CONFIGS}
    denied = make(spec=spec(EDITOR), lifecycle_configs=LifecycleConfigs(looked_at=NOW))
    assert plan_domain(denied).call is not None


def test_code_editor_has_its_own() -> None:
    spec = {"userSettings": {"codeEditor": {"lifecycleConfigArns": [EDITOR]}}}
    plan = plan_profile(profile(spec=spec, lifecycle_configs=listed()))
    assert plan.call is not None
    assert plan.call.operation == "UpdateUserProfile"


@pytest.mark.parametrize("parts", [{}, {"profile": None}])
def test_a_profile_is_neither_made_nor_updated_with_it(parts: dict[str, Any]) -> None:
    for arn, expected in ((EDITOR, "InvalidSpec"), (NOWHERE, "DependencyNotReady")):
        spec = {"userSettings": {"jupyterLab": {"lifecycleConfigArns": [arn]}}}
        plan = plan_profile(profile(spec=spec, lifecycle_configs=listed(), **parts))
        assert (plan.call, reason(plan)) == (None, expected)
