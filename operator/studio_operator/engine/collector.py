"""Metrics that are counted when they are asked for, and cost nothing at other times."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from studio_operator.api.common import ConditionType
from studio_operator.engine.families import Labels, gauge, gauges
from studio_operator.engine.store import Store

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Readings:
    """Where the numbers come from.

    - `inventory_ages`: seconds since the last complete look, by region and domain id.
    - `starting_since`: when the app was created that has been starting for longest.
    - `lingering`: how many resources outlive the app of their space, by region and type.
    """

    queue_depth: Callable[[], int]
    queue_age: Callable[[], float]
    working: Callable[[], int]
    is_leader: Callable[[], bool]
    loop_lag: Callable[[], float]
    inventory_ages: Callable[[], Mapping[Place, float]]
    starting_since: Callable[[], datetime | None]
    lingering: Callable[[], Mapping[tuple[str, str], int]]
    now: Callable[[], datetime]


class EngineCollector(Collector):
    """What the engine holds at this moment.

    Only the instance that leads tells of resources and of AWS: a sum over all instances counts
    each resource once.
    """

    def __init__(self, store: Store, readings: Readings) -> None:
        self._store = store
        self._readings = readings

    def collect(self) -> Iterator[Metric]:
        """The metrics of this moment."""
        read = self._readings
        leads = read.is_leader()
        yield gauge("leader", "Whether this instance leads: 1 or 0.", leads)
        yield gauge("loop_lag_seconds", "How late the event loop was last.", read.loop_lag())
        yield gauge("queue_depth", "Resources that wait for a worker.", read.queue_depth())
        yield gauge(
            "queue_oldest_seconds", "How long the first of them has waited.", read.queue_age()
        )
        yield gauge("workers_busy", "Workers that have a resource at hand.", read.working())
        yield from self._of_aws(leads=leads)
        yield from self._of_resources(leads=leads)

    def _of_aws(self, *, leads: bool) -> Iterator[Metric]:
        read = self._readings
        yield gauges(
            "inventory_age_seconds",
            "Time since the last complete look at a domain, or with an empty domain_id at the list "
            "of a region's domains. On the leader only.",
            ("region", "domain_id"),
            {(*place,): age for place, age in read.inventory_ages().items()} if leads else {},
        )
        since = read.starting_since() if leads else None
        waited = (read.now() - since).total_seconds() if since else 0.0
        yield gauges(
            "app_start_oldest_seconds",
            "How long the app has been starting that has been so for longest; 0 when none starts. "
            "On the leader only.",
            (),
            {(): max(0.0, waited)} if leads else {},
        )
        yield gauges(
            "lingering_resources",
            "What was made from a space and goes on costing money without its app, such as "
            "endpoints, by region and type. On the leader only.",
            ("region", "type"),
            {(*where,): count for where, count in read.lingering().items()} if leads else {},
        )

    def _of_resources(self, *, leads: bool) -> Iterator[Metric]:
        entries = tuple(self._store) if leads else ()
        shown = [(entry.key.kind, entry.shown) for entry in entries]
        yield gauges(
            "spaces",
            "Spaces by phase and instance type. On the leader only.",
            ("phase", "instance_type"),
            _count(
                (_text(status, "phase"), _text(status, "instanceType"))
                for kind, status in shown
                if kind == "Space"
            ),
        )
        yield gauges(
            "resources",
            "Declared resources by kind and phase. On the leader only.",
            ("kind", "phase"),
            _count((kind, _text(status, "phase")) for kind, status in shown),
        )
        yield from self._of_conditions(shown)

    def _of_conditions(self, shown: Iterable[tuple[str, Mapping[str, object]]]) -> Iterator[Metric]:
        labels = ("kind", "condition", "reason")
        since: defaultdict[Labels, list[datetime]] = defaultdict(list)
        for kind, status in shown:
            for one in _true_conditions(status):
                moment = datetime.fromisoformat(one["lastTransitionTime"])
                since[kind, one["type"], one["reason"]].append(moment)
        yield gauges(
            "conditions",
            "Resources of which a condition is true, by kind, condition and reason. On the leader "
            "only.",
            labels,
            {key: len(moments) for key, moments in since.items()},
        )
        now = self._readings.now()
        yield gauges(
            "condition_oldest_seconds",
            "How long the condition has been true that has been so for longest, by kind, condition "
            "(all but Ready) and present reason. On the leader only.",
            labels,
            {
                key: max(0.0, (now - min(moments)).total_seconds())
                for key, moments in since.items()
                if key[1] != ConditionType.READY
            },
        )


def _true_conditions(status: Mapping[str, object]) -> Iterator[Mapping[str, str]]:
    conditions = status.get("conditions")
    for one in conditions if isinstance(conditions, list) else ():
        if one["status"] == "True":
            yield one


def _count(found: Iterable[Labels]) -> Mapping[Labels, int]:
    return Counter(found)


def _text(status: Mapping[str, object], member: str) -> str:
    return str(status.get(member) or "unknown")
