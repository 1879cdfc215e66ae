"""AWS in memory: what it has of each kind, and what each call would make of it.

Everything succeeds at once here, and nothing is in between: creations are InService, deletions are
gone. What AWS might refuse is not known before it is asked.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from studio_operator.aws.errors import AwsError
from studio_operator.aws.inventory import parsing
from studio_operator.aws.inventory.tag_keeping import retagged
from studio_operator.kinds.aws_type import Companion, Json, R
from studio_operator.kinds.managed_kind import ManagedKind, ScopeLevel
from studio_operator.kinds.owner_index import OwnerIndex
from studio_operator.kinds.registry import (
    BY_NAME,
    BY_TYPE,
    CALLS_OF_FEATURES,
    COMPANIONS,
    FEATURES,
    OPERATIONS,
)
from studio_operator.kinds.resource_id import ResourceId, parse_arn
from studio_operator.kinds.views import ViewByType
from studio_operator.plan.observed import Observed
from studio_operator.plan.operations import Does
from studio_operator.plan.scope import OWN_ACCOUNT, AccountRegion, Scope
from studio_operator.plan.types import AnswerT, Call, Question

# Stands for the account in ARNs of what does not exist yet.
ACCOUNT = "000000000000"


@dataclass
class InMemoryScope(ViewByType):
    """What is in one scope, by the types of AWS; a `DomainScopeView`, or what a region has."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_owner: dict[str, OwnerIndex] = field(default_factory=dict)
    swept_at: float = 0.0
    stale: bool = False

    def shown(self, type_: str) -> dict[str, Any]:
        """Records by name."""
        return self.records.setdefault(type_, {})

    def put(self, type_: str, name: str, record: Any) -> None:
        """Enter a record that is new, or has other tags than before."""
        if type_ in self.by_owner:
            self.by_owner[type_].change(name, self.shown(type_).get(name), record)
        self.shown(type_)[name] = record

    def drop(self, type_: str, name: str) -> None:
        """Forget a record."""
        gone = self.shown(type_).pop(name)
        if type_ in self.by_owner:
            self.by_owner[type_].change(name, gone, None)

    def carrying(self, type_: str, resource: str) -> Collection[str]:
        """The names of the records whose ownership tag names that resource."""
        if type_ not in self.by_owner:
            self.by_owner[type_] = OwnerIndex(self.shown(type_))
        return self.by_owner[type_].of(resource)

    def real_names(self, type_: str) -> Mapping[str, str]:
        """Names by lower-cased name."""
        return {name.lower(): name for name in self.shown(type_)}

    def shown_beside(self, type_: str) -> Mapping[str, Any]:  # noqa: ARG002 - a view's
        """What people have beside is not known here."""
        return {}


@dataclass(frozen=True)
class InMemoryRegion:
    """A region's domains, and what is in none; a `RegionView`."""

    domains: tuple[Observed, ...]
    outside: InMemoryScope
    swept_at: float = 0.0
    stale: bool = False

    def shown(self, type_: str) -> Mapping[str, Any]:
        """Records by name or id."""
        return self.outside.shown(type_)


