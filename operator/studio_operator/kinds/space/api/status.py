"""What status says of a space, and what it remembers for the planner."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from studio_operator.api.common import CommonStatus, Model, Timestamp, list_as
from studio_operator.api.running import HandledRequests, RunningState
from studio_operator.kinds.space.api.backup import BackupStatus


class ImageStatus(Model):
    """The image as AWS shows it."""

    image_arn: str | None = Field(None, description="ARN of the image.")
    version_alias: str | None = Field(None, description="Alias of the image's version.")
    version_arn: str | None = Field(None, description="ARN of the image's version.")


class SettingsStatus(Model):
    """The space's settings as last described by AWS, so that a restart need not ask again."""

    modified_at: str = Field(
        description="AWS's LastModifiedTime that these belong to, to the microsecond."
    )
    instance_type: str | None = Field(None, description="Instance type of the next app.")
    image: ImageStatus | None = Field(None, description="Image of the next app.")
    lifecycle_config_arn: str | None = Field(
        None, description="ARN of the lifecycle configuration of the next app."
    )
    idle_minutes: int | None = Field(
        None, description="Idle time after which SageMaker stops the app, in minutes."
    )
    file_systems: tuple[str, ...] | None = Field(
        None,
        description="File systems that the next app mounts, for example efs/fs-0123456789abcdef0.",
        json_schema_extra=list_as("atomic"),
    )
    code_repositories: tuple[str, ...] | None = Field(
        None,
        description="Repositories that JupyterLab offers to clone.",
        json_schema_extra=list_as("atomic"),
    )
    remote_access: bool | None = Field(
        None, description="Whether people may connect from an editor on their own machine."
    )


SettingSource = Literal["Spec", "UserProfile", "StudioDomain", "Operator", "AWS"]


class EffectiveSetting(Model):
    """What a space has of a setting that its spec may leave out, and where that comes from."""

    from_: SettingSource = Field(
        alias="from",
        description="Who says so: Spec, UserProfile (the owner's, for private spaces), "
        "StudioDomain, Operator (nobody declares any), or AWS (people picked it there, or the "
        "space had it before the operator knew of a default).",
    )
    value: str | None = Field(
        None,
        description="The value, for example ml.t3.medium; of an image its ARN and version. None "
        "where there is none.",
    )


class EffectiveState(RunningState):
    """Which running state and which settings hold now, and which rule decided it."""

    settings: dict[str, EffectiveSetting] | None = Field(
        None,
        description="Where the space's settings come from that the spec may leave to others: "
        "instanceType, image and lifecycleConfigArn, each with what the space was given.",
    )


class SpaceRequests(HandledRequests):
    """What people asked for by annotation and the operator has taken up, each as its value."""

    apply_now: str | None = Field(
        None, description="Value of the annotation studio-operator.dev/apply-now handled last."
    )
    recreate: str | None = Field(
        None, description="Value of the annotation studio-operator.dev/recreate handled last."
    )


class CostStatus(Model):
    """What the space costs now, by the operator's table of prices; without taxes and discounts."""

    per_hour: str = Field(
        description="An hour of what runs, for example 0.05; 0 while nothing runs, unknown where "
        "the table has no price."
    )
    volume_per_month: str = Field(
        description="A month of the volume, for example 2.24, or unknown."
    )
    currency: str = Field(description="The currency of both, for example USD.")


class Substitute(Model):
    """The instance type that is taken in place of the declared one, which can't start."""

    basis: str = Field(
        description="The members of the spec that it is for: others may change without effect."
    )
    taken_at: Timestamp = Field(description="When it was taken.")
    kind: Literal["Fallback", "Rollback"] = Field(
        description="Fallback: one of fallbackInstanceTypes. Rollback: the type that ran last."
    )
    instance_type: str = Field(description="The instance type that is taken.")
    reason: str = Field(description="Why the one before can't start, as conditions say it.")
    message: str = Field(description="Why, in AWS's words.")
    tried: tuple[str, ...] = Field(
        description="The instance types tried so far, in order.",
        json_schema_extra=list_as("atomic"),
    )


class LingeringStatus(Model):
    """What was made from the space and goes on costing money without its app."""

    count: int = Field(description="How many resources were found.")
    arns: tuple[str, ...] = Field(
        description="ARNs of the first 20 of them.", json_schema_extra=list_as("atomic")
    )


class StopWait(Model):
    """The wait of a stop for what goes on costing money, under `stopPolicy: Block`."""

    since: Timestamp | None = Field(
        None,
        description="Since when the stop that is due waits; what stops of the same run waited "
        "before counts along.",
    )
    waited_seconds: int | None = Field(
        None, description="How long stops of this run have waited, while none is due."
    )
    ended_at: Timestamp | None = Field(
        None, description="When the wait was over and the app was stopped all the same."
    )


