"""`kubectl studio top`: what spaces, and others that start and stop, cost while they run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Group, RenderableType
from rich.table import Table

from studio_operator.kinds.registry import REFERENCES, RUNNING
from studio_operator.kube.resources import PLURALS
from studio_operator.plugin.costs.spending import (
    COLUMNS,
    By,
    Spending,
    add_up,
    as_row,
    describe_total,
    domains_elsewhere,
    find_spending,
    share,
    share_columns,
    share_data,
    share_row,
    spending_data,
    sum_data,
)
from studio_operator.plugin.kube.cluster import Cluster, connect
from studio_operator.plugin.kube.presence import warn
from studio_operator.plugin.names import DEFAULT_KIND
from studio_operator.plugin.options import Connection, cluster_options_with_all, output_option
from studio_operator.plugin.output import Format, emit, table, words

Raw = dict[str, Any]
TEAM_TAG = "team"  # as the operator's own setting team_tag has it


@click.command(name="top")
@click.option("--by", type=click.Choice([*map(str, By)]), help="Sum up by owner, team or domain.")
@click.option(
    "--tag",
    metavar="KEY",
    show_default=TEAM_TAG,
    help="Sum up by team: the key of the tag that names it.",
)
@cluster_options_with_all
@output_option
def command(by: str | None, tag: str | None, connection: Connection, output: Format) -> None:
    """Show what running spaces cost an hour, the dearest first.

    By the operator's table of prices, without taxes and discounts, instances only: a volume costs
    money whether its app runs or not. A price that is not known is told and never counted as 0.
    """
    if tag and by not in {None, By.TEAM}:
        raise click.UsageError(f"--tag names a team: leave out --by {by}")
    group = By.TEAM if tag else By(by) if by else None
    cluster = connect(connection)
    spaces = [
        one
        for kind in RUNNING
        for one in cluster.list_all(kind, all_namespaces=connection.all_namespaces)
    ]
    others = _read_others(cluster, connection, spaces) if group is By.TEAM else ()
    found = find_spending(spaces, datetime.now(UTC), tag or TEAM_TAG, others)

    def text() -> RenderableType:
        drawn = [_draw(found, group)] if found else []
        return Group(*drawn, words(describe_total(add_up(found))))

    emit(output, _data(found, group), text)
    warn(cluster, spaces)


def _read_others(cluster: Cluster, connection: Connection, spaces: Sequence[Raw]) -> list[Raw]:
    """The profiles and domains of spaces, whose tags may name a team too."""
    everywhere = connection.all_namespaces
    found = [
        one
        for kind in sorted(REFERENCES.referred_to)
        for one in cluster.list_all(kind, all_namespaces=everywhere)
    ]
    elsewhere = () if everywhere else domains_elsewhere(spaces)
    further = (cluster.find(key.kind, key.name, key.namespace) for key in elsewhere)
    return [*found, *(one for one in further if one is not None)]


def _draw(found: Sequence[Spending], by: By | None) -> Table:
    if by is None:
        return table(COLUMNS, [as_row(one) for one in found])
    return table(share_columns(by), [share_row(one, by) for one in share(found, by)])


def _data(found: Sequence[Spending], by: By | None) -> dict[str, Any]:
    total = {"total": sum_data(add_up(found))}
    if by is None:
        rows: dict[str, list[dict[str, Any]]] = {PLURALS[DEFAULT_KIND]: []}
        for one in found:
            rows.setdefault(PLURALS[one.kind], []).append(spending_data(one))
        return {**rows, **total}
    return {"by": str(by), "sums": [share_data(one, by) for one in share(found, by)], **total}
