"""Settings that domains, user profiles and spaces share: apps, idle shutdown, volumes, Docker."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from studio_operator.api.common import (
    IMAGE_ARN,
    IMAGE_VERSION_ARN,
    INSTANCE_TYPE,
    VERSION_ALIAS,
    LifecycleConfigArn,
    Model,
    Role,
    SecurityGroup,
    UniqueList,
    cel,
)

SecurityGroups = Annotated[UniqueList[SecurityGroup], Field(max_length=5)]


class ResourceSpec(Model):
    """Defaults of an app: instance type, image and lifecycle configuration."""

    model_config = ConfigDict(
        json_schema_extra=cel(
            (
                "has(self.imageArn) || !(has(self.versionAlias) || has(self.versionArn))",
                "versionAlias and versionArn go with imageArn",
            ),
            (
                "!(has(self.versionAlias) && has(self.versionArn))",
                "give versionAlias or versionArn, not both",
            ),
        )
    )

    instance_type: str | None = Field(
        None,
        max_length=64,
        pattern=INSTANCE_TYPE,
        description="Instance type of apps that name none, for example ml.t3.medium.",
    )
    image_arn: str | None = Field(
        None,
        max_length=256,
        pattern=IMAGE_ARN,
        description="ARN of the SageMaker image of apps that name none, for example "
        "arn:aws:sagemaker:eu-central-1:123456789012:image/team-image.",
    )
    version_alias: str | None = Field(
        None,
        max_length=128,
        pattern=VERSION_ALIAS,
        description='Alias of the image\'s version, for example "1.0"; goes with imageArn.',
    )
    version_arn: str | None = Field(
        None,
        max_length=256,
        pattern=IMAGE_VERSION_ARN,
        description="ARN of the image's version, for example "
        "arn:aws:sagemaker:eu-central-1:123456789012:image-version/team-image/3; goes with "
        "imageArn.",
    )
    lifecycle_config_arn: LifecycleConfigArn | None = Field(
        None,
        description="ARN of the lifecycle configuration that runs when an app starts, for example "
        "arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config/install-tools.",
    )


class IdleSettings(Model):
    """SageMaker's idle shutdown: on or off, and what spaces may choose."""

    model_config = ConfigDict(
        json_schema_extra=cel(
            (
                "!has(self.minTimeoutMinutes) || !has(self.maxTimeoutMinutes) || "
                "self.minTimeoutMinutes <= self.maxTimeoutMinutes",
                "minTimeoutMinutes must not be above maxTimeoutMinutes",
            ),
            (
                "!has(self.timeoutMinutes) || !has(self.minTimeoutMinutes) || "
                "self.minTimeoutMinutes <= self.timeoutMinutes",
                "timeoutMinutes must not be below minTimeoutMinutes",
            ),
            (
                "!has(self.timeoutMinutes) || !has(self.maxTimeoutMinutes) || "
                "self.timeoutMinutes <= self.maxTimeoutMinutes",
                "timeoutMinutes must not be above maxTimeoutMinutes",
            ),
        )
    )

    enabled: bool | None = Field(
        None, description="Whether SageMaker stops idle apps, true or false."
    )
    timeout_minutes: int | None = Field(
        None,
        ge=60,
        le=525600,
        description="Idle time after which an app is stopped, in minutes, 60 (an hour) to 525600 "
        "(a year), for example 120.",
    )
    min_timeout_minutes: int | None = Field(
        None,
        ge=60,
        le=525600,
        description="The shortest idle time a space may choose, in minutes, for example 60.",
    )
    max_timeout_minutes: int | None = Field(
        None,
        ge=60,
        le=525600,
        description="The longest idle time a space may choose, in minutes, for example 480.",
    )


class AppSettings(Model):
    """Settings of JupyterLab or Code Editor apps."""

    default_resource_spec: ResourceSpec | None = Field(
        None,
        description="Instance type, image and lifecycle configuration of apps that name none, for "
        "example {instanceType: ml.t3.medium}.",
    )
    lifecycle_config_arns: (
        Annotated[UniqueList[LifecycleConfigArn], Field(max_length=50)] | None
    ) = Field(
        None,
        description="ARNs of the lifecycle configurations that users may choose from, at most 50, "
        "for example "
        "[arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config/install-tools].",
    )
    idle: IdleSettings | None = Field(
        None,
        description="SageMaker's idle shutdown of these apps, for example {enabled: true, "
        "timeoutMinutes: 120}.",
    )


