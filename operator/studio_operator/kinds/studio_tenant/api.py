"""StudioTenant: the namespaces of a team, and what of AWS may be named in them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from studio_operator.api.common import CommonStatus, Model, UniqueList, cel, list_as

# Names of namespaces (RFC 1123), with stars.
NAMESPACE_GLOB = r"^[a-z0-9*]([-a-z0-9*]*[a-z0-9*])?$"
# Names, ids and ARNs in AWS, with stars.
GLOB = r"^[a-zA-Z0-9+=,.@_/:*-]+$"
S3_GLOB = r"^s3://[a-z0-9*][A-Za-z0-9*_.=/-]*$"

# An ARN has six parts and a path. More stars say nothing more, and each has to be tried.
STARS = cel((r"self.matches('^[^*]*([*][^*]*){0,8}$')", "a name may have 8 stars at most"))

Glob = Annotated[str, Field(max_length=256, pattern=GLOB, json_schema_extra=STARS)]
Globs = Annotated[UniqueList[Glob], Field(max_length=64)]
Enforcement = Literal["Audit", "Block", "Stop"]


class Namespaces(Model):
    """Which namespaces a tenant has."""

    names: Annotated[
        UniqueList[
            Annotated[str, Field(max_length=63, pattern=NAMESPACE_GLOB, json_schema_extra=STARS)]
        ],
        Field(min_length=1, max_length=64),
    ] = Field(
        description="Names of the tenant's namespaces, 1 to 64, with * for any characters, for "
        "example [churn, churn-*]. A namespace that two tenants name counts for neither."
    )


class IdRange(Model):
    """Numbers from one to another, both included."""

    model_config = ConfigDict(
        json_schema_extra=cel(("self.from <= self.to", "from must not be above to"))
    )

    from_: int = Field(
        alias="from", ge=1001, le=4000000, description="The lowest number, for example 200000."
    )
    to: int = Field(ge=1001, le=4000000, description="The highest number, for example 200099.")


IdRanges = Annotated[
    list[IdRange],
    Field(max_length=16, json_schema_extra=list_as("atomic")),
]


class PosixIds(Model):
    """Who people may be to mounted file systems."""

    uids: IdRanges | None = Field(
        None,
        description="Numbers of users that posixUser.uid may have, at most 16 ranges, for example "
        "[{from: 200000, to: 200099}]; none when left out.",
    )
    gids: IdRanges | None = Field(
        None,
        description="Numbers of groups that posixUser.gid may have, at most 16 ranges, for example "
        "[{from: 1001, to: 1001}]; none when left out.",
    )


class Allow(Model):
    """What may be named in the tenant's namespaces. What is left out is denied."""

    execution_roles: Globs | None = Field(
        None,
        description="ARNs of IAM roles that domains and profiles may name and that spaces may run "
        "with, at most 64, with * for any characters, for example "
        '["arn:aws:iam::123456789012:role/churn-*"]; none when left out.',
    )
    subnets: Globs | None = Field(
        None,
        description="Ids of subnets of domains, at most 64, for example "
        "[subnet-0123456789abcdef0]; none when left out.",
    )
    security_groups: Globs | None = Field(
        None,
        description="Ids of security groups, at most 64, for example [sg-0123456789abcdef0]; none "
        "when left out.",
    )
    kms_keys: Globs | None = Field(
        None,
        description="KMS keys of domains, just as kmsKeyId may have them, at most 64, for example "
        '["arn:aws:kms:eu-central-1:123456789012:key/*"]; none when left out, and AWS\'s own key '
        "needs no permission.",
    )
    file_systems: Globs | None = Field(
        None,
        description="Ids of file systems that may be attached and mounted, at most 64, for example "
        "[fs-0123456789abcdef0]; none when left out.",
    )
    posix_ids: PosixIds | None = Field(
        None,
        description="Who people may be to mounted file systems, for example {uids: [{from: 200000, "
        "to: 200099}], gids: [{from: 1001, to: 1001}]}; nobody in particular when left out.",
    )
    lifecycle_configs: Globs | None = Field(
        None,
        description="ARNs of lifecycle configurations, at most 64, for example "
        '["arn:aws:sagemaker:*:123456789012:studio-lifecycle-config/churn-*"]; none when left out.',
    )
    images: Globs | None = Field(
        None,
        description="ARNs of SageMaker images, at most 64, for example "
        '["arn:aws:sagemaker:*:123456789012:image/churn-*"]; a version is allowed with its image. '
        "None when left out, and AWS's SageMaker Distribution by its version needs no permission.",
    )
    image_owners: Globs | None = Field(
        None,
        description="AWS accounts whose images are allowed, SageMaker images and, in a VpcOnly "
        'domain, those that Docker pulls, at most 64, for example ["123456789012"]; none when left '
        "out.",
    )
    s3_places: (
        Annotated[
            UniqueList[
                Annotated[str, Field(max_length=256, pattern=S3_GLOB, json_schema_extra=STARS)]
            ],
            Field(max_length=64),
        ]
        | None
    ) = Field(
        None,
        description="Where back-ups of spaces may go, at most 64, with * for any characters, for "
        'example ["s3://churn-backups/*"]; nowhere when left out.',
    )
    adoption: Globs | None = Field(
        None,
        description="What exists in AWS and may be taken over: names of spaces and user profiles, "
        "ids of domains, at most 64, for example [churn-*, d-abcdefghijkl]; nothing when left out.",
    )
    deletion_policies: (
        Annotated[UniqueList[Literal["Delete", "Orphan"]], Field(max_length=2)] | None
    ) = Field(
        None,
        description="Deletion policies beside Retain, which is always allowed: Delete, Orphan, or "
        "both, for example [Delete]; none when left out.",
    )
    remote_access: Literal["Enabled"] | None = Field(
        None,
        description="Enabled: people may connect to apps from an editor on their own machine. They "
        "may not when left out.",
    )


