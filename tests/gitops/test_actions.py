"""Argo CD's actions: which are offered when, and what they write."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from studio_operator.api.common import format_time

from tests.gitops.expectations import ANNOTATIONS, SOME_TIME
from tests.gitops.folders import CUSTOMIZATIONS, KINDS
from tests.gitops.lua import run_script
from tests.gitops.recorded import load
from tests.gitops.tools import ArgoCD, EngineError

Raw = dict[str, Any]


def entries(part: str) -> Iterator[tuple[str, Raw]]:
    """The entries of each action_test.yaml, in the form of Argo CD's own repository."""
    for kind in KINDS:
        for entry in load(CUSTOMIZATIONS / kind / "actions" / "action_test.yaml")[part]:
            yield kind, entry


def name_of(value: object) -> str:
    if not isinstance(value, dict):
        return str(value)
    stem = Path(value["inputPath"]).stem
    return f"{stem}-{value['action']}" if "action" in value else stem


DISCOVERY = pytest.mark.parametrize(("kind", "entry"), list(entries("discoveryTests")), ids=name_of)
ACTIONS = pytest.mark.parametrize(("kind", "entry"), list(entries("actionTests")), ids=name_of)


def read(kind: str, path: str) -> Raw:
    return load(CUSTOMIZATIONS / kind / "actions" / path)


def with_its_time_replaced(resource: Raw, action: str) -> Raw:
    """The object after an action, whose time must be now, in UTC."""
    replaced = deepcopy(resource)
    annotations = replaced["metadata"]["annotations"]
    asked_at = datetime.fromisoformat(annotations[ANNOTATIONS[action]])
    assert annotations[ANNOTATIONS[action]] == format_time(asked_at)
    assert abs(datetime.now(UTC) - asked_at) < timedelta(minutes=1)
    annotations[ANNOTATIONS[action]] = SOME_TIME
    return replaced


def as_lua_has_it(value: Any) -> Any:
    """Lua has one sort of empty table; Argo CD makes an empty list of it again where one was."""
    match value:
        case dict():
            return {key: as_lua_has_it(member) for key, member in value.items()}
        case list():
            return [as_lua_has_it(item) for item in value] or {}
        case _:
            return value


@DISCOVERY
def test_actions_that_the_script_offers(kind: str, entry: Raw) -> None:
    script = CUSTOMIZATIONS / kind / "actions" / "discovery.lua"
    offered = run_script(script, read(kind, entry["inputPath"]))
    assert {name: {"name": name} | action for name, action in offered.items()} == {
        action["name"]: action for action in entry["result"]
    }


@DISCOVERY
def test_actions_that_argo_cd_offers(engine: ArgoCD, kind: str, entry: Raw) -> None:
    offered = engine.ask("discover", object=read(kind, entry["inputPath"]))
    assert [{"disabled": False} | action for action in offered] == entry["result"]


@ACTIONS
def test_what_the_script_writes(kind: str, entry: Raw) -> None:
    script = CUSTOMIZATIONS / kind / "actions" / entry["action"] / "action.lua"
    written = run_script(script, read(kind, entry["inputPath"]))
    expected = read(kind, entry["expectedOutputPath"])
    assert with_its_time_replaced(written, entry["action"]) == as_lua_has_it(expected)


@ACTIONS
def test_what_argo_cd_writes(engine: ArgoCD, kind: str, entry: Raw) -> None:
    [impact] = engine.ask("act", object=read(kind, entry["inputPath"]), action=entry["action"])
    assert impact["operation"] == "patch"
    expected = read(kind, entry["expectedOutputPath"])
    assert with_its_time_replaced(impact["resource"], entry["action"]) == expected


def test_an_unknown_action_is_refused(engine: ArgoCD) -> None:
    space = read("Space", "testdata/healthy_running.yaml")
    with pytest.raises(EngineError, match="built-in script does not exist"):
        engine.ask("act", object=space, action="explode")
