"""What all kinds share: the model base, CEL rules, references, tags, conditions, status parts."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel

GROUP = "studio-operator.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"

FINALIZER = f"{GROUP}/finalizer"
OWNER_TAG = f"{GROUP}/owner"
REQUESTED_AT = f"reconcile.{GROUP}/requested-at"

# botocore's patterns for names of domains, user profiles and spaces allow 63 characters.
AWS_NAME = r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$"
# By form and not by a frozen list: AWS adds instance types more often than we release.
INSTANCE_TYPE = r"^(system|ml\.[a-z][a-z0-9-]*\.[a-z0-9-]+)$"
ROLE_ARN = r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$"
SECURITY_GROUP = r"^sg-[0-9a-z]+$"

DeletionPolicy = Literal["Retain", "Delete", "Orphan"]
TriState = Literal["True", "False", "Unknown"]


def format_time(moment: datetime) -> str:
    """RFC 3339 in UTC with whole seconds, as Kubernetes writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Timestamp = Annotated[datetime, PlainSerializer(format_time, return_type=str, when_used="json")]


class Model(BaseModel):
    """Base of all models: camelCase in YAML, immutable, tolerant of fields of a newer version."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore"
    )

    def dump(self) -> dict[str, Any]:
        """The value as it stands in YAML: absent members left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


def cel(*rules: tuple[str, str]) -> dict[str, Any]:
    """`json_schema_extra` with CEL rules, each an expression and the message a user reads."""
    return {
        "x-kubernetes-validations": [
            {"rule": expression, "message": message} for expression, message in rules
        ]
    }


def immutable(what: str) -> tuple[str, str]:
    """The CEL rule of a field that AWS fixes at creation."""
    return (
        "self == oldSelf",
        f"{what} is fixed when AWS creates the resource: make a new resource to change it",
    )


class ConditionType(StrEnum):
    """Condition types; all but Ready are present only while they are true."""

    READY = "Ready"
    RECONCILING = "Reconciling"
    STALLED = "Stalled"
    DRIFTED = "Drifted"
    PENDING_RESTART = "PendingRestart"


class Condition(Model):
    """A condition as kstatus, Argo CD and `kubectl wait` read it."""

    type: str
    status: TriState
    observed_generation: int | None = None
    last_transition_time: Timestamp
    reason: str
    message: str


class NamespacedReference(Model):
    """A reference to a resource, in the same namespace unless another is named."""

    name: str = Field(min_length=1, max_length=63, description="Name of the resource.")
    namespace: str | None = Field(
        None,
        min_length=1,
        max_length=63,
        description="Namespace of the resource; its own namespace when left out. Another "
        "namespace works only if that StudioDomain's allowedNamespaces admits this one.",
    )


class LocalReference(Model):
    """A reference to a resource in the same namespace."""

    name: str = Field(min_length=1, max_length=63, description="Name of the resource.")


# System tags and the operator's own keys are refused: AWS would refuse the first, and the
# second carry ownership.
Tags = Annotated[
    dict[str, Annotated[str, Field(max_length=256)]],
    Field(
        max_length=45,
        description="Tags on the AWS resource, for example {team: churn}. Edits follow, removed "
        "keys are removed; tags set by others stay. At most 45: AWS allows 50, and the operator "
        "and SageMaker need a few.",
        json_schema_extra=cel(
            (
                "self.all(key, !key.startsWith('aws:') && "
                "!key.startsWith('sagemaker:') && !key.startsWith('studio-operator.dev/'))",
                "tag keys must not begin with aws:, sagemaker: or studio-operator.dev/: "
                "those are reserved",
            ),
            (
                "self.all(key, size(key) >= 1 && size(key) <= 128)",
                "tag keys have 1 to 128 characters",
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


class CommonStatus(Model):
    """Status members that every kind has."""

    observed_generation: int | None = Field(
        None, description="Generation of the spec that this status speaks of."
    )
    phase: str | None = Field(None, description="One word for where the AWS resource stands.")
    conditions: tuple[Condition, ...] = Field(
        (),
        description="Ready always; Reconciling, Stalled, Drifted and PendingRestart while true.",
        json_schema_extra={
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"],
        },
    )
    arn: str | None = Field(None, description="ARN of the AWS resource.")
    domain_id: str | None = Field(None, description="Id of the SageMaker domain.")
    region: str | None = Field(None, description="AWS region.")
    operation: Operation | None = Field(None, description="The operation under way, if any.")
    tag_keys: tuple[str, ...] | None = Field(
        None, description="Keys of the tags set from spec.tags: removed ones are removed in AWS."
    )
    last_handled_reconcile_at: str | None = Field(
        None, description="Value of the requested-at annotation that was handled last."
    )

    def condition(self, type_: str) -> Condition | None:
        """The condition of that type, if present."""
        return next((item for item in self.conditions if item.type == type_), None)
