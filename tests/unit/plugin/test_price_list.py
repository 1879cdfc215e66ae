"""AWS's price list as it answers, and the table that is made of it."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from studio_operator.plan.prices import parse_prices
from studio_operator.plugin.costs.price_list import (
    Fetched,
    PriceListError,
    Product,
    app_filters,
    make_document,
    make_prices,
    read_products,
    volume_filters,
    volume_usage_types,
)

from tests.unit.plugin.price_rows import app_row, price_row, volume_row

REGION = "us-east-1"


def products(*rows: str, currency: str = "USD") -> list[Product]:
    return list(read_products(rows, currency))


def made(*apps: str, volumes: tuple[str, ...] = ()) -> Fetched:
    return make_prices(REGION, products(*apps), products(*volumes))


def test_apps_and_volumes_are_priced_without_a_digit_lost() -> None:
    fetched = made(
        app_row("ml.t3.medium", "0.0500000000"),
        app_row("ml.p4d.24xlarge", "25.2512883000"),
        volumes=(volume_row("0.1120000000"),),
    )
    assert fetched.prices.instance_hour == {
        "ml.p4d.24xlarge": Decimal("25.2512883"),
        "ml.t3.medium": Decimal("0.05"),
    }
    assert fetched.prices.volume_gib_month == Decimal("0.112")
    assert fetched.doubts == ()


def test_rows_of_0_are_no_prices() -> None:
    free = app_row("ml.t3.medium", "0.0000000000")
    assert made(free).prices.instance_hour == {}
    assert "ml.t3.medium: the list has no price above 0" in made(free).doubts
    assert made(free, app_row("ml.t3.medium", "0.05")).prices.instance_hour == {
        "ml.t3.medium": Decimal("0.05")
    }


def test_the_same_price_twice_is_one() -> None:
    fetched = made(app_row("ml.t3.medium", "0.05"), app_row("ml.t3.medium", "0.0500"))
    assert fetched.prices.instance_hour == {"ml.t3.medium": Decimal("0.05")}


def test_of_two_prices_none_is_taken_and_both_are_told() -> None:
    fetched = made(
        app_row("ml.t3.medium", "0.05"),
        app_row("ml.t3.medium", "0.06"),
        app_row("ml.t3.large", "0.1"),
    )
    assert fetched.prices.instance_hour == {"ml.t3.large": Decimal("0.1")}
    assert fetched.doubts[0] == "ml.t3.medium: the list has several prices, 0.05, 0.06"


VOLUMES = [
    ((), None, "no price above 0"),
    ((volume_row("0.112"), volume_row("0.112")), "0.112", None),
    ((volume_row("0.112"), volume_row("0")), "0.112", None),
    ((volume_row("0.112"), volume_row("0.14", usage="USE1-Studio:VolumeUsage.gp2")), "0.112", None),
    (
        (volume_row("0.112"), volume_row("0.2", usage="USE1-UnifiedStudio:VolumeUsage.gp3")),
        "0.112",
        None,
    ),
    ((volume_row("0.112"), volume_row("0.14")), None, "several prices, 0.112, 0.14"),
    ((volume_row("0.112", unit="GB-Second"),), None, "prices in other units only, gb-second"),
]


@pytest.mark.parametrize(("rows", "month", "doubt"), VOLUMES)
def test_the_volume_of_spaces_is_told_from_others(
    rows: tuple[str, ...], month: str | None, doubt: str | None
) -> None:
    fetched = made(app_row("ml.t3.medium", "0.05"), volumes=rows)
    assert fetched.prices.volume_gib_month == (Decimal(month) if month else None)
    assert [doubt in one for one in fetched.doubts if doubt] == ([True] if doubt else [])


@pytest.mark.parametrize(
    "attributes",
    [
        {"instanceName": "ml.t3.medium", "instanceType": "ml.t3.medium-Studio-JupyterLab"},
        {"instanceType": "ml.t3.medium"},
        {"instanceType": "ml.t3.medium-Studio-JupyterLab"},
        {},
    ],
)
def test_the_instance_type_is_found_wherever_it_stands(attributes: dict[str, str]) -> None:
    row = price_row({**attributes, "usagetype": "USE1-Studio:JupyterLab-ml.t3.medium"}, "0.05")
    assert made(row).prices.instance_hour == {"ml.t3.medium": Decimal("0.05")}


def test_what_is_no_instance_type_is_passed_over() -> None:
    assert made(price_row({"usagetype": "USE1-Studio:Other"}, "0.05")).prices.instance_hour == {}


@pytest.mark.parametrize(
    ("usage", "found"),
    [
        ("USE1-Studio:JupyterLab-ml.t3.medium", ["USE1-Studio:VolumeUsage.gp3"]),
        ("EU-Studio:JupyterLab-ml.t3.medium", ["EU-Studio:VolumeUsage.gp3"]),
        ("Studio:JupyterLab-ml.t3.medium", ["Studio:VolumeUsage.gp3"]),
        ("USE1-Hosting:ml.t3.medium", []),
    ],
)
def test_volumes_are_billed_under_the_prefix_of_the_apps(usage: str, found: list[str]) -> None:
    assert volume_usage_types(products(price_row({"usagetype": usage}, "0.05"))) == found


def test_the_list_is_asked_for_one_region_and_one_kind() -> None:
    assert app_filters(REGION) == {
        "regionCode": REGION,
        "platoinstancetype": "Studio-JupyterLab",
    }
    assert volume_filters(REGION, "USE1-Studio:VolumeUsage.gp3") == {
        "regionCode": REGION,
        "usagetype": "USE1-Studio:VolumeUsage.gp3",
    }


def test_other_currencies_have_prices_of_their_own() -> None:
    row = app_row("ml.t3.medium", "0.33", currency="CNY")
    fetched = make_prices("cn-north-1", products(row, currency="CNY"), ())
    assert fetched.prices.instance_hour == {"ml.t3.medium": Decimal("0.33")}
    assert make_prices("cn-north-1", products(row), ()).prices.instance_hour == {}


def test_the_terms_of_a_saving_plan_are_none_of_ours() -> None:
    document = json.loads(app_row("ml.t3.medium", "0.05"))
    document["terms"] = {"Reserved": document["terms"]["OnDemand"]}
    assert made(json.dumps(document)).prices.instance_hour == {}


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"product": {"attributes": {}}}', "null"])
def test_a_product_of_an_unknown_form_is_quoted(text: str) -> None:
    with pytest.raises(PriceListError, match="a product of an unknown form"):
        products(text)


def test_the_document_is_a_table_that_the_operator_reads() -> None:
    fetched = made(app_row("ml.t3.medium", "0.0500"), volumes=(volume_row("0.112"),))
    document = make_document([fetched], "USD", date(2026, 11, 22))
    prices = parse_prices(document)
    assert prices.regions == {REGION: fetched.prices}
    assert prices.sources[0].endswith("(2026-11-22)")
    assert document["prices"]["regions"][REGION] == {
        "volumeGiBMonth": "0.112",
        "instanceHour": {"ml.t3.medium": "0.05"},
    }
