"""Spaces as they are counted: by whom they belong to.

The labels are the namespace of the Space, its StudioDomain, its owner and its team. Owners are
people, so a metric has as many series as there are people, some thousand at most: an owner mostly
has one team in one domain, and labels that go together make no more series than one of them does.
There are never more than there are spaces, whatever somebody writes into a tag.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from studio_operator.api.schedule import Schedule
from studio_operator.api.space import SpaceSpec
from studio_operator.api.space_status import SpaceStatus
from studio_operator.engine.entries import Entry, InvalidSpec
from studio_operator.engine.families import Labels
from studio_operator.engine.index import domain_of, owner_of
from studio_operator.engine.store import Store
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
class Counted:
    """A space that AWS has shown as ours.

    - `labels`: the values of LABELS. The domain is the StudioDomain's name, with its namespace in
      front where that is another one; the owner is the user profile's name in AWS.
    """

    labels: Labels
    status: SpaceStatus
    schedule: Schedule | None


def counted_spaces(store: Store, naming: Naming) -> Iterator[Counted]:
    """The spaces that count."""
    for entry in store.of_kind("Space"):
        status = entry.memory
        if isinstance(status, SpaceStatus) and status.arn is not None:
            labels = _labels_of(store, entry, status, naming)
            yield Counted(labels, status, _schedule_of(entry))


def _labels_of(store: Store, entry: Entry, status: SpaceStatus, naming: Naming) -> Labels:
    domain, owner = domain_of(entry), owner_of(entry)
    tagged = (entry, *(store.get(key) for key in (owner, domain) if key))
    teams = (_tag(one, naming.team_tag) for one in tagged if one is not None)
    return (
        entry.key.namespace,
        _name_from(entry.key.namespace, domain),
        (status.owner or NONE) if naming.owners else ALL,
        next(filter(None, teams), NONE),
    )


def _name_from(namespace: str, key: Key | None) -> str:
    """How a resource is called in a namespace."""
    if key is None:
        return NONE
    return key.name if key.namespace == namespace else f"{key.namespace}/{key.name}"


def _tag(entry: Entry, key: str) -> str | None:
    tags = entry.spec.get("tags")
    return tags.get(key) if isinstance(tags, Mapping) else None


def _schedule_of(entry: Entry) -> Schedule | None:
    declared = entry.declared
    if isinstance(declared, InvalidSpec) or not isinstance(declared.spec, SpaceSpec):
        return None
    return declared.spec.schedule
