"""Faults that are asked for over HTTP."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    HTTPClientError,
    ReadTimeoutError,
)
from studio_simulator.client import ControlError

from tests.simulator.world import World, app_key, client, volume


def names(world: World) -> list[str]:
    return [domain["name"] for domain in world.control.state()["domains"]]


def test_an_error_before_the_call_keeps_it_from_being_carried_out(world: World) -> None:
    world.control.add_fault("CreateDomain", code="AccessDeniedException", message="No.", times=1)
    assert world.refusal(world.domain) == ("AccessDeniedException", "No.")
    assert names(world) == []
    world.domain()


def test_a_lost_answer_is_an_error_though_all_was_done(world: World) -> None:
    world.control.add_fault("CreateDomain", mode="lost-answer", times=1)
    with pytest.raises(ClientError) as lost:
        world.domain()
    assert lost.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert names(world) == ["research"]
    (call,) = world.control.calls("CreateDomain")
    assert (call["code"], call["carriedOut"]) == ("InternalFailure", True)


def test_a_lost_connection_is_no_answer_though_all_was_done(world: World) -> None:
    world.control.add_fault("CreateDomain", mode="lost-connection", times=1)
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        world.domain()
    assert names(world) == ["research"]


def test_a_call_can_hang_until_its_client_gives_up(world: World) -> None:
    world.control.add_fault("CreateDomain", mode="hang")
    impatient = World(world.url)
    impatient.sm = client("sagemaker", world.url, read_timeout=0.3)
    with pytest.raises(ReadTimeoutError):
        impatient.domain()
    assert names(world) == []


def test_a_delay_alone_changes_nothing_else(world: World) -> None:
    world.control.add_fault("ListDomains", code=None, delay_seconds=0.2)
    began = time.monotonic()
    assert world.sm.list_domains()["Domains"] == []
    assert time.monotonic() - began >= 0.2


def test_a_fault_strikes_as_often_as_asked(world: World) -> None:
    world.control.add_fault("ListDomains", code="ThrottlingException", times=2)
    codes = []
    for _ in range(3):
        status, answer = world.raw("ListDomains", {})
        codes.append(answer.get("__type", status))
    assert codes == ["ThrottlingException", "ThrottlingException", 200]
    (fault,) = world.control.faults()
    assert (fault["struck"], fault["spent"]) == (2, True)


def test_a_rate_strikes_a_share_of_the_calls(world: World) -> None:
    world.control.add_fault("ListDomains", code="ThrottlingException", rate=0.5)
    struck = sum(world.raw("ListDomains", {})[0] == 400 for _ in range(100))
    assert 20 <= struck <= 80


@pytest.mark.parametrize(
    ("operation", "parameters", "struck"),
    [
        ("DescribeDomain", {}, True),
        ("Describe*", {}, True),
        ("*", {}, True),
        ("ListDomains", {}, False),
        ("DescribeDomain", {"DomainId": "d-nosuchdomain"}, True),
        ("DescribeDomain", {"DomainId": "d-othersdomain"}, False),
    ],
)
def test_faults_are_for_operations_and_parameters(
    world: World, operation: str, parameters: Any, struck: bool
) -> None:
    world.control.add_fault(operation, code="Struck", parameters=parameters)
    code = world.code_of(world.sm.describe_domain, DomainId="d-nosuchdomain")
    assert (code == "Struck") == struck


@pytest.mark.parametrize(
    ("parameters", "struck"),
    [
        ({"DefaultUserSettings": {"SecurityGroups": ["sg-1"]}}, True),
        ({"DefaultUserSettings": {"SecurityGroups": ["sg-1"], "ExecutionRole": "other"}}, False),
        ({"DefaultUserSettings": {"SecurityGroups": ["sg-2"]}}, False),
        ({"DefaultUserSettings": {"SecurityGroups": {"sg-1": None}}}, False),
        ({"DomainId": {"nested": "x"}}, False),
        ({"DefaultSpaceSettings": {"SecurityGroups": ["sg-1"]}}, False),
    ],
)
def test_a_fault_may_name_some_members_of_a_structure(
    world: World, parameters: Any, struck: bool
) -> None:
    world.control.add_fault("UpdateDomain", code="Struck", parameters=parameters)
    settings = {"SecurityGroups": ["sg-1"], "ExecutionRole": "role"}
    asked = {"DomainId": "d-nosuchdomain", "DefaultUserSettings": settings}
    _, answer = world.raw("UpdateDomain", asked)
    assert (answer["__type"] == "Struck") == struck


@pytest.mark.parametrize(
    ("code", "given", "status"),
    [
        ("InternalFailure", None, 500),
        ("ServiceUnavailable", None, 503),
        ("ThrottlingException", None, 400),
        ("ThrottlingException", 429, 429),
    ],
)
def test_the_http_status_fits_the_code(
    world: World, code: str, given: int | None, status: int
) -> None:
    world.control.add_fault("ListDomains", code=code, status=given)
    assert world.raw("ListDomains", {})[0] == status


def test_faults_strike_the_tagging_api_and_moto_too(world: World) -> None:
    world.control.add_fault("*", code="InternalFailure")
    assert world.code_of(world.tagging.get_resources) == "InternalFailure"
    assert world.code_of(world.sm.list_models) == "InternalFailure"


def test_faults_are_taken_away_one_by_one_or_all(world: World) -> None:
    first = world.control.add_fault("ListDomains", code="First")
    world.control.add_fault("ListDomains", code="Second")
    assert world.code_of(world.sm.list_domains) == "First"
    assert world.control.remove_faults(first) == 1
    assert world.code_of(world.sm.list_domains) == "Second"
    assert world.control.remove_faults() == 1
    world.sm.list_domains()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"mode": "sometimes"}, "Input should be 'before', 'lost-answer'"),
        ({"rate": 2}, "less than or equal to 1"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_an_unfit_fault_is_refused_with_the_reason(world: World, fault: Any, words: str) -> None:
    with pytest.raises(ControlError, match=words):
        world.control.add_fault("ListDomains", **fault)


def test_a_creation_can_end_in_failure_later(world: World) -> None:
    domain_id = world.domain()
    world.profile(domain_id)
    world.control.add_fault("CreateSpace", mode="fail-later", message="No volume.", times=1)
    world.space(domain_id)
    space = world.sm.describe_space(DomainId=domain_id, SpaceName="churn")
    assert (space["Status"], space["FailureReason"]) == ("Failed", "No volume.")
    update: Any = {"DomainId": domain_id, "SpaceName": "churn"}
    assert world.code_of(world.sm.update_space, **update) == "ValidationException"
    world.sm.delete_space(**update)
    world.pass_time(20)
    world.space(domain_id)


def test_an_update_can_end_in_failure_later_and_be_tried_again(world: World) -> None:
    domain_id = world.domain()
    world.profile(domain_id)
    world.space(domain_id)
    update: Any = {"DomainId": domain_id, "SpaceName": "churn", "SpaceSettings": volume(30)}
    world.control.add_fault("UpdateSpace", mode="fail-later", message="No.", times=1)
    seen = []
    for _ in range(2):
        world.sm.update_space(**update)
        world.pass_time(10)
        space = world.sm.describe_space(DomainId=domain_id, SpaceName="churn")
        size = space["SpaceSettings"]["SpaceStorageSettings"]["EbsStorageSettings"]
        seen.append((space["Status"], size["EbsVolumeSizeInGb"]))
        world.control.set_options(volume_cooldown="off")
    assert seen == [("Update_Failed", 20), ("InService", 30)]


def test_a_deletion_can_end_in_failure_later_and_be_tried_again(world: World) -> None:
    domain_id = world.domain()
    world.control.add_fault("DeleteDomain", mode="fail-later", message="No.", times=1)
    world.sm.delete_domain(DomainId=domain_id)
    world.pass_time(60)
    assert world.sm.describe_domain(DomainId=domain_id)["Status"] == "Delete_Failed"
    world.sm.delete_domain(DomainId=domain_id)
    world.pass_time(60)
    assert names(world) == []


def test_an_app_can_fail_later_for_any_reason(world: World) -> None:
    domain_id = world.domain()
    world.profile(domain_id)
    world.space(domain_id)
    world.control.add_fault("CreateApp", mode="fail-later", message="LifecycleConfig failed.")
    world.app(domain_id)
    app = world.sm.describe_app(**app_key(domain_id))
    assert (app["Status"], app["FailureReason"]) == ("Failed", "LifecycleConfig failed.")


def test_only_what_begins_something_can_fail_later(world: World) -> None:
    world.control.add_fault("*", mode="fail-later")
    world.sm.list_domains()
    with pytest.raises(ControlError, match="DeleteApp begins nothing that could fail later"):
        world.control.add_fault("DeleteApp", mode="fail-later")
