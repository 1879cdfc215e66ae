"""Settings, time and the rest of the control API."""

from __future__ import annotations

import json
from typing import Any

import pytest
import urllib3
from studio_simulator.client import ControlError
from studio_simulator.settings import FAST, Durations

from tests.simulator.world import World


def test_the_simulator_says_that_it_is_there(world: World) -> None:
    assert world.control.health() == {"status": "ok"}


def test_durations_are_set_one_by_one_in_either_spelling(world: World) -> None:
    world.control.set_durations(space_create=1, appStart=2)
    durations = world.control.settings("durations")
    assert (durations["spaceCreate"], durations["appStart"]) == (1, 2)
    assert durations["appStop"] == Durations().app_stop


def test_durations_are_set_all_at_once_by_profile(world: World) -> None:
    durations = world.control.set_durations("fast", app_start=0.1)
    assert durations["spaceCreate"] == FAST["space_create"]
    assert durations["appStart"] == 0.1
    assert durations["deletedAppMemory"] == 24 * 60 * 60
    assert world.control.set_durations("realistic")["spaceCreate"] == 20


def test_speed_scales_the_durations(world: World) -> None:
    domain_id = world.domain(ready=False)
    world.control.set_speed(100_000)
    for _ in range(1000):
        if world.sm.describe_domain(DomainId=domain_id)["Status"] == "InService":
            return
    pytest.fail("a domain takes 240 simulated seconds, here 2.4 ms")


def test_settings_in_force_apply_to_what_begins_then(world: World) -> None:
    before = world.domain("a", ready=False)
    world.control.set_durations(domain_create=1)
    after = world.domain("b", ready=False)
    world.pass_time(1)
    statuses = {
        domain["DomainId"]: domain["Status"] for domain in world.sm.list_domains()["Domains"]
    }
    assert statuses == {before: "Pending", after: "InService"}


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("durations", {"lunch": 1}, "Extra inputs are not permitted"),
        ("durations", {"app_start": -1}, "greater than or equal to 0"),
        ("durations", {"profile": "leisurely"}, "profile must be one of realistic, fast"),
        ("options", {"volume_cooldown": "never"}, "Input should be 'on-update'"),
        ("quotas", {"instance_types": {"ml.t3.medium": "many"}}, "valid integer"),
        ("throttling", {"reading": {"rate": 0}}, "greater than 0"),
        ("capacity", {"unavailable": "all"}, "valid list"),
        ("speed", {"speed": -1}, "must not be negative"),
    ],
)
def test_an_unfit_setting_is_refused_and_nothing_changes(
    world: World, name: str, changes: dict[str, Any], words: str
) -> None:
    before = world.control._ask("GET", f"/{name}")
    with pytest.raises(ControlError, match=words):
        world.control._ask("PUT", f"/{name}", changes)
    assert world.control._ask("GET", f"/{name}") == before


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nosuch", b"", 404),
        ("POST", "/health", b"", 404),
        ("POST", "/faults", b"{", 400),
        ("POST", "/faults", b"[]", 400),
        ("POST", "/faults", b"{}", 400),
        ("GET", "/calls?limit=few", b"", 400),
    ],
)
def test_an_unfit_request_is_answered_with_the_reason(
    world: World, method: str, path: str, body: bytes, status: int
) -> None:
    answer = urllib3.request(method, f"{world.url}/studio-api{path}", body=body)
    assert answer.status == status
    assert json.loads(answer.data)["error"]


def test_a_reset_returns_everything_to_the_start(world: World) -> None:
    world.domain()
    world.control.set_durations("fast")
    world.control.set_options(volume_cooldown="off")
    world.control.set_quotas(spaces=0)
    world.control.set_unavailable("ml.t3.medium")
    world.control.set_throttling(reading={"rate": 1})
    world.control.add_fault("*", times=1)
    world.control.add_barrier("*")
    world.control.reset()
    state = world.control.state()
    assert not any(state.values())
    assert world.control.settings("durations")["domainCreate"] == 240
    assert world.control.settings("options")["volumeCooldown"] == "on-start"
    assert world.control.settings("quotas")["spaces"] is None
    assert world.control.settings("capacity") == {"unavailable": []}
    assert world.control.settings("throttling")["reading"]["rate"] is None
    assert (world.control.faults(), world.control.barriers()) == ([], [])
    assert world.control.counts() == {}


def test_the_state_shows_all_resources(world: World) -> None:
    domain_id = world.running_space()
    state = world.control.state()
    assert [domain["domainId"] for domain in state["domains"]] == [domain_id]
    assert [profile["name"] for profile in state["userProfiles"]] == ["alice"]
    assert [(space["name"], space["status"]) for space in state["spaces"]] == [
        ("churn", "InService")
    ]
    assert [(app["spaceName"], app["status"]) for app in state["apps"]] == [("churn", "InService")]


def test_a_foreign_resource_needs_an_arn(world: World) -> None:
    with pytest.raises(ControlError, match="is not an ARN"):
        world.control.add_foreign_resource("endpoint/churn", {})
    world.control.add_foreign_resource("arn:aws:s3:::bucket", {"a": "1"}, "s3:bucket")
    (found,) = world.control.foreign_resources()
    assert found == {"arn": "arn:aws:s3:::bucket", "tags": {"a": "1"}, "resourceType": "s3:bucket"}
