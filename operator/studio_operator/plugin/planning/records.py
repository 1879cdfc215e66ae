"""From recorded status to AWS on paper: status says what the operator saw there last.

Status lacks some of what AWS would answer. What is taken for it:

- settings of domains and profiles, and display names: what the recorded spec declares,
- an app's run state: the phase on status,
- tags: those of the recorded spec, and our own mark of ownership, unless status says that the
  resource belongs to others.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from studio_operator.api.common import OWNER_TAG, CommonStatus, ConditionType
from studio_operator.api.domain import StudioDomainSpec, StudioDomainStatus
from studio_operator.api.profile import UserProfileSpec, UserProfileStatus
from studio_operator.api.space import SpaceSpec
from studio_operator.api.space_status import SpaceStatus
from studio_operator.aws.parsing import APP_NAME
from studio_operator.engine.entries import Entry, InvalidSpec
from studio_operator.plan.observed import (
    ObservedApp,
    ObservedDomain,
    ObservedProfile,
    ObservedSpace,
    SpaceSettings,
)
from studio_operator.plan.ownership import mark_of
from studio_operator.plan.reasons import Reason
from studio_operator.plan.settings_mapping import (
    DOMAIN_SETTINGS,
    PROFILE_SETTINGS,
    creation_members,
    declared_values,
)
from studio_operator.plan.settings_record import recall_settings
from studio_operator.plan.types import Declared
from studio_operator.plugin.planning.paper import PaperAws
from studio_operator.plugin.planning.rehearsal import CLUSTER

FOREIGN = "another-cluster/unknown/unknown/unknown"
# Phases of a space in which its app holds an instance, or is about to.
_RUNNING = frozenset({"InService", "Starting"})


def enter_record(aws: PaperAws, entry: Entry, region: str) -> None:
    """Enter what a recorded resource says of AWS; nothing where it says nothing."""
    declared = entry.declared
    memory = entry.memory
    if isinstance(declared, InvalidSpec) or memory.domain_id is None or is_gone(memory):
        return
    where = memory.region or region
    if isinstance(memory, StudioDomainStatus):
        aws.put_domain(where, domain_of(declared, memory, aws.now))
    elif memory.arn is None:
        return
    elif isinstance(memory, UserProfileStatus):
        aws.put_profile(where, profile_of(declared, memory, aws.now))
    elif isinstance(memory, SpaceStatus):
        aws.put_space(where, space_of(declared, memory, aws.now), app_of(memory))


def _reason(memory: CommonStatus) -> str | None:
    ready = memory.condition(ConditionType.READY)
    return ready.reason if ready else None


def is_gone(memory: CommonStatus) -> bool:
    """Whether status says that AWS has it no more, or never had it."""
    return _reason(memory) in {Reason.DELETED_OUTSIDE_OF_GIT, Reason.DOMAIN_NOT_FOUND}


def is_of_others(memory: CommonStatus) -> bool:
    """Whether status says that what is in AWS is not this resource's."""
    return _reason(memory) == Reason.OWNERSHIP_CONFLICT


def domain_of(
    declared: Declared[StudioDomainSpec], memory: StudioDomainStatus, now: datetime
) -> ObservedDomain:
    """A domain as its recorded status and spec tell of it."""
    spec = declared.spec
    details = domain_details(spec)
    shown = {"AuthMode": memory.auth_mode, "AppNetworkAccessType": memory.network}
    details |= {name: value for name, value in shown.items() if value is not None}
    return ObservedDomain(
        domain_id=memory.domain_id or "",
        name=memory.domain_name or spec.domain_name or declared.name,
        status="InService",
        created_at=declared.created_at,
        modified_at=now,
        arn=memory.arn,
        details=details,
        tags=recorded_tags(declared, memory),
    )


def domain_details(spec: StudioDomainSpec) -> dict[str, Any]:
    """What DescribeDomain would answer of a domain that is as declared."""
    fixed = {"VpcId": spec.vpc_id, "KmsKeyId": spec.kms_key_id}
    return {
        "AuthMode": spec.auth_mode or "IAM",
        **{name: value for name, value in fixed.items() if value is not None},
        **creation_members(declared_values(spec, DOMAIN_SETTINGS)),
    }


def profile_of(
    declared: Declared[UserProfileSpec], memory: UserProfileStatus, now: datetime
) -> ObservedProfile:
    """A user profile as its recorded status and spec tell of it."""
    return ObservedProfile(
        domain_id=memory.domain_id or "",
        name=memory.user_profile_name or declared.spec.user_profile_name or declared.name,
        status="InService",
        created_at=declared.created_at,
        modified_at=now,
        arn=memory.arn,
        details=profile_details(declared.spec),
        tags=recorded_tags(declared, memory),
    )


def profile_details(spec: UserProfileSpec) -> dict[str, Any]:
    """What DescribeUserProfile would answer of a profile that is as declared."""
    person = spec.single_sign_on
    details = creation_members(declared_values(spec, PROFILE_SETTINGS))
    return {**details, "SingleSignOnUserValue": person.value} if person else details


def space_of(declared: Declared[SpaceSpec], memory: SpaceStatus, now: datetime) -> ObservedSpace:
    """A space as its recorded status tells of it."""
    spec = declared.spec
    return ObservedSpace(
        domain_id=memory.domain_id or "",
        name=memory.space_name or spec.space_name or declared.name,
        status="InService",
        sharing=memory.sharing,
        owner=memory.owner,
        app_type=memory.app,
        storage_gib=memory.storage_gib,
        display_name=spec.display_name,
        created_at=memory.created_at or declared.created_at,
        modified_at=now,
        arn=memory.arn,
        settings=_settings_of(memory),
        tags=recorded_tags(declared, memory),
    )


def _settings_of(memory: SpaceStatus) -> SpaceSettings:
    recorded = memory.settings
    if recorded is None:
        return SpaceSettings(instance_type=memory.instance_type)
    return recall_settings(recorded)


def app_of(memory: SpaceStatus) -> ObservedApp | None:
    """The app that runs by the recorded phase; one that a change has stopped is away."""
    if memory.phase not in _RUNNING:
        return None
    settings = _settings_of(memory)
    running_on = memory.instance_type or settings.instance_type
    return ObservedApp(memory.app or "", APP_NAME, "InService", running_on, settings.image)


def recorded_tags(declared: Declared[Any], memory: CommonStatus) -> Mapping[str, str]:
    """The tags of the recorded spec and the mark of whoever has it."""
    tags = dict(declared.spec.tags or {})
    if is_of_others(memory):
        return tags | tags_of_others(memory)
    return {**tags, OWNER_TAG: str(mark_of(declared, CLUSTER))}


def tags_of_others(memory: CommonStatus) -> dict[str, str]:
    """The mark on what is not ours, where status names an owner; nobody's has none."""
    ready = memory.condition(ConditionType.READY)
    named = ready is not None and is_of_others(memory) and "belongs to" in ready.message
    return {OWNER_TAG: FOREIGN} if named else {}
