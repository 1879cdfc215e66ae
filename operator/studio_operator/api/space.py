"""Space: an instance, an image and an EBS volume that run one app."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from studio_operator.api.common import (
    AWS_NAME,
    INSTANCE_TYPE,
    CommonStatus,
    DeletionPolicy,
    LocalReference,
    Model,
    NamespacedReference,
    Tags,
    Timestamp,
    cel,
    immutable,
)

App = Literal["JupyterLab", "CodeEditor", "JupyterServer"]
Sharing = Literal["Private", "Shared"]
RunState = Literal["Running", "Stopped"]

DURATION = r"^([0-9]+d)?([0-9]+h)?([0-9]+m)?$"


class Storage(Model):
    """The space's EBS volume."""

    size_gib: int = Field(
        alias="sizeGiB",
        ge=5,
        le=16384,
        description="Size of the volume in GiB, 5 to 16384, for example 20. It can grow and never "
        "shrink; AWS allows one growth in six hours.",
        json_schema_extra=cel(
            ("self >= oldSelf", "a volume can grow but never shrink: keep the present size or more")
        ),
    )


class Image(Model):
    """The container image: a SageMaker Distribution version, or an image of one's own."""

    distribution: str | None = Field(
        None,
        pattern=r"^(latest|[0-9]+(\.[0-9]+){0,2})$",
        description='SageMaker Distribution version, for example "4.2", "4.2.1" or "latest"; its '
        "cpu or gpu variant is chosen by the instance type.",
    )
    image_arn: str | None = Field(
        None,
        max_length=256,
        pattern=r"^arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:image/[a-z0-9]([-.]?[a-z0-9])*$",
        description="ARN of a SageMaker image of one's own.",
    )
    version_alias: str | None = Field(
        None,
        min_length=1,
        max_length=128,
        pattern=r"^(0|[1-9]\d*)\.(0|[1-9]\d*)$|^[a-zA-Z0-9._-]+$",
        description="Alias of the image's version, for example 1.0; goes with imageArn.",
    )
    version_arn: str | None = Field(
        None, max_length=256, description="ARN of the image's version; goes with imageArn."
    )


class IdleShutdown(Model):
    """SageMaker's own idle shutdown of the app."""

    after: str = Field(
        pattern=DURATION,
        min_length=2,
        max_length=16,
        description="Idle time after which SageMaker stops the app, 60m to 365d, for example 2h.",
    )


class Drift(Model):
    """What to do when AWS no longer shows what the spec says."""

    state: Literal["Enforce", "Report"] | None = Field(
        None,
        description="Report (when left out): an app that people or AWS stopped stays stopped until "
        "the spec changes. Enforce: it is started or stopped again at once.",
    )


