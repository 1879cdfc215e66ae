"""An account with things in it that were made from spaces, for the tests of what lingers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from studio_operator.aws.errors import AwsError
from studio_operator.aws.features.lingering_kinds import BILLED_TYPES, JOBS, type_of
from studio_operator.aws.ports import paging_of
from studio_operator.plan.scope import AccountRegion

from tests.aws_ids import space_at
from tests.unit.aws.stage import ARNS, DOMAIN_ID, REGION

CHURN = space_at(REGION, DOMAIN_ID, "churn")
SPACE_ARN = f"{ARNS}:space/{DOMAIN_ID}/churn"
ENDPOINT = f"{ARNS}:endpoint/churn"
NOTEBOOK = f"{ARNS}:notebook-instance/churn"
TRAINING = f"{ARNS}:training-job/churn"
SERVER = f"{ARNS}:mlflow-tracking-server/churn"
APPLICATION = f"arn:aws:emr-serverless:{REGION}:123456789012:/applications/00f"
_LISTINGS = {one.operation: one for one in [*JOBS, *(k.listing for k in BILLED_TYPES if k.listing)]}


class Account:
    """A `Caller` for an account with tagged things in it, some of which run.

    - `tags`: ARN to the ARN of the space that it was made from.
    - `listed`: what each of SageMaker's listings gives, which ask for one state only.
    - `page`: items in a page.
    - `meanwhile`: happens during each request.
    """

    def __init__(self) -> None:
        self.tags: dict[str, str] = {}
        self.listed: dict[str, list[str]] = {}
        self.failing: dict[str, AwsError] = {}
        self.page = 100
        self.meanwhile: Callable[[], None] = lambda: None
        self.calls: list[tuple[str, Mapping[str, Any]]] = []

    async def call(
        self, where: AccountRegion, operation: str, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        self.calls.append((operation, dict(parameters)))
        self.meanwhile()
        await asyncio.sleep(0)
        if operation in self.failing:
            raise self.failing[operation]
        if operation == "GetResources":
            return self._resources(parameters)
        listing = _LISTINGS[operation]
        assert parameters.items() >= listing.parameters.items()
        items = [{listing.arn: arn} for arn in self.listed.get(operation, [])]
        token = paging_of(operation).token
        chunk, rest = self._cut(items, parameters.get(token))
        return {listing.items: chunk} | ({token: rest} if rest else {})

    async def paginate(self, *_: Any) -> list[dict[str, Any]]:
        raise NotImplementedError

    def _resources(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        if "ResourceARNList" in parameters:
            assert set(parameters) == {"ResourceARNList"}  # or AWS refuses
            assert 1 <= len(parameters["ResourceARNList"]) <= 100
            asked = [arn for arn in parameters["ResourceARNList"] if arn in self.tags]
            return {"ResourceTagMappingList": [self._item(arn) for arn in asked]}
        types = parameters["ResourceTypeFilters"]
        asked = [arn for arn in self.tags if type_of(arn) in types]
        chunk, rest = self._cut(asked, parameters.get("PaginationToken"))
        items = [self._item(arn) for arn in chunk]
        return {"ResourceTagMappingList": items, "PaginationToken": rest}

    def _item(self, arn: str) -> dict[str, Any]:
        return {
            "ResourceARN": arn,
            "Tags": [{"Key": "sagemaker:space-arn", "Value": self.tags[arn]}],
        }

    def _cut(self, items: list[Any], token: str | None) -> tuple[list[Any], str]:
        start = int(token or 0)
        end = start + self.page
        return items[start:end], str(end) if end < len(items) else ""
