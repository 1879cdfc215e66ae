"""StudioDomain: a SageMaker domain, the boundary of storage, roles, network and billing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from studio_operator.api.common import (
    AWS_NAME,
    INSTANCE_TYPE,
    ROLE_ARN,
    SECURITY_GROUP,
    CommonStatus,
    DeletionPolicy,
    Model,
    Tags,
    cel,
    immutable,
)

Role = Annotated[str, Field(min_length=20, max_length=2048, pattern=ROLE_ARN)]
SecurityGroups = Annotated[
    list[Annotated[str, Field(max_length=32, pattern=SECURITY_GROUP)]], Field(max_length=5)
]


class ResourceSpec(Model):
    """Defaults of an app: instance type, image and lifecycle configuration."""

    instance_type: str | None = Field(
        None, max_length=64, pattern=INSTANCE_TYPE, description="For example ml.t3.medium."
    )
    image_arn: str | None = Field(None, max_length=256, description="ARN of a SageMaker image.")
    version_alias: str | None = Field(None, max_length=128, description="Alias of its version.")
    version_arn: str | None = Field(None, max_length=256, description="ARN of its version.")
    lifecycle_config_arn: str | None = Field(
        None, max_length=256, description="ARN of a Studio lifecycle configuration."
    )


class IdleSettings(Model):
    """SageMaker's idle shutdown: on or off, and what spaces may choose."""

    enabled: bool | None = Field(None, description="Whether idle apps are stopped.")
    timeout_minutes: int | None = Field(None, ge=60, le=525600, description="60 to 525600 minutes.")
    min_timeout_minutes: int | None = Field(
        None, ge=60, le=525600, description="The shortest a space may choose, in minutes."
    )
    max_timeout_minutes: int | None = Field(
        None, ge=60, le=525600, description="The longest a space may choose, in minutes."
    )


class AppSettings(Model):
    """Settings of JupyterLab or Code Editor apps."""

    default_resource_spec: ResourceSpec | None = Field(
        None, description="What apps get that don't say otherwise."
    )
    lifecycle_config_arns: list[Annotated[str, Field(max_length=256)]] | None = Field(
        None, max_length=50, description="Lifecycle configurations that users may choose."
    )
    idle: IdleSettings | None = Field(None, description="Idle shutdown of these apps.")


class SpaceStorageSettings(Model):
    """Sizes of the volumes of private spaces."""

    default_gib: int | None = Field(None, alias="defaultGiB", ge=5, le=16384, description="GiB.")
    maximum_gib: int | None = Field(None, alias="maximumGiB", ge=5, le=16384, description="GiB.")


class UserSettings(Model):
    """Settings of users: in a domain the defaults of all, in a profile its own."""

    execution_role: Role | None = Field(
        None, description="ARN of the IAM role that private spaces run with."
    )
    security_groups: SecurityGroups | None = Field(
        None, description="Security groups of private spaces, at most 5; VpcOnly requires them."
    )
    jupyter_lab: AppSettings | None = Field(None, description="JupyterLab apps.")
    code_editor: AppSettings | None = Field(None, description="Code Editor apps.")
    space_storage: SpaceStorageSettings | None = Field(
        None, description="Volumes of private spaces."
    )
    default_landing_uri: str | None = Field(
        None, max_length=1023, description="Where Studio opens, for example studio::."
    )
    studio_web_portal: Literal["ENABLED", "DISABLED"] | None = Field(
        None, description="Whether Studio is the landing experience."
    )


class DefaultUserSettings(UserSettings):
    """Default settings of a domain's users; AWS requires the role."""

    execution_role: Role = Field(
        description="ARN of the IAM role that private spaces run with, for example "
        "arn:aws:iam::123456789012:role/studio."
    )


class DefaultSpaceSettings(Model):
    """Settings of shared spaces."""

    execution_role: Role = Field(description="ARN of the IAM role that shared spaces run with.")
    security_groups: SecurityGroups | None = Field(
        None, description="Security groups of shared spaces; a VpcOnly domain needs them."
    )
    jupyter_lab: AppSettings | None = Field(None, description="JupyterLab apps.")
    space_storage: SpaceStorageSettings | None = Field(None, description="Volumes of spaces.")


class DockerSettings(Model):
    """Docker inside Studio."""

    enabled: bool | None = Field(None, description="Whether Docker may be used.")
    trusted_accounts: list[Annotated[str, Field(pattern=r"^[0-9]{12}$", max_length=12)]] | None = (
        Field(None, max_length=20, description="Accounts that VpcOnly domains may pull from.")
    )


class DomainSettings(Model):
    """Settings of the domain itself."""

    security_group_ids: (
        Annotated[
            list[Annotated[str, Field(max_length=32, pattern=SECURITY_GROUP)]], Field(max_length=3)
        ]
        | None
    ) = Field(None, description="Security groups of the domain's own traffic, at most 3.")
    execution_role_identity: Literal["USER_PROFILE_NAME", "DISABLED"] | None = Field(
        None,
        description="Whether the user profile's name becomes the source identity of its sessions.",
    )
    docker: DockerSettings | None = Field(None, description="Docker inside Studio.")
    ip_address_type: Literal["ipv4", "dualstack"] | None = Field(None, description="IP stack.")


class AwsLocation(Model):
    """Where in AWS the domain is."""

    region: str | None = Field(
        None,
        max_length=32,
        pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]+$",
        description="Region, for example eu-central-1; the operator's own when left out.",
    )


