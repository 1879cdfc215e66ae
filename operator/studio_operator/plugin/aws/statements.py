"""What the operator may do in AWS: one table, from which every IAM policy of ours is made.

What kinds have in AWS follows from their operations and where their things stand; the rest is
written here. A test compares the table with the operations that the operator's code names, and the
policies in docs/how-to with what this module makes of it.

Which resources an action knows, and which other actions it depends on, is in the Service
Authorization Reference, page Amazon SageMaker: list actions know no resources, creating with tags
needs sagemaker:AddTags, and a request that names a role needs iam:PassRole for it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.managed_kind import ManagedKind, ScopeLevel
from studio_operator.kinds.registry import KINDS
from studio_operator.plan.operations import Does

SERVICE = "sagemaker.amazonaws.com"


class Access(StrEnum):
    """What an action does; a level allows some of these."""

    READ = "read"
    CREATE_DOMAIN = "create-domain"  # not needed where the domains are given
    WRITE = "write"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its actions by what they do, and the patterns of ARNs they are for.

    Patterns have {partition}, {region}, {account}, {domain}, {role} and {bucket} in them, values of
    a condition {cluster}. `for_backups`: left out unless buckets for back-ups are named.
    `for_adoption`: left out where nothing is taken over that nobody owns.
    """

    sid: str
    actions: Mapping[str, Access]
    resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    for_backups: bool = False
    for_adoption: bool = False


# What carries our ownership tag, or is made with it. IAM knows both keys for domains, profiles and
# spaces (Service Authorization Reference, page Amazon SageMaker); apps have tags of their own.
_ANY_OWNER = "{cluster}/*"
OWNED = {"StringLike": {f"aws:ResourceTag/{OWNER_TAG}": _ANY_OWNER}}
MADE_WITH_OWNER = {"StringLike": {f"aws:RequestTag/{OWNER_TAG}": _ANY_OWNER}}


_HERE = "arn:{partition}:sagemaker:{region}:{account}:"


def _arn(segment: str, kind: ManagedKind) -> str:
    """The ARNs of things that stand where those of the kind do."""
    if kind.holds_others:
        return f"{_HERE}{segment}/{{domain}}"
    # Names of what is in a domain stand behind its id.
    within = "/{domain}" if kind.scope_level is ScopeLevel.DOMAIN else ""
    return f"{_HERE}{segment}{within}/*"


_IN_AWS = sorted(
    (kind for kind in KINDS if kind.aws_type is not None), key=lambda kind: kind.arn_segment
)
# What carries our ownership tag, and is changed and tagged by it.
OWNABLE = tuple(_arn(kind.arn_segment, kind) for kind in _IN_AWS)
_ACCESS = {
    Does.READ: Access.READ,
    Does.CREATE: Access.WRITE,
    Does.UPDATE: Access.WRITE,
    Does.START: Access.WRITE,
    Does.STOP: Access.WRITE,
    Does.DELETE: Access.DELETE,
}
_CHANGES = frozenset({Does.UPDATE, Does.START, Does.STOP, Does.DELETE})
_OPERATIONS = sorted((one for kind in KINDS for one in kind.operations), key=lambda one: one.name)


def _actions(does: Container[Does], *types: str) -> dict[str, Access]:
    """What does one of these to things of these types, or of any where none is given."""
    return {
        f"sagemaker:{one.name}": _ACCESS[one.does]
        for one in _OPERATIONS
        if one.does in does and (one.type in types or not types)
    }


_ANYBODYS_READS = dict.fromkeys(
    ("sagemaker:ListStudioLifecycleConfigs", "sagemaker:ListTags"), Access.READ
)


def _creations() -> Iterator[Statement]:
    """What is made with the tag; domains apart, since they may be given."""
    holders = [kind for kind in _IN_AWS if kind.holds_others]
    for kind in holders:
        made = dict.fromkeys(_actions({Does.CREATE}, kind.aws.name), Access.CREATE_DOMAIN)
        yield Statement(
            f"Create{kind.aws.name}s", made, (_arn(kind.arn_segment, kind),), MADE_WITH_OWNER
        )
    others = [kind for kind in KINDS if kind.aws_type is not None and not kind.holds_others]
    yield Statement(
        "Create" + "And".join(f"{kind.aws.name}s" for kind in others),
        _actions({Does.CREATE}, *(kind.aws.name for kind in others)),
        tuple(sorted(_arn(kind.arn_segment, kind) for kind in others)),
        MADE_WITH_OWNER,
    )


def _companions() -> Iterator[Statement]:
    """What resources have besides: it does not carry the tag."""
    for kind in _IN_AWS:
        if kind.companion is not None:
            type_ = kind.companion.name
            actions = _actions({Does.CREATE, *_CHANGES}, type_)
            # A stop deletes the app of a space: the space and its volume stay.
            verb = "StartAndStop" if _actions({Does.START}, type_) else "Keep"
            yield Statement(f"{verb}{type_}s", actions, (_arn(kind.companion.arn_segment, kind),))


STATEMENTS: tuple[Statement, ...] = (
    Statement(
        "LookAtStudio",
        dict(sorted((_actions({Does.READ}) | _ANYBODYS_READS).items())),
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
    *_creations(),
    Statement(
        "KeepWhatIsOwned",
        _actions(_CHANGES, *(kind.aws.name for kind in _IN_AWS)),
        OWNABLE,
        OWNED,
    ),
    *_companions(),
    Statement(
        "TagWhatIsCreated",
        {"sagemaker:AddTags": Access.WRITE},
        OWNABLE,
        # There only while a creation puts its tags on (Developer Guide, page
        # studio-updated-jl-admin-guide-permissions).
        {**MADE_WITH_OWNER, "Null": {"sagemaker:TaggingAction": "false"}},
    ),
    Statement(
        "TagWhatIsOwned",
        {"sagemaker:AddTags": Access.WRITE, "sagemaker:DeleteTags": Access.WRITE},
        OWNABLE,
        OWNED,
    ),
    Statement(
        "AdoptWhatNobodyOwns",
        {"sagemaker:AddTags": Access.WRITE},
        OWNABLE,
        {**MADE_WITH_OWNER, "Null": {f"aws:ResourceTag/{OWNER_TAG}": "true"}},
        for_adoption=True,
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
        "TagBackupScripts",
        {"sagemaker:AddTags": Access.WRITE},
        (
            "arn:{partition}:sagemaker:{region}:{account}:studio-lifecycle-config/"
            "studio-operator-backup-*",
        ),
        # There only while a creation puts its tags on, as in TagWhatIsCreated.
        {"Null": {"sagemaker:TaggingAction": "false"}},
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
