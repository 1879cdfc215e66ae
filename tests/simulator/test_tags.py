"""AddTags, DeleteTags, ListTags, and the tagging API over the same tags."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.world import World

ENDPOINT = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/churn-model"


def tags(**pairs: str) -> Any:
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def tags_of(world: World, arn: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in world.sm.list_tags(ResourceArn=arn)["Tags"]}


def arns(world: World, **query: Any) -> list[str]:
    found = world.tagging.get_resources(**query)["ResourceTagMappingList"]
    return [resource["ResourceARN"] for resource in found]


def every_kind(world: World) -> dict[str, str]:
    """Make one resource of each kind; return the ARNs."""
    domain_id = world.running_space()
    state = world.control.state()
    config = world.sm.create_studio_lifecycle_config(
        StudioLifecycleConfigName="setup",
        StudioLifecycleConfigContent="ZWNobw==",
        StudioLifecycleConfigAppType="JupyterLab",
    )
    assert state["domains"][0]["domainId"] == domain_id
    return {
        "domain": state["domains"][0]["arn"],
        "user-profile": state["userProfiles"][0]["arn"],
        "space": state["spaces"][0]["arn"],
        "app": state["apps"][0]["arn"],
        "studio-lifecycle-config": config["StudioLifecycleConfigArn"],
    }


def test_every_kind_has_tags_which_are_set_overwritten_and_removed(world: World) -> None:
    for kind, arn in every_kind(world).items():
        world.sm.add_tags(ResourceArn=arn, Tags=tags(kind=kind, team="a"))
        answered = world.sm.add_tags(ResourceArn=arn, Tags=tags(team="b"))["Tags"]
        assert answered == tags(kind=kind, team="b")
        world.sm.delete_tags(ResourceArn=arn, TagKeys=["team", "nosuch"])
        assert tags_of(world, arn) == {"kind": kind}


def test_tags_given_at_creation_are_there(world: World) -> None:
    domain_id = world.domain(Tags=tags(a="1"))
    arn = world.sm.describe_domain(DomainId=domain_id)["DomainArn"]
    assert tags_of(world, arn) == {"a": "1"}


def test_tags_do_not_move_the_time_of_modification(world: World) -> None:
    domain_id = world.domain()
    before = world.sm.describe_domain(DomainId=domain_id)
    world.pass_time(60)
    world.sm.add_tags(ResourceArn=before["DomainArn"], Tags=tags(a="1"))
    after = world.sm.describe_domain(DomainId=domain_id)
    assert after["LastModifiedTime"] == before["LastModifiedTime"]


def test_there_are_at_most_fifty_tags(world: World) -> None:
    domain_id = world.domain(Tags=tags(**{f"k{number}": "" for number in range(50)}))
    arn = world.sm.describe_domain(DomainId=domain_id)["DomainArn"]
    world.sm.add_tags(ResourceArn=arn, Tags=tags(k0="again"))
    code, message = world.refusal(world.sm.add_tags, ResourceArn=arn, Tags=tags(one_more=""))
    assert (code, "exceeds the maximum of [50]" in message) == ("ValidationException", True)


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sagemaker:us-east-1:123456789012:domain/d-nosuchdomain",
        "arn:aws:sagemaker:us-east-1:123456789012:space/d-nosuchdomain/churn",
        "arn:aws:sagemaker:us-east-1:123456789012:user-profile/d-nosuchdomain",
        "arn:aws:sagemaker:us-east-1:999999999999:domain/d-nosuchdomain",
    ],
)
def test_an_unknown_arn_is_refused(world: World, arn: str) -> None:
    code, message = world.refusal(world.sm.list_tags, ResourceArn=arn)
    assert (code, "RecordNotFound" in message) == ("ValidationException", True)


def test_tags_of_what_only_moto_holds_are_motos(world: World) -> None:
    world.sm.create_model_package_group(ModelPackageGroupName="group", Tags=tags(a="1"))
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/group"
    assert tags_of(world, arn) == {"a": "1"}


def test_get_resources_finds_every_kind_by_type(world: World) -> None:
    made = every_kind(world)
    assert arns(world) == []
    for arn in made.values():
        world.sm.add_tags(ResourceArn=arn, Tags=tags(a="1"))
    assert sorted(arns(world, ResourceTypeFilters=["sagemaker"])) == sorted(made.values())
    for kind, arn in made.items():
        assert arns(world, ResourceTypeFilters=[f"sagemaker:{kind}"]) == [arn]
    assert arns(world, ResourceTypeFilters=["s3"]) == []


def test_get_resources_joins_filters_with_and_and_values_with_or(world: World) -> None:
    domain_id = world.domain()
    world.profile(domain_id)
    for name, team, level in (("a", "x", "1"), ("b", "y", "1"), ("c", "y", "2")):
        world.space(domain_id, name, Tags=tags(team=team, level=level))

    def names(*filters: tuple[str, list[str]]) -> list[str]:
        asked: Any = [{"Key": key, "Values": values} for key, values in filters]
        return [arn.rpartition("/")[2] for arn in arns(world, TagFilters=asked)]

    assert names(("team", ["x", "y"])) == ["a", "b", "c"]
    assert names(("team", ["y"]), ("level", ["2"])) == ["c"]
    assert names(("team", [])) == ["a", "b", "c"]
    assert names(("nosuch", [])) == []


def test_get_resources_pages_by_resources_not_by_tags(world: World) -> None:
    domain_id = world.domain()
    world.profile(domain_id)
    many = tags(**{f"k{number}": "" for number in range(20)})
    for number in range(12):
        world.space(domain_id, f"s{number:02}", Tags=many)
    first = world.tagging.get_resources(ResourcesPerPage=10)
    assert len(first["ResourceTagMappingList"]) == 10
    second = world.tagging.get_resources(
        ResourcesPerPage=10, PaginationToken=first["PaginationToken"]
    )
    assert len(second["ResourceTagMappingList"]) == 2
    assert second["PaginationToken"] == ""
    by_tags = world.tagging.get_resources(TagsPerPage=100)
    assert len(by_tags["ResourceTagMappingList"]) == 5


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"ResourcesPerPage": 101}, "InvalidParameterException"),
        ({"TagsPerPage": 99}, "InvalidParameterException"),
        ({"PaginationToken": "nonsense"}, "PaginationTokenExpiredException"),
        ({"TagFilters": [{"Key": "k"}] * 51}, "InvalidParameterException"),
        (
            {"ResourceARNList": [ENDPOINT], "ResourceTypeFilters": ["sagemaker"]},
            "InvalidParameterException",
        ),
        ({"ResourceARNList": [ENDPOINT], "ResourcesPerPage": 100}, "InvalidParameterException"),
    ],
)
def test_get_resources_refuses(world: World, query: Any, expected: str) -> None:
    assert world.code_of(world.tagging.get_resources, **query) == expected


def test_a_page_token_belongs_to_its_question(world: World) -> None:
    domain_id = world.domain(Tags=tags(a="1"))
    world.profile(domain_id, Tags=tags(a="1"))
    token = world.tagging.get_resources(ResourcesPerPage=1)["PaginationToken"]
    code = world.code_of(
        world.tagging.get_resources, PaginationToken=token, ResourceTypeFilters=["sagemaker"]
    )
    assert code == "PaginationTokenExpiredException"


def test_foreign_resources_are_found_and_can_be_tagged(world: World) -> None:
    world.control.add_foreign_resource(ENDPOINT, {"sagemaker:space-arn": "x"})
    assert arns(world, ResourceTypeFilters=["sagemaker:endpoint"]) == [ENDPOINT]
    assert arns(world, TagFilters=[{"Key": "sagemaker:space-arn", "Values": ["x"]}]) == [ENDPOINT]
    world.sm.add_tags(ResourceArn=ENDPOINT, Tags=tags(team="a"))
    assert tags_of(world, ENDPOINT)["team"] == "a"
    assert world.control.remove_foreign_resources(ENDPOINT) == 1
    assert arns(world) == []


def test_foreign_resources_may_be_of_other_services(world: World) -> None:
    arn = "arn:aws:emr-serverless:us-east-1:123456789012:/applications/00abc"
    world.control.add_foreign_resource(arn, {"sagemaker:space-arn": "x"})
    assert arns(world, ResourceTypeFilters=["emr-serverless:applications"]) == [arn]


def test_the_tagging_api_sets_and_removes_tags_too(world: World) -> None:
    domain_id = world.domain()
    arn = world.sm.describe_domain(DomainId=domain_id)["DomainArn"]
    failed = world.tagging.tag_resources(ResourceARNList=[arn], Tags={"a": "1", "b": "2"})
    assert failed["FailedResourcesMap"] == {}
    world.tagging.untag_resources(ResourceARNList=[arn], TagKeys=["a"])
    assert tags_of(world, arn) == {"b": "2"}
    assert world.tagging.get_tag_keys()["TagKeys"] == ["b"]


def test_deleted_apps_have_no_tags(world: World) -> None:
    arn = every_kind(world)["app"]
    world.sm.add_tags(ResourceArn=arn, Tags=tags(a="1"))
    domain_id = arn.split("/")[1]
    world.control.stop_app(domain_id, "churn")
    assert arns(world) == []
    assert world.code_of(world.sm.list_tags, ResourceArn=arn) == "ValidationException"
