"""Metrics that are counted when they are asked for, and cost nothing at other times."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from typing import NamedTuple

from prometheus_client.core import Metric

from studio_operator.api.common import INSTANCE_TYPE, ConditionType
from studio_operator.aws.features.reader import FeatureGauge
from studio_operator.engine.declared.entries import Raw, Snapshot
from studio_operator.engine.declared.store import Store
from studio_operator.engine.monitoring.metric_families import (
    Counting,
    Counts,
    Labels,
    gauge,
    gauges,
)
from studio_operator.kinds.registry import KINDS
from studio_operator.plan.scope import Scope


@dataclass(frozen=True, slots=True)
class Readings:
    """Where the numbers come from.

    - `inventory_ages`: seconds since the last complete look, by scope.
    - `starting_since`: when the app was created that has been starting for longest.
    - `features`: the metrics of what is read beside the records of resources.
    """

    queue_depth: Callable[[], int]
    queue_age: Callable[[], float]
    working: Callable[[], int]
    is_leader: Callable[[], bool]
    loop_lag: Callable[[], float]
    inventory_ages: Callable[[], Mapping[Scope, float]]
    starting_since: Callable[[], datetime | None]
    features: Callable[[], Iterable[FeatureGauge]]
    now: Callable[[], datetime]


class Shown(NamedTuple):
    """A resource as the API server shows it."""

    kind: str
    created_at: datetime
    status: Raw


class EngineCollector(Counting):
    """What the engine holds at this moment.

    Only the instance that leads tells of resources and of AWS: a sum over all instances counts
    each resource once.
    """

    def __init__(self, store: Store, readings: Readings) -> None:
        self._store = store
        self._readings = readings

    def take(self) -> Counts:
        """What there is at this moment, to be counted."""
        leads = self._readings.is_leader()
        read = (*self._of_process(leads=leads), *self._of_aws(leads=leads))
        entries = self._store.snapshot() if leads else []
        return partial(chain, read, _of_resources(entries, self._readings.now()))

    def _of_process(self, *, leads: bool) -> Iterator[Metric]:
        read = self._readings
        yield gauge("leader", "Whether this instance leads: 1 or 0.", leads)
        yield gauge("loop_lag_seconds", "How late the event loop was last.", read.loop_lag())
        yield gauge("queue_depth", "Resources that wait for a worker.", read.queue_depth())
        yield gauge(
            "queue_oldest_seconds", "How long the first of them has waited.", read.queue_age()
        )
        yield gauge("workers_busy", "Workers that have a resource at hand.", read.working())

    def _of_aws(self, *, leads: bool) -> Iterator[Metric]:
        read = self._readings
        ages = read.inventory_ages() if leads else {}
        yield gauges(
            "inventory_age_seconds",
            "Time since the last complete look at a domain, or with an empty domain_id at the list "
            "of a region's domains. On the leader only.",
            ("region", "domain_id"),
            {(one.region, one.domain_id or ""): age for one, age in ages.items()},
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
        for one in read.features():
            yield gauges(one.name, one.text, one.labels, one.count() if leads else {})


def _of_resources(snapshots: Iterable[Snapshot], now: datetime) -> Iterator[Metric]:
    entries = [Shown(one.key.kind, one.created_at, one.read_shown()) for one in snapshots]
    for kind in KINDS:
        if kind.runs is None:
            continue
        on = kind.runs.on
        yield gauges(
            kind.plural,
            f"{kind.plural.capitalize()} by phase and instance type. On the leader only.",
            ("phase", "instance_type"),
            _count(
                (_word(entry, "phase", _WORD), _word(entry, on, _WORDS.get(on, _WORD)))
                for entry in entries
                if entry.kind == kind.name
            ),
        )
    yield gauges(
        "resources",
        "Declared resources by kind and phase. On the leader only.",
        ("kind", "phase"),
        _count((entry.kind, _word(entry, "phase", _WORD)) for entry in entries),
    )
    yield from _of_conditions(entries, now)


def _of_conditions(entries: Iterable[Shown], now: datetime) -> Iterator[Metric]:
    labels = ("kind", "condition", "reason")
    since: defaultdict[Labels, list[datetime]] = defaultdict(list)
    for entry in entries:
        for one in _true_conditions(entry.status):
            moment = _moment(one.get("lastTransitionTime"), entry.created_at, now)
            since[entry.kind, _text(one, "type"), _text(one, "reason")].append(moment)
    yield gauges(
        "conditions",
        "Resources of which a condition is true, by kind, condition and reason. On the leader "
        "only.",
        labels,
        {key: len(moments) for key, moments in since.items()},
    )
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


# Whoever may write a status may write anything there: what is no such word is counted as unknown.
_WORD = r"^[A-Za-z][A-Za-z0-9]*$"
_WORDS = {"instanceType": INSTANCE_TYPE}
_LONGEST_WORD = 64
_UNKNOWN = "unknown"


def _true_conditions(status: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    conditions = status.get("conditions")
    for one in conditions if isinstance(conditions, list | tuple) else ():
        if isinstance(one, Mapping) and one.get("status") == "True":
            yield one


def _moment(value: object, earliest: datetime, latest: datetime) -> datetime:
    """The time that a status says, within the life of its resource; its end if it says none.

    An invented time would make a condition the oldest of all, and hide the one that is.
    """
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else latest
        return max(earliest, min(moment, latest))
    except (ValueError, TypeError, OverflowError):  # no time, or none of a time zone
        return latest


def _count(found: Iterable[Labels]) -> Mapping[Labels, int]:
    return Counter(found)


def _word(entry: Shown, member: str, pattern: str) -> str:
    return _text(entry.status, member, pattern)


def _text(members: Mapping[str, object], member: str, pattern: str = _WORD) -> str:
    value = members.get(member)
    is_word = isinstance(value, str) and len(value) <= _LONGEST_WORD and re.match(pattern, value)
    return str(value) if is_word else _UNKNOWN
