"""What a kind tells the machinery of its resource, its thing in AWS and what it refers to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from studio_operator.api.common import CommonStatus, Model
from studio_operator.api.reading import mapping_in, text_in
from studio_operator.kinds.assumed import Assume
from studio_operator.kinds.aws_type import AwsType, Companion
from studio_operator.kinds.exporting import Exporting
from studio_operator.kinds.feature import Feature
from studio_operator.kinds.plan_words import ONLY_ITS_NOUN, PlanWords
from studio_operator.kinds.shared.running.situation import Running
from studio_operator.plan.decisions import answers_reconcile
from studio_operator.plan.operations import AwsOperation
from studio_operator.plan.tenancy.check import Named
from studio_operator.plan.tenancy.policy import TenantRules
from studio_operator.plan.types import Declared, Look

if TYPE_CHECKING:
    from studio_operator.kinds.gathering import Context, Gathered

Rules = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `kubectl get`; `wide` ones need `-o wide`."""

    name: str
    json_path: str
    type: Literal["string", "integer", "date"] = "string"
    description: str = ""
    wide: bool = False


class ScopeLevel(StrEnum):
    """Within what a name or an id in AWS is the only one."""

    REGION = "region"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True)
class Reference:
    """A field of the spec that names another resource: `{name, namespace}` at `spec.{field}`.

    The namespace counts only where `crosses_namespaces`; else, and where it is left out, it is that
    of the resource itself.
    """

    field: str
    kind: str
    crosses_namespaces: bool = False

    def name_in(self, spec: Mapping[str, Any]) -> tuple[str | None, str] | None:
        """The namespace, None for the resource's own, and the name; None where none is named.

        Whatever is no text names nothing.
        """
        members = mapping_in(spec, self.field)
        name = text_in(members, "name")
        if name is None:
            return None
        return text_in(members, "namespace") if self.crosses_namespaces else None, name


@dataclass(frozen=True, slots=True)
class Billed:
    """What there is to be paid for of a resource: its record in AWS, and what it has besides.

    `let_go`: whether the resource is gone and what it has in AWS stays.
    """

    record: Any
    companion: Any
    spec: Any
    let_go: bool

    @property
    def may_run(self) -> bool:
        """Whether people or a schedule start and stop it: then it counts as if it ran."""
        return not self.let_go and (self.spec.state is None or self.spec.schedule is not None)


