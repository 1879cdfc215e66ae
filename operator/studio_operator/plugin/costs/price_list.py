"""What AWS's price list says of Studio: pure functions from its products to a table of prices.

Facts: API reference, AWS Price List Query API, GetProducts: a product is a JSON text with
`product.attributes` and `terms.OnDemand.*.priceDimensions.*`, each of these with a `unit` and a
`pricePerUnit` by currency, and 0 for rows that are no price. What Studio is billed as AWS does not
document; published price lists and bills (sources of the package's prices.yaml) have an app in a
space as usage type `PREFIX-Studio:JupyterLab-TYPE` with platoinstancetype Studio-JupyterLab, and
its volume as `PREFIX-Studio:VolumeUsage.gp3`, with the same prefix for a region.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from studio_operator.plan.prices import RegionPrices

SERVICE_CODE = "AmazonSageMaker"
APP = "Studio-JupyterLab"
HOURS = frozenset({"hrs", "hours", "hour"})
GIB_MONTHS = frozenset({"gb-mo", "gb-month", "gb-months"})
_INSTANCE_TYPE = re.compile(r"ml\.[a-z][a-z0-9-]*\.[a-z0-9]+")
_APP_USAGE = re.compile(r"((?:[A-Z0-9]+-)?Studio):JupyterLab-(.+)")
# Not UnifiedStudio, nor gp2: other products.
_VOLUME_USAGE = re.compile(r"(?:[A-Z0-9]+-)?Studio:VolumeUsage\.gp3")

Filters = Mapping[str, str]


class PriceListError(ValueError):
    """The price list has another form than is known; the message quotes its beginning."""


@dataclass(frozen=True, slots=True)
class Product:
    """One product of the list with its prices above 0, each with its unit in small letters."""

    attributes: Mapping[str, str]
    prices: frozenset[tuple[str, Decimal]]

    @property
    def usage_type(self) -> str:
        """What it is billed as."""
        return self.attributes.get("usagetype", "")


@dataclass(frozen=True, slots=True)
class Fetched:
    """The prices of a region, and what was left out of them, in words."""

    region: str
    prices: RegionPrices
    doubts: tuple[str, ...] = ()


def app_filters(region: str) -> Filters:
    """The values by which the list finds what apps are billed as."""
    return {"regionCode": region, "platoinstancetype": APP}


def volume_filters(region: str, usage_type: str) -> Filters:
    """The values by which the list finds a volume's price."""
    return {"regionCode": region, "usagetype": usage_type}


def read_products(texts: Iterable[str], currency: str) -> Iterator[Product]:
    """The products of the texts in an answer. Raises PriceListError."""
    for text in texts:
        try:
            document = json.loads(text)
            attributes = dict(document["product"]["attributes"])
            yield Product(attributes, frozenset(_on_demand(document["terms"], currency)))
        except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as error:
            raise PriceListError(f"a product of an unknown form: {text[:200]}") from error


def volume_usage_types(apps: Iterable[Product]) -> list[str]:
    """What volumes of the region are billed as, by what its apps are billed as."""
    found = (_APP_USAGE.fullmatch(app.usage_type) for app in apps)
    return sorted({f"{match[1]}:VolumeUsage.gp3" for match in found if match})


def make_prices(region: str, apps: Iterable[Product], volumes: Iterable[Product]) -> Fetched:
    """The prices of a region. What has several prices, or none in a known unit, is left out."""
    by_type: defaultdict[str, list[Product]] = defaultdict(list)
    for app in apps:
        if type_ := _instance_type(app):
            by_type[type_].append(app)
    of_spaces = [one for one in volumes if _VOLUME_USAGE.fullmatch(one.usage_type)]
    doubts: list[str] = []
    hours = {
        type_: _only_price(type_, products, HOURS, doubts)
        for type_, products in sorted(by_type.items())
    }
    known = {type_: hour for type_, hour in hours.items() if hour is not None}
    month = _only_price("volumes", of_spaces, GIB_MONTHS, doubts)
    return Fetched(region, RegionPrices(known, month), tuple(doubts))


def make_document(fetched: Sequence[Fetched], currency: str, today: date) -> dict[str, Any]:
    """The table as a file for `helm upgrade -f`, in the form of the chart's value `prices`."""
    regions = ", ".join(one.region for one in fetched)
    source = {
        "what": f"instances and volumes of {regions}",
        "from": f"AWS Price List API (pricing:GetProducts), ServiceCode {SERVICE_CODE}, terms "
        f"OnDemand: platoinstancetype {APP}, usage type Studio:VolumeUsage.gp3",
        "date": today.isoformat(),
    }
    table = {one.region: region_data(one.prices) for one in fetched}
    return {"prices": {"currency": currency, "sources": [source], "regions": table}}


def region_data(prices: RegionPrices) -> dict[str, Any]:
    """The prices of a region in the form of the file: texts, so that no figure changes."""
    volume = prices.volume_gib_month
    return {
        **({} if volume is None else {"volumeGiBMonth": amount_text(volume)}),
        "instanceHour": {
            type_: amount_text(amount) for type_, amount in prices.instance_hour.items()
        },
    }


def amount_text(amount: Decimal) -> str:
    """An amount without zeros at its end."""
    return f"{amount.normalize():f}"


def _on_demand(terms: Mapping[str, Any], currency: str) -> Iterator[tuple[str, Decimal]]:
    for term in terms.get("OnDemand", {}).values():
        for dimension in term["priceDimensions"].values():
            amount = Decimal(dimension["pricePerUnit"].get(currency, "0"))
            if amount > 0:
                yield dimension["unit"].lower(), amount


def _instance_type(app: Product) -> str | None:
    """The type by whichever attribute has its plain name: instanceType may have more in it."""
    billed = _APP_USAGE.fullmatch(app.usage_type)
    names = (app.attributes.get("instanceName"), app.attributes.get("instanceType"))
    candidates = (*names, billed[2] if billed else None)
    return next((name for name in candidates if name and _INSTANCE_TYPE.fullmatch(name)), None)


def _only_price(
    what: str, products: Iterable[Product], units: frozenset[str], doubts: list[str]
) -> Decimal | None:
    """The one price that the products have in these units; without one, a doubt is added."""
    prices = {price for product in products for price in product.prices}
    amounts = {amount for unit, amount in prices if unit in units}
    if len(amounts) == 1:
        return amounts.pop()
    others = {unit for unit, _ in prices}
    if amounts:
        several = ", ".join(amount_text(amount) for amount in sorted(amounts))
        doubts.append(f"{what}: the list has several prices, {several}")
    elif others:
        doubts.append(
            f"{what}: the list has prices in other units only, {', '.join(sorted(others))}"
        )
    else:
        doubts.append(f"{what}: the list has no price above 0")
    return None