class StudioTenantSpec(Model):
    """The namespaces of a tenant, and what of AWS may be named in them."""

    namespaces: Namespaces = Field(
        description="The tenant's namespaces, for example {names: [churn, churn-*]}."
    )
    allow: Allow | None = Field(
        None,
        description="What may be named there, for example {executionRoles: "
        '["arn:aws:iam::123456789012:role/churn-*"]}. What is left out is denied.',
    )
    enforcement: Enforcement | None = Field(
        None,
        description="What is done about what is not allowed. Audit (when left out): it is told, "
        "and nothing is refused. Block: nothing is made, changed or started with it, and what runs "
        "goes on. Stop: what runs with it is stopped, too.",
    )
    grace_hours: int | None = Field(
        None,
        ge=0,
        le=720,
        description="With enforcement Stop: how many hours an app may go on whose resizePolicy "
        "does not let it be stopped at once, 0 to 720, for example 8; 24 when left out.",
    )


class StudioTenantStatus(CommonStatus):
    """What the tenant has in the cluster."""

    namespaces: tuple[str, ...] | None = Field(
        None,
        description="The namespaces that count as the tenant's: those that it names in full, and "
        "those meant by a star that have a resource of Studio. At most 100 are listed.",
        json_schema_extra=list_as("atomic"),
    )
    namespace_count: int | None = Field(None, description="How many namespaces these are.")
    resources: dict[str, int] | None = Field(
        None, description="How many resources there are in these namespaces, by kind."
    )
    conflicts: tuple[str, ...] | None = Field(
        None,
        description="Namespaces that another tenant claims, too, at most 100. They count for none.",
        json_schema_extra=list_as("atomic"),
    )


class StudioTenant(Model):
    """The namespaces of a team, and what of AWS may be named in them."""

    spec: StudioTenantSpec = Field(
        description="The namespaces of the tenant, and what may be named in them."
    )
    status: StudioTenantStatus | None = Field(
        None, description="What the tenant has in the cluster; written by the operator."
    )


SPEC_RULES = (
    (
        "!has(self.graceHours) || (has(self.enforcement) && self.enforcement == 'Stop')",
        "graceHours goes with enforcement Stop",
    ),
)
