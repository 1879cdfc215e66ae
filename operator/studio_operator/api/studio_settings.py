"""Settings of domains and user profiles: access, volumes, file systems, the domain itself."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from studio_operator.api.app_settings import AppSettings, JupyterLabSettings, JupyterServerSettings
from studio_operator.api.common import (
    Model,
    Role,
    SecurityGroup,
    UniqueList,
    cel,
)
from studio_operator.api.file_systems import AttachedFileSystems, PosixUser

SecurityGroups = Annotated[UniqueList[SecurityGroup], Field(max_length=5)]


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
        "[sg-0123456789abcdef0]. In a domain with network VpcOnly, each profile needs some, its "
        "own or the domain's.",
    )
    jupyter_lab: JupyterLabSettings | None = Field(
        None,
        description="Settings of JupyterLab apps, for example {idle: {enabled: true}}.",
    )
    code_editor: AppSettings | None = Field(
        None,
        description="Settings of Code Editor apps, for example {idle: {enabled: true}}.",
    )
    jupyter_server: JupyterServerSettings | None = Field(
        None,
        description="Settings of JupyterServer apps (Studio Classic), for example "
        "{codeRepositories: [https://github.com/example/notebooks.git]}.",
    )
    space_storage: SpaceStorageSettings | None = Field(
        None,
        description="Sizes of the EBS volumes of private spaces, in GiB, for example "
        "{defaultGiB: 20, maximumGiB: 100}.",
    )
    file_systems: AttachedFileSystems | None = Field(
        None,
        description="File systems that private spaces may mount, at most 10, for example "
        "[{efs: {fileSystemId: fs-0123456789abcdef0, path: /}}]; a Space names those it mounts. "
        "Those of a UserProfile are for its spaces only, in place of the domain's.",
    )
    posix_user: PosixUser | None = Field(
        None,
        description="Who people are to mounted file systems, for example {uid: 200001, gid: 1001} "
        "(AWS's choice when left out). AWS takes it when a profile is created, and for a domain "
        "only while it has no profile.",
    )
    default_landing_uri: str | None = Field(
        None,
        max_length=1023,
        description="Where Studio opens, for example studio:: or app:JupyterLab:.",
    )
    studio_web_portal: Literal["ENABLED", "DISABLED"] | None = Field(
        None, description="Whether people may open the Studio UI, ENABLED or DISABLED."
    )


class ProfileSettings(UserSettings):
    """Settings of one person that differ from the domain's defaults."""

    posix_user: PosixUser | None = Field(
        None,
        description="Who this person is to mounted file systems, for example {uid: 200001, gid: "
        "1001}; the domain's when left out. AWS takes it only when it creates the profile.",
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
    jupyter_lab: JupyterLabSettings | None = Field(
        None,
        description="Settings of JupyterLab apps in shared spaces, for example "
        "{idle: {enabled: true}}.",
    )
    jupyter_server: JupyterServerSettings | None = Field(
        None,
        description="Settings of JupyterServer apps (Studio Classic) in shared spaces, for example "
        "{codeRepositories: [https://github.com/example/notebooks.git]}.",
    )
    space_storage: SpaceStorageSettings | None = Field(
        None,
        description="Sizes of the EBS volumes of shared spaces, in GiB, for example "
        "{defaultGiB: 20, maximumGiB: 100}.",
    )
    file_systems: AttachedFileSystems | None = Field(
        None,
        description="File systems that shared spaces may mount, at most 10, for example "
        "[{efs: {fileSystemId: fs-0123456789abcdef0, path: /}}]; a Space names those it mounts.",
    )
    posix_user: PosixUser | None = Field(
        None,
        description="Who people in shared spaces are to mounted file systems, for example "
        "{uid: 200001, gid: 1001} (AWS's choice when left out). AWS changes it only while the "
        "domain has no profile.",
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
