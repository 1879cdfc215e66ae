"""What all kinds share: the model base, CEL rules, references, tags, conditions, status parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

GROUP = "studio-operator.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"

FINALIZER = f"{GROUP}/finalizer"
OWNER_TAG = f"{GROUP}/owner"
# On scripts of back-ups, which several spaces may share: the cluster and the namespace that each
# was made for, as `cluster/namespace`.
MADE_FOR_TAG = f"{GROUP}/made-for"
# On the operator's Lease: the id of its cluster, so that the plug-in need not be told.
CLUSTER_ID = f"{GROUP}/cluster-id"
# What people ask for by annotation: any new value is a request, handled once, echoed on status.
REQUESTED_AT = f"reconcile.{GROUP}/requested-at"
START_REQUEST = f"{GROUP}/start"
STOP_REQUEST = f"{GROUP}/stop"
RESTART_REQUEST = f"{GROUP}/restart"
APPLY_NOW_REQUEST = f"{GROUP}/apply-now"
SNOOZE_UNTIL = f"{GROUP}/snooze-until"
RECREATE_REQUEST = f"{GROUP}/recreate"
SPACE_REQUESTS = (
    START_REQUEST,
    STOP_REQUEST,
    RESTART_REQUEST,
    APPLY_NOW_REQUEST,
    RECREATE_REQUEST,
)

# The annotations that mean anything to the operator: of others it keeps nothing, and no change of
# them has anything planned.
OUR_ANNOTATIONS = frozenset({REQUESTED_AT, *SPACE_REQUESTS, SNOOZE_UNTIL})

# Patterns are read by two engines, pydantic's and the API server's. Both are RE2-like, yet differ
# in what \d, \w and \s match beyond ASCII: spell the characters out.

# botocore's patterns for names of domains, user profiles and spaces allow 63 characters.
AWS_NAME = r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$"
# The form of AWS's region codes.
REGION = r"^[a-z]{2}(-[a-z]+)+-[0-9]+$"
# By form and not by a frozen list: AWS adds instance types more often than we release.
INSTANCE_TYPE = r"^(system|ml\.[a-z][a-z0-9-]*\.[a-z0-9-]+)$"
# botocore: RoleArn, ImageArn, ImageVersionArn and StudioLifecycleConfigArn. The word None, with
# which AWS clears the last two, is no value of ours: leaving the field out clears it.
ROLE_ARN = r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[a-zA-Z0-9+=,.@_/-]+$"
IMAGE_ARN = r"^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:image/[a-zA-Z0-9]([-.]?[a-zA-Z0-9])*$"
IMAGE_VERSION_ARN = (
    r"^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:image-version/"
    r"[a-z0-9]([-.]?[a-z0-9])*/[0-9]+$"
)
LIFECYCLE_CONFIG_ARN = (
    r"^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:studio-lifecycle-config/[a-zA-Z0-9_-]+$"
)
# botocore: ImageVersionAlias: one, two or three numbers, the last with a suffix; `latest` is none.
VERSION_ALIAS = r"^([0-9]+(\.[0-9]+){0,2}|[0-9]+(\.[0-9]+){2}[-+][0-9A-Za-z.+-]+)$"
SECURITY_GROUP = r"^sg-[0-9a-z]+$"
# botocore: the values of tags; the API server's regular expressions know these classes too.
TAG_TEXT = r"^[\p{L}\p{Z}\p{N}_.:/=+@-]*$"
# Names of Kubernetes resources and namespaces (RFC 1123).
RESOURCE_NAME = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"
NAMESPACE_NAME = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"

DeletionPolicy = Literal["Retain", "Delete", "Orphan"]
TriState = Literal["True", "False", "Unknown"]


def format_time(moment: datetime) -> str:
    """RFC 3339 in UTC with whole seconds, as Kubernetes writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_utc(moment: datetime) -> datetime:
    """The moment in UTC; one of year 9999 that UTC would have in year 10000 is as good as that."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC, microsecond=0)


def _refuse_strange(moment: datetime) -> datetime:
    """The time in UTC; ValueError for one that no arithmetic would survive.

    The API server takes years 0000 to 9999, in whatever zone. Whoever may write a status may write
    one at the edge.
    """
    if moment.tzinfo is None or moment.year < _FIRST_YEAR:
        raise ValueError(moment)
    return in_utc(moment)


_FIRST_YEAR = 1970
Timestamp = Annotated[
    datetime,
    AfterValidator(_refuse_strange),
    PlainSerializer(format_time, return_type=str, when_used="json"),
]


class Model(BaseModel):
    """Base of all models: camelCase in YAML, immutable, tolerant of fields of a newer version.

    Of specs, by what fields are called in YAML:

    - `names_in_aws`: those that say what the resource is called there.
    - `fixed`: those that AWS fixes at creation, as paths, and what is meant where one is left out,
      if anything is.
    """

    names_in_aws: ClassVar[tuple[str, ...]] = ()
    fixed: ClassVar[Mapping[str, str | None]] = {}

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore"
    )

    def dump(self) -> dict[str, Any]:
        """The value as it stands in YAML: absent members left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def with_members(self, members: Mapping[str, Any]) -> Self:
        """The value with these members, which are not validated; itself where it has them already.

        Most passes find everything as it was.
        """
        own = self.__dict__
        return self if {**own, **members} == own else self.model_copy(update=members)


