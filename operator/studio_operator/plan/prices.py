"""What a space costs: its instance by the hour, its volume by the month. Unknown stays unknown.

The figures are data (`prices.yaml` in this package, or a file of the same form, which may come
from a ConfigMap): strings, so that no binary fraction changes them on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

# AWS's own figure for a month of hours in its pricing examples and calculator.
HOURS_PER_MONTH = Decimal(730)
# A missing price is told, and never counted as nothing.
UNKNOWN = "unknown"


class PricesError(ValueError):
    """A table of prices can't be read; the message names the place in it."""


@dataclass(frozen=True, slots=True)
class RegionPrices:
    """One region: `instance_hour` by instance type, `volume_gib_month` for space volumes."""

    instance_hour: Mapping[str, Decimal] = field(default_factory=dict)
    volume_gib_month: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Prices:
    """A table of prices in one currency.

    `sources`: what came from where and when, one line each, for whoever doubts a figure.
    """

    regions: Mapping[str, RegionPrices] = field(default_factory=dict)
    currency: str = "USD"
    sources: tuple[str, ...] = ()

    def instance_hour(self, region: str | None, instance_type: str | None) -> Decimal | None:
        """An hour of an app on that instance type; None when it is not known."""
        prices = self.regions.get(region or "")
        return prices.instance_hour.get(instance_type or "") if prices else None

    def volume_month(self, region: str | None, gib: int | None) -> Decimal | None:
        """A month of a space's volume of that size; None when it is not known."""
        prices = self.regions.get(region or "")
        if prices is None or prices.volume_gib_month is None or gib is None:
            return None
        return prices.volume_gib_month * gib

    def updated_by(self, other: Prices) -> Prices:
        """The table with the figures of another in place of its own, one by one.

        Raises PricesError when the currencies differ.
        """
        if other.currency != self.currency:
            message = f"currency: {other.currency} can't be mixed with {self.currency}"
            raise PricesError(message)
        regions = dict(self.regions)
        for name, newer in other.regions.items():
            older = regions.get(name, RegionPrices())
            regions[name] = RegionPrices(
                {**older.instance_hour, **newer.instance_hour},
                older.volume_gib_month
                if newer.volume_gib_month is None
                else newer.volume_gib_month,
            )
        return Prices(regions, self.currency, self.sources + other.sources)


def amount_text(amount: Decimal | None) -> str:
    """An amount as status has it."""
    return UNKNOWN if amount is None else f"{amount.normalize():f}"


def parse_prices(document: Any) -> Prices:
    """The prices of a parsed `prices.yaml`, or of values for the chart. Raises PricesError."""
    document = unwrap_prices(document)
    if not isinstance(document, Mapping):
        raise PricesError("the file holds no mapping with `regions`")
    regions = _mapping(document.get("regions"), "regions")
    return Prices(
        regions={str(name): _parse_region(value, str(name)) for name, value in regions.items()},
        currency=str(document.get("currency", "USD")),
        sources=tuple(_describe_source(one) for one in document.get("sources") or ()),
    )


def unwrap_prices(document: Any) -> Any:
    """The table itself; values for the chart hold it as `prices`: one file does for both."""
    is_values = isinstance(document, Mapping) and "regions" not in document
    return document.get("prices", document) if is_values else document


def _parse_region(value: Any, name: str) -> RegionPrices:
    where = f"regions.{name}"
    members = _mapping(value, where)
    unknown = members.keys() - {"instanceHour", "volumeGiBMonth"}
    if unknown:
        raise PricesError(f"{where}: {sorted(unknown)} is not known: instanceHour, volumeGiBMonth")
    hours = _mapping(members.get("instanceHour"), f"{where}.instanceHour")
    volume = members.get("volumeGiBMonth")
    return RegionPrices(
        instance_hour={
            str(type_): _amount(price, f"{where}.instanceHour.{type_}")
            for type_, price in hours.items()
        },
        volume_gib_month=None if volume is None else _amount(volume, f"{where}.volumeGiBMonth"),
    )


def _amount(value: Any, where: str) -> Decimal:
    """A price above zero: the Price List API gives 0 for rows that are no price."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount <= 0:
        raise PricesError(f'{where}: {value!r} is no price: write a number above 0, such as "0.05"')
    return amount


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise PricesError(f"{where}: a mapping is wanted, not {value!r}")
    return value


def _describe_source(source: Any) -> str:
    members = _mapping(source, "sources[]")
    return f"{members.get('what', '?')}: {members.get('from', '?')} ({members.get('date', '?')})"
