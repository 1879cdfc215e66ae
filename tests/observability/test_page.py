"""What the page on observing says is what there is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml
from studio_operator.kinds.crd import custom_resource_definition
from studio_operator.kinds.registry import KINDS

from tests.docs.pages import page, section, tables
from tests.observability.test_expressions import panels

PAGE = page("how-to/observe.md")


def test_the_line_that_is_shown_has_the_fields_that_are_explained() -> None:
    (shown,) = [block.text for block in PAGE.blocks if block.language == "json"]
    (table,) = tables(section(PAGE, "Logs"))
    explained = {field for row in table for field in re.findall(r"`(\w+)`", row[0])}
    assert set(json.loads(shown)) == explained - {"error"}


def test_each_row_of_the_dashboard_is_explained() -> None:
    (table,) = tables(section(PAGE, "Dashboard"))
    rows = [panel["title"] for panel in panels() if panel["type"] == "row"]
    assert sorted(row[0] for row in table) == sorted(rows)


def states() -> list[dict[str, Any]]:
    """The configuration of kube-state-metrics, one entry for each kind."""
    (block,) = [one for one in PAGE.blocks if "CustomResourceStateMetrics" in one.text]
    found = yaml.safe_load(yaml.safe_load(block.text)["data"]["config.yaml"])
    assert (found.keys(), found["kind"]) == ({"kind", "spec"}, "CustomResourceStateMetrics")
    resources: list[dict[str, Any]] = found["spec"]["resources"]
    return resources


def test_kube_state_metrics_is_led_to_fields_that_exist() -> None:
    (space,) = states()
    kind = space["groupVersionKind"]
    (crd,) = [custom_resource_definition(one) for one in KINDS if one.name == kind["kind"]]
    (version,) = [one for one in crd["spec"]["versions"] if one["name"] == kind["version"]]
    assert crd["spec"]["group"] == kind["group"]
    schema = version["schema"]["openAPIV3Schema"]
    for metric in space["metrics"]:
        each = metric["each"]
        how = each[each["type"].lower()]
        within = _at(schema, how.get("path", []))
        within = within.get("items", within)
        for path in (*how.get("labelsFromPath", {}).values(), how.get("valueFrom", [])):
            _at(within, path)


def _at(schema: Mapping[str, Any], path: list[str]) -> Mapping[str, Any]:
    """The schema of a field; KeyError when there is none."""
    for name in path:
        schema = schema["properties"][name]
    return schema