class SpaceSpec(Model):
    """The desired state of a space."""

    domain_ref: Annotated[
        NamespacedReference, Field(json_schema_extra=cel(immutable("the domain")))
    ] = Field(description="The StudioDomain the space is in.")
    owner_ref: LocalReference | None = Field(
        None,
        description="The UserProfile that owns the space, in the same namespace. Shared spaces "
        "have an owner too; only JupyterServer (Classic) spaces go without.",
        json_schema_extra=cel(immutable("the owner")),
    )
    space_name: str | None = Field(
        None,
        min_length=1,
        max_length=63,
        pattern=AWS_NAME,
        description="Name in AWS, when it is not metadata.name. Spaces and user profiles of a "
        "domain share one name space.",
        json_schema_extra=cel(immutable("the name in AWS")),
    )
    display_name: str | None = Field(
        None,
        min_length=1,
        max_length=64,
        pattern=r".*\S.*",
        description="Name shown in the Studio UI, at most 64 characters. AWS takes it while the "
        "app is stopped; a change never stops the app.",
    )
    sharing: Sharing | None = Field(
        None, description="Private (when left out): for its owner; Shared: for the domain's users."
    )
    app: App = Field(
        description="The app of the space: JupyterLab, CodeEditor, or JupyterServer (the "
        "deprecated Studio Classic, shared spaces only).",
        json_schema_extra=cel(immutable("the app")),
    )
    state: RunState | None = Field(
        None,
        description="Running or Stopped, acted on when it or the instance type changes. Left out: "
        "people start and stop the app, the operator only shapes the space.",
    )
    instance_type: str | None = Field(
        None,
        max_length=64,
        pattern=INSTANCE_TYPE,
        description="Instance type of the app, for example ml.t3.medium. A change on a running "
        "app takes a stop, an update and a start, as resizePolicy allows. Left out: the domain's "
        "default, else ml.t3.medium.",
    )
    storage: Storage | None = Field(
        None, description="The EBS volume; AWS makes one of 5 GiB when left out."
    )
    image: Image | None = Field(
        None,
        description="The container image; the region's SageMaker Distribution when left out.",
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
    lifecycle_config_arn: str | None = Field(
        None,
        max_length=256,
        pattern=r"^arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:studio-lifecycle-config/.+$",
        description="ARN of the Studio lifecycle configuration that runs when the app starts.",
    )
    idle_shutdown: IdleShutdown | None = Field(
        None,
        description="SageMaker's own idle shutdown, within the limits of the domain. AWS takes it "
        "while the app is stopped; a change never stops the app.",
    )
    resize_policy: Literal["Immediate", "WhenStopped"] | None = Field(
        None,
        description="Immediate (when left out): a change that needs a stop stops and restarts a "
        "running app. WhenStopped: it waits until the app is stopped by others.",
    )
    drift: Drift | None = Field(None, description="What to do when AWS differs from the spec.")
    deletion_policy: DeletionPolicy | None = Field(
        None,
        description="What deleting this resource does. Retain (when left out): stop the app, keep "
        "the space and its volume. Delete: delete the space and its volume. Orphan: touch nothing.",
    )
    adopt: bool | None = Field(
        None, description="Take over a space of that name that exists and nobody else owns."
    )
    tags: Tags | None = None

    @property
    def is_shared(self) -> bool:
        """Whether the space is shared in its domain."""
        return self.sharing == "Shared"


class ImageStatus(Model):
    """The image as AWS shows it."""

    image_arn: str | None = None
    version_alias: str | None = None
    version_arn: str | None = None


class SettingsStatus(Model):
    """The space's settings as last described by AWS, so that a restart need not ask again."""

    modified_at: Timestamp = Field(description="AWS's LastModifiedTime that these belong to.")
    instance_type: str | None = None
    image: ImageStatus | None = None
    lifecycle_config_arn: str | None = None
    idle_minutes: int | None = None


class EffectiveState(Model):
    """Which running state holds now, and which rule decided it."""

    state: RunState | None = Field(None, description="The running state that holds now.")
    by: Literal["Spec", "OutsideStop", "OutsideStart", "People", "Failure"] = Field(
        description="Who decided: Spec, OutsideStop or OutsideStart (a person, the idle timer or "
        "AWS, after the spec had been carried out), Failure (the app failed after it ran), People "
        "(spec.state is left out)."
    )
    trigger: str = Field(description="The trigger handled last: spec.state and the instance type.")
    reached: bool | None = Field(
        None, description="Whether AWS has shown that state since the trigger."
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
    ) = Field(None, description="One word for where the space and its app stand.")
    space_name: str | None = Field(None, description="Name in AWS.")
    owner: str | None = Field(None, description="Name of the owning user profile in AWS.")
    sharing: str | None = Field(None, description="Private or Shared.")
    app: str | None = Field(None, description="The app's type.")
    instance_type: str | None = Field(
        None, description="Instance type of the app that runs, else of the next one."
    )
    storage_gib: int | None = Field(
        None, alias="storageGiB", description="Size of the volume in GiB."
    )
    image: ImageStatus | None = Field(None, description="The image of the space.")
    url: str | None = Field(None, description="URL of the space in Studio, never a presigned one.")
    settings: SettingsStatus | None = None
    effective: EffectiveState | None = None
    storage_grown_at: Timestamp | None = Field(
        None, description="When the volume last grew: AWS allows one growth in six hours."
    )
    starting_since: Timestamp | None = Field(
        None, description="Since when the app has been asked to start, while it does not run yet."
    )
    managed_fields: tuple[str, ...] | None = Field(
        None, description="Optional settings set from the spec: removed ones are cleared in AWS."
    )


class Space(Model):
    """A SageMaker Studio space: an instance, an image and an EBS volume that run one app."""

    spec: SpaceSpec
    status: SpaceStatus | None = None


# Rules over several fields of the spec. Optional fields need `has` on both sides, so that a field
# can't be slipped in or dropped where its change is refused.
SPEC_RULES = (
    (
        "has(self.ownerRef) || self.app == 'JupyterServer'",
        "ownerRef is required: name the UserProfile that owns the space",
    ),
    (
        "self.app != 'JupyterServer' || (has(self.sharing) && self.sharing == 'Shared')",
        "JupyterServer (Classic) spaces must be Shared",
    ),
    (
        "self.app != 'JupyterServer' || !has(self.instanceType) || self.instanceType == 'system'",
        "JupyterServer (Classic) spaces run on instanceType system only",
    ),
    (
        "self.app == 'JupyterServer' || !has(self.instanceType) || self.instanceType != 'system'",
        "instanceType system is for JupyterServer only: give a type such as ml.t3.medium",
    ),
    (
        "(has(self.sharing) ? self.sharing : 'Private') == "
        "(has(oldSelf.sharing) ? oldSelf.sharing : 'Private')",
        immutable("sharing")[1],
    ),
    (
        "has(self.ownerRef) == has(oldSelf.ownerRef)",
        immutable("the owner")[1],
    ),
    (
        "has(self.spaceName) == has(oldSelf.spaceName)",
        immutable("the name in AWS")[1],
    ),
    (
        "has(self.storage) || !has(oldSelf.storage)",
        "a volume can grow but never shrink: keep spec.storage",
    ),
)
