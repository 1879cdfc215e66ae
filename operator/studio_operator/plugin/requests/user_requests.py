"""What the verbs that ask for something by annotation have in common: ask, wait, tell."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click

from studio_operator.kube.resources import Key, key_of
from studio_operator.plugin.completion import complete_names
from studio_operator.plugin.errors import FAILED, REFUSED, TIMED_OUT, NotFoundError, RefusedError
from studio_operator.plugin.kube.cluster import Cluster, WatchedChange, connect
from studio_operator.plugin.kube.presence import find_operators, operator_for
from studio_operator.plugin.options import (
    Connection,
    cluster_options_with_all,
    output_option,
    timeout_option,
)
from studio_operator.plugin.output import Format, emit, note, progress, table
from studio_operator.plugin.requests import requests
from studio_operator.plugin.requests.requests import (
    Request,
    RequestOutcome,
    State,
    Wish,
    kinds_of,
)
from studio_operator.plugin.targets import Raw, Selection, check, resolve

# AWS starts an instance and its image in minutes; a stop and a start of a resize take both.
PATIENCE = "15m"
# How often to look whether an operator still runs while nothing is heard of it. In seconds.
OPERATOR_LOOK = 15.0
_EXIT_CODES = {State.STALLED: FAILED, State.REFUSED: REFUSED}


@dataclass
class Asked:
    """A request as it was made of one resource, and what has become of it so far."""

    resource: Raw
    value: str | None
    outcome: RequestOutcome

    @property
    def key(self) -> Key:
        """The resource's key."""
        return key_of(self.resource)

    @property
    def uid(self) -> str:
        """The resource's uid."""
        return str(self.resource["metadata"]["uid"])


def asking_command(request: Request, help_text: str) -> click.Command:
    """The command of a verb that asks the operator for something."""

    def run(
        names: tuple[str, ...],
        labels: str,
        *,
        everything: bool,
        wait: bool,
        timeout: float,
        connection: Connection,
        output: Format,
    ) -> None:
        kinds = kinds_of(request)
        selection = Selection(names, labels, everything)
        check(connection, selection, kinds)
        cluster = connect(connection)
        resources = resolve(cluster, connection, selection, kinds)
        asked = ask_all(cluster, request, resources, timeout if wait else 0)
        tell(request, asked, output)
        raise click.exceptions.Exit(exit_code(asked, waited=wait))

    return _with_options(request, help_text)(run)


def _with_options(request: Request, help_text: str) -> Callable[[Any], click.Command]:
    word = "[KIND/]NAME" if len(kinds_of(request)) > 1 else "NAME"
    decorators: Sequence[Callable[[Any], Any]] = (
        click.command(name=request.verb, help=help_text),
        click.argument("names", nargs=-1, metavar=f"{word}...", shell_complete=complete_names),
        click.option("--all", "everything", is_flag=True, help="All spaces of the namespace."),
        click.option("-l", "--selector", "labels", default="", help="Spaces with these labels."),
        click.option("--wait/--no-wait", default=True, help="Wait for the end.", show_default=True),
        timeout_option(
            PATIENCE,
            "How long to wait, such as 90s or 10m; what was asked for goes on after that.",
        ),
        cluster_options_with_all,
        output_option,
    )

    def decorate(function: Any) -> click.Command:
        for decorator in reversed(decorators):
            function = decorator(function)
        command: click.Command = function
        return command

    return decorate


def ask_all(
    cluster: Cluster, request: Wish, resources: Sequence[Raw], timeout: float
) -> list[Asked]:
    """Ask the same of each resource; for so many seconds wait for what becomes of it."""
    namespaces = {one["metadata"]["namespace"] for one in resources}
    scope = namespaces.pop() if len(namespaces) == 1 else None
    asked: list[Asked] = []
    look_again = _Interval(OPERATOR_LOOK)
    with progress(total=2 * len(resources)) as advance:
        known = {_name(event) for event in _refusals(cluster, scope)} if timeout else set()
        for resource in resources:
            advance(f"{request.verb} {resource['metadata']['name']}: asking", len(asked))
            asked.append(_ask(cluster, request, resource, now=datetime.now(UTC)))
        _give_up_where_none_runs(cluster, asked)
        for kind in {one.key.kind for one in asked} if timeout else ():
            group = [one for one in asked if one.key.kind == kind]
            for changes in _follow(cluster, kind, scope, group, timeout):
                refused = () if changes else _refusals(cluster, scope)
                _update(
                    request, group, changes, [one for one in refused if _name(one) not in known]
                )
                if not changes and look_again.is_due():
                    _give_up_where_none_runs(cluster, group)
                done = sum(one.outcome.is_final for one in asked)
                advance(_describe(request, group), len(asked) + done)
    if timeout:
        _tell_what_is_not_known(cluster, asked)
    return asked


