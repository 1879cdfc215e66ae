"""`kubectl studio prices`: the table of prices, and a new one from AWS's price list."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click
from rich.console import Group, RenderableType

from studio_operator.plan.prices import Prices
from studio_operator.plugin.costs.price_list import make_document
from studio_operator.plugin.costs.price_table import (
    Table,
    load_table,
    table_data,
    table_rows,
    write_document,
)
from studio_operator.plugin.errors import NotFoundError
from studio_operator.plugin.names import suggest
from studio_operator.plugin.options import output_option
from studio_operator.plugin.output import (
    Format,
    emit,
    lines,
    note,
    progress,
    serialise,
    table,
)

STANDARD_OUTPUT = "-"


@click.group(name="prices", invoke_without_command=True)
@click.option("--prices", "file", metavar="FILE", default="", help="Further prices, or others.")
@click.option("--region", "regions", multiple=True, metavar="NAME", help="Only this region.")
@output_option
@click.pass_context
def command(ctx: click.Context, file: str, regions: tuple[str, ...], output: Format) -> None:
    """Show the table of prices that plans and the operator count with; or fetch it anew.

    It is the one of this version; --prices shows it with the figures of a file in place of its
    own, as the operator has it with the chart's value `prices`.
    """
    if ctx.invoked_subcommand is not None:
        return
    found = load_table(file)
    shown = regions or found.regions
    for region in shown:
        if region not in found.regions:
            raise NotFoundError(f"no price of {region} is known.{suggest(region, found.regions)}")
    emit(output, table_data(found, shown), lambda: _draw(found, shown))


def _draw(found: Table, regions: tuple[str, ...]) -> RenderableType:
    prices: Prices = found.prices
    drawn = table(("instance, an hour", *regions), table_rows(prices, regions))
    heading = f"All in {prices.currency}, without taxes and discounts. From:"
    return Group(drawn, lines(heading, *(f"- {one}" for one in prices.sources)))


@command.command(name="refresh")
@click.option(
    "--region",
    "regions",
    required=True,
    multiple=True,
    metavar="NAME",
    help="The region; may be repeated.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE|-",
    default=STANDARD_OUTPUT,
    help="File to write; - for standard output (when left out).",
)
@click.option("--profile", metavar="NAME", help="Profile of the AWS configuration.")
def refresh(regions: tuple[str, ...], output: str, profile: str | None) -> None:
    """Fetch the prices of regions from AWS's price list, as values for the chart.

    Under your own AWS identity (boto3's standard chain), which needs pricing:GetProducts. What the
    list does not tell clearly is left out and named on stderr: it stays unknown.
    """
    # Imported here: boto3 takes a third of a second, and the table is shown without it.
    from studio_operator.plugin.costs.pricing import currency_of, open_price_list  # noqa: PLC0415

    wanted = tuple(dict.fromkeys(regions))
    currencies = {currency_of(region) for region in wanted}
    if len(currencies) > 1:
        raise click.UsageError(
            "these regions have prices in USD and CNY: fetch them into two files"
        )
    prices, fetched = open_price_list(profile, wanted[0]), []
    with progress(total=len(wanted)) as advance:
        for done, region in enumerate(wanted):
            advance(f"prices of {region}", done)
            fetched.append(prices.fetch(region))
    document = make_document(fetched, currencies.pop(), datetime.now(UTC).date())
    if output == STANDARD_OUTPUT:
        sys.stdout.write(serialise(Format.YAML, document))
    else:
        write_document(output, document)
    for one in fetched:
        for doubt in one.doubts:
            note(f"left out: {one.region}, {doubt}")
        note(f"fetched {len(one.prices.instance_hour)} instance types of {one.region}")
