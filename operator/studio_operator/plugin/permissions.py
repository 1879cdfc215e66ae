"""What the operator may do in AWS: one table, from which every IAM policy of ours is made.

A test compares the table with the operations that the operator's code names, and the policies in
docs/how-to with what this module makes of it.

Which resources an action knows, and which other actions it depends on, is in the Service
Authorization Reference, page Amazon SageMaker: list actions know no resources, creating with tags
needs sagemaker:AddTags, and a request that names a role needs iam:PassRole for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from botocore.exceptions import UnknownRegionError
from botocore.session import Session

from studio_operator.plugin.errors import PluginError

SERVICE = "sagemaker.amazonaws.com"
VERSION = "2012-10-17"  # of IAM's policy language


class Level(StrEnum):
    """How much a policy allows."""

    FULL = "full"  # everything that a spec may ask for
    NO_DELETE = "no-delete"  # no domain, profile or space is ever deleted, whatever a spec says
    READ_ONLY = "read-only"  # looks only


class Access(StrEnum):
    """What an action does; a level allows some of these."""

    READ = "read"
    CREATE_DOMAIN = "create-domain"  # not needed where the domains are given
    WRITE = "write"
    DELETE = "delete"


ALLOWED: Mapping[Level, frozenset[Access]] = {
    Level.FULL: frozenset(Access),
    Level.NO_DELETE: frozenset(Access) - {Access.DELETE},
    Level.READ_ONLY: frozenset({Access.READ}),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its actions by what they do, and the patterns of ARNs they are for.

    Patterns have {partition}, {region}, {account}, {domain}, {role} and {bucket} in them.
    `for_backups`: left out unless buckets for back-ups are named.
    """

    sid: str
    actions: Mapping[str, Access]
    resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    for_backups: bool = False


def _arn(kind: str) -> str:
    return "arn:{partition}:sagemaker:{region}:{account}:" + kind + "/{domain}"


DOMAIN = _arn("domain")
# Names of profiles, spaces and apps stand behind the domain's id.
USER_PROFILE, SPACE, APP = (_arn(kind) + "/*" for kind in ("user-profile", "space", "app"))

