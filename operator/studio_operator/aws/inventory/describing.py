"""Calls that look at a single resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio_operator.aws.errors import AwsError
from studio_operator.aws.inventory.parsing import tags_from
from studio_operator.aws.ports import Caller
from studio_operator.plan.scope import AccountRegion
from studio_operator.plan.types import FailureKind


async def describe(
    caller: Caller, where: AccountRegion, operation: str, parameters: Mapping[str, Any]
) -> dict[str, Any] | None:
    """A Describe call's answer, None when AWS says that there is no such thing.

    AwsError for all other failures.
    """
    try:
        return await caller.call(where, operation, parameters)
    except AwsError as error:
        if error.kind is FailureKind.GONE:
            return None
        raise


async def read_tags(caller: Caller, where: AccountRegion, arn: str) -> dict[str, str] | None:
    """The tags of one resource, None when AWS says that there is no such thing."""
    try:
        items = await caller.paginate(where, "ListTags", {"ResourceArn": arn}, "Tags")
    except AwsError as error:
        if error.kind is FailureKind.GONE:
            return None
        raise
    return tags_from(items)
