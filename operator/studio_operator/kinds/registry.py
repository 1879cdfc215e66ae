"""The only list of kinds. Each comes after those that it refers to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import chain

from studio_operator.kinds.aws_type import Companion
from studio_operator.kinds.feature import CallWords
from studio_operator.kinds.managed_kind import ManagedKind
from studio_operator.kinds.references import ReferenceGraph
from studio_operator.kinds.space.kind import SPACE
from studio_operator.kinds.studio_domain.kind import STUDIO_DOMAIN
from studio_operator.kinds.studio_tenant.kind import STUDIO_TENANT
from studio_operator.kinds.user_profile.kind import USER_PROFILE
from studio_operator.plan.operations import SHARED, AwsOperation

KINDS = (STUDIO_TENANT, STUDIO_DOMAIN, USER_PROFILE, SPACE)

BY_NAME: Mapping[str, ManagedKind] = {kind.name: kind for kind in KINDS}
_IN_AWS = tuple(kind for kind in KINDS if kind.aws_type is not None)
BY_TYPE: Mapping[str, ManagedKind] = {kind.aws.name: kind for kind in _IN_AWS}
COMPANIONS: Mapping[str, Companion] = {
    kind.companion.name: kind.companion for kind in KINDS if kind.companion is not None
}
BY_ARN_SEGMENT: Mapping[str, ManagedKind] = {kind.arn_segment: kind for kind in _IN_AWS}

# The features of all kinds.
FEATURES = tuple(feature for kind in KINDS for feature in kind.features)

# All that AWS is asked, and what of it changes something.
_OF_KINDS = chain.from_iterable(kind.operations for kind in KINDS)
_OF_FEATURES = chain.from_iterable(feature.operations for feature in FEATURES)
OPERATIONS: Mapping[str, AwsOperation] = {
    one.name: one for one in (*_OF_KINDS, *_OF_FEATURES, *SHARED)
}
CHANGES = frozenset(name for name, one in OPERATIONS.items() if not one.is_read)

# The kind in which those of the level of a domain live.
HOLDER = next(kind.name for kind in KINDS if kind.holds_others)
# The kind as which people sign in, and those that start and stop, the one in the foreground first.
PERSON = next(kind.name for kind in KINDS if kind.is_person)
RUNNING = tuple(kind.name for kind in KINDS if kind.runs)
# The kinds, beside people's, that are opened in Studio.
OPENED = tuple(kind.name for kind in KINDS if kind.opens)
# Those whose resources make rules for namespaces.
GOVERNING = tuple(kind.name for kind in KINDS if kind.governs is not None)
# The calls that only features make.
CALLS_OF_FEATURES: Mapping[str, CallWords] = {
    operation: words for feature in FEATURES for operation, words in feature.calls.items()
}
# Who refers to whom.
REFERENCES = ReferenceGraph(KINDS)


def kinds_read_in(namespaces: Collection[str]) -> tuple[ManagedKind, ...]:
    """The kinds that an operator reads which serves these namespaces; all of them when empty."""
    return tuple(kind for kind in KINDS if not (namespaces and kind.needs_whole_cluster))
