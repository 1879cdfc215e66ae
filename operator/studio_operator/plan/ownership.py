"""Who owns an AWS resource: one tag, `cluster/namespace/name/uid`.

The cluster's id is the setting `clusterId`, else the uid of its kube-system namespace. A resource
that was let go with `deletionPolicy: Retain` carries `released` in the uid's place: the same
resource, applied again, takes it back without `adopt`, and no other ever takes it. Only the tag
proves this: status can be forged by whoever may write it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from studio_operator.api.common import OWNER_TAG, CommonStatus
from studio_operator.plan.remedies import Edit
from studio_operator.plan.types import Declared, SpecT

RELEASED = "released"
# As in the CRDs' rule on spec.tags.
RESERVED_TAGS = ("aws:", "sagemaker:", "studio-operator.dev/")


class Claim(Enum):
    """How a resource in AWS relates to the resource that wants it."""

    OURS = "ours"
    FREE_TO_RETAKE = "free-to-retake"  # the same cluster, namespace and name had it
    TAKEN = "taken"  # another resource of this cluster id, namespace and name took it from this one
    OTHER_ID = "other-id"  # this very resource has it, by another id of its cluster
    RELEASED = "released"  # another resource let it go, and alone may take it back
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


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What AWS has with a resource's mark, and its spec does not name.

    - `title`: what it is, for messages: "space churn"; `arn`: None where it is not known.
    - `edits`: by which the spec names it again.
    - `is_in_scope`: whether only its name differs; else it is in another domain or region.
    """

    title: str
    arn: str | None
    edits: tuple[Edit, ...]
    is_in_scope: bool = True


def mark_of(declared: Declared[SpecT], cluster: str) -> OwnerMark:
    """The mark that this resource puts on what it owns."""
    return OwnerMark(cluster, declared.namespace, declared.name, declared.uid)


def released_mark(declared: Declared[SpecT], cluster: str) -> OwnerMark:
    """The mark that this resource leaves on what it lets go."""
    return OwnerMark(cluster, declared.namespace, declared.name, RELEASED)


# Claims on what another resource holds or let go, or held under an id of the cluster that is not
# ours now: never taken, with `adopt` or without.
HELD_BY_OTHERS = (Claim.FOREIGN, Claim.TAKEN, Claim.OTHER_ID, Claim.RELEASED)
# Claims on what a spec of this resource named when it was made.
_NAMED = frozenset({Claim.OURS, Claim.FREE_TO_RETAKE, Claim.OTHER_ID})
# What this resource itself owned, so that it may be told before all else.
LOST = (Claim.TAKEN, Claim.OTHER_ID)


def classify(tags: Mapping[str, str], mark: OwnerMark, *, owned_before: bool = False) -> Claim:
    """How a resource with these tags relates to the resource with this mark.

    The same cluster, namespace and name with another uid is the same resource, re-created, maybe in
    a cluster built anew from the same Git. Two of them exist at once only where two clusters have
    one id. So who owned it before (`owned_before`: status has its ARN) and finds another uid in the
    tag has lost it for good: two operators never take it from each other in turn.

    A uid is unique in the world: this very uid along with another cluster means that the id of this
    cluster was changed.
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
        is_lost = owned_before and found.uid != RELEASED
        return Claim.TAKEN if is_lost else Claim.FREE_TO_RETAKE
    if (found.namespace, found.name, found.uid) == (mark.namespace, mark.name, mark.uid):
        return Claim.OTHER_ID
    return Claim.RELEASED if found.uid == RELEASED else Claim.FOREIGN


def owner_in(tags: Mapping[str, str] | None) -> str | None:
    """The resource, `namespace/name`, that a tag names as the owner; None where none does."""
    owner = OwnerMark.parse((tags or {}).get(OWNER_TAG, ""))
    return owner.resource if owner is not None else None


def holds_name(tags: Mapping[str, str], mark: OwnerMark, *, owned_before: bool) -> bool:
    """Whether what has these tags is what the resource with this mark made, and has not let go.

    What it let go is left on purpose: whoever applies it again may name something else.
    """
    owner = OwnerMark.parse(tags.get(OWNER_TAG, ""))
    if owner is None or owner.uid == RELEASED:
        return False
    return classify(tags, mark, owned_before=owned_before) in _NAMED


def is_this_elsewhere(tags: Mapping[str, str], mark: OwnerMark) -> bool:
    """Whether a resource of this namespace and name has it, by another id of its cluster."""
    owner = OwnerMark.parse(tags.get(OWNER_TAG, ""))
    return owner is not None and owner.resource == mark.resource and owner.cluster != mark.cluster


def has_owned(status: CommonStatus) -> bool:
    """Whether status says that this resource owned what it names in AWS."""
    return status.arn is not None


def as_tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags in the form of AWS requests, in a stable order."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def tag_changes(
    declared: Mapping[str, str], observed: Mapping[str, str], managed: tuple[str, ...]
) -> tuple[dict[str, str], list[str]]:
    """Tags to add or overwrite, and keys to remove: those we once set and the spec dropped.

    `managed` comes from status: no spec ever sets a reserved key, so none is removed by that.
    """
    add = {key: value for key, value in declared.items() if observed.get(key) != value}
    left = [key for key in set(managed) if key not in declared and key in observed]
    return add, sorted([key for key in left if not is_reserved(key)])


def is_reserved(key: str) -> bool:
    """Whether a tag is AWS's or the operator's own: the CRDs admit no such key."""
    return key.lower().startswith(RESERVED_TAGS)
