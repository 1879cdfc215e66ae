"""Studio lifecycle configurations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.simulator.world import ROLE, World, resource_spec, space_settings

SCRIPT = "ZWNobyBoZWxsbw=="
MISSING = "arn:aws:sagemaker:us-east-1:123456789012:studio-lifecycle-config/missing"


def create(world: World, name: str = "setup", content: str = SCRIPT) -> str:
    created = world.sm.create_studio_lifecycle_config(
        StudioLifecycleConfigName=name,
        StudioLifecycleConfigContent=content,
        StudioLifecycleConfigAppType="JupyterLab",
    )
    return created["StudioLifecycleConfigArn"]


def test_what_is_created_is_described_with_its_script(world: World) -> None:
    arn = create(world)
    described = world.sm.describe_studio_lifecycle_config(StudioLifecycleConfigName="setup")
    assert described["StudioLifecycleConfigArn"] == arn
    assert described["StudioLifecycleConfigContent"] == SCRIPT


def test_a_taken_name_and_a_script_that_is_not_base64_are_refused(world: World) -> None:
    create(world)
    assert world.code_of(create, world=world) == "ResourceInUse"
    code = world.code_of(create, world=world, name="other", content="echo hello")
    assert code == "ValidationException"


def test_listing_is_newest_first_and_filters(world: World) -> None:
    for name in ("b", "a", "c"):
        create(world, name)
        world.pass_time(60)

    def names(**query: Any) -> list[str]:
        listed = world.sm.list_studio_lifecycle_configs(**query)["StudioLifecycleConfigs"]
        return [config["StudioLifecycleConfigName"] for config in listed]

    assert names() == ["c", "a", "b"]
    assert names(SortBy="Name", SortOrder="Ascending") == ["a", "b", "c"]
    assert names(NameContains="a") == ["a"]
    assert names(AppTypeEquals="CodeEditor") == []
    oldest = world.sm.describe_studio_lifecycle_config(StudioLifecycleConfigName="b")
    # boto3 sends whole seconds.
    after = oldest["CreationTime"] + timedelta(seconds=1)
    assert names(CreationTimeAfter=after) == ["c", "a"]


def test_settings_may_only_name_configurations_that_exist(world: World) -> None:
    spec = {**resource_spec(), "LifecycleConfigArn": MISSING}
    lab = {"DefaultResourceSpec": spec}
    attached = {"ExecutionRole": ROLE, "JupyterLabAppSettings": {"LifecycleConfigArns": [MISSING]}}
    domain_id = world.domain()
    world.profile(domain_id)
    world.space(domain_id)
    refused = [
        world.refusal(world.domain, name="b", DefaultUserSettings=attached),
        world.refusal(world.profile, domain_id=domain_id, name="bob", UserSettings=attached),
        world.refusal(
            world.space,
            domain_id=domain_id,
            name="other",
            SpaceSettings={**space_settings(), "JupyterLabAppSettings": lab},
        ),
        world.refusal(world.app, domain_id=domain_id, ResourceSpec=spec),
    ]
    expected = f"StudioLifecycleConfig [{MISSING}] does not exist."
    assert refused == [("ValidationException", expected)] * 4


def test_a_configuration_in_use_cannot_be_deleted(world: World) -> None:
    arn = create(world)
    attached = {"ExecutionRole": ROLE, "JupyterLabAppSettings": {"LifecycleConfigArns": [arn]}}
    domain_id = world.domain(DefaultUserSettings=attached)
    key: Any = {"StudioLifecycleConfigName": "setup"}
    assert world.code_of(world.sm.delete_studio_lifecycle_config, **key) == "ResourceInUse"
    detached: Any = {"JupyterLabAppSettings": {"LifecycleConfigArns": []}}
    world.sm.update_domain(DomainId=domain_id, DefaultUserSettings=detached)
    world.sm.delete_studio_lifecycle_config(**key)
    call = world.sm.describe_studio_lifecycle_config
    assert world.code_of(call, **key) == "ResourceNotFound"


@pytest.mark.parametrize(
    "operation", ["describe_studio_lifecycle_config", "delete_studio_lifecycle_config"]
)
def test_an_unknown_configuration_is_not_found(world: World, operation: str) -> None:
    call = getattr(world.sm, operation)
    assert world.code_of(call, StudioLifecycleConfigName="nosuch") == "ResourceNotFound"