class _Interval:
    """Something that is to be done every so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._due_at = time.monotonic() + seconds

    def is_due(self) -> bool:
        """Whether it is time again; true once in each interval."""
        now = time.monotonic()
        if now < self._due_at:
            return False
        self._due_at = now + self._seconds
        return True


def _give_up_where_none_runs(cluster: Cluster, asked: Sequence[Asked]) -> None:
    """End the wait for requests that no operator is there to take up; they wait in the cluster."""
    waiting = [one for one in asked if not one.outcome.is_final]
    operators = find_operators(cluster, [one.resource for one in waiting])
    for one in waiting:
        operator = operator_for(operators, one.resource)
        if operator is not None and operator.is_absent:
            message = f"{operator.message} The request waits until one runs again."
            one.outcome = RequestOutcome(State.NO_OPERATOR, message)


def _tell_what_is_not_known(cluster: Cluster, asked: Sequence[Asked]) -> None:
    """Say of requests that came to no end where it can't be told whether an operator runs."""
    late = [one.resource for one in asked if not one.outcome.is_final]
    for operator in dict.fromkeys(find_operators(cluster, late).values()):
        if operator.message:
            note(operator.message)


def _ask(cluster: Cluster, request: Wish, resource: Raw, *, now: datetime) -> Asked:
    """Set the annotation, unless it is of no use."""
    refusal = request.refusal(resource)
    if refusal is not None:
        return Asked(resource, None, RequestOutcome(State.REFUSED, refusal))
    value = request.next_value(now, resource)
    try:
        after = cluster.annotate(key_of(resource), {request.annotation: value})
    except (RefusedError, NotFoundError) as error:
        return Asked(resource, None, RequestOutcome(State.REFUSED, error.message))
    return Asked(after, value, request.judge(value, after))


def _follow(
    cluster: Cluster, kind: str, scope: str | None, asked: Sequence[Asked], timeout: float
) -> Iterator[Sequence[WatchedChange]]:
    """What changes, until each request has come to its end or the time is over."""
    if all(one.outcome.is_final for one in asked):
        return
    for changes in cluster.follow(kind, scope, seconds=timeout):
        yield changes
        if all(one.outcome.is_final for one in asked):
            return


def _update(
    request: Wish, asked: Sequence[Asked], changes: Sequence[WatchedChange], refusals: Sequence[Raw]
) -> None:
    """Judge those anew that changed or were refused."""
    news = {change.resource["metadata"]["uid"]: change for change in changes}
    refused: dict[str, list[Raw]] = defaultdict(list)
    for event in refusals:
        refused[event["regarding"]["uid"]].append(event)
    for one in asked:
        if one.outcome.is_final or one.uid not in news | refused:
            continue
        change = news.get(one.uid, WatchedChange(one.resource))
        one.resource = change.resource
        one.outcome = (
            RequestOutcome(State.STALLED, "it was deleted meanwhile")
            if change.gone
            else request.judge(one.value, one.resource, refused[one.uid])
        )


def _refusals(cluster: Cluster, scope: str | None) -> list[Raw]:
    """The operator's Events about requests it refuses; none for whom may not read Events."""
    try:
        return cluster.events(scope, reason=requests.REFUSED)
    except RefusedError:
        return []


def _name(event: Raw) -> str:
    return str(event["metadata"]["name"])


def _describe(request: Wish, asked: Sequence[Asked]) -> str:
    left = [one for one in asked if not one.outcome.is_final]
    if not left:
        return f"{request.verb}: done"
    first = left[0]
    others = f" and {len(left) - 1} more" if len(left) > 1 else ""
    return f"{request.verb} {first.key.name}: {first.outcome.message}{others}"


def tell(request: Wish, asked: Sequence[Asked], output: Format) -> None:
    """Print what has become of each."""
    if not asked:
        note("No resources found: nothing was asked for.")
    rows = [_as_row(one) for one in asked]
    emit(
        output,
        [_as_data(request, one) for one in asked],
        lambda: (
            table(("kind", "namespace", "name", "result", "status", "message"), rows)
            if rows
            else ""
        ),
    )


def _as_row(one: Asked) -> tuple[str, ...]:
    phase = one.resource.get("status", {}).get("phase", "")
    return (*one.key, one.outcome.state, phase, one.outcome.message)


def _as_data(request: Wish, one: Asked) -> dict[str, Any]:
    return {
        "kind": one.key.kind,
        "namespace": one.key.namespace,
        "name": one.key.name,
        "request": request.verb,
        "value": one.value,
        "state": str(one.outcome.state),
        "phase": one.resource.get("status", {}).get("phase"),
        "message": one.outcome.message,
    }


def exit_code(asked: Sequence[Asked], *, waited: bool) -> int:
    """The code of the worst outcome; one that is still open counts only if it was waited for."""
    codes = [_EXIT_CODES[one.outcome.state] for one in asked if one.outcome.state in _EXIT_CODES]
    if codes:
        return min(codes)
    late = any(not one.outcome.is_final or _waits_for_nobody(one) for one in asked)
    return TIMED_OUT if waited and late else 0


def _waits_for_nobody(one: Asked) -> bool:
    return one.outcome.state is State.NO_OPERATOR
