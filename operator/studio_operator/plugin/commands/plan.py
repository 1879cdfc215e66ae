"""`kubectl studio plan`: what files or Git revisions would change in AWS."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from studio_operator.engine.prices import shipped_prices
from studio_operator.kube.resources import Key
from studio_operator.plan.prices import Prices, PricesError, parse_prices
from studio_operator.plugin.cluster import Cluster, connect
from studio_operator.plugin.errors import PluginError, RefusedError
from studio_operator.plugin.options import Connection, cluster_options
from studio_operator.plugin.output import Format, emit, note
from studio_operator.plugin.planning import sources
from studio_operator.plugin.planning.objects import KIND_NAMES, DuplicateError, by_key
from studio_operator.plugin.planning.planner import Question, make_plan
from studio_operator.plugin.planning.rehearsal import RehearsalError
from studio_operator.plugin.planning.rendering import as_data, as_markdown, as_text
from studio_operator.plugin.planning.report import Action, PlanReport

# Behind --fail-on: the plan was made, and holds what was named.
FOUND = 6
FAILURES = {
    "restart": (Action.RESTART, Action.STOP),
    "delete": (Action.DELETE,),
    "refusal": (Action.REFUSE,),
}
MARKDOWN = "markdown"


@click.command(epilog=f"Exit codes: those of all verbs, and {FOUND}: what --fail-on names.")
@click.option(
    "-f",
    "--filename",
    "files",
    multiple=True,
    metavar="PATH",
    help="A file, a folder, or - for standard input. Can be given more than once.",
)
@click.option(
    "--from",
    "base",
    metavar="REVISION",
    help="Plan the change since this Git revision; where branches parted is found by Git.",
)
@click.option(
    "--to",
    "head",
    metavar="REVISION",
    help="The Git revision with the change; the working tree when left out.",
)
@click.option(
    "--path",
    "paths",
    multiple=True,
    metavar="DIR",
    help="With --from: a folder or file of the repository, all of it when left out.",
)
@click.option("--live", is_flag=True, help="Start from the cluster; the default with -f.")
@click.option(
    "--recorded",
    metavar="FILE",
    help="Start from a file: the output of `kubectl get studio -A -o yaml`.",
)
@click.option("--offline", is_flag=True, help="Know nothing of AWS; the default with --from.")
@click.option("--region", metavar="NAME", help="AWS region of domains that name none, for prices.")
@click.option("--prices", "price_files", multiple=True, metavar="FILE", help="Further prices.")
@click.option(
    "--fail-on",
    type=click.Choice(list(FAILURES)),
    multiple=True,
    help="End with exit code 6 if the plan holds one. Can be given more than once.",
)
@click.option(
    "-o",
    "--output",
    type=click.Choice([*map(str, Format), MARKDOWN]),
    default=str(Format.TEXT),
    show_default=True,
    help="How to print the plan.",
)
@cluster_options
def command(  # noqa: PLR0913 - one for each option
    *,
    files: Sequence[str],
    base: str | None,
    head: str | None,
    paths: Sequence[str],
    live: bool,
    recorded: str | None,
    offline: bool,
    region: str | None,
    price_files: Sequence[str],
    fail_on: Sequence[str],
    output: str,
    connection: Connection,
) -> None:
    """Show what files or Git revisions would change in AWS. Nothing is applied.

    \b
    -f studio/                          files, against the cluster
    --from main --to HEAD               two revisions, against each other
    --from main --recorded live.yaml    the same, knowing what runs
    """  # noqa: D301 - click's mark of a list is a backspace
    _check_usage(files, base, head, paths, [live, bool(recorded), offline])
    cluster = connect(connection) if live or (files and not (recorded or offline)) else None
    namespace = connection.namespace or (cluster.namespace if cluster else "default")
    records = _records(cluster, recorded, namespace)
    before, after = _changes(files, base, head, paths or ("",), namespace)
    if files and records is not None:
        before = {key: records[key] for key in after if key in records}
    question = Question(
        before=before,
        after=after,
        records=records,
        prices=_prices(price_files),
        now=datetime.now(UTC),
        region=region,
        basis=_basis(cluster, recorded),
    )
    try:
        report = make_plan(question)
    except RehearsalError as error:
        raise PluginError(f"no plan can be made: {error}. Please report this.") from error
    _print(report, output)
    if _holds(report, fail_on):
        sys.exit(FOUND)


def _check_usage(
    files: Sequence[str],
    base: str | None,
    head: str | None,
    paths: Sequence[str],
    starts: Iterable[bool],
) -> None:
    if bool(files) == bool(base):
        raise click.UsageError("give either files by -f or a Git revision by --from")
    if (head or paths) and not base:
        raise click.UsageError("--to and --path go with --from")
    if sum(starts) > 1:
        raise click.UsageError("--live, --recorded and --offline exclude each other")


def _changes(
    files: Sequence[str],
    base: str | None,
    head: str | None,
    paths: Sequence[str],
    namespace: str,
) -> tuple[dict[Key, Any], dict[Key, Any]]:
    """The resources without the change and with it."""
    if base is None:
        return {}, _by_key(sources.read_documents(files), namespace)
    ancestor = sources.common_ancestor(base, head or "HEAD")
    before = [one for path in paths for one in sources.read_revision(ancestor, path)]
    if head is None:
        places = [sources.top_folder() / path for path in paths]
        after = sources.read_documents(str(place) for place in places if place.exists())
    else:
        after = [one for path in paths for one in sources.read_revision(head, path)]
    return _by_key(before, namespace), _by_key(after, namespace)


def _by_key(documents: Iterable[Any], namespace: str) -> dict[Key, Any]:
    try:
        return by_key(documents, namespace)
    except DuplicateError as error:
        raise PluginError(
            f"{error}. Name one of the places by -f or --path, such as one overlay."
        ) from error


def _records(
    cluster: Cluster | None, recorded: str | None, namespace: str
) -> dict[Key, Any] | None:
    """The resources with their status, None for knowing nothing."""
    if cluster is not None:
        return _by_key(_list(cluster), namespace)
    if recorded is None:
        return None
    found = _by_key(sources.read_documents([recorded]), namespace)
    without_identity = [key for key, one in found.items() if "uid" not in one.get("metadata", {})]
    if without_identity:
        raise PluginError(
            f"{recorded} is no recording: {without_identity[0]} has no uid. "
            "Write it by `kubectl get studio -A -o yaml`."
        )
    return found


def _list(cluster: Cluster) -> list[Any]:
    """Everything of our kinds; of one namespace for who may not see the others."""
    kinds = sorted(KIND_NAMES)
    try:
        return [one for kind in kinds for one in cluster.list_all(kind, all_namespaces=True)]
    except RefusedError:
        note(
            f"You may not list all namespaces: only {cluster.namespace} is looked at, and what it "
            "refers to elsewhere shows as missing."
        )
        return [one for kind in kinds for one in cluster.list_all(kind)]


def _basis(cluster: Cluster | None, recorded: str | None) -> str:
    if cluster is not None:
        return f"Based on status in the cluster {cluster.server}."
    return f"Based on recorded status in {Path(recorded).name}." if recorded else ""


def _prices(files: Iterable[str]) -> Prices:
    prices = shipped_prices()
    for file in files:
        for document in sources.read_documents([file]):
            try:
                prices = prices.updated_by(parse_prices(document))
            except PricesError as error:
                raise PluginError(f"{file}: {error}.") from error
    return prices


def _print(report: PlanReport, output: str) -> None:
    if output == MARKDOWN:
        sys.stdout.write(as_markdown(report))
    else:
        emit(Format(output), as_data(report), lambda: as_text(report))


def _holds(report: PlanReport, fail_on: Sequence[str]) -> bool:
    return any(one.has(*FAILURES[name]) for one in report.resources for name in fail_on)
