"""What one resource is called in AWS, and from which ARN that follows."""

from __future__ import annotations

from typing import NamedTuple

from studio_operator.kinds.managed_kind import ScopeLevel
from studio_operator.kinds.registry import BY_ARN_SEGMENT, BY_NAME, HOLDER
from studio_operator.plan.scope import OWN_ACCOUNT, Scope


class ResourceId(NamedTuple):
    """One resource in AWS: its kind, such as UserProfile, where its name counts, and the name.

    The name of a kind to whose resources AWS gives ids, such as domains, is that id. Names that
    AWS takes in any case, as those of profiles, are lower-cased.
    """

    kind: str
    scope: Scope
    name: str

    @property
    def view(self) -> Scope:
        """The scope with which AWS shows it: that of a domain is the domain itself."""
        return self.scope._replace(domain_id=self.name) if self.kind == HOLDER else self.scope

    def __str__(self) -> str:
        return f"{BY_NAME[self.kind].noun} {self.name} {_link(self.scope)} {self.scope}"


# What differs from before: one resource, or a scope as a whole.
Changed = ResourceId | Scope


def holder_of(scope: Scope) -> ResourceId:
    """The domain that a scope is."""
    return ResourceId(HOLDER, scope._replace(domain_id=None), scope.domain_id or "")


def parse_arn(arn: str, account: str) -> ResourceId | None:
    """The resource that an ARN names; None for an ARN of anything else, such as an app's.

    Forms: `arn:aws:sagemaker:{region}:{account}:` and then `domain/{id}`,
    `user-profile/{id}/{name}` or `space/{id}/{name}` (pattern of SpaceArn in botocore's model).

    `account` is the one that showed the ARN. Of another one nothing is known by it; which number
    the operator's own has is not known either.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[2] != "sagemaker" or account not in {parts[4], OWN_ACCOUNT}:
        return None
    type_, *names = parts[5].split("/")
    kind = BY_ARN_SEGMENT.get(type_)
    if kind is None or len(names) != (2 if kind.scope_level is ScopeLevel.DOMAIN else 1):
        return None
    name = names.pop()
    scope = Scope(account, parts[3], names[0] if names else None)
    return ResourceId(kind.name, scope, kind.record_name(name))


def _link(scope: Scope) -> str:
    return "of" if scope.domain_id else "in"