def cel(*rules: tuple[str, str]) -> dict[str, Any]:
    """`json_schema_extra` with CEL rules, each an expression and the message a user reads."""
    return {
        "x-kubernetes-validations": [
            {"rule": expression, "message": message} for expression, message in rules
        ]
    }


# Status says so before AWS is asked to create anything, or to mark what exists as taken over.
_BEGUN = "has(oldSelf.status) && (has(oldSelf.status.arn) || has(oldSelf.status.operation))"


def fixed_at_creation(path: str, default: str | None = None) -> tuple[str, str]:
    """The CEL rule, of a kind's root, of a field below spec that AWS fixes at creation.

    It can be edited until a creation was begun: before that a mistake costs nothing to correct.
    `default`: what a field that is left out means.
    """
    given, before = _is_given("self", path), _is_given("oldSelf", path)
    same = f"({given}) == ({before}) && (!({given}) || self.spec.{path} == oldSelf.spec.{path})"
    if default is not None:
        same = (
            f"({given} ? self.spec.{path} : '{default}') == "
            f"({before} ? oldSelf.spec.{path} : '{default}')"
        )
    return (
        f"!({_BEGUN}) || ({same})",
        f"spec.{path} is fixed when AWS creates the resource: make a new resource to change it",
    )


def fixed_rules(model: type[Model]) -> Iterator[tuple[str, str]]:
    """The CEL rules of a kind's root for all that AWS fixes at creation."""
    for path, default in model.fixed.items():
        yield fixed_at_creation(path, default)


def _is_given(which: str, path: str) -> str:
    members = path.split(".")
    parts = (".".join(members[: count + 1]) for count in range(len(members)))
    return " && ".join(f"has({which}.spec.{part})" for part in parts)


def name_rules(*fields: str) -> tuple[tuple[str, str], ...]:
    """CEL rules of a kind's root: metadata.name must do as name in AWS unless a field gives one.

    A name in Kubernetes may have 253 characters and, unlike one in AWS, dots among them.
    `fields` are members of spec that take its place, the first of them the one to recommend.
    """
    given = " || ".join(f"has(self.spec.{field})" for field in fields)
    return (
        (
            "size(self.metadata.name) <= 63",
            "metadata.name may have 63 characters at most: others refer to it by that name",
        ),
        (
            f"{given} || !self.metadata.name.contains('.')",
            "metadata.name has a dot, which no name in AWS may have: "
            f"give the name in AWS as spec.{fields[0]}",
        ),
    )


def list_as(kind: Literal["set", "map", "atomic"], *keys: str) -> dict[str, Any]:
    """`json_schema_extra` that tells server-side apply how to merge a list.

    A `set` merges and has no element twice, a `map` merges by its keys, `atomic` has one owner.
    """
    extra: dict[str, Any] = {"x-kubernetes-list-type": kind}
    return {**extra, "x-kubernetes-list-map-keys": list(keys)} if keys else extra


ItemT = TypeVar("ItemT")
# The type of the error about an item that a list has twice.
REPEATED = "repeated"


