"""Metrics of what spaces cost, by who has them; counted when they are asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from studio_operator.engine.counted import LABELS, Counted, Naming, counted_spaces
from studio_operator.engine.families import Labels, counters, gauges
from studio_operator.engine.out_of_hours import OutOfHours
from studio_operator.engine.store import Store


@dataclass(frozen=True, slots=True)
class Costs:
    """Sums by owner and currency, and how many figures are missing, by owner and part."""

    per_hour: defaultdict[Labels, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    per_month: defaultdict[Labels, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    unknown: Counter[Labels] = field(default_factory=Counter)

    def add(self, space: Counted) -> None:
        """Count a space in, as its status has it; without any table of prices there is nothing."""
        cost = space.status.cost
        if cost is None:
            return
        for text, sums, part in (
            (cost.per_hour, self.per_hour, "instance"),
            (cost.volume_per_month, self.per_month, "volume"),
        ):
            amount = _amount(text)
            if amount is None:
                self.unknown[*space.labels, part] += 1
            else:
                sums[*space.labels, cost.currency] += amount


class CostCollector(Collector):
    """What spaces cost, and how long they ran outside their schedules.

    Only the instance that leads tells of it.
    """

    def __init__(
        self,
        store: Store,
        naming: Naming,
        *,
        is_leader: Callable[[], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._naming = naming
        self._is_leader = is_leader
        self._now = now
        self._out_of_hours = OutOfHours()

    def collect(self) -> Iterator[Metric]:
        """The metrics of this moment."""
        spaces: tuple[Counted, ...] = ()
        if self._is_leader():
            spaces = tuple(counted_spaces(self._store, self._naming))
            self._out_of_hours.count(spaces, self._now())
        else:
            self._out_of_hours.pause()
        yield from _tell_costs(spaces)
        yield counters(
            "outside_schedule_seconds",
            "Time that apps ran while their schedule was closed, snoozed or not. On the leader "
            "only.",
            LABELS,
            self._out_of_hours.seconds,
        )


def _tell_costs(spaces: Iterable[Counted]) -> Iterator[Metric]:
    costs = Costs()
    for one in spaces:
        costs.add(one)
    yield gauges(
        "cost_per_hour",
        "What an hour of the apps costs that run, by the table of prices; without those whose "
        "price is not known. On the leader only.",
        (*LABELS, "currency"),
        {labels: float(amount) for labels, amount in costs.per_hour.items()},
    )
    yield gauges(
        "volume_cost_per_month",
        "What a month of the volumes costs, by the table of prices; without those whose price is "
        "not known. On the leader only.",
        (*LABELS, "currency"),
        {labels: float(amount) for labels, amount in costs.per_month.items()},
    )
    yield gauges(
        "spaces_without_price",
        "Spaces whose app (part: instance) or volume has no price in the table, so that the costs "
        "lack it. On the leader only.",
        (*LABELS, "part"),
        costs.unknown,
    )


def _amount(text: str) -> Decimal | None:
    """A figure of status; None for the word that stands where there is none."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
