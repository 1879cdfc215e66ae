"""What the inventory needs of the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

# The most that listings give at once (botocore: MaxResults 1 to 100; ten when left out).
PAGE_SIZE = 100


class Caller(Protocol):
    """Calls AWS. `Gateway` is one; its docstrings tell the details."""

    async def call(
        self, region: str, operation: str, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The answer to one operation, or AwsError."""

    async def paginate(
        self, region: str, operation: str, parameters: Mapping[str, Any], items_key: str
    ) -> list[dict[str, Any]]:
        """The items of all pages of a listing, or AwsError."""
