"""What the inventory needs of the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from studio_operator.plan.scope import AccountRegion

# The most that listings give at once (botocore: MaxResults 1 to 100; ten when left out).
PAGE_SIZE = 100


class Paging(NamedTuple):
    """How an API calls the members of a request and an answer that carry pages."""

    size: str
    token: str


_SAGEMAKERS_PAGING = Paging("MaxResults", "NextToken")
_PAGING = {
    "GetResources": Paging("ResourcesPerPage", "PaginationToken"),
    "ListApplications": Paging("maxResults", "nextToken"),
}


def paging_of(operation: str) -> Paging:
    """How the pages of a listing are asked for."""
    return _PAGING.get(operation, _SAGEMAKERS_PAGING)


class Caller(Protocol):
    """Calls AWS. `Gateway` is one; its docstrings tell the details."""

    async def call(
        self, where: AccountRegion, operation: str, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The answer to one operation, or AwsError."""

    async def paginate(
        self, where: AccountRegion, operation: str, parameters: Mapping[str, Any], items_key: str
    ) -> list[dict[str, Any]]:
        """The items of all pages of a listing, or AwsError."""
