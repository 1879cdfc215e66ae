"""`kubectl studio export`: an estate that exists in AWS as YAML that takes it over."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click

from studio_operator.plugin.errors import PluginError
from studio_operator.plugin.export.account import Account, open_account
from studio_operator.plugin.export.estate import EXPORTED, read_estate
from studio_operator.plugin.export.exporting import Choices, export_estate
from studio_operator.plugin.export.files import render_files, render_stream, write_files
from studio_operator.plugin.export.parts import Export
from studio_operator.plugin.export.proof import keep_quiet
from studio_operator.plugin.export.things import EXPORTABLE, export_things, read_things
from studio_operator.plugin.output import note, progress

STANDARD_OUTPUT = "-"
# What stands for the namespace while none is named: references don't need it then.
ANY_NAMESPACE = "default"


@click.command()
@click.option(
    "--domain-id",
    required=not EXPORTABLE,
    metavar="ID",
    help="Id of the domain, such as d-abc123.",
)
@click.option(
    "--kind",
    type=click.Choice([kind.word for kind in EXPORTABLE]),
    hidden=not EXPORTABLE,  # profiles and spaces come with their domain
    help="Export all of a kind that is in no domain instead.",
)
@click.option("--region", metavar="NAME", help="AWS region; else that of your AWS configuration.")
@click.option("--profile", metavar="NAME", help="Profile of the AWS configuration.")
@click.option("-n", "--namespace", metavar="NAME", help="Namespace to write into the files.")
@click.option(
    "-o",
    "--output",
    metavar="DIR|-",
    default=STANDARD_OUTPUT,
    help="Folder for one file a resource and a kustomization; - for one stream (when left out).",
)
@click.option(
    "--drift",
    type=click.Choice(["Report", "Ignore", "Enforce"], case_sensitive=False),
    default="Report",
    show_default=True,
    help="spec.drift.default of spaces. Report: what people change in Studio stays, and status "
    "tells it. Enforce: it is changed back.",
)
@click.option(
    "--settings",
    type=click.Choice(["declare", "omit"], case_sensitive=False),
    default="declare",
    show_default=True,
    help="Whether to declare what people may change in AWS, such as the instance type. What is "
    "omitted is never compared.",
)
@click.option("--force", is_flag=True, help="Write over files that are there.")
def command(  # noqa: PLR0913 - its options
    *,
    domain_id: str | None,
    kind: str | None,
    region: str | None,
    profile: str | None,
    namespace: str | None,
    output: str,
    drift: Literal["Report", "Ignore", "Enforce"],
    settings: str,
    force: bool,
) -> None:
    """Write an existing domain, its profiles and spaces as YAML to commit.

    Applied, the resources take over what is in AWS and change nothing but the ownership tag, and
    what people change in Studio later stays.
    What has no field in them is named on stderr, and stays as it is. AWS is only read, under your
    own identity.
    """
    if domain_id is None and kind is None:
        raise click.MissingParameter(param_hint="'--domain-id'", param_type="option")
    if domain_id is not None and kind is not None:
        raise click.UsageError("give --domain-id or --kind: what --kind means is in no domain")
    account, now = open_account(profile, region), datetime.now(UTC)
    if domain_id is not None:
        what, choices = f"domain {domain_id}", Choices(drift, settings=settings == "declare")
        export = _export_domain(account, domain_id, namespace or ANY_NAMESPACE, choices, now)
    else:
        what = f"region {account.region}"
        wanted = next(one for one in EXPORTABLE if one.word == kind)
        with progress(total=1.0) as advance:
            things = read_things(account, wanted, advance)
        export = export_things(wanted, things, account.region, namespace or ANY_NAMESPACE, now)
    if not export.resources:
        _tell(export)
        raise PluginError(f"nothing of {what} can be taken over; see above.")
    if output == STANDARD_OUTPUT:
        sys.stdout.write(render_stream(export, namespace))
    else:
        write_files(Path(output), render_files(export, namespace), force=force)
    _tell(export)


def _export_domain(
    account: Account, domain_id: str, namespace: str, choices: Choices, now: datetime
) -> Export:
    with progress(total=1.0) as advance:
        advance(f"domain {domain_id}", 0.0)
        estate = read_estate(account, domain_id, advance)
    return keep_quiet(export_estate(estate, namespace, choices), estate, now)


def _tell(export: Export) -> None:
    """What was made, and what was left out, on stderr."""
    for omission in export.all_omissions:
        note(f"left out: {omission}")
    names = [kind.name for kind in EXPORTED]
    counts = {name: sum(one.key.kind == name for one in export.resources) for name in names}
    made = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    note(f"exported {made}; {len(export.all_omissions)} left out")
