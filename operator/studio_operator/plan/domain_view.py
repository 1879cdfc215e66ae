"""What the domain planner's rules look at: the situation, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from studio_operator.api.common import ConditionType
from studio_operator.api.domain import SharedSpaces, StudioDomainSpec, StudioDomainStatus
from studio_operator.plan.keeping import Holding
from studio_operator.plan.observed import ObservedDomain
from studio_operator.plan.ownership import Claim, OwnerMark, classify, mark_of
from studio_operator.plan.reasons import Reason
from studio_operator.plan.settings_mapping import (
    DOMAIN_SETTINGS,
    Changes,
    Values,
    declared_values,
    find_changes,
    read_member,
)
from studio_operator.plan.situations import DomainSituation
from studio_operator.plan.types import FailureKind

_MINE = frozenset({Claim.OURS, Claim.FREE_TO_RETAKE})


@dataclass(frozen=True)
class DomainView:
    """A domain's situation, with what several rules derive from it worked out once."""

    situation: DomainSituation

    @property
    def spec(self) -> StudioDomainSpec:
        """The declared spec."""
        return self.situation.declared.spec

    @property
    def memory(self) -> StudioDomainStatus:
        """The status as last recorded."""
        return self.situation.memory

    @property
    def domain(self) -> ObservedDomain | None:
        """The domain with the known id, as AWS shows it."""
        return self.situation.domain

    @property
    def known_id(self) -> str | None:
        """The domain's id, once it is known."""
        return self.memory.domain_id or self.spec.domain_id

    @property
    def name(self) -> str:
        """The domain's name in AWS, as declared."""
        return self.spec.domain_name or self.situation.declared.name

    @property
    def title(self) -> str:
        """The domain in a message."""
        found = self.domain
        return f"domain {found.name} ({found.domain_id})" if found else f"domain {self.name}"

    @property
    def policy(self) -> str:
        """The deletion policy that holds."""
        return self.spec.deletion_policy or "Retain"

    @property
    def creation_failed(self) -> bool:
        """Whether status says that AWS could not create the domain."""
        ready = self.memory.condition(ConditionType.READY)
        return ready is not None and ready.reason == Reason.CREATION_FAILED

    @cached_property
    def mark(self) -> OwnerMark:
        """The mark of what this resource owns."""
        return mark_of(self.situation.declared, self.situation.cluster)

    @cached_property
    def claim(self) -> Claim | None:
        """How the domain relates to the resource; None while its tags are not known."""
        if self.domain is None or self.domain.tags is None:
            return None
        return classify(self.domain.tags, self.mark)

    @cached_property
    def declared(self) -> Values:
        """The declared settings."""
        return declared_values(self.spec, DOMAIN_SETTINGS)

    @cached_property
    def changes(self) -> Changes | None:
        """How they differ from AWS; None while the domain has not been described."""
        if self.domain is None or self.domain.details is None:
            return None
        managed = self.memory.managed_fields or ()
        return find_changes(self.declared, self.domain.details, DOMAIN_SETTINGS, managed)

    @property
    def namesakes(self) -> tuple[ObservedDomain, ...]:
        """Domains of the wanted name, oldest first, while no id is known."""
        named = (one for one in self.situation.candidates if one.name == self.name)
        return tuple(sorted(named, key=_age))

    @property
    def mine_among_namesakes(self) -> ObservedDomain | None:
        """The namesake with this resource's mark: created or let go before."""
        for one in self.namesakes:
            if one.tags is not None and classify(one.tags, self.mark) in _MINE:
                return one
        return None

    @property
    def settles_at(self) -> datetime | None:
        """Until when a creation that was begun may still show up, None when none may.

        After a crash, or an answer that never came, nobody knows whether AWS has the request. What
        AWS refused in so many words it has not done.
        """
        operation, failure = self.memory.operation, self.situation.failure
        if operation is None or operation.type != "Create":
            return None
        since = operation.started_at
        if failure is not None and failure.operation == "CreateDomain":
            if failure.kind is not FailureKind.TRANSIENT or "throttl" in failure.code.lower():
                return None
            since = max(since, failure.at)
        return since + timedelta(seconds=self.situation.tuning.create_settle_seconds)

    def hold(self, domain: ObservedDomain) -> Holding:
        """The domain as the shared steps take it."""
        return Holding(
            title=self.title,
            status=domain.status,
            arn=domain.arn or self.memory.arn or "",
            failure=domain.failure,
            tags=domain.tags,
            declared_tags=self.spec.tags or {},
            tag_keys=self.memory.tag_keys or (),
            mark=self.mark,
        )

    @property
    def is_closed(self) -> bool:
        """Whether the domain is VpcOnly, or will be once AWS has what is declared."""
        details = self.domain.details if self.domain else None
        network = self.spec.network or read_member(details, ("AppNetworkAccessType",))
        return bool(network == "VpcOnly")

    @property
    def missing_groups(self) -> str | None:
        """The field of the security groups that a VpcOnly domain would be left without."""
        if not self.is_closed:
            return None
        if self._lacks_groups_of_people:
            return "defaultUserSettings.securityGroups"
        if self._drops_groups_of_shared_spaces:
            return "defaultSpaceSettings.securityGroups"
        return None

    @property
    def _lacks_groups_of_people(self) -> bool:
        """VpcOnly requires them (API reference of CreateDomain)."""
        wanted = self.spec.default_user_settings
        if wanted is not None and wanted.security_groups is not None:
            return not wanted.security_groups
        if "defaultUserSettings.securityGroups" in (self.memory.managed_fields or ()):
            return True
        details = self.domain.details if self.domain else None
        return not read_member(details, ("DefaultUserSettings", "SecurityGroups"))

    @property
    def _drops_groups_of_shared_spaces(self) -> bool:
        """They are optional for AWS, but shared spaces that exist could not start without."""
        wanted = self.spec.default_space_settings
        details = self.domain.details if self.domain else None
        return (
            wanted is not None
            and wanted.security_groups is None
            and "defaultSpaceSettings.securityGroups" in (self.memory.managed_fields or ())
            and bool(read_member(details, ("DefaultSpaceSettings", "SecurityGroups")))
        )

    @property
    def missing_for_shared_spaces(self) -> str | None:
        """The field that shared spaces still need, where AWS shows half of what they need.

        A domain that shows nothing for them is meant to have none.
        """
        details = self.domain.details if self.domain else None
        shared = shared_spaces(details) if details is not None else None
        if shared is None:
            return None
        if shared.execution_role is None:
            return "defaultSpaceSettings.executionRole"
        if self.is_closed and not shared.security_groups:
            return "defaultSpaceSettings.securityGroups"
        return None


def shared_spaces(details: Mapping[str, Any]) -> SharedSpaces | None:
    """What DescribeDomain shows for shared spaces; None where it shows nothing for them.

    All shared spaces take their role and their security groups from the domain's
    DefaultSpaceSettings (API reference, DefaultSpaceSettings). Groups are sorted: AWS promises no
    order, and another order is no news.
    """
    role = read_member(details, ("DefaultSpaceSettings", "ExecutionRole"))
    groups = read_member(details, ("DefaultSpaceSettings", "SecurityGroups"))
    if not role and not groups:
        return None
    return SharedSpaces(
        execution_role=role or None, security_groups=tuple(sorted(groups)) if groups else None
    )


def _age(domain: ObservedDomain) -> tuple[bool, str, str]:
    created = domain.created_at
    return created is None, created.isoformat() if created else "", domain.domain_id
