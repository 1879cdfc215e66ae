"""Studio lifecycle configurations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from types_boto3_sagemaker.literals import StudioLifecycleConfigAppTypeType

from tests.simulator.world import ROLE, World, app_key, resource_spec, space_settings

SCRIPT = "ZWNobyBoZWxsbw=="
MISSING = "arn:aws:sagemaker:us-east-1:123456789012:studio-lifecycle-config/missing"


def create(
    world: World,
    name: str = "setup",
    content: str = SCRIPT,
    app_type: StudioLifecycleConfigAppTypeType = "JupyterLab",
) -> str:
    created = world.sm.create_studio_lifecycle_config(
        StudioLifecycleConfigName=name,
        StudioLifecycleConfigContent=content,
        StudioLifecycleConfigAppType=app_type,
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


def refusals_of_naming(world: World, domain_id: str, arn: str) -> list[tuple[str, str]]:
    """What a domain, a profile, a space and an app are told that name it for JupyterLab."""
    spec = {**resource_spec(), "LifecycleConfigArn": arn}
    lab = {"DefaultResourceSpec": spec}
    attached = {"ExecutionRole": ROLE, "JupyterLabAppSettings": {"LifecycleConfigArns": [arn]}}
    settings = {**space_settings(), "JupyterLabAppSettings": lab}
    world.profile(domain_id)
    world.space(domain_id)
    return [
        world.refusal(world.domain, name="b", DefaultUserSettings=attached),
        world.refusal(world.profile, domain_id=domain_id, name="bob", UserSettings=attached),
        world.refusal(world.space, domain_id=domain_id, name="other", SpaceSettings=settings),
        world.refusal(world.app, domain_id=domain_id, ResourceSpec=spec),
    ]


def test_settings_may_only_name_configurations_that_exist(world: World) -> None:
    expected = f"StudioLifecycleConfig [{MISSING}] does not exist."
    refused = refusals_of_naming(world, world.domain(), MISSING)
    assert refused == [("ValidationException", expected)] * 4


def test_settings_may_only_name_configurations_of_their_app(world: World) -> None:
    arn = create(world, "editor", app_type="CodeEditor")
    fitting: Any = {"ExecutionRole": ROLE, "CodeEditorAppSettings": {"LifecycleConfigArns": [arn]}}
    refused = refusals_of_naming(world, world.domain(DefaultUserSettings=fitting), arn)
    expected = f"StudioLifecycleConfig [{arn}] is of AppType [CodeEditor], not [JupyterLab]."
    assert refused == [("ValidationException", expected)] * 4


def test_a_built_in_configuration_is_held_to_the_same(world: World) -> None:
    arn = create(world, "editor", app_type="CodeEditor")

    def refusal(named: str) -> tuple[str, str]:
        lab: Any = {"BuiltInLifecycleConfigArn": named}
        settings = {"ExecutionRole": ROLE, "JupyterLabAppSettings": lab}
        return world.refusal(world.domain, DefaultUserSettings=settings)

    missing = f"StudioLifecycleConfig [{MISSING}] does not exist."
    other = f"StudioLifecycleConfig [{arn}] is of AppType [CodeEditor], not [JupyterLab]."
    assert refusal(MISSING) == ("ValidationException", missing)
    assert refusal(arn) == ("ValidationException", other)


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


def test_a_configuration_is_kept_by_an_app_that_runs_with_it_and_not_by_its_space(
    world: World,
) -> None:
    """As the API reference of DeleteStudioLifecycleConfig says."""
    domain_id = world.running_space()
    world.sm.delete_app(**app_key(domain_id))
    world.pass_time(180)
    arn, key = create(world), {"StudioLifecycleConfigName": "setup"}
    spec = {**resource_spec(), "LifecycleConfigArn": arn}
    settings: Any = {"JupyterLabAppSettings": {"DefaultResourceSpec": spec}}
    world.sm.update_space(DomainId=domain_id, SpaceName="churn", SpaceSettings=settings)
    world.pass_time(60)
    world.app(domain_id, ResourceSpec=spec)
    assert world.app_status(domain_id) == "InService"
    assert world.code_of(world.sm.delete_studio_lifecycle_config, **key) == "ResourceInUse"
    world.sm.delete_app(**app_key(domain_id))
    world.pass_time(180)
    world.sm.delete_studio_lifecycle_config(**key)


@pytest.mark.parametrize(
    "operation", ["describe_studio_lifecycle_config", "delete_studio_lifecycle_config"]
)
def test_an_unknown_configuration_is_not_found(world: World, operation: str) -> None:
    call = getattr(world.sm, operation)
    assert world.code_of(call, StudioLifecycleConfigName="nosuch") == "ResourceNotFound"


@pytest.mark.parametrize("where", ["domain", "profile"])
@pytest.mark.parametrize("listed", [True, False], ids=["listed", "not listed"])
def test_an_app_that_names_none_runs_the_default_if_it_is_listed(
    world: World, where: str, listed: bool
) -> None:
    """Not listed, AWS takes the settings and the app fails (coverage-roadmap #1568)."""
    arn = create(world)
    lists = {"LifecycleConfigArns": [arn]} if listed else {}
    lab = {"DefaultResourceSpec": {"LifecycleConfigArn": arn}, **lists}
    settings = {"ExecutionRole": ROLE, "JupyterLabAppSettings": lab}
    plain = {"ExecutionRole": ROLE}
    domain_id = world.domain(DefaultUserSettings=settings if where == "domain" else plain)
    world.profile(domain_id, UserSettings=settings if where == "profile" else plain)
    world.space(domain_id)
    world.app(domain_id)
    world.pass_time(600)
    app = world.sm.describe_app(
        DomainId=domain_id, SpaceName="churn", AppType="JupyterLab", AppName="default"
    )
    assert app["ResourceSpec"]["LifecycleConfigArn"] == arn
    assert app["Status"] == ("InService" if listed else "Failed")


def test_an_app_that_says_none_runs_no_script(world: World) -> None:
    arn = create(world)
    lab = {"DefaultResourceSpec": {"LifecycleConfigArn": arn}, "LifecycleConfigArns": [arn]}
    settings = {"ExecutionRole": ROLE, "JupyterLabAppSettings": lab}
    domain_id = world.domain(DefaultUserSettings=settings)
    world.profile(domain_id)
    world.space(domain_id)
    world.app(domain_id, ResourceSpec={**resource_spec(), "LifecycleConfigArn": "None"})
    app = world.sm.describe_app(
        DomainId=domain_id, SpaceName="churn", AppType="JupyterLab", AppName="default"
    )
    assert "LifecycleConfigArn" not in app["ResourceSpec"]
