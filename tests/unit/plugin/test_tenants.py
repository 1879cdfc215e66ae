"""`kubectl studio tenants`, and what `plan` makes of tenants."""

from __future__ import annotations

from typing import Any

from studio_operator.engine.tuning import tuning_of
from studio_operator.kube.resources import Key
from studio_operator.plugin.explanation.tenants import Estate
from studio_operator.plugin.planning.report import Action
from studio_operator.plugin.planning.values import read_settings

from tests.unit.plugin.plan_stage import document, documents, domain, plan, profile, record

TENANT = Key("StudioTenant", "", "churn")
ADMIN = "arn:aws:iam::123456789012:role/admin"
GROUPS = {"securityGroups": ["sg-0a1b2c3d"]}


def tenant(name: str = "churn", names: Any = ("ml-team",), **spec: Any) -> dict[str, Any]:
    raw = document("StudioTenant", name, {"namespaces": {"names": list(names)}, **spec})
    return {**raw, "metadata": {"name": name}}


ALL: dict[str, Any] = {"executionRoles": ["*"], "subnets": ["*"], "securityGroups": ["*"]}
BUT_GROUPS = {**ALL, "securityGroups": []}


def test_a_report_names_resource_field_and_value() -> None:
    raws = [tenant(allow=ALL), domain(), profile("alice", userSettings={"executionRole": ADMIN})]
    assert Estate(raws).report() == []
    refused = Estate([tenant(allow={"subnets": ["*"]}), *raws[1:]]).report()
    assert {(one.resource, one.tenant, one.enforcement) for one in refused} == {
        ("StudioDomain ml-team/research", "churn", "Audit"),
        ("UserProfile ml-team/alice", "churn", "Audit"),
    }
    assert "spec.userSettings.executionRole is role/admin" in refused[-1].told


def test_it_lists_what_each_tenant_has() -> None:
    estate = Estate([tenant(), tenant("forecast", ("ml-*", "other")), domain()])
    first, second = estate.tenants()
    assert (first.name, first.namespaces, first.conflicts) == ("churn", (), ("ml-team",))
    assert (second.namespaces, second.conflicts) == (("other",), ("ml-team",))


def test_what_the_operator_saw_beside_the_spec_is_told() -> None:
    seen = domain()
    condition = {
        "type": "PolicyViolation",
        "status": "True",
        "reason": "PolicyViolation",
        "message": "UserProfile alice has role/admin, which StudioTenant churn does not allow.",
        "lastTransitionTime": "2026-03-02T09:00:00Z",
    }
    seen["status"] = {"conditions": [condition]}
    (line,) = Estate([tenant(allow=ALL), seen]).report()
    assert line.is_inherited
    assert line.told == condition["message"]
    assert Estate([seen]).report() == []


def test_a_namespace_that_needs_a_tenant_is_told_where_the_operator_says_so() -> None:
    refused, other = domain(), profile("alice")
    condition = {
        "type": "PolicyViolation",
        "status": "True",
        "reason": "TenantRequired",
        "message": "namespace ml-team has no StudioTenant, and here each needs one.",
        "lastTransitionTime": "2026-03-02T09:00:00Z",
    }
    refused["status"] = {"conditions": [condition]}
    found = Estate([refused, other]).report()
    assert [(one.resource, one.tenant, one.enforcement, one.told) for one in found] == [
        (name, "-", "Block", "namespace ml-team has no StudioTenant, and here each needs one")
        for name in ("StudioDomain ml-team/research", "UserProfile ml-team/alice")
    ]
    # One that is not applied yet has it.
    assert Estate([tenant(allow=ALL), refused, other]).report() == []


def test_a_plan_tells_what_a_tenant_refuses() -> None:
    before = documents(domain(), profile("alice"))
    recorded = record(before)
    rules = record(documents(tenant(allow=BUT_GROUPS, enforcement="Block")))
    after = {**before, **documents(profile("alice", userSettings=GROUPS))}
    alice = Key("UserProfile", "ml-team", "alice")
    assert Action.REFUSE not in _actions(plan(before, after, records=recorded), alice)
    report = plan(before, after, records={**recorded, **rules})
    assert _actions(report, alice) == {Action.REFUSE}
    assert "which StudioTenant churn does not allow" in str(report)


def test_a_plan_of_a_tenant_tells_whom_it_refuses() -> None:
    before = documents(domain())
    new = {**before, **documents(profile("alice", userSettings=GROUPS))}
    rules = documents(tenant(allow=BUT_GROUPS, enforcement="Block"))
    report = plan({}, {**new, **rules})
    assert _actions(report, Key("UserProfile", "ml-team", "alice")) == {Action.REFUSE}
    assert report.resources


def _actions(report: Any, key: Key) -> set[Action]:
    found = next(one for one in report.resources if one.key == key)
    return {one.action for one in found.effects}


def test_a_plan_goes_by_the_chart_s_value() -> None:
    settings = read_settings([{"tenancy": {"required": True}}])
    assert settings.tenancy_required
    assert not read_settings([{"tenancy": {"required": False}}]).tenancy_required
    new = documents(domain())
    report = plan({}, new, tuning=tuning_of(settings))
    assert "has no StudioTenant, and here each needs one" in str(report)
    assert Action.REFUSE not in {
        one.action for line in plan({}, new).resources for one in line.effects
    }
