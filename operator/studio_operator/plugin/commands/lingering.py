"""`kubectl studio lingering`: what was made from spaces and goes on costing money."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import click
from rich.console import Group, RenderableType

from studio_operator.plugin.completion import complete_names
from studio_operator.plugin.costs.lingering import COLUMNS, as_row, find_lingering, summarise
from studio_operator.plugin.kube.cluster import connect
from studio_operator.plugin.kube.presence import warn
from studio_operator.plugin.names import DEFAULT_KIND
from studio_operator.plugin.options import Connection, cluster_options_with_all, output_option
from studio_operator.plugin.output import Format, emit, lines, table
from studio_operator.plugin.targets import Selection, check, resolve

# What people work in: nothing else makes things beside itself.
KINDS = (DEFAULT_KIND,)


@click.command(name="lingering")
@click.argument("names", nargs=-1, metavar="[NAME...]", shell_complete=complete_names)
@cluster_options_with_all
@output_option
def command(names: tuple[str, ...], connection: Connection, output: Format) -> None:
    """Show what goes on costing money after its space was stopped.

    Endpoints, jobs and the like that were made from spaces, as the operator saw them last in AWS:
    of the spaces that are named, or of all. A space that still runs is told too, without a time.
    """
    selection = Selection(names, everything=not names)
    check(connection, selection, KINDS)
    cluster = connect(connection)
    spaces = resolve(cluster, connection, selection, KINDS)
    found, now = find_lingering(spaces), datetime.now(UTC)
    summary = summarise(spaces, found)

    def text() -> RenderableType:
        rows = [as_row(one, now) for one in found]
        return Group(*([table(COLUMNS, rows)] if rows else []), lines(*summary))

    emit(output, [asdict(one) for one in found], text)
    warn(cluster, spaces)
