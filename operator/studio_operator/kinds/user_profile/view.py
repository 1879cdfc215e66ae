"""What the profile planner's rules look at: the situation, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from studio_operator.kinds.shared.view import SettingsView
from studio_operator.kinds.user_profile.api import UserProfileSpec, UserProfileStatus
from studio_operator.kinds.user_profile.security_groups import hint_at_missing_groups
from studio_operator.kinds.user_profile.situation import ProfileSituation
from studio_operator.plan.decisions import requested_at
from studio_operator.plan.lifecycle import domain_resource, edit_or_apply_anew
from studio_operator.plan.observed import Observed
from studio_operator.plan.remedies import Remedy, Resource, another
from studio_operator.plan.settings.mapping import PROFILE_SETTINGS, Changes, hash_values


@dataclass(frozen=True)
class ProfileView(SettingsView):
    """A profile's situation, with what several rules derive from it worked out once."""

    situation: ProfileSituation
    table = PROFILE_SETTINGS
    others: ClassVar = {
        **SettingsView.others,
        "UserProfileName": "userProfileName",
        "SingleSignOnUserValue": "singleSignOn.value",
        "SingleSignOnUserIdentifier": "singleSignOn.identifier",
    }
    noun = "UserProfile"

    @property
    def spec(self) -> UserProfileSpec:
        """The declared spec."""
        return self.situation.declared.spec

    @property
    def status(self) -> UserProfileStatus:
        """The status as last recorded."""
        return self.situation.status

    @property
    def found(self) -> Observed | None:
        """The profile as AWS shows it."""
        return self.situation.profile

    @property
    def identity(self) -> Mapping[str, Any]:
        """The parameters that name the profile in a call."""
        name = self.found.name if self.found else self.name
        return {"DomainId": self.domain_id, "UserProfileName": name}

    @property
    def name(self) -> str:
        """The profile's name in AWS, as declared."""
        return self.spec.user_profile_name or self.situation.declared.name

    @property
    def title(self) -> str:
        """The profile in a message."""
        return f"user profile {self.name}"

    @property
    def domain_id(self) -> str | None:
        """Id of the domain; the one on status where the StudioDomain is missing."""
        facts = self.situation.domain
        return (facts.domain_id if facts else None) or self.status.domain_id

    @property
    def domain_resource(self) -> Resource:
        """The StudioDomain that the profile refers to."""
        return domain_resource(self.situation.declared, self.spec.domain_ref)

    @property
    def domain_title(self) -> str:
        """The StudioDomain resource in a message."""
        return str(self.domain_resource)

    @cached_property
    def declared_hash(self) -> str:
        """Hash of all that is compared with DescribeUserProfile's answer."""
        person = self.spec.single_sign_on
        return hash_values(self.declared, person.value if person else None)

    @cached_property
    def differing(self) -> Changes | None:
        """How the settings differ from AWS; None while that takes a look at the profile.

        Listings lack settings. They need no look when nothing is compared, or when AWS's
        LastModifiedTime is still the one at which these very settings matched. Status keeps whole
        seconds, so a second change within the same second goes unseen until the next one.
        """
        if self.found is None:
            return None
        if self.found.details is not None:
            return self.compare()
        asked = requested_at(self.situation.declared)
        if asked not in {None, self.status.last_handled_reconcile_at}:
            return None
        managed = self.status.managed_fields
        nothing = not self.declared and not managed and self.spec.single_sign_on is None
        return Changes({}) if nothing or self._matched_before() else None

    def _matched_before(self) -> bool:
        modified_at = self.found.modified_at if self.found else None
        return (
            modified_at is not None
            and self.status.settings_modified_at == modified_at.replace(microsecond=0)
            and self.status.settings_hash == self.declared_hash
        )

    @property
    def ready_message(self) -> str:
        """Also the security groups that are missing."""
        return hint_at_missing_groups(self, f"{self.title} is as declared")

    @property
    def remembered_when_ready(self) -> Mapping[str, Any]:
        """What spares the next start of the operator a look at each profile."""
        profile = self.found
        if profile is None or profile.details is None or profile.modified_at is None:
            return {}
        return {
            "settings_modified_at": profile.modified_at.replace(microsecond=0),
            "settings_hash": self.declared_hash,
        }

    @property
    def rename(self) -> Remedy:
        """The edit by which the resource wants another profile."""
        return edit_or_apply_anew(self.is_begun, another("userProfileName", "another name"))

    @property
    def lacks_description(self) -> bool:
        """Also where its ARN, or why it failed, is not known."""
        return self.differing is None or self.is_nameless or self.is_unexplained

    @property
    def is_nameless(self) -> bool:
        """Whether a look has to tell its ARN: the one on status may name what others have."""
        return self.found is not None and self.found.arn is None and self.claim is not None

    @property
    def is_unexplained(self) -> bool:
        """Whether something failed and only a look at the profile tells why: listings don't."""
        found = self.found
        return found is not None and found.status.endswith("Failed") and found.failure is None
