"""What the tests of plans share: documents, recordings of them, and a table of prices."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from studio_operator.api.common import API_VERSION
from studio_operator.kube.resources import Key
from studio_operator.plan.prices import Prices, parse_prices
from studio_operator.plan.types import Tuning
from studio_operator.plugin.planning.dry_run import Stage, dry_run
from studio_operator.plugin.planning.in_memory_aws import InMemoryAws
from studio_operator.plugin.planning.objects import by_key, compose
from studio_operator.plugin.planning.planner import PlanRequest, make_plan
from studio_operator.plugin.planning.report import Action, PlanReport, ResourceReport

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
REGION = "eu-west-1"
ROLE = "arn:aws:iam::123456789012:role/studio"
PRICES = parse_prices(
    {
        "regions": {
            REGION: {
                "instanceHour": {"ml.t3.medium": "0.05", "ml.m5.large": "0.12"},
                "volumeGiBMonth": "0.1",
            }
        }
    }
)
Documents = Mapping[Key, Any]


def document(kind: str, name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    """A resource as a team commits it; members that are None are left out."""
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {"name": name, "namespace": "ml-team"},
        "spec": {member: value for member, value in spec.items() if value is not None},
    }


def domain(**spec: Any) -> dict[str, Any]:
    base = {
        "aws": {"region": REGION},
        "vpcId": "vpc-0a1b2c3d",
        "subnetIds": ["subnet-0a1b2c3d"],
        "defaultUserSettings": {"executionRole": ROLE},
        "defaultSpaceSettings": {"executionRole": ROLE},
    }
    return document("StudioDomain", "research", base | spec)


def profile(name: str = "alice", **spec: Any) -> dict[str, Any]:
    return document("UserProfile", name, {"domainRef": {"name": "research"}} | spec)


def space(name: str = "churn", **spec: Any) -> dict[str, Any]:
    base = {
        "domainRef": {"name": "research"},
        "ownerRef": {"name": "alice"},
        "app": "JupyterLab",
        "state": "Running",
        "instanceType": "ml.t3.medium",
        "storage": {"sizeGiB": 20},
    }
    return document("Space", name, base | spec)


def documents(*listed: dict[str, Any]) -> dict[Key, Any]:
    return by_key(copy.deepcopy(listed), "default")


def estate(*spaces: dict[str, Any]) -> dict[Key, Any]:
    """A domain, a profile and these spaces; churn if none are given."""
    return documents(domain(), profile(), *(spaces or (space(),)))


def record(listed: Documents, *, running: bool = True) -> dict[Key, Any]:
    """The documents as `kubectl get studio -o yaml` would show them once all is carried out."""
    resources = {
        key: compose(key, raw, None, NOW, number=number)
        for number, (key, raw) in enumerate(sorted(listed.items()), start=1)
    }
    done = dry_run(Stage(tuple(resources.values()), InMemoryAws(NOW), {}), NOW, REGION)
    recorded = {
        key: {**raw, "status": done.entries[key].status.dump()} for key, raw in resources.items()
    }
    if not running:
        for key, raw in recorded.items():
            if key.kind == "Space":
                raw["status"]["phase"] = "Stopped"
    return recorded


def plan(
    before: Documents,
    after: Documents,
    *,
    records: Documents | None = None,
    prices: Prices = PRICES,
    region: str | None = None,
    tuning: Tuning | None = None,
) -> PlanReport:
    return make_plan(PlanRequest(before, after, records, prices, NOW, region, tuning=tuning))


def only(report: PlanReport) -> ResourceReport:
    """The one resource to which something happens."""
    assert len(report.changed) == 1, [str(one.key) for one in report.changed]
    return report.changed[0]


def actions(report: PlanReport) -> dict[str, list[Action]]:
    """What happens, by the resource's name."""
    return {one.key.name: [effect.action for effect in one.effects] for one in report.changed}
