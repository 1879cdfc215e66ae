"""What a plan says of wrong resources: the same as the API server, case by case.

The tables of cases are those that the real API server is asked in tests/cluster/crds.
"""

from __future__ import annotations

from typing import Any

import pytest
from studio_operator.api.common import API_VERSION
from studio_operator.kinds.crd import resource_schema
from studio_operator.kinds.registry import KINDS
from studio_operator.plugin.admission.api_server import find_objections
from studio_operator.plugin.admission.cel import UnsupportedRuleError, compile_rule
from studio_operator.plugin.planning.report import Action

from tests.unit.api.cel_cases import CEL_CASES
from tests.unit.api.field_cases import FIELD_CASES
from tests.unit.api.schema_cases import Case, merge, patch_at, resource
from tests.unit.api.schema_rules import Rule, all_rules
from tests.unit.plugin.plan_stage import documents, estate, plan


def complete(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    frame = {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": "example"}}
    return merge(frame, content)


def pairs() -> list[Any]:
    return [
        pytest.param(rule, case, id=f"{rule} ({number})")
        for rule in all_rules()
        for number, case in enumerate([*FIELD_CASES, *CEL_CASES])
        if case.fits(rule) and not rule.path.startswith("status")
    ]


@pytest.mark.parametrize(("rule", "case"), pairs())
def test_each_rule_takes_and_refuses_what_the_api_server_does(rule: Rule, case: Case) -> None:
    accepted, refused = (
        complete(rule.kind, resource(rule.kind, patch_at(rule.path, value, case.beside)))
        for value in (case.accepted, case.refused)
    )
    before = None
    if case.before is not None:
        patch = patch_at(rule.path, case.before, case.beside)
        before = complete(rule.kind, resource(rule.kind, patch))
        accepted, refused = (
            merge(before, patch_at(rule.path, value, case.beside))
            for value in (case.accepted, case.refused)
        )
    assert find_objections(accepted, before) == ()
    objections = find_objections(refused, before)
    assert objections
    if rule.is_cel:
        assert rule.says in [one.message for one in objections]


def test_every_rule_of_the_crds_can_be_checked_offline() -> None:
    unknown = []
    for rule in _expressions():
        try:
            compile_rule(rule)
        except UnsupportedRuleError as error:
            unknown.append(str(error))
    assert unknown == []


def _expressions() -> list[str]:
    found: list[str] = []

    def walk(schema: dict[str, Any]) -> None:
        found.extend(one["rule"] for one in schema.get("x-kubernetes-validations", ()))
        inner = [*schema.get("properties", {}).values(), schema.get("items")]
        for one in (*inner, schema.get("additionalProperties")):
            if isinstance(one, dict):
                walk(one)

    for kind in KINDS:
        walk(resource_schema(kind))
    return found


SPACE = {
    "apiVersion": API_VERSION,
    "kind": "Space",
    "metadata": {"name": "churn"},
    "spec": {
        "domainRef": {"name": "research"},
        "ownerRef": {"name": "alice"},
        "app": "JupyterLab",
    },
}


def test_a_field_that_does_not_exist_is_named() -> None:
    typo = merge(SPACE, {"spec": {"instancetype": "ml.t3.medium", "storage": {"size": 5}}})
    found = [str(one) for one in find_objections(typo)]
    assert "spec.instancetype: no such field" in found
    assert "spec.storage.size: no such field" in found


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"metadata": {"name": "Churn_1"}}, "metadata.name"),
        ({"metadata": {"name": None}}, "metadata.name"),
        ({"spec": {"storage": {"sizeGiB": "20"}}}, "spec.storage.sizeGiB"),
        ({"spec": {"adopt": "yes"}}, "spec.adopt"),
        ({"spec": {"tags": {"cost-centre": 4711}}}, "spec.tags.cost-centre"),
        ({"spec": {"domainRef": "research"}}, "spec.domainRef"),
        ({"spec": None}, "spec"),
    ],
)
def test_a_wrong_name_or_type_is_refused(change: dict[str, Any], field: str) -> None:
    assert find_objections(merge(SPACE, change))[0].field == field


@pytest.mark.parametrize("spec", [None, [], "text", {"domainRef": 3, "ownerRef": []}])
def test_whatever_a_file_holds_is_refused_and_breaks_nothing(spec: Any) -> None:
    odd = documents({**SPACE, "spec": spec})
    report = plan({}, odd)
    assert report.changed[0].action is Action.REFUSE
    for before, after in ((odd, odd), (odd, {}), (odd, estate()), (estate(), {**estate(), **odd})):
        plan(before, after)


def test_another_version_of_the_api_is_named() -> None:
    assert "v9" in str(find_objections({**SPACE, "apiVersion": "studio-operator.dev/v9"})[0])


@pytest.mark.parametrize(
    ("rule", "value", "holds"),
    [
        ("self.a > 1 && self.a in [2, 3]", {"a": 2}, True),
        ("self.a > 1 && self.a in [2, 3]", {"a": 4}, False),
        ("has(self.a.b) ? self.a.b == 'x' : true", {"a": {}}, True),
        ("has(self.a.b) ? self.a.b == 'x' : true", {}, False),  # "no such key: a"
        ("has(self.a.b) ? self.a.b == 'x' : true", {"a": {"b": "y"}}, False),
        ("self.exists(i, i.startsWith('a'))", ["b", "ab"], True),
        ("!(size(self) == 2 || self[0] != 'x')", ["x"], True),
        (r"self.matches(r'^(?i)AWS\.\p{L}$')", "aws.ü", True),
        ("(1 + 2) * 3 - 1 == 8", None, True),
    ],
)
def test_expressions(rule: str, value: Any, holds: bool) -> None:
    assert bool(compile_rule(rule)({"self": value})) is holds


@pytest.mark.parametrize("rule", ["self.isSorted()", "f(self)", "self @ 1", "self.a +", "a b", ")"])
def test_what_is_not_known_is_refused_and_never_guessed(rule: str) -> None:
    with pytest.raises(UnsupportedRuleError):
        compile_rule(rule)
