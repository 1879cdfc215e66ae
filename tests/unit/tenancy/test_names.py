"""Each field that names something of AWS's is in the table of its kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from studio_operator.api.schema import Schema, structural_schema
from studio_operator.kinds.registry import KINDS
from studio_operator.plan.tenancy.check import EACH, check
from studio_operator.plan.tenancy.policy import Subject

from tests.unit.plan.expensive_specs import SCHEDULES, domain_spec, profile_spec, space_spec
from tests.unit.tenancy.judged import ruled

JUDGED = [kind for kind in KINDS if kind.is_namespaced]
# What tells by its form, or its name, that a field names something which a tenant gives.
FORMS = re.compile(r"arn:aws|\^subnet-|\^sg-|\^fs-|\^s3:|\[0-9\]\{12\}")
NAMES = re.compile(r"[kK]ms|^(uid|gid|adopt|deletionPolicy|remoteAccess|domainId)$")


def leaves(schema: Schema, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Schema]]:
    if schema["type"] == "object" and "properties" in schema:
        for name, member in schema["properties"].items():
            yield from leaves(member, (*path, name))
    elif schema["type"] == "array":
        yield from leaves(schema["items"], (*path, EACH))
    else:
        yield path, schema


def names_something(path: tuple[str, ...], schema: Schema) -> bool:
    name = next(one for one in reversed(path) if one != EACH)
    return bool(FORMS.search(schema.get("pattern", "")) or NAMES.search(name))


def is_covered(path: tuple[str, ...], row: tuple[str, ...]) -> bool:
    return len(path) == len(row) and all(
        mine in {EACH, theirs} for mine, theirs in zip(row, path, strict=True)
    )


@pytest.mark.parametrize("kind", JUDGED, ids=[one.name for one in JUDGED])
def test_every_field_that_names_something_is_in_a_row(kind: Any) -> None:
    fields = leaves(structural_schema(kind.spec))
    found = [path for path, schema in fields if names_something(path, schema)]
    assert found
    missing = [
        ".".join(path)
        for path in found
        if not any(is_covered(path, row.path) for row in kind.names)
    ]
    assert missing == []


@pytest.mark.parametrize("kind", JUDGED, ids=[one.name for one in JUDGED])
def test_every_row_is_a_field_and_each_once(kind: Any) -> None:
    paths = [path for path, _ in leaves(structural_schema(kind.spec))]
    rows = [row.path for row in kind.names]
    assert [row for row in rows if not any(is_covered(path, row) for path in paths)] == []
    assert len(set(rows)) == len(rows)


def test_every_subject_is_named_by_some_kind() -> None:
    assert {row.subject for kind in KINDS for row in kind.names} == set(Subject)


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Space", space_spec(next(iter(SCHEDULES.values())))),
        ("UserProfile", profile_spec()),
        ("StudioDomain", domain_spec()),
    ],
)
def test_a_spec_that_names_all_is_refused_by_each_row_it_has(kind: str, spec: Any) -> None:
    (found,) = [one for one in KINDS if one.name == kind]
    told = {one.path for one in check(found.names, spec, "churn", ruled())}
    given = [row for row in found.names if _has(spec, row.path)]
    assert {row.field for row in given} == told


def _has(value: Any, path: tuple[str, ...]) -> bool:
    if not path:
        return value not in {False, "Retain", "Disabled"}
    if path[0] == EACH:
        inside = value if isinstance(value, list) else list(value.values())
        return any(_has(one, path[1:]) for one in inside)
    return isinstance(value, dict) and path[0] in value and _has(value[path[0]], path[1:])


@pytest.mark.parametrize("strange", [None, 7, "text", [], {}, [1, None], {"a": {"b": 1}}])
def test_no_strange_value_disturbs_the_check(strange: Any) -> None:
    for kind in JUDGED:
        spec = {row.path[0]: strange for row in kind.names}
        check(kind.names, spec, "churn", ruled())
