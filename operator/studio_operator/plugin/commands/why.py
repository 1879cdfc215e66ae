"""`kubectl studio why`: what a resource waits for, since when, and what comes next."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Group, RenderableType
from rich.table import Table

from studio_operator.kinds import registry
from studio_operator.kinds.references import reached_from
from studio_operator.kube.resources import Key, key_in, key_of
from studio_operator.plugin.completion import complete_names
from studio_operator.plugin.errors import RefusedError
from studio_operator.plugin.explanation.dependency_chain import dependencies
from studio_operator.plugin.explanation.why import Link, Why, explain
from studio_operator.plugin.kube.cluster import Cluster, connect
from studio_operator.plugin.kube.presence import find_operator
from studio_operator.plugin.options import Connection, cluster_options, output_option
from studio_operator.plugin.output import Format, emit, joined, words
from studio_operator.plugin.requests.turns import is_not_taken_up
from studio_operator.plugin.targets import parse_name
from studio_operator.plugin.times import span

KINDS = tuple(kind.name for kind in reversed(registry.KINDS))
STYLES = {"Ready": "green", "Reconciling": "yellow"}


@click.command(name="why")
@click.argument("name", metavar="[KIND/]NAME", shell_complete=complete_names)
@cluster_options
@output_option
def command(name: str, connection: Connection, output: Format) -> None:
    """Explain what a space, profile/NAME or domain/NAME waits for.

    Since when, what happens next by itself, which rule decided, which field to change, and the
    Events in order. If it waits for another resource, the chain is followed to the root cause.
    """
    kind, bare = parse_name(name, KINDS)
    cluster = connect(connection)
    now = datetime.now(UTC)
    found = look_into(cluster, key_in(kind, cluster.namespace, bare), now)
    emit(output, as_data(found), lambda: Group(*render(found, now)))


def look_into(cluster: Cluster, key: Key, now: datetime) -> Why:
    """Read the resource, what it depends on and the Events of each, and explain."""
    resources: dict[Key, Any] = {key: cluster.get(key.kind, key.name, key.namespace)}
    events: dict[Key, Any] = {}

    def next_of(one: Key) -> tuple[Key, ...]:
        resource = resources.get(one)
        return dependencies(resource) if resource is not None else ()

    for one in reached_from(key, next_of):
        try:
            resources[one] = cluster.find(one.kind, one.name, one.namespace)
        except RefusedError:  # what is in a namespace that this person may not read
            continue
    for one, resource in resources.items():
        if resource is not None:
            events[one] = _events(cluster, resource)
    operator = find_operator(cluster, resources.values())
    return explain(key, resources, events, now, operator, _siblings(cluster, resources[key]))


def _siblings(cluster: Cluster, resource: Any) -> list[Any]:
    """Those of its kind and namespace, where it may wait behind them; none that may not be read."""
    if not is_not_taken_up(resource):
        return []
    try:
        return cluster.list_all(resource["kind"], namespace=key_of(resource).namespace)
    except RefusedError:
        return []


def as_data(why: Why) -> dict[str, Any]:
    """The explanation in JSON types."""
    return asdict(why)


def render(why: Why, now: datetime) -> list[RenderableType]:
    """The explanation as lines for people; of a root cause elsewhere, that in full too."""
    lines: list[RenderableType] = [*_head(why, now), *_body(why)]
    if why.root is not None:
        lines += [words(), words("Root cause", "bold"), *_head(why.root, now), *_body(why.root)]
    whose = why.root or why
    if whose.events:
        lines += [words(), words(f"Events of {whose.kind} {whose.name}", "bold")]
        lines.append(_events_table(whose, now))
    return lines


def _head(why: Why, now: datetime) -> list[RenderableType]:
    since = ""
    if why.operator is not None and why.operator.is_absent:
        since = " when it was seen last"
    elif why.since:
        since = f" for {span(now - datetime.fromisoformat(why.since))} (since {why.since})"
    phase = f", phase {why.phase}" if why.phase else ""
    name = words(f"{Key(why.kind, why.namespace, why.name)}: ", "bold")
    standing = words(why.standing, f"bold {STYLES.get(why.standing, 'red')}")
    return [
        joined(name, standing, words(f"{since}{phase}")),
        words(f"  {why.reason}: {why.message}"),
    ]


def _body(why: Why) -> list[Table]:
    grid = Table.grid(padding=(0, 2), pad_edge=False)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    rows = [
        ("Operator", [why.operator.message if why.operator else ""]),
        ("Waits for", [_describe(link) for link in why.chain[1:]]),
        ("Means", [why.meaning]),
        ("Decided", [why.decided or ""]),
        ("Next", why.next),
        ("Also", why.also),
        ("To do", [why.remedy]),
        ("Fields", [", ".join(why.fields)]),
        ("Type", why.commands),
        ("Page", [why.page]),
    ]
    for label, texts in rows:
        for position, text in enumerate(one for one in texts if one):
            grid.add_row(words(f"  {label}" if position == 0 else ""), words(text))
    return [grid]


def _describe(link: Link) -> str:
    reason = f", {link.reason}" if link.reason != link.standing else ""
    return f"{Key(link.kind, link.namespace, link.name)}: {link.standing}{reason}"


def _events_table(why: Why, now: datetime) -> Table:
    grid = Table.grid(padding=(0, 2), pad_edge=False)
    for _ in range(3):
        grid.add_column()
    grid.add_column(overflow="fold")
    for one in why.events:
        age = span(now - datetime.fromisoformat(one.at))
        grid.add_row(*map(words, (f"  {age}", one.type, one.reason, one.message)))
    return grid


def _events(cluster: Cluster, resource: Any) -> list[Any]:
    """The Events of a resource; none for a person who may not read them."""
    metadata = resource["metadata"]
    try:
        return cluster.events(key_of(resource).namespace_of_events, regarding_uid=metadata["uid"])
    except RefusedError:
        return []
