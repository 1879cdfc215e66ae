"""`kubectl studio iam-policy`: the policy of the operator's role, made from a table in code."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

import click

from studio_operator.plugin.output import Format, serialise
from studio_operator.plugin.permissions import Level, Scope, policy


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


@click.command(name="iam-policy")
@click.option(
    "--level",
    type=click.Choice([level.value for level in Level]),
    default=Level.FULL.value,
    show_default=True,
    help="How much it allows: everything, everything but deletions, or looks only.",
)
@click.option("--region", metavar="NAME", default="*", show_default="any", help="The only region.")
@click.option(
    "--account",
    metavar="ID",
    default="*",
    show_default="any",
    callback=_matching(r"\*|[0-9]{12}", "123456789012"),
    help="The account.",
)
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
def command(
    *,
    level: str,
    region: str,
    account: str,
    domain_ids: tuple[str, ...],
    roles: tuple[str, ...],
    backup_buckets: tuple[str, ...],
    output: str,
) -> None:
    """Print the IAM policy that the operator's role needs.

    It is made from the operations that the operator's code calls, no less and no more. Without
    options it fits any region, account, domain and role: narrow it down.
    """
    document = policy(Level(level), Scope(region, account, domain_ids, roles, backup_buckets))
    sys.stdout.write(serialise(Format(output), document))
