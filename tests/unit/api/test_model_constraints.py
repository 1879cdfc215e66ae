"""The models refuse what the constraints of their fields refuse, just as the API server does."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from studio_operator.api.common import Model
from studio_operator.kinds.registry import KINDS

from tests.unit.api.field_cases import FIELD_CASES
from tests.unit.api.schema_cases import Case, patch_at, resource
from tests.unit.api.schema_rules import Rule, all_rules

MODELS: dict[str, type[Model]] = {kind.name: kind.model for kind in KINDS}
# Two conditions of one type are the API server's affair: the operator alone writes them.
PAIRS = [
    pytest.param(rule, case, id=str(rule))
    for rule in all_rules()
    for case in FIELD_CASES
    if case.fits(rule) and not rule.path.endswith(".conditions")
]


def built(rule: Rule, case: Case, value: Any) -> dict[str, Any]:
    return resource(rule.kind, patch_at(rule.path, value, case.beside))


@pytest.mark.parametrize(("rule", "case"), PAIRS)
def test_a_field_is_checked(rule: Rule, case: Case) -> None:
    model = MODELS[rule.kind]
    model.model_validate(built(rule, case, case.accepted))
    with pytest.raises(ValidationError) as refusal:
        model.model_validate(built(rule, case, case.refused))
    assert rule.path in {_path(error["loc"]) for error in refusal.value.errors()}


def _path(location: tuple[int | str, ...]) -> str:
    """The path of a rule, with the place that pydantic gives."""
    text = ".".join(str(part) for part in location)
    return text.replace(".0", "[]").replace(".example", "{}")


def test_an_unknown_field_is_ignored_since_a_newer_version_may_know_it() -> None:
    space = MODELS["Space"].model_validate(resource("Space", {"spec": {"newField": 1}}))
    assert "newField" not in space.dump()["spec"]


def test_a_dump_reads_like_the_yaml_it_came_from() -> None:
    written = resource(
        "Space", {"spec": {"storage": {"sizeGiB": 20}, "idleShutdown": {"after": "2h"}}}
    )
    written = {"spec": written["spec"]}
    assert MODELS["Space"].model_validate(written).dump() == written
