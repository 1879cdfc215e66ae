"""What the operator may do in AWS: one table, from which every IAM policy of ours is made.

What kinds have in AWS follows from their operations and where their things stand, features bring
their statements, and the rest is written here. A test compares the table with the operations that
the operator's code names, and the policies in docs/how-to with what this module makes of it.

Which resources an action knows, and which other actions it depends on, is in the Service
Authorization Reference, page Amazon SageMaker: list actions know no resources, creating with tags
needs sagemaker:AddTags, and a request that names a role needs iam:PassRole for it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.managed_kind import ManagedKind, ScopeLevel
from studio_operator.kinds.permissions import HERE, Access, Statement, actions_of
from studio_operator.kinds.registry import FEATURES, KINDS
from studio_operator.plan.operations import SHARED, Does

SERVICE = "sagemaker.amazonaws.com"


# What carries our ownership tag, or is made with it. IAM knows both keys for domains, profiles and
# spaces (Service Authorization Reference, page Amazon SageMaker); apps have tags of their own.
_ANY_OWNER = "{cluster}/*"
OWNED = {"StringLike": {f"aws:ResourceTag/{OWNER_TAG}": _ANY_OWNER}}
MADE_WITH_OWNER = {"StringLike": {f"aws:RequestTag/{OWNER_TAG}": _ANY_OWNER}}


def _arn(segment: str, kind: ManagedKind) -> str:
    """The ARNs of things that stand where those of the kind do."""
    if kind.holds_others:
        return f"{HERE}{segment}/{{domain}}"
    # Names of what is in a domain stand behind its id.
    within = "/{domain}" if kind.scope_level is ScopeLevel.DOMAIN else ""
    return f"{HERE}{segment}{within}/*"


_IN_AWS = sorted(
    (kind for kind in KINDS if kind.aws_type is not None), key=lambda kind: kind.arn_segment
)
# What carries our ownership tag, and is changed and tagged by it.
OWNABLE = tuple(_arn(kind.arn_segment, kind) for kind in _IN_AWS)
_CHANGES = frozenset({Does.UPDATE, Does.START, Does.STOP, Does.DELETE})
_OPERATIONS = tuple(one for kind in KINDS for one in kind.operations)
_ANYBODYS_READS = tuple(one for one in SHARED if one.is_read)
# Of what each feature asks AWS; what only lists knows no resources.
_OF_FEATURES = tuple(one for feature in FEATURES for one in feature.statements)
ANY = ("*",)


def _actions(does: Container[Does], *types: str) -> dict[str, Access]:
    """What does one of these to things of these types, or of any where none is given."""
    return actions_of(
        one for one in _OPERATIONS if one.does in does and (one.type in types or not types)
    )


def _reads(api: str) -> dict[str, Access]:
    """What is read of all kinds by that API."""
    reads = (one for one in (*_OPERATIONS, *_ANYBODYS_READS) if one.is_read and one.api == api)
    return actions_of(reads)


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
    Statement("LookAtStudio", _reads("sagemaker"), ANY),
    Statement("FindOwnedResources", _reads("resourcegroupstaggingapi"), ANY),
    *(one for one in _OF_FEATURES if one.resources == ANY),
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
    *(one for one in _OF_FEATURES if one.resources != ANY),
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
