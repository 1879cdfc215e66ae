"""The table of prices that commands count with, for people and as the file that it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from studio_operator.engine.prices import load_prices, shipped_document
from studio_operator.plan.prices import UNKNOWN, Prices, PricesError, unwrap_prices
from studio_operator.plugin.costs.price_list import amount_text, region_data
from studio_operator.plugin.errors import PluginError, RefusedError
from studio_operator.plugin.output import dump_yaml

VOLUME = "volume, a GiB and month"
HEADING = "# Written by `kubectl studio prices refresh`, for `helm upgrade -f` and --prices.\n"


@dataclass(frozen=True, slots=True)
class Table:
    """The prices in force, and where they are from in the form of the file."""

    prices: Prices
    sources: tuple[dict[str, str], ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that it knows, in order."""
        return tuple(sorted(self.prices.regions))


def load_table(file: str) -> Table:
    """The package's table, with the figures of a file in place of its own. Raises PluginError."""
    try:
        prices = load_prices(file)
    except PricesError as error:
        raise PluginError(f"{error}.") from error
    own = unwrap_prices(yaml.safe_load(Path(file).read_text("utf-8"))) if file else {}
    shipped = shipped_document()
    both = (shipped, own) if prices.currency == shipped["currency"] else (own,)
    sources = (source for one in both for source in one.get("sources") or ())
    # YAML reads dates as such; JSON has none.
    return Table(prices, tuple({key: str(value) for key, value in one.items()} for one in sources))


def table_data(table: Table, regions: Sequence[str]) -> dict[str, Any]:
    """The table in the form of its file."""
    shown = {region: region_data(table.prices.regions[region]) for region in regions}
    return {
        "currency": table.prices.currency,
        "sources": list(table.sources),
        "regions": shown,
    }


def table_rows(prices: Prices, regions: Sequence[str]) -> list[tuple[str, ...]]:
    """A row for each instance type with its price in each region, and one for volumes."""
    types = {type_ for region in regions for type_ in prices.regions[region].instance_hour}
    rows = [
        (type_, *(_text(prices.instance_hour(region, type_)) for region in regions))
        for type_ in sorted(types, key=lambda type_: _size(prices, regions, type_))
    ]
    volumes = (_text(prices.volume_month(region, 1)) for region in regions)
    return [*rows, (VOLUME, *volumes)]


def write_document(file: str, document: Any) -> None:
    """Write a table to a file. Raises RefusedError for one that holds anything else."""
    path = Path(file)
    text = HEADING + dump_yaml(document, 100)
    try:
        if path.exists():
            _refuse_other_content(path)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise PluginError(f"{file} can't be written: {error.strerror}") from error


def _refuse_other_content(path: Path) -> None:
    try:
        present = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        present = ""
    if present is not None and (not isinstance(present, dict) or present.keys() != {"prices"}):
        raise RefusedError(
            f"{path} holds something other than prices, which would be lost. "
            "Name another file with -o; helm takes -f more than once."
        )


def _size(prices: Prices, regions: Sequence[str], type_: str) -> tuple[str, Decimal]:
    """Families by name, and their sizes by price."""
    amounts = (prices.instance_hour(region, type_) for region in regions)
    return type_.rpartition(".")[0], min(amount for amount in amounts if amount is not None)


def _text(amount: Decimal | None) -> str:
    return UNKNOWN if amount is None else amount_text(amount)
