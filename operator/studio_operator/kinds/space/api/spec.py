"""Space: an instance, an image and an EBS volume that run one app."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from studio_operator.api.common import (
    AWS_NAME,
    INSTANCE_TYPE,
    DeletionPolicy,
    LifecycleConfigArn,
    LocalReference,
    Model,
    NamespacedReference,
    Tags,
    cel,
    list_as,
)
from studio_operator.api.durations import DURATION, IDLE_RANGE, START_RANGE
from studio_operator.api.file_systems import CodeRepositories
from studio_operator.api.schedule import WINDOW_RULES, ResizeWindow, RunState, Schedule
from studio_operator.kinds.space.api.backup import Backup
from studio_operator.kinds.space.api.parts import Drift, IdleShutdown, Image, Storage
from studio_operator.kinds.space.api.status import SpaceStatus

App = Literal["JupyterLab", "CodeEditor", "JupyterServer"]
Sharing = Literal["Private", "Shared"]

InstanceType = Annotated[str, Field(max_length=64, pattern=INSTANCE_TYPE)]


class SpaceSpec(Model):
    """The desired state of a space."""

    names_in_aws: ClassVar = ("spaceName",)
    fixed: ClassVar = {
        "domainRef": None,
        "ownerRef": None,
        "spaceName": None,
        "app": None,
        "sharing": "Private",
    }

    domain_ref: NamespacedReference = Field(
        description="The StudioDomain that the space is in, for example {name: research}."
    )
    owner_ref: LocalReference | None = Field(
        None,
        description="The UserProfile that owns the space, in the same namespace, for example "
        "{name: alice}. Shared spaces have an owner too; only JupyterServer spaces go without.",
    )
    space_name: str | None = Field(
        None,
        max_length=63,
        pattern=AWS_NAME,
        description="Name of the space in AWS, for example Churn-Notebooks; metadata.name when "
        "left out. The spaces and user profiles of a domain share one name space.",
    )
    display_name: str | None = Field(
        None,
        max_length=64,
        pattern=r"^[^\n]*[^\t\n\r ][^\n]*$",
        description="Name shown in the Studio UI, one line of at most 64 characters, for example "
        '"Churn notebooks". AWS takes a change while the app is stopped; a change never stops it.',
    )
    sharing: Sharing | None = Field(
        None,
        description="Who may use the space. Private (when left out): its owner. Shared: all users "
        "of the domain.",
    )
    app: App = Field(
        description="The app that the space runs: JupyterLab, CodeEditor, or JupyterServer (the "
        "deprecated Studio Classic, in shared spaces only).",
    )
    state: RunState | None = Field(
        None,
        description="Running or Stopped, acted on when this or the instance type changes. When "
        "left out, people start and stop the app, and the operator only shapes the space.",
    )
    instance_type: str | None = Field(
        None,
        max_length=64,
        pattern=INSTANCE_TYPE,
        description="Instance type of the app, for example ml.t3.medium. When left out, the "
        "default of the owner's profile (private spaces), else of the domain, else ml.t3.medium "
        "(ml.t3.large with remoteAccess). A change, of a default too, stops and restarts a running "
        "app, as resizePolicy allows.",
    )
    storage: Storage | None = Field(
        None,
        description="The space's EBS volume, for example {sizeGiB: 20}; the domain's default size, "
        "else 5 GiB, when left out.",
    )
    image: Image | None = Field(
        None,
        description='The container image, for example {distribution: "4.2"}. When left out, the '
        "default of the owner's profile (private spaces), else of the domain, else the region's "
        "latest SageMaker Distribution.",
        json_schema_extra=cel(
            (
                "has(self.distribution) != has(self.imageArn)",
                "give exactly one of image.distribution and image.imageArn",
            ),
            (
                "has(self.imageArn) || !(has(self.versionAlias) || has(self.versionArn))",
                "image.versionAlias and image.versionArn go with image.imageArn",
            ),
            (
                "!(has(self.versionAlias) && has(self.versionArn))",
                "give image.versionAlias or image.versionArn, not both",
            ),
        ),
    )
    lifecycle_config_arn: LifecycleConfigArn | None = Field(
        None,
        description="ARN of the lifecycle configuration that runs when the app starts, for example "
        "arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config/install-tools. When "
        "left out, the default of the owner's profile (private spaces), else of the domain, if "
        "any.",
    )
    idle_shutdown: IdleShutdown | None = Field(
        None,
        description="SageMaker's own idle shutdown, within the limits of the domain, for example "
        "{after: 2h}. AWS takes a change while the app is stopped; a change never stops it.",
    )
    code_repositories: CodeRepositories | None = Field(
        None,
        description="Repositories that JupyterLab offers to clone, at most 10, for example "
        "[https://git.example.com/ml/churn]. AWS takes a change while the app is stopped; a "
        "change never stops it.",
    )
    remote_access: Literal["Enabled", "Disabled"] | None = Field(
        None,
        description="Whether people may connect to the running app from an editor on their own "
        "machine, Enabled or Disabled (AWS's own when left out). It takes an instance with 8 GiB "
        "of memory or more. A change stops and restarts a running app, as resizePolicy allows.",
    )
    schedule: Schedule | None = Field(
        None,
        description="When the app runs, for example {timezone: Europe/Berlin, windows: "
        '[{days: Mon-Fri, from: "08:00", to: "19:00"}]}; always, when left out.',
    )
    max_run_time: str | None = Field(
        None,
        pattern=DURATION,
        min_length=2,
        max_length=16,
        description="How long the app may run at a stretch before it is stopped, 60m to 365d, for "
        "example 12h; as long as it likes when left out.",
        json_schema_extra=cel((IDLE_RANGE, "maxRunTime must lie between 60m and 365d")),
    )
    start_timeout: str | None = Field(
        None,
        pattern=DURATION,
        min_length=2,
        max_length=16,
        description="How long a start of the app may take before it counts as stalled, 5m to 1d, "
        "for example 20m; 30m when left out. AWS may still finish it later.",
        json_schema_extra=cel((START_RANGE, "startTimeout must lie between 5m and 1d")),
    )
    fallback_instance_types: Annotated[list[InstanceType], Field(max_length=5)] | None = Field(
        None,
        description="Instance types to start the app on, in this order, when instanceType has no "
        "capacity or no quota, for example [ml.g5.2xlarge, ml.g4dn.xlarge].",
        json_schema_extra={
            **list_as("atomic"),
            **cel(
                (
                    "self.all(one, self.exists_one(other, other == one))",
                    "fallbackInstanceTypes has a type twice: name each once",
                )
            ),
        },
    )
    rollback: bool | None = Field(
        None,
        description="Whether the app is started on the instance type it last ran on when the "
        "declared one, and every fallback, has no capacity within startTimeout or no quota, true "
        "or false (when left out).",
    )
    resize_policy: Literal["Immediate", "WhenStopped", "Window"] | None = Field(
        None,
        description="When a change that needs a stopped app is made. Immediate (when left out): "
        "a running app is stopped and started again. WhenStopped: it waits until the app is "
        "stopped for another reason. Window: it waits for that, or for the resizeWindow.",
    )
    resize_window: Annotated[ResizeWindow, Field(json_schema_extra=WINDOW_RULES)] | None = Field(
        None,
        description="When a running app may be stopped for a change, for example {timezone: "
        'Europe/Berlin, days: Mon-Fri, from: "02:00", to: "05:00"}; with resizePolicy Window.',
    )
    drift: Drift | None = Field(
        None,
        description="What to do when AWS no longer shows what the spec says, for example "
        "{default: Enforce, tags: Report}.",
    )
    stop_policy: Literal["Warn", "Block"] | None = Field(
        None,
        description="What a stop of the app does when endpoints, jobs and the like that were made "
        "from it would go on and cost money. Warn (when left out): it stops the app, and the "
        "condition LingeringResources names them. Block: it waits until they are deleted, for a "
        "day at most; a stop that a person asks for by annotation does not wait.",
    )
    backup: Backup | None = Field(
        None,
        description="A copy of the home folder in S3 before a resize or a deletion, for example "
        "{s3Uri: s3://team-backups/studio, before: [Delete]}; none when left out. Its script "
        "comes with the next start of the app; adding it stops nothing.",
    )
    deletion_policy: DeletionPolicy | None = Field(
        None,
        description="What deleting this resource does in AWS. Retain (when left out): the app is "
        "stopped, the space and its volume stay. Delete: the space is deleted with all files on "
        "its volume. Orphan: nothing, a running app goes on.",
    )
    adopt: bool | None = Field(
        None,
        description="Whether to take over a space of that name that exists in AWS and that no "
        "other resource owns, true or false (when left out).",
    )
    tags: Tags | None = None

    @property
    def is_shared(self) -> bool:
        """Whether the space is shared in its domain."""
        return self.sharing == "Shared"


class Space(Model):
    """A SageMaker Studio space: an instance, an image and an EBS volume that run one app."""

    spec: SpaceSpec = Field(description="The desired state of the space.")
    status: SpaceStatus | None = Field(
        None, description="The space as last observed in AWS; written by the operator."
    )
