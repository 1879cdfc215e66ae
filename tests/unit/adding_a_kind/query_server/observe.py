"""How AWS shows query servers, and the rules that say who may reach them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from studio_operator.kinds.aws_type import AwsType, Companion
from studio_operator.kinds.shared.running.situation import NOT_RUNNING, ObservedRun, RunStatus
from studio_operator.plan.observed import Observed

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ObservedServer(Observed):
    """A query server as AWS shows it, with its id."""

    server_id: str = ""


@dataclass(frozen=True, slots=True)
class ObservedRule:
    """Who may reach a server."""

    status: str
    cidr: str
    created_at: datetime | None = None


def rule_from(answer: Json) -> ObservedRule:
    """A rule from a listing, a description or a request."""
    return ObservedRule(answer.get("Status", "Pending"), answer["Cidr"], answer.get("CreationTime"))


def _listed(items: Iterable[Json]) -> dict[str, ObservedRule]:
    return {item["QueryServerId"]: rule_from(item) for item in items}


# By what AWS says of a server. One that is updated runs meanwhile; a stopped one stays stopped.
RUNS_AS: Mapping[str, RunStatus] = {
    "Pending": "Starting",
    "Starting": "Starting",
    "InService": "Running",
    "Updating": "Running",
    "Stopping": "Stopping",
    "Deleting": "Stopping",
    "Failed": "Failed",
}


def run_of(server: ObservedServer | None) -> ObservedRun:
    """Whether it runs; AWS does not tell since when."""
    status = RUNS_AS.get(server.status) if server else None
    return ObservedRun(status) if status else NOT_RUNNING


SERVERS = AwsType(
    name="QueryServer",
    listing="ListQueryServers",
    describing="DescribeQueryServer",
    items="QueryServers",
    id="QueryServerId",
    id_prefix="qs-",
    arn="QueryServerArn",
    record=ObservedServer,
    title="QueryServerName",
    own=lambda answer: {"server_id": answer["QueryServerId"]},
    key=attrgetter("server_id"),
    details_asked=True,
)
RULES = Companion(
    name="AccessRule",
    listing="ListAccessRules",
    describing="DescribeAccessRule",
    items="AccessRules",
    noun="access rule",
    arn_segment="access-rule",
    listed=_listed,
    merged=lambda known, seen: known if known == seen else seen,
    described=rule_from,
    requested=rule_from,
    resource=lambda parameters: parameters.get("QueryServerId"),
    is_meant=lambda _rule, _parameters: True,
    question=lambda _server, rule: {} if rule else None,
)
