"""What the domain planner's rules look at: the situation, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from studio_operator.api.common import CommonStatus, ConditionType
from studio_operator.api.studio_settings import DefaultSpaceSettings, DefaultUserSettings
from studio_operator.kinds.shared.holds import Blocker
from studio_operator.kinds.shared.made_ids import MadeIdView, known_id
from studio_operator.kinds.studio_domain.api import (
    SharedSpaces,
    StudioDomainSpec,
    StudioDomainStatus,
)
from studio_operator.kinds.studio_domain.constraints import blockers_of
from studio_operator.kinds.studio_domain.situation import DomainSituation
from studio_operator.plan.lifecycle import edit_or_apply_anew
from studio_operator.plan.observed import Observed
from studio_operator.plan.ownership import Claim
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import Remedy, another, field
from studio_operator.plan.settings.mapping import DOMAIN_SETTINGS, Changes, read_member
from studio_operator.plan.types import FailureKind

OTHER_NAME = another("domainName", "another name")


@dataclass(frozen=True)
class DomainView(MadeIdView):
    """A domain's situation, with what several rules derive from it worked out once."""

    situation: DomainSituation
    table = DOMAIN_SETTINGS
    others: ClassVar = {
        **MadeIdView.others,
        "DomainName": "domainName",
        "AuthMode": "authMode",
        "KmsKeyId": "kmsKeyId",
    }
    noun = "Domain"

    @property
    def spec(self) -> StudioDomainSpec:
        """The declared spec."""
        return self.situation.declared.spec

    @property
    def status(self) -> StudioDomainStatus:
        """The status as last recorded."""
        return self.situation.status

    @property
    def found(self) -> Observed | None:
        """The domain with the known id, as AWS shows it."""
        return self.situation.domain

    @property
    def identity(self) -> Mapping[str, Any]:
        """The parameter that names the domain in a call."""
        return {"DomainId": self.found.domain_id if self.found else self.known_id}

    @property
    def known_id(self) -> str | None:
        """The domain's id, once it is known."""
        return known_domain_id(self.status, self.spec.domain_id)

    @property
    def name(self) -> str:
        """The domain's name in AWS, as declared."""
        return self.spec.domain_name or self.situation.declared.name

    @property
    def title(self) -> str:
        """The domain in a message: of one that others have, no more than the spec says."""
        found = self.found
        if found is None:
            return f"domain {self.name}"
        if self.claim in {Claim.FOREIGN, Claim.RELEASED}:
            return f"domain {found.domain_id}"
        return f"domain {found.name} ({found.domain_id})"

    @property
    def creation_failed(self) -> bool:
        """Whether status says that AWS could not create the domain."""
        ready = self.status.condition(ConditionType.READY)
        return ready is not None and ready.reason == Reason.CREATION_FAILED

    @property
    def rename(self) -> Remedy:
        """The edit by which the resource wants another domain."""
        other = another("domainId") if self.spec.domain_id else OTHER_NAME
        return edit_or_apply_anew(self.is_begun, other)

    @cached_property
    def differing(self) -> Changes | None:
        """How the settings differ from AWS; None while the domain has not been described."""
        return None if self.found is None or self.found.details is None else self.compare()

    def blockers(self, kind: FailureKind) -> Mapping[str, Blocker]:
        """Apps and user profiles, which keep AWS from changing some settings."""
        return blockers_of(self, kind)

    @property
    def ready_message(self) -> str:
        """Also what profiles and shared spaces still need."""
        words, missing = f"{self.title} is as declared", self.missing_for_shared_spaces
        if self.leaves_groups_to_profiles:
            words += f"; each UserProfile needs {field('userSettings.securityGroups')}"
        return words if missing is None else f"{words}; shared spaces need {field(missing)} as well"

    @property
    def is_closed(self) -> bool:
        """Whether the domain is VpcOnly, or will be once AWS has what is declared."""
        details = self.found.details if self.found else None
        network = self.spec.network or read_member(details, ("AppNetworkAccessType",))
        return bool(network == "VpcOnly")

    @property
    def dropped_groups(self) -> str | None:
        """The field of security groups that left the spec of a VpcOnly domain.

        They are optional for AWS, but spaces that exist may be unable to start without.
        """
        if not self.is_closed:
            return None
        if self._drops_groups("DefaultUserSettings", self.spec.default_user_settings):
            return "defaultUserSettings.securityGroups"
        if self._drops_groups("DefaultSpaceSettings", self.spec.default_space_settings):
            return "defaultSpaceSettings.securityGroups"
        return None

    def _drops_groups(
        self, member: str, wanted: DefaultUserSettings | DefaultSpaceSettings | None
    ) -> bool:
        path = f"{member[0].lower()}{member[1:]}.securityGroups"
        details = self.found.details if self.found else None
        return (
            (wanted is None or wanted.security_groups is None)
            and path in (self.status.managed_fields or ())
            and bool(read_member(details, (member, "SecurityGroups")))
        )

    @property
    def leaves_groups_to_profiles(self) -> bool:
        """Whether the domain is VpcOnly and has no security groups for its users."""
        details = self.found.details if self.found else None
        groups = read_member(details, ("DefaultUserSettings", "SecurityGroups"))
        return details is not None and self.is_closed and not groups

    @property
    def missing_for_shared_spaces(self) -> str | None:
        """The field that shared spaces still need, where AWS shows half of what they need.

        A domain that shows nothing for them is meant to have none.
        """
        details = self.found.details if self.found else None
        shared = shared_spaces(details) if details is not None else None
        if shared is None:
            return None
        if shared.execution_role is None:
            return "defaultSpaceSettings.executionRole"
        if self.is_closed and not shared.security_groups:
            return "defaultSpaceSettings.securityGroups"
        return None


def known_domain_id(status: CommonStatus, declared: str | None) -> str | None:
    """The id of a domain: as declared until it is this resource's, then as on status."""
    return known_id(status, status.domain_id, declared)


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
