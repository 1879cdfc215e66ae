"""Prices: what is known, what stays unknown, and whether the table that we ship is sound."""

from __future__ import annotations

from decimal import Decimal
from importlib import resources

import pytest
import yaml
from studio_operator.plan.prices import Prices, PricesError, parse_prices

TABLE = parse_prices(
    yaml.safe_load("""
    currency: USD
    sources: [{what: all, from: a test, date: 2026-11-22}]
    regions:
      eu-west-1:
        instanceHour: {ml.t3.medium: "0.055", ml.g5.xlarge: 1.57}
        volumeGiBMonth: "0.1"
      eu-west-2:
        instanceHour: {ml.t3.medium: "0.06"}
    """)
)


@pytest.mark.parametrize(
    ("region", "instance_type", "price"),
    [
        ("eu-west-1", "ml.t3.medium", "0.055"),
        ("eu-west-1", "ml.g5.xlarge", "1.57"),
        ("eu-west-1", "ml.p5.48xlarge", None),
        ("eu-west-2", "ml.g5.xlarge", None),
        ("mars-1", "ml.t3.medium", None),
        (None, "ml.t3.medium", None),
        ("eu-west-1", None, None),
        ("eu-west-1", "system", None),  # Studio Classic's: no source says what it costs
    ],
)
def test_an_hour_of_an_instance(
    region: str | None, instance_type: str | None, price: str | None
) -> None:
    expected = None if price is None else Decimal(price)
    assert TABLE.instance_hour(region, instance_type) == expected


@pytest.mark.parametrize(
    ("region", "gib", "price"),
    [
        ("eu-west-1", 20, "2.0"),
        ("eu-west-2", 20, None),
        ("eu-west-1", None, None),
        (None, 20, None),
    ],
)
def test_a_month_of_a_volume(region: str | None, gib: int | None, price: str | None) -> None:
    assert TABLE.volume_month(region, gib) == (None if price is None else Decimal(price))


def test_no_price_is_a_binary_fraction() -> None:
    assert str(TABLE.instance_hour("eu-west-1", "ml.g5.xlarge")) == "1.57"


def test_figures_of_a_newer_table_replace_single_ones() -> None:
    newer = parse_prices(
        {
            "regions": {
                "eu-west-1": {"instanceHour": {"ml.t3.medium": "0.05"}},
                "mars-1": {"volumeGiBMonth": "9"},
            }
        }
    )
    both = TABLE.updated_by(newer)
    assert both.instance_hour("eu-west-1", "ml.t3.medium") == Decimal("0.05")
    assert both.instance_hour("eu-west-1", "ml.g5.xlarge") == Decimal("1.57")
    assert both.volume_month("eu-west-1", 10) == Decimal("1.0")
    assert both.volume_month("mars-1", 10) == Decimal(90)


def test_values_for_the_chart_hold_the_table_as_prices() -> None:
    table = {"currency": "USD", "regions": {"mars-1": {"volumeGiBMonth": "9"}}}
    assert parse_prices({"replicas": 2, "prices": table}) == parse_prices(table)
    with pytest.raises(PricesError, match=r"regions\.mars-1\.volumeGiBMonth"):
        parse_prices({"prices": {"regions": {"mars-1": {"volumeGiBMonth": "0"}}}})


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (None, "no mapping"),
        ({"prices": None}, "no mapping"),
        ({"regions": []}, "regions: a mapping is wanted"),
        ({"regions": {"eu-west-1": {"hours": {}}}}, "'hours'"),
        ({"regions": {"eu-west-1": {"instanceHour": {"ml.t3.medium": "cheap"}}}}, "ml.t3.medium"),
        ({"regions": {"eu-west-1": {"instanceHour": {"ml.t3.medium": 0}}}}, "no price"),
        ({"regions": {"eu-west-1": {"volumeGiBMonth": "NaN"}}}, "volumeGiBMonth"),
    ],
)
def test_what_is_no_table_is_refused_with_the_place(document: object, words: str) -> None:
    with pytest.raises(PricesError, match=words.replace("[", r"\[")):
        parse_prices(document)


def test_currencies_do_not_mix() -> None:
    with pytest.raises(PricesError, match="CNY"):
        TABLE.updated_by(Prices(currency="CNY"))


@pytest.fixture(scope="module")
def shipped() -> Prices:
    text = resources.files("studio_operator").joinpath("prices.yaml").read_text("utf-8")
    return parse_prices(yaml.safe_load(text))


def test_the_table_that_we_ship_says_where_its_figures_are_from_and_of_when(
    shipped: Prices,
) -> None:
    assert len(shipped.sources) == 2
    assert all("2026-" in source for source in shipped.sources)


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "eu-west-1"])
def test_the_table_that_we_ship_has_the_usual_types(shipped: Prices, region: str) -> None:
    for type_ in ("ml.t3.medium", "ml.m5.large", "ml.g4dn.xlarge", "ml.g5.xlarge"):
        assert shipped.instance_hour(region, type_) is not None


def test_within_a_family_twice_the_size_costs_more(shipped: Prices) -> None:
    sizes = ("large", "xlarge", "2xlarge", "4xlarge")
    for region in shipped.regions:
        hours = [shipped.instance_hour(region, f"ml.m5.{size}") for size in sizes]
        known = [hour for hour in hours if hour is not None]
        assert known == sorted(known)
        assert len(set(known)) == len(sizes)
