"""Every answer is in the protocol, whatever happens, and moto is still there."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
import urllib3
from studio_simulator.operations.catalogue import OPERATIONS
from studio_simulator.requests import service_model
from studio_simulator.requests.front_door import FrontDoor
from studio_simulator.requests.validation import _check_of
from studio_simulator.requests.web import Answer, Request
from studio_simulator.simulator import Simulator

from tests.simulator.world import World, app_key, client


def test_an_operation_that_nobody_carries_out_is_answered_in_json(world: World) -> None:
    status, answer = world.raw("ListHubs", {})
    assert (status, answer["__type"]) == (400, "UnknownOperationException")
    status, answer = world.raw("MakeCoffee", {})
    assert (status, answer["__type"]) == (400, "UnknownOperationException")


def test_motos_own_operations_still_work(world: World) -> None:
    world.sm.create_model_package_group(ModelPackageGroupName="group")
    listed = world.sm.list_model_package_groups()["ModelPackageGroupSummaryList"]
    assert [group["ModelPackageGroupName"] for group in listed] == ["group"]


def test_motos_reset_empties_studio_too(world: World) -> None:
    world.domain()
    urllib3.request("POST", f"{world.url}/moto-api/reset")
    assert world.sm.list_domains()["Domains"] == []


def test_an_unsigned_call_is_refused(world: World) -> None:
    status, answer = world.raw("ListDomains", {}, signed=False)
    assert (status, answer["__type"]) == (400, "MissingAuthenticationTokenException")


def test_a_region_that_does_not_exist_is_refused(world: World) -> None:
    nowhere = client("sagemaker", world.url, region="xx-nowhere-1")
    code, message = world.refusal(nowhere.list_domains)
    assert code == "InvalidSignatureException"
    assert message == "Credential should be scoped to a valid region."


def test_a_failure_of_the_simulator_itself_is_answered_in_json() -> None:
    def broken(_request: Request) -> Answer:
        raise ZeroDivisionError

    door = FrontDoor(Simulator(), broken)
    request = Request("GET", "/", urllib3.HTTPHeaderDict(), b"", lambda: False, dict)
    answer = door.answer(request)
    assert answer is not None
    assert answer.status == 500
    assert json.loads(answer.body)["__type"] == "InternalFailure"


def test_a_connection_is_kept_for_the_next_call(world: World) -> None:
    host, port = world.url.removeprefix("http://").split(":")
    request = (
        b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: SageMaker.ListDomains\r\n"
        b"Authorization: Credential=k/20260101/us-east-1/sagemaker/aws4_request\r\n"
        b"Content-Length: 2\r\n\r\n{}"
    )
    with socket.create_connection((host, int(port)), 5) as connection:
        for _ in range(2):
            connection.sendall(request)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_body_may_come_in_chunks(world: World) -> None:
    headers = {
        "X-Amz-Target": "SageMaker.ListDomains",
        "Authorization": "Credential=k/20260101/us-east-1/sagemaker/aws4_request",
    }
    answer = urllib3.request(
        "POST", world.url, body=iter([b'{"MaxRe', b'sults":5}']), headers=headers
    )
    assert json.loads(answer.data) == {"Domains": []}


def test_answers_have_the_shape_that_the_model_declares(world: World) -> None:
    """Nothing is answered that the model does not know, and all values are as it says."""
    domain_id = world.running_space()
    profile = {"DomainId": domain_id, "UserProfileName": "alice"}
    arn = world.sm.describe_domain(DomainId=domain_id)["DomainArn"]
    config = {"StudioLifecycleConfigName": "setup"}
    calls: list[tuple[str, Any]] = [
        ("DescribeDomain", {"DomainId": domain_id}),
        ("ListDomains", {}),
        ("DescribeUserProfile", profile),
        ("ListUserProfiles", {}),
        ("DescribeSpace", {"DomainId": domain_id, "SpaceName": "churn"}),
        ("ListSpaces", {}),
        ("DescribeApp", app_key(domain_id)),
        ("ListApps", {}),
        ("AddTags", {"ResourceArn": arn, "Tags": [{"Key": "a", "Value": "1"}]}),
        ("ListTags", {"ResourceArn": arn}),
        ("CreatePresignedDomainUrl", profile),
        (
            "CreateStudioLifecycleConfig",
            {
                **config,
                "StudioLifecycleConfigContent": "ZWNobw==",
                "StudioLifecycleConfigAppType": "JupyterLab",
            },
        ),
        ("DescribeStudioLifecycleConfig", config),
        ("ListStudioLifecycleConfigs", {}),
        ("UpdateUserProfile", profile),
        ("DeleteApp", app_key(domain_id)),
    ]
    for operation, parameters in calls:
        status, answer = world.raw(operation, parameters)
        assert status == 200, (operation, answer)
        shape = service_model.operation("sagemaker", operation).output_shape
        if shape is None:
            assert answer == {}
            continue
        findings: list[str] = []
        _check_of(shape, {})(answer, "", findings)
        assert findings == [], operation


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_every_operation_refuses_an_empty_request_or_answers_it(
    world: World, operation: str
) -> None:
    status, answer = world.raw(operation, {})
    if status == 200:
        assert operation.startswith("List")
    else:
        assert answer["__type"] == "ValidationException"
        assert "failed to satisfy constraint: Member must not be null" in answer["Message"]
