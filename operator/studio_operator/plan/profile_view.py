"""What the profile planner's rules look at: the situation, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from studio_operator.api.profile import UserProfileSpec, UserProfileStatus
from studio_operator.plan.decisions import requested_at
from studio_operator.plan.keeping import Holding
from studio_operator.plan.observed import ObservedProfile
from studio_operator.plan.ownership import Claim, OwnerMark, classify, mark_of
from studio_operator.plan.settings_mapping import (
    PROFILE_SETTINGS,
    Changes,
    Values,
    declared_values,
    find_changes,
    hash_values,
)
from studio_operator.plan.situations import ProfileSituation


@dataclass(frozen=True)
class ProfileView:
    """A profile's situation, with what several rules derive from it worked out once."""

    situation: ProfileSituation

    @property
    def spec(self) -> UserProfileSpec:
        """The declared spec."""
        return self.situation.declared.spec

    @property
    def memory(self) -> UserProfileStatus:
        """The status as last recorded."""
        return self.situation.memory

    @property
    def profile(self) -> ObservedProfile | None:
        """The profile as AWS shows it."""
        return self.situation.profile

    @property
    def name(self) -> str:
        """The profile's name in AWS, as declared."""
        return self.spec.user_profile_name or self.situation.declared.name

    @property
    def title(self) -> str:
        """The profile in a message."""
        return f"user profile {self.name}"

    @property
    def policy(self) -> str:
        """The deletion policy that holds."""
        return self.spec.deletion_policy or "Retain"

    @property
    def domain_id(self) -> str | None:
        """Id of the domain; the one on status where the StudioDomain is missing."""
        facts = self.situation.domain
        return (facts.domain_id if facts else None) or self.memory.domain_id

    @property
    def domain_title(self) -> str:
        """The StudioDomain resource in a message."""
        reference = self.spec.domain_ref
        namespace = reference.namespace or self.situation.declared.namespace
        return f"StudioDomain {namespace}/{reference.name}"

    @cached_property
    def mark(self) -> OwnerMark:
        """The mark of what this resource owns."""
        return mark_of(self.situation.declared, self.situation.cluster)

    @cached_property
    def claim(self) -> Claim | None:
        """How the profile relates to the resource; None while its tags are not known."""
        if self.profile is None or self.profile.tags is None:
            return None
        return classify(self.profile.tags, self.mark)

    @cached_property
    def declared(self) -> Values:
        """The declared settings."""
        return declared_values(self.spec, PROFILE_SETTINGS)

    @cached_property
    def declared_hash(self) -> str:
        """Hash of all that is compared with DescribeUserProfile's answer."""
        person = self.spec.single_sign_on
        return hash_values(self.declared, person.value if person else None)

    @cached_property
    def changes(self) -> Changes | None:
        """How the settings differ from AWS; None while that takes a look at the profile.

        Listings lack settings. They need no look when nothing is compared, or when AWS's
        LastModifiedTime is still the one at which these very settings matched. Status keeps whole
        seconds, so a second change within the same second goes unseen until the next one.
        """
        if self.profile is None:
            return None
        managed = self.memory.managed_fields or ()
        if self.profile.details is not None:
            return find_changes(self.declared, self.profile.details, PROFILE_SETTINGS, managed)
        asked = requested_at(self.situation.declared)
        if asked not in {None, self.memory.last_handled_reconcile_at}:
            return None
        nothing = not self.declared and not managed and self.spec.single_sign_on is None
        return Changes({}) if nothing or self._matched_before() else None

    def _matched_before(self) -> bool:
        modified_at = self.profile.modified_at if self.profile else None
        return (
            modified_at is not None
            and self.memory.settings_modified_at == modified_at.replace(microsecond=0)
            and self.memory.settings_hash == self.declared_hash
        )

    @property
    def arn(self) -> str | None:
        """The profile's ARN: listings lack it, and it never changes."""
        return (self.profile.arn if self.profile else None) or self.memory.arn

    @property
    def is_unexplained(self) -> bool:
        """Whether something failed and only a look at the profile tells why: listings don't."""
        profile = self.profile
        failed = profile is not None and profile.status.endswith("Failed")
        return failed and profile is not None and profile.failure is None

    def hold(self, profile: ObservedProfile) -> Holding:
        """The profile as the shared steps take it."""
        return Holding(
            title=self.title,
            status=profile.status,
            arn=self.arn or "",
            failure=profile.failure,
            tags=profile.tags,
            declared_tags=self.spec.tags or {},
            tag_keys=self.memory.tag_keys or (),
            mark=self.mark,
        )
