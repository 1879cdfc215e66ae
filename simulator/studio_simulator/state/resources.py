"""What one account has in one region. Settings are never changed in place, only replaced."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

ACTIVE_APP = frozenset({"Pending", "InService", "Deleting"})
"""App statuses that block updating and deleting what the app belongs to."""


@dataclass(eq=False)
class Resource:
    """What all kinds have. Times are simulated seconds since the epoch."""

    arn: str
    serial: int
    """Counts up with each creation; the order among equal times."""
    created: float
    modified: float
    status: str = "Pending"
    tags: dict[str, str] = field(default_factory=dict)
    failure_reason: str | None = None
    transition: int = 0
    """The number of the transition that is under way; the timeline's."""


@dataclass(eq=False)
class Domain(Resource):
    """A domain; ``settings`` holds CreateDomain's members as updates have changed them."""

    domain_id: str = ""
    name: str = ""
    url: str = ""
    settings: Json = field(default_factory=dict)
    home_efs_id: str | None = None
    boundary_security_group: str | None = None
    sso_instance: str | None = None
    sso_application: str | None = None

    @property
    def is_vpc_only(self) -> bool:
        """Whether apps reach the network only through the domain's own VPC."""
        return bool(self.settings.get("AppNetworkAccessType") == "VpcOnly")


@dataclass(eq=False)
class UserProfile(Resource):
    """A person's profile in a domain."""

    domain_id: str = ""
    name: str = ""
    settings: Json = field(default_factory=dict)
    sso_identifier: str | None = None
    sso_value: str | None = None
    efs_uid: str = ""


@dataclass(eq=False)
class Space(Resource):
    """A space; without an owner it is of the old shared kind, for Studio Classic."""

    domain_id: str = ""
    name: str = ""
    settings: Json = field(default_factory=dict)
    owner: str | None = None
    sharing: str = "Shared"
    display_name: str | None = None
    url: str = ""
    efs_uid: str = ""
    storage_ready: float = 0.0
    """When the volume can be attached again after an update."""
    grown: float | None = None
    """When the volume last grew."""
    stuck_until: float | None = None
    """The end of a cool-down inside which the volume was made to grow again."""

    @property
    def app_type(self) -> str:
        """The type of the one app that can run in the space."""
        return str(self.settings.get("AppType", "JupyterServer"))

    @property
    def volume_size(self) -> int | None:
        """Size of the EBS volume in GiB; None for Studio Classic, which uses EFS."""
        storage = self.settings.get("SpaceStorageSettings", {})
        size: int | None = storage.get("EbsStorageSettings", {}).get("EbsVolumeSizeInGb")
        return size


@dataclass(eq=False)
class App(Resource):
    """An app of a space or of a user profile."""

    domain_id: str = ""
    space_name: str | None = None
    user_profile_name: str | None = None
    app_type: str = ""
    name: str = ""
    resource_spec: Json = field(default_factory=dict)
    recovery_mode: bool | None = None
    trusted_identity: str | None = None
    in_service_since: float | None = None

    @property
    def instance_type(self) -> str:
        """The instance type that the app runs on."""
        return str(self.resource_spec.get("InstanceType", "system"))

    @property
    def is_active(self) -> bool:
        """Whether the app holds on to its space, its owner and its quota."""
        return self.status in ACTIVE_APP


@dataclass(eq=False)
class LifecycleConfig(Resource):
    """A Studio lifecycle configuration: a script, never changed after its creation."""

    name: str = ""
    content: str = ""
    app_type: str = ""


@dataclass(frozen=True)
class ForeignResource:
    """Something else in the account that only tagging sees: an endpoint, a cluster, ..."""

    arn: str
    tags: dict[str, str]
    resource_type: str