def refuse_duplicates(items: list[ItemT]) -> list[ItemT]:
    """The items as they are; raises PydanticCustomError when one of them is there twice."""
    for position, item in enumerate(items):
        if item in items[:position]:
            raise PydanticCustomError(REPEATED, "{item} is there twice", {"item": str(item)})
    return items


UniqueList = Annotated[
    list[ItemT], AfterValidator(refuse_duplicates), Field(json_schema_extra=list_as("set"))
]
Role = Annotated[str, Field(max_length=2048, pattern=ROLE_ARN)]
SecurityGroup = Annotated[str, Field(max_length=32, pattern=SECURITY_GROUP)]
VersionAlias = Annotated[
    str,
    Field(
        max_length=128,
        pattern=VERSION_ALIAS,
        description='Alias of the image\'s version, for example "1.0"; goes with imageArn.',
    ),
]
VersionArn = Annotated[
    str,
    Field(
        max_length=256,
        pattern=IMAGE_VERSION_ARN,
        description="ARN of the image's version, for example "
        "arn:aws:sagemaker:eu-central-1:123456789012:image-version/team-image/3; goes with "
        "imageArn.",
    ),
]
LifecycleConfigArn = Annotated[str, Field(max_length=256, pattern=LIFECYCLE_CONFIG_ARN)]


class ConditionType(StrEnum):
    """Condition types; all but Ready are present only while they are true."""

    READY = "Ready"
    RECONCILING = "Reconciling"
    STALLED = "Stalled"
    DRIFTED = "Drifted"
    PENDING_RESTART = "PendingRestart"
    LINGERING_RESOURCES = "LingeringResources"
    IDLE_SHUTDOWN_INACTIVE = "IdleShutdownInactive"
    POLICY_VIOLATION = "PolicyViolation"


class Condition(Model):
    """A condition as kstatus, Argo CD and `kubectl wait` read it."""

    type: str = Field(
        description="What the condition is about: Ready, Reconciling, Stalled, Drifted, "
        "PendingRestart, LingeringResources, IdleShutdownInactive or PolicyViolation."
    )
    status: TriState = Field(description="True, False or Unknown.")
    observed_generation: int | None = Field(
        None, description="Generation of the spec that this condition speaks of."
    )
    last_transition_time: Timestamp = Field(description="When `status` last changed.")
    reason: str = Field(
        description="Why, as one stable word that has a page in the documentation, for example "
        "QuotaExceeded."
    )
    message: str = Field(description="Why, in words, with what to do about it.")


class NamespacedReference(Model):
    """A reference to a resource, in the same namespace unless another is named."""

    name: str = Field(
        max_length=63,
        pattern=RESOURCE_NAME,
        description="Name of the resource in Kubernetes (its metadata.name), for example research.",
    )
    namespace: str | None = Field(
        None,
        max_length=63,
        pattern=NAMESPACE_NAME,
        description="Namespace of the resource, for example platform; the same namespace when left "
        "out. Another namespace works only if the StudioDomain there lists this one in its "
        "allowedNamespaces.",
    )


class LocalReference(Model):
    """A reference to a resource in the same namespace."""

    name: str = Field(
        max_length=63,
        pattern=RESOURCE_NAME,
        description="Name of the resource in Kubernetes (its metadata.name), for example alice.",
    )


# System tags and the operator's own keys are refused: AWS would refuse the first, and the
# second carry ownership. 49, since AWS allows 50, and one of them is the ownership tag.
Tags = Annotated[
    dict[str, Annotated[str, Field(max_length=256, pattern=TAG_TEXT)]],
    Field(
        max_length=49,
        description="Tags on the AWS resource, at most 49, for example {team: churn}. Edits follow "
        "in AWS, keys removed here are removed there, and tags that others set stay.",
        json_schema_extra=cel(
            (
                r"self.all(key, !key.matches(r'^(?i)(aws:|sagemaker:|studio-operator\.dev/)'))",
                "tag keys must not begin with aws:, sagemaker: or studio-operator.dev/: "
                "those are reserved",
            ),
            (
                "self.all(key, size(key) >= 1 && size(key) <= 128)",
                "tag keys have 1 to 128 characters",
            ),
            (
                rf"self.all(key, key.matches(r'{TAG_TEXT}'))",
                "tag keys may hold letters, digits, spaces and _ . : / = + - @ only",
            ),
        ),
    ),
]


