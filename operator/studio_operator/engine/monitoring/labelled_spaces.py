"""Spaces as metrics count them, with labels that say whom they belong to.

The labels are the namespace of the Space, its StudioDomain, its owner and its team. Owners are
people, so a metric has as many series as there are people, some thousand at most: an owner mostly
has one team in one domain, and labels that go together make no more series than one of them does.
There are never more than there are spaces, whatever somebody writes into a tag.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from pydantic import TypeAdapter, ValidationError

from studio_operator.api.common import Timestamp
from studio_operator.api.schedule import Schedule
from studio_operator.engine.declared.entries import Raw, Snapshot
from studio_operator.engine.declared.index import domain_of
from studio_operator.engine.declared.packed import pack
from studio_operator.engine.monitoring.metric_families import Labels, label
from studio_operator.kinds.registry import RUNNING
from studio_operator.kube.resources import Key

# A label that is empty is none to Prometheus, and a legend would show nothing.
NONE = "none"
# In place of owners who are not to be named.
ALL = "all"
# Not `namespace`: Prometheus puts the namespace of the Pod that it scrapes there.
LABELS = ("space_namespace", "domain", "owner", "team")


@dataclass(frozen=True, slots=True)
class Naming:
    """What labels say of people.

    - `team_tag`: the key of the tag that names a team: of the space, else of its owner's profile,
      else of the domain, as `spec.tags` declares them. What people make in Studio gets the tags of
      all three where the domain has tagPropagation (Developer Guide, page custom-tags).
    - `owners`: whether owners are named.
    """

    team_tag: str
    owners: bool = True


@dataclass(frozen=True, slots=True)
class Labelled:
    """A space that AWS has shown as ours.

    - `labels`: the values of LABELS. The domain is the StudioDomain's name, with its namespace in
      front where that is another one; the owner is the user profile's name in AWS.
    - `cost`: `status.cost`, as it stands there.
    """

    labels: Labels
    cost: Raw | None
    running_since: datetime | None
    schedule: Schedule | None


def labelled_spaces(entries: Iterable[Snapshot], naming: Naming) -> Iterator[Labelled]:
    """The spaces that count, of all entries."""
    others: dict[Key, Snapshot] = {}
    spaces: list[Snapshot] = []
    for entry in entries:
        if entry.key.kind in RUNNING:
            spaces.append(entry)
        else:
            others[entry.key] = entry
    teams: dict[Key, str | None] = {}  # of profiles and domains, each read once
    for entry in spaces:
        status = entry.read_status()
        if isinstance(status.get("arn"), str):
            spec = entry.read_spec()
            team = _team(spec, naming) or _team_of_others(others, entry, naming, teams) or NONE
            labels = _labels_of(entry, status, naming, team)
            cost = status.get("cost")
            yield Labelled(
                labels,
                cost if isinstance(cost, Mapping) else None,
                _time(status.get("runningSince")),
                _schedule_of(spec),
            )


def _labels_of(entry: Snapshot, status: Raw, naming: Naming, team: str) -> Labels:
    return (
        entry.key.namespace,
        _name_from(entry.key.namespace, domain_of(entry)),
        label(status.get("owner"), NONE) if naming.owners else ALL,
        team,
    )


def _team_of_others(
    others: Mapping[Key, Snapshot], entry: Snapshot, naming: Naming, known: dict[Key, str | None]
) -> str | None:
    for key in entry.refers_to:
        if key not in known:
            other = others.get(key)
            known[key] = _team(other.read_spec(), naming) if other else None
        if team := known[key]:
            return team
    return None


def _name_from(namespace: str, key: Key | None) -> str:
    """How a resource is called in a namespace."""
    if key is None:
        return NONE
    return key.name if key.namespace == namespace else f"{key.namespace}/{key.name}"


def _team(spec: Raw, naming: Naming) -> str | None:
    tags = spec.get("tags")
    value = tags.get(naming.team_tag) if isinstance(tags, Mapping) else None
    return label(value) if isinstance(value, str) and value else None


def _time(value: object) -> datetime | None:
    try:
        return _TIME.validate_python(value) if isinstance(value, str) else None
    except ValidationError:
        return None


_TIME: TypeAdapter[datetime] = TypeAdapter(Timestamp)


def _schedule_of(spec: Raw) -> Schedule | None:
    schedule = spec.get("schedule")
    return _read_schedule(pack(schedule)) if schedule is not None else None


@lru_cache(maxsize=1000)
def _read_schedule(packed: bytes) -> Schedule | None:
    """A schedule, read once for all who have it; None for one that can't be read."""
    try:
        return Schedule.model_validate_json(packed)
    except ValidationError:
        return None
