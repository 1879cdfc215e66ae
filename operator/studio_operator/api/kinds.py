"""The kinds and what their CustomResourceDefinitions hold besides the schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from studio_operator.api import domain, profile, space, space_rules
from studio_operator.api.common import Model

Rules = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `kubectl get`; `wide` ones need `-o wide`."""

    name: str
    json_path: str
    type: Literal["string", "integer", "date"] = "string"
    description: str = ""
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of the API group.

    `root_rules` are CEL rules over the whole resource, `spec_rules` over its spec, each an
    expression and the message a user reads. `selectable_fields` work with `--field-selector`.
    """

    model: type[Model]
    plural: str
    short_name: str
    columns: tuple[Column, ...]
    selectable_fields: tuple[str, ...]
    root_rules: Rules
    spec_rules: Rules

    @property
    def name(self) -> str:
        """The kind's name, for example StudioDomain."""
        return self.model.__name__


def _condition(member: str) -> str:
    return f'.status.conditions[?(@.type=="Ready")].{member}'


READY = Column("Ready", _condition("status"), description="Whether AWS matches what is declared.")
# An explicit column, since explicit columns replace the one that Kubernetes adds by itself.
AGE = Column("Age", ".metadata.creationTimestamp", "date", "Age of the resource in Kubernetes.")
MESSAGE = Column(
    "Message", _condition("message"), description="What the Ready condition says.", wide=True
)

STUDIO_DOMAIN = Kind(
    model=domain.StudioDomain,
    plural="studiodomains",
    short_name="sdom",
    columns=(
        Column("ID", ".status.domainId", description="Id of the domain."),
        Column("Auth", ".status.authMode", description="How people sign in: IAM or SSO."),
        Column("Network", ".status.network", description="How apps reach the internet."),
        Column("Status", ".status.phase", description="Where the domain stands."),
        READY,
        AGE,
        Column("AWS-Name", ".status.domainName", description="Name of the domain.", wide=True),
        Column("Region", ".status.region", description="AWS region.", wide=True),
        Column(
            "Execution-Role",
            ".spec.defaultUserSettings.executionRole",
            description="The IAM role of private spaces, where a profile names no other.",
            wide=True,
        ),
        Column(
            "Shared-Role",
            ".status.sharedSpaces.executionRole",
            description="The IAM role of all shared spaces.",
            wide=True,
        ),
        Column(
            "Home-EFS",
            ".status.homeEfsFileSystemId",
            description="File system of the home folders.",
            wide=True,
        ),
        MESSAGE,
    ),
    selectable_fields=(".spec.domainId", ".status.domainId", ".status.phase"),
    root_rules=domain.ROOT_RULES,
    spec_rules=domain.SPEC_RULES,
)

USER_PROFILE = Kind(
    model=profile.UserProfile,
    plural="userprofiles",
    short_name="uprof",
    columns=(
        Column("Domain", ".spec.domainRef.name", description="The StudioDomain."),
        Column("Status", ".status.phase", description="Where the profile stands."),
        READY,
        AGE,
        Column(
            "AWS-Name", ".status.userProfileName", description="Name of the profile.", wide=True
        ),
        Column("Domain-ID", ".status.domainId", description="Id of the domain.", wide=True),
        Column(
            "Execution-Role",
            ".status.executionRole",
            description="The IAM role of the person's private spaces, where the profile names one.",
            wide=True,
        ),
        MESSAGE,
    ),
    selectable_fields=(".spec.domainRef.name", ".status.phase"),
    root_rules=profile.ROOT_RULES,
    spec_rules=profile.SPEC_RULES,
)

SPACE = Kind(
    model=space.Space,
    plural="spaces",
    short_name="sp",
    columns=(
        Column("Domain", ".spec.domainRef.name", description="The StudioDomain."),
        Column("Owner", ".spec.ownerRef.name", description="The owning UserProfile."),
        Column("Sharing", ".status.sharing", description="Private or Shared."),
        Column("App", ".spec.app", description="The app of the space."),
        Column("Instance", ".status.instanceType", description="Instance type in AWS."),
        Column("Storage", ".status.storageGiB", "integer", "Size of the volume in AWS, in GiB."),
        Column("Status", ".status.phase", description="Where the space and its app stand."),
        READY,
        AGE,
        Column(
            "Desired",
            ".status.effective.state",
            description="The running state that holds now.",
            wide=True,
        ),
        Column(
            "Cost/h",
            ".status.cost.perHour",
            description="What runs costs that much an hour, by the operator's table of prices.",
            wide=True,
        ),
        Column(
            "Stops-At",
            ".status.effective.stopsAt",
            description="When the schedule or maxRunTime stops the app.",
            wide=True,
        ),
        MESSAGE,
    ),
    selectable_fields=(".spec.domainRef.name", ".spec.ownerRef.name", ".status.phase"),
    root_rules=space_rules.ROOT_RULES,
    spec_rules=space_rules.SPEC_RULES,
)

KINDS = (STUDIO_DOMAIN, USER_PROFILE, SPACE)
