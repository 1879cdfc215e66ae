"""Every expression that users get from us: of the dashboard, the alerts and the page on them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from tests.docs.pages import ROOT, page, section, tables

CHART = ROOT / "charts" / "studio-operator"
DASHBOARD = CHART / "dashboards" / "studio-operator.json"
ALERTS = CHART / "files" / "alerts.yaml"

# What Grafana puts in; a namespace that has to be there, so that its label has to be.
VARIABLES = {"$namespace": ".+", "$__rate_interval": "10s", "$__range": "5m"}

_SELECTOR = re.compile(r"\b(?:studio_operator|process)_\w+(?:\{[^}]*\})?")
_GROUPING = re.compile(r"\b(?:by|on) \(([^)]*)\)")
_SHOWN = re.compile(r"\{\{\s*(?:\$labels\.|or \$labels\.)?(\w+)")


@dataclass(frozen=True)
class Expression:
    """An expression as Prometheus gets it, and the labels that are shown of its result."""

    place: str
    text: str
    shown: frozenset[str] = frozenset()

    @property
    def selectors(self) -> list[str]:
        """What it selects, each by itself."""
        return _SELECTOR.findall(self.text)

    @property
    def labels(self) -> set[str]:
        """What it groups by, and what is shown."""
        grouped = {
            label.strip() for labels in _GROUPING.findall(self.text) for label in labels.split(",")
        }
        return grouped | self.shown

    def __str__(self) -> str:
        return self.place


def dashboard() -> dict[str, Any]:
    """The dashboard as Grafana imports it."""
    found: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return found


def alerts() -> list[dict[str, Any]]:
    """The alerting rules."""
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def all_expressions() -> list[Expression]:
    """Those of the dashboard with its variables put in, of the alerts, and of the page."""
    return [*panel_expressions(), *_of_alerts(), *_of_page()]


def panel_expressions() -> Iterator[Expression]:
    """Those of the dashboard with its variables put in."""
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", ()):
            text = target["expr"]
            for name, value in VARIABLES.items():
                text = text.replace(name, value)
            shown = set(_SHOWN.findall(target["legendFormat"]))
            for change in panel.get("transformations", ()):
                shown |= set(change["options"]["renameByName"]) - {"Value"}
            place = f"{panel['title']} {target['refId']}"
            yield Expression(place, text, frozenset(shown))


def _of_page() -> Iterator[Expression]:
    """Those that answer a question in the page's first table about metrics."""
    questions, *_ = tables(section(page("how-to/observe.md"), "Metrics"))
    for question, answer in questions:
        for number, text in enumerate(re.findall(r"`([^`]*studio_operator_[^`]*)`", answer)):
            yield Expression(f"{question} ({number})", text)


def _of_alerts() -> Iterator[Expression]:
    for alert in alerts():
        text = " ".join(alert["annotations"].values())
        shown = frozenset(re.findall(r"\$labels\.(\w+)", text))
        yield Expression(alert["alert"], alert["expr"], shown)
