"""User profiles as a client sees them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.world import ROLE, World, app_parameters, space_parameters

SSO = {"SingleSignOnUserIdentifier": "UserName", "SingleSignOnUserValue": "alice@example.org"}


def test_a_profile_is_pending_then_in_service(world: World) -> None:
    domain_id = world.domain()
    key: Any = {"DomainId": domain_id, "UserProfileName": "alice"}
    arn = world.sm.create_user_profile(**key)["UserProfileArn"]
    assert arn.endswith(f":user-profile/{domain_id}/alice")
    assert world.sm.describe_user_profile(**key)["Status"] == "Pending"
    world.pass_time(10)
    assert world.sm.describe_user_profile(**key)["Status"] == "InService"


def test_a_profile_needs_a_domain_that_is_in_service(world: World) -> None:
    domain_id = world.domain(ready=False)
    create = world.sm.create_user_profile
    code, message = world.refusal(create, DomainId=domain_id, UserProfileName="alice")
    assert code == "ValidationException"
    assert "is not in InService state" in message
    code, message = world.refusal(create, DomainId="d-nosuchdomain", UserProfileName="alice")
    assert (code, "RecordNotFound" in message) == ("ValidationException", True)


def test_names_of_profiles_are_unique_whatever_their_case(world: World) -> None:
    domain_id = world.domain()
    world.profile(domain_id, "alice")
    code, message = world.refusal(world.profile, domain_id=domain_id, name="Alice")
    assert code == "ResourceInUse"
    assert "must be unique in a domain" in message
    described = world.sm.describe_user_profile(DomainId=domain_id, UserProfileName="ALICE")
    assert described["UserProfileName"] == "alice"


def test_profiles_and_spaces_share_their_names(world: World) -> None:
    domain_id = world.domain()
    world.profile(domain_id)
    code, message = world.refusal(world.space, domain_id=domain_id, name="alice")
    assert code == "ResourceInUse"
    assert message.startswith("User Profile already exists with the same name 'alice'.")
    world.space(domain_id, "churn")
    assert world.code_of(world.profile, domain_id=domain_id, name="churn") == "ResourceInUse"


def test_sign_on_identifiers_belong_to_domains_with_sso_alone(world: World) -> None:
    with_iam, with_sso = world.domain("a"), world.domain("b", AuthMode="SSO")
    refused: list[tuple[str, dict[str, str]]] = [
        (with_iam, SSO),
        (with_sso, {}),
        (with_sso, {"SingleSignOnUserIdentifier": "UserName"}),
    ]
    for domain_id, identifiers in refused:
        code = world.code_of(world.profile, domain_id=domain_id, **identifiers)
        assert code == "ValidationException"
    world.profile(with_sso, **SSO)
    described = world.sm.describe_user_profile(DomainId=with_sso, UserProfileName="alice")
    assert described["SingleSignOnUserValue"] == "alice@example.org"


def test_an_update_merges_settings(world: World) -> None:
    domain_id = world.domain()
    settings = {"ExecutionRole": ROLE, "SecurityGroups": ["sg-1"]}
    world.profile(domain_id, UserSettings=settings)
    key: Any = {"DomainId": domain_id, "UserProfileName": "alice"}
    world.sm.update_user_profile(**key, UserSettings={"SecurityGroups": ["sg-2"]})
    assert world.sm.describe_user_profile(**key)["Status"] == "Updating"
    assert world.code_of(world.sm.update_user_profile, **key) == "ValidationException"
    world.pass_time(5)
    described = world.sm.describe_user_profile(**key)
    assert described["Status"] == "InService"
    assert described["UserSettings"] == {"ExecutionRole": ROLE, "SecurityGroups": ["sg-2"]}


def test_who_a_person_is_to_file_systems_is_fixed_at_creation(world: World) -> None:
    domain_id = world.domain()
    posix_user: Any = {"CustomPosixUserConfig": {"Uid": 200001, "Gid": 1001}}
    world.profile(domain_id, UserSettings=posix_user)
    key: Any = {"DomainId": domain_id, "UserProfileName": "alice"}
    code, message = world.refusal(world.sm.update_user_profile, **key, UserSettings=posix_user)
    assert (code, "CustomPosixUserConfig" in message) == ("ValidationException", True)
    assert world.sm.describe_user_profile(**key)["UserSettings"] == posix_user


def test_a_default_volume_above_the_maximum_is_refused(world: World) -> None:
    sizes = {"DefaultEbsVolumeSizeInGb": 50, "MaximumEbsVolumeSizeInGb": 20}
    settings = {"SpaceStorageSettings": {"DefaultEbsStorageSettings": sizes}}
    domain_id = world.domain()
    code = world.code_of(world.profile, domain_id=domain_id, UserSettings=settings)
    assert code == "ValidationException"


def test_a_profile_with_apps_or_spaces_cannot_be_deleted(world: World) -> None:
    domain_id = world.running_space()
    key: Any = {"DomainId": domain_id, "UserProfileName": "alice"}
    arn = world.sm.describe_user_profile(**key)["UserProfileArn"]
    code, message = world.refusal(world.sm.delete_user_profile, **key)
    assert code == "ResourceInUse"
    expected = f"Unable to delete UserProfile [{arn}] because App(s) are associated with it"
    assert message == expected
    world.control.stop_app(domain_id, "churn")
    _, message = world.refusal(world.sm.delete_user_profile, **key)
    assert message == expected.replace("App(s)", "Space(s)")


def test_a_deleted_profile_is_gone_after_a_while(world: World) -> None:
    domain_id = world.domain()
    world.profile(domain_id)
    key: Any = {"DomainId": domain_id, "UserProfileName": "alice"}
    world.sm.delete_user_profile(**key)
    assert world.sm.describe_user_profile(**key)["Status"] == "Deleting"
    assert world.code_of(world.sm.delete_user_profile, **key) == "ValidationException"
    assert world.code_of(world.sm.create_space, **space_parameters(domain_id)) == (
        "ValidationException"
    )
    world.pass_time(10)
    assert world.code_of(world.sm.describe_user_profile, **key) == "ResourceNotFound"


def test_listing_filters_by_domain_and_by_part_of_the_name(world: World) -> None:
    first, second = world.domain("a"), world.domain("b")
    for domain_id, name in ((first, "alice"), (first, "bob"), (second, "alina")):
        world.profile(domain_id, name)

    def names(**query: Any) -> list[str]:
        listed = world.sm.list_user_profiles(**query)["UserProfiles"]
        return [profile["UserProfileName"] for profile in listed]

    assert names() == ["alice", "bob", "alina"]
    assert names(DomainIdEquals=first) == ["alice", "bob"]
    assert names(UserProfileNameContains="ali") == ["alice", "alina"]
    assert names(SortOrder="Descending") == ["alina", "bob", "alice"]


@pytest.mark.parametrize(
    ("app_type", "name", "spec", "words"),
    [
        ("JupyterLab", "default", None, "SpaceName is required"),
        ("Canvas", "other", None, "AppName must be [default]"),
        ("JupyterServer", "default", {"InstanceType": "ml.m5.large"}, "must be [system]"),
        ("KernelGateway", "kernels", None, "InstanceType is required"),
    ],
)
def test_apps_of_a_profile_have_rules_of_their_own(
    world: World, app_type: str, name: str, spec: Any, words: str
) -> None:
    world.control.set_options(classic_apps="allow")
    domain_id = world.domain()
    world.profile(domain_id)
    parameters = {**app_parameters(domain_id), "AppType": app_type, "AppName": name}
    del parameters["SpaceName"], parameters["ResourceSpec"]
    parameters["UserProfileName"] = "alice"
    if spec is not None:
        parameters["ResourceSpec"] = spec
    code, message = world.refusal(world.sm.create_app, **parameters)
    assert code == "ValidationException"
    assert words in message


def test_an_app_of_a_profile_holds_the_profile(world: World) -> None:
    domain_id = world.domain()
    world.profile(domain_id)
    whose: Any = {"DomainId": domain_id, "UserProfileName": "alice"}
    canvas = {**whose, "AppType": "Canvas", "AppName": "default"}
    world.sm.create_app(**canvas)
    world.pass_time(180)
    code, message = world.refusal(world.sm.delete_user_profile, **whose)
    assert code == "ResourceInUse"
    assert message.endswith("because App(s) are associated with it")
    world.sm.delete_app(**canvas)
    world.pass_time(60)
    world.sm.delete_user_profile(**whose)


def test_a_profile_runs_classic_apps_on_the_system_instance(world: World) -> None:
    world.control.set_options(classic_apps="allow")
    domain_id = world.domain()
    world.profile(domain_id)
    key: Any = {
        "DomainId": domain_id,
        "UserProfileName": "alice",
        "AppType": "JupyterServer",
        "AppName": "default",
    }
    world.sm.create_app(**key)
    world.pass_time(180)
    described = world.sm.describe_app(**key)
    assert described["Status"] == "InService"
    assert described["ResourceSpec"]["InstanceType"] == "system"
