"""Which prices the operator counts with."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from studio_operator.engine.prices import load_prices, shipped_prices
from studio_operator.plan.prices import PricesError

REGION = "us-east-1"


def test_without_a_file_they_are_those_of_the_package() -> None:
    assert load_prices("") == shipped_prices()


def test_a_file_replaces_figures_one_by_one(tmp_path: Path) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text('regions: {us-east-1: {instanceHour: {ml.t3.medium: "0.04"}}}')
    prices, shipped = load_prices(str(file)), shipped_prices()
    assert prices.instance_hour(REGION, "ml.t3.medium") == Decimal("0.04")
    assert prices.instance_hour(REGION, "ml.m5.large") == shipped.instance_hour(
        REGION, "ml.m5.large"
    )


def test_a_file_in_another_currency_stands_alone(tmp_path: Path) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text('currency: EUR\nregions: {us-east-1: {instanceHour: {ml.t3.medium: "0.05"}}}')
    prices = load_prices(str(file))
    assert (prices.currency, prices.instance_hour(REGION, "ml.m5.large")) == ("EUR", None)


@pytest.mark.parametrize("text", ["- a list", "regions: {x: {instanceHour: {a: b}}}", "{"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text(text)
    with pytest.raises(PricesError, match=str(file)):
        load_prices(str(file))


def test_a_missing_file_is_named() -> None:
    with pytest.raises(PricesError, match=r"/nowhere/prices\.yaml"):
        load_prices("/nowhere/prices.yaml")