class StudioDomainSpec(Model):
    """The desired state of a domain."""

    domain_name: str | None = Field(
        None,
        min_length=1,
        max_length=63,
        pattern=AWS_NAME,
        description="Name in AWS, when it is not metadata.name.",
        json_schema_extra=cel(immutable("the name in AWS")),
    )
    domain_id: str | None = Field(
        None,
        max_length=63,
        pattern=r"^d-(-*[a-z0-9]){1,61}$",
        description="Id of an existing domain to take over, for example d-abcdefghijkl. Only what "
        "this spec declares is compared and changed.",
        json_schema_extra=cel(immutable("the domain's id")),
    )
    aws: AwsLocation | None = Field(
        None,
        description="Where in AWS the domain is.",
        json_schema_extra=cel(immutable("the region")),
    )
    auth_mode: Literal["IAM", "SSO"] | None = Field(
        None,
        description="IAM (when left out) or SSO (IAM Identity Center).",
        json_schema_extra=cel(immutable("authMode")),
    )
    vpc_id: str | None = Field(
        None,
        max_length=32,
        pattern=r"^vpc-[0-9a-z]+$",
        description="The VPC; required unless domainId is given.",
        json_schema_extra=cel(immutable("the VPC")),
    )
    subnet_ids: (
        Annotated[
            list[Annotated[str, Field(max_length=32, pattern=r"^subnet-[0-9a-z]+$")]],
            Field(min_length=1, max_length=16),
        ]
        | None
    ) = Field(
        None,
        description="Subnets of the VPC. Adding is always possible; AWS refuses to remove one "
        "while apps run.",
    )
    network: Literal["PublicInternetOnly", "VpcOnly"] | None = Field(
        None,
        description="PublicInternetOnly or VpcOnly: how apps reach the internet. AWS changes it "
        "only while no app runs. AWS takes PublicInternetOnly when left out.",
    )
    kms_key_id: str | None = Field(
        None,
        min_length=1,
        max_length=2048,
        description="KMS key of the domain's EFS and EBS volumes.",
        json_schema_extra=cel(immutable("the KMS key")),
    )
    default_user_settings: DefaultUserSettings | None = Field(
        None, description="Defaults of all users; required unless domainId is given."
    )
    default_space_settings: DefaultSpaceSettings | None = Field(
        None, description="Settings of shared spaces; without them a domain has no shared spaces."
    )
    domain_settings: DomainSettings | None = Field(None, description="Settings of the domain.")
    tag_propagation: Literal["ENABLED", "DISABLED"] | None = Field(
        None, description="Whether tags go on to what is made in Studio."
    )
    allowed_namespaces: list[Annotated[str, Field(min_length=1, max_length=63)]] | None = Field(
        None,
        max_length=256,
        description="Other namespaces whose profiles and spaces may use this domain; * is any.",
    )
    deletion_policy: DeletionPolicy | None = Field(
        None,
        description="What deleting this resource does. Retain (when left out): keep the domain. "
        "Delete: delete it once no profile and space is left in it. Orphan: touch nothing.",
    )
    home_efs_retention: Literal["Retain", "Delete"] | None = Field(
        None,
        description="What happens to the domain's EFS volume of home folders when the domain is "
        "deleted: Retain (when left out) or Delete.",
    )
    tags: Tags | None = None


class StudioDomainStatus(CommonStatus):
    """The domain as last observed in AWS."""

    phase: Literal["Pending", "InService", "Updating", "Deleting", "Failed"] | None = Field(
        None, description="One word for where the domain stands."
    )
    domain_name: str | None = Field(None, description="Name in AWS.")
    url: str | None = Field(None, description="URL of the domain's Studio.")
    auth_mode: str | None = Field(None, description="IAM or SSO.")
    network: str | None = Field(None, description="PublicInternetOnly or VpcOnly.")
    home_efs_file_system_id: str | None = Field(
        None, description="EFS file system of the home folders; it may outlive the domain."
    )
    shared_space_execution_role: str | None = Field(
        None, description="The role all shared spaces run with."
    )
    managed_fields: tuple[str, ...] | None = Field(
        None, description="Optional settings set from the spec: removed ones are cleared in AWS."
    )


class StudioDomain(Model):
    """A SageMaker domain: the boundary of storage, roles, network and billing."""

    spec: StudioDomainSpec
    status: StudioDomainStatus | None = None


def _same_presence(field: str, what: str) -> tuple[str, str]:
    return (f"has(self.{field}) == has(oldSelf.{field})", immutable(what)[1])


SPEC_RULES = (
    (
        "has(self.domainId) || (has(self.vpcId) && has(self.subnetIds) && "
        "has(self.defaultUserSettings))",
        "a new domain needs vpcId, subnetIds and defaultUserSettings; "
        "give domainId to take over an existing one",
    ),
    (
        "!has(self.network) || self.network != 'VpcOnly' || has(self.domainId) || "
        "(has(self.defaultUserSettings) && has(self.defaultUserSettings.securityGroups) && "
        "size(self.defaultUserSettings.securityGroups) > 0)",
        "network VpcOnly needs defaultUserSettings.securityGroups",
    ),
    (
        "(has(self.authMode) ? self.authMode : 'IAM') == "
        "(has(oldSelf.authMode) ? oldSelf.authMode : 'IAM')",
        immutable("authMode")[1],
    ),
    _same_presence("domainName", "the name in AWS"),
    _same_presence("domainId", "the domain's id"),
    _same_presence("vpcId", "the VPC"),
    _same_presence("kmsKeyId", "the KMS key"),
    _same_presence("aws", "the region"),
)
