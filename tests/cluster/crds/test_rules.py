"""Each rule of the CRDs on the real API server: what it takes and refuses, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cluster.crds.resources import Refusal, Resources
from tests.unit.api.cel_cases import CEL_CASES
from tests.unit.api.field_cases import FIELD_CASES
from tests.unit.api.schema_cases import BASES, Case, patch_at, resource
from tests.unit.api.schema_rules import Rule, all_rules


def pairs(*, changes: bool, status: bool) -> list[Any]:
    """Rules with the cases about them, by how the case is tried."""
    return [
        pytest.param(rule, case, id=f"{rule} ({number})")
        for rule in all_rules()
        for number, case in enumerate([*FIELD_CASES, *CEL_CASES])
        if case.fits(rule)
        if (case.before is not None) is changes and rule.path.startswith("status") is status
    ]


def assert_refused(refusal: Refusal, rule: Rule) -> None:
    """The text names the place and says what the rule says."""
    text = str(refusal)
    place = rule.path.replace("[]", "[0]").replace("{}", ".example") or "<nil>"
    if rule.name == "unique":
        place += "[1]"  # the second of two equal items
    assert f"{place}: " in text
    assert rule.says in text


@pytest.mark.parametrize(("rule", "case"), pairs(changes=False, status=False))
def test_a_new_resource(resources: Resources, rule: Rule, case: Case) -> None:
    accepted, refused = (
        resource(rule.kind, patch_at(rule.path, value, case.beside))
        for value in (case.accepted, case.refused)
    )
    resources.try_create(rule.kind, accepted)
    with pytest.raises(Refusal) as refusal:
        resources.try_create(rule.kind, refused)
    assert_refused(refusal.value, rule)


@pytest.mark.parametrize(("rule", "case"), pairs(changes=True, status=False))
def test_a_changed_resource(resources: Resources, rule: Rule, case: Case) -> None:
    before, accepted, refused = (
        patch_at(rule.path, value, case.beside)
        for value in (case.before, case.accepted, case.refused)
    )
    name = resources.create(rule.kind, resource(rule.kind, before))
    resources.try_change(rule.kind, name, accepted)
    with pytest.raises(Refusal) as refusal:
        resources.try_change(rule.kind, name, refused)
    assert_refused(refusal.value, rule)


@pytest.fixture(scope="module")
def present(resources: Resources) -> dict[str, str]:
    """The name of an ordinary resource of each kind, which exists."""
    return {kind: resources.create(kind, content) for kind, content in BASES.items()}


@pytest.mark.parametrize(("rule", "case"), pairs(changes=False, status=True))
def test_a_status(resources: Resources, present: dict[str, str], rule: Rule, case: Case) -> None:
    accepted, refused = (
        patch_at(rule.path, value, case.beside) for value in (case.accepted, case.refused)
    )
    resources.try_change(rule.kind, present[rule.kind], accepted)
    with pytest.raises(Refusal) as refusal:
        resources.try_change(rule.kind, present[rule.kind], refused)
    assert_refused(refusal.value, rule)
