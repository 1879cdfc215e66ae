"""The table of prices as it is shown, and as it is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from studio_operator.engine.prices import shipped_prices
from studio_operator.plan.prices import parse_prices
from studio_operator.plugin.costs.price_table import load_table, table_rows, write_document
from studio_operator.plugin.errors import PluginError, RefusedError
from studio_operator.plugin.main import group

OWN = {
    "prices": {
        "sources": [{"what": "ours", "from": "the contract", "date": "2026-10-01"}],
        "regions": {"mars-1": {"instanceHour": {"ml.t3.medium": "0.04", "ml.g5.xlarge": "2"}}},
    }
}


@pytest.fixture
def own(tmp_path: Path) -> str:
    """A file as `refresh` writes it."""
    file = tmp_path / "own.yaml"
    write_document(str(file), OWN)
    return str(file)


def shown(*words: str) -> str:
    ended = CliRunner().invoke(group, ["prices", *words])
    assert ended.exit_code == 0, ended.output
    return ended.stdout


def test_the_table_in_force_is_the_packages_and_says_where_from() -> None:
    text = shown()
    header = text.splitlines()[0].split()
    assert header[-5:] == [region.upper() for region in sorted(shipped_prices().regions)]
    row = next(line for line in text.splitlines() if line.startswith("ml.g7e.2xlarge "))
    assert row.split() == ["ml.g7e.2xlarge", "unknown", "unknown", "unknown", "4.2039", "4.2039"]
    assert "All in USD, without taxes and discounts. From:\n- instances of all" in text


def test_a_file_replaces_figures_and_is_named_as_a_source(own: str) -> None:
    text = shown("--prices", own, "--region", "mars-1")
    assert [line.split() for line in text.splitlines()[1:4]] == [
        ["ml.g5.xlarge", "2"],
        ["ml.t3.medium", "0.04"],
        ["volume,", "a", "GiB", "and", "month", "unknown"],
    ]
    assert "- ours: the contract (2026-10-01)" in text


def test_what_is_printed_as_yaml_is_a_file_of_prices(own: str, tmp_path: Path) -> None:
    printed = yaml.safe_load(shown("--prices", own, "-o", "yaml"))
    expected = shipped_prices().updated_by(parse_prices(OWN))
    assert parse_prices(printed) == expected
    assert parse_prices(json.loads(shown("--prices", own, "-o", "json"))) == expected


def test_a_file_in_another_currency_stands_alone(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("{currency: CNY, regions: {cn-north-1: {volumeGiBMonth: '0.8'}}}")
    table = load_table(str(file))
    assert (table.prices.currency, table.regions, table.sources) == ("CNY", ("cn-north-1",), ())


def test_sizes_of_a_family_stand_together_the_cheapest_first() -> None:
    rows = [row[0] for row in table_rows(shipped_prices(), ["us-east-1"])]
    family = [row for row in rows if row.startswith("ml.t3.")]
    assert family == ["ml.t3.medium", "ml.t3.large", "ml.t3.xlarge", "ml.t3.2xlarge"]
    at = rows.index(family[0])
    assert rows[at : at + 4] == family


def test_a_region_without_prices_is_not_found() -> None:
    ended = CliRunner().invoke(group, ["prices", "--region", "us-east-9"])
    assert ended.exit_code == 3
    assert "no price of us-east-9 is known. Did you mean us-east-1" in ended.output


def test_a_file_that_can_not_be_read_is_named() -> None:
    with pytest.raises(PluginError, match=r"/nowhere/prices\.yaml"):
        load_table("/nowhere/prices.yaml")


@pytest.mark.parametrize("present", ["", "prices: {}", "prices: {currency: EUR}"])
def test_prices_are_written_over_prices(tmp_path: Path, present: str) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text(present)
    write_document(str(file), OWN)
    assert yaml.safe_load(file.read_text()) == OWN


@pytest.mark.parametrize("present", ["replicas: 2", "prices: {}\nreplicas: 2", "[", "- a"])
def test_what_holds_anything_else_is_left_as_it_is(tmp_path: Path, present: str) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(present)
    with pytest.raises(RefusedError, match="would be lost"):
        write_document(str(file), OWN)
    assert file.read_text() == present


def test_a_file_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"nowhere/prices\.yaml can't be written"):
        write_document(str(tmp_path / "nowhere" / "prices.yaml"), OWN)