class InMemoryAws:
    """All that is known of AWS; `AwsViews` for the planners."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._scopes: dict[Scope, InMemoryScope] = {}
        self._features = tuple(one.in_memory() for one in FEATURES if one.in_memory is not None)

    def copy(self) -> InMemoryAws:
        """Another one with the same in it."""
        other = InMemoryAws(self.now)
        other._scopes = copy.deepcopy(self._scopes)
        other._features = tuple(one.copy() for one in self._features)
        return other

    # --- what planners look at ---

    def view(self, scope: Scope) -> InMemoryScope:
        """A domain and what is in it; an empty one where there is none."""
        return self._scopes.get(scope, InMemoryScope())

    def region_view(self, where: AccountRegion) -> InMemoryRegion:
        """The domains of a region, and what is in none."""
        scopes = self._scopes.items()
        found = (one.domain for scope, one in scopes if scope.account_region == where)
        domains = tuple(one for one in found if one is not None)
        return InMemoryRegion(domains, self.view(Scope(*where)))

    def carrying(self, kind: str, resource: str) -> Mapping[ResourceId, Any]:
        """What of a kind has an ownership tag that names `namespace/name`."""
        of_kind = BY_NAME[kind]
        return {
            ResourceId(kind, _scope_of_names(of_kind, scope), name): place.shown(of_kind.aws.name)[
                name
            ]
            for scope, place in self._scopes.items()
            for name in place.carrying(of_kind.aws.name, resource)
        }

    def known(self, where: AccountRegion, question: Question[AnswerT]) -> AnswerT:
        """The answer to a question; of a feature that has nothing here, as where nobody looks."""
        for feature in self._features:
            if isinstance(question, feature.answers):
                answer: AnswerT = feature.of(where, question, self._scopes, self.now)
                return answer
        return question.unanswered(self.now)

    def problem(self, scope: Scope) -> AwsError | None:  # noqa: ARG002 - a protocol's
        """None: no request is made that could fail."""
        return None

    # --- what is entered ---

    def put(
        self, kind: ManagedKind, where: AccountRegion, record: Observed, companion: Any = None
    ) -> None:
        """Enter a resource of a kind, and what it has besides."""
        name = kind.record_name(kind.aws.key(record))
        scope = self._at(Scope(*where, record.domain_id or None))
        scope.put(kind.aws.name, name, record)
        if companion is not None and kind.companion is not None:
            # Nobody can ask for more of it here.
            scope.shown(kind.companion.name)[name] = kind.companion.as_described(companion)

    def start(self, kind: ManagedKind, scope: Scope, name: str) -> None:
        """Let what a resource starts and stops run, if the resource is there."""
        place, type_ = self._at(scope), kind.companion
        record = place.shown(kind.aws.name).get(kind.record_name(name))
        if record is not None and type_ is not None and type_.started is not None:
            place.shown(type_.name)[kind.record_name(name)] = type_.started(record)

    def carry_out(self, where: AccountRegion, call: Call) -> None:
        """Do what a call would do."""
        operation, given = OPERATIONS[call.operation], call.parameters
        if operation.does is Does.TAG:
            self._change_tags(given)
        elif operation.type in BY_TYPE:
            EFFECTS_ON_RESOURCES[operation.does](self, BY_TYPE[operation.type], where, given)
        elif operation.type in COMPANIONS:
            EFFECTS_ON_COMPANIONS[operation.does](self, COMPANIONS[operation.type], where, given)
        elif call.operation not in CALLS_OF_FEATURES:
            raise LookupError(f"what {call.operation} does is not known")
        for feature in self._features:
            feature.enter(where, call, self._scopes)

    def _at(self, scope: Scope) -> InMemoryScope:
        return self._scopes.setdefault(scope, InMemoryScope())

    def _of_request(self, where: AccountRegion, given: Json) -> InMemoryScope:
        """Where the thing is that a request is about: in a domain, or in none."""
        return self._at(Scope(*where, given.get("DomainId")))

    def _create(self, kind: ManagedKind, where: AccountRegion, given: Json) -> None:
        id_ = given.get(kind.aws.id) or self._new_id(kind, given)
        arn = arn_of(kind, where, given.get("DomainId", ""), id_)
        made = parsing.requested(kind.aws, given, {kind.aws.id: id_, kind.aws.arn: arn})
        if not kind.aws.details_asked:
            asked = {name: value for name, value in given.items() if name != "Tags"}
            made = replace(made, details=asked)
        holder = self.view(Scope(*where, made.domain_id or None)).domain
        self.put(kind, where, self._settled(kind.aws.completed(made, holder)))

    def _new_id(self, kind: ManagedKind, given: Json) -> str:
        """By its name: both dry runs of a question give it the same, whatever else each makes."""
        known = {name for scope in self._scopes.values() for name in scope.shown(kind.aws.name)}
        id_ = f"{kind.aws.id_prefix}planned-{str(given[kind.aws.title]).lower()}"
        while id_ in known:
            id_ += "-x"
        return id_

    def _update(self, kind: ManagedKind, where: AccountRegion, given: Json) -> None:
        records = self._of_request(where, given).shown(kind.aws.name)
        name = kind.record_name(given[kind.aws.id])
        known = records[name]
        status = "Stopped" if known.status == "Stopped" else "InService"
        asked = {member: value for member, value in given.items() if member != kind.aws.id}
        records[name] = self._settled(kind.aws.updated(known, asked), status)

    def _start(self, kind: ManagedKind, where: AccountRegion, given: Json) -> None:
        self._switch(kind, where, given, "InService")

    def _stop(self, kind: ManagedKind, where: AccountRegion, given: Json) -> None:
        self._switch(kind, where, given, "Stopped")

    def _switch(self, kind: ManagedKind, where: AccountRegion, given: Json, status: str) -> None:
        records = self._of_request(where, given).shown(kind.aws.name)
        name = kind.record_name(given[kind.aws.id])
        records[name] = self._settled(records[name], status)

    def _delete(self, kind: ManagedKind, where: AccountRegion, given: Json) -> None:
        if kind.holds_others:
            del self._scopes[Scope(*where, given[kind.aws.id])]
            return
        scope, name = self._of_request(where, given), kind.record_name(given[kind.aws.id])
        scope.drop(kind.aws.name, name)
        if kind.companion is not None:
            scope.shown(kind.companion.name).pop(name, None)

    def _make_companion(self, type_: Companion, where: AccountRegion, given: Json) -> None:
        made = replace(type_.requested(given), status="InService", created_at=self.now)
        self._of_request(where, given).shown(type_.name)[type_.resource(given) or ""] = made

    def _end_companion(self, type_: Companion, where: AccountRegion, given: Json) -> None:
        there = self._of_request(where, given).shown(type_.name)
        there.pop(type_.resource(given) or "", None)

    def _settled(self, thing: R, status: str = "InService") -> R:
        """As it is when AWS has done with it."""
        return replace(
            thing,
            status=status,
            created_at=thing.created_at or self.now,
            modified_at=self.now,
        )

    def _change_tags(self, given: Json) -> None:
        about = parse_arn(given["ResourceArn"], OWN_ACCOUNT)
        if about is None:
            return
        scope, type_ = self._at(about.view), BY_NAME[about.kind].aws.name
        record = scope.shown(type_)[about.name]
        scope.put(type_, about.name, replace(record, tags=retagged(record.tags, given)))


EFFECTS_ON_RESOURCES = {
    Does.CREATE: InMemoryAws._create,
    Does.UPDATE: InMemoryAws._update,
    Does.START: InMemoryAws._start,
    Does.STOP: InMemoryAws._stop,
    Does.DELETE: InMemoryAws._delete,
}
EFFECTS_ON_COMPANIONS = {
    Does.CREATE: InMemoryAws._make_companion,
    Does.START: InMemoryAws._make_companion,
    Does.STOP: InMemoryAws._end_companion,
    Does.DELETE: InMemoryAws._end_companion,
}


def _scope_of_names(kind: ManagedKind, scope: Scope) -> Scope:
    """Within what the names of a kind count, of what is kept in a scope."""
    return scope if kind.scope_level is ScopeLevel.DOMAIN else scope._replace(domain_id=None)


def arn_of(kind: ManagedKind, where: AccountRegion, domain_id: str, name: str) -> str:
    """The ARN of what does not exist yet, by its name or id."""
    within = (domain_id,) if kind.scope_level is ScopeLevel.DOMAIN else ()
    path = "/".join((kind.arn_segment, *within, kind.record_name(name)))
    return f"arn:aws:sagemaker:{where}:{ACCOUNT}:{path}"
