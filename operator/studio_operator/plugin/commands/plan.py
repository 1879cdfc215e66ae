"""`kubectl studio plan`: what files or Git revisions would change in AWS."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from studio_operator.api.common import GROUP, REGION, ConditionType
from studio_operator.engine.prices import shipped_prices
from studio_operator.engine.tuning import tuning_of
from studio_operator.kinds.registry import GOVERNING
from studio_operator.kube.resources import Key, plural_of
from studio_operator.plan.prices import Prices, PricesError, parse_prices
from studio_operator.plan.types import Tuning
from studio_operator.plugin.errors import NotFoundError, PluginError, RefusedError
from studio_operator.plugin.kube.cluster import Cluster, connect
from studio_operator.plugin.kube.presence import warn
from studio_operator.plugin.options import Connection, cluster_options
from studio_operator.plugin.output import Format, emit, note, serialise
from studio_operator.plugin.planning import sources
from studio_operator.plugin.planning.dry_run import DryRunError
from studio_operator.plugin.planning.markdown import as_markdown
from studio_operator.plugin.planning.objects import (
    KIND_NAMES,
    DuplicateError,
    UnknownKindError,
    by_key,
    has_identity,
    is_list,
    refuse_unknown_kinds,
)
from studio_operator.plugin.planning.planner import PlanRequest, make_plan
from studio_operator.plugin.planning.rendering import as_data, as_text
from studio_operator.plugin.planning.report import Action, PlanReport
from studio_operator.plugin.planning.values import ValuesError, read_settings

# The plan was made, and holds what is refused or what --fail-on names.
FOUND = 6
FAILURES = {
    "restart": (Action.RESTART, Action.STOP),
    "delete": (Action.DELETE,),
    "refusal": (Action.REFUSE,),
}
# What is refused is never carried out as it is committed: that always counts.
ALWAYS = "refusal"
MARKDOWN = "markdown"


@click.command(
    epilog=f"Exit codes: those of all verbs, and {FOUND}: the plan was made and printed, and holds "
    "what is refused or what --fail-on names."
)
@click.option(
    "-f",
    "--filename",
    "files",
    multiple=True,
    metavar="PATH",
    help="A file, a pipe, a folder, or - for standard input. Can be given more than once.",
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
    "--values",
    "values_files",
    multiple=True,
    metavar="FILE",
    help="Values of the operator's chart, by which it runs: where it lets back-ups go, and times.",
)
@click.option(
    "--fail-on",
    type=click.Choice(list(FAILURES)),
    multiple=True,
    help="End with exit code 6 if the plan holds one, as it does without this if something is "
    "refused. Can be given more than once.",
)
@click.option(
    "-o",
    "--output",
    type=click.Choice([*map(str, Format), MARKDOWN]),
    default=str(Format.TEXT),
    show_default=True,
    help="How to print the plan.",
)
@click.option(
    "--data-file",
    type=click.Path(dir_okay=False, writable=True),
    metavar="FILE",
    help="Write the plan to a file as JSON, too, for a program that decides by it.",
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
    values_files: Sequence[str],
    fail_on: Sequence[str],
    output: str,
    data_file: str | None,
    connection: Connection,
) -> None:
    """Show what files or Git revisions would change in AWS. Nothing is applied.

    \b
    -f studio/                          files, against the cluster
    --from main --to HEAD               two revisions, against each other
    --from main --recorded live.yaml    the same, knowing what runs
    """  # noqa: D301 - click's mark of a list is a backspace
    _check_usage(files, base, head, paths, [live, bool(recorded), offline])
    _check_region(region)
    _check_standard_input([*files, *([recorded] if recorded else []), *price_files, *values_files])
    cluster = connect(connection) if live or (files and not (recorded or offline)) else None
    namespace = connection.namespace or (cluster.namespace if cluster else "default")
    records = _records(cluster, recorded, namespace)
    before, after = _changes(files, base, head, paths or ("",), namespace)
    if files and records is not None:
        before = {key: records[key] for key in after if key in records}
    request = PlanRequest(
        before=before,
        after=after,
        records=records,
        prices=_prices(price_files),
        now=datetime.now(UTC),
        region=region,
        basis=_basis(cluster, recorded),
        tuning=_tuning(values_files),
    )
    try:
        report = make_plan(request)
    except DryRunError as error:
        raise PluginError(f"no plan can be made: {error}. Please report this.") from error
    if data_file is not None:
        _write_data(report, data_file)
    _print(report, output)
    if cluster is not None:
        warn(cluster, (records or {}).values())
    if _holds(report, {ALWAYS, *fail_on}):
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


def _check_region(region: str | None) -> None:
    if region is not None and not re.fullmatch(REGION, region):
        raise click.UsageError(f"--region: {region!r} is no AWS region such as eu-central-1")


def _check_standard_input(paths: Iterable[str]) -> None:
    if sum(path in sources.STANDARD_INPUT for path in paths) > 1:
        raise click.UsageError("standard input can be read once: name files for the others")


def _changes(
    files: Sequence[str],
    base: str | None,
    head: str | None,
    paths: Sequence[str],
    namespace: str,
) -> tuple[dict[Key, Any], dict[Key, Any]]:
    """The resources without the change and with it."""
    if base is None:
        return {}, _from_files(files, namespace)
    ancestor = sources.common_ancestor(base, head or "HEAD")
    before: list[Any] = []
    after: list[Any] = []
    for path in paths:
        was, becomes = sources.read_revision(ancestor, path), _read_head(head, path)
        if was is None and becomes is None:
            raise PluginError(
                f"there is no file and no folder {path}, neither in {base} nor with the change. "
                "Give --path from the root of the repository."
            )
        before += was or []
        after += becomes or []
    _refuse_unknown_kinds(after)
    return _by_key(before, namespace), _by_key(after, namespace)


def _read_head(head: str | None, path: str) -> list[Any] | None:
    """The documents with the change; None where nothing is at the path."""
    if head is not None:
        return sources.read_revision(head, path)
    place = sources.top_folder() / path
    return sources.read_documents([str(place)]) if place.exists() else None


def _from_files(files: Sequence[str], namespace: str) -> dict[Key, Any]:
    documents = sources.read_documents(files)
    _refuse_unknown_kinds(documents)
    found = _by_key(documents, namespace)
    if not found:
        raise PluginError(
            f"{', '.join(map(sources.name_of, files))}: no resource of {GROUP} in it. "
            "Check the path, and that what is piped is rendered."
        )
    return found


def _refuse_unknown_kinds(documents: Iterable[Any]) -> None:
    try:
        refuse_unknown_kinds(documents)
    except UnknownKindError as error:
        raise PluginError(str(error)) from error


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
    documents = sources.read_documents([recorded])
    found = _by_key(documents, namespace)
    if not found and not any(map(is_list, documents)):
        raise PluginError(
            f"{sources.name_of(recorded)} is no recording: no resource of {GROUP} in it. "
            "Write it by `kubectl get studio -A -o yaml`."
        )
    without_identity = [key for key, one in found.items() if not has_identity(one)]
    if without_identity:
        raise PluginError(
            f"{sources.name_of(recorded)} is no recording: {without_identity[0]} has no uid. "
            "Write it by `kubectl get studio -A -o yaml`."
        )
    return found


def _list(cluster: Cluster) -> list[Any]:
    """Everything of our kinds; of one namespace for who may not see the others."""
    tenants, hidden = _tenants(cluster)
    kinds = sorted(KIND_NAMES - {*GOVERNING})
    try:
        found = [one for kind in kinds for one in cluster.list_all(kind, all_namespaces=True)]
    except RefusedError:
        note(
            f"You may not list all namespaces: only {cluster.namespace} is looked at, and what it "
            "refers to elsewhere shows as missing."
        )
        found = [one for kind in kinds for one in cluster.list_all(kind)]
    if hidden and any(map(_is_judged, found)):
        names = " and ".join(map(plural_of, hidden))
        note(f"You may not list {names}: what they refuse is not in the plan.")
    return [*tenants, *found]


def _tenants(cluster: Cluster) -> tuple[list[Any], list[str]]:
    """Those who judge what is declared, and the kinds of which the person may not list any."""
    found: list[Any] = []
    hidden: list[str] = []
    for kind in GOVERNING:
        try:
            found += cluster.list_all(kind, all_namespaces=True)
        except RefusedError:
            hidden.append(kind)
        except NotFoundError:  # the cluster's CRDs are older than this plug-in: there is none
            continue
    return found, hidden


def _is_judged(resource: Any) -> bool:
    """Whether its status shows that a tenant, or the lack of one, matters to it."""
    conditions = (resource.get("status") or {}).get("conditions") or ()
    return any(one.get("type") == ConditionType.POLICY_VIOLATION for one in conditions)


def _basis(cluster: Cluster | None, recorded: str | None) -> str:
    if cluster is not None:
        return f"Based on status in the cluster {cluster.server}."
    return f"Based on recorded status in {sources.name_of(recorded)}." if recorded else ""


def _prices(files: Iterable[str]) -> Prices:
    prices = shipped_prices()
    for file in files:
        for document in sources.read_documents([file]):
            try:
                prices = prices.updated_by(parse_prices(document))
            except PricesError as error:
                raise PluginError(f"{file}: {error}.") from error
    return prices


def _tuning(files: Sequence[str]) -> Tuning | None:
    """What planners go by where the operator runs with these values; None without any."""
    if not files:
        return None
    try:
        return tuning_of(read_settings(sources.read_documents(files)))
    except ValuesError as error:
        raise PluginError(f"{', '.join(map(sources.name_of, files))}: {error}.") from error


def _write_data(report: PlanReport, file: str) -> None:
    try:
        Path(file).write_text(serialise(Format.JSON, as_data(report)), encoding="utf-8")
    except OSError as error:
        raise PluginError(f"{file} can't be written: {error.strerror}.") from error


def _print(report: PlanReport, output: str) -> None:
    if output == MARKDOWN:
        sys.stdout.write(as_markdown(report))
    else:
        emit(Format(output), as_data(report), lambda: as_text(report))


def _holds(report: PlanReport, fail_on: Iterable[str]) -> bool:
    return any(one.has(*FAILURES[name]) for one in report.resources for name in fail_on)
