"""UserProfile: a person's profile in a domain, the owner of private spaces."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from studio_operator.api.common import (
    AWS_NAME,
    DeletionPolicy,
    Model,
    NamespacedReference,
    StatusWithRefusals,
    Tags,
    Timestamp,
    fixed_rules,
    name_rules,
)
from studio_operator.api.studio_settings import ProfileSettings


class SingleSignOn(Model):
    """The person in IAM Identity Center."""

    identifier: Literal["UserName"] | None = Field(
        None, description="What `value` is: UserName, the only thing that AWS knows."
    )
    value: str = Field(
        min_length=1,
        max_length=256,
        description="User name in IAM Identity Center, for example alice@example.com.",
    )


class UserProfileSpec(Model):
    """The desired state of a user profile."""

    names_in_aws: ClassVar = ("userProfileName",)
    fixed: ClassVar = {
        "domainRef": None,
        "userProfileName": None,
        "singleSignOn": None,
        "userSettings.posixUser": None,
    }

    domain_ref: NamespacedReference = Field(
        description="The StudioDomain that the profile is in, for example {name: research}."
    )
    user_profile_name: str | None = Field(
        None,
        max_length=63,
        pattern=AWS_NAME,
        description="Name of the profile in AWS, for example Alice-Doe; metadata.name when left "
        "out. The profiles and spaces of a domain share one name space, and case does not count.",
    )
    single_sign_on: SingleSignOn | None = Field(
        None,
        description="The person in IAM Identity Center, for example {value: alice@example.com}; "
        "required in domains with authMode SSO, refused by AWS in others.",
    )
    user_settings: ProfileSettings | None = Field(
        None,
        description="Settings of this person and their private spaces that differ from the "
        "domain's defaults.",
    )
    deletion_policy: DeletionPolicy | None = Field(
        None,
        description="What deleting this resource does in AWS. Retain (when left out): the profile "
        "stays. Delete: it is deleted once it owns no space. Orphan: nothing.",
    )
    adopt: bool | None = Field(
        None,
        description="Whether to take over a profile of that name that exists in AWS and that no "
        "other resource owns, true or false (when left out).",
    )
    tags: Tags | None = None


class UserProfileStatus(StatusWithRefusals):
    """The user profile as last observed in AWS."""

    phase: Literal["Pending", "InService", "Updating", "Deleting", "Failed"] | None = Field(
        None,
        description="One word for where the profile stands: Pending, InService, Updating, "
        "Deleting or Failed.",
    )
    user_profile_name: str | None = Field(None, description="Name of the profile in AWS.")
    execution_role: str | None = Field(
        None,
        description="ARN of the IAM role that the apps of this person's private spaces run with, "
        "where the profile names one.",
    )
    settings_modified_at: Timestamp | None = Field(
        None, description="AWS's LastModifiedTime at which the settings matched the spec."
    )
    settings_hash: str | None = Field(None, description="Hash of the settings that matched then.")


class UserProfile(Model):
    """A person's profile in a SageMaker domain, the owner of private spaces."""

    spec: UserProfileSpec = Field(description="The desired state of the profile.")
    status: UserProfileStatus | None = Field(
        None, description="The profile as last observed in AWS; written by the operator."
    )


ROOT_RULES = (
    *name_rules(*UserProfileSpec.names_in_aws),
    *fixed_rules(UserProfileSpec),
)
SPEC_RULES: tuple[tuple[str, str], ...] = ()