class Operation(Model):
    """A change in several steps, recorded before its first step so that a crash forgets nothing."""

    type: str = Field(description="What is being done, for example Create, Resize or Update.")
    step: str | None = Field(None, description="The step under way, for example StoppingApp.")
    from_: str | None = Field(None, alias="from", description="What it was, in words.")
    to: str | None = Field(None, description="What it becomes, in words.")
    started_at: Timestamp = Field(description="When the operation began.")
    restart: bool | None = Field(
        None, description="Whether the app ran when the operation began, and so runs again after."
    )
    updates: int | None = Field(
        None, description="How many times the update was asked for; it is given up after three."
    )


class CommonStatus(Model):
    """Status members that every kind has."""

    observed_generation: int | None = Field(
        None, description="Generation of the spec that this status speaks of."
    )
    phase: str | None = Field(None, description="One word for where the AWS resource stands.")
    conditions: tuple[Condition, ...] = Field(
        (),
        description="Ready always; Reconciling, Stalled, Drifted, PendingRestart, "
        "LingeringResources, IdleShutdownInactive and PolicyViolation while true.",
        json_schema_extra=list_as("map", "type"),
    )
    arn: str | None = Field(None, description="ARN of the AWS resource.")
    domain_id: str | None = Field(None, description="Id of the SageMaker domain.")
    region: str | None = Field(None, description="AWS region, for example eu-central-1.")
    resource_uid: str | None = Field(
        None,
        alias="resourceUID",
        description="The metadata.uid of the resource that this status was written for: one that "
        "was restored for another is not believed.",
    )
    operation: Operation | None = Field(None, description="The operation under way, if any.")
    tag_keys: tuple[str, ...] | None = Field(
        None,
        description="Keys of the tags set from spec.tags: removed ones are removed in AWS.",
        json_schema_extra=list_as("atomic"),
    )
    managed_fields: tuple[str, ...] | None = Field(
        None,
        description="Optional settings set from the spec: removed ones are cleared in AWS.",
        json_schema_extra=list_as("atomic"),
    )
    last_handled_reconcile_at: str | None = Field(
        None, description="Value of the requested-at annotation that was handled last."
    )
    operator_lease: str | None = Field(
        None,
        description="Namespace and name of the Lease that the operator renews, for example "
        "studio-operator-system/studio-operator: a Lease that nobody renews tells that no operator "
        "runs. Absent where leader election is off.",
    )

    def condition(self, type_: str) -> Condition | None:
        """The condition of that type, if present."""
        for item in self.conditions:
            if item.type == type_:
                return item
        return None


class Refusal(Model):
    """Settings that AWS refused: they are held back, and all else is carried out."""

    fields: dict[str, str] = Field(
        description="The settings that were refused, each with a digest of the value that was "
        "wanted: another value tries again."
    )
    reason: str = Field(description="The reason as conditions show it.")
    message: str = Field(description="AWS's words and the remedy.")
    waits_for: Literal["Apps", "UserProfiles"] | None = Field(
        None,
        description="What of the domain stood in the way: Apps that run, or UserProfiles. It is "
        "tried again as soon as none is left.",
    )
    tried_at: Timestamp | None = Field(
        None,
        description="When AWS refused them last, to the hour; absent while they were refused only "
        "along with others.",
    )
    generation: int | None = Field(
        None, description="Generation of the spec that they were tried for last."
    )
    requested_at: str | None = Field(
        None, description="What people had asked for by annotation: a new request tries again."
    )
    depends_on: str | None = Field(
        None,
        description="A digest of how what the resource refers to stood: once that has changed, it "
        "is tried again.",
    )


class StatusWithRefusals(CommonStatus):
    """Status members of the kinds whose settings are changed in one request."""

    refusals: tuple[Refusal, ...] | None = Field(
        None,
        description="The settings that AWS refused, until they have other values or AWS takes "
        "them.",
        json_schema_extra=list_as("atomic"),
    )
