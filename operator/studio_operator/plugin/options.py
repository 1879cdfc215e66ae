"""Options that verbs share, named and meant as kubectl's.

    @click.command()
    @cluster_options              # passes `connection: Connection`
    @output_option                # passes `output: Format`
    def command(connection: Connection, output: Format) -> None: ...

A `Connection` only holds what was given; `plugin.kube.cluster.connect` opens it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from studio_operator.plugin.output import Format

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Connection:
    """Which cluster and namespace is meant; None stands for what the kubeconfig says."""

    kubeconfig: str | None = None
    context: str | None = None
    namespace: str | None = None
    all_namespaces: bool = False


def cluster_options(function: Function) -> Function:
    """Add --kubeconfig, --context and -n; the function gets a `connection`."""
    return _with_connection(function, all_namespaces=False)


def cluster_options_with_all(function: Function) -> Function:
    """The same and -A."""
    return _with_connection(function, all_namespaces=True)


def output_option(function: Function) -> Function:
    """Add -o; the function gets `output`, a Format."""
    return click.option(
        "-o",
        "--output",
        type=click.Choice(list(Format), case_sensitive=False),
        default=Format.TEXT,
        show_default=Format.TEXT.value,
        help="How to print the answer.",
    )(function)


def duration(text: str) -> float:
    """Seconds of a time such as 90s, 10m, 1h30m or 1d; for `type=` of an option."""
    found = re.fullmatch(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?", text)
    if found is None or not text:
        raise click.BadParameter(f"{text!r} is no time such as 90s, 10m or 1h30m")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return float(days * 86_400 + hours * 3600 + minutes * 60 + seconds)


def timeout_option(default: str, words: str) -> Callable[[Function], Function]:
    """Add --timeout; the function gets `timeout` in seconds."""
    return click.option(
        "--timeout", type=duration, metavar="TIME", default=default, show_default=True, help=words
    )


def connection_of(ctx: click.Context) -> Connection:
    """The connection of a command whose options are parsed but which is not run: completion."""
    given = ctx.params
    return Connection(given.get("kubeconfig"), given.get("context"), given.get("namespace"))


def _with_connection(function: Function, *, all_namespaces: bool) -> Function:
    @functools.wraps(function)
    def call(
        *positional: Any,
        kubeconfig: str | None,
        context: str | None,
        namespace: str | None,
        all_namespaces: bool = False,
        **named: Any,
    ) -> Any:
        if namespace and all_namespaces:
            raise click.UsageError("-n and -A exclude each other: give one of them")
        connection = Connection(kubeconfig, context, namespace, all_namespaces)
        return function(*positional, connection=connection, **named)

    options = [*_CONNECTION, *((_ALL,) if all_namespaces else ())]
    for option in reversed(options):
        call = option(call)
    return call


_CONNECTION = (
    click.option(
        "--kubeconfig",
        metavar="FILE",
        type=click.Path(dir_okay=False),
        help="The kubeconfig; else $KUBECONFIG, else ~/.kube/config.",
    ),
    click.option("--context", metavar="NAME", help="The context; else the current one."),
    click.option("-n", "--namespace", metavar="NAME", help="The namespace; else the context's."),
)
_ALL = click.option("-A", "--all-namespaces", is_flag=True, help="Look in all namespaces.")
