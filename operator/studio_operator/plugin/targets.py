"""Which resources a command is about: names, a label selector, or all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from studio_operator.kube.resources import PLURALS
from studio_operator.plugin.kube.cluster import Cluster
from studio_operator.plugin.names import kind_of
from studio_operator.plugin.options import Connection

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Selection:
    """What the words and options of a command select."""

    names: tuple[str, ...] = ()
    labels: str = ""
    everything: bool = False


def parse_name(word: str, kinds: Sequence[str]) -> tuple[str, str]:
    """Kind and name of `NAME` (of the first kind) or `KIND/NAME`. Raises UsageError."""
    if "/" not in word and word:
        return kinds[0], word
    prefix, _, name = word.partition("/")
    kind = kind_of(prefix)
    if kind is None or kind not in kinds or not name:
        allowed = ", ".join(f"{PLURALS[kind]}/NAME" for kind in kinds)
        raise click.UsageError(f"{word!r} is none of NAME, {allowed}")
    return kind, name


def check(connection: Connection, selection: Selection, kinds: Sequence[str]) -> None:
    """Raise UsageError when the words and options of a command don't go together."""
    given = [bool(selection.names), bool(selection.labels), selection.everything]
    if sum(given) != 1:
        raise click.UsageError("give names, or -l SELECTOR, or --all")
    if selection.names and connection.all_namespaces:
        raise click.UsageError("names are looked up in one namespace: give -n instead of -A")
    for word in selection.names:
        parse_name(word, kinds)


def resolve(
    cluster: Cluster, connection: Connection, selection: Selection, kinds: Sequence[str]
) -> list[Raw]:
    """The resources that are selected, each as it is now.

    Raises NotFoundError when one of several names is not there, before anything is done to others.
    """
    if selection.names:
        wanted = dict.fromkeys(parse_name(word, kinds) for word in selection.names)
        return [cluster.get(kind, name) for kind, name in wanted]
    return cluster.list_all(
        kinds[0], all_namespaces=connection.all_namespaces, labels=selection.labels
    )
