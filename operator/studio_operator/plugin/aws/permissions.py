"""The IAM policies of the operator's role, made of one table, by level and what they are for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from botocore.exceptions import UnknownRegionError
from botocore.session import Session

from studio_operator.kinds.permissions import Access, Statement
from studio_operator.plugin.aws.statements import STATEMENTS
from studio_operator.plugin.errors import PluginError

VERSION = "2012-10-17"  # of IAM's policy language


class Level(StrEnum):
    """How much a policy allows."""

    FULL = "full"  # everything that a spec may ask for
    NO_DELETE = "no-delete"  # no domain, profile or space is ever deleted, whatever a spec says
    READ_ONLY = "read-only"  # looks only


ALLOWED: Mapping[Level, frozenset[Access]] = {
    Level.FULL: frozenset(Access),
    Level.NO_DELETE: frozenset(Access) - {Access.DELETE},
    Level.READ_ONLY: frozenset({Access.READ}),
}


# Of a role's ARN, the account alone may be a star: what comes after it names the role all the same.
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::(?:\*|[0-9]{12}):role/(?P<name>.+)")


@dataclass(frozen=True, slots=True)
class PolicyScope:
    """What a policy is narrowed to; what is left out stays a star.

    With `domain_ids` the policy is for domains that exist: it lets none be created. `roles` are
    ARNs, or names of roles, that domains and profiles may name. `backup_buckets` are those that
    spaces name in spec.backup; without any the policy allows no back-ups. `cluster_id` is the first
    part of the ownership tag. Without `adoption` nothing is taken over that carries no such tag.
    """

    region: str = "*"
    account: str = "*"
    domain_ids: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    backup_buckets: tuple[str, ...] = ()
    cluster_id: str = "*"
    adoption: bool = True


def policy(level: Level, scope: PolicyScope | None = None) -> dict[str, Any]:
    """The IAM policy document of a level. Raises PluginError for a region nobody knows."""
    scope = scope or PolicyScope()
    made = (_make(statement, level, scope) for statement in STATEMENTS)
    return {"Version": VERSION, "Statement": [one for one in made if one is not None]}


def is_any_role(role: str) -> bool:
    """Whether every role of an account may fit: a name that is a star alone, a star before it.

    IAM's star stands for colons and slashes too, so one in the parts before the name may reach any.
    """
    name = role
    if role.startswith("arn:"):
        parts = _ROLE_ARN.fullmatch(role)
        if parts is None:
            return True
        name = parts["name"]
    return not name.replace("/", "").strip("*?")


def table_actions() -> Iterator[str]:
    """Every action of the table."""
    for statement in STATEMENTS:
        yield from statement.actions


def _make(statement: Statement, level: Level, scope: PolicyScope) -> dict[str, Any] | None:
    allowed = ALLOWED[level] - ({Access.CREATE_DOMAIN} if scope.domain_ids else set())
    actions = [name for name, access in statement.actions.items() if access in allowed]
    if not actions or (statement.needs_buckets and not scope.backup_buckets):
        return None
    if statement.for_adoption and not scope.adoption:
        return None
    condition: dict[str, Any] = {
        operator: {key: value.format(cluster=scope.cluster_id) for key, value in keys.items()}
        for operator, keys in statement.condition.items()
    }
    if statement.resources == ("*",) and scope.region != "*":
        # Where an action knows no resources, the request's region can still be narrowed.
        condition = {"StringEquals": {"aws:RequestedRegion": scope.region}}
    made = {
        "Sid": statement.sid,
        "Effect": "Allow",
        "Action": _one_or_list(actions),
        "Resource": _one_or_list(list(dict.fromkeys(_resources(statement, scope)))),
    }
    return {**made, "Condition": condition} if condition else made


def _resources(statement: Statement, scope: PolicyScope) -> Iterator[str]:
    partition = partition_of(scope.region)
    place = {"partition": partition, "region": scope.region, "account": scope.account}
    roles = [_role_arn(role, partition, scope.account) for role in scope.roles or ("*",)]
    for pattern in statement.resources:
        if "{role}" in pattern:
            yield from roles
            continue
        for bucket in scope.backup_buckets if "{bucket}" in pattern else ("",):
            for domain_id in scope.domain_ids or ("*",):
                made = pattern.format(**place, domain=domain_id, bucket=bucket)
                yield made.replace("/*/*", "/*")  # a star covers the slashes behind it too


def _role_arn(role: str, partition: str, account: str) -> str:
    return role if role.startswith("arn:") else f"arn:{partition}:iam::{account}:role/{role}"


@cache
def _session() -> Session:
    """Knows regions; reading what it knows takes a second, once."""
    return Session()


def partition_of(region: str) -> str:
    """AWS's name for the regions that it belongs to, such as aws-cn; `aws` for a star.

    Raises PluginError for a region that nobody knows.
    """
    if region == "*":
        return "aws"
    try:
        return str(_session().get_partition_for_region(region))
    except UnknownRegionError as error:
        raise PluginError(f"no region {region} is known: check --region") from error


def _one_or_list(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values
