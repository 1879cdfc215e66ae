"""Settings of apps that domains and user profiles share: defaults, idle shutdown, repositories."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from studio_operator.api.common import (
    IMAGE_ARN,
    INSTANCE_TYPE,
    LifecycleConfigArn,
    Model,
    UniqueList,
    VersionAlias,
    VersionArn,
    cel,
)
from studio_operator.api.file_systems import CodeRepositories


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
    version_alias: VersionAlias | None = None
    version_arn: VersionArn | None = None
    lifecycle_config_arn: LifecycleConfigArn | None = Field(
        None,
        description="ARN of the lifecycle configuration of apps that name none, for example "
        "arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config/install-tools. It "
        "counts only if lifecycleConfigArns has it too.",
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


class JupyterLabSettings(AppSettings):
    """Settings of JupyterLab apps."""

    code_repositories: CodeRepositories | None = Field(
        None,
        description="Git repositories that JupyterLab offers to clone, at most 10, for example "
        "[https://github.com/example/notebooks.git].",
    )


class JupyterServerSettings(Model):
    """Settings of JupyterServer apps, the deprecated Studio Classic."""

    code_repositories: CodeRepositories | None = Field(
        None,
        description="Git repositories that Studio Classic offers to clone, at most 10, for example "
        "[https://github.com/example/notebooks.git].",
    )
