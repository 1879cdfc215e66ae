"""Input that the service's model does not allow, over HTTP and in AWS's words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.world import World, space_parameters

LONG_NAME = "x" * 64


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        (
            {"DomainId": None},
            "Value null at 'domainId' failed to satisfy constraint: Member must not be null",
        ),
        (
            {"DomainId": "research"},
            "Value 'research' at 'domainId' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: d-(-*[a-z0-9]){1,61}",
        ),
        (
            {"SpaceSharingSettings": {"SharingType": "Secret"}},
            "Value 'Secret' at 'spaceSharingSettings.sharingType' failed to satisfy constraint: "
            "Member must satisfy enum value set: [Private, Shared]",
        ),
        (
            {
                "SpaceSettings": {
                    "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 16385}}
                }
            },
            "Value '16385' at 'spaceSettings.spaceStorageSettings.ebsStorageSettings."
            "ebsVolumeSizeInGb' failed to satisfy constraint: "
            "Member must have value less than or equal to 16384",
        ),
        (
            {"Tags": [{"Key": "ok", "Value": ""}, {"Key": "", "Value": ""}]},
            "Value '' at 'tags.2.member.key' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1",
        ),
    ],
)
def test_one_finding(world: World, changes: dict[str, Any], finding: str) -> None:
    parameters = {**space_parameters("d-abcdefabcdef"), **changes}
    status, answer = world.raw("CreateSpace", parameters)
    assert (status, answer["__type"]) == (400, "ValidationException")
    assert answer["Message"] == f"1 validation error detected: {finding}"


def test_several_findings_come_in_one_message(world: World) -> None:
    code, message = world.refusal(
        world.sm.create_space, DomainId="research", SpaceName=LONG_NAME, SpaceDisplayName=" "
    )
    assert code == "ValidationException"
    assert message.startswith("4 validation errors detected: Value 'research' at 'domainId'")
    assert message.count("; Value '") == 3


def test_tags_may_hold_letters_of_any_script(world: World) -> None:
    world.domain(Tags=[{"Key": "größe", "Value": "большой 大"}])
    code, _ = world.refusal(world.domain, name="b", Tags=[{"Key": "a!", "Value": ""}])
    assert code == "ValidationException"


def test_an_instance_type_is_one_that_the_model_knows(world: World) -> None:
    parameters = space_parameters("d-abcdefabcdef")
    spec = parameters["SpaceSettings"]["JupyterLabAppSettings"]["DefaultResourceSpec"]
    spec["InstanceType"] = "ml.t3.mediun"
    code, message = world.refusal(world.sm.create_space, **parameters)
    assert code == "ValidationException"
    assert "Member must satisfy enum value set: [system, " in message


def test_null_members_count_as_left_out(world: World) -> None:
    status, answer = world.raw("ListDomains", {"MaxResults": None, "NextToken": None})
    assert (status, answer["Domains"]) == (200, [])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "not JSON"),
        (b"[]", "not a JSON object"),
        ({"MaxResults": "10"}, "STR_VALUE can not be converted to a Integer"),
        ({"MaxResults": True}, "BOOL_VALUE can not be converted to a Integer"),
        ({"NextToken": 1}, "INT_VALUE can not be converted to a String"),
    ],
)
def test_what_has_the_wrong_type_cannot_be_read(world: World, body: Any, words: str) -> None:
    status, answer = world.raw("ListDomains", body)
    assert (status, answer["__type"]) == (400, "SerializationException")
    assert words in answer["Message"]


def test_unknown_members_are_refused(world: World) -> None:
    status, answer = world.raw("ListDomains", {"Colour": "red"})
    assert (status, answer["__type"]) == (400, "ValidationException")
    assert answer["Message"] == "Unknown parameter Colour in ListDomainsRequest."
