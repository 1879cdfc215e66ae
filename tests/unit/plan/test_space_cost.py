"""What a space costs now: known, nothing, or unknown, and never one for another."""

from __future__ import annotations

import pytest
from studio_operator.kinds.space.features.cost import cost_of
from studio_operator.plan.prices import Prices, parse_prices

PRICES = parse_prices(
    {
        "regions": {
            "eu-central-1": {"instanceHour": {"ml.t3.medium": "0.0580"}, "volumeGiBMonth": "0.112"},
            "eu-west-1": {"instanceHour": {"ml.m5.4xlarge": "10"}},
        }
    }
)


@pytest.mark.parametrize(
    ("region", "running_on", "gib", "hour", "month"),
    [
        ("eu-central-1", "ml.t3.medium", 20, "0.058", "2.24"),
        ("eu-central-1", None, 20, "0", "2.24"),
        ("eu-central-1", "ml.g5.xlarge", 20, "unknown", "2.24"),
        ("eu-central-1", "ml.t3.medium", None, "0.058", "unknown"),
        ("eu-west-1", "ml.m5.4xlarge", 5, "10", "unknown"),
        ("us-east-1", "ml.t3.medium", 20, "unknown", "unknown"),
        (None, "ml.t3.medium", 20, "unknown", "unknown"),
    ],
)
def test_cost(
    region: str | None, running_on: str | None, gib: int | None, hour: str, month: str
) -> None:
    cost = cost_of(PRICES, region, running_on=running_on, storage_gib=gib)
    assert cost is not None
    assert (cost.per_hour, cost.volume_per_month, cost.currency) == (hour, month, "USD")


def test_without_a_table_nothing_is_told() -> None:
    assert cost_of(Prices(), "eu-central-1", running_on="ml.t3.medium", storage_gib=20) is None
