"""From recorded status to AWS in memory: status says what the operator saw there last.

Status lacks some of what AWS would answer. What is taken for it:

- settings of domains and profiles, and display names: what the recorded spec declares,
- an app's run state: the phase on status,
- tags: those of the recorded spec, and our own mark of ownership, unless status says that the
  resource belongs to others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio_operator.api.common import OWNER_TAG, CommonStatus, ConditionType
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.index import id_of
from studio_operator.kinds.assumed import AssumptionInput
from studio_operator.kinds.managed_kind import ManagedKind, ScopeLevel
from studio_operator.kinds.registry import BY_NAME, HOLDER
from studio_operator.plan.ownership import mark_of
from studio_operator.plan.reasons import Reason
from studio_operator.plan.scope import OWN_ACCOUNT, AccountRegion, Scope
from studio_operator.plan.types import Declared
from studio_operator.plugin.planning.dry_run import CLUSTER
from studio_operator.plugin.planning.in_memory_aws import InMemoryAws

FOREIGN = "another-cluster/unknown/unknown/unknown"


def enter_record(aws: InMemoryAws, entry: Entry, region: str) -> None:
    """Enter what a recorded resource says of AWS; nothing where it says nothing."""
    declared, status, kind = entry.declared, entry.status, BY_NAME[entry.key.kind]
    if kind.assume is None or is_gone(status) or not _is_recorded(kind, status):
        return
    where = AccountRegion(OWN_ACCOUNT, status.region or region)
    assumed = kind.assume(
        AssumptionInput(
            declared=declared,
            status=status,
            id=id_of(entry) or "",
            domain_id=status.domain_id or "",
            name=name_of(entry),
            region=where.region,
            arn=status.arn,
            tags=recorded_tags(declared, status),
            created_at=declared.created_at,
            now=aws.now,
        )
    )
    aws.put(kind, where, assumed.record, assumed.companion)
    holder = aws.view(Scope(*where, status.domain_id)).domain
    if holder is not None and assumed.holder is not None:
        aws.put(BY_NAME[HOLDER], where, assumed.holder(holder))


def name_of(entry: Entry) -> str:
    """The name in AWS, by status where that has it."""
    told = entry.status.dump().get(BY_NAME[entry.key.kind].name_field)
    return str(told or entry.aws_name)


def _is_recorded(kind: ManagedKind, status: CommonStatus) -> bool:
    """Whether status tells of something in AWS: by an id that AWS made, else by its ARN."""
    if kind.known_id is not None:
        return kind.known_id(status, None) is not None
    return status.arn is not None and (
        kind.scope_level is not ScopeLevel.DOMAIN or status.domain_id is not None
    )


def _reason(status: CommonStatus) -> str | None:
    ready = status.condition(ConditionType.READY)
    return ready.reason if ready else None


def is_gone(status: CommonStatus) -> bool:
    """Whether status says that AWS has it no more, or never had it."""
    return _reason(status) in {Reason.DELETED_OUTSIDE_OF_GIT, Reason.DOMAIN_NOT_FOUND}


def is_of_others(status: CommonStatus) -> bool:
    """Whether status says that what is in AWS is not this resource's."""
    return _reason(status) == Reason.OWNERSHIP_CONFLICT


def recorded_tags(declared: Declared[Any], status: CommonStatus) -> Mapping[str, str]:
    """The tags of the recorded spec and the mark of whoever has it."""
    tags = dict(declared.spec.tags or {})
    if is_of_others(status):
        return tags | tags_of_others(status)
    return {**tags, OWNER_TAG: str(mark_of(declared, CLUSTER))}


def tags_of_others(status: CommonStatus) -> dict[str, str]:
    """The mark on what is not ours, where status names an owner; nobody's has none."""
    ready = status.condition(ConditionType.READY)
    named = ready is not None and is_of_others(status) and "belongs to" in ready.message
    return {OWNER_TAG: FOREIGN} if named else {}
