"""No spec that the CRD admits makes a pass expensive.

What a pass costs is counted in calls of functions, which are the same on each machine and under any
load: a hundred thousand of them take some ten milliseconds. `make benchmark-tenants` measures time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from studio_operator.api.common import API_VERSION
from studio_operator.api.schema import Schema
from studio_operator.kinds.crd import resource_schema
from studio_operator.kinds.registry import KINDS
from studio_operator.plan.schedule import calendar
from studio_operator.plugin.admission.api_server import find_objections

from tests.unit.plan.expensive_specs import (
    SCHEDULES,
    Pass,
    domain_spec,
    passes,
    profile_spec,
    space_spec,
    tenant_spec,
)

MOST_CALLS = 20_000
PASSES = passes()
SPECS = {
    "Space": [space_spec(schedule) for schedule in SCHEDULES.values()],
    "UserProfile": [profile_spec()],
    "StudioDomain": [domain_spec()],
    "StudioTenant": [tenant_spec()],
}


def calls_of(run: Callable[[], object]) -> int:
    """How many functions are called, those of the interpreter's own included."""
    count = 0

    def on_event(_: FrameType, event: str, __: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    calendar._make_calendar.cache_clear()
    calendar._offset.cache_clear()
    before = sys.getprofile()
    sys.setprofile(on_event)
    try:
        run()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("one", PASSES, ids=[one.story for one in PASSES])
def test_a_pass_over_an_expensive_spec_costs_a_bounded_amount(one: Pass) -> None:
    assert calls_of(one.run) <= MOST_CALLS


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_these_specs_are_as_long_as_the_crd_admits(kind: Any) -> None:
    schema = resource_schema(kind)["properties"]["spec"]
    for spec in SPECS[kind.name]:
        resource = {
            "apiVersion": API_VERSION,
            "kind": kind.name,
            "metadata": {"name": "example"},
            "spec": spec,
        }
        assert [str(one) for one in find_objections(resource)] == []
        assert find_short(schema, spec, "spec") == []


# Members that exclude those which are given.
LEFT_OUT = {"domainId", "singleSignOn", "lifecycleConfigArn", "jupyterServer", "fsxLustre"}


def find_short(schema: Schema, value: Any, path: str) -> list[str]:
    """Lists and maps that could be longer, and those that are left out."""
    if schema["type"] == "array":
        short = [path] if len(value) < schema.get("maxItems", 0) else []
        return short + [
            found for one in value for found in find_short(schema["items"], one, path + "[]")
        ]
    if schema["type"] != "object":
        return []
    if "maxProperties" in schema and len(value) < schema["maxProperties"]:
        return [path]
    found = []
    for name, member in schema.get("properties", {}).items():
        where = f"{path}.{name}"
        if name in value:
            found += find_short(member, value[name], where)
        elif name not in LEFT_OUT and _has_length(member):
            found.append(f"{where} is left out")
    return found


def _has_length(schema: Schema) -> bool:
    """Whether there is a list or a map in it."""
    if schema["type"] == "array" or "maxProperties" in schema:
        return True
    return any(_has_length(member) for member in schema.get("properties", {}).values())
