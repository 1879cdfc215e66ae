"""QueryServer: a server that people of a domain send queries to, and who may reach it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from studio_operator.api.common import (
    AWS_NAME,
    REGION,
    DeletionPolicy,
    Model,
    NamespacedReference,
    StatusWithRefusals,
    Tags,
    fixed_at_creation,
    name_rules,
)
from studio_operator.api.running import (
    HandledRequests,
    RunningSpec,
    RunningState,
    RunningStatus,
)
from studio_operator.kinds.shared.running.situation import Running


class Location(Model):
    """Where in AWS the server is."""

    region: str | None = Field(
        None,
        max_length=32,
        pattern=REGION,
        description="Region, for example eu-central-1; the operator's own when left out.",
    )


class QueryServerSpec(RunningSpec):
    """The desired state of a query server."""

    domain_ref: NamespacedReference | None = Field(
        None, description="The StudioDomain whose people use it, for example {name: research}."
    )
    server_name: str | None = Field(
        None,
        max_length=63,
        pattern=AWS_NAME,
        description="Name of the server in AWS, for example Queries; metadata.name if left out.",
    )
    server_id: str | None = Field(
        None,
        max_length=63,
        pattern=r"^qs-[a-z0-9]{1,40}$",
        description="Id of an existing server to take over, for example qs-0123456789.",
    )
    aws: Location | None = Field(
        None, description="Where in AWS the server is, for example {region: eu-central-1}."
    )
    size: Literal["Small", "Large"] | None = Field(
        None, description="How much it can do: Small or Large."
    )
    allowed_cidr: str = Field(
        max_length=32,
        pattern=r"^[0-9.]+/[0-9]+$",
        description="Who may reach it, for example 10.0.0.0/8.",
    )
    deletion_policy: DeletionPolicy | None = Field(
        None, description="What deleting this resource does in AWS: Retain, Delete or Orphan."
    )
    tags: Tags | None = None


class QueryServerStatus(RunningStatus, StatusWithRefusals):
    """The query server as last observed in AWS."""

    phase: (
        Literal[
            "Pending",
            "InService",
            "Updating",
            "Starting",
            "Stopping",
            "Stopped",
            "Deleting",
            "Failed",
        ]
        | None
    ) = Field(None, description="One word for where the server stands, such as InService.")
    server_id: str | None = Field(None, description="Id of the server in AWS.")
    server_name: str | None = Field(None, description="Name of the server in AWS.")
    size: str | None = Field(None, description="How much it can do.")
    allowed_cidr: str | None = Field(None, description="Who may reach it.")


class QueryServer(Model):
    """A server that people of a domain send queries to."""

    spec: QueryServerSpec = Field(description="The desired state of the query server.")
    status: QueryServerStatus | None = Field(
        None, description="The query server as last observed in AWS; written by the operator."
    )


ROOT_RULES = (
    *name_rules("serverName", "serverId"),
    fixed_at_creation("serverName"),
    fixed_at_creation("serverId"),
    fixed_at_creation("aws"),
)
SPEC_RULES: tuple[tuple[str, str], ...] = ()

RUNNING_SERVER = Running(
    noun="query server",
    runs="query server",
    on="size",
    state_model=RunningState,
    requests_model=HandledRequests,
    word="queryserver",
)


def price_of(size: str | None) -> str:
    """What the table of prices has a server of that size under."""
    return f"ml.query.{(size or 'Small').lower()}"
