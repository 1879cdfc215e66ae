"""`kubectl studio tenants`: the StudioTenants, and what they refuse of what is declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import click
from rich.console import Group, RenderableType

from studio_operator.kinds.registry import GOVERNING, KINDS
from studio_operator.kube.resources import Key, key_of
from studio_operator.plugin.errors import NotFoundError, PluginError
from studio_operator.plugin.explanation.tenants import (
    COLUMNS,
    REPORT_COLUMNS,
    Estate,
    ReportLine,
    TenantLine,
)
from studio_operator.plugin.kube.cluster import Cluster, connect
from studio_operator.plugin.options import Connection, cluster_options, output_option
from studio_operator.plugin.output import Format, emit, lines, table
from studio_operator.plugin.planning import sources
from studio_operator.plugin.planning.objects import DuplicateError, by_key

Raw = dict[str, Any]
NAMES_SHOWN = 5


@click.command(name="tenants")
@click.option(
    "--report",
    is_flag=True,
    help="List what tenants do not allow of what is declared: what Block would refuse.",
)
@click.option(
    "-f",
    "--filename",
    "files",
    multiple=True,
    metavar="PATH",
    help="Tenants that are not applied yet, or otherwise. Can be given more than once.",
)
@cluster_options
@output_option
def command(*, report: bool, files: Sequence[str], connection: Connection, output: Format) -> None:
    """Show the StudioTenants: their namespaces, and what they do not allow.

    A value that AWS has already is listed too: it stays there, and the next start of an app with it
    would be refused. What a space inherits is listed as far as the operator tells it on status.
    """
    cluster = connect(connection)
    resources = {key_of(raw): raw for raw in _all(cluster, without=bool(files))}
    resources |= _from_files(files, cluster.namespace)
    estate = Estate(resources[key] for key in sorted(resources))
    if report:
        found = estate.report()
        emit(output, [asdict(one) for one in found], lambda: _draw_report(found))
    else:
        tenants = estate.tenants()
        emit(output, [asdict(one) for one in tenants], lambda: _draw(tenants))


def _all(cluster: Cluster, *, without: bool) -> Iterator[Raw]:
    """All resources. `without`: the cluster need not have the kind of tenants."""
    lacking: list[str] = []
    for kind in KINDS:
        try:
            found = cluster.list_all(kind.name, all_namespaces=True)
        except NotFoundError:
            if kind.name not in GOVERNING:
                raise
            lacking.append(kind.name)
            continue
        for one in found:
            yield {**one, "kind": kind.name}
    if lacking and not without:
        raise NotFoundError(
            f"the cluster at {cluster.server} does not know the kind {' and '.join(lacking)}: its "
            "CustomResourceDefinitions are older than this plug-in. Have a cluster admin apply "
            "those of this release, or name a file with tenants by --report -f."
        )


def _from_files(files: Sequence[str], namespace: str) -> dict[Key, Raw]:
    if not files:
        return {}
    try:
        found = by_key(sources.read_documents(files), namespace)
    except DuplicateError as error:
        raise PluginError(f"{error}. Name one of the places by -f.") from error
    return {key: dict(raw) for key, raw in found.items()}


def _draw(tenants: Sequence[TenantLine]) -> RenderableType:
    if not tenants:
        return lines("No StudioTenant: nothing is judged.")
    rows = [
        (
            one.name,
            one.enforcement,
            _some(one.namespaces),
            str(one.resources),
            _some(one.conflicts),
        )
        for one in tenants
    ]
    return table(COLUMNS, rows)


def _draw_report(found: Sequence[ReportLine]) -> RenderableType:
    if not found:
        return lines("Nothing that is declared is refused by a StudioTenant.")
    rows = [(one.resource, one.tenant, one.enforcement, one.told) for one in found]
    count = len({one.resource for one in found})
    is_one = count == 1
    told = f"{count} {'resource names' if is_one else 'resources name'} what is not allowed."
    return Group(table(REPORT_COLUMNS, rows), lines(told))


def _some(names: Sequence[str]) -> str:
    left = len(names) - NAMES_SHOWN
    more = f" and {left} more" if left > 0 else ""
    return f"{', '.join(names[:NAMES_SHOWN])}{more}"
