"""What a space costs now, for status."""

from __future__ import annotations

from decimal import Decimal

from studio_operator.kinds.space.api.status import CostStatus
from studio_operator.plan.prices import Prices, amount_text


def cost_of(
    prices: Prices, region: str | None, *, running_on: str | None, storage_gib: int | None
) -> CostStatus | None:
    """The cost of what runs, and of the volume; None where no prices are known at all.

    `running_on`: the instance type of an app that runs, starts or stops; None when there is none.
    """
    if not prices.regions:
        return None
    hour = Decimal(0) if running_on is None else prices.instance_hour(region, running_on)
    month = prices.volume_month(region, storage_gib)
    return CostStatus(
        per_hour=amount_text(hour), volume_per_month=amount_text(month), currency=prices.currency
    )
