"""What something costs while it runs, for status."""

from __future__ import annotations

from decimal import Decimal

from studio_operator.api.running import RunningCost
from studio_operator.plan.prices import Prices, amount_text


def cost_of_run(prices: Prices, region: str | None, on: str | None) -> RunningCost | None:
    """The cost of an hour; None where no prices are known at all.

    `on`: what it runs on, as the table of prices names that, while it runs, starts or stops; None
    while it does not.
    """
    if not prices.regions:
        return None
    hour = Decimal(0) if on is None else prices.instance_hour(region, on)
    return RunningCost(per_hour=amount_text(hour), currency=prices.currency)
