"""Which tenant rules a namespace by what is declared, whom its changes concern, what it counts."""

from __future__ import annotations

from typing import Any

import pytest
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.facts import Facts
from studio_operator.engine.declared.store import Store
from studio_operator.engine.declared.tenancy import Tenancy
from studio_operator.engine.feed import Feed
from studio_operator.engine.gather import Gatherer
from studio_operator.engine.planner_context import Moment
from studio_operator.kinds.registry import kinds_read_in
from studio_operator.kube.client import ResourceList
from studio_operator.kube.resources import Key
from studio_operator.plan.tenancy.policy import UNRULED, Standing
from studio_operator.plan.types import Tuning
from studio_operator.plugin.planning.in_memory_aws import InMemoryAws

from tests.unit.engine.test_store import ALICE, DOMAIN, NOTEBOOKS, body
from tests.unit.plugin.plan_stage import NOW

TENANT = Key("StudioTenant", "", "churn")
OTHER = Key("StudioTenant", "", "forecast")
ALL = {DOMAIN, ALICE, NOTEBOOKS}


def tenant(key: Key = TENANT, version: int = 1, *names: str, **spec: Any) -> dict[str, Any]:
    """A tenant's body; another version is another generation."""
    raw = body(DOMAIN, version, uid=key.name)
    metadata = {**raw["metadata"], "name": key.name, "generation": version}
    del metadata["namespace"]
    declared = {"namespaces": {"names": list(names) or ["team"]}, **spec}
    return {**raw, "kind": key.kind, "metadata": metadata, "spec": declared}


class Desk:
    """A store with a domain, alice and her notebooks in a namespace, and what is queued."""

    def __init__(self) -> None:
        self.queued: list[Key] = []
        self.later: list[Key] = []
        self.store = Store("eu-central-1")
        self.feed = Feed(self.store, self.queued.append, self.later.append)
        self.tenancy = Tenancy(self.store)
        for key in sorted(ALL):
            self.see(body(key))

    def see(self, raw: dict[str, Any]) -> set[Key]:
        """Whom a body concerns."""
        self.queued.clear()
        self.feed.seen(raw)
        return set(self.queued)

    def planned(self, key: Key, **tuning: Any) -> Any:
        """The status of a resource, as planned."""
        aws = InMemoryAws(NOW)
        gatherer = Gatherer(
            self.store,
            aws,
            Facts(self.store, aws, "cluster"),
            cluster="cluster",
            tuning=Tuning(**tuning),
            known_instance_types=frozenset(),
        )
        entry = self.store.get(key)
        assert entry is not None
        return gatherer.plan(entry, Moment(entry.declared, None, NOW)).plan.status


def test_without_a_tenant_nothing_is_judged_or_counted() -> None:
    desk = Desk()
    assert desk.tenancy.policy_of("team") is UNRULED
    assert desk.later == []


def test_a_tenant_that_appears_changes_or_goes_concerns_its_namespaces() -> None:
    desk = Desk()
    assert desk.see(tenant()) == {TENANT, *ALL}
    assert desk.tenancy.policy_of("team").standing is Standing.RULED
    assert desk.see(tenant(TENANT, 2, allow={"subnets": ["subnet-1"]})) == {TENANT, *ALL}
    assert desk.see(tenant(TENANT, 3, "elsewhere")) == {TENANT, *ALL}
    assert desk.tenancy.policy_of("team") is UNRULED
    assert desk.see(tenant(TENANT, 4, "elsewhere", enforcement="Block")) == {TENANT}
    desk.see(tenant(TENANT, 5))
    desk.queued.clear()
    desk.feed.gone(tenant(TENANT, 6))
    assert set(desk.queued) == ALL
    assert desk.tenancy.policy_of("team") is UNRULED


def test_its_status_concerns_nobody_else() -> None:
    desk = Desk()
    desk.see(tenant())
    again = tenant(TENANT, 2)
    again["metadata"]["generation"] = 1
    again["status"] = {"namespaceCount": 1}
    assert desk.see(again) == {TENANT}


def test_a_list_tells_as_much() -> None:
    desk = Desk()
    desk.queued.clear()
    entry = Entry.from_raw(tenant())
    desk.feed.listed("StudioTenant", None, ResourceList([entry], "9"))
    assert set(desk.queued) == {TENANT, *ALL}
    desk.queued.clear()
    desk.feed.listed("StudioTenant", None, ResourceList([], "10"))
    assert set(desk.queued) == ALL


def test_what_comes_or_goes_has_its_tenant_counted_later() -> None:
    desk = Desk()
    desk.see(tenant())
    desk.later.clear()
    further = Key("Space", "team", "further")
    assert TENANT not in desk.see(body(further))
    desk.see(body(further, 2))
    desk.feed.gone(body(further, 3))
    assert desk.later == [TENANT, TENANT]
    desk.see(body(Key("Space", "elsewhere", "churn")))
    assert desk.later == [TENANT, TENANT]


def test_the_policy_is_the_same_object_until_a_tenant_changes() -> None:
    desk = Desk()
    desk.see(tenant())
    before = desk.tenancy.policy_of("team")
    desk.see(body(Key("Space", "team", "further")))
    assert desk.tenancy.policy_of("team") is before
    desk.see(tenant(TENANT, 2, enforcement="Stop"))
    assert desk.tenancy.policy_of("team") is not before


# --- status ---


def test_status_tells_namespaces_and_counts() -> None:
    desk = Desk()
    desk.see(tenant(TENANT, 1, "te*", "unused"))
    status = desk.planned(TENANT)
    assert status.namespaces == ("team", "unused")
    assert status.namespace_count == 2
    assert status.resources == {"Space": 1, "StudioDomain": 1, "UserProfile": 1}
    assert status.condition("Ready").message == "2 namespaces with 3 resources"


def test_of_two_that_claim_a_namespace_both_say_so_and_neither_counts() -> None:
    desk = Desk()
    desk.see(tenant(TENANT, 1, "te*", "own"))
    assert desk.see(tenant(OTHER, 1, "team")) == {TENANT, OTHER, *ALL}
    for key, own in ((TENANT, ("own",)), (OTHER, None)):
        status = desk.planned(key)
        assert status.conflicts == ("team",)
        assert status.namespaces == own
        assert status.condition("Stalled").reason == "TenantConflict"
    assert desk.tenancy.policy_of("team").standing is Standing.CONFLICT


# --- planners ---


@pytest.mark.parametrize(
    ("enforcement", "is_required", "reason"),
    [
        (None, False, "Creating"),
        (None, True, "TenantRequired"),
        ("Audit", True, "Creating"),
        ("Block", False, "PolicyViolation"),
    ],
)
def test_planners_get_what_holds(enforcement: str | None, is_required: bool, reason: str) -> None:
    desk = Desk()
    new = body(Key("StudioDomain", "team", "new"))
    new["spec"] = {
        "vpcId": "vpc-1",
        "subnetIds": ["subnet-1"],
        "defaultUserSettings": {"executionRole": "arn:aws:iam::123456789012:role/churn"},
    }
    desk.see(new)
    if enforcement is not None:
        desk.see(tenant(enforcement=enforcement))
    status = desk.planned(Key("StudioDomain", "team", "new"), tenancy_required=is_required)
    assert status.condition("Ready").reason == reason


def test_who_serves_some_namespaces_reads_no_tenant() -> None:
    names = {kind.name for kind in kinds_read_in(["team"])}
    assert names == {"StudioDomain", "UserProfile", "Space"}
    assert "StudioTenant" in {kind.name for kind in kinds_read_in([])}
