"""What an IAM policy of the operator says: which actions, on what, and what each does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from studio_operator.plan.operations import AwsOperation, Does

# ARNs of what SageMaker has, up to the type.
HERE = "arn:{partition}:sagemaker:{region}:{account}:"
# What IAM calls an API, where boto3 calls it otherwise.
_PREFIXES = {"resourcegroupstaggingapi": "tag"}


class Access(StrEnum):
    """What an action does; a level allows some of these."""

    READ = "read"
    CREATE_DOMAIN = "create-domain"  # not needed where the domains are given
    WRITE = "write"
    DELETE = "delete"


_ACCESS = dict.fromkeys(Does, Access.WRITE) | {
    Does.READ: Access.READ,
    Does.DELETE: Access.DELETE,
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its actions by what they do, and the patterns of ARNs they are for.

    Patterns have {partition}, {region}, {account}, {domain}, {role} and {bucket} in them, values of
    a condition {cluster}. `needs_buckets`: left out unless buckets in S3 are named.
    `for_adoption`: left out where nothing is taken over that nobody owns.
    """

    sid: str
    actions: Mapping[str, Access]
    resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    needs_buckets: bool = False
    for_adoption: bool = False


def actions_of(operations: Iterable[AwsOperation]) -> dict[str, Access]:
    """The IAM actions of operations, in the order of their names, by what each does."""
    named = ((f"{_PREFIXES.get(one.api, one.api)}:{one.name}", one) for one in operations)
    return {name: _ACCESS[one.does] for name, one in sorted(named, key=lambda pair: pair[0])}
