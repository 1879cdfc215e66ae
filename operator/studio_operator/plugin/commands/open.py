"""`kubectl studio open`: a space, or Studio itself, in the browser under one's own AWS identity."""

from __future__ import annotations

import sys
import webbrowser
from typing import Any

import click
from click.shell_completion import CompletionItem

from studio_operator.kinds.registry import HOLDER, OPENED, PERSON
from studio_operator.plugin.aws import signing
from studio_operator.plugin.completion import complete_names
from studio_operator.plugin.errors import (
    NotFoundError,
    PluginError,
    RefusedError,
    TimedOutError,
)
from studio_operator.plugin.explanation.dependency_chain import referred
from studio_operator.plugin.kube.cluster import Cluster, connect
from studio_operator.plugin.names import kind_of
from studio_operator.plugin.options import (
    Connection,
    cluster_options,
    output_option,
    timeout_option,
)
from studio_operator.plugin.output import Format, note, serialise
from studio_operator.plugin.requests.requests import START, State
from studio_operator.plugin.requests.user_requests import ask_all
from studio_operator.plugin.targets import parse_name
from studio_operator.printable import printable

KINDS = (*OPENED, PERSON)
PATIENCE = "15m"
Raw = dict[str, Any]


def _complete_people(ctx: click.Context, param: click.Parameter, word: str) -> list[CompletionItem]:
    """Names of UserProfiles, without the prefix by which other words name them."""
    found = complete_names(ctx, param, f"profile/{word}")
    return [CompletionItem(one.value.removeprefix("profile/"), help=one.help) for one in found]


@click.command(name="open")
@click.argument("name", metavar="[profile/]NAME", shell_complete=complete_names)
@click.option(
    "--as",
    "as_profile",
    metavar="PROFILE",
    shell_complete=_complete_people,
    help="Whom to sign in as, for shared spaces: a UserProfile of the namespace.",
)
@click.option("--print", "only_print", is_flag=True, help="Print the address, open nothing.")
@click.option("--start", is_flag=True, help="Start the app first, if it does not run.")
@timeout_option(PATIENCE, "How long to wait for the start.")
@click.option(
    "--expires-in",
    type=click.IntRange(5, 300),
    metavar="SECONDS",
    help="How long the address can be used, 5 to 300 seconds.  [default: 300]",
)
@click.option("--profile", "aws_profile", metavar="NAME", help="Profile of the AWS configuration.")
@click.option("--region", metavar="NAME", help="AWS region; else the domain's.")
@cluster_options
@output_option
def command(  # noqa: PLR0913 - one for each option
    name: str,
    as_profile: str | None,
    *,
    only_print: bool,
    start: bool,
    timeout: float,
    expires_in: int | None,
    aws_profile: str | None,
    region: str | None,
    connection: Connection,
    output: Format,
) -> None:
    """Open a space in the browser; or Studio, for profile/NAME.

    AWS makes the address for your own identity (boto3's standard chain) and it works for five
    minutes. It signs in whoever has it, so it is neither stored nor logged. Starts nothing
    unless --start is given. A shared space opens for everybody in its domain, by an address each:
    say with --as whose.
    """
    kind, bare = parse_name(name, KINDS)
    as_profile = _person(kind, name, as_profile)
    cluster = connect(connection)
    resource = cluster.get(kind, bare)
    signing.refuse_sso(_domain_of(cluster, resource))
    sign_in = _sign_in(cluster, resource, as_profile)
    if kind in OPENED:
        live = signing.status_in_aws(sign_in, profile=aws_profile, region=region)
        _see_that_it_runs(cluster, resource, live, start=start, timeout=timeout)
    sign_in = signing.with_expiry(sign_in, expires_in)
    url = signing.presign(sign_in, profile=aws_profile, region=region)
    if output is not Format.TEXT:
        sys.stdout.write(serialise(output, {"url": url, **sign_in.parameters()}))
    elif only_print:
        click.echo(printable(url))
    if not only_print and output is Format.TEXT:
        _show(url, bare, sign_in.user_profile_name)


def _person(kind: str, name: str, as_profile: str | None) -> str | None:
    """The name of the UserProfile to sign in as, of the space's own namespace. Or UsageError."""
    if as_profile is None:
        return None
    if kind == PERSON:
        raise click.UsageError(f"--as is for shared spaces: {name} says already whom to sign in as")
    prefix, slash, bare = as_profile.rpartition("/")
    if slash and kind_of(prefix) != PERSON:
        raise click.UsageError(
            f"--as takes the name of a UserProfile in the space's namespace, not {as_profile!r}. "
            "Others open Studio, which shows the space: "
            "kubectl studio open profile/NAME -n THEIR-NAMESPACE"
        )
    return bare


def _domain_of(cluster: Cluster, resource: Raw) -> Raw | None:
    """The StudioDomain; None when it is not there or the person may not read it."""
    domain = referred(resource, HOLDER)
    try:
        return cluster.find(domain.kind, domain.name, domain.namespace) if domain else None
    except RefusedError:
        return None


def _sign_in(cluster: Cluster, resource: Raw, as_profile: str | None) -> signing.SignIn:
    if resource["kind"] == PERSON:
        return signing.sign_in_to_studio(resource)
    profile = cluster.get(PERSON, as_profile) if as_profile is not None else None
    return signing.sign_in_to_space(resource, profile)


def _see_that_it_runs(
    cluster: Cluster, space: Raw, live: str | None, *, start: bool, timeout: float
) -> None:
    """Refuse what can't be opened, or start it. `live`: what AWS says of the app, if it does."""
    name, phase = space["metadata"]["name"], space.get("status", {}).get("phase")
    if live == signing.GONE:
        raise NotFoundError(
            f"space {name} was deleted in AWS, with its volume. `kubectl studio reconcile {name}` "
            f"has the operator see that, and `kubectl studio why {name}` says what to do then."
        )
    if (live or phase) == "InService":
        return
    if not start:
        shown = phase if live is None or phase != "InService" else "not running in AWS any more"
        raise RefusedError(
            f"space {name} is {shown or 'not seen yet'}: start it first, "
            f"with `kubectl studio start {name}` or --start"
        )
    (asked,) = ask_all(cluster, START, [space], timeout)
    outcome = asked.outcome
    if outcome.state is State.REFUSED:
        raise RefusedError(f"space {name} is not started: {outcome.message}")
    if outcome.state is State.STALLED:
        raise PluginError(f"space {name} did not start: {outcome.message}")
    if outcome.state is State.NO_OPERATOR:
        raise TimedOutError(f"space {name} is not started. {outcome.message}")
    if not outcome.is_final:
        raise TimedOutError(f"space {name} is still starting: {outcome.message}. Open it later.")


def _show(url: str, name: str, person: str) -> None:
    if webbrowser.open(url):
        note(f"Opened {name} as {person}.")
        return
    raise PluginError("no browser was found: use --print, and open the address within minutes")
