"""`kubectl studio snooze`: a space's schedule sleeps for once, without an edit of its spec."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from studio_operator.kinds.registry import RUNNING
from studio_operator.plugin.completion import complete_names
from studio_operator.plugin.kube.cluster import connect
from studio_operator.plugin.options import (
    Connection,
    cluster_options,
    duration,
    output_option,
    timeout_option,
)
from studio_operator.plugin.output import Format
from studio_operator.plugin.requests.snoozing import Snooze, zone_of
from studio_operator.plugin.requests.user_requests import ask_all, exit_code, tell
from studio_operator.plugin.targets import Raw, parse_name
from studio_operator.plugin.times import parse_time

# The operator takes it up within seconds; an app is neither stopped nor started for it.
PATIENCE = "1m"


@click.command(name="snooze")
@click.argument("name", shell_complete=complete_names)
@click.option("--until", metavar="TIME", help="Until when, such as 22:00 or 2026-03-02T22:00.")
@click.option("--for", "length", type=duration, metavar="TIME", help="For how long, such as 2h.")
@click.option("--off", is_flag=True, help="Wake the schedule up now.")
@click.option("--wait/--no-wait", default=True, help="Wait for the operator.", show_default=True)
@timeout_option(PATIENCE, "How long to wait, such as 30s or 2m.")
@cluster_options
@output_option
def command(
    name: str,
    *,
    until: str | None,
    length: float | None,
    off: bool,
    wait: bool,
    timeout: float,
    connection: Connection,
    output: Format,
) -> None:
    """Let the schedule of a space sleep until a time: it neither stops nor starts the app.

    Times without an offset are those of the schedule's own time zone. When the schedule wakes up
    after hours, it stops the app.
    """
    if sum((until is not None, length is not None, off)) != 1:
        raise click.UsageError("give one of --until TIME, --for TIME and --off")
    kind, bare = parse_name(name, RUNNING)
    cluster = connect(connection)
    space = cluster.get(kind, bare)
    now = datetime.now(UTC)
    snooze = Snooze(None if off else _end(space, until, length, now), now)
    asked = ask_all(cluster, snooze, [space], timeout if wait else 0)
    tell(snooze, asked, output)
    raise click.exceptions.Exit(exit_code(asked, waited=wait))


def _end(space: Raw, until: str | None, length: float | None, now: datetime) -> datetime:
    """The moment that the options name. Raises UsageError for one that is past."""
    given = f"--until {until}" if until is not None else f"--for {length:.0f}s"
    try:
        if until is not None:
            end = parse_time(until, zone_of(space), now)
        else:
            end = now + timedelta(seconds=length or 0)
    except OverflowError as error:
        raise click.UsageError(f"{given} is beyond any calendar") from error
    if end <= now:
        raise click.UsageError(f"{given} is past: give a time to come, or --off")
    return end
