"""StudioDomain: a SageMaker domain, the boundary of storage, roles, network and billing."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from studio_operator.api.common import (
    AWS_NAME,
    NAMESPACE_NAME,
    REGION,
    DeletionPolicy,
    Model,
    StatusWithRefusals,
    Tags,
    UniqueList,
    fixed_rules,
    list_as,
    name_rules,
)
from studio_operator.api.studio_settings import (
    DefaultSpaceSettings,
    DefaultUserSettings,
    DomainSettings,
)


class AwsLocation(Model):
    """Where in AWS the domain is."""

    region: str | None = Field(
        None,
        max_length=32,
        pattern=REGION,
        description="Region, for example eu-central-1; the operator's own when left out.",
    )


class StudioDomainSpec(Model):
    """The desired state of a domain."""

    names_in_aws: ClassVar = ("domainName", "domainId")
    fixed: ClassVar = {
        "domainName": None,
        "domainId": None,
        "aws": None,
        "authMode": "IAM",
        "vpcId": None,
        "kmsKeyId": None,
    }

    domain_name: str | None = Field(
        None,
        max_length=63,
        pattern=AWS_NAME,
        description="Name of the domain in AWS, for example Research; metadata.name when left out.",
    )
    domain_id: str | None = Field(
        None,
        max_length=63,
        pattern=r"^d-(-*[a-z0-9]){1,61}$",
        description="Id of an existing domain to take over, for example d-abcdefghijkl. Only what "
        "this spec declares is compared with AWS and changed there.",
    )
    aws: AwsLocation | None = Field(
        None,
        description="Where in AWS the domain is, for example {region: eu-central-1}.",
    )
    auth_mode: Literal["IAM", "SSO"] | None = Field(
        None,
        description="How people sign in: IAM (when left out), or SSO for IAM Identity Center.",
    )
    vpc_id: str | None = Field(
        None,
        max_length=32,
        pattern=r"^vpc-[0-9a-z]+$",
        description="Id of the domain's VPC, for example vpc-0123456789abcdef0; required unless "
        "domainId is given.",
    )
    subnet_ids: (
        Annotated[
            UniqueList[Annotated[str, Field(max_length=32, pattern=r"^subnet-[0-9a-z]+$")]],
            Field(min_length=1, max_length=16),
        ]
        | None
    ) = Field(
        None,
        description="Ids of subnets of the VPC, 1 to 16, for example [subnet-0123456789abcdef0]; "
        "required unless domainId is given. One can be added at any time; AWS removes one only "
        "while no app of the domain runs.",
    )
    network: Literal["PublicInternetOnly", "VpcOnly"] | None = Field(
        None,
        description="How apps reach the internet. PublicInternetOnly (AWS's choice when left out): "
        "through a network of SageMaker's. VpcOnly: through the VPC, in the security groups of "
        "defaultUserSettings or of each UserProfile. AWS changes it only while no app of the "
        "domain runs.",
    )
    kms_key_id: str | None = Field(
        None,
        max_length=2048,
        pattern=r"^[a-zA-Z0-9:/_-]+$",
        description="Id or ARN of the KMS key of the domain's EFS and EBS volumes, for example "
        "1234abcd-12ab-34cd-56ef-1234567890ab; a key of AWS's when left out.",
    )
    default_user_settings: DefaultUserSettings | None = Field(
        None,
        description="Default settings of the domain's users and their private spaces; required "
        "unless domainId is given.",
    )
    default_space_settings: DefaultSpaceSettings | None = Field(
        None,
        description="Settings of the domain's shared spaces; without them it can have none.",
    )
    domain_settings: DomainSettings | None = Field(
        None, description="Settings of the domain itself."
    )
    tag_propagation: Literal["ENABLED", "DISABLED"] | None = Field(
        None,
        description="ENABLED: the tags of domain, profile and space are put on what people make in "
        "Studio. DISABLED (AWS's choice when left out): they are not.",
    )
    allowed_namespaces: (
        Annotated[
            UniqueList[
                Annotated[
                    str,
                    Field(max_length=63, pattern=rf"^\*$|{NAMESPACE_NAME}"),
                ]
            ],
            Field(max_length=256),
        ]
        | None
    ) = Field(
        None,
        description="Other namespaces whose UserProfiles and Spaces may use this domain, at most "
        '256, for example [ml-team]; ["*"] admits all.',
    )
    deletion_policy: DeletionPolicy | None = Field(
        None,
        description="What deleting this resource does in AWS. Retain (when left out): the domain "
        "stays. Delete: it is deleted once no profile and no space is left in it. Orphan: nothing.",
    )
    home_efs_retention: Literal["Retain", "Delete"] | None = Field(
        None,
        description="What becomes of the EFS volume with people's home folders when the domain is "
        "deleted in AWS: Retain (when left out) or Delete.",
    )
    tags: Tags | None = None


class SharedSpaces(Model):
    """What AWS gives every shared space of the domain, whoever owns it and whoever opens it."""

    execution_role: str | None = Field(
        None, description="ARN of the IAM role that the apps of all shared spaces run with."
    )
    security_groups: tuple[str, ...] | None = Field(
        None,
        description="Ids of the security groups of all shared spaces, in alphabetical order.",
        json_schema_extra=list_as("atomic"),
    )


class StudioDomainStatus(StatusWithRefusals):
    """The domain as last observed in AWS."""

    phase: Literal["Pending", "InService", "Updating", "Deleting", "Failed"] | None = Field(
        None,
        description="One word for where the domain stands: Pending, InService, Updating, Deleting "
        "or Failed.",
    )
    domain_name: str | None = Field(None, description="Name of the domain in AWS.")
    url: str | None = Field(None, description="Address of the domain's Studio.")
    auth_mode: str | None = Field(None, description="How people sign in: IAM or SSO.")
    network: str | None = Field(
        None, description="How apps reach the internet: PublicInternetOnly or VpcOnly."
    )
    home_efs_file_system_id: str | None = Field(
        None,
        description="Id of the EFS file system with people's home folders, for example "
        "fs-0123456789abcdef0; it may outlive the domain.",
    )
    shared_spaces: SharedSpaces | None = Field(
        None,
        description="What all shared spaces of the domain run with; absent where AWS shows no "
        "role and no security groups for them.",
    )


class StudioDomain(Model):
    """A SageMaker domain: the boundary of storage, roles, network and billing."""

    spec: StudioDomainSpec = Field(description="The desired state of the domain.")
    status: StudioDomainStatus | None = Field(
        None, description="The domain as last observed in AWS; written by the operator."
    )


ROOT_RULES = (
    *name_rules(*StudioDomainSpec.names_in_aws),
    *fixed_rules(StudioDomainSpec),
)
# Optional fields need `has` on both sides, so that a field can't be slipped in or dropped where its
# change is refused: a rule on the field itself runs only when it was and is there.
SPEC_RULES = (
    (
        "has(self.domainId) || (has(self.vpcId) && has(self.subnetIds) && "
        "has(self.defaultUserSettings))",
        "a new domain needs vpcId, subnetIds and defaultUserSettings; "
        "give domainId to take over an existing one",
    ),
)
