"""UserProfile: a person's profile in a domain, the owner of private spaces."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from studio_operator.api.common import (
    AWS_NAME,
    CommonStatus,
    DeletionPolicy,
    Model,
    NamespacedReference,
    Tags,
    Timestamp,
    cel,
    immutable,
)
from studio_operator.api.domain import UserSettings


class SingleSignOn(Model):
    """The person in IAM Identity Center."""

    identifier: Literal["UserName"] | None = Field(
        None, description="What `value` is; AWS knows UserName only."
    )
    value: str = Field(
        min_length=1, max_length=256, description="User name in IAM Identity Center."
    )


class UserProfileSpec(Model):
    """The desired state of a user profile."""

    domain_ref: Annotated[
        NamespacedReference, Field(json_schema_extra=cel(immutable("the domain")))
    ] = Field(description="The StudioDomain the profile is in.")
    user_profile_name: str | None = Field(
        None,
        min_length=1,
        max_length=63,
        pattern=AWS_NAME,
        description="Name in AWS, when it is not metadata.name. Profiles and spaces of a domain "
        "share one name space, and case does not count.",
        json_schema_extra=cel(immutable("the name in AWS")),
    )
    single_sign_on: SingleSignOn | None = Field(
        None,
        description="The person in IAM Identity Center; required in domains with authMode SSO, "
        "refused in others.",
        json_schema_extra=cel(immutable("the single sign-on user")),
    )
    user_settings: UserSettings | None = Field(
        None, description="Settings of this user that differ from the domain's defaults."
    )
    deletion_policy: DeletionPolicy | None = Field(
        None,
        description="What deleting this resource does. Retain (when left out): keep the profile. "
        "Delete: delete it once it owns no space. Orphan: touch nothing.",
    )
    adopt: bool | None = Field(
        None, description="Take over a profile of that name that exists and nobody else owns."
    )
    tags: Tags | None = None


class UserProfileStatus(CommonStatus):
    """The user profile as last observed in AWS."""

    phase: Literal["Pending", "InService", "Updating", "Deleting", "Failed"] | None = Field(
        None, description="One word for where the profile stands."
    )
    user_profile_name: str | None = Field(None, description="Name in AWS.")
    execution_role: str | None = Field(
        None, description="The role of the user's private spaces, where the profile sets one."
    )
    settings_modified_at: Timestamp | None = Field(
        None, description="AWS's LastModifiedTime at which the settings matched the spec."
    )
    settings_hash: str | None = Field(None, description="Hash of the settings that matched then.")
    managed_fields: tuple[str, ...] | None = Field(
        None, description="Optional settings set from the spec: removed ones are cleared in AWS."
    )


class UserProfile(Model):
    """A person's profile in a SageMaker domain, the owner of private spaces."""

    spec: UserProfileSpec
    status: UserProfileStatus | None = None


SPEC_RULES = (
    (
        "has(self.userProfileName) == has(oldSelf.userProfileName)",
        immutable("the name in AWS")[1],
    ),
    (
        "has(self.singleSignOn) == has(oldSelf.singleSignOn)",
        immutable("the single sign-on user")[1],
    ),
)
