"""The log of calls and their counts."""

from __future__ import annotations

import boto3
from studio_simulator.requests.call_log import CallLog

from tests.simulator.world import World


def test_every_call_is_logged_with_what_it_was_about_and_how_it_ended(world: World) -> None:
    world.control.advance(5)
    world.refusal(world.sm.describe_space, DomainId="d-nosuchdomain", SpaceName="churn")
    (call,) = world.control.calls()
    assert call["service"] == "sagemaker"
    assert call["operation"] == "DescribeSpace"
    assert call["identifiers"] == {"DomainId": "d-nosuchdomain", "SpaceName": "churn"}
    assert call["members"] == ["DomainId", "SpaceName"]
    assert call["code"] == "ResourceNotFound"
    assert call["message"] == "Domain [d-nosuchdomain] does not exist."
    assert call["carriedOut"] is False
    assert (call["account"], call["region"]) == ("123456789012", "us-east-1")
    assert call["time"] == world.control.now()


def test_calls_are_filtered_by_operation_code_and_number(world: World) -> None:
    world.sm.list_domains()
    world.sm.list_spaces()
    world.code_of(world.sm.describe_domain, DomainId="d-nosuchdomain")
    numbers = [call["number"] for call in world.control.calls()]
    control = world.control
    assert [call["number"] for call in control.calls("ListSpaces")] == numbers[1:2]
    assert [call["number"] for call in control.calls(code="OK")] == numbers[:2]
    assert [call["number"] for call in control.calls(after=numbers[0])] == numbers[1:]
    assert [call["number"] for call in control.calls(limit=1)] == numbers[2:]


def test_counts_are_by_operation_and_code(world: World) -> None:
    for _ in range(3):
        world.sm.list_domains()
    world.code_of(world.sm.list_domains, MaxResults=0)
    world.tagging.get_resources()
    assert world.control.counts() == {
        "GetResources": {"OK": 1},
        "ListDomains": {"OK": 3, "ValidationException": 1},
    }
    assert world.control.count() == 5
    assert world.control.count("ListDomains") == 4
    assert world.control.count(code="OK") == 4


def test_other_services_are_logged_too(world: World) -> None:
    identity = boto3.client(
        "sts",
        endpoint_url=world.url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    ).get_caller_identity()
    assert identity["Account"] == "123456789012"
    (call,) = world.control.calls()
    assert (call["service"], call["operation"]) == ("sts", "GetCallerIdentity")


def test_the_control_api_is_not_logged_and_clearing_forgets(world: World) -> None:
    world.sm.list_domains()
    world.control.clear_calls()
    world.control.state()
    assert world.control.calls() == []
    assert world.control.counts() == {}


def test_a_call_that_is_cleared_while_it_runs_is_not_counted_below_nought() -> None:
    log = CallLog()
    record = log.begin(0.0, "sagemaker", "ListApps", ("1", "us-east-1"), {})
    assert log.counts() == {"ListApps": {"unanswered": 1}}
    log.clear()
    log.finish(record, "OK", None, 0.1)
    assert log.counts() == {}
