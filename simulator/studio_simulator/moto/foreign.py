"""Resources of other kinds that a test puts into the account, for tagging to find."""

from __future__ import annotations

from pydantic import Field

from studio_simulator.errors import validation
from studio_simulator.settings import Settings
from studio_simulator.state.resources import ForeignResource

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"


class Foreign(Settings):
    """A resource as it is asked for, for example an endpoint that somebody left running."""

    arn: str
    tags: dict[str, str] = Field(default_factory=dict)
    resource_type: str | None = None
    """As the tagging API filters by it, ``sagemaker:endpoint``; found in the ARN if left out."""


def foreign_resource(asked: Foreign) -> tuple[ForeignResource, str, str]:
    """Return the resource, and the account and region that its ARN names.

    Raises:
        ServiceError: when the ARN is none.

    """
    parts = asked.arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not parts[5]:
        raise validation(f"[{asked.arn}] is not an ARN.")
    _, _, service, region, account, name = parts
    kind = name.lstrip("/").replace(":", "/").partition("/")[0]
    resource_type = asked.resource_type or f"{service}:{kind}"
    resource = ForeignResource(asked.arn, dict(asked.tags), resource_type)
    return resource, account or DEFAULT_ACCOUNT, region or DEFAULT_REGION
