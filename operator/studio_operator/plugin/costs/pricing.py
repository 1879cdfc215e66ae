"""AWS's Price List API, under the person's own identity.

It has few endpoints, which tell the prices of all regions (botocore's endpoints, service pricing).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from studio_operator.aws.errors import AwsError, classify
from studio_operator.plan.types import FailureKind
from studio_operator.plugin.aws.permissions import partition_of
from studio_operator.plugin.costs.price_list import (
    SERVICE_CODE,
    Fetched,
    Filters,
    PriceListError,
    Product,
    app_filters,
    make_prices,
    read_products,
    volume_filters,
    volume_usage_types,
)
from studio_operator.plugin.errors import PluginError, RefusedError

ACTION = "pricing:GetProducts"
OPERATION = "GetProducts"
# A list takes a few calls; who is throttled waits, and a server that is gone is told soon.
CONFIG = Config(
    connect_timeout=10, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 5}
)
# The most that AWS gives at once (botocore: MaxResults).
PAGE_SIZE = 100
_CHINA = "aws-cn"
_ENDPOINTS = {_CHINA: "cn-northwest-1"}
_CURRENCIES = {_CHINA: "CNY"}


def currency_of(region: str) -> str:
    """The currency of a region's prices. Raises PluginError for a region nobody knows."""
    return _CURRENCIES.get(partition_of(region), "USD")


class PriceList:
    """The list, as one endpoint tells it. Raises PluginError."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def fetch(self, region: str) -> Fetched:
        """The prices of a region: its apps, then its volumes by what its apps are billed as."""
        apps = self._products(region, app_filters(region))
        if not apps:
            raise PluginError(
                f"AWS lists no prices of apps in spaces for region {region}: check --region"
            )
        volumes = [
            volume
            for usage_type in volume_usage_types(apps)
            for volume in self._products(region, volume_filters(region, usage_type))
        ]
        return make_prices(region, apps, volumes)

    def _products(self, region: str, filters: Filters) -> list[Product]:
        try:
            return list(read_products(self._texts(filters), currency_of(region)))
        except PriceListError as error:
            raise PluginError(
                f"AWS's price list has changed: {error}. Please report this."
            ) from error

    def _texts(self, filters: Filters) -> Iterator[str]:
        pages = self._client.get_paginator("get_products").paginate(
            ServiceCode=SERVICE_CODE,
            Filters=[
                {"Type": "TERM_MATCH", "Field": field, "Value": value}
                for field, value in filters.items()
            ],
            PaginationConfig={"PageSize": PAGE_SIZE},
        )
        try:
            for page in pages:
                yield from page["PriceList"]
        except (ClientError, BotoCoreError) as error:
            raise _explain(classify(OPERATION, error)) from error


def open_price_list(profile: str | None, region: str) -> PriceList:
    """The list that has the prices of a region. Raises PluginError."""
    endpoint = _ENDPOINTS.get(partition_of(region), "us-east-1")
    try:
        session = boto3.session.Session(profile_name=profile)
        return PriceList(session.client("pricing", region_name=endpoint, config=CONFIG))
    except (BotoCoreError, ValueError) as error:
        raise _explain(classify(OPERATION, error)) from error


def _explain(error: AwsError) -> PluginError:
    said = f"AWS says to {OPERATION}: {error.code}: {error.message.rstrip('.')}."
    if error.kind is FailureKind.CREDENTIALS:
        return RefusedError(
            f"{said} AWS does not take your credentials, or there are none: sign in to AWS again, "
            "or choose others with --profile."
        )
    if error.kind is FailureKind.ACCESS:
        return RefusedError(
            f"{said} Your identity needs {ACTION}: ask for it, or choose another with --profile."
        )
    return PluginError(f"{said} Try again, or check --profile.")
