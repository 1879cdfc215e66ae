"""Whether an operator runs, by the Lease that it renews every few seconds.

Its namespace and name stand on the status of each resource that the operator has seen. Times are
compared with the API server's clock, never with that of the person's machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Literal

from studio_operator.api.common import format_time
from studio_operator.plan.schedule.timetable import parse_moment
from studio_operator.plugin.errors import RefusedError
from studio_operator.plugin.kube.cluster import Cluster
from studio_operator.plugin.output import note

Raw = Mapping[str, Any]
# Where the page Install puts the operator: for resources that no operator has written to yet.
USUAL_LEASE = "studio-operator-system/studio-operator"
# Names of a namespace and of a Lease, as the API server takes them.
_FORM = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?")
# A successor takes a Lease of 15 seconds over, and a Pod that is started anew takes as long again:
# an upgrade or a node that fails is no absence. It also covers clocks that differ a little.
ABSENT_AFTER = timedelta(seconds=60)
# A Lease that holds longer than that is given up by its successor only after its own duration.
_DURATIONS = 2
# One request each; a cluster has one operator, or one for each tenant.
MOST_LEASES = 50
# Stands for the Lease of resources without status: no name of a Lease.
UNSEEN = "without status"
# What the Lease tells of the operator.
Presence = Literal["Present", "Absent", "Unknown"]


@dataclass(frozen=True, slots=True)
class Operator:
    """What is known of an operator. `message` says it in words; it is empty while one runs.

    `lease` is NAMESPACE/NAME, None where the operator keeps none. `last_seen` is when the Lease was
    renewed last, RFC 3339 in UTC.
    """

    presence: Presence
    lease: str | None = None
    last_seen: str | None = None
    message: str = ""

    @property
    def is_absent(self) -> bool:
        """Whether nobody acts on what is asked for."""
        return self.presence == "Absent"


def find_operator(cluster: Cluster, resources: Iterable[Raw | None]) -> Operator:
    """The operator of the first of the resources that names one, by its Lease."""
    found = [one for one in resources if one is not None]
    named = next(filter(None, map(lease_of, found)), None)
    if named is not None:
        return _read(cluster, named)
    if any(one.get("status") for one in found):
        why = "status.operatorLease is empty, as without leader election"
        return Operator("Unknown", message=f"Whether an operator runs is not known: {why}.")
    usual = _read(cluster, USUAL_LEASE)
    # Nothing says that the operator of these is the one of the usual place.
    return usual if usual.last_seen else _not_known(USUAL_LEASE, "no status names its Lease")


def find_operators(cluster: Cluster, resources: Iterable[Raw]) -> dict[str, Operator]:
    """The operators of the resources, by the Leases that they name.

    That of resources without status, which no operator has seen yet, stands under UNSEEN.
    """
    known = list(resources)
    named = dict.fromkeys(filter(None, map(lease_of, known)))
    operators = {lease: _read(cluster, lease) for lease in islice(named, MOST_LEASES)}
    if any(not one.get("status") for one in known):
        # Which of several is theirs is not known: one that runs may be.
        likely = min(operators.values(), key=lambda one: one.is_absent, default=None)
        operators[UNSEEN] = likely or find_operator(cluster, [{}])
    return operators


def operator_for(operators: Mapping[str, Operator], resource: Raw) -> Operator | None:
    """That of a resource among those that `find_operators` has found; None for one not known."""
    return operators.get((lease_of(resource) or "") if resource.get("status") else UNSEEN)


def warn(cluster: Cluster, resources: Iterable[Raw]) -> None:
    """Tell on stderr where what is shown is as an operator saw it that runs no more."""
    for operator in dict.fromkeys(find_operators(cluster, resources).values()):
        if operator.is_absent:
            note(f"{operator.message} What is shown is as it was then.")
        elif operator.message:
            note(operator.message)


def lease_of(resource: Raw) -> str | None:
    """What the status names as NAMESPACE/NAME of the Lease of the operator that wrote it."""
    named = (resource.get("status") or {}).get("operatorLease")
    return str(named) if named else None


def judge(name: str, lease: Raw | None, now: datetime) -> Operator:
    """What a Lease tells at a time of the API server's clock; None for a Lease that is gone."""
    if lease is None:
        return Operator("Absent", name, message=f"No operator runs: its Lease {name} is gone.")
    spec: Raw = lease.get("spec") or {}
    renewed = parse_moment(str(spec.get("renewTime") or lease["metadata"]["creationTimestamp"]))
    if renewed is None:
        return _not_known(name, "its Lease has no time that can be read")
    lasts = timedelta(seconds=_DURATIONS * (spec.get("leaseDurationSeconds") or 0))
    renewed, seen = renewed.astimezone(UTC), format_time(renewed)
    if now - renewed <= max(ABSENT_AFTER, lasts):
        return Operator("Present", name, seen)
    return Operator(
        "Absent",
        name,
        seen,
        f"No operator has renewed its Lease {name} since {renewed:%Y-%m-%d %H:%M} UTC.",
    )


def _read(cluster: Cluster, name: str) -> Operator:
    if (
        _FORM.fullmatch(name) is None
    ):  # it may be as long as a status, or hold a terminal's commands
        return _not_known(None, "status.operatorLease is not NAMESPACE/NAME")
    namespace, _, bare = name.partition("/")
    try:
        lease, now = cluster.lease(namespace, bare)
    except RefusedError:
        return _not_known(name, f"you may not read its Lease {name}")
    return judge(name, lease, now)


def _not_known(name: str | None, why: str) -> Operator:
    return Operator("Unknown", name, message=f"Whether an operator runs is not known: {why}.")
