"""`kubectl studio why`: what a resource waits for, since when, and what comes next."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Group
from rich.table import Table
from rich.text import Text

from studio_operator.kube.resources import Key
from studio_operator.plugin.chain import dependencies
from studio_operator.plugin.cluster import Cluster, connect
from studio_operator.plugin.completion import complete_names
from studio_operator.plugin.errors import RefusedError
from studio_operator.plugin.options import Connection, cluster_options, output_option
from studio_operator.plugin.output import Format, emit
from studio_operator.plugin.targets import parse_name
from studio_operator.plugin.times import span
from studio_operator.plugin.why import Link, Why, explain

KINDS = ("Space", "UserProfile", "StudioDomain")
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
    found = look_into(cluster, Key(kind, cluster.namespace, bare), now)
    emit(output, as_data(found), lambda: Group(*render(found, now)))


def look_into(cluster: Cluster, key: Key, now: datetime) -> Why:
    """Read the resource, what it depends on and the Events of each, and explain."""
    resources: dict[Key, Any] = {key: cluster.get(key.kind, key.name, key.namespace)}
    events: dict[Key, Any] = {}
    for dependency in dependencies(resources[key]):
        try:
            resources[dependency] = cluster.find(
                dependency.kind, dependency.name, dependency.namespace
            )
        except RefusedError:  # a domain of a namespace that this person may not read
            continue
    for one, resource in resources.items():
        if resource is not None:
            events[one] = _events(cluster, resource)
    return explain(key, resources, events, now)


def as_data(why: Why) -> dict[str, Any]:
    """The explanation in JSON types."""
    return asdict(why)


def render(why: Why, now: datetime) -> list[Text | Table]:
    """The explanation as lines for people; of a root cause elsewhere, that in full too."""
    lines: list[Text | Table] = [_head(why, now), *_body(why)]
    if why.root is not None:
        lines += [Text(), Text("Root cause", style="bold"), _head(why.root, now), *_body(why.root)]
    whose = why.root or why
    if whose.events:
        lines += [Text(), Text(f"Events of {whose.kind} {whose.name}", style="bold")]
        lines.append(_events_table(whose, now))
    return lines


def _head(why: Why, now: datetime) -> Text:
    since = ""
    if why.since:
        since = f" for {span(now - datetime.fromisoformat(why.since))} (since {why.since})"
    text = Text(f"{why.kind} {why.namespace}/{why.name}: ", style="bold")
    text.append(why.standing, style=STYLES.get(why.standing, "red"))
    phase = f", phase {why.phase}" if why.phase else ""
    text.append(f"{since}{phase}\n", style="not bold")
    text.append(f"  {why.reason}: {why.message}", style="not bold")
    return text


def _body(why: Why) -> list[Table]:
    grid = Table.grid(padding=(0, 2), pad_edge=False)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    rows = [
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
            grid.add_row(Text(f"  {label}" if position == 0 else ""), Text(text))
    return [grid]


def _describe(link: Link) -> str:
    reason = f", {link.reason}" if link.reason != link.standing else ""
    return f"{link.kind} {link.namespace}/{link.name}: {link.standing}{reason}"


def _events_table(why: Why, now: datetime) -> Table:
    grid = Table.grid(padding=(0, 2), pad_edge=False)
    for one in why.events:
        age = span(now - datetime.fromisoformat(one.at))
        grid.add_row(
            *(Text(cell) for cell in (f"  {age}", one.type, one.reason)),
            Text(one.message, overflow="fold"),
        )
    return grid


def _events(cluster: Cluster, resource: Any) -> list[Any]:
    """The Events of a resource; none for a person who may not read them."""
    metadata = resource["metadata"]
    try:
        return cluster.events(metadata["namespace"], regarding_uid=metadata["uid"])
    except RefusedError:
        return []
