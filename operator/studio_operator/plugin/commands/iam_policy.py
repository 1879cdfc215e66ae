"""`kubectl studio iam-policy`: the policy of the operator's role, made from a table in code."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from studio_operator.plugin.aws.permissions import Level, PolicyScope, is_any_role, policy
from studio_operator.plugin.output import Format, serialise

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def _matching(
    pattern: str, example: str
) -> Callable[[click.Context, click.Parameter, object], object]:
    """A check of an option's values; the same for one value and for several."""

    def check(_ctx: click.Context, _param: click.Parameter, value: object) -> object:
        for text in value if isinstance(value, tuple) else (value,):
            if text is not None and not re.fullmatch(pattern, str(text)):
                raise click.BadParameter(f"{text!r} does not look like {example}")
        return value

    return check


def _only(name: str, pattern: str, example: str, words: str) -> Callable[[Decorated], Decorated]:
    """An option that narrows the policy to one id; any, when it is left out."""
    return click.option(
        name,
        metavar="ID",
        default="*",
        show_default="any",
        callback=_matching(rf"\*|{pattern}", example),
        help=words,
    )


@click.command(name="iam-policy")
@click.option(
    "--level",
    type=click.Choice([level.value for level in Level]),
    default=Level.FULL.value,
    show_default=True,
    help="How much it allows: everything, everything but deletions, or looks only.",
)
@click.option("--region", metavar="NAME", default="*", show_default="any", help="The only region.")
@_only("--account", r"[0-9]{12}", "123456789012", "The account.")
@click.option(
    "--domain-id",
    "domain_ids",
    metavar="ID",
    multiple=True,
    callback=_matching(r"d-[a-z0-9-]{1,61}", "d-a1b2c3d4e5f6"),
    help="Only this domain, which exists; may be repeated.",
)
@click.option(
    "--role",
    "roles",
    metavar="NAME",
    multiple=True,
    callback=_matching(r"[A-Za-z0-9+=,.@_/:*-]+", "studio-execution"),
    help="Only this execution role may be passed, by name or ARN; may be repeated.",
)
@click.option(
    "--any-role",
    is_flag=True,
    help="Let every role of the account be passed. Whoever writes a StudioDomain or a UserProfile "
    "may then do in a notebook what any of them may do.",
)
@_only(
    "--cluster-id",
    r"[A-Za-z0-9._-]{1,63}",
    "team-a-prod",
    "Only what this cluster made or adopted, by the first part of the ownership tag.",
)
@click.option(
    "--no-adoption",
    is_flag=True,
    help="Let nothing be taken over that carries no ownership tag.",
)
@click.option(
    "--backup-bucket",
    "backup_buckets",
    metavar="NAME",
    multiple=True,
    callback=_matching(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "team-backups"),
    help="Allow back-ups in this S3 bucket (spec.backup of spaces); may be repeated.",
)
@click.option(
    "-o",
    "--output",
    type=click.Choice([Format.JSON.value, Format.YAML.value]),
    default=Format.JSON.value,
    show_default=True,
    help="How to print it.",
)
def command(  # noqa: PLR0913 - one for each option
    *,
    level: str,
    region: str,
    account: str,
    domain_ids: tuple[str, ...],
    roles: tuple[str, ...],
    any_role: bool,
    cluster_id: str,
    no_adoption: bool,
    backup_buckets: tuple[str, ...],
    output: str,
) -> None:
    """Print the IAM policy that the operator's role needs.

    It is made from the operations that the operator's code calls, no less and no more. Name the
    execution roles that it may pass. Without further options it fits any region, account, domain
    and cluster: narrow it down.
    """
    _check_roles(Level(level), roles, any_role=any_role)
    scope = PolicyScope(
        region,
        account,
        domain_ids,
        roles,
        backup_buckets,
        cluster_id=cluster_id,
        adoption=not no_adoption,
    )
    document = policy(Level(level), scope)
    sys.stdout.write(serialise(Format(output), document))


def _check_roles(level: Level, roles: tuple[str, ...], *, any_role: bool) -> None:
    """Nobody lets every role be passed without saying so. Raises UsageError."""
    if any_role and roles:
        raise click.UsageError("--any-role and --role exclude each other")
    if any_role or level is Level.READ_ONLY:
        return
    if not roles:
        raise click.UsageError(
            "name the execution roles that may be passed with --role, such as --role "
            "'studio-execution-*', or give --any-role to let every role be"
        )
    if star := next((role for role in roles if is_any_role(role)), None):
        raise click.UsageError(f"--role {star} is every role: give --any-role to mean that")
