"""From recorded status to AWS in memory: status says what the operator saw there last.

Status lacks some of what AWS would answer. What is taken for it:

- settings of domains and profiles, and display names: what the recorded spec declares,
- an app's run state: the phase on status,
- tags: those of the recorded spec, and our own mark of ownership, unless status says that the
  resource belongs to others.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio_operator.api.common import OWNER_TAG, CommonStatus, ConditionType
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.index import id_of
from studio_operator.kinds.assumed import Told
from studio_operator.kinds.managed_kind import ManagedKind, ScopeLevel
from studio_operator.kinds.registry import BY_NAME
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.api.status import SpaceStatus
from studio_operator.kinds.space.in_aws.settings import APP_SETTINGS, LIFECYCLE_CONFIG
from studio_operator.kinds.space.planner_input.inheritance import INHERITED
from studio_operator.kinds.studio_domain.kind import STUDIO_DOMAIN
from studio_operator.plan.ownership import mark_of
from studio_operator.plan.reasons import Reason
from studio_operator.plan.scope import OWN_ACCOUNT, AccountRegion, Scope
from studio_operator.plan.settings.mapping import (
    read_member,
)
from studio_operator.plan.settings.table import put_member
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
        Told(
            declared=declared,
            status=status,
            id=id_of(entry) or "",
            domain_id=status.domain_id or "",
            name=status.dump().get(kind.name_field) or entry.aws_name,
            region=where.region,
            arn=status.arn,
            tags=recorded_tags(declared, status),
            created_at=declared.created_at,
            now=aws.now,
        )
    )
    aws.put(kind, where, assumed.record, assumed.companion)
    if isinstance(status, SpaceStatus):
        _enter_defaults(aws, where, declared.spec, status)


def _is_recorded(kind: ManagedKind, status: CommonStatus) -> bool:
    """Whether status tells of something in AWS: by an id that AWS made, else by its ARN."""
    if kind.known_id is not None:
        return kind.known_id(status, None) is not None
    return status.arn is not None and (
        kind.scope_level is not ScopeLevel.DOMAIN or status.domain_id is not None
    )


def _enter_defaults(
    aws: InMemoryAws, where: AccountRegion, spec: SpaceSpec, status: SpaceStatus
) -> None:
    """The defaults of a domain that no spec declares: a space's status tells which it was given."""
    domain = aws.view(Scope(*where, status.domain_id)).domain
    told = (status.effective.settings if status.effective else None) or {}
    if domain is None or spec.app not in APP_SETTINGS:
        return
    block = "DefaultSpaceSettings" if spec.is_shared else "DefaultUserSettings"
    path = (block, APP_SETTINGS[spec.app])
    details = copy.deepcopy(dict(domain.details or {}))
    for setting in INHERITED:
        found = told.get(setting.field)
        if found is None or found.from_ != "StudioDomain" or found.value is None:
            continue
        value = setting.form.to_aws(setting.form.from_exact(found.value))
        members = value if isinstance(value, Mapping) else {setting.default[-1]: value}
        for name, one in members.items():
            if read_member(details, (*path, "DefaultResourceSpec", name)) is None:
                put_member(details, (*path, "DefaultResourceSpec", name), one)
        if setting is LIFECYCLE_CONFIG:
            listed = read_member(details, (*path, "LifecycleConfigArns")) or []
            put_member(details, (*path, "LifecycleConfigArns"), [*listed, value])
    if details != domain.details:
        aws.put(STUDIO_DOMAIN, where, replace(domain, details=details))


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