STATEMENTS: tuple[Statement, ...] = (
    Statement(
        "LookAtStudio",
        {
            "sagemaker:DescribeApp": Access.READ,
            "sagemaker:DescribeDomain": Access.READ,
            "sagemaker:DescribeSpace": Access.READ,
            "sagemaker:DescribeUserProfile": Access.READ,
            "sagemaker:ListApps": Access.READ,
            "sagemaker:ListDomains": Access.READ,
            "sagemaker:ListSpaces": Access.READ,
            "sagemaker:ListTags": Access.READ,
            "sagemaker:ListUserProfiles": Access.READ,
        },
        ("*",),
    ),
    Statement("FindOwnedResources", {"tag:GetResources": Access.READ}, ("*",)),
    Statement(
        "FindLingeringResources",
        {
            "emr-serverless:ListApplications": Access.READ,
            "sagemaker:ListMlflowTrackingServers": Access.READ,
            "sagemaker:ListNotebookInstances": Access.READ,
            "sagemaker:ListProcessingJobs": Access.READ,
            "sagemaker:ListTrainingJobs": Access.READ,
            "sagemaker:ListTransformJobs": Access.READ,
        },
        ("*",),
    ),
    Statement(
        "KeepDomains",
        {
            "sagemaker:CreateDomain": Access.CREATE_DOMAIN,
            "sagemaker:DeleteDomain": Access.DELETE,
            "sagemaker:UpdateDomain": Access.WRITE,
        },
        (DOMAIN,),
    ),
    Statement(
        "KeepUserProfiles",
        {
            "sagemaker:CreateUserProfile": Access.WRITE,
            "sagemaker:DeleteUserProfile": Access.DELETE,
            "sagemaker:UpdateUserProfile": Access.WRITE,
        },
        (USER_PROFILE,),
    ),
    Statement(
        "KeepSpacesAndApps",
        {
            "sagemaker:CreateApp": Access.WRITE,
            "sagemaker:CreateSpace": Access.WRITE,
            "sagemaker:DeleteApp": Access.WRITE,  # a stop: the space and its volume stay
            "sagemaker:DeleteSpace": Access.DELETE,
            "sagemaker:UpdateSpace": Access.WRITE,
        },
        (APP, SPACE),
    ),
    Statement(
        "Tag",
        {"sagemaker:AddTags": Access.WRITE, "sagemaker:DeleteTags": Access.WRITE},
        (DOMAIN, SPACE, USER_PROFILE),
    ),
    Statement(
        "MakeBackupScripts",
        {
            "sagemaker:CreateStudioLifecycleConfig": Access.WRITE,
            "sagemaker:DescribeStudioLifecycleConfig": Access.READ,
        },
        (
            "arn:{partition}:sagemaker:{region}:{account}:studio-lifecycle-config/"
            "studio-operator-backup-*",
        ),
        for_backups=True,
    ),
    Statement(
        "AskForBackups",
        {"s3:PutObject": Access.WRITE},
        ("arn:{partition}:s3:::{bucket}/*/request.json",),
        for_backups=True,
    ),
    Statement(
        "LookAtBackups",
        {"s3:GetObject": Access.READ},
        tuple(
            "arn:{partition}:s3:::{bucket}/*/" + name
            for name in ("request.json", "completed.json", "failed.json")
        ),
        for_backups=True,
    ),
    Statement(
        # Else S3 says Access Denied of an object that is not there (API reference, GetObject).
        "SeeThatNoBackupIsThere",
        {"s3:ListBucket": Access.READ},
        ("arn:{partition}:s3:::{bucket}",),
        for_backups=True,
    ),
    Statement(
        "PassExecutionRoles",
        {"iam:PassRole": Access.WRITE},
        ("{role}",),
        {"StringEquals": {"iam:PassedToService": SERVICE}},
    ),
    Statement(
        "CreateServiceLinkedRole",
        {"iam:CreateServiceLinkedRole": Access.CREATE_DOMAIN},
        (
            "arn:{partition}:iam::{account}:role/aws-service-role/" + SERVICE + "/"
            "AWSServiceRoleForAmazonSageMakerNotebooks",
        ),
        {"StringEquals": {"iam:AWSServiceName": SERVICE}},
    ),
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a policy is narrowed to; what is left out stays a star.

    With `domain_ids` the policy is for domains that exist: it lets none be created. `roles` are
    ARNs, or names of roles, that domains and profiles may name. `backup_buckets` are those that
    spaces name in spec.backup; without any the policy allows no back-ups.
    """

    region: str = "*"
    account: str = "*"
    domain_ids: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    backup_buckets: tuple[str, ...] = ()


def policy(level: Level, scope: Scope | None = None) -> dict[str, Any]:
    """The IAM policy document of a level. Raises PluginError for a region nobody knows."""
    scope = scope or Scope()
    made = (_make(statement, level, scope) for statement in STATEMENTS)
    return {"Version": VERSION, "Statement": [one for one in made if one is not None]}


def table_actions() -> Iterator[str]:
    """Every action of the table."""
    for statement in STATEMENTS:
        yield from statement.actions


def _make(statement: Statement, level: Level, scope: Scope) -> dict[str, Any] | None:
    allowed = ALLOWED[level] - ({Access.CREATE_DOMAIN} if scope.domain_ids else set())
    actions = [name for name, access in statement.actions.items() if access in allowed]
    if not actions or (statement.for_backups and not scope.backup_buckets):
        return None
    condition: dict[str, Any] = {key: dict(value) for key, value in statement.condition.items()}
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


def _resources(statement: Statement, scope: Scope) -> Iterator[str]:
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
