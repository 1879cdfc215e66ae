"""Who owns an AWS resource: one tag, `cluster/namespace/name/uid`.

The cluster's id is the uid of its kube-system namespace. A resource that was let go with
`deletionPolicy: Retain` carries `released` in the uid's place: the same resource, applied again,
takes it back without `adopt`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from studio_operator.api.common import OWNER_TAG
from studio_operator.plan.types import Declared, SpecT

RELEASED = "released"


class Claim(Enum):
    """How a resource in AWS relates to the resource that wants it."""

    OURS = "ours"
    FREE_TO_RETAKE = "free-to-retake"  # the same cluster, namespace and name had it
    RELEASED = "released"  # another resource let it go
    UNOWNED = "unowned"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class OwnerMark:
    """The value of the ownership tag."""

    cluster: str
    namespace: str
    name: str
    uid: str

    def __str__(self) -> str:
        return f"{self.cluster}/{self.namespace}/{self.name}/{self.uid}"

    @classmethod
    def parse(cls, value: str) -> OwnerMark | None:
        """The mark that a tag's value holds, None when it has another form."""
        parts = value.split("/")
        return cls(*parts) if len(parts) == 4 else None

    @property
    def resource(self) -> str:
        """The owning resource, as a person would name it."""
        return f"{self.namespace}/{self.name}"


def mark_of(declared: Declared[SpecT], cluster: str) -> OwnerMark:
    """The mark that this resource puts on what it owns."""
    return OwnerMark(cluster, declared.namespace, declared.name, declared.uid)


def released_mark(declared: Declared[SpecT], cluster: str) -> OwnerMark:
    """The mark that this resource leaves on what it lets go."""
    return OwnerMark(cluster, declared.namespace, declared.name, RELEASED)


def classify(tags: Mapping[str, str], mark: OwnerMark) -> Claim:
    """How a resource with these tags relates to the resource with this mark.

    The same cluster, namespace and name with another uid is the same resource, re-created: two of
    them can't exist at once.
    """
    value = tags.get(OWNER_TAG)
    if value is None:
        return Claim.UNOWNED
    found = OwnerMark.parse(value)
    if found == mark:
        return Claim.OURS
    if found is None:
        return Claim.FOREIGN
    if (found.cluster, found.namespace, found.name) == (mark.cluster, mark.namespace, mark.name):
        return Claim.FREE_TO_RETAKE
    return Claim.RELEASED if found.uid == RELEASED else Claim.FOREIGN


def as_tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags in the form of AWS requests, in a stable order."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def tag_changes(
    declared: Mapping[str, str], observed: Mapping[str, str], managed: tuple[str, ...]
) -> tuple[dict[str, str], list[str]]:
    """Tags to add or overwrite, and keys to remove: those we once set and the spec dropped."""
    add = {key: value for key, value in declared.items() if observed.get(key) != value}
    remove = sorted(key for key in managed if key not in declared and key in observed)
    return add, remove