@dataclass(frozen=True, slots=True)
class ManagedKind:
    """A kind of the API group.

    In Kubernetes: `root_rules` are CEL rules over the whole resource, `spec_rules` over its spec,
    each an expression and the message a user reads. `selectable_fields` work with
    `--field-selector`. `is_namespaced`: whether its resources are in namespaces.

    In AWS: `noun` is how AWS's documentation calls it, and `word` the same in one word, for the
    command line; `arn_segment` is what its ARN has before the names; `scope_level` is where its
    name counts, which `name_field` of the spec gives, else the resource's name. Where names count
    in any case, `names_in_any_case`. `holds_others`: whether kinds of the level of a domain live in
    it. `aws_type` says how it is observed, and `companion` what else each resource may have in AWS;
    `operations` are all that AWS is asked for them.
    `known_id`: where AWS makes its ids, what that is by status and by the spec's `id_field`. A kind
    that has nothing in AWS has none of these; only `noun` and `word` name it. `assume`: what a dry
    run takes AWS to have of a resource, and `plan_words`: what `kubectl studio plan` says of it.
    `exporting`: what `kubectl studio export` makes of what exists.

    Of people: `is_person`: whether somebody signs in as it. `runs`: how it starts and
    stops, by `state` and `schedule`; None for a kind that does not. Its status has the members of
    RunningStatus, and `billed` tells what it costs: the name of what runs in the table of prices,
    None while it does not run, and the GiB of a volume. `opens`: whether people open it in Studio.
    `answers`: whether a status answers a request that the one before it
    did not; `answered_by`: what AWS is asked first.

    `planner`: what is done now for a resource; it is imported when it is first asked.

    Of tenants: `names`: the fields that name what a tenant needs permission for. `governs`: of a
    kind whose resources make rules for namespaces, the rules by what is declared, the spec as it
    was written and the rules of the spec before.
    `needs_whole_cluster`: whether it is read only where the operator serves all namespaces.

    `features`: those of its features that the machinery has to know.

    `references`: what it refers to, the nearest first. Kinds that it refers to come before it in
    the registry.
    """

    model: type[Model]
    spec: type[Model]
    status: type[CommonStatus]
    plural: str
    short_name: str
    columns: tuple[Column, ...]
    selectable_fields: tuple[str, ...]
    root_rules: Rules
    spec_rules: Rules
    noun: str
    word: str
    planner: Callable[[Context], Gathered]
    arn_segment: str = ""
    scope_level: ScopeLevel | None = None
    name_field: str = ""
    aws_type: AwsType[Any] | None = None
    companion: Companion | None = None
    operations: tuple[AwsOperation, ...] = ()
    assume: Assume | None = None
    plan_words: PlanWords = ONLY_ITS_NOUN
    exporting: Exporting | None = None
    names_in_any_case: bool = False
    holds_others: bool = False
    id_field: str | None = None
    known_id: Callable[[CommonStatus, str | None], str | None] | None = None
    is_namespaced: bool = True
    is_person: bool = False
    runs: Running[Any] | None = None
    billed: Callable[[Billed], tuple[str | None, int | None]] | None = None
    opens: bool = False
    answers: Callable[[CommonStatus, CommonStatus], bool] = answers_reconcile
    answered_by: frozenset[Look] = frozenset({Look.SETTINGS, Look.TAGS})
    names: tuple[Named, ...] = ()
    governs: (
        Callable[[Declared[Any], Mapping[str, Any], TenantRules | None], TenantRules] | None
    ) = None
    needs_whole_cluster: bool = False
    references: tuple[Reference, ...] = ()
    features: tuple[Feature, ...] = ()

    @property
    def name(self) -> str:
        """The kind's name, for example StudioDomain."""
        return self.model.__name__

    def record_name(self, name: str) -> str:
        """What a resource of that name or id is kept by, among others of its scope."""
        return name.lower() if self.names_in_any_case else name

    @property
    def aws(self) -> AwsType[Any]:
        """How AWS shows it; LookupError for a kind that has nothing there."""
        if self.aws_type is None:
            raise LookupError(f"{self.name} has nothing in AWS")
        return self.aws_type

    def takes(self, request: str) -> bool:
        """Whether people may ask that of it: a member of `status.handledRequests`, as stop."""
        members = self.runs.requests_model.model_fields.values() if self.runs else ()
        return request in {member.alias for member in members}

    @property
    def folder(self) -> str:
        """The folder of its files in an export, for example `user-profiles`."""
        return f"{self.noun.replace(' ', '-')}s"


def _condition(member: str) -> str:
    return f'.status.conditions[?(@.type=="Ready")].{member}'


READY = Column("Ready", _condition("status"), description="Whether AWS matches what is declared.")
# An explicit column, since explicit columns replace the one that Kubernetes adds by itself.
AGE = Column("Age", ".metadata.creationTimestamp", "date", "Age of the resource in Kubernetes.")
MESSAGE = Column(
    "Message", _condition("message"), description="What the Ready condition says.", wide=True
)
# Of a kind that starts and stops.
RUNNING_COLUMNS = (
    Column(
        "Desired",
        ".status.effective.state",
        description="The running state that holds now.",
        wide=True,
    ),
    Column(
        "Cost/h",
        ".status.cost.perHour",
        description="What runs costs that much an hour, by the operator's table of prices.",
        wide=True,
    ),
    Column(
        "Stops-At",
        ".status.effective.stopsAt",
        description="When the schedule or maxRunTime stops what runs.",
        wide=True,
    ),
)