class SpaceStorageSettings(Model):
    """Sizes of the EBS volumes of spaces. AWS takes both sizes or none."""

    model_config = ConfigDict(
        json_schema_extra=cel(
            ("self.defaultGiB <= self.maximumGiB", "defaultGiB must not be above maximumGiB")
        )
    )

    default_gib: int = Field(
        alias="defaultGiB",
        ge=5,
        le=16384,
        description="Volume of a space that names no size, in GiB, 5 to 16384, for example 20.",
    )
    maximum_gib: int = Field(
        alias="maximumGiB",
        ge=5,
        le=16384,
        description="The largest volume a space may have, in GiB, 5 to 16384, for example 200.",
    )


class UserSettings(Model):
    """Settings of users: in a domain the defaults of all, in a profile its own."""

    execution_role: Role | None = Field(
        None,
        description="ARN of the IAM role that the apps of private spaces run with, for example "
        "arn:aws:iam::123456789012:role/studio-alice; the domain's default when left out.",
    )
    security_groups: SecurityGroups | None = Field(
        None,
        description="Ids of the security groups of private spaces, at most 5, for example "
        "[sg-0123456789abcdef0]; a domain with network VpcOnly requires them.",
    )
    jupyter_lab: AppSettings | None = Field(
        None,
        description="Settings of JupyterLab apps, for example {idle: {enabled: true}}.",
    )
    code_editor: AppSettings | None = Field(
        None,
        description="Settings of Code Editor apps, for example {idle: {enabled: true}}.",
    )
    space_storage: SpaceStorageSettings | None = Field(
        None,
        description="Sizes of the EBS volumes of private spaces, in GiB, for example "
        "{defaultGiB: 20, maximumGiB: 100}.",
    )
    default_landing_uri: str | None = Field(
        None,
        max_length=1023,
        description="Where Studio opens, for example studio:: or app:JupyterLab:.",
    )
    studio_web_portal: Literal["ENABLED", "DISABLED"] | None = Field(
        None, description="Whether people may open the Studio UI, ENABLED or DISABLED."
    )


class DefaultUserSettings(UserSettings):
    """Default settings of a domain's users; AWS requires the role."""

    execution_role: Role = Field(
        description="ARN of the IAM role that the apps of private spaces run with, for example "
        "arn:aws:iam::123456789012:role/studio; a UserProfile may name another."
    )


class DefaultSpaceSettings(Model):
    """Settings of shared spaces."""

    execution_role: Role = Field(
        description="ARN of the IAM role that the apps of shared spaces run with, for example "
        "arn:aws:iam::123456789012:role/studio-shared."
    )
    security_groups: SecurityGroups | None = Field(
        None,
        description="Ids of the security groups of shared spaces, at most 5, for example "
        "[sg-0123456789abcdef0]; a domain with network VpcOnly needs them for shared spaces.",
    )
    jupyter_lab: AppSettings | None = Field(
        None,
        description="Settings of JupyterLab apps in shared spaces, for example "
        "{idle: {enabled: true}}.",
    )
    space_storage: SpaceStorageSettings | None = Field(
        None,
        description="Sizes of the EBS volumes of shared spaces, in GiB, for example "
        "{defaultGiB: 20, maximumGiB: 100}.",
    )


class DockerSettings(Model):
    """Docker inside Studio."""

    enabled: bool | None = Field(
        None, description="Whether people may use Docker inside their apps, true or false."
    )
    trusted_accounts: (
        Annotated[
            UniqueList[Annotated[str, Field(max_length=12, pattern=r"^[0-9]{12}$")]],
            Field(max_length=20),
        ]
        | None
    ) = Field(
        None,
        description="AWS accounts whose images may be pulled in a domain with network VpcOnly, at "
        'most 20, for example ["123456789012"].',
    )


class DomainSettings(Model):
    """Settings of the domain itself."""

    security_group_ids: Annotated[UniqueList[SecurityGroup], Field(max_length=3)] | None = Field(
        None,
        description="Ids of the security groups between the domain and its apps, at most 3, for "
        "example [sg-0123456789abcdef0].",
    )
    execution_role_identity: Literal["USER_PROFILE_NAME", "DISABLED"] | None = Field(
        None,
        description="USER_PROFILE_NAME: what apps do in AWS shows the user profile's name as its "
        "source identity. DISABLED: it does not. AWS changes it only while no app runs.",
    )
    docker: DockerSettings | None = Field(None, description="Docker inside Studio.")
    ip_address_type: Literal["ipv4", "dualstack"] | None = Field(
        None, description="ipv4, or dualstack for IPv4 and IPv6."
    )
