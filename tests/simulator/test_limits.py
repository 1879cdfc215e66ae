"""Quotas, capacity and throttling."""

from __future__ import annotations

from typing import Any

import pytest
from studio_simulator.errors import ServiceError
from studio_simulator.requests.throttling import Throttle
from studio_simulator.settings import Rate, Throttling

from tests.simulator.world import World, app_key, resource_spec

GPU = "ml.g5.xlarge"


@pytest.fixture
def domain_id(world: World) -> str:
    """A domain with alice and two spaces of hers."""
    made = world.domain()
    world.profile(made)
    world.space(made, "churn")
    world.space(made, "other")
    return made


def test_a_quota_of_an_instance_type_is_named_when_it_is_used_up(
    world: World, domain_id: str
) -> None:
    world.control.set_quotas(instance_types={GPU: 1})
    world.app(domain_id, "churn", ready=False, ResourceSpec=resource_spec(GPU))
    other: Any = {"space_name": "other", "ResourceSpec": resource_spec(GPU)}
    code, message = world.refusal(world.app, domain_id=domain_id, **other)
    assert code == "ResourceLimitExceeded"
    assert message.startswith(
        "The account-level service limit 'Studio JupyterLab Apps running on ml.g5.xlarge "
        "instances' is 1 Instances, with current utilization of 1 Instances and a request delta "
        "of 1 Instances."
    )
    world.pass_time(180)
    world.control.stop_app(domain_id, "churn")
    world.app(domain_id, **other)


def test_a_quota_of_nought_can_also_show_as_an_app_that_fails(world: World, domain_id: str) -> None:
    world.control.set_quotas(other_instance_types=0)
    world.control.set_options(quota_exceeded="fail-at-start")
    world.app(domain_id)
    app = world.sm.describe_app(**app_key(domain_id))
    assert app["Status"] == "Failed"
    assert "service limit" in app["FailureReason"]


@pytest.mark.parametrize(
    ("quotas", "operation", "changes"),
    [
        ({"domains": 1}, "domain", {"name": "b"}),
        ({"user_profiles": 1}, "profile", {"name": "bob"}),
        ({"spaces": 2}, "space", {"name": "third"}),
        ({"running_apps": 0}, "app", {}),
    ],
)
def test_every_kind_has_a_quota(
    world: World, domain_id: str, quotas: Any, operation: str, changes: Any
) -> None:
    world.control.set_quotas(**quotas)
    place = {} if operation == "domain" else {"domain_id": domain_id}
    code, message = world.refusal(getattr(world, operation), **place, **changes)
    assert code == "ResourceLimitExceeded"
    assert "The account-level service limit '" in message


def test_without_capacity_an_app_fails_at_its_start(world: World, domain_id: str) -> None:
    world.control.set_unavailable(GPU)
    world.app(domain_id, ready=False, ResourceSpec=resource_spec(GPU))
    assert world.app_status(domain_id) == "Pending"
    world.pass_time(180)
    app = world.sm.describe_app(**app_key(domain_id))
    assert app["Status"] == "Failed"
    assert app["FailureReason"].startswith("EC2InsufficientCapacityError: ")


def test_asking_too_fast_is_throttled_by_class_of_operation(world: World) -> None:
    world.control.set_throttling(reading={"rate": 0.001, "burst": 3})
    for _ in range(3):
        world.sm.list_domains()
    code, message = world.refusal(world.sm.list_spaces)
    assert (code, message) == ("ThrottlingException", "Rate exceeded")
    world.domain()
    assert world.control.counts()["ListSpaces"] == {"ThrottlingException": 1}


def test_the_tagging_api_throttles_with_a_code_of_its_own(world: World) -> None:
    world.control.set_throttling(tagging={"rate": 0.001, "burst": 1})
    world.tagging.get_resources()
    code, _ = world.refusal(world.tagging.get_resources)
    assert code == "ThrottledException"


def test_a_bucket_fills_again() -> None:
    now = [0.0]
    throttle = Throttle(lambda: Throttling(mutating=Rate(rate=2, burst=2)), lambda: now[0])

    def allowed(place: tuple[str, str] = ("1", "us-east-1")) -> bool:
        try:
            throttle.take("sagemaker", "CreateApp", place)
        except ServiceError:
            return False
        return True

    assert [allowed(), allowed(), allowed()] == [True, True, False]
    assert allowed(("2", "us-east-1"))
    now[0] = 0.5
    assert [allowed(), allowed()] == [True, False]
    now[0] = 100
    assert [allowed(), allowed(), allowed()] == [True, True, False]
