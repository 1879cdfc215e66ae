"""Metrics of what spaces cost, by who has them; counted when they are asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial

from prometheus_client.core import Metric

from studio_operator.engine.declared.entries import Snapshot
from studio_operator.engine.declared.store import Store
from studio_operator.engine.monitoring.labelled_spaces import (
    LABELS,
    Labelled,
    Naming,
    labelled_spaces,
)
from studio_operator.engine.monitoring.metric_families import (
    Counting,
    Counts,
    Labels,
    counters,
    gauges,
    label,
)
from studio_operator.engine.monitoring.out_of_hours import OutOfHours
from studio_operator.plan.prices import UNKNOWN

# What no space costs in an hour or a month, in any currency.
_MOST = 10**9
_LONGEST_FIGURE = 32


@dataclass(frozen=True, slots=True)
class Costs:
    """Sums by owner and currency, and how many figures are missing, by owner and part."""

    per_hour: defaultdict[Labels, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    per_month: defaultdict[Labels, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    unknown: Counter[Labels] = field(default_factory=Counter)

    def add(self, space: Labelled) -> None:
        """Count a space in, as its status has it; without any table of prices there is nothing."""
        cost = space.cost
        if cost is None:
            return
        for member, sums, part in (
            ("perHour", self.per_hour, "instance"),
            ("volumePerMonth", self.per_month, "volume"),
        ):
            if member not in cost:
                continue  # a kind without that part
            amount = _amount(cost.get(member))
            if amount is None:
                self.unknown[*space.labels, part] += 1
            else:
                sums[*space.labels, label(cost.get("currency"))] += amount


class CostCollector(Counting):
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

    def take(self) -> Counts:
        """What there is at this moment, to be counted."""
        entries = self._store.snapshot() if self._is_leader() else None
        return partial(self._count, entries, self._now())

    def _count(self, entries: Sequence[Snapshot] | None, now: datetime) -> Iterator[Metric]:
        spaces: tuple[Labelled, ...] = ()
        if entries is not None:
            spaces = tuple(labelled_spaces(entries, self._naming))
            self._out_of_hours.count(spaces, now)
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


def _tell_costs(spaces: Iterable[Labelled]) -> Iterator[Metric]:
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


def _amount(text: object) -> Decimal | None:
    """A figure of status; None for the word that stands where there is none, and for nonsense.

    Whoever may write a status may write NaN there, or a number that spoils every sum.
    """
    try:
        amount = Decimal(text[:_LONGEST_FIGURE] if isinstance(text, str) else UNKNOWN)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount <= _MOST else None