class Rejection(Model):
    """A change that AWS refused for good: the app was started again without it."""

    generation: int = Field(description="Generation of the spec that asked for it.")
    changes: dict[str, str] | None = Field(
        None,
        description="The settings that were refused, each with the value that was wanted: another "
        "value of one of them tries again, and no other edit does. Where it is missing, a new "
        "generation does.",
    )
    requested_at: str | None = Field(
        None, description="What people had asked for by annotation: a new request tries again."
    )
    reason: str = Field(description="The reason as conditions show it.")
    message: str = Field(description="AWS's words and the remedy.")
    depends_on: str | None = Field(
        None,
        description="A digest of how what the space refers to stood: once that has changed, it is "
        "tried again while no app runs.",
    )
    retry_at: Timestamp | None = Field(
        None, description="When it is tried again without any change, while no app runs."
    )


class SpaceStatus(CommonStatus):
    """The space as last observed in AWS."""

    phase: (
        Literal[
            "Pending",
            "Starting",
            "InService",
            "Stopping",
            "Stopped",
            "Resizing",
            "Updating",
            "Deleting",
            "Failed",
        ]
        | None
    ) = Field(
        None,
        description="One word for where the space and its app stand, for example InService, "
        "Stopped or Resizing.",
    )
    space_name: str | None = Field(None, description="Name of the space in AWS.")
    created_at: Timestamp | None = Field(None, description="When AWS created the space.")
    owner: str | None = Field(None, description="Name of the owning user profile in AWS.")
    sharing: str | None = Field(None, description="Who may use the space: Private or Shared.")
    app: str | None = Field(
        None, description="The app that the space runs, for example JupyterLab."
    )
    instance_type: str | None = Field(
        None, description="Instance type of the app that runs, else of the next one."
    )
    storage_gib: int | None = Field(
        None, alias="storageGiB", description="Size of the volume in GiB."
    )
    execution_role: str | None = Field(
        None,
        description="The IAM role that a shared space runs with: that of all shared spaces of its "
        "domain, whoever uses them. A private space runs with its owner's.",
    )
    image: ImageStatus | None = Field(None, description="The container image as AWS shows it.")
    url: str | None = Field(
        None, description="Address of the space in Studio, never a presigned one."
    )
    settings: SettingsStatus | None = Field(
        None, description="The space's settings as last described by AWS."
    )
    effective: EffectiveState | None = Field(
        None, description="Which running state holds now, and which rule decided it."
    )
    cost: CostStatus | None = Field(
        None, description="What the space costs now, by the operator's table of prices."
    )
    applied: dict[str, str] | None = Field(
        None,
        description="Each declared setting that AWS has shown as declared: what differs later was "
        "changed by others.",
    )
    handled_requests: SpaceRequests | None = Field(
        None, description="What people asked for by annotation, as far as it was taken up."
    )
    lingering_resources: LingeringStatus | None = Field(
        None, description="What was made from the space and goes on costing money without its app."
    )
    policy_grace_since: Timestamp | None = Field(
        None,
        description="Since when the hours of grace are counted that its StudioTenant gives until "
        "policyStopsAt.",
    )
    policy_stops_at: Timestamp | None = Field(
        None,
        description="When the app is stopped at the latest, since its StudioTenant says Stop and "
        "does not allow what it runs with.",
    )
    stop_wait: StopWait | None = Field(
        None, description="How long stops have waited under stopPolicy Block."
    )
    backup: BackupStatus | None = Field(
        None, description="The back-up that a resize or a deletion waits for, and the last one."
    )
    storage_grown_at: Timestamp | None = Field(
        None,
        description="When the volume last grew: AWS allows one growth in six hours. Of a space "
        "that was in AWS before this resource knew of it, when it was changed last.",
    )
    storage_retry_at: Timestamp | None = Field(
        None, description="When a growth that waits for AWS's six hours is tried again."
    )
    substitute: Substitute | None = Field(
        None, description="The instance type taken in place of one that can't start."
    )
    last_ran_on: str | None = Field(None, description="The instance type that the app last ran on.")
    running_since: Timestamp | None = Field(
        None,
        description="When the run began that maxRunTime limits: when the app was first seen to "
        "run, or later when a window of the schedule began.",
    )
    found_running_at: int | None = Field(
        None,
        description="The generation of the spec at which the space was first seen, with its app "
        "running: what differs from that spec waits until the app is stopped.",
    )
    starting_since: Timestamp | None = Field(
        None, description="Since when the app has been asked to start, while it does not run yet."
    )
    last_start_at: Timestamp | None = Field(
        None, description="When the app was last started for the spec as it is."
    )
    rejection: Rejection | None = Field(
        None, description="The change that AWS refused for good, until another one is declared."
    )
