"""The prices that status and plans count with: those of this package, and a file of one's own."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from studio_operator.plan.prices import Prices, PricesError, parse_prices

SHIPPED = "prices.yaml"


def shipped_document() -> Any:
    """The table in this package as its file has it."""
    text = resources.files("studio_operator").joinpath(SHIPPED).read_text("utf-8")
    return yaml.safe_load(text)


def shipped_prices() -> Prices:
    """The table in this package."""
    return parse_prices(shipped_document())


def load_prices(file: str) -> Prices:
    """The table in this package, with the figures of a file in place of its own, one by one.

    Without a file, an empty name, it is the package's; a file in another currency stands alone.
    Raises PricesError, which names the file.
    """
    shipped = shipped_prices()
    if not file:
        return shipped
    try:
        text = Path(file).read_text("utf-8")
        own = parse_prices(yaml.safe_load(text))
        return shipped.updated_by(own) if own.currency == shipped.currency else own
    except (OSError, yaml.YAMLError, PricesError) as error:
        raise PricesError(f"{file}: {error}") from error
