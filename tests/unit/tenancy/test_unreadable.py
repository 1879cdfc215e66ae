"""A tenant whose spec can't be read, as of a CRD of another version, opens nothing to anybody."""

from __future__ import annotations

from typing import Any

import pytest
from studio_operator.kube.resources import Key
from studio_operator.plan.tenancy.policy import Enforcement, Standing, Subject

from tests.unit.engine.test_store import body
from tests.unit.engine.test_tenancy import TENANT, Desk, tenant

LONG = [f"ns-{number}" for number in range(64)]


def edited(version: int = 2, **spec: Any) -> dict[str, Any]:
    """The tenant with these members of its spec as they stand."""
    raw = tenant(TENANT, version)
    return {**raw, "spec": {**raw["spec"], **spec}}


def test_an_enforcement_of_another_version_blocks_and_stops_nobody() -> None:
    desk = Desk()
    desk.see(edited(enforcement="Deny"))
    found = desk.tenancy.policy_of("team")
    assert (found.standing, found.enforcement) == (Standing.RULED, Enforcement.BLOCK)


@pytest.mark.parametrize(
    "names",
    [
        ["team", "Bad"],
        ["team", {"matches": "x"}, 3, None],
        ["team", "team"],
        ["te*", ""],
        [*LONG, "team"],
    ],
)
def test_each_name_that_can_be_read_counts(names: list[Any]) -> None:
    desk = Desk()
    desk.see(edited(namespaces={"names": names}, enforcement="Block"))
    found = desk.tenancy.policy_of("team")
    assert (found.standing, found.enforcement) == (Standing.RULED, Enforcement.BLOCK)
    assert desk.tenancy.policy_of("Bad").standing is Standing.UNRULED


@pytest.mark.parametrize(
    "namespaces",
    [None, "team", {}, {"selector": {}}, {"names": "team"}, {"names": []}, {"names": ["Bad", 1]}],
)
def test_where_no_name_can_be_read_the_last_ones_count(namespaces: Any) -> None:
    desk = Desk()
    desk.see(tenant(TENANT, 1, "team", "other", enforcement="Block"))
    desk.see(edited(2, namespaces=namespaces, enforcement="Block"))
    desk.see(edited(3, namespaces=namespaces, enforcement="Deny"))
    for name in ("team", "other"):
        found = desk.tenancy.policy_of(name)
        assert (found.standing, found.enforcement) == (Standing.RULED, Enforcement.BLOCK)
    desk.see(tenant(TENANT, 4, "other"))
    assert desk.tenancy.policy_of("team").standing is Standing.UNRULED


def test_a_tenant_that_is_gone_claims_nothing_any_more() -> None:
    desk = Desk()
    desk.see(tenant())
    desk.see(edited(2, namespaces=None))
    desk.feed.gone(tenant(TENANT, 3))
    assert desk.tenancy.policy_of("team").standing is Standing.UNRULED


def test_of_what_is_allowed_only_the_list_that_can_t_be_read_allows_nothing() -> None:
    desk = Desk()
    allow = {
        "subnets": ["subnet-1"],
        "securityGroups": ["sg-1", {"id": "sg-2"}],
        "posixIds": {
            "uids": [{"from": 200000, "to": 200001}],
            "gids": [{"from": 1001, "to": 1001}, {"from": 0, "to": 5000}],
        },
        "remoteAccess": "Always",
    }
    desk.see(edited(allow=allow, enforcement="Stop"))
    found = desk.tenancy.policy_of("team")
    assert found.enforcement is Enforcement.STOP
    assert found.allows(Subject.SUBNETS, "subnet-1")
    assert found.allows(Subject.UIDS, "200001")
    assert not found.allows(Subject.SECURITY_GROUPS, "sg-1")
    assert not found.allows(Subject.GIDS, "1001")
    assert not found.allows(Subject.REMOTE_ACCESS, "Always")


@pytest.mark.parametrize("allow", ["everything", ["*"], 1])
def test_where_nothing_of_it_can_be_read_nothing_is_allowed(allow: Any) -> None:
    desk = Desk()
    desk.see(edited(allow=allow, enforcement="Block"))
    found = desk.tenancy.policy_of("team")
    assert found.refuses
    assert not found.allows(Subject.SUBNETS, "*")


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"enforcement": "Deny"}, "spec.enforcement"),
        ({"namespaces": {"names": ["team", "Bad"]}}, "spec.namespaces.names[1]"),
        ({"allow": {"subnets": "all"}}, "spec.allow.subnets"),
    ],
)
def test_status_tells_the_field(spec: dict[str, Any], field: str) -> None:
    desk = Desk()
    desk.see(edited(**spec))
    status = desk.planned(TENANT)
    stalled = status.condition("Stalled")
    assert (stalled.status, stalled.reason) == ("True", "InvalidSpec")
    assert field in stalled.message
    assert status.namespaces == ("team",)


def test_what_it_would_have_refused_is_not_made() -> None:
    desk = Desk()
    desk.see(edited(enforcement="Deny"))
    key = Key("StudioDomain", "team", "new")
    new = body(key)
    new["spec"] = {
        "vpcId": "vpc-1",
        "subnetIds": ["subnet-1"],
        "defaultUserSettings": {"executionRole": "arn:aws:iam::123456789012:role/churn"},
    }
    desk.see(new)
    assert desk.planned(key).condition("Ready").reason == "PolicyViolation"
