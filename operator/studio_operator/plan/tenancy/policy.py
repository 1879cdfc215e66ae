"""What holds in one namespace: whose it is, what may be named there, and how strictly.

A tenant's rules are compiled for each of its namespaces. Where nothing rules a namespace, nothing
is judged; where two tenants claim it, neither counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, StrEnum
from typing import Any

from studio_operator.plan.remedies import Resource
from studio_operator.plan.tenancy.globs import STAR, Globs


class Subject(StrEnum):
    """What is allowed or not: each is the path of its list below `spec.allow`."""

    EXECUTION_ROLES = "executionRoles"
    SUBNETS = "subnets"
    SECURITY_GROUPS = "securityGroups"
    KMS_KEYS = "kmsKeys"
    FILE_SYSTEMS = "fileSystems"
    UIDS = "posixIds.uids"
    GIDS = "posixIds.gids"
    LIFECYCLE_CONFIGS = "lifecycleConfigs"
    IMAGES = "images"
    IMAGE_OWNERS = "imageOwners"
    S3_PLACES = "s3Places"
    ADOPTION = "adoption"
    DELETION_POLICIES = "deletionPolicies"
    REMOTE_ACCESS = "remoteAccess"


RANGES = frozenset({Subject.UIDS, Subject.GIDS})
# Values that need no permission: they are what holds where a spec says nothing.
_FREE: Mapping[Subject, frozenset[str]] = {
    Subject.DELETION_POLICIES: frozenset({"Retain"}),
    Subject.REMOTE_ACCESS: frozenset({"Disabled"}),
}


class Enforcement(Enum):
    """What is done about what is not allowed."""

    AUDIT = "Audit"  # it is told
    BLOCK = "Block"  # and nothing is made, changed or started with it
    STOP = "Stop"  # and what runs with it is stopped


class Standing(Enum):
    """Whose a namespace is."""

    UNRULED = "unruled"  # no tenant's, and it needs none
    RULED = "ruled"  # one tenant's
    MISSING = "missing"  # no tenant's, and it needs one
    CONFLICT = "conflict"  # claimed by several


@dataclass(frozen=True, slots=True)
class TenantRules:
    """One tenant, as its spec has it.

    - `namespaces`: names with stars.
    - `allow`: what may be named, as globs, or as (lowest, highest) of numbers; a subject that is
      left out is denied.
    - `grace`: how long what runs may go on under Stop, where nothing allows a stop before.
    """

    tenant: Resource
    namespaces: tuple[str, ...]
    enforcement: Enforcement = Enforcement.AUDIT
    allow: Mapping[Subject, tuple[Any, ...]] = field(default_factory=dict)
    grace: timedelta = timedelta()
    _globs: dict[Subject | None, Globs] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def claims(self, namespace: str) -> bool:
        """Whether the namespace is this tenant's by its spec."""
        return bool(namespace) and self._compiled(None, self.namespaces).match(namespace)

    def allows(self, subject: Subject, value: str) -> bool:
        """Whether it lists a value, as it stands or by a range."""
        allowed = self.allow.get(subject, ())
        if subject in RANGES:
            return any(low <= int(value) <= high for low, high in allowed)
        return self._compiled(subject, allowed).match(value)

    def _compiled(self, subject: Subject | None, patterns: tuple[str, ...]) -> Globs:
        """A list of it, compiled when it is first asked; None is for the namespaces."""
        known = self._globs.get(subject)
        if known is None:
            known = self._globs[subject] = Globs(patterns)
        return known

    @property
    def exact_namespaces(self) -> frozenset[str]:
        """Those that it names without a star."""
        return frozenset(one for one in self.namespaces if STAR not in one)


# One is made for each namespace and kept: it is known by what it is, not by what it says.
@dataclass(frozen=True, slots=True, eq=False)
class NamespacePolicy:
    """What holds in a namespace.

    - `tenants`: the one that rules it, or those that claim it; `rules`: what the one allows.
    - `kind`: the name of the kind that tenants are of.
    - `judges`: whether anything is judged. It is asked in each pass.
    """

    standing: Standing
    namespace: str = ""
    kind: str = ""
    tenants: tuple[Resource, ...] = ()
    enforcement: Enforcement = Enforcement.AUDIT
    rules: TenantRules | None = None
    grace: timedelta = timedelta()
    judges: bool = True

    @property
    def allow(self) -> Mapping[Subject, tuple[Any, ...]]:
        """What may be named."""
        return self.rules.allow if self.rules else {}

    @property
    def refuses(self) -> bool:
        """Whether what is not allowed is refused, and not only told."""
        return self.judges and self.enforcement is not Enforcement.AUDIT

    @property
    def stops(self) -> bool:
        """Whether what runs with it is stopped."""
        return self.judges and self.enforcement is Enforcement.STOP

    def allows(self, subject: Subject, value: str) -> bool:
        """Whether a value may be named, in a namespace that is ruled."""
        if value in _FREE.get(subject, ()):
            return True
        if self.rules is None:
            return False
        if subject is Subject.IMAGES:
            return _allows_image(self.rules, value)
        return self.rules.allows(subject, value)


def _allows_image(rules: TenantRules, arn: str) -> bool:
    """By its own ARN, also where one of its versions is named, or by who owns it."""
    owner = arn.split(":")[4:5]
    if owner and rules.allows(Subject.IMAGE_OWNERS, owner[0]):
        return True
    head, version, name = arn.partition(":image-version/")
    image = f"{head}:image/{name.partition('/')[0]}" if version else arn
    return rules.allows(Subject.IMAGES, image)


UNRULED = NamespacePolicy(Standing.UNRULED, judges=False)


def policy_for(
    namespace: str, kind: str, tenants: Iterable[TenantRules], *, is_required: bool
) -> NamespacePolicy:
    """What holds in a namespace by all tenants that there are.

    `is_required`: whether a namespace without a tenant is refused. A conflict refuses as well, but
    where all that claim the namespace only tell: a mistake in one tenant opens nothing to anybody.
    """
    claiming = [one for one in tenants if one.claims(namespace)]
    names = tuple(one.tenant for one in claiming)
    if len(claiming) == 1:
        rules = claiming[0]
        return NamespacePolicy(
            Standing.RULED, namespace, kind, names, rules.enforcement, rules, rules.grace
        )
    if claiming:
        tells = all(one.enforcement is Enforcement.AUDIT for one in claiming)
        how = Enforcement.AUDIT if tells else Enforcement.BLOCK
        return NamespacePolicy(Standing.CONFLICT, namespace, kind, names, how)
    if is_required and namespace:
        return NamespacePolicy(Standing.MISSING, namespace, kind, (), Enforcement.BLOCK)
    return UNRULED
