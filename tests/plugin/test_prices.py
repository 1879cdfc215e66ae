"""`prices refresh`: the command asks a price list over HTTP, and helm takes what it writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from studio_operator.engine.prices import load_prices
from studio_operator.plugin.main import group

from sandbox.tools import get_tool
from tests.chart.helm import CHART, Helm
from tests.plugin.price_server import PriceServer, serve_prices
from tests.unit.plugin.price_rows import app_row, volume_row

HERE, THERE, CHINA = "eu-central-1", "us-east-1", "cn-north-1"
PRODUCTS = [
    *(
        app_row(type_, amount, region=HERE)
        for type_, amount in {
            "ml.t3.medium": "0.0580000000",
            "ml.m5.large": "0.1380000000",
            "ml.g5.xlarge": "1.7600000000",
            "ml.g6.xlarge": "0.0000000000",
            "ml.g4dn.xlarge": "0.9210000000",
        }.items()
    ),
    volume_row("0.1330000000", region=HERE),
    volume_row("0.1500000000", region=HERE, usage="EUC1-UnifiedStudio:VolumeUsage.gp3"),
    app_row("ml.t3.medium", "0.0500000000", region=THERE),
    app_row("ml.t3.medium", "0.4000000000", region=CHINA, currency="CNY"),
]


@pytest.fixture
def prices() -> Iterator[PriceServer]:
    """A price list with rows of three regions."""
    with serve_prices(PRODUCTS) as server:
        yield server


def refresh(prices: PriceServer, *words: str, **variables: str) -> Result:
    environment: dict[str, str | None] = {
        "AWS_ENDPOINT_URL": prices.endpoint,
        "AWS_PROFILE": None,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }
    return CliRunner().invoke(group, ["prices", "refresh", *words], env=environment | variables)


def test_the_prices_of_a_region_are_fetched_page_by_page(prices: PriceServer) -> None:
    ended = refresh(prices, "--region", HERE)
    assert ended.exit_code == 0, ended.output
    assert yaml.safe_load(ended.stdout)["prices"]["regions"] == {
        HERE: {
            "volumeGiBMonth": "0.133",
            "instanceHour": {
                "ml.g4dn.xlarge": "0.921",
                "ml.g5.xlarge": "1.76",
                "ml.m5.large": "0.138",
                "ml.t3.medium": "0.058",
            },
        }
    }
    assert ended.stderr.splitlines() == [
        f"left out: {HERE}, ml.g6.xlarge: the list has no price above 0",
        f"fetched 4 instance types of {HERE}",
    ]
    tokens = [request.get("NextToken") for request in prices.requests]
    assert tokens == [None, "2", "4", None]
    assert set(prices.regions) == {"us-east-1"}, "where AWS answers, whatever region is asked for"


def test_helm_takes_the_file_as_values_and_the_operator_reads_it(
    prices: PriceServer, tmp_path: Path
) -> None:
    file = tmp_path / "prices.yaml"
    ended = refresh(prices, "--region", HERE, "--region", THERE, "-o", str(file))
    assert (ended.exit_code, ended.stdout) == (0, "")
    helm = Helm(get_tool("helm"), tmp_path / "helm")
    rendered = helm.run("template", "studio-operator", CHART, "-f", file)
    found = [one for one in yaml.safe_load_all(rendered) if one and one["kind"] == "ConfigMap"]
    mounted = tmp_path / "mounted.yaml"
    mounted.write_text(next(one["data"]["prices.yaml"] for one in found if "data" in one))
    for path in (mounted, file):
        table = load_prices(str(path))
        assert str(table.instance_hour(HERE, "ml.g5.xlarge")) == "1.76"
        assert str(table.volume_month(HERE, 10)) == "1.330"
        assert table.instance_hour(HERE, "ml.g6.xlarge") is None


def test_a_volume_that_is_not_in_the_list_stays_unknown(prices: PriceServer) -> None:
    ended = refresh(prices, "--region", THERE)
    assert "volumeGiBMonth" not in ended.stdout
    assert f"left out: {THERE}, volumes: the list has no price above 0" in ended.stderr


def test_prices_in_china_come_from_there_and_in_its_currency(prices: PriceServer) -> None:
    ended = refresh(prices, "--region", CHINA)
    document = yaml.safe_load(ended.stdout)["prices"]
    assert (document["currency"], set(prices.regions)) == ("CNY", {"cn-northwest-1"})
    assert document["regions"][CHINA]["instanceHour"] == {"ml.t3.medium": "0.4"}


def test_currencies_do_not_get_into_one_file(prices: PriceServer) -> None:
    ended = refresh(prices, "--region", CHINA, "--region", HERE)
    assert (ended.exit_code, "fetch them into two files" in ended.stderr) == (2, True)
    assert prices.requests == []


@pytest.mark.parametrize(
    ("region", "told"),
    [
        ("eu-west-9", "AWS lists no prices of apps in spaces for region eu-west-9: check --region"),
        ("mars", "no region mars is known: check --region"),
    ],
)
def test_a_region_without_prices_ends_with_1_and_writes_nothing(
    prices: PriceServer, tmp_path: Path, region: str, told: str
) -> None:
    file = tmp_path / "prices.yaml"
    ended = refresh(prices, "--region", HERE, "--region", region, "-o", str(file))
    assert (ended.exit_code, told in ended.stderr) == (1, True), ended.stderr
    assert not file.exists()


def test_a_right_that_is_missing_is_named(prices: PriceServer) -> None:
    said = "User: me is not authorized to perform: pricing:GetProducts"
    prices.failures = [(400, "AccessDeniedException", said)]
    ended = refresh(prices, "--region", HERE)
    assert (ended.exit_code, said in ended.stderr) == (4, True)
    assert "Your identity needs pricing:GetProducts" in ended.stderr


def test_throttling_is_waited_out(prices: PriceServer) -> None:
    prices.failures = [(400, "ThrottlingException", "Rate exceeded")]
    assert refresh(prices, "--region", THERE).exit_code == 0


def test_who_is_not_signed_in_is_told_so(prices: PriceServer) -> None:
    nobody = {
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    ended = refresh(prices, "--region", HERE, **nobody)
    assert (ended.exit_code, "sign in to AWS" in ended.stderr) == (4, True), ended.output
    assert prices.requests == []


def test_a_product_of_another_form_is_not_guessed_at(prices: PriceServer) -> None:
    attributes = {"regionCode": HERE, "platoinstancetype": "Studio-JupyterLab"}
    prices.products = [json.dumps({"product": {"attributes": attributes}})]
    ended = refresh(prices, "--region", HERE)
    assert (ended.exit_code, "AWS's price list has changed" in ended.stderr) == (1, True)
